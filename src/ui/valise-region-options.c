/* valise-region-options.c: the options of language, keyboard and time zone.
 *
 * A group of the page of options. Usually all is as on this computer; what that is, is found out in
 * a thread, and shown. What the user chooses instead counts more. The lists have the names that the
 * user knows, which the thread brings, too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-region-options.h"

#include <glib/gi18n.h>

#include "boot/valise-answer-rules.h"
#include "jobs/valise-pc-region.h"
#include "valise-named-value.h"
#include "valise-option-rows.h"
#include "valise-region-names.h"
#include "valise-search-row.h"

struct _ValiseRegionOptions
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *here_row;
  GtkSwitch *here_switch;
  AdwComboRow *language_row;
  AdwComboRow *locale_row;
  ValiseSearchRow *keyboard_row;
  AdwComboRow *zone_row;

  ValiseChoices *choices; /* lives longer than the window's pages */
};

G_DEFINE_FINAL_TYPE (ValiseRegionOptions, valise_region_options, ADW_TYPE_PREFERENCES_GROUP)

/* What the thread finds. */
typedef struct
{
  ValisePcRegion region;
  GListStore *cultures;
  GListStore *keyboards;
  GListStore *zones;
} Findings;

static void
findings_free (gpointer data)
{
  Findings *self = data;

  valise_pc_region_clear (&self->region);
  g_object_unref (self->cultures);
  g_object_unref (self->keyboards);
  g_object_unref (self->zones);
  g_free (self);
}

static const char *
get_nothing (void)
{
  /* Translators: where no language, keyboard or time zone is chosen. */
  return _("Not chosen");
}

/* ---- what this computer has, and what there is to choose ---- */

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Findings *findings = g_new0 (Findings, 1);

  valise_pc_region_read_this (&findings->region);
  findings->cultures = valise_region_names_list_cultures (NULL);
  findings->keyboards = valise_region_names_list_keyboards ();
  findings->zones = valise_region_names_list_zones ();
  g_task_return_pointer (task, findings, findings_free);
}

static void
add_name (GString *text, GListStore *list, const char *value)
{
  g_autofree char *name
      = value != NULL ? valise_region_names_find (G_LIST_MODEL (list), value) : NULL;

  if (name != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", name);
}

static void
show_region (ValiseRegionOptions *self, Findings *found)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_name (text, found->cultures, found->region.locale);
  add_name (text, found->keyboards, found->region.keyboard);
  add_name (text, found->zones, found->region.time_zone);
  adw_action_row_set_subtitle (
      self->here_row,
      text->len > 0 ? text->str : _("Nothing of it has a name in Windows; Windows will ask."));
}

static void
fill_list (ValiseRegionOptions *self, gpointer row, const char *key, GListStore *values)
{
  valise_option_rows_bind_list (row, self->choices, key, get_nothing (), G_LIST_MODEL (values));
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  ValiseRegionOptions *self = VALISE_REGION_OPTIONS (object);
  Findings *found = g_task_propagate_pointer (G_TASK (result), NULL);

  /* The rows are gone when the window is. */
  if (self->here_row != NULL)
    {
      show_region (self, found);
      fill_list (self, self->locale_row, "region.locale", found->cultures);
      fill_list (self, self->keyboard_row, "region.keyboard", found->keyboards);
      fill_list (self, self->zone_row, "region.timeZone", found->zones);
    }
  findings_free (found);
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

/* Windows shows the languages that the edition has. */
static void
edition_cb (ValiseRegionOptions *self)
{
  const ValiseEdition *edition = valise_choices_get_edition (self->choices);
  const char *const none[] = { NULL };
  g_autoptr (GListStore) languages = valise_region_names_list_cultures (
      edition != NULL ? (const char *const *) edition->languages : none);

  fill_list (self, self->language_row, "region.language", languages);
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
  g_autoptr (GListStore) none = g_list_store_new (VALISE_TYPE_NAMED_VALUE);

  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  fill_list (self, self->locale_row, "region.locale", none);
  fill_list (self, self->keyboard_row, "region.keyboard", none);
  fill_list (self, self->zone_row, "region.timeZone", none);
  valise_search_row_set_check (self->keyboard_row, valise_check_keyboard,
                               _("Search, or a Code Such as 0407:00000407"));
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
  g_type_ensure (VALISE_TYPE_SEARCH_ROW);
  gtk_widget_init_template (GTK_WIDGET (self));
}
