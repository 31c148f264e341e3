/* test-answer-rules.c: what Windows takes for a name, a key, a language, a keyboard or a zone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-answer-rules.h"
#include "boot/valise-computer-name.h"
#include "boot/valise-windows-zones.h"
#include "core/valise-error.h"

typedef gboolean (*Check) (const char *text, GError **error);

static gboolean
check_specialize (const char *text, GError **error)
{
  return valise_check_command (text, VALISE_SPECIALIZE_COMMAND_MAX, error);
}

#define TEN "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct
{
  Check check;
  const char *text;
  const char *words; /* of the error; NULL where there is none */
} cases[] = {
  { valise_check_account_name, "anna", NULL },
  { valise_check_account_name, "Anna Łęcka", NULL },
  { valise_check_account_name, "日本語の名前", NULL },
  { valise_check_account_name, "a.b-c_d(e)", NULL },
  { valise_check_account_name, TEN TEN, NULL },
  { valise_check_account_name, TEN TEN "a", "too long" },
  { valise_check_account_name, "😀😀😀😀😀😀😀😀😀😀", NULL },
  { valise_check_account_name, "😀😀😀😀😀😀😀😀😀😀a", "too long" },
  { valise_check_account_name, "", "no name" },
  { valise_check_account_name, "a\"b", "does not allow" },
  { valise_check_account_name, "a/b", "does not allow" },
  { valise_check_account_name, "a\\b", "does not allow" },
  { valise_check_account_name, "a[b", "does not allow" },
  { valise_check_account_name, "a]b", "does not allow" },
  { valise_check_account_name, "a:b", "does not allow" },
  { valise_check_account_name, "a;b", "does not allow" },
  { valise_check_account_name, "a|b", "does not allow" },
  { valise_check_account_name, "a=b", "does not allow" },
  { valise_check_account_name, "a,b", "does not allow" },
  { valise_check_account_name, "a+b", "does not allow" },
  { valise_check_account_name, "a*b", "does not allow" },
  { valise_check_account_name, "a?b", "does not allow" },
  { valise_check_account_name, "a<b", "does not allow" },
  { valise_check_account_name, "a>b", "does not allow" },
  { valise_check_account_name, "a@b", "does not allow" },
  { valise_check_account_name, "100%", "does not allow" },
  { valise_check_account_name, "a\tb", "cannot be seen" },
  { valise_check_account_name, "a\xff", "UTF-8" },
  { valise_check_account_name, " a", "does not allow" },
  { valise_check_account_name, "a ", "does not allow" },
  { valise_check_account_name, "a.", "does not allow" },
  { valise_check_account_name, "...", "does not allow" },
  { valise_check_account_name, "administrator", "uses itself" },
  { valise_check_account_name, "GUEST", "uses itself" },
  { valise_check_account_name, "None", "uses itself" },
  { valise_check_account_name, "Local Service", "uses itself" },
  { valise_check_account_name, "com1", "uses itself" },
  { valise_check_account_name, "LPT9", "uses itself" },
  { valise_check_account_name, "com", NULL },
  { valise_check_account_name, "nul", "uses itself" },

  { valise_check_computer_name, "A", NULL },
  { valise_check_computer_name, "HELP-0042", NULL },
  { valise_check_computer_name, "ABCDEFGHIJKLMNO", NULL },
  { valise_check_computer_name, "ABCDEFGHIJKLMNOP", "16 characters" },
  { valise_check_computer_name, "", "no name" },
  { valise_check_computer_name, "12345", "digits only" },
  { valise_check_computer_name, "1-2", NULL },
  { valise_check_computer_name, "-A", "hyphen" },
  { valise_check_computer_name, "A-", "hyphen" },
  { valise_check_computer_name, "A B", "has a “ ”" },
  { valise_check_computer_name, "A_B", "has a “_”" },
  { valise_check_computer_name, "A.B", "has a “.”" },
  { valise_check_computer_name, "BÜRO", "has a “Ü”" },
  { valise_check_computer_name, "*", "has a “*”" },

  { valise_check_product_key, "W269N-WFGWX-YVC9B-4J6C9-T83GX", NULL },
  { valise_check_product_key, "w269n-wfgwx-yvc9b-4j6c9-t83gx", "not a product key" },
  { valise_check_product_key, "W269NWFGWXYVC9B4J6C9T83GX", "not a product key" },
  { valise_check_product_key, "W269N-WFGWX-YVC9B-4J6C9-T83G", "not a product key" },
  { valise_check_product_key, "W269A-WFGWX-YVC9B-4J6C9-T83GX", "not a product key" },
  { valise_check_product_key, "W2690-WFGWX-YVC9B-4J6C9-T83GX", "not a product key" },
  { valise_check_product_key, "", "not a product key" },

  { valise_check_password, "", NULL },
  { valise_check_password, "<&>\"' %^", NULL },
  { valise_check_password, HUNDRED TEN TEN "aaaaaaa", NULL },
  { valise_check_password, HUNDRED TEN TEN "aaaaaaaa", "too long" },
  { valise_check_password, "a\nb", "cannot be typed" },

  { valise_check_culture, "en-US", NULL },
  { valise_check_culture, "sr-Latn-RS", NULL },
  { valise_check_culture, "ca-ES-valencia", NULL },
  { valise_check_culture, "es-ES_tradnl", NULL },
  { valise_check_culture, "es-419", NULL },
  { valise_check_culture, "fil-PH", NULL },
  { valise_check_culture, "de", "language and region" },
  { valise_check_culture, "de_DE.UTF-8", "language and region" },
  { valise_check_culture, "de-", "language and region" },
  { valise_check_culture, "", "language and region" },
  { valise_check_culture, "german-DE", "language and region" },

  { valise_check_keyboard, "0407:00000407", NULL },
  { valise_check_keyboard, "0409:00010409; 0407:00000407", NULL },
  { valise_check_keyboard, "de-DE", NULL },
  { valise_check_keyboard,
    "0411:{03B5835F-F03C-411B-9CE2-AA23E1171E36}{A76C93D9-5523-4E90-AAFA-4DB112F9AC76}", NULL },
  { valise_check_keyboard, "0407:0000040", "not a keyboard" },
  { valise_check_keyboard, "0407:0000040g", "not a keyboard" },
  { valise_check_keyboard, "0411:{03B5835F}{A76C93D9}", "not a keyboard" },
  { valise_check_keyboard, "de", "not a keyboard" },
  { valise_check_keyboard, "", "not a keyboard" },
  { valise_check_keyboard, "0407:00000407;", "not a keyboard" },

  { check_specialize, "net accounts /maxpwage:unlimited", NULL },
  { check_specialize, HUNDRED HUNDRED TEN TEN TEN TEN TEN "aaaaaaaaa", NULL },
  { check_specialize, HUNDRED HUNDRED TEN TEN TEN TEN TEN TEN, "too long" },
  { check_specialize, "", "empty" },
  { check_specialize, "a\r\nb", "cannot be seen" },
};

static void
expect (gboolean ok, const GError *error, const char *text, const char *words)
{
  if (words == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (ok);
      return;
    }
  if (ok)
    g_error ("“%s” was taken", text);
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s”: %s", text, error->message);
}

static void
test_rules (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean ok = cases[i].check (cases[i].text, &error);

      expect (ok, error, cases[i].text, cases[i].words);
    }
}

/* ---- patterns ---- */

static const struct
{
  const char *pattern;
  const char *names; /* of three drives */
  const char *words; /* of the error */
} patterns[] = {
  { "HELP-{n}", "HELP-1 HELP-2 HELP-12", NULL },
  { "HELP-{n:3}", "HELP-001 HELP-002 HELP-012", NULL },
  { "HELP-{n:03}", "HELP-001 HELP-002 HELP-012", NULL },
  { "{n:2}-{n}", "01-1 02-2 12-12", NULL },
  { "HELP-{serial:4}", "HELP-0A11 HELP-0A12 HELP-0B13", NULL },
  { "S{serial}", "SAB0A11 SAB0A12 SZ0B13", NULL },
  { "{serial:4}-{n}", "0A11-1 0A12-2 0B13-12", NULL },
  { "ONE", NULL, "“drive a” and “drive b” would both get the computer name “ONE”" },
  { "A{serial:1}B", "A1B A2B A3B", NULL },
  { "HELP-{serial:6}", NULL, "“drive c” has no serial number, or a shorter one" },
  { "LONG-NAME-{serial}", NULL, "16 characters" },
  { "A-{serial", NULL, "not a pattern" },
  { "A-serial}", NULL, "not a pattern" },
  { "A-{model}", NULL, "not a pattern" },
  { "A-{n:}", NULL, "not a pattern" },
  { "A-{n:0}", NULL, "not a pattern" },
  { "A-{n:16}", NULL, "not a pattern" },
  { "A-{n:-1}", NULL, "not a pattern" },
  { "A-{n:00000003}", NULL, "not a pattern" },
  { "A-{nn}", NULL, "not a pattern" },
  { "{n}", NULL, "digits only" },
  { "A B{n}", NULL, "has a “ ”" },
};

static void
test_patterns (void)
{
  const ValiseNamedDrive drives[] = {
    { "drive a", "ab-0a11", 1 },
    { "drive b", "AB_0A12", 2 },
    { "drive c", "z 0b13", 12 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) names = valise_computer_name_expand (patterns[i].pattern, drives,
                                                          G_N_ELEMENTS (drives), &error);
      g_autofree char *joined = names != NULL ? g_strjoinv (" ", names) : NULL;

      expect (names != NULL, error, patterns[i].pattern, patterns[i].words);
      g_assert_cmpstr (joined, ==, patterns[i].names);
    }
}

static void
test_pattern_alone (void)
{
  g_assert_true (valise_computer_name_check_pattern ("HELP-{serial:4}", NULL));
  g_assert_true (valise_computer_name_check_pattern ("HELP-{serial}", NULL));
  g_assert_false (valise_computer_name_check_pattern ("LONG-LONG-{serial:6}", NULL));
  g_assert_false (valise_computer_name_check_pattern ("LONG-LONG-LONG-{serial}", NULL));
  g_assert_false (valise_computer_name_check_pattern ("", NULL));
  g_assert_false (valise_computer_name_check_pattern ("{", NULL));
}

/* ---- time zones ---- */

/* How far zone @name is from UTC in January and July, in seconds. */
static gboolean
get_offsets (const char *name, gint offsets[2])
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (name);

  for (guint i = 0; zone != NULL && i < 2; i++)
    {
      g_autoptr (GDateTime) time = g_date_time_new (zone, 2026, i == 0 ? 1 : 7, 15, 12, 0, 0);

      offsets[i] = g_date_time_get_utc_offset (time) / G_TIME_SPAN_SECOND;
    }
  return zone != NULL;
}

/* Every name that tzdata has leads to a zone of Windows, and is as late there as its typical zone:
 * by tzdata, which Windows' names are not from. */
static void
test_zones (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_file_get_contents ("/usr/share/zoneinfo/tzdata.zi", &text, NULL, NULL))
    {
      g_test_skip ("there is no tzdata.zi");
      return;
    }
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      const char *name = NULL;
      const char *windows;
      gint ours[2];
      gint typical[2];

      if (g_str_has_prefix (lines[i], "L ") && g_strv_length (words) == 3)
        name = words[2];
      else if (g_str_has_prefix (lines[i], "Z "))
        name = words[1];
      /* Nobody lives there in Windows: a station with two hours of summer time, and “unknown”. */
      if (name == NULL || g_str_equal (name, "Antarctica/Troll") || g_str_equal (name, "Factory"))
        continue;
      windows = valise_windows_zone_find (name);
      if (windows == NULL)
        g_error ("%s has no zone in Windows", name);
      g_assert_true (valise_windows_zone_is_known (windows));
      if (!get_offsets (name, ours) ||
          !get_offsets (valise_windows_zone_get_typical (windows), typical))
        continue;
      if (ours[0] != typical[0] || ours[1] != typical[1])
        g_test_message ("%s is not as late as %s", name, windows);
      else
        n++;
    }
  g_test_message ("%u names agree", n);
  /* With all the old names there are more than 560; Debian 13 has those in tzdata-legacy. */
  g_assert_cmpuint (n, >, 400);
}

static void
test_zone_names (void)
{
  /* From Microsoft's “Default Time Zones”. */
  static const char *const pairs[][2] = {
    { "Europe/Berlin", "W. Europe Standard Time" },
    { "Europe/Paris", "Romance Standard Time" },
    { "Europe/Warsaw", "Central European Standard Time" },
    { "Europe/London", "GMT Standard Time" },
    { "America/New_York", "Eastern Standard Time" },
    { "America/Los_Angeles", "Pacific Standard Time" },
    { "Asia/Calcutta", "India Standard Time" },
    { "Asia/Kolkata", "India Standard Time" },
    { "Asia/Tokyo", "Tokyo Standard Time" },
    { "Asia/Shanghai", "China Standard Time" },
    { "Australia/Sydney", "AUS Eastern Standard Time" },
    { "US/Pacific", "Pacific Standard Time" },
    { "Etc/UTC", "UTC" },
    { "UTC", "UTC" },
    { "Europe/Kyiv", "FLE Standard Time" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    g_assert_cmpstr (valise_windows_zone_find (pairs[i][0]), ==, pairs[i][1]);
  g_assert_null (valise_windows_zone_find ("Mars/Olympus"));
  g_assert_null (valise_windows_zone_find (""));
  g_assert_null (valise_windows_zone_find ("Europe"));
  g_assert_null (valise_windows_zone_find ("Europe/Berlin Europe/Busingen"));
  g_assert_false (valise_windows_zone_is_known ("Europe/Berlin"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot/answer-rules/rules", test_rules);
  g_test_add_func ("/boot/answer-rules/patterns", test_patterns);
  g_test_add_func ("/boot/answer-rules/pattern-alone", test_pattern_alone);
  g_test_add_func ("/boot/answer-rules/zones", test_zones);
  g_test_add_func ("/boot/answer-rules/zone-names", test_zone_names);
  return g_test_run ();
}
