/* valise-result-row.h: what came of one drive, as a row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

#include "valise-drive-job.h"

G_BEGIN_DECLS

#define VALISE_TYPE_RESULT_ROW (valise_result_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseResultRow, valise_result_row, VALISE, RESULT_ROW, GtkListBoxRow)

GtkWidget *valise_result_row_new (ValiseDriveJob *drive);

G_END_DECLS
