/* valise-start-options.c: the options of what starts the drive, and on which PCs.
 *
 * A group of the page of options. It follows the edition: what the edition does not have is not
 * offered.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-start-options.h"

#include <glib/gi18n.h>

#include "valise-settings.h"

#define OLD_PCS "start-old-pcs"

struct _ValiseStartOptions
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *gpt_row;
  GtkCheckButton *gpt_button;
  AdwActionRow *mbr_row;
  GtkCheckButton *mbr_button;
  AdwComboRow *boot_manager_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseStartOptions, valise_start_options, ADW_TYPE_PREFERENCES_GROUP)

/* As its row; not each libadwaita says that. */
static void
name (GtkCheckButton *button, AdwActionRow *row)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), -1);
}

/* What was chosen for another edition is chosen again when one is taken that can do it. */
static void
show_layout (ValiseStartOptions *self)
{
  const gboolean is_mbr
      = valise_choices_get_layout (self->choices) == VALISE_PLAN_LAYOUT_MBR;

  gtk_check_button_set_active (is_mbr ? self->mbr_button : self->gpt_button, TRUE);
}

static void
edition_cb (ValiseStartOptions *self)
{
  const ValiseEdition *edition = valise_choices_get_edition (self->choices);
  g_autoptr (GError) error = NULL;
  const gboolean can_mbr = valise_choices_check_layout (self->choices, &error);

  gtk_widget_set_visible (GTK_WIDGET (self->boot_manager_row),
                          edition != NULL && edition->boots_ca2023);
  gtk_widget_set_sensitive (GTK_WIDGET (self->mbr_row), can_mbr);
  /* Screen readers would call it usable still. */
  gtk_widget_set_sensitive (GTK_WIDGET (self->mbr_button), can_mbr);
  adw_action_row_set_subtitle (
      self->mbr_row, can_mbr ? _("Also starts on older PCs. Drives must have less than 2 TiB.")
                             : error->message);
  show_layout (self);
}

/* Only what somebody chose is a choice: the other button is pressed for editions, too. */
static void
toggled_cb (ValiseStartOptions *self)
{
  const gboolean is_mbr = gtk_check_button_get_active (self->mbr_button);
  const guint layout = is_mbr ? VALISE_PLAN_LAYOUT_MBR : VALISE_PLAN_LAYOUT_GPT;

  if (self->choices == NULL || layout == valise_choices_get_layout (self->choices))
    return;
  g_object_set (self->choices, "layout", layout, NULL);
  if (valise_settings_get () != NULL)
    g_settings_set_boolean (valise_settings_get (), OLD_PCS, is_mbr);
}

/* The rows of the list are in the order of ValiseBootManager. */
static void
bind (ValiseStartOptions *self, const char *property, gpointer widget, const char *widget_property)
{
  g_object_bind_property (self->choices, property, widget, widget_property,
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

/**
 * valise_start_options_set_choices:
 * @self: a group of options
 * @choices: (transfer none): what they are about; must stay
 *
 * To be called once.
 */
void
valise_start_options_set_choices (ValiseStartOptions *self, ValiseChoices *choices)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  bind (self, "boot-manager", self->boot_manager_row, "selected");
  if (valise_settings_get () != NULL && g_settings_get_boolean (valise_settings_get (), OLD_PCS))
    g_object_set (choices, "layout", VALISE_PLAN_LAYOUT_MBR, NULL);
  g_signal_connect_object (choices, "notify::layout", G_CALLBACK (show_layout), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "notify::edition-index", G_CALLBACK (edition_cb), self,
                           G_CONNECT_SWAPPED);
  edition_cb (self);
}

static void
valise_start_options_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_START_OPTIONS);
  G_OBJECT_CLASS (valise_start_options_parent_class)->dispose (object);
}

static void
valise_start_options_class_init (ValiseStartOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_start_options_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-start-options.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseStartOptions, gpt_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseStartOptions, gpt_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseStartOptions, mbr_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseStartOptions, mbr_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseStartOptions, boot_manager_row);
}

static void
valise_start_options_init (ValiseStartOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name (self->gpt_button, self->gpt_row);
  name (self->mbr_button, self->mbr_row);
  g_signal_connect_swapped (self->mbr_button, "toggled", G_CALLBACK (toggled_cb), self);
}
