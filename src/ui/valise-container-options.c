/* valise-container-options.c: the options of a virtual disk for Windows.
 *
 * A group of the page of options, folded away: few want it. What is chosen goes into the profile at
 * once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-container-options.h"

#include "core/valise-units.h"

struct _ValiseContainerOptions
{
  AdwPreferencesGroup parent_instance;

  AdwExpanderRow *expander_row;
  AdwComboRow *format_row;
  AdwEntryRow *size_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
  gboolean is_loading;
};

G_DEFINE_FINAL_TYPE (ValiseContainerOptions, valise_container_options, ADW_TYPE_PREFERENCES_GROUP)

/* The rows of the list are in the order of ValiseContainerKind. */
static void
format_cb (ValiseContainerOptions *self)
{
  const guint kind = adw_combo_row_get_selected (self->format_row);
  const gboolean has_size = kind != VALISE_CONTAINER_NONE;

  gtk_widget_set_sensitive (GTK_WIDGET (self->size_row), has_size);
  /* Screen readers would call it usable still. */
  gtk_widget_set_sensitive (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->size_row))),
                            has_size);
  if (self->choices != NULL && !self->is_loading && kind <= VALISE_CONTAINER_VHDX)
    valise_choices_get_profile (self->choices)->container = kind;
}

static void
size_cb (ValiseContainerOptions *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->size_row));
  g_autoptr (GError) error = NULL;
  guint64 size = 0;

  if (*text == '\0' || valise_parse_size (text, &size, &error))
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->size_row), "error");
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->size_row), NULL);
    }
  else
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->size_row), "error");
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->size_row), error->message);
      return;
    }
  if (self->choices != NULL && !self->is_loading)
    valise_choices_get_profile (self->choices)->container_size = size;
}

/* Sizes that people write are whole MiB; others are shown as they are. */
static void
loaded_cb (ValiseContainerOptions *self)
{
  const ValiseProfile *profile = valise_choices_get_profile (self->choices);
  g_autofree char *size = NULL;

  if (profile->container_size == 0)
    size = g_strdup ("");
  else if (profile->container_size % VALISE_MIB == 0)
    size = g_strdup_printf ("%" G_GUINT64_FORMAT "M", profile->container_size / VALISE_MIB);
  else
    size = g_strdup_printf ("%" G_GUINT64_FORMAT, profile->container_size);
  self->is_loading = TRUE;
  adw_combo_row_set_selected (self->format_row, profile->container);
  gtk_editable_set_text (GTK_EDITABLE (self->size_row), size);
  adw_expander_row_set_expanded (self->expander_row,
                                 profile->container != VALISE_CONTAINER_NONE);
  self->is_loading = FALSE;
}

/**
 * valise_container_options_set_choices:
 * @self: a group of options
 * @choices: (transfer none): what they are about; must stay
 *
 * To be called once.
 */
void
valise_container_options_set_choices (ValiseContainerOptions *self, ValiseChoices *choices)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  g_signal_connect_swapped (self->format_row, "notify::selected", G_CALLBACK (format_cb), self);
  g_signal_connect_swapped (self->size_row, "changed", G_CALLBACK (size_cb), self);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  loaded_cb (self);
  format_cb (self);
}

static void
valise_container_options_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_CONTAINER_OPTIONS);
  G_OBJECT_CLASS (valise_container_options_parent_class)->dispose (object);
}

static void
valise_container_options_class_init (ValiseContainerOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_container_options_dispose;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/valise/Valise/valise-container-options.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseContainerOptions, expander_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseContainerOptions, format_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseContainerOptions, size_row);
}

static void
valise_container_options_init (ValiseContainerOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
