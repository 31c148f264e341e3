/* valise-application.c: the wizard as a program: one instance, its actions, its arguments.
 *
 * A second start, with an image or without, arrives at the first one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>

#include "valise-config.h"
#include "valise-dialogs.h"
#include "valise-help-window.h"
#include "valise-settings.h"
#include "valise-watchdog.h"
#include "valise-window.h"

struct _ValiseApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseApplication, valise_application, ADW_TYPE_APPLICATION)

static ValiseWindow *
get_window (ValiseApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (VALISE_IS_WINDOW (l->data))
      window = l->data;
  if (!VALISE_IS_WINDOW (window))
    window = GTK_WINDOW (valise_window_new (ADW_APPLICATION (self)));
  return VALISE_WINDOW (window);
}

static void
valise_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (VALISE_APPLICATION (application))));
}

static void
valise_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  ValiseWindow *window = get_window (VALISE_APPLICATION (application));

  gtk_window_present (GTK_WINDOW (window));
  valise_window_open_files (window, files, n_files);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  valise_dialogs_show_about (gtk_application_get_active_window (data));
}

/* Made when it is asked for: GTK 4.8 tells screen readers of windows that were never shown as if
 * they were there, and crashes when one is looked at. */
static void
shortcuts_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/io/github/valise/Valise/shortcuts.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_application (window, data);
  gtk_window_set_transient_for (window, GTK_WINDOW (get_window (data)));
  gtk_window_set_destroy_with_parent (window, TRUE);
  gtk_window_present (window);
}

static void
help_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  valise_help_window_present (GTK_WINDOW (get_window (data)));
}

/* By way of the windows: each may have something to ask first. */
static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (data));

  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
}

/* The desktop ends, or somebody who started the program in a terminal. */
static gboolean
signal_cb (gpointer data)
{
  const int number = GPOINTER_TO_INT (data);

  valise_settings_apply ();
  signal (number, SIG_DFL);
  raise (number);
  return G_SOURCE_REMOVE;
}

static void
valise_application_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { .name = "about", .activate = about_cb },
    { .name = "help", .activate = help_cb },
    { .name = "shortcuts", .activate = shortcuts_cb },
    { .name = "quit", .activate = quit_cb },
  };
  static const struct
  {
    const char *action;
    const char *keys[3];
  } shortcuts[] = {
    { "app.help", { "F1" } },
    { "app.quit", { "<Primary>q" } },
    { "win.open-image", { "<Primary>o" } },
    { "win.back", { "<Alt>Left" } },
    { "win.next", { "<Alt>Right", "<Primary>Return" } },
    { "app.shortcuts", { "<Primary>question" } },
    { "window.close", { "<Primary>w" } },
  };

  G_APPLICATION_CLASS (valise_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   application);
  for (gsize i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), shortcuts[i].action,
                                           shortcuts[i].keys);
  gtk_window_set_default_icon_name (VALISE_APPLICATION_ID);
  g_unix_signal_add (SIGHUP, signal_cb, GINT_TO_POINTER (SIGHUP));
  g_unix_signal_add (SIGINT, signal_cb, GINT_TO_POINTER (SIGINT));
  g_unix_signal_add (SIGTERM, signal_cb, GINT_TO_POINTER (SIGTERM));
}

static void
valise_application_shutdown (GApplication *application)
{
  g_debug ("the longest turn of the main loop took %" G_GINT64_FORMAT " µs",
           valise_watchdog_get_longest ());
  valise_settings_apply ();
  G_APPLICATION_CLASS (valise_application_parent_class)->shutdown (application);
}

static void
valise_application_class_init (ValiseApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->shutdown = valise_application_shutdown;
  application_class->startup = valise_application_startup;
  application_class->activate = valise_application_activate;
  application_class->open = valise_application_open;
}

static void
valise_application_init (ValiseApplication *self)
{
  GApplication *application = G_APPLICATION (self);

  g_application_set_option_context_parameter_string (application, _("[IMAGE]"));
  g_application_set_option_context_summary (
      application, _("Makes drives that carry a whole Windows, from an ISO, WIM, ESD or SWM."));
}

/**
 * valise_application_new:
 *
 * Returns: (transfer full): the application
 */
ValiseApplication *
valise_application_new (void)
{
  return g_object_new (VALISE_TYPE_APPLICATION, "application-id", VALISE_APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, NULL);
}
