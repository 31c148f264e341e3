/* valise-start-options.c: the options of what starts the drive, and on which PCs.
 *
 * A group of the page of options. It follows the edition: what the edition does not have is not
 * offered.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-start-options.h"

struct _ValiseStartOptions
{
  AdwPreferencesGroup parent_instance;

  AdwComboRow *boot_manager_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseStartOptions, valise_start_options, ADW_TYPE_PREFERENCES_GROUP)

static void
edition_cb (ValiseStartOptions *self)
{
  const ValiseEdition *edition = valise_choices_get_edition (self->choices);

  gtk_widget_set_visible (GTK_WIDGET (self), edition != NULL && edition->boots_ca2023);
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
  gtk_widget_class_bind_template_child (widget_class, ValiseStartOptions, boot_manager_row);
}

static void
valise_start_options_init (ValiseStartOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
