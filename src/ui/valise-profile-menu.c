/* valise-profile-menu.c: the button with which options are loaded and saved.
 *
 * Files are read and written in a thread. Passwords and keys are never saved from here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-profile-menu.h"

#include <glib/gi18n.h>

#include "valise-dialogs.h"
#include "valise-profile-loader.h"

struct _ValiseProfileMenu
{
  AdwBin parent_instance;

  ValiseChoices *choices; /* lives longer than the window's pages */
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (ValiseProfileMenu, valise_profile_menu, ADW_TYPE_BIN)

static void
show_toast (ValiseProfileMenu *self, const char *text)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-toast", "s", text);
}

static GtkWindow *
get_window (ValiseProfileMenu *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

/* ---- loading ---- */

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseProfileMenu) self = data;
  g_autoptr (GError) error = NULL;

  if (valise_profile_loader_load_finish (VALISE_CHOICES (object), result, &error))
    show_toast (self, _("The profile was loaded."));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_toast (self, error->message);
}

static void
load_chosen_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseProfileMenu) self = data;
  g_autoptr (GFile) file = valise_dialogs_choose_finish (GTK_WINDOW (object), result, NULL);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL && self->cancellable != NULL)
    valise_profile_loader_load_async (self->choices, path, self->cancellable, loaded_cb,
                                      g_object_ref (self));
}

static void
load_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ValiseProfileMenu *self = VALISE_PROFILE_MENU (widget);

  valise_dialogs_choose_profile_async (get_window (self), self->cancellable, load_chosen_cb,
                                       g_object_ref (self));
}

/* ---- saving ---- */

static void
free_profile (gpointer data)
{
  valise_profile_clear (data);
  g_free (data);
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseProfile *profile = g_object_get_data (G_OBJECT (task), "profile");
  GError *error = NULL;

  if (valise_profile_save (profile, data, FALSE, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  ValiseProfileMenu *self = VALISE_PROFILE_MENU (object);
  g_autoptr (GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    show_toast (self, valise_profile_has_secrets (valise_choices_get_profile (self->choices))
                          ? _("The profile was saved, without passwords and keys.")
                          : _("The profile was saved."));
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_toast (self, error->message);
}

static void
save_chosen_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseProfileMenu) self = data;
  g_autoptr (GFile) file = valise_dialogs_choose_finish (GTK_WINDOW (object), result, NULL);
  char *path = file != NULL ? g_file_get_path (file) : NULL;
  g_autoptr (GTask) task = NULL;

  if (path == NULL || self->cancellable == NULL)
    {
      g_free (path);
      return;
    }
  task = g_task_new (self, self->cancellable, saved_cb, NULL);
  g_task_set_task_data (task, path, g_free);
  g_object_set_data_full (G_OBJECT (task), "profile", valise_choices_dup_profile (self->choices),
                          free_profile);
  g_task_run_in_thread (task, save_thread);
}

static void
save_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ValiseProfileMenu *self = VALISE_PROFILE_MENU (widget);

  valise_dialogs_choose_save_async (get_window (self), _("Save Profile"), "profile.json",
                                    self->cancellable, save_chosen_cb, g_object_ref (self));
}

/* ---- the widget ---- */

/**
 * valise_profile_menu_set_choices:
 * @self: a menu
 * @choices: (transfer none): what it is about; must stay
 *
 * To be called once.
 */
void
valise_profile_menu_set_choices (ValiseProfileMenu *self, ValiseChoices *choices)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
}

static void
valise_profile_menu_dispose (GObject *object)
{
  ValiseProfileMenu *self = VALISE_PROFILE_MENU (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_PROFILE_MENU);
  G_OBJECT_CLASS (valise_profile_menu_parent_class)->dispose (object);
}

static void
valise_profile_menu_class_init (ValiseProfileMenuClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_profile_menu_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-profile-menu.ui");
  gtk_widget_class_install_action (widget_class, "profile.load", NULL, load_cb);
  gtk_widget_class_install_action (widget_class, "profile.save", NULL, save_cb);
}

static void
valise_profile_menu_init (ValiseProfileMenu *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
