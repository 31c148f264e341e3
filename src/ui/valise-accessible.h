/* valise-accessible.h: what GTK does not tell screen readers by itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void valise_accessible_tidy (GtkWidget *widget);
void valise_accessible_describe (gpointer accessible, const char *text);
void valise_accessible_name_toast (GtkWidget *toasts, const char *name);

G_END_DECLS
