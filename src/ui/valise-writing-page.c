/* valise-writing-page.c: the page on which drives are written.
 *
 * Runs the choices' job as soon as it is shown, and shows the page of results when the job has
 * ended. Meanwhile the computer does not go to sleep, and neither the button nor closing the window
 * stops the job without a question.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-writing-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "valise-dialogs.h"
#include "valise-drive-card.h"
#include "valise-job-text.h"
#include "valise-speed-graph.h"

/* The words on the page follow so often, in µs. */
#define INTERVAL (G_USEC_PER_SEC / 2)

/* The id of the notification: a newer one replaces it. */
#define NOTIFICATION "job-ended"

struct _ValiseWritingPage
{
  ValisePage parent_instance;

  ValiseJobModel *job;
  GCancellable *cancellable; /* the job's */
  GCancellable *asking;      /* the question's, while one is open */
  gboolean close_at_end;
  guint inhibit_cookie;
  gint64 updated; /* monotonic time, µs */

  GtkLabel *stage_label;
  GtkLabel *time_label;
  GtkProgressBar *progress_bar;
  ValiseSpeedGraph *graph;
  GtkLabel *bottleneck_label;
  GtkListBox *list;
  GtkButton *stop_button;
};

G_DEFINE_FINAL_TYPE (ValiseWritingPage, valise_writing_page, VALISE_TYPE_PAGE)

static GtkWindow *
get_window (ValiseWritingPage *self)
{
  return GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
}

/* ---- how far it is ---- */

static void
update (ValiseWritingPage *self)
{
  const gboolean stopping = g_cancellable_is_cancelled (self->cancellable);
  g_autofree char *left = NULL;
  g_autofree char *bottleneck = NULL;

  left = valise_job_text_time_left (stopping ? -1
                                             : valise_job_model_get_seconds_left (self->job));
  bottleneck = valise_job_text_bottleneck (self->job);
  gtk_label_set_label (self->stage_label,
                       stopping ? _("Stopping") : valise_job_text_stage (self->job));
  /* Neither goes away when there is nothing to say: the page would jump. */
  gtk_label_set_label (self->time_label, *left != '\0' ? left : " ");
  gtk_label_set_label (self->bottleneck_label, *bottleneck != '\0' ? bottleneck : " ");
  gtk_progress_bar_set_fraction (self->progress_bar, valise_job_model_get_fraction (self->job));
}

static void
changed_cb (ValiseJobModel *job, gpointer data)
{
  ValiseWritingPage *self = data;
  const gint64 now = g_get_monotonic_time ();

  if (now - self->updated < INTERVAL)
    return;
  self->updated = now;
  update (self);
}

/* ---- stopping ---- */

static void
stop (ValiseWritingPage *self)
{
  g_cancellable_cancel (self->cancellable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->stop_button), FALSE);
  update (self);
}

static void
asked_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseWritingPage) self = data;
  const gboolean yes = valise_dialogs_ask_finish (GTK_WINDOW (object), result, NULL);

  g_clear_object (&self->asking);
  if (!yes)
    self->close_at_end = FALSE;
  else if (self->job != NULL)
    stop (self);
}

static void
ask (ValiseWritingPage *self, gboolean and_close)
{
  if (self->asking != NULL || self->job == NULL)
    return;
  self->close_at_end = and_close;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->asking = g_cancellable_new ();
  valise_dialogs_ask_async (
      get_window (self), and_close ? _("Stop and Close?") : _("Stop Writing?"),
      _("Drives that are not finished will be blank: what was on them is lost, and nothing starts "
        "from them. Drives that are finished stay as they are."),
      _("_Continue Writing"), and_close ? _("_Stop and Close") : _("_Stop Writing"), self->asking,
      asked_cb, g_object_ref (self));
}

static void
stop_clicked_cb (ValiseWritingPage *self)
{
  ask (self, FALSE);
}

static void
valise_writing_page_close_requested (ValisePage *page)
{
  ask (VALISE_WRITING_PAGE (page), TRUE);
}

/* ---- beginning and end ---- */

static void
inhibit (ValiseWritingPage *self)
{
  GtkWindow *window = get_window (self);
  GtkApplication *application = gtk_window_get_application (window);

  if (application != NULL)
    self->inhibit_cookie = gtk_application_inhibit (
        application, window, GTK_APPLICATION_INHIBIT_LOGOUT | GTK_APPLICATION_INHIBIT_SUSPEND,
        _("Drives are being written."));
}

static void
uninhibit (ValiseWritingPage *self, GtkApplication *application)
{
  if (self->inhibit_cookie != 0 && application != NULL)
    gtk_application_uninhibit (application, self->inhibit_cookie);
  self->inhibit_cookie = 0;
}

/* Whether the user looks at the window, or at a question of it. */
static gboolean
is_looked_at (GtkWindow *window)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  gboolean is_active = FALSE;

  for (GList *at = windows; at != NULL; at = at->next)
    if (at->data == window || gtk_window_get_transient_for (at->data) == window)
      is_active |= gtk_window_is_active (at->data);
  return is_active;
}

/* Whoever looks at the window sees it; the others are told. */
static void
notify_user (ValiseWritingPage *self, GtkApplication *application)
{
  g_autoptr (GNotification) notification = NULL;
  g_autofree char *summary = valise_job_text_summary (self->job);

  if (application == NULL || is_looked_at (get_window (self)))
    return;
  notification = g_notification_new (summary);
  if (valise_job_model_count (self->job, VALISE_DRIVE_JOB_FAILED) > 0)
    {
      g_notification_set_body (notification, _("Look what went wrong, and what can be done."));
      g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
    }
  g_application_send_notification (G_APPLICATION (application), NOTIFICATION, notification);
}

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseWritingPage) self = data;
  ValiseJobModel *job = VALISE_JOB_MODEL (object);
  GtkWindow *window = get_window (self);
  GtkApplication *application = window != NULL ? gtk_window_get_application (window) : NULL;

  /* Each drive knows what came of it. */
  valise_job_model_run_finish (job, result, NULL);
  uninhibit (self, application);
  g_signal_handlers_disconnect_by_data (job, self);
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  valise_page_set_busy (VALISE_PAGE (self), FALSE);
  if (window == NULL)
    return;
  if (self->close_at_end && g_cancellable_is_cancelled (self->cancellable))
    {
      gtk_window_destroy (window);
      return;
    }
  notify_user (self, application);
  g_clear_object (&self->job);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", "result");
}

static void
fill_list (ValiseWritingPage *self)
{
  GtkWidget *child;
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (self->job));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (ValiseDriveJob) drive = g_list_model_get_item (G_LIST_MODEL (self->job), i);

      gtk_list_box_append (self->list, valise_drive_card_new (drive, n > 1 ? (int) i : -1));
    }
}

static void
valise_writing_page_entered (ValisePage *page)
{
  ValiseWritingPage *self = VALISE_WRITING_PAGE (page);
  ValiseJobModel *job = valise_choices_get_job (valise_page_get_choices (page));

  if (self->job != NULL || job == NULL || valise_job_model_has_begun (job))
    return;
  self->job = g_object_ref (job);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  self->close_at_end = FALSE;
  self->updated = 0;
  gtk_widget_set_sensitive (GTK_WIDGET (self->stop_button), TRUE);
  fill_list (self);
  valise_speed_graph_set_model (self->graph, valise_job_model_get_samples (job));
  valise_page_set_busy (page, TRUE);
  inhibit (self);
  g_signal_connect (job, "changed", G_CALLBACK (changed_cb), self);
  valise_job_model_run_async (job, self->cancellable, ended_cb, g_object_ref (self));
  update (self);
}

/* ---- the object ---- */

static void
valise_writing_page_dispose (GObject *object)
{
  ValiseWritingPage *self = VALISE_WRITING_PAGE (object);

  /* A window that goes away by force takes its job with it. */
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->job);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->asking);
  gtk_widget_dispose_template (GTK_WIDGET (self), VALISE_TYPE_WRITING_PAGE);
  G_OBJECT_CLASS (valise_writing_page_parent_class)->dispose (object);
}

static void
valise_writing_page_class_init (ValiseWritingPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_writing_page_dispose;
  VALISE_PAGE_CLASS (klass)->entered = valise_writing_page_entered;
  VALISE_PAGE_CLASS (klass)->close_requested = valise_writing_page_close_requested;

  g_type_ensure (VALISE_TYPE_SPEED_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-writing-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseWritingPage, stage_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseWritingPage, time_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseWritingPage, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseWritingPage, graph);
  gtk_widget_class_bind_template_child (widget_class, ValiseWritingPage, bottleneck_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseWritingPage, list);
  gtk_widget_class_bind_template_child (widget_class, ValiseWritingPage, stop_button);
  gtk_widget_class_bind_template_callback (widget_class, stop_clicked_cb);
}

static void
valise_writing_page_init (ValiseWritingPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
