/* valise-drive-names.h: which drive a name means.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-facts.h"

G_BEGIN_DECLS

gboolean valise_drive_names_find (
    const GPtrArray *all, const char *name, guint *position, GError **error);

G_END_DECLS
