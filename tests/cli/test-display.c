/* test-display.c: what the command line shows: text, tables, estimates, progress, JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "cli/valise-json.h"
#include "cli/valise-progress-line.h"
#include "cli/valise-question.h"
#include "cli/valise-report-path.h"
#include "cli/valise-table.h"
#include "core/valise-error.h"
#include "core/valise-estimate.h"
#include "core/valise-text.h"

#define SECOND G_USEC_PER_SEC
#define MB G_GUINT64_CONSTANT (1000000)

static void
test_width (void)
{
  static const struct
  {
    const char *text;
    guint width;
  } cases[] = {
    { "", 0 },
    { "Windows 11", 10 },
    { "专业版", 6 },
    { "Ｐｒｏ", 6 },
    { "プロ", 4 },
    { "프로", 4 },
    { "é", 1 },
    { "e\xcc\x81", 1 }, /* with a combining accent */
    { "“x”…", 4 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("“%s”", cases[i].text);
      g_assert_cmpuint (valise_text_width (cases[i].text), ==, cases[i].width);
    }
}

static void
test_clean (void)
{
  static const struct
  {
    const char *text;
    const char *clean;
  } cases[] = {
    { NULL, "" },
    { "  Kingston \n", "Kingston" },
    { "a\x1b[31mb", "a [31mb" },
    { "a\r\nb\tc", "a  b c" },
    { "a\xc2\x9b" "b", "a b" },         /* CSI of ISO 6429 in one character */
    { "a\xe2\x80\xae" "b", "ab" },      /* right-to-left override */
    { "a\xff" "b", "a\xef\xbf\xbd" "b" }, /* not UTF-8 */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = valise_text_clean (cases[i].text);

      g_assert_cmpstr (clean, ==, cases[i].clean);
    }
}

static void
test_ellipsize (void)
{
  static const struct
  {
    const char *text;
    guint width;
    const char *shown;
  } cases[] = {
    { "abc", 3, "abc" }, { "abcd", 3, "ab…" },    { "abcd", 1, "…" },
    { "abcd", 0, "" },   { "专业版", 4, "专…" }, { "专业版", 5, "专业…" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = valise_text_ellipsize (cases[i].text, cases[i].width);

      g_assert_cmpstr (shown, ==, cases[i].shown);
      g_assert_cmpuint (valise_text_width (shown), <=, cases[i].width);
    }
}

static void
test_file_name (void)
{
  g_autofree char *plain = valise_text_file_name ("/a_b/Win11.iso");
  g_autofree char *long_name = valise_text_file_name ("/a_b/zh-cn_windows_11.iso");

  g_assert_cmpstr (plain, ==, "Win11.iso");
  g_assert_cmpstr (long_name, ==, "zh-cn_\u200bwindows_\u200b11.iso");
}

static void
test_duration (void)
{
  static const struct
  {
    guint64 seconds;
    const char *text;
  } cases[] = {
    { 0, "0:00" }, { 59, "0:59" }, { 60, "1:00" }, { 3599, "59:59" }, { 3600, "1:00:00" },
    { 360000 + 61, "100:01:01" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = valise_text_duration (cases[i].seconds);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_encode (void)
{
  g_autofree char *ascii = valise_text_encode ("“Pro” – 64\xc2\xa0GB… é 专", "ANSI_X3.4-1968");
  g_autofree char *latin = valise_text_encode ("“Pro” é", "ISO-8859-1");

  g_assert_cmpstr (ascii, ==, "\"Pro\" - 64 GB... ? ?");
  g_assert_cmpstr (latin, ==, "\"Pro\" \xe9");
}

static void
test_table (void)
{
  g_autoptr (ValiseTable) table = valise_table_new ();
  g_autofree char *text = NULL;

  valise_table_add_column (table, "No.", TRUE);
  valise_table_add_column (table, "Name", FALSE);
  valise_table_add_column (table, "Size", TRUE);
  valise_table_add_column (table, "Boot", FALSE);
  valise_table_set (table, 0, 0, "1");
  valise_table_set (table, 0, 1, "专业版");
  valise_table_set (table, 0, 2, "5 GB");
  valise_table_set (table, 0, 3, "UEFI");
  valise_table_set (table, 1, 0, "12");
  valise_table_set (table, 1, 1, "Pro\nN");
  valise_table_set (table, 1, 2, "15 GB");
  text = valise_table_format (table);
  g_assert_cmpstr (text, ==,
                   "No.  Name     Size  Boot\n"
                   "  1  专业版   5 GB  UEFI\n"
                   " 12  Pro N   15 GB\n");
}

static void
test_estimate (void)
{
  ValiseEstimate estimate = { 0 };
  gint64 now = 1000 * SECOND;

  g_assert_cmpint (valise_estimate_get_seconds (&estimate, 100), ==, -1);

  /* 10 MB a second, told four times a second; said after three seconds. */
  for (guint i = 0; i < 11; i++)
    valise_estimate_add (&estimate, now + i * SECOND / 4, i * 10 * MB / 4);
  g_assert_cmpint (valise_estimate_get_seconds (&estimate, 600 * MB), ==, -1);
  for (guint i = 11; i <= 40; i++)
    valise_estimate_add (&estimate, now + i * SECOND / 4, i * 10 * MB / 4);
  g_assert_cmpfloat_with_epsilon (valise_estimate_get_rate (&estimate), 10.0 * MB, 1);
  g_assert_cmpint (valise_estimate_get_seconds (&estimate, 600 * MB), ==, 60);
  g_assert_cmpint (valise_estimate_get_seconds (&estimate, 0), ==, 0);

  /* The drive gets slower: after half a minute only the new speed counts. */
  for (guint i = 1; i <= 33; i++)
    valise_estimate_add (&estimate, now + (10 + i) * SECOND, 100 * MB + i * 2 * MB);
  g_assert_cmpint (valise_estimate_get_seconds (&estimate, 600 * MB), ==, 300);

  /* It stands still: nothing can be said. */
  for (guint i = 1; i <= 33; i++)
    valise_estimate_add (&estimate, now + (50 + i) * SECOND, 166 * MB);
  g_assert_cmpint (valise_estimate_get_seconds (&estimate, 600 * MB), ==, -1);

  /* Another thing begins at nothing. */
  valise_estimate_add (&estimate, now + 100 * SECOND, 0);
  g_assert_cmpfloat (valise_estimate_get_rate (&estimate), ==, 0);
}

static void
test_progress_line (void)
{
  const ValiseProgressLine full = { "apply", 0.435, 1900 * MB, FALSE, 118.2e6, 31 };
  static const struct
  {
    guint width;
    const char *line;
  } cases[] = {
    { 0, "Writing   43 %  1.9 GB on the drive  118.2 MB/s  0:31 left" },
    { 120, "Writing  [#############.................]   43 %  1.9 GB on the drive  118.2 MB/s  "
           "0:31 left" },
    { 79, "Writing  [#######..........]   43 %  1.9 GB on the drive  118.2 MB/s  0:31 left" },
    { 60, "Writing   43 %  1.9 GB on the drive  118.2 MB/s  0:31 left" },
    { 20, "Writing   43 %  1.9…" },
  };
  const ValiseProgressLine little = { "prepare", 0, 0, FALSE, 0, -1 };
  const ValiseProgressLine back = { "verify", 1.0, 5 * MB, TRUE, 0, 0 };
  g_autofree char *little_line = valise_progress_line_format (&little, 0);
  g_autofree char *back_line = valise_progress_line_format (&back, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *line = valise_progress_line_format (&full, cases[i].width);
      /* GLib puts a no-break space between figure and unit. */
      g_auto (GStrv) parts = g_strsplit (line, "\xc2\xa0", -1);
      g_autofree char *plain = g_strjoinv (" ", parts);

      g_assert_cmpstr (plain, ==, cases[i].line);
      if (cases[i].width > 0)
        g_assert_cmpuint (valise_text_width (line), <=, cases[i].width);
    }
  g_assert_cmpstr (little_line, ==, "Preparing    0 %");
  g_assert_nonnull (strstr (back_line, "Reading back  100 %"));
  g_assert_nonnull (strstr (back_line, "read back  0:00 left"));
}

static void
test_json_errors (void)
{
  static const struct
  {
    int domain; /* 0 source, 1 drive, 2 system, 3 plan, 4 GIO */
    int code;
    const char *text;
  } cases[] = {
    { 0, VALISE_SOURCE_ERROR_NO_SUCH_EDITION,
      "\"domain\":\"source\",\"code\":\"no-such-edition\"" },
    { 0, VALISE_SOURCE_ERROR_PART_MISSING, "\"domain\":\"source\",\"code\":\"part-missing\"" },
    { 0, 999, "\"domain\":\"source\",\"code\":\"failed\"" },
    { 1, VALISE_DRIVE_ERROR_REFUSED, "\"domain\":\"drive\",\"code\":\"refused\"" },
    { 1, VALISE_DRIVE_ERROR_VANISHED, "\"domain\":\"drive\",\"code\":\"vanished\"" },
    { 1, VALISE_DRIVE_ERROR_MISMATCH, "\"domain\":\"drive\",\"code\":\"mismatch\"" },
    { 2, VALISE_SYSTEM_ERROR_LIBRARY, "\"domain\":\"system\",\"code\":\"library\"" },
    { 3, VALISE_PLAN_ERROR_INVALID, "\"domain\":\"plan\",\"code\":\"invalid\"" },
    { 4, G_IO_ERROR_CANCELLED, "\"domain\":\"system\",\"code\":\"cancelled\"" },
    { 4, G_IO_ERROR_NOT_FOUND, "\"domain\":\"system\",\"code\":\"failed\"" },
  };
  const GQuark domains[] = { VALISE_SOURCE_ERROR, VALISE_DRIVE_ERROR, VALISE_SYSTEM_ERROR,
                             VALISE_PLAN_ERROR, G_IO_ERROR };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error
          = g_error_new_literal (domains[cases[i].domain], cases[i].code, "a\n\"b\"");
      JsonBuilder *builder = valise_json_begin_event ("result");
      g_autofree char *text = NULL;
      g_autofree char *wanted
          = g_strdup_printf ("{\"event\":\"result\",\"error\":{%s,\"message\":\"a\\n\\\"b\\\"\"}}",
                             cases[i].text);

      valise_json_add_string (builder, "nothing", NULL);
      valise_json_add_error (builder, error);
      text = valise_json_end (builder);
      g_assert_cmpstr (text, ==, wanted);
    }
}

static void
test_json_values (void)
{
  const char *const languages[] = { "de-DE", "b\xff", NULL };
  JsonBuilder *builder = valise_json_begin ();
  g_autofree char *text = NULL;

  valise_json_add_int (builder, "large", G_GUINT64_CONSTANT (1) << 40);
  valise_json_add_int (builder, "larger", G_MAXUINT64);
  valise_json_add_double (builder, "half", 0.5);
  valise_json_add_double (builder, "third", 1 / 3.0);
  valise_json_add_boolean (builder, "yes", TRUE);
  valise_json_add_strings (builder, "languages", languages);
  valise_json_add_strings (builder, "none", NULL);
  text = valise_json_end (builder);
  g_assert_cmpstr (text, ==,
                   "{\"large\":1099511627776,\"larger\":9223372036854775807,\"half\":0.5,"
                   "\"third\":0.33300000000000002,\"yes\":true,"
                   "\"languages\":[\"de-DE\",\"b\xef\xbf\xbd\"],\"none\":[]}");
}

static void
test_answers (void)
{
  static const struct
  {
    const char *answer;
    gboolean yes;
  } cases[] = {
    { "yes\n", TRUE }, { "YES", TRUE },   { " Yes \n", TRUE },  { "", FALSE },    { "\n", FALSE },
    { "y\n", FALSE },  { "no\n", FALSE }, { "yes no", FALSE }, { "yess", FALSE }, { "\xff", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (valise_question_is_yes (cases[i].answer), ==, cases[i].yes);
}

static void
test_report_path (void)
{
  static const struct
  {
    const char *path;
    guint index, n;
    const char *wanted;
  } cases[] = {
    { "report.json", 0, 1, "report.json" },
    { "report.json", 0, 2, "report-1.json" },
    { "/a.b/report", 1, 2, "/a.b/report-2" },
    { "./report.tar.json", 15, 16, "./report.tar-16.json" },
    { ".report", 0, 2, ".report-1" },
    { "/a/.report", 0, 2, "/a/.report-1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path
          = valise_report_path_get (cases[i].path, cases[i].index, cases[i].n);

      g_assert_cmpstr (path, ==, cases[i].wanted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/text/width", test_width);
  g_test_add_func ("/cli/text/clean", test_clean);
  g_test_add_func ("/cli/text/ellipsize", test_ellipsize);
  g_test_add_func ("/cli/text/file-name", test_file_name);
  g_test_add_func ("/cli/text/duration", test_duration);
  g_test_add_func ("/cli/text/encode", test_encode);
  g_test_add_func ("/cli/table", test_table);
  g_test_add_func ("/cli/estimate", test_estimate);
  g_test_add_func ("/cli/progress-line", test_progress_line);
  g_test_add_func ("/cli/json/errors", test_json_errors);
  g_test_add_func ("/cli/json/values", test_json_values);
  g_test_add_func ("/cli/question/answers", test_answers);
  g_test_add_func ("/cli/report-path", test_report_path);
  return g_test_run ();
}
