/* test-region-names.c: the names of languages, keyboards and time zones in the wizard.
 *
 * What is expected is what Microsoft's, CLDR's and xkeyboard-config's own pages have.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <locale.h>
#include <string.h>

#include "boot/valise-answer-rules.h"
#include "boot/valise-windows-zones.h"
#include "ui/valise-cldr.h"
#include "ui/valise-named-value.h"
#include "ui/valise-region-names.h"

/* ---- CLDR ---- */

static void
skip_or_check (const char *name, const char *expected)
{
#ifdef VALISE_HAVE_ICU
  g_assert_cmpstr (name, ==, expected);
#else
  g_assert_null (name);
  g_test_skip ("This build has no ICU.");
#endif
}

static void
test_cultures (void)
{
  static const struct
  {
    const char *culture;
    const char *locale;
    const char *name;
  } cases[] = {
    { "de-DE", "en", "German (Germany)" },
    { "de-DE", "de", "Deutsch (Deutschland)" },
    { "zh-CN", "zh-Hans", "中文（中国）" },
    { "fr-CA", "fr", "français (Canada)" },
    { "sr-Latn-RS", "en", "Serbian (Latin, Serbia)" },
    { "qut-GT", "de", "K’iche’ (Guatemala)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = valise_cldr_name_culture (cases[i].culture, cases[i].locale);

      skip_or_check (name, cases[i].name);
    }
}

static void
test_unknown (void)
{
  g_assert_null (valise_cldr_name_culture ("qqq-QQ", "en"));
  g_assert_null (valise_cldr_name_culture ("not a language", "en"));
  g_assert_null (valise_cldr_name_culture ("", "en"));
}

static void
test_places (void)
{
  static const struct
  {
    const char *zone;
    const char *locale;
    const char *name;
    int minutes;
  } cases[] = {
    { "Europe/Berlin", "en", "Berlin", 60 },
    { "America/Los_Angeles", "zh-Hans", "洛杉矶", -480 },
    { "Asia/Calcutta", "de", "Kalkutta", 330 },
    { "America/St_Johns", "en", "St. John’s", -210 },
    { "Europe/London", "ja", "ロンドン", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = valise_cldr_name_place (cases[i].zone, cases[i].locale);
      int minutes = 0;

      skip_or_check (name, cases[i].name);
#ifdef VALISE_HAVE_ICU
      g_assert_true (valise_cldr_get_offset (cases[i].zone, &minutes));
#endif
      if (valise_cldr_get_offset (cases[i].zone, &minutes))
        g_assert_cmpint (minutes, ==, cases[i].minutes);
    }
  /* ICU would call both “Unknown City”. */
  g_assert_null (valise_cldr_name_place ("Etc/GMT+7", "en"));
  g_assert_null (valise_cldr_name_place ("America/Nowhere", "en"));
}

/* ---- the lists ---- */

/* Every value is there once, is one that an answer file takes, and has a name. */
static void
check_list (GListModel *list, guint min, gboolean (*check) (const char *value, GError **error))
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_cmpuint (g_list_model_get_n_items (list), >=, min);
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (ValiseNamedValue) item = g_list_model_get_item (list, i);
      const char *value = valise_named_value_get_value (item);
      g_autofree char *folded = valise_named_value_fold (value);
      g_autoptr (GError) error = NULL;

      g_assert_true (g_hash_table_add (seen, g_strdup (value)));
      check (value, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (valise_named_value_get_name (item), !=, "");
      g_assert_true (valise_named_value_matches (item, folded));
    }
}

static void
check_name (GListModel *list, const char *value, const char *name)
{
  g_autofree char *found = valise_region_names_find (list, value);

  /* Whole lists have no names where a library is missing; single values must not be. */
#if defined(VALISE_HAVE_ICU) && defined(VALISE_HAVE_XKBREGISTRY)
  g_assert_cmpstr (found, ==, name);
#endif
  if (g_str_equal (found, value) && !g_str_equal (name, value))
    g_test_skip ("This build has no names.");
  else
    g_assert_cmpstr (found, ==, name);
}

static void
test_culture_list (void)
{
  g_autoptr (GListStore) list = valise_region_names_list_cultures (NULL);
  const char *const two[] = { "fr-FR", "qps-ploc", NULL };
  g_autoptr (GListStore) some = valise_region_names_list_cultures (two);

  check_list (G_LIST_MODEL (list), 200, valise_check_culture);
  check_name (G_LIST_MODEL (list), "de-AT", "German (Austria)");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (some)), ==, 2);
  check_name (G_LIST_MODEL (some), "fr-FR", "French (France)");
  check_name (G_LIST_MODEL (some), "qps-ploc", "qps-ploc");
}

static void
test_keyboard_list (void)
{
  g_autoptr (GListStore) list = valise_region_names_list_keyboards ();

  check_list (G_LIST_MODEL (list), 90, valise_check_keyboard);
  check_name (G_LIST_MODEL (list), "0407:00000407", "German");
  check_name (G_LIST_MODEL (list), "0c07:00000407", "German"); /* used with another language */
  check_name (G_LIST_MODEL (list), "0409:00010409", "English (Dvorak)");
  check_name (G_LIST_MODEL (list), "1409:00001409", "English (New Zealand)");
  check_name (G_LIST_MODEL (list), "0407:00000407;0409:00000409", "German, English (US)");
  check_name (G_LIST_MODEL (list), "0000:ffffffff", "0000:ffffffff");
}

static gboolean
check_zone (const char *value, GError **error)
{
  g_assert_true (valise_windows_zone_is_known (value));
  return TRUE;
}

static void
test_zone_list (void)
{
  g_autoptr (GListStore) list = valise_region_names_list_zones ();
  GListModel *model = G_LIST_MODEL (list);

  check_list (model, 130, check_zone);
  check_name (model, "W. Europe Standard Time", "(UTC+01:00) Berlin, Rome, Amsterdam, Stockholm");
  check_name (model, "China Standard Time", "(UTC+08:00) Shanghai, Hong Kong, Macao");
  check_name (model, "Nepal Standard Time", "(UTC+05:45) Kathmandu");
  check_name (model, "Newfoundland Standard Time", "(UTC−03:30) St. John’s");
  check_name (model, "UTC-02", "(UTC−02:00) Noronha, South Georgia");
  check_name (model, "US Mountain Standard Time", "(UTC−07:00) Phoenix, Hermosillo, Creston");
}

/* ---- searching ---- */

static void
test_search (void)
{
  static const struct
  {
    const char *typed;
    gboolean is_found;
  } cases[] = {
    { "", TRUE },          { "  ", TRUE },       { "DEUTSCH", TRUE },  { "österreich", TRUE },
    { "osterreich", TRUE }, { "de-at", TRUE },   { "german aus", TRUE }, { "german switz", FALSE },
    { "los_angeles", TRUE }, { "los angeles", TRUE }, { "america/los", TRUE },
  };
  g_autoptr (ValiseNamedValue) item = valise_named_value_new (
      "de-AT", "German (Austria)", "Deutsch (Österreich) America/Los_Angeles");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *folded = valise_named_value_fold (cases[i].typed);

      g_test_message ("“%s”", cases[i].typed);
      g_assert_cmpint (valise_named_value_matches (item, folded), ==, cases[i].is_found);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_unsetenv ("LANGUAGE");
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/region-names/cultures", test_cultures);
  g_test_add_func ("/region-names/unknown", test_unknown);
  g_test_add_func ("/region-names/places", test_places);
  g_test_add_func ("/region-names/culture-list", test_culture_list);
  g_test_add_func ("/region-names/keyboard-list", test_keyboard_list);
  g_test_add_func ("/region-names/zone-list", test_zone_list);
  g_test_add_func ("/region-names/search", test_search);
  return g_test_run ();
}
