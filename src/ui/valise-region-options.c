/* valise-region-options.c: the options of language, keyboard and time zone.
 *
 * A group of the page of options. Usually all is as on this computer; what that is, is found out in
 * a thread, and shown. What the user chooses instead counts more.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-region-options.h"

#include <glib/gi18n.h>

#include "boot/valise-answer-rules.h"
#include "boot/valise-windows-region.h"
#include "boot/valise-windows-zones.h"
#include "jobs/valise-pc-region.h"
#include "valise-option-rows.h"

struct _ValiseRegionOptions
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *here_row;
  GtkSwitch *here_switch;
  AdwComboRow *language_row;
  AdwComboRow *locale_row;
  AdwEntryRow *keyboard_row;
  AdwComboRow *zone_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseRegionOptions, valise_region_options, ADW_TYPE_PREFERENCES_GROUP)

/* ---- what this computer has ---- */

static void
free_region (gpointer data)
{
  valise_pc_region_clear (data);
  g_free (data);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValisePcRegion *region = g_new0 (ValisePcRegion, 1);

  valise_pc_region_read_this (region);
  g_task_return_pointer (task, region, free_region);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  ValiseRegionOptions *self = VALISE_REGION_OPTIONS (object);
  ValisePcRegion *region = g_task_propagate_pointer (G_TASK (result), NULL);
  const char *const found[] = { region->locale, region->keyboard, region->time_zone };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (found); i++)
    if (found[i] != NULL)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", found[i]);
  if (self->here_row != NULL)
    {
      adw_action_row_set_subtitle (
          self->here_row,
          text->len > 0 ? text->str : _("Nothing of it has a name in Windows; Windows will ask."));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->here_switch),
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                      adw_action_row_get_subtitle (self->here_row), -1);
    }
  free_region (region);
}

/* ---- the rows ---- */

static void
here_cb (ValiseRegionOptions *self)
{
  valise_choices_get_profile (self->choices)->setup.pc_region
      = gtk_switch_get_active (self->here_switch);
}

static void
loaded_cb (ValiseRegionOptions *self)
{
  gtk_switch_set_active (self->here_switch,
                         valise_choices_get_profile (self->choices)->setup.pc_region);
}

static const char *
get_nothing (void)
{
  /* Translators: where no language, keyboard or time zone is chosen. */
  return _("Not chosen");
}

/* Windows shows the languages that the edition has. */
static void
edition_cb (ValiseRegionOptions *self)
{
  const ValiseEdition *edition = valise_choices_get_edition (self->choices);
  const char *const none[] = { NULL };

  valise_option_rows_bind_list (
      self->language_row, self->choices, "region.language", get_nothing (),
      edition != NULL ? (const char *const *) edition->languages : none);
}

static void
fill_list (AdwComboRow *row,
           ValiseChoices *choices,
           const char *key,
           const char *(*get_nth) (guint n))
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  guint n = 0;

  do
    g_ptr_array_add (values, (gpointer) get_nth (n));
  while (get_nth (n++) != NULL);
  valise_option_rows_bind_list (row, choices, key, get_nothing (),
                                (const char *const *) values->pdata);
}

/**
 * valise_region_options_set_choices:
 * @self: a group of options
 * @choices: (transfer none): what they are about; must stay
 *
 * To be called once.
 */
void
valise_region_options_set_choices (ValiseRegionOptions *self, ValiseChoices *choices)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, read_cb, NULL);

  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  fill_list (self->locale_row, choices, "region.locale", valise_windows_culture_get_nth);
  fill_list (self->zone_row, choices, "region.timeZone", valise_windows_zone_get_nth);
  valise_option_rows_bind (self->keyboard_row, choices, "region.keyboard", valise_check_keyboard);
  g_signal_connect_swapped (self->here_switch, "notify::active", G_CALLBACK (here_cb), self);
  g_signal_connect_object (choices, "notify::edition-index", G_CALLBACK (edition_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  edition_cb (self);
  loaded_cb (self);
  g_task_run_in_thread (task, read_thread);
}

static void
valise_region_options_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), VALISE_TYPE_REGION_OPTIONS);
  G_OBJECT_CLASS (valise_region_options_parent_class)->dispose (object);
}

static void
valise_region_options_class_init (ValiseRegionOptionsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_region_options_dispose;

  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/valise/Valise/valise-region-options.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseRegionOptions, here_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseRegionOptions, here_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseRegionOptions, language_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseRegionOptions, locale_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseRegionOptions, keyboard_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseRegionOptions, zone_row);
}

static void
valise_region_options_init (ValiseRegionOptions *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
