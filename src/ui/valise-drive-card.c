/* valise-drive-card.c: how far one drive is, as a row.
 *
 * The numbers follow twice a second: more often they could not be read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-card.h"

#include <glib/gi18n.h>

#include "valise-job-text.h"
#include "valise-speed-style.h"

#define INTERVAL (G_USEC_PER_SEC / 2)

/* So many letters have room beside any name. */
#define SHORT 12

struct _ValiseDriveCard
{
  GtkListBoxRow parent_instance;

  ValiseDriveJob *drive;
  gint64 updated; /* monotonic time, µs */
  ValiseDriveJobState shown;

  GtkBox *heading;
  GtkLabel *name_label;
  GtkLabel *place_label;
  GtkImage *icon;
  GtkLabel *state_label;
  GtkProgressBar *progress_bar;
  GtkLabel *figures_label;
  GtkLabel *error_label;
};

G_DEFINE_FINAL_TYPE (ValiseDriveCard, valise_drive_card, GTK_TYPE_LIST_BOX_ROW)

static void
show_state (ValiseDriveCard *self)
{
  const ValiseDriveJobState state = valise_drive_job_get_state (self->drive);
  const char *icon = valise_job_text_icon (self->drive);
  const GError *error = valise_drive_job_get_error (self->drive);
  const gboolean failed = state == VALISE_DRIVE_JOB_FAILED;
  const char *words = valise_job_text_state (self->drive);

  self->shown = state;
  gtk_label_set_label (self->state_label, words);
  /* Where each letter is a word, a long name would have a short one broken. */
  gtk_label_set_wrap (self->state_label, g_utf8_strlen (words, -1) > SHORT);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), icon != NULL);
  gtk_image_set_from_icon_name (self->icon, icon);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), !failed);
  /* What was on it has been blanked again. */
  gtk_widget_set_visible (GTK_WIDGET (self->figures_label), !failed);
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), failed);
  gtk_label_set_label (self->error_label, failed ? error->message : "");
  if (failed)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->icon), "error");
      gtk_widget_add_css_class (GTK_WIDGET (self->state_label), "error");
    }
  else if (icon != NULL && state != VALISE_DRIVE_JOB_CANCELLED)
    gtk_widget_add_css_class (GTK_WIDGET (self->icon), "success");
}

static void
changed_cb (ValiseDriveJob *drive, gpointer data)
{
  ValiseDriveCard *self = data;
  const gint64 now = g_get_monotonic_time ();
  const gboolean is_new = self->shown != valise_drive_job_get_state (drive);
  g_autofree char *figures = NULL;

  if (!is_new && now - self->updated < INTERVAL)
    return;
  self->updated = now;
  if (is_new)
    show_state (self);
  gtk_progress_bar_set_fraction (self->progress_bar, valise_drive_job_get_fraction (drive));
  figures = valise_job_text_figures (drive);
  gtk_label_set_label (self->figures_label, figures);
}

static void
valise_drive_card_dispose (GObject *object)
{
  ValiseDriveCard *self = VALISE_DRIVE_CARD (object);

  if (self->drive != NULL)
    g_signal_handlers_disconnect_by_data (self->drive, self);
  g_clear_object (&self->drive);
  gtk_widget_dispose_template (GTK_WIDGET (self), VALISE_TYPE_DRIVE_CARD);
  G_OBJECT_CLASS (valise_drive_card_parent_class)->dispose (object);
}

static void
valise_drive_card_class_init (ValiseDriveCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_drive_card_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-drive-card.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, heading);
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, name_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, place_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, icon);
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, state_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, figures_label);
  gtk_widget_class_bind_template_child (widget_class, ValiseDriveCard, error_label);
}

static void
valise_drive_card_init (ValiseDriveCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * valise_drive_card_new:
 * @drive: a drive
 * @index: its line's number in the graph, from 0; -1 where it is the only one
 *
 * Returns: (transfer floating): a row that follows the drive
 */
GtkWidget *
valise_drive_card_new (ValiseDriveJob *drive, int index)
{
  ValiseDriveCard *self = g_object_new (VALISE_TYPE_DRIVE_CARD, NULL);
  const char *name = valise_drive_job_get_name (drive);
  /* Translators: %s is a drive’s name. */
  g_autofree char *label = g_strdup_printf (_("Progress of “%s”"), name);

  self->drive = g_object_ref (drive);
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->place_label, valise_drive_job_get_place (drive));
  if (index >= 0)
    gtk_box_prepend (self->heading, valise_speed_key_new (index));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress_bar),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (drive, "changed", G_CALLBACK (changed_cb), self);
  show_state (self);
  changed_cb (drive, self);
  return GTK_WIDGET (self);
}
