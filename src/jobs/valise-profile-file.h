/* valise-profile-file.h: profiles read from files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-profile.h"

G_BEGIN_DECLS

gboolean valise_profile_load (ValiseProfile *self, const char *path, GError **error);
gboolean valise_profile_load_checked (ValiseProfile *self, const char *path, GError **error);

G_END_DECLS
