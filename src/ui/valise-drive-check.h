/* valise-drive-check.h: whether a drive can be chosen, and fits what was chosen.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "devices/valise-drive.h"
#include "valise-choices.h"

G_BEGIN_DECLS

gboolean valise_drive_check (ValiseChoices *choices, ValiseDrive *drive, GError **error);
gboolean valise_drive_check_fit (ValiseChoices *choices, ValiseDrive *drive, GError **error);

G_END_DECLS
