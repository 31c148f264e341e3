/* valise-drive-row.h: a row of the list of drives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "devices/valise-drive.h"
#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_DRIVE_ROW (valise_drive_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDriveRow, valise_drive_row, VALISE, DRIVE_ROW, AdwActionRow)

ValiseDriveRow *valise_drive_row_new (ValiseDrive *drive, ValiseChoices *choices);

G_END_DECLS
