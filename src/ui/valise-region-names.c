/* valise-region-names.c: Windows' languages, keyboards and time zones, by what people call them.
 *
 * What can be chosen is Windows'; the names are the user's: of languages and cities from CLDR, of
 * keyboards from xkeyboard-config and its translations. What has no name is shown as its code.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-region-names.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#ifdef VALISE_HAVE_XKBREGISTRY
#include <xkbcommon/xkbregistry.h>
#endif

#include "boot/valise-windows-region.h"
#include "boot/valise-windows-zones.h"
#include "valise-cldr.h"
#include "valise-named-value.h"

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return g_utf8_collate (valise_named_value_get_name ((ValiseNamedValue *) a),
                         valise_named_value_get_name ((ValiseNamedValue *) b));
}

static void
append (GListStore *list, const char *value, const char *name, const char *words)
{
  g_autoptr (ValiseNamedValue) named = valise_named_value_new (value, name, words);

  g_list_store_append (list, named);
}

/* ---- languages ---- */

static void
append_culture (GListStore *list, const char *culture)
{
  g_autofree char *name = valise_cldr_name_culture (culture, NULL);
  g_autofree char *own = valise_cldr_name_culture (culture, culture);
  g_autofree char *english = valise_cldr_name_culture (culture, "en");
  g_autofree char *words = own != NULL ? g_strjoin (" ", own, english, NULL) : NULL;

  append (list, culture, name != NULL ? name : culture, words);
}

/**
 * valise_region_names_list_cultures:
 * @cultures: (nullable) (array zero-terminated=1): languages with regions; %NULL for all that
 *   Windows has
 *
 * Any thread.
 *
 * Returns: (transfer full) (element-type ValiseNamedValue): them, by the alphabet
 */
GListStore *
valise_region_names_list_cultures (const char *const *cultures)
{
  GListStore *list = g_list_store_new (VALISE_TYPE_NAMED_VALUE);
  const char *culture;

  for (guint i = 0; cultures != NULL && cultures[i] != NULL; i++)
    append_culture (list, cultures[i]);
  for (guint i = 0; cultures == NULL && (culture = valise_windows_culture_get_nth (i)) != NULL; i++)
    append_culture (list, culture);
  g_list_store_sort (list, compare_names, NULL);
  return list;
}

/* ---- keyboards ---- */

static char *
get_layout_key (const char *layout, const char *variant)
{
  return g_strdup_printf ("%s(%s)", layout, variant != NULL ? variant : "");
}

/* What xkeyboard-config calls its layouts, in English. */
static GHashTable *
read_layouts (void)
{
  GHashTable *layouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
#ifdef VALISE_HAVE_XKBREGISTRY
  struct rxkb_context *context = rxkb_context_new (RXKB_CONTEXT_NO_FLAGS);

  if (context == NULL)
    return layouts;
  rxkb_context_set_log_level (context, RXKB_LOG_LEVEL_CRITICAL);
  if (rxkb_context_parse_default_ruleset (context))
    for (struct rxkb_layout *layout = rxkb_layout_first (context); layout != NULL;
         layout = rxkb_layout_next (layout))
      g_hash_table_insert (
          layouts, get_layout_key (rxkb_layout_get_name (layout), rxkb_layout_get_variant (layout)),
          g_strdup (rxkb_layout_get_description (layout)));
  rxkb_context_unref (context);
#endif
  return layouts;
}

/* One of Windows' keyboards, which may be like several of Linux. */
typedef struct
{
  char *value;
  const char *name;
  GString *words;
} Keyboard;

static void
keyboard_free (gpointer data)
{
  Keyboard *self = data;

  g_free (self->value);
  g_string_free (self->words, TRUE);
  g_free (self);
}

static Keyboard *
get_keyboard (GPtrArray *keyboards, const char *value)
{
  Keyboard *keyboard;

  for (guint i = 0; i < keyboards->len; i++)
    if (g_str_equal (((Keyboard *) keyboards->pdata[i])->value, value))
      return keyboards->pdata[i];
  keyboard = g_new0 (Keyboard, 1);
  keyboard->value = g_strdup (value);
  keyboard->words = g_string_new (NULL);
  g_ptr_array_add (keyboards, keyboard);
  return keyboard;
}

/* What to call a keyboard that xkeyboard-config does not know: as the language that uses it. */
static char *
name_by_culture (const char *value)
{
  const char *culture;
  char *name = NULL;

  for (guint i = 0; name == NULL && (culture = valise_windows_culture_get_nth (i)) != NULL; i++)
    if (g_ascii_strncasecmp (valise_windows_culture_get_input (culture), value, 5) == 0)
      name = valise_cldr_name_culture (culture, NULL);
  return name != NULL ? name : g_strdup (value);
}

/* Languages whose keyboards are programs. */
static void
append_input_methods (GListStore *list)
{
  const char *culture;

  for (guint i = 0; (culture = valise_windows_culture_get_nth (i)) != NULL; i++)
    {
      const char *input = valise_windows_culture_get_input (culture);
      g_autofree char *language = valise_cldr_name_culture (culture, NULL);
      g_autofree char *own = valise_cldr_name_culture (culture, culture);
      g_autofree char *words = g_strjoin (" ", culture, own, NULL);
      g_autofree char *name = NULL;

      if (strchr (input, '{') == NULL)
        continue;
      /* Translators: %s is a language, such as “Chinese (China)”; this is an item in a list of
       * keyboards. */
      name = g_strdup_printf (_ ("%s, Input Method"), language != NULL ? language : culture);
      append (list, input, name, words);
    }
}

/**
 * valise_region_names_list_keyboards:
 *
 * Reads files; any thread.
 *
 * Returns: (transfer full) (element-type ValiseNamedValue): Windows' keyboards, by the alphabet
 */
GListStore *
valise_region_names_list_keyboards (void)
{
  GListStore *list = g_list_store_new (VALISE_TYPE_NAMED_VALUE);
  g_autoptr (GHashTable) layouts = read_layouts ();
  g_autoptr (GPtrArray) keyboards = g_ptr_array_new_with_free_func (keyboard_free);
  const char *layout, *variant;
  char *input;

  bind_textdomain_codeset ("xkeyboard-config", "UTF-8");
  for (guint i = 0; (input = valise_windows_keyboard_get_nth (i, &layout, &variant)) != NULL; i++)
    {
      g_autofree char *value = input;
      g_autofree char *key = get_layout_key (layout, variant);
      const char *english = g_hash_table_lookup (layouts, key);
      const char *name = english != NULL ? dgettext ("xkeyboard-config", english) : NULL;
      Keyboard *keyboard = get_keyboard (keyboards, value);

      if (keyboard->name == NULL)
        keyboard->name = name;
      if (name != NULL)
        g_string_append_printf (keyboard->words, "%s %s ", name, english);
    }
  for (guint i = 0; i < keyboards->len; i++)
    {
      const Keyboard *keyboard = keyboards->pdata[i];
      g_autofree char *other = keyboard->name == NULL ? name_by_culture (keyboard->value) : NULL;

      append (list, keyboard->value, other != NULL ? other : keyboard->name, keyboard->words->str);
    }
  append_input_methods (list);
  g_list_store_sort (list, compare_names, NULL);
  return list;
}

/* ---- time zones ---- */

/* “Berlin, Rome, Amsterdam” */
static char *
name_places (const char *zone)
{
  g_auto (GStrv) places = valise_windows_zone_get_places (zone);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; places[i] != NULL; i++)
    {
      g_autofree char *place = valise_cldr_name_place (places[i], NULL);

      if (place != NULL)
        /* Translators: between the cities of a time zone. */
        g_string_append_printf (text, "%s%s", text->len > 0 ? _ (", ") : "", place);
    }
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* A minus sign is one that a screen reader reads as such. */
static char *
name_offset (int minutes)
{
  return minutes == 0 ? g_strdup ("UTC")
                      : g_strdup_printf ("UTC%s%02d:%02d", minutes < 0 ? "−" : "+",
                                         abs (minutes) / 60, abs (minutes) % 60);
}

typedef struct
{
  const char *zone;
  int minutes;
  char *places;
} Zone;

static int
compare_zones (gconstpointer a, gconstpointer b)
{
  const Zone *first = a;
  const Zone *second = b;

  if (first->minutes != second->minutes)
    return first->minutes < second->minutes ? -1 : 1;
  return g_utf8_collate (first->places != NULL ? first->places : first->zone,
                         second->places != NULL ? second->places : second->zone);
}

static void
append_zone (GListStore *list, const Zone *zone, gboolean has_offset)
{
  g_autofree char *offset = has_offset ? name_offset (zone->minutes) : NULL;
  g_autofree char *plain = has_offset ? g_strdup_printf ("%+03d:%02d", zone->minutes / 60,
                                                         abs (zone->minutes) % 60)
                                      : NULL;
  g_autofree char *name = NULL;
  g_autofree char *words
      = g_strjoin (" ", valise_windows_zone_get_iana (zone->zone), plain, NULL);

  if (!has_offset || (zone->places == NULL && g_str_has_prefix (zone->zone, "UTC")))
    name = g_strdup (zone->zone);
  else
    name = g_strdup_printf ("(%s) %s", offset, zone->places != NULL ? zone->places : zone->zone);
  append (list, zone->zone, name, words);
}

/**
 * valise_region_names_list_zones:
 *
 * Any thread.
 *
 * Returns: (transfer full) (element-type ValiseNamedValue): Windows' time zones, from west to east
 */
GListStore *
valise_region_names_list_zones (void)
{
  GListStore *list = g_list_store_new (VALISE_TYPE_NAMED_VALUE);
  g_autoptr (GArray) zones = g_array_new (FALSE, TRUE, sizeof (Zone));
  gboolean has_offsets = TRUE;
  const char *name;

  for (guint i = 0; (name = valise_windows_zone_get_nth (i)) != NULL; i++)
    {
      Zone zone = { .zone = name };

      has_offsets &= valise_cldr_get_offset (valise_windows_zone_get_typical (name), &zone.minutes);
      zone.places = name_places (name);
      g_array_append_val (zones, zone);
    }
  g_array_sort (zones, compare_zones);
  for (guint i = 0; i < zones->len; i++)
    {
      Zone *zone = &g_array_index (zones, Zone, i);

      append_zone (list, zone, has_offsets);
      g_free (zone->places);
    }
  return list;
}

/* ---- both ways ---- */

/**
 * valise_region_names_find:
 * @list: one of the lists
 * @value: a value, or several keyboards with semicolons between them
 *
 * A keyboard that is used with another language is called as with its own.
 *
 * Returns: (transfer full): what people call it; the value where it is not in the list
 */
char *
valise_region_names_find (GListModel *list, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (value, ";", 0);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *layout = strchr (parts[i], ':');
      const char *found = NULL;

      for (guint j = 0; j < g_list_model_get_n_items (list); j++)
        {
          g_autoptr (ValiseNamedValue) named = g_list_model_get_item (list, j);
          const char *other = valise_named_value_get_value (named);
          const char *other_layout = strchr (other, ':');

          if (g_ascii_strcasecmp (other, parts[i]) == 0
              || (found == NULL && layout != NULL && other_layout != NULL
                  && g_ascii_strcasecmp (other_layout, layout) == 0))
            found = valise_named_value_get_name (named);
        }
      if (found != NULL)
        {
          g_free (parts[i]);
          parts[i] = g_strdup (found);
        }
    }
  return g_strjoinv (", ", parts);
}
