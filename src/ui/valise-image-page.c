/* valise-image-page.c: the first page: an image, and which of its editions.
 *
 * Responsible for the states of one image: none yet, being read, read, and no use. Whoever wants
 * another image sets the choices' source: this page, a drop, the window, the command line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-image-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "core/valise-error.h"
#include "core/valise-text.h"
#include "valise-accessible.h"
#include "valise-edition-row.h"
#include "valise-notices-group.h"
#include "valise-row-layout.h"
#include "valise-settings.h"

/* How often the progress bar moves where nothing is known, in ms. */
#define PULSE 100

struct _ValiseImagePage
{
  ValisePage parent_instance;

  GCancellable *cancellable; /* of the image that is read now, and of its digest */
  ValiseProgress *progress;  /* its progress, while it is read */
  guint pulse;
  GCancellable *recent_cancellable;

  GtkStack *stack;
  AdwPreferencesGroup *recent_group;
  GtkListBox *recent_list;
  GtkButton *choose_button;
  AdwStatusPage *reading_status;
  GtkProgressBar *reading_bar;
  GtkButton *cancel_button;
  AdwStatusPage *error_status;
  GtkButton *other_button;
  AdwActionRow *file_row;
  AdwActionRow *hash_row;
  GtkSpinner *hash_spinner;
  GtkButton *copy_button;
  GtkListBox *edition_list;
  ValiseNoticesGroup *notices_group;
};

G_DEFINE_FINAL_TYPE (ValiseImagePage, valise_image_page, VALISE_TYPE_PAGE)

static ValiseChoices *
get_choices (ValiseImagePage *self)
{
  return valise_page_get_choices (VALISE_PAGE (self));
}

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

/* Shows a state, and lets the keyboard follow where it was on this page. */
static void
show (ValiseImagePage *self, const char *state, GtkWidget *focus)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *old = root != NULL ? gtk_root_get_focus (root) : NULL;
  gboolean follow = old == NULL || gtk_widget_is_ancestor (old, GTK_WIDGET (self));

  gtk_stack_set_visible_child_name (self->stack, state);
  if (follow && focus != NULL)
    gtk_widget_grab_focus (focus);
}

/* ---- reading ---- */

static gboolean
pulse_cb (gpointer data)
{
  ValiseImagePage *self = data;

  gtk_progress_bar_pulse (self->reading_bar);
  return G_SOURCE_CONTINUE;
}

static void
progress_cb (ValiseProgress *progress, ValiseImagePage *self)
{
  ValiseProgressState state;

  valise_progress_get_state (progress, &state);
  if (state.total == 0)
    return;
  g_clear_handle_id (&self->pulse, g_source_remove);
  gtk_progress_bar_set_fraction (self->reading_bar, CLAMP (state.fraction, 0, 1));
}

/* What was begun for an image that nobody wants any more. */
static void
stop (ValiseImagePage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->pulse, g_source_remove);
  if (self->progress != NULL)
    g_signal_handlers_disconnect_by_func (self->progress, progress_cb, self);
  g_clear_object (&self->progress);
}

static void
fail (ValiseImagePage *self, const char *message)
{
  g_autofree char *escaped = g_markup_escape_text (message, -1);

  adw_status_page_set_description (self->error_status, escaped);
  show (self, "error", GTK_WIDGET (self->other_button));
  valise_accessible_describe (self->other_button, message);
}

/* ---- the image that could be read ---- */

static void
hashed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseImagePage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *digest
      = valise_inspect_job_hash_finish (VALISE_INSPECT_JOB (object), result, &error);

  if (valise_choices_get_inspection (get_choices (self)) != VALISE_INSPECT_JOB (object))
    return;
  gtk_spinner_set_spinning (self->hash_spinner, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->hash_spinner), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->copy_button), digest != NULL);
  adw_action_row_set_subtitle (self->hash_row, digest != NULL ? digest : error->message);
}

static void
copy_clicked_cb (ValiseImagePage *self)
{
  ValiseInspectJob *inspection = valise_choices_get_inspection (get_choices (self));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          valise_inspect_job_get_sha256 (inspection));
}

static void
toggled_cb (GtkCheckButton *button, ValiseImagePage *self)
{
  ValiseEditionRow *row
      = VALISE_EDITION_ROW (gtk_widget_get_ancestor (GTK_WIDGET (button), VALISE_TYPE_EDITION_ROW));

  if (gtk_check_button_get_active (button))
    valise_choices_set_edition_index (get_choices (self), valise_edition_row_get_index (row));
}

/* Adds the editions, and chooses the only one that can be chosen. */
static GtkWidget *
fill_editions (ValiseImagePage *self, ValiseInspectJob *inspection)
{
  GPtrArray *editions = valise_inspect_job_get_editions (inspection);
  GtkCheckButton *group = NULL, *only = NULL;
  guint n = 0;

  clear_list (self->edition_list);
  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (editions, i);
      ValiseEditionRow *row = valise_edition_row_new (edition);
      GtkCheckButton *button = valise_edition_row_get_button (row);

      if (group != NULL)
        gtk_check_button_set_group (button, group);
      group = group != NULL ? group : button;
      gtk_list_box_append (self->edition_list, GTK_WIDGET (row));
      g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), self, 0);
      if (!edition->is_system)
        continue;
      only = only != NULL ? only : button;
      n++;
    }
  /* Without a group it would be a box to tick. */
  if (editions->len == 1)
    gtk_check_button_set_group (group, GTK_CHECK_BUTTON (gtk_check_button_new ()));
  if (n == 1)
    gtk_check_button_set_active (only, TRUE);
  return GTK_WIDGET (only);
}

static void
show_ready (ValiseImagePage *self, ValiseInspectJob *inspection)
{
  g_autofree char *name = valise_text_file_name (valise_inspect_job_get_path (inspection));
  g_autofree char *format = g_ascii_strup (valise_inspect_job_get_format (inspection), -1);
  g_autofree char *size = valise_text_size (valise_inspect_job_get_size (inspection));
  g_autofree char *details = NULL;
  GtkWidget *first;

  /* Translators: a size, a format such as “WIM”, a folder. */
  details = g_strdup_printf (valise_inspect_job_is_iso (inspection)
                                 ? _("%s · ISO with a %s image · in %s")
                                 : _("%s · %s image · in %s"),
                             size, format, valise_inspect_job_get_folder (inspection));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->file_row), name);
  adw_action_row_set_subtitle (self->file_row, details);
  adw_action_row_set_subtitle (self->hash_row, _("Being computed…"));
  gtk_widget_set_visible (GTK_WIDGET (self->copy_button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->hash_spinner), TRUE);
  gtk_spinner_set_spinning (self->hash_spinner, TRUE);
  first = fill_editions (self, inspection);
  show (self, "ready", first);
}

static void
inspected_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseImagePage) self = data;
  ValiseInspectJob *inspection = VALISE_INSPECT_JOB (object);
  g_autoptr (GError) error = NULL;

  if (!valise_inspect_job_run_finish (inspection, result, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      stop (self);
      valise_settings_remove_recent_image (valise_inspect_job_get_path (inspection));
      fail (self, error->message);
      return;
    }
  /* The digest still needs the cancellable. */
  g_clear_handle_id (&self->pulse, g_source_remove);
  valise_settings_add_recent_image (valise_inspect_job_get_path (inspection));
  valise_choices_set_inspection (get_choices (self), inspection);
  show_ready (self, inspection);
  valise_inspect_job_hash_async (inspection, self->cancellable, hashed_cb, g_object_ref (self));
}

static void
source_cb (ValiseChoices *choices, GParamSpec *spec, ValiseImagePage *self)
{
  GFile *source = valise_choices_get_source (choices);
  g_autoptr (ValiseInspectJob) inspection = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  g_autofree char *escaped = NULL;

  stop (self);
  if (source == NULL)
    {
      show (self, "empty", GTK_WIDGET (self->choose_button));
      return;
    }
  path = g_file_get_path (source);
  if (path == NULL)
    {
      fail (self, _("The file is not on a disk of this computer. Copy it there, and choose the "
                    "copy."));
      return;
    }
  name = valise_text_file_name (path);
  escaped = g_markup_escape_text (name, -1);
  adw_status_page_set_description (self->reading_status, escaped);
  gtk_progress_bar_set_fraction (self->reading_bar, 0);
  show (self, "reading", GTK_WIDGET (self->cancel_button));

  inspection = valise_inspect_job_new (path);
  self->cancellable = g_cancellable_new ();
  self->progress = g_object_ref (valise_inspect_job_get_progress (inspection));
  g_signal_connect (self->progress, "changed", G_CALLBACK (progress_cb), self);
  self->pulse = g_timeout_add (PULSE, pulse_cb, self);
  valise_inspect_job_run_async (inspection, self->cancellable, inspected_cb, g_object_ref (self));
}

static void
cancel_clicked_cb (ValiseImagePage *self)
{
  valise_choices_set_source (get_choices (self), NULL);
}

static void
again_clicked_cb (ValiseImagePage *self)
{
  g_autoptr (GFile) source = g_object_ref (valise_choices_get_source (get_choices (self)));

  valise_choices_set_source (get_choices (self), source);
}

static void
edition_cb (ValiseChoices *choices, GParamSpec *spec, ValiseImagePage *self)
{
  valise_page_set_complete (VALISE_PAGE (self), valise_choices_get_edition (choices) != NULL);
}

/* ---- other ways to an image ---- */

static void
recent_activated_cb (GtkListBox *list, GtkListBoxRow *row, ValiseImagePage *self)
{
  valise_choices_set_source (get_choices (self), g_object_get_data (G_OBJECT (row), "file"));
}

static void
add_recent (ValiseImagePage *self, GFile *file, guint64 size)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "activatable", TRUE,
                                 "title-lines", 0, "subtitle-lines", 0, NULL);
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name = valise_text_file_name (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = valise_text_size (size);
  g_autofree char *shown = g_filename_display_name (folder);
  /* Translators: a size, a folder. */
  g_autofree char *subtitle = g_strdup_printf (_("%s in %s"), text, shown);

  valise_row_layout_apply (row);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  valise_accessible_describe (row, subtitle);
  g_object_set_data_full (G_OBJECT (row), "file", g_object_ref (file), g_object_unref);
  gtk_list_box_append (self->recent_list, row);
  gtk_widget_set_visible (GTK_WIDGET (self->recent_group), TRUE);
}

static void look_at_recent (ValiseImagePage *self, GStrv paths, guint index);

typedef struct
{
  ValiseImagePage *page;
  GStrv paths;
  guint index;
} Recent;

static void
recent_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Recent *recent = data;
  g_autoptr (ValiseImagePage) self = recent->page;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInfo) info = g_file_query_info_finish (G_FILE (object), result, &error);
  guint index = recent->index;
  GStrv paths = recent->paths;

  g_free (recent);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_strfreev (paths);
      return;
    }
  if (info != NULL)
    add_recent (self, G_FILE (object), g_file_info_get_size (info));
  look_at_recent (self, paths, index + 1);
}

/* One after the other, so that they keep their order. Takes @paths. */
static void
look_at_recent (ValiseImagePage *self, GStrv paths, guint index)
{
  g_autoptr (GFile) file = NULL;
  Recent *recent;

  if (paths[index] == NULL)
    {
      g_strfreev (paths);
      return;
    }
  recent = g_new0 (Recent, 1);
  recent->page = g_object_ref (self);
  recent->paths = paths;
  recent->index = index;
  file = g_file_new_for_path (paths[index]);
  g_file_query_info_async (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, self->recent_cancellable, recent_cb, recent);
}

/* Images that are not there now, say on a disk that is not plugged in, are left out, not
 * forgotten. */
static void
valise_image_page_entered (ValisePage *page)
{
  ValiseImagePage *self = VALISE_IMAGE_PAGE (page);

  g_cancellable_cancel (self->recent_cancellable);
  g_clear_object (&self->recent_cancellable);
  self->recent_cancellable = g_cancellable_new ();
  clear_list (self->recent_list);
  gtk_widget_set_visible (GTK_WIDGET (self->recent_group), FALSE);
  look_at_recent (self, valise_settings_get_recent_images (), 0);
}

/* ---- the object ---- */

static void
valise_image_page_constructed (GObject *object)
{
  ValiseImagePage *self = VALISE_IMAGE_PAGE (object);

  G_OBJECT_CLASS (valise_image_page_parent_class)->constructed (object);
  g_signal_connect_object (get_choices (self), "notify::source", G_CALLBACK (source_cb), self, 0);
  valise_notices_group_set_choices (self->notices_group, get_choices (self),
                                    VALISE_NOTICES_IMAGE);
  g_signal_connect_object (get_choices (self), "notify::edition-index", G_CALLBACK (edition_cb),
                           self, 0);
}

static void
valise_image_page_dispose (GObject *object)
{
  ValiseImagePage *self = VALISE_IMAGE_PAGE (object);

  stop (self);
  g_cancellable_cancel (self->recent_cancellable);
  g_clear_object (&self->recent_cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), VALISE_TYPE_IMAGE_PAGE);
  G_OBJECT_CLASS (valise_image_page_parent_class)->dispose (object);
}

static void
valise_image_page_class_init (ValiseImagePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = valise_image_page_constructed;
  G_OBJECT_CLASS (klass)->dispose = valise_image_page_dispose;
  VALISE_PAGE_CLASS (klass)->entered = valise_image_page_entered;

  g_type_ensure (VALISE_TYPE_NOTICES_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-image-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, recent_group);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, recent_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, choose_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, reading_status);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, reading_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, error_status);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, other_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, file_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, hash_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, hash_spinner);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, copy_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, edition_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseImagePage, notices_group);
  gtk_widget_class_bind_template_callback (widget_class, cancel_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, again_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked_cb);
}

static void
valise_image_page_init (ValiseImagePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self->recent_list, "row-activated", G_CALLBACK (recent_activated_cb), self);
}
