/* valise-result-page.c: the page that says what came of each drive.
 *
 * From here it goes on with other drives, or once more with those that are not finished: the image
 * and the options stay as they were chosen.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-result-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "core/valise-text.h"
#include "valise-accessible.h"
#include "valise-job-text.h"
#include "valise-result-row.h"

struct _ValiseResultPage
{
  ValisePage parent_instance;

  GtkImage *icon;
  GtkLabel *summary_label;
  GtkLabel *description_label;
  GtkListBox *list;
  GtkButton *retry_button;
  GtkButton *again_button;
};

G_DEFINE_FINAL_TYPE (ValiseResultPage, valise_result_page, VALISE_TYPE_PAGE)

/* What the heading stands for, below it. */
static char *
describe (ValiseJobModel *job)
{
  g_autofree char *taken
      = valise_text_duration (valise_job_model_get_seconds_taken (job));

  if (valise_job_model_count (job, VALISE_DRIVE_JOB_FAILED) > 0)
    return g_strdup (_("Below it says what went wrong and what to do."));
  if (valise_job_model_count (job, VALISE_DRIVE_JOB_CANCELLED) > 0)
    return g_strdup (_("What was not finished by then is blank."));
  /* Translators: %s is a time such as “12:30”. */
  return g_strdup_printf (_("It took %s."), taken);
}

static void
show_icon (ValiseResultPage *self, ValiseJobModel *job)
{
  const char *name = "emblem-ok-symbolic";
  const char *class = "success";

  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "success");
  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "error");
  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "warning");
  gtk_widget_remove_css_class (GTK_WIDGET (self->icon), "dim-label");
  if (valise_job_model_count (job, VALISE_DRIVE_JOB_FAILED) > 0)
    {
      name = valise_job_model_count (job, VALISE_DRIVE_JOB_DONE) > 0 ? "dialog-warning-symbolic"
                                                                      : "dialog-error-symbolic";
      class = valise_job_model_count (job, VALISE_DRIVE_JOB_DONE) > 0 ? "warning" : "error";
    }
  else if (valise_job_model_count (job, VALISE_DRIVE_JOB_CANCELLED) > 0)
    {
      name = "process-stop-symbolic";
      class = "dim-label";
    }
  gtk_image_set_from_icon_name (self->icon, name);
  gtk_widget_add_css_class (GTK_WIDGET (self->icon), class);
}

static void
add_rows (ValiseResultPage *self, ValiseJobModel *job, ValiseDriveJobState state)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (job)); i++)
    {
      g_autoptr (ValiseDriveJob) drive = g_list_model_get_item (G_LIST_MODEL (job), i);

      if (valise_drive_job_get_state (drive) == state)
        gtk_list_box_append (self->list, valise_result_row_new (drive));
    }
}

static void
valise_result_page_entered (ValisePage *page)
{
  ValiseResultPage *self = VALISE_RESULT_PAGE (page);
  ValiseJobModel *job = valise_choices_get_job (valise_page_get_choices (page));
  GtkWidget *child;
  g_autofree char *summary = NULL;
  g_autofree char *description = NULL;
  g_autofree char *retry = NULL;
  guint n_left;

  if (job == NULL)
    return;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  /* Somebody must do something about those that failed: they come first. */
  add_rows (self, job, VALISE_DRIVE_JOB_FAILED);
  add_rows (self, job, VALISE_DRIVE_JOB_CANCELLED);
  add_rows (self, job, VALISE_DRIVE_JOB_DONE);
  summary = valise_job_text_summary (job);
  description = describe (job);
  gtk_label_set_label (self->summary_label, summary);
  gtk_label_set_label (self->description_label, description);
  show_icon (self, job);
  n_left = valise_job_model_count (job, VALISE_DRIVE_JOB_FAILED)
           + valise_job_model_count (job, VALISE_DRIVE_JOB_CANCELLED);
  retry = g_strdup_printf (ngettext ("Goes back to the review, with the %u drive that is not "
                                     "finished",
                                     "Goes back to the review, with the %u drives that are not "
                                     "finished",
                                     n_left),
                           n_left);
  gtk_widget_set_visible (GTK_WIDGET (self->retry_button), n_left > 0);
  if (n_left > 0)
    gtk_widget_remove_css_class (GTK_WIDGET (self->again_button), "suggested-action");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->again_button), "suggested-action");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->retry_button), retry);
  valise_accessible_describe (self->retry_button, retry);
}

static void
again_clicked_cb (ValiseResultPage *self)
{
  ValiseChoices *choices = valise_page_get_choices (VALISE_PAGE (self));
  GListModel *drives = valise_choices_get_drives (choices);

  while (g_list_model_get_n_items (drives) > 0)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (drives, 0);

      valise_choices_remove_drive (choices, drive);
    }
  valise_choices_set_job (choices, NULL);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", "drives");
}

/* Nothing is done before the user has agreed once more: other drives may be there by now. */
static void
retry_clicked_cb (ValiseResultPage *self)
{
  valise_choices_try_again (valise_page_get_choices (VALISE_PAGE (self)));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", "review");
}

static void
valise_result_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_RESULT_PAGE);
  G_OBJECT_CLASS (valise_result_page_parent_class)->dispose (object);
}

static void
valise_result_page_class_init (ValiseResultPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_result_page_dispose;
  VALISE_PAGE_CLASS (klass)->entered = valise_result_page_entered;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-result-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseResultPage, icon);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultPage, summary_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultPage, description_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultPage, list);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultPage, again_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseResultPage, retry_button);
  gtk_widget_class_bind_template_callback (widget_class, again_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_clicked_cb);
}

static void
valise_result_page_init (ValiseResultPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
