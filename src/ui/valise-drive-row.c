/* valise-drive-row.c: a row of the list of drives.
 *
 * Shows the drive as it is now, and whether it is chosen. A drive that may not be erased has no box
 * to tick, but the reason in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-row.h"

#include <glib/gi18n.h>

#include "valise-accessible.h"
#include "valise-drive-check.h"
#include "valise-drive-text.h"
#include "valise-row-layout.h"

struct _ValiseDriveRow
{
  AdwActionRow parent_instance;

  ValiseDrive *drive;
  ValiseChoices *choices;

  GtkCheckButton *button;
  GtkImage *icon;
  GtkImage *refused_icon;
};

G_DEFINE_FINAL_TYPE (ValiseDriveRow, valise_drive_row, ADW_TYPE_ACTION_ROW)

/* Only what is new: to lay out the text of a dozen rows takes GTK tens of milliseconds. */
static void
show_text (ValiseDriveRow *self, const char *title, const char *subtitle)
{
  if (g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self)), title) != 0)
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  if (g_strcmp0 (adw_action_row_get_subtitle (ADW_ACTION_ROW (self)), subtitle) == 0)
    return;
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  valise_accessible_describe (self->button, subtitle);
  valise_accessible_describe (self, subtitle);
}

static void
update (ValiseDriveRow *self)
{
  const ValiseDriveFacts *facts = valise_drive_get_facts (self->drive);
  gboolean chosen = valise_choices_has_drive (self->choices, self->drive);
  gboolean present = valise_drive_get_present (self->drive);
  g_autoptr (GError) error = NULL;
  gboolean ok = valise_drive_check (self->choices, self->drive, &error);
  g_autofree char *name = valise_drive_text_name (facts);
  g_autofree char *details = valise_drive_text_details (facts);
  g_autofree char *contents = valise_drive_text_contents (facts);
  g_autoptr (GString) subtitle = g_string_new (details);

  if (*contents != '\0')
    g_string_append_printf (subtitle, "\n%s", contents);
  if (!present)
    g_string_append_printf (subtitle, "\n%s",
                            _("It was pulled out. Plug it in again, or take it off the list."));
  else if (!ok || !valise_drive_check_fit (self->choices, self->drive, &error))
    g_string_append_printf (subtitle, "\n%s", error->message);
  else if (!facts->removable)
    g_string_append_printf (subtitle, "\n%s", _("This drive is built into the computer."));

  show_text (self, name, subtitle->str);
  gtk_image_set_from_icon_name (self->icon, valise_drive_text_icon (facts));
  gtk_widget_set_visible (GTK_WIDGET (self->button), ok || chosen);
  gtk_widget_set_visible (GTK_WIDGET (self->refused_icon), !ok || !present);
  /* In the middle of where other rows have their boxes to tick. */
  gtk_widget_set_margin_end (GTK_WIDGET (self->refused_icon), ok || chosen ? 0 : 5);
  /* Its name and the reason are as well to read as others; that it cannot be had is seen here. */
  gtk_widget_set_opacity (GTK_WIDGET (self->icon), ok || chosen ? 1 : 0.55);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), ok || chosen);
  gtk_check_button_set_active (self->button, chosen);
}

static void
toggled_cb (GtkCheckButton *button, ValiseDriveRow *self)
{
  if (gtk_check_button_get_active (button) == valise_choices_has_drive (self->choices, self->drive))
    return;
  if (!gtk_check_button_get_active (button))
    valise_choices_remove_drive (self->choices, self->drive);
  else if (g_list_model_get_n_items (valise_choices_get_drives (self->choices))
           < VALISE_CHOICES_MAX_DRIVES)
    valise_choices_add_drive (self->choices, self->drive);
  else
    {
      g_autofree char *text = g_strdup_printf (
          ngettext ("%u drive can be written at once.", "%u drives can be written at once.",
                    VALISE_CHOICES_MAX_DRIVES),
          VALISE_CHOICES_MAX_DRIVES);

      gtk_check_button_set_active (button, FALSE);
      gtk_widget_activate_action (GTK_WIDGET (self), "win.show-toast", "s", text);
    }
}

static void
valise_drive_row_dispose (GObject *object)
{
  ValiseDriveRow *self = VALISE_DRIVE_ROW (object);

  g_clear_object (&self->drive);
  g_clear_object (&self->choices);
  G_OBJECT_CLASS (valise_drive_row_parent_class)->dispose (object);
}

static void
valise_drive_row_class_init (ValiseDriveRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = valise_drive_row_dispose;
}

static void
valise_drive_row_init (ValiseDriveRow *self)
{
  AdwActionRow *row = ADW_ACTION_ROW (self);

  self->button = GTK_CHECK_BUTTON (gtk_check_button_new ());
  self->icon = GTK_IMAGE (gtk_image_new ());
  self->refused_icon = GTK_IMAGE (gtk_image_new_from_icon_name ("dialog-warning-symbolic"));
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  gtk_image_set_icon_size (self->icon, GTK_ICON_SIZE_LARGE);
  adw_action_row_add_prefix (row, GTK_WIDGET (self->icon));
  adw_action_row_add_suffix (row, GTK_WIDGET (self->refused_icon));
  adw_action_row_add_suffix (row, GTK_WIDGET (self->button));
  adw_action_row_set_activatable_widget (row, GTK_WIDGET (self->button));
  valise_row_layout_apply (GTK_WIDGET (self));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_title_lines (row, 0);
  adw_action_row_set_subtitle_lines (row, 0);
  g_signal_connect_object (self->button, "toggled", G_CALLBACK (toggled_cb), self, 0);
}

/**
 * valise_drive_row_new:
 * @drive: a drive
 * @choices: where it is chosen
 *
 * Returns: (transfer floating): a row that follows both
 */
ValiseDriveRow *
valise_drive_row_new (ValiseDrive *drive, ValiseChoices *choices)
{
  ValiseDriveRow *self = g_object_new (VALISE_TYPE_DRIVE_ROW, NULL);

  self->drive = g_object_ref (drive);
  self->choices = g_object_ref (choices);
  g_signal_connect_object (drive, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drive, "notify::present", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "notify::edition-index", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "sizes-changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (valise_choices_get_drives (choices), "items-changed",
                           G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}
