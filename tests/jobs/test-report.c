/* test-report.c: reports are read as they were written, and strangers' ones with care.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-verifier.h"
#include "jobs/valise-report.h"

#define DRIVE_SIZE (8 * VALISE_GIB)

static ValiseReport *
make_report (void)
{
  ValiseReport *report = valise_report_new ();
  const ValiseExtentDigest extents[] = {
    { 0, VALISE_MIB, G_GUINT64_CONSTANT (0xfedcba9876543210) },
    { VALISE_MIB, 16 * VALISE_MIB, 1 },
    { DRIVE_SIZE - VALISE_MIB, VALISE_MIB, 2 },
  };
  const ValiseReportSpan curve[] = { { 0.5, 1000 }, { 1.25, 2000 } };

  report->version = g_strdup ("0.1.0");
  report->created = g_strdup ("2026-11-24T15:00:00Z");
  report->source = g_strdup ("/tmp/Ünïcode „Win“.iso");
  report->source_format = g_strdup ("wim");
  report->source_size = 5 * VALISE_GIB;
  report->source_sha256 = g_strdup ("ab");
  report->edition_index = 3;
  report->edition = g_strdup ("Windows 11 Pro");
  report->edition_version = g_strdup ("10.0.26100.1");
  report->architecture = g_strdup ("amd64");
  report->boot_manager = 2023;
  report->drive = g_strdup ("/dev/sdx");
  report->model = g_strdup ("Stick \"3\"\\");
  report->drive_size = DRIVE_SIZE;
  report->sector_size = 4096;
  report->size_checked = TRUE;
  report->disk_guid = g_strdup ("0b2394a9-095e-487d-8d48-719ecd4d78ca");
  report->ntfs_serial = G_GUINT64_CONSTANT (0x8000000000000001);
  report->write = (ValiseReportSpan) { 41.5, 4 * VALISE_GIB };
  report->verify = (ValiseReportSpan) { 20, 4 * VALISE_GIB };
  report->verified = TRUE;
  valise_report_add_partition (report, "EFI system partition",
                               "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b", VALISE_MIB,
                               300 * VALISE_MIB);
  g_array_append_vals (report->curve, curve, G_N_ELEMENTS (curve));
  g_array_append_vals (report->digests, extents, G_N_ELEMENTS (extents));
  g_ptr_array_add (report->warnings, g_strdup ("Something was left out."));
  return report;
}

static void
test_round_trip (void)
{
  g_autoptr (ValiseReport) report = make_report ();
  g_autofree char *path = NULL;
  g_autofree char *json = valise_report_to_json (report);
  g_autofree char *again = NULL;
  g_autoptr (ValiseReport) loaded = NULL;
  g_autoptr (GError) error = NULL;

  g_close (g_file_open_tmp ("valise-report-XXXXXX", &path, &error), NULL);
  g_assert_true (valise_report_save (report, path, &error));
  loaded = valise_report_load (path, &error);
  g_unlink (path);
  g_assert_no_error (error);
  again = valise_report_to_json (loaded);
  g_assert_cmpstr (json, ==, again);
  g_assert_cmphex (loaded->ntfs_serial, ==, report->ntfs_serial);
  g_assert_cmpmem (loaded->digests->data, loaded->digests->len * sizeof (ValiseExtentDigest),
                   report->digests->data, report->digests->len * sizeof (ValiseExtentDigest));
  g_assert_null (loaded->serial);
  g_assert_true (loaded->size_checked);
  g_assert_nonnull (strstr (json, "\"sizeCheck\" : \"no fault found\""));
  g_assert_true (valise_report_find_partition (loaded, 0) == NULL);
  g_assert_cmpstr (valise_report_find_partition (loaded, VALISE_MIB)->name, ==,
                   "EFI system partition");
  g_assert_true (valise_report_find_partition (loaded, 301 * VALISE_MIB) == NULL);
}

static void
test_mbr (void)
{
  g_autoptr (ValiseReport) report = make_report ();
  g_autoptr (ValiseReport) loaded = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  g_autofree char *again = NULL;

  g_clear_pointer (&report->disk_guid, g_free);
  g_ptr_array_set_size (report->partitions, 0);
  report->disk_signature = 0x00da9ab1;
  valise_report_add_partition (report, "System partition", NULL, VALISE_MIB, 350 * VALISE_MIB);
  json = valise_report_to_json (report);
  g_assert_nonnull (strstr (json, "\"layout\" : \"mbr\""));
  g_assert_nonnull (strstr (json, "\"diskSignature\" : \"00da9ab1\""));
  g_assert_null (strstr (json, "uid"));
  loaded = valise_report_from_json (json, -1, &error);
  g_assert_no_error (error);
  g_assert_cmphex (loaded->disk_signature, ==, 0x00da9ab1);
  again = valise_report_to_json (loaded);
  g_assert_cmpstr (json, ==, again);
}

/* json-glib's own word for it: what others read is what we meant. */
static void
test_json (void)
{
  g_autoptr (ValiseReport) report = make_report ();
  g_autofree char *json = valise_report_to_json (report);
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  g_autoptr (JsonNode) found = json_path_query ("$.drive.model", root, NULL);

  g_assert_cmpstr (json_array_get_string_element (json_node_get_array (found), 0), ==,
                   "Stick \"3\"\\");
}

typedef struct
{
  const char *name;
  const char *from; /* NULL: the whole text is replaced */
  const char *to;
} Damage;

static const Damage damages[] = {
  { "empty", NULL, "" },
  { "no-json", NULL, "MZ\x90" },
  { "no-utf8", NULL, "{\"format\": \"\xff\"}" },
  { "array", NULL, "[]" },
  { "two-values", NULL, "{}{}" },
  { "number-first", NULL, "1{}" },
  { "other-json", NULL, "{\"format\": 3}" },
  { "other-format", "\"valise-report\"", "\"something-else\"" },
  { "other-version", "\"formatVersion\" : 1", "\"formatVersion\" : 2" },
  { "no-version", "\"formatVersion\" : 1", "\"formatVersion\" : null" },
  { "no-size", "\"size\" : 8589934592", "\"size\" : \"8589934592\"" },
  { "no-such-sectors", "\"sectorSize\" : 4096", "\"sectorSize\" : 1000" },
  { "no-number-of-sectors", "\"sectorSize\" : 4096", "\"sectorSize\" : \"4096\"" },
  { "negative-size", "\"size\" : 8589934592", "\"size\" : -1" },
  { "smaller-drive", "\"size\" : 8589934592", "\"size\" : 1000000" },
  { "no-digests", "\"digests\"", "\"digest\"" },
  { "digest-too-short", "fedcba9876543210", "fedcba987654321" },
  { "digest-signed", "fedcba9876543210", "-edcba9876543210" },
  { "digest-no-hex", "fedcba9876543210", "fedcba987654321g" },
  { "extents-overlap", "\"offset\" : 1048576,\n   \"size\" : 16777216",
    "\"offset\" : 1048575,\n   \"size\" : 16777216" },
  { "extent-empty", "\"size\" : 16777216", "\"size\" : 0" },
  { "extent-huge", "\"size\" : 16777216", "\"size\" : 9223372036854775807" },
  { "partition-outside", "\"size\" : 314572800", "\"size\" : 8589934592" },
};

static void
test_damage (gconstpointer data)
{
  const Damage *damage = data;
  g_autoptr (ValiseReport) report = make_report ();
  g_autofree char *json = valise_report_to_json (report);
  g_autoptr (GString) text = g_string_new (damage->from == NULL ? damage->to : json);
  g_autoptr (ValiseReport) loaded = NULL;
  g_autoptr (GError) error = NULL;

  if (damage->from != NULL)
    g_assert_cmpuint (g_string_replace (text, damage->from, damage->to, 0), >, 0);
  loaded = valise_report_from_json (text->str, text->len, &error);
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
  g_assert_null (loaded);
}

static void
test_deep (void)
{
  g_autofree char *brackets = g_strnfill (10 * 1000 * 1000, '[');
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_report_from_json (brackets, -1, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
}

static void
test_missing_file (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_report_load ("/nonexistent/report.json", &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
  g_clear_error (&error);
  g_assert_null (valise_report_load ("/dev/null", &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
  g_clear_error (&error);
  g_assert_null (valise_report_load ("/", &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
}

/* Bytes changed at random: either refused, or a report that is sound. */
static void
test_fuzz (void)
{
  g_autoptr (ValiseReport) report = make_report ();
  g_autofree char *json = valise_report_to_json (report);
  gsize size = strlen (json);
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261124);

  for (guint round = 0; round < 20000; round++)
    {
      g_autofree char *text = g_memdup2 (json, size + 1);
      gboolean cut = g_rand_int_range (rand, 0, 8) == 0;
      gsize length = cut ? (gsize) g_rand_int_range (rand, 0, size) : size;
      g_autoptr (ValiseReport) loaded = NULL;
      g_autoptr (GError) error = NULL;

      for (gint32 n = g_rand_int_range (rand, 1, 5); n > 0; n--)
        {
          static const char bytes[] = "09-\"{}[],:x\\ \xc3";

          text[g_rand_int_range (rand, 0, size)] = bytes[g_rand_int_range (rand, 0, 14)];
        }
      loaded = valise_report_from_json (text, length, &error);
      if (loaded == NULL)
        {
          g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
          continue;
        }
      for (guint i = 0; i < loaded->digests->len; i++)
        {
          const ValiseExtentDigest *e = &g_array_index (loaded->digests, ValiseExtentDigest, i);

          g_assert_cmpuint (e->size, <=, 64 * VALISE_MIB);
          g_assert_cmpuint (e->offset + e->size, <=, loaded->drive_size);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jobs/report/round-trip", test_round_trip);
  g_test_add_func ("/jobs/report/json", test_json);
  g_test_add_func ("/jobs/report/mbr", test_mbr);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/report/damage/", damages[i].name, NULL);

      g_test_add_data_func (path, &damages[i], test_damage);
    }
  g_test_add_func ("/jobs/report/deep", test_deep);
  g_test_add_func ("/jobs/report/missing-file", test_missing_file);
  g_test_add_func ("/jobs/report/fuzz", test_fuzz);
  return g_test_run ();
}
