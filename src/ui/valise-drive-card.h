/* valise-drive-card.h: how far one drive is, as a row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "valise-drive-job.h"

G_BEGIN_DECLS

#define VALISE_TYPE_DRIVE_CARD (valise_drive_card_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDriveCard, valise_drive_card, VALISE, DRIVE_CARD, GtkListBoxRow)

GtkWidget *valise_drive_card_new (ValiseDriveJob *drive, int index);

G_END_DECLS
