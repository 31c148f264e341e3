/* valise-dialogs.c: the dialogs that GTK and libadwaita call deprecated in later versions.
 *
 * Their successors do not exist in GTK 4.8 and libadwaita 1.2; when those are old enough, this is
 * the one file to change.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-dialogs.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "valise-config.h"

/**
 * valise_dialogs_show_about:
 * @parent: (nullable): the window that it is about
 *
 * Shows the program's name, version, licence and makers.
 */
void
valise_dialogs_show_about (GtkWindow *parent)
{
  const char *application_id = g_application_get_application_id (g_application_get_default ());

  adw_show_about_window (parent,
                         "application-name", _("Valise"),
                         "application-icon", application_id,
                         "version", VALISE_VERSION,
                         "developer-name", _("The Valise developers"),
                         "comments", _("Makes drives that carry a whole Windows."),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: your names, one a line; they are shown in About. */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

/* ---- choosing files ---- */

static void
chosen_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GTask) task = data;

  if (response == GTK_RESPONSE_ACCEPT)
    g_task_return_pointer (task, gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)),
                           g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "nothing was chosen");
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
files_chosen_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GTask) task = data;

  if (response == GTK_RESPONSE_ACCEPT)
    g_task_return_pointer (task, gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog)),
                           g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "nothing was chosen");
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
show_chooser (GtkFileChooserNative *dialog, GTask *task, GCallback callback)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (gtk_native_dialog_hide), dialog,
                             G_CONNECT_SWAPPED);
  g_signal_connect (dialog, "response", callback, task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/**
 * valise_dialogs_choose_image_async:
 * @parent: the window that asks
 * @cancellable: (nullable): hides the dialog
 * @callback: called when it was answered
 * @data: for @callback
 *
 * Asks for an image: with the desktop's own dialog, where there is one. Several files can be
 * chosen, since a split image has several; valise_dialogs_choose_files_finish() returns them.
 */
void
valise_dialogs_choose_image_async (GtkWindow *parent,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer data)
{
  GTask *task = g_task_new (parent, cancellable, callback, data);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _("Choose a Windows Image"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, _("_Choose"), NULL);
  g_autoptr (GtkFileFilter) images = gtk_file_filter_new ();
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();
  static const char *const suffixes[] = { "iso", "wim", "esd", "swm" };

  g_task_set_source_tag (task, valise_dialogs_choose_image_async);
  gtk_file_filter_set_name (images, _("Windows images (ISO, WIM, ESD, SWM)"));
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    gtk_file_filter_add_suffix (images, suffixes[i]);
  gtk_file_filter_set_name (all, _("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), images);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), TRUE);
  show_chooser (dialog, task, G_CALLBACK (files_chosen_cb));
}

/**
 * valise_dialogs_choose_profile_async:
 * @parent: the window that asks
 * @cancellable: (nullable): hides the dialog
 * @callback: called when it was answered
 * @data: for @callback
 *
 * Asks for a profile.
 */
void
valise_dialogs_choose_profile_async (GtkWindow *parent,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer data)
{
  GTask *task = g_task_new (parent, cancellable, callback, data);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      _("Load Profile"), parent, GTK_FILE_CHOOSER_ACTION_OPEN, _("_Load"), NULL);
  g_autoptr (GtkFileFilter) profiles = gtk_file_filter_new ();

  g_task_set_source_tag (task, valise_dialogs_choose_profile_async);
  gtk_file_filter_set_name (profiles, _("Profiles (JSON)"));
  gtk_file_filter_add_suffix (profiles, "json");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), profiles);
  show_chooser (dialog, task, G_CALLBACK (chosen_cb));
}

/**
 * valise_dialogs_choose_save_async:
 * @parent: the window that asks
 * @title: what is to be saved
 * @name: a file name to begin with
 * @cancellable: (nullable): hides the dialog
 * @callback: called when it was answered
 * @data: for @callback
 *
 * Asks where to save a file; the dialog itself asks before one is replaced.
 */
void
valise_dialogs_choose_save_async (GtkWindow *parent,
                                  const char *title,
                                  const char *name,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer data)
{
  GTask *task = g_task_new (parent, cancellable, callback, data);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, parent, GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), NULL);

  g_task_set_source_tag (task, valise_dialogs_choose_save_async);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  show_chooser (dialog, task, G_CALLBACK (chosen_cb));
}

/**
 * valise_dialogs_choose_finish:
 * @parent: the window that asked
 * @result: what the callback got
 * @error: where to put %G_IO_ERROR_CANCELLED when nothing was chosen
 *
 * Returns: (transfer full) (nullable): the file
 */
GFile *
valise_dialogs_choose_finish (GtkWindow *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * valise_dialogs_choose_files_async:
 * @parent: the window that asks
 * @what: what to ask for; only its values while this runs
 * @cancellable: (nullable): hides the dialog
 * @callback: called when it was answered
 * @data: for @callback
 *
 * Asks for files or folders.
 */
void
valise_dialogs_choose_files_async (GtkWindow *parent,
                                   const ValiseDialogFiles *what,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer data)
{
  GTask *task = g_task_new (parent, cancellable, callback, data);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      what->title, parent,
      what->is_folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN,
      _("_Choose"), NULL);

  g_task_set_source_tag (task, valise_dialogs_choose_files_async);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), !what->is_single);
  if (what->filter != NULL && what->suffixes != NULL)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
      g_auto (GStrv) suffixes = g_strsplit (what->suffixes, ",", -1);

      gtk_file_filter_set_name (filter, what->filter);
      for (guint i = 0; suffixes[i] != NULL; i++)
        gtk_file_filter_add_suffix (filter, suffixes[i]);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    }
  show_chooser (dialog, task, G_CALLBACK (files_chosen_cb));
}

/**
 * valise_dialogs_choose_files_finish:
 * @parent: the window that asked
 * @result: what the callback got
 * @error: where to put %G_IO_ERROR_CANCELLED when nothing was chosen
 *
 * Returns: (transfer full) (nullable) (element-type GFile): the files
 */
GListModel *
valise_dialogs_choose_files_finish (GtkWindow *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- asking ---- */

static void
answered_cb (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  g_autoptr (GTask) task = data;

  g_task_return_boolean (task, g_str_equal (response, "destroy"));
}

/**
 * valise_dialogs_ask_async:
 * @parent: the window that asks
 * @heading: the question, short
 * @body: what will happen
 * @keep_label: the button that changes nothing, also reached by Escape
 * @destroy_label: the button that does it
 * @cancellable: (nullable): answers the question with no
 * @callback: called when it was answered
 * @data: for @callback
 *
 * Asks before something is given up that cannot be had back.
 */
void
valise_dialogs_ask_async (GtkWindow *parent,
                          const char *heading,
                          const char *body,
                          const char *keep_label,
                          const char *destroy_label,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer data)
{
  GTask *task = g_task_new (parent, cancellable, callback, data);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (parent, heading, body));

  g_task_set_source_tag (task, valise_dialogs_ask_async);
  adw_message_dialog_add_responses (dialog, "keep", keep_label, "destroy", destroy_label, NULL);
  adw_message_dialog_set_response_appearance (dialog, "destroy", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "keep");
  adw_message_dialog_set_close_response (dialog, "keep");
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (gtk_window_close), dialog,
                             G_CONNECT_SWAPPED);
  g_signal_connect (dialog, "response", G_CALLBACK (answered_cb), task);
  gtk_window_present (GTK_WINDOW (dialog));
}

/**
 * valise_dialogs_ask_finish:
 * @parent: the window that asked
 * @result: what the callback got
 * @error: where to put %G_IO_ERROR_CANCELLED
 *
 * Returns: whether it is to be done
 */
gboolean
valise_dialogs_ask_finish (GtkWindow *parent, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
