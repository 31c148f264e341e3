/* valise-size-check.h: a quick look at whether a drive is as large as it claims to be.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-target.h"

G_BEGIN_DECLS

gboolean valise_target_check_size (ValiseTarget *self, guint64 *real_size, GError **error);

G_END_DECLS
