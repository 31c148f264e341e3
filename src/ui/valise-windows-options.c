/* valise-windows-options.c: the options of how Windows treats the PCs that it runs on.
 *
 * A group of the page of options, behind an expander: what is chosen already is right for most
 * drives. Each switch is a key of a profile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-windows-options.h"

#include <string.h>


/* The switches: key, and its values where the switch is on and off. */
static const struct
{
  const char *name;
  const char *key;
  const char *on;
  const char *off;
} switches[] = {
  { "disks", "portable.internalDisks", "offline", "online" },
  { "encryption", "portable.preventEncryption", "true", "false" },
  { "shutdown", "portable.fastStartup", "false", "true" },
  { "network", "firstStart.requireNetwork", "false", "true" },
  { "portable", "portable.portableOs", "true", "false" },
};

#define N_SWITCHES G_N_ELEMENTS (switches)

struct _ValiseWindowsOptions
{
  AdwPreferencesGroup parent_instance;

  GtkSwitch *widgets[N_SWITCHES]; /* the template's */

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseWindowsOptions, valise_windows_options, ADW_TYPE_PREFERENCES_GROUP)

static void
active_cb (ValiseWindowsOptions *self, GParamSpec *spec, GtkSwitch *widget)
{
  for (guint i = 0; i < N_SWITCHES; i++)
    if (self->widgets[i] == widget)
      valise_choices_set_choice (self->choices, switches[i].key,
                                 gtk_switch_get_active (widget) ? switches[i].on
                                                                : switches[i].off);
}

static void
loaded_cb (ValiseWindowsOptions *self)
{
  for (guint i = 0; i < N_SWITCHES; i++)
    {
      /* A word as JSON has quotes; true and false have none. */
      g_autofree char *value
          = valise_profile_get (valise_choices_get_profile (self->choices), switches[i].key);
      const gboolean on = value != NULL && strstr (value, switches[i].on) != NULL;

      gtk_switch_set_active (self->widgets[i], on);
    }
}

/**
 * valise_windows_options_set_choices:
 * @self: a group of options
 * @choices: (transfer none): what they are about; must stay
 *
 * To be called once.
 */
void
valise_windows_options_set_choices (ValiseWindowsOptions *self, ValiseChoices *choices)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  loaded_cb (self);
  for (guint i = 0; i < N_SWITCHES; i++)
    g_signal_connect_swapped (self->widgets[i], "notify::active", G_CALLBACK (active_cb), self);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
valise_windows_options_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_WINDOWS_OPTIONS);
  G_OBJECT_CLASS (valise_windows_options_parent_class)->dispose (object);
}

static void
valise_windows_options_class_init (ValiseWindowsOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_windows_options_dispose;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/valise/Valise/valise-windows-options.ui");
  for (guint i = 0; i < N_SWITCHES; i++)
    {
      g_autofree char *widget = g_strconcat (switches[i].name, "_switch", NULL);

      gtk_widget_class_bind_template_child_full (widget_class, widget, FALSE, 0);
    }
}

static void
valise_windows_options_init (ValiseWindowsOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < N_SWITCHES; i++)
    {
      g_autofree char *name = g_strconcat (switches[i].name, "_switch", NULL);

      self->widgets[i] = GTK_SWITCH (gtk_widget_get_template_child (
          GTK_WIDGET (self), VALISE_TYPE_WINDOWS_OPTIONS, name));
    }
}
