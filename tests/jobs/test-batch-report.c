/* test-batch-report.c: batch reports are read as they were written, and strangers' ones with care.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "jobs/valise-batch-report.h"

#define DIGEST "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static ValiseBatchReport *
make_report (void)
{
  g_autoptr (GError) failure
      = g_error_new_literal (VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_STALLED, "“x” stopped.");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  ValisePlanOptions options = { .edition = "3",
                                .layout = VALISE_PLAN_LAYOUT_GPT,
                                .boot_manager = VALISE_BOOT_MANAGER_2023,
                                .verify = TRUE,
                                .cache_size = 128 * VALISE_MIB };
  ValiseBatchReport *report;
  ValiseBatchDrive *drive;

  g_close (g_file_open_tmp ("valise-source-XXXXXX", &path, &error), NULL);
  g_assert_true (g_file_set_contents (path, "an image", -1, &error));
  options.source = path;
  report = valise_batch_report_new (&options, 64 * VALISE_GIB, 512, &error);
  g_assert_no_error (error);
  g_unlink (path);
  report->source_sha256 = g_strdup (DIGEST);
  report->edition = g_strdup ("Windows 11 „Pro“");
  drive = valise_batch_report_add (report, "/dev/sdx", "Stick \"3\"\\", "S1", 16 * VALISE_GIB);
  valise_batch_drive_set_finished (drive, "/home/me/report-1.json");
  drive = valise_batch_report_add (report, "/dev/sdy", NULL, NULL, 8 * VALISE_GIB);
  valise_batch_drive_set_error (drive, VALISE_BATCH_FAILED, failure, "apply");
  valise_batch_report_add (report, "/tmp/new.img", NULL, NULL, 0);
  return report;
}

static void
test_round_trip (void)
{
  g_autoptr (ValiseBatchReport) report = make_report ();
  g_autoptr (ValiseBatchReport) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *json = NULL;
  g_autofree char *again = NULL;
  ValisePlanOptions options;
  const ValiseBatchDrive *drive;

  g_close (g_file_open_tmp ("valise-batch-XXXXXX", &path, &error), NULL);
  g_assert_true (valise_batch_report_save (report, path, &error));
  loaded = valise_batch_report_load (path, &error);
  g_unlink (path);
  g_assert_no_error (error);
  json = valise_batch_report_to_json (report);
  again = valise_batch_report_to_json (loaded);
  g_assert_cmpstr (json, ==, again);

  g_assert_cmpuint (loaded->source_size, ==, strlen ("an image"));
  g_assert_cmpuint (loaded->new_size, ==, 64 * VALISE_GIB);
  valise_batch_report_get_options (loaded, &options);
  g_assert_cmpstr (options.source, ==, report->source);
  g_assert_cmpstr (options.edition, ==, "3");
  g_assert_cmpint (options.boot_manager, ==, VALISE_BOOT_MANAGER_2023);
  g_assert_true (options.verify);
  g_assert_false (options.allow_encrypted);
  g_assert_cmpuint (options.cache_size, ==, 128 * VALISE_MIB);

  g_assert_cmpuint (loaded->drives->len, ==, 3);
  g_assert_cmpuint (valise_batch_report_count_unfinished (loaded), ==, 2);
  drive = loaded->drives->pdata[0];
  g_assert_cmpint (drive->state, ==, VALISE_BATCH_FINISHED);
  g_assert_cmpstr (drive->report, ==, "report-1.json");
  drive = loaded->drives->pdata[1];
  g_assert_cmpint (drive->state, ==, VALISE_BATCH_FAILED);
  g_assert_cmpstr (drive->error_domain, ==, "drive");
  g_assert_cmpstr (drive->error_code, ==, "stalled");
  g_assert_cmpstr (drive->error_stage, ==, "apply");
  drive = loaded->drives->pdata[2];
  g_assert_cmpint (drive->state, ==, VALISE_BATCH_NOT_STARTED);
  g_assert_null (drive->error_message);
}

/* A drive that is finished after all has no error any more. */
static void
test_finished_later (void)
{
  g_autoptr (ValiseBatchReport) report = make_report ();
  g_autoptr (ValiseBatchReport) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;

  valise_batch_drive_set_finished (report->drives->pdata[1], NULL);
  valise_batch_drive_set_finished (report->drives->pdata[2], "report-3.json");
  json = valise_batch_report_to_json (report);
  loaded = valise_batch_report_from_json (json, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (valise_batch_report_count_unfinished (loaded), ==, 0);
  g_assert_null (strstr (json, "error"));
}

/* ---- which drive is which ---- */

typedef struct
{
  const char *what;
  const char *name;
  const char *model;
  const char *serial;
  guint64 size;
  int entry; /* the one that it is; -1 for none */
} Match;

/* The entries are /dev/sdx with a serial number, /dev/sdy without, and a file that is not there. */
static const Match matches[] = {
  { "the same", "/dev/sdx", "Stick \"3\"\\", "S1", 16 * VALISE_GIB, 0 },
  { "another name", "/dev/sdc", "Stick \"3\"\\", "S1", 16 * VALISE_GIB, 0 },
  { "another size", "/dev/sdx", "Stick \"3\"\\", "S1", 8 * VALISE_GIB, -1 },
  { "another serial number", "/dev/sdx", "Stick \"3\"\\", "S2", 16 * VALISE_GIB, -1 },
  { "no serial number any more", "/dev/sdx", "Stick \"3\"\\", NULL, 16 * VALISE_GIB, -1 },
  { "by name", "/dev/sdy", NULL, NULL, 8 * VALISE_GIB, 1 },
  { "by a longer name", "/dev/../dev/./sdy", NULL, NULL, 8 * VALISE_GIB, 1 },
  { "a serial number now", "/dev/sdy", NULL, "S3", 8 * VALISE_GIB, -1 },
  { "a model now", "/dev/sdy", "Stick", NULL, 8 * VALISE_GIB, -1 },
  { "a size of its own", "/dev/sdy", NULL, NULL, 8 * VALISE_GIB + 512, -1 },
  { "moved without a serial number", "/dev/sdz", NULL, NULL, 8 * VALISE_GIB, -1 },
  { "a file that is not there", "/tmp/new.img", NULL, NULL, 0, 2 },
  { "a file of any size", "/tmp/new.img", NULL, NULL, 512, 2 },
};

static void
test_match (gconstpointer data)
{
  const Match *match = data;
  g_autoptr (ValiseBatchReport) report = make_report ();

  for (guint i = 0; i < report->drives->len; i++)
    g_assert_cmpint (valise_batch_drive_is (report->drives->pdata[i], match->name, match->model,
                                            match->serial, match->size),
                     ==, (int)i == match->entry);
}

/* ---- the source ---- */

static void
test_source (void)
{
  g_autoptr (ValiseBatchReport) report = make_report ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  g_assert_false (valise_batch_report_check_source (report, "/nonexistent/x.iso", &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE);
  g_clear_error (&error);
  g_close (g_file_open_tmp ("valise-source-XXXXXX", &path, &error), NULL);
  g_assert_true (g_file_set_contents (path, "an imagE", -1, &error));
  g_assert_true (valise_batch_report_check_source (report, path, &error)); /* by its digest */
  g_clear_pointer (&report->source_sha256, g_free);
  g_assert_false (valise_batch_report_check_source (report, path, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "an imag", -1, &error));
  report->source_sha256 = g_strdup (DIGEST);
  g_assert_false (valise_batch_report_check_source (report, path, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
  g_unlink (path);
}

/* ---- strangers' reports ---- */

typedef struct
{
  const char *name;
  const char *from; /* NULL: the whole text is replaced */
  const char *to;
} Damage;

static const Damage damages[] = {
  { "empty", NULL, "" },
  { "array", NULL, "[]" },
  { "no-utf8", NULL, "{\"format\": \"\xff\"}" },
  { "other-format", "\"valise-batch-report\"", "\"something-else\"" },
  { "one-drive", "\"valise-batch-report\"", "\"valise-report\"" },
  { "other-version", "\"formatVersion\" : 1", "\"formatVersion\" : 2" },
  { "no-version", "\"formatVersion\" : 1", "\"formatVersion\" : \"1\"" },
  { "no-source", "\"source\"", "\"sauce\"" },
  { "path-relative", "\"path\" : \"/", "\"path\" : \"" },
  { "no-path", "\"path\"", "\"pat\"" },
  { "source-empty", "\"size\" : 8,", "\"size\" : 0," },
  { "source-negative", "\"size\" : 8,", "\"size\" : -8," },
  { "source-huge", "\"size\" : 8,", "\"size\" : 99999999999999999999," },
  { "no-time", "\"modified\"", "\"modifid\"" },
  { "digest-short", DIGEST, "e3b0c4" },
  { "digest-upper", "e3b0c442", "E3B0C442" },
  { "digest-number", "\"" DIGEST "\"", "12" },
  { "no-settings", "\"settings\"", "\"setting\"" },
  { "image-number", "\"image\" : \"3\"", "\"image\" : 3" },
  { "layout", "\"gpt\"", "\"apm\"" },
  { "layout-null", "\"gpt\"", "null" },
  { "boot-manager", "2023", "2022" },
  { "boot-manager-text", ": 2023", ": \"2023\"" },
  { "verify", "\"verify\" : true", "\"verify\" : 1" },
  { "allow-encrypted", "\"allowEncrypted\" : false", "\"allowEncrypted\" : null" },
  { "cache", "\"cache\" : 134217728", "\"cache\" : -1" },
  { "new-size", "\"newSize\" : 68719476736", "\"newSize\" : 68719476737" },
  { "no-drives", "\"drives\"", "\"drivers\"" },
  { "drive-relative", "\"/dev/sdx\"", "\"sdx\"" },
  { "drive-number", "\"/dev/sdx\"", "5" },
  { "model-number", "\"Stick \\\"3\\\"\\\\\"", "[]" },
  { "serial-number", "\"S1\"", "1" },
  { "drive-size", "\"size\" : 17179869184", "\"size\" : null" },
  { "drive-size-sectors", "\"size\" : 17179869184", "\"size\" : 17179869185" },
  { "state", "\"not-started\"", "\"started\"" },
  { "state-null", "\"finished\"", "null" },
  { "failed-without-error", "\"not-started\"", "\"failed\"" },
  { "finished-with-error", "\"failed\"", "\"finished\"" },
  { "report-elsewhere", "\"report-1.json\"", "\"../report-1.json\"" },
  { "report-root", "\"report-1.json\"", "\"/\"" },
  { "report-here", "\"report-1.json\"", "\".\"" },
  { "report-empty", "\"report-1.json\"", "\"\"" },
  { "report-number", "\"report-1.json\"", "1" },
  { "error-text", "\"error\" : {", "\"error\" : 3, \"x\" : {" },
  { "error-domain", "\"domain\" : \"drive\"", "\"domain\" : 7" },
  { "error-message", "\"message\"", "\"massage\"" },
  { "error-stage", "\"stage\" : \"apply\"", "\"stage\" : {}" },
};

static void
test_damage (gconstpointer data)
{
  const Damage *damage = data;
  g_autoptr (ValiseBatchReport) report = make_report ();
  g_autofree char *json = valise_batch_report_to_json (report);
  g_autoptr (GString) text = g_string_new (damage->from == NULL ? damage->to : json);
  g_autoptr (ValiseBatchReport) loaded = NULL;
  g_autoptr (GError) error = NULL;

  if (damage->from != NULL)
    g_assert_cmpuint (g_string_replace (text, damage->from, damage->to, 1), ==, 1);
  loaded = valise_batch_report_from_json (text->str, text->len, &error);
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
  g_assert_null (loaded);
}

static void
test_many (void)
{
  g_autoptr (ValiseBatchReport) report = make_report ();
  g_autoptr (ValiseBatchReport) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  g_autofree char *more = NULL;

  while (report->drives->len < VALISE_BATCH_REPORT_MAX_DRIVES)
    valise_batch_report_add (report, "/dev/sdz", NULL, NULL, 512);
  json = valise_batch_report_to_json (report);
  loaded = valise_batch_report_from_json (json, -1, &error);
  g_assert_no_error (error);
  valise_batch_report_add (report, "/dev/sdz", NULL, NULL, 512);
  more = valise_batch_report_to_json (report);
  g_assert_null (valise_batch_report_from_json (more, -1, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
}

/* Bytes changed at random: either refused, or a report that is sound. */
static void
test_fuzz (void)
{
  g_autoptr (ValiseBatchReport) report = make_report ();
  g_autofree char *json = valise_batch_report_to_json (report);
  gsize size = strlen (json);
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261125);

  for (guint round = 0; round < 20000; round++)
    {
      g_autofree char *text = g_memdup2 (json, size + 1);
      gboolean cut = g_rand_int_range (rand, 0, 8) == 0;
      gsize length = cut ? (gsize)g_rand_int_range (rand, 0, size) : size;
      g_autoptr (ValiseBatchReport) loaded = NULL;
      g_autoptr (GError) error = NULL;

      for (gint32 n = g_rand_int_range (rand, 1, 5); n > 0; n--)
        {
          static const char bytes[] = "09-\"{}[],:x\\/ \xc3";

          text[g_rand_int_range (rand, 0, size)] = bytes[g_rand_int_range (rand, 0, 15)];
        }
      loaded = valise_batch_report_from_json (text, length, &error);
      if (loaded == NULL)
        {
          g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
          continue;
        }
      g_assert_true (g_path_is_absolute (loaded->source));
      g_assert_cmpuint (loaded->source_size, >, 0);
      g_assert_cmpuint (loaded->drives->len, ==, 3);
      for (guint i = 0; i < loaded->drives->len; i++)
        {
          const ValiseBatchDrive *drive = loaded->drives->pdata[i];

          g_assert_true (g_path_is_absolute (drive->name));
          g_assert_true (drive->report == NULL || strchr (drive->report, '/') == NULL);
          g_assert_cmpint (drive->state, <=, VALISE_BATCH_FINISHED);
          g_assert_true (drive->state != VALISE_BATCH_FAILED || drive->error_message != NULL);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jobs/batch-report/round-trip", test_round_trip);
  g_test_add_func ("/jobs/batch-report/finished-later", test_finished_later);
  for (guint i = 0; i < G_N_ELEMENTS (matches); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/batch-report/match/", matches[i].what, NULL);

      g_test_add_data_func (path, &matches[i], test_match);
    }
  g_test_add_func ("/jobs/batch-report/source", test_source);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/batch-report/damage/", damages[i].name, NULL);

      g_test_add_data_func (path, &damages[i], test_damage);
    }
  g_test_add_func ("/jobs/batch-report/many", test_many);
  g_test_add_func ("/jobs/batch-report/fuzz", test_fuzz);
  return g_test_run ();
}
