/* valise-file-drop.c: files that are dropped onto the window.
 *
 * A drop does what a start of the program with the same files does, on each page. While drives are
 * written nothing is taken, and the pointer says so before anything is dropped.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-file-drop.h"

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, ValiseWindow *window)
{
  g_autoptr (GSList) list = gdk_file_list_get_files (g_value_get_boxed (value));
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  for (GSList *l = list; l != NULL; l = l->next)
    g_ptr_array_add (files, l->data);
  if (files->len == 0)
    return FALSE;
  valise_window_open_files (window, (GFile **) files->pdata, files->len);
  return TRUE;
}

static gboolean
accept_cb (GtkDropTarget *target, GdkDrop *drop, ValiseWindow *window)
{
  return valise_window_can_open (window)
         && gdk_content_formats_contain_gtype (gdk_drop_get_formats (drop), GDK_TYPE_FILE_LIST);
}

/**
 * valise_file_drop_add:
 * @widget: a part of @window
 * @window: a window; must live as long as @widget
 *
 * Lets files be dropped onto @widget. The style marks it while they are above it. Main thread.
 */
void
valise_file_drop_add (GtkWidget *widget, ValiseWindow *window)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "accept", G_CALLBACK (accept_cb), window);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), window);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (target));
}
