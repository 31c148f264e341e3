/* valise-row-layout.h: puts a row's title above its subtitle, each as wide as the row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define VALISE_TYPE_ROW_LAYOUT (valise_row_layout_get_type ())
G_DECLARE_FINAL_TYPE (ValiseRowLayout, valise_row_layout, VALISE, ROW_LAYOUT, GtkLayoutManager)

void valise_row_layout_apply (GtkWidget *widget);

G_END_DECLS
