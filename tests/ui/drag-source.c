/* drag-source.c: a window whose files can be dragged onto the wizard; for its tests.
 *
 * usage: drag-source X Y FILE…
 *
 * There is no window manager, so the window goes to its place on the screen by itself, and out of
 * sight when the drag begins. Printed is what becomes of the drag: “ready” when one may begin,
 * “begun”, “wanted” and “unwanted” as what is under the pointer would take the files or not, and at
 * its end “taken” or “refused”.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <X11/Xlib.h>
#include <gdk/x11/gdkx.h>
#include <gtk/gtk.h>
#include <stdlib.h>

#define SIZE 80

static int place[2];
static gboolean is_cancelled;

static void
say (const char *word)
{
  g_print ("%s\n", word);
}

static void
action_cb (GdkDrag *drag, GParamSpec *spec, gpointer data)
{
  say (gdk_drag_get_selected_action (drag) != 0 ? "wanted" : "unwanted");
}

/* GTK 4.18 deprecates its functions for X11 altogether; there are no others. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS
static void
move (GtkWidget *window, int x, int y)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));
  Display *display = gdk_x11_display_get_xdisplay (gdk_surface_get_display (surface));

  XMoveResizeWindow (display, gdk_x11_surface_get_xid (surface), x, y, SIZE, SIZE);
  XRaiseWindow (display, gdk_x11_surface_get_xid (surface));
  XSync (display, FALSE);
}
G_GNUC_END_IGNORE_DEPRECATIONS

static void
begin_cb (GtkDragSource *source, GdkDrag *drag, GtkWidget *window)
{
  is_cancelled = FALSE;
  /* It may lie above the wizard, and on a picture of it. */
  move (window, -2 * SIZE, 0);
  g_signal_connect (drag, "notify::selected-action", G_CALLBACK (action_cb), NULL);
  say ("begun");
}

static gboolean
cancel_cb (GtkDragSource *source, GdkDrag *drag, GdkDragCancelReason reason, gpointer data)
{
  is_cancelled = TRUE;
  return FALSE;
}

static void
end_cb (GtkDragSource *source, GdkDrag *drag, gboolean delete_data, gpointer data)
{
  say (is_cancelled ? "refused" : "taken");
}

static gboolean
place_cb (gpointer data)
{
  move (data, place[0], place[1]);
  say ("ready");
  return G_SOURCE_REMOVE;
}

static void
map_cb (GtkWidget *window, gpointer data)
{
  g_timeout_add (200, place_cb, window);
}

static void
end_program_cb (GtkWindow *window, GMainLoop *loop)
{
  g_main_loop_quit (loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GdkContentProvider) content = NULL;
  GtkDragSource *source;
  GtkWidget *window;
  GSList *files = NULL;

  if (argc < 4)
    {
      g_printerr ("usage: drag-source X Y FILE…\n");
      return 2;
    }
  gtk_init ();
  place[0] = atoi (argv[1]);
  place[1] = atoi (argv[2]);
  for (int i = argc - 1; i >= 3; i--)
    files = g_slist_prepend (files, g_file_new_for_commandline_arg (argv[i]));
  content = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, files);
  g_slist_free_full (files, g_object_unref);

  window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (window), SIZE, SIZE);
  source = gtk_drag_source_new ();
  gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
  gtk_drag_source_set_content (source, content);
  g_signal_connect (source, "drag-begin", G_CALLBACK (begin_cb), window);
  g_signal_connect (source, "drag-cancel", G_CALLBACK (cancel_cb), NULL);
  g_signal_connect (source, "drag-end", G_CALLBACK (end_cb), NULL);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (source));
  g_signal_connect (window, "map", G_CALLBACK (map_cb), NULL);
  g_signal_connect (window, "destroy", G_CALLBACK (end_program_cb), loop);
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
  return 0;
}
