/* valise-result-row.c: what came of one drive, as a row.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-result-row.h"

#include <glib/gi18n.h>

#include "valise-accessible.h"
#include "valise-dialogs.h"
#include "valise-job-text.h"
#include "valise-window.h"

struct _ValiseResultRow
{
  GtkListBoxRow parent_instance;

  ValiseDriveJob *drive;
  GCancellable *cancellable; /* cancelled with the row */

  GtkImage *icon;
  GtkLabel *name_label;
  GtkLabel *place_label;
  GtkLabel *result_label;
  GtkExpander *warnings;
  GtkLabel *warnings_label;
  GtkButton *save_button;
};

G_DEFINE_FINAL_TYPE (ValiseResultRow, valise_result_row, GTK_TYPE_LIST_BOX_ROW)

/* ---- the report ---- */

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseDriveJob *drive = source;
  GError *error = NULL;

  /* The report does not change any more. */
  if (valise_report_save (valise_drive_job_get_report (drive), data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseResultRow) self = data;
  g_autoptr (GError) error = NULL;
  const gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);
  GtkRoot *window = gtk_widget_get_root (GTK_WIDGET (self));

  if (VALISE_IS_WINDOW (window))
    valise_window_show_toast (VALISE_WINDOW (window),
                              ok ? _("The report was saved.") : error->message);
}

static void
chosen_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseResultRow) self = data;
  g_autoptr (GFile) file = valise_dialogs_choose_finish (GTK_WINDOW (object), result, NULL);
  g_autoptr (GTask) task = NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path == NULL || self->drive == NULL)
    return;
  task = g_task_new (self->drive, NULL, saved_cb, g_object_ref (self));
  g_task_set_task_data (task, g_steal_pointer (&path), g_free);
  g_task_run_in_thread (task, save_thread);
}

/* A file name that says which drive it is about, without what a file name must not have. */
static char *
suggest_name (ValiseDriveJob *drive)
{
  const ValiseReport *report = valise_drive_job_get_report (drive);
  g_autofree char *base = g_strdup_printf ("%s-%s", valise_drive_job_get_name (drive),
                                           report->serial != NULL ? report->serial : "report");

  g_strdelimit (base, "/\\:*?\"<>| \t\n\r", '-');
  return g_strconcat (base, ".json", NULL);
}

static void
save_clicked_cb (ValiseResultRow *self)
{
  g_autofree char *name = suggest_name (self->drive);

  valise_dialogs_choose_save_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                    _("Save Report"), name, self->cancellable, chosen_cb,
                                    g_object_ref (self));
}

/* ---- the object ---- */

static void
valise_result_row_dispose (GObject *object)
{
  ValiseResultRow *self = VALISE_RESULT_ROW (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->drive);
  gtk_widget_dispose_template (GTK_WIDGET (self), VALISE_TYPE_RESULT_ROW);
  G_OBJECT_CLASS (valise_result_row_parent_class)->dispose (object);
}

static void
valise_result_row_class_init (ValiseResultRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_result_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-result-row.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseResultRow, icon);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultRow, place_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultRow, result_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultRow, warnings);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultRow, warnings_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultRow, save_button);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
}

static void
valise_result_row_init (ValiseResultRow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_warnings (ValiseResultRow *self, GPtrArray *warnings)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *label = g_strdup_printf (
      ngettext ("%u Difference from the Image", "%u Differences from the Image", warnings->len),
      warnings->len);

  for (guint i = 0; i < warnings->len; i++)
    g_string_append_printf (text, i > 0 ? "\n%s" : "%s", (char *) warnings->pdata[i]);
  gtk_expander_set_label (self->warnings, label);
  gtk_label_set_label (self->warnings_label, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->warnings), warnings->len > 0);
}

/**
 * valise_result_row_new:
 * @drive: a drive that has ended
 *
 * Returns: (transfer floating): a row that tells what came of it
 */
GtkWidget *
valise_result_row_new (ValiseDriveJob *drive)
{
  ValiseResultRow *self = g_object_new (VALISE_TYPE_RESULT_ROW, NULL);
  const char *name = valise_drive_job_get_name (drive);
  const ValiseReport *report = valise_drive_job_get_report (drive);
  const ValiseDriveJobState state = valise_drive_job_get_state (drive);
  /* Translators: %s is a drive’s name. */
  g_autofree char *save = g_strdup_printf (_("Save the report of “%s”"), name);
  g_autofree char *result = valise_job_text_result (drive);

  self->drive = g_object_ref (drive);
  gtk_image_set_from_icon_name (self->icon, valise_job_text_icon (drive));
  gtk_widget_add_css_class (GTK_WIDGET (self->icon),
                            state == VALISE_DRIVE_JOB_DONE     ? "success"
                            : state == VALISE_DRIVE_JOB_FAILED ? "error"
                                                               : "dim-label");
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->place_label, valise_drive_job_get_place (drive));
  gtk_label_set_label (self->result_label, result);
  gtk_widget_set_visible (GTK_WIDGET (self->save_button), report != NULL);
  valise_accessible_describe (self->save_button, save);
  valise_accessible_tidy (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (report != NULL)
    show_warnings (self, report->warnings);
  return GTK_WIDGET (self);
}
