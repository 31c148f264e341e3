/* valise-row-layout.h: puts a row's title above its subtitle, each as wide as the row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

GtkLayoutManager *valise_row_layout_new (void);
void valise_row_layout_apply (GtkWidget *widget);

G_END_DECLS
