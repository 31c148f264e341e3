/* make-seeds.c: what the fuzzers start from, where our own code or a library can write it.
 *
 * make-seeds.py makes those for which other programs are needed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <hivex.h>
#include <string.h>
#include <wimlib.h>

#include "boot/valise-bcd-device.h"
#include "boot/valise-bcd.h"
#include "boot/valise-hive-template.h"
#include "core/valise-units.h"
#include "engine/valise-verifier.h"
#include "image/valise-wim-header.h"
#include "jobs/valise-batch-report.h"
#include "jobs/valise-report.h"

static char *
build_path (const char *folder, const char *target, const char *name)
{
  g_autofree char *parent = g_build_filename (folder, target, NULL);

  g_assert_no_errno (g_mkdir_with_parents (parent, 0777));
  return g_build_filename (parent, name, NULL);
}

static void
save (const char *folder, const char *target, const char *name, gconstpointer data, gsize size)
{
  g_autofree char *path = build_path (folder, target, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, size, &error);
  g_assert_no_error (error);
}

static void
save_bytes (const char *folder, const char *target, const char *name, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  save (folder, target, name, data, size);
}

static void
set_dword (hive_h *hive, const char *key, const char *name, guint32 number)
{
  g_auto (GStrv) parts = g_strsplit (key, "\\", -1);
  hive_node_h node = hivex_root (hive);
  hive_set_value value = { (char *) name, hive_t_dword, sizeof number, (char *) &number };

  for (guint i = 0; parts[i] != NULL; i++)
    {
      hive_node_h child = hivex_node_get_child (hive, node, parts[i]);

      node = child != 0 ? child : hivex_node_add_child (hive, node, parts[i]);
    }
  g_assert_no_errno (hivex_node_set_value (hive, node, &value, 0));
}

static void
make_hives (const char *folder)
{
  g_autoptr (GBytes) empty = valise_hive_template_build ();
  g_autofree char *path = build_path (folder, "hive", "system");
  hive_h *hive;

  save_bytes (folder, "hive", "empty", empty);
  save_bytes (folder, "hive", "system", empty);
  hive = hivex_open (path, HIVEX_OPEN_WRITE);
  g_assert_nonnull (hive);
  set_dword (hive, "Select", "Current", 1);
  set_dword (hive, "ControlSet001\\Services\\partmgr\\Parameters", "SanPolicy", 1);
  set_dword (hive, "ControlSet001\\Control\\Session Manager\\Power", "HiberbootEnabled", 1);
  g_assert_no_errno (hivex_commit (hive, NULL, 0));
  hivex_close (hive);
}

static void
make_stores (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (&error);
  const ValiseBcdDevice devices[] = {
    { .kind = VALISE_BCD_DEVICE_BOOT },
    { .kind = VALISE_BCD_DEVICE_GPT },
    { .kind = VALISE_BCD_DEVICE_MBR, .offset = VALISE_MIB, .signature = 0x12345678 },
    { .kind = VALISE_BCD_DEVICE_LOCATE, .locate_element = 0x12000002 },
    { .kind = VALISE_BCD_DEVICE_LOCATE, .path = (char *) "\\x" },
    { .kind = VALISE_BCD_DEVICE_VHD_LOCATE, .path = (char *) "\\x.vhd",
      .locate_element = 0x12000002, .parent = VALISE_BCD_DEVICE_BOOT },
    { .kind = VALISE_BCD_DEVICE_VHD_PARTITION, .path = (char *) "\\x.vhd",
      .parent = VALISE_BCD_DEVICE_GPT, .inner = VALISE_BCD_DEVICE_MBR },
  };
  const ValiseBcdOptions options = { .description = "Windows 11", .locale = "en-US",
                                     .boot_device = &devices[0], .os_device = &devices[2],
                                     .loader_guid.bytes = { 1 }, .resume_guid.bytes = { 2 } };
  g_autoptr (GBytes) store = NULL;

  g_assert_no_error (error);
  store = valise_bcd_build (&options, scratch, &error);
  g_assert_no_error (error);
  save_bytes (folder, "bcd-store", "uefi", store);
  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    {
      g_autoptr (GBytes) packed = valise_bcd_device_pack (&devices[i]);
      g_autofree char *name = g_strdup_printf ("kind-%u", i);

      save_bytes (folder, "bcd-device", name, packed);
    }
}

/* A small image, not compressed, so that its metadata can be cut out of the file. */
static void
make_images (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tree = g_dir_make_tmp ("valise-seed-XXXXXX", &error);
  g_autofree char *sub = g_build_filename (tree, "Windows", NULL);
  g_autofree char *file = g_build_filename (sub, "a.txt", NULL);
  g_autofree char *path = build_path (folder, "wim-header", "wim");
  g_autofree char *wim_bytes = NULL;
  WIMStruct *wim;
  ValiseWimHeader header;
  gsize size;

  g_assert_no_error (error);
  g_assert_no_errno (g_mkdir (sub, 0777));
  g_assert_true (g_file_set_contents (file, "a", 1, &error));
  g_assert_cmpint (wimlib_create_new_wim (WIMLIB_COMPRESSION_TYPE_NONE, &wim), ==, 0);
  g_assert_cmpint (wimlib_add_image (wim, tree, "x", NULL, 0), ==, 0);
  g_assert_cmpint (wimlib_write (wim, path, 1, 0, 1), ==, 0);
  wimlib_free (wim);
  g_unlink (file);
  g_rmdir (sub);
  g_rmdir (tree);

  g_assert_true (g_file_get_contents (path, &wim_bytes, &size, &error));
  g_assert_true (valise_wim_header_parse ((guint8 *) wim_bytes, size, &header));
  /* Entries of 50 bytes: size (7), flags (1), offset (8), full size (8), … */
  for (guint64 at = header.blobs.offset; at + 50 <= header.blobs.offset + header.blobs.size;
       at += 50)
    {
      guint64 resource_size = 0, offset;

      memcpy (&resource_size, wim_bytes + at, 7);
      memcpy (&offset, wim_bytes + at + 8, 8);
      if (wim_bytes[at + 7] & 2)
        save (folder, "metadata", "tree", wim_bytes + GUINT64_FROM_LE (offset),
              GUINT64_FROM_LE (resource_size));
    }
}

static void
make_reports (const char *folder)
{
  const ValisePlanOptions options = { .source = (char *) "/proc/self/exe", .verify = TRUE };
  const ValiseExtentDigest extents[] = { { 0, VALISE_MIB, 1 }, { VALISE_MIB, VALISE_MIB, 2 } };
  g_autoptr (ValiseReport) report = valise_report_new ();
  g_autoptr (ValiseBatchReport) batch = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "It stopped.");
  g_autofree char *json = NULL;
  g_autofree char *batch_json = NULL;

  report->version = g_strdup ("0.1.0");
  report->created = g_strdup ("2026-11-24T15:00:00Z");
  report->source = g_strdup ("/tmp/w.iso");
  report->source_format = g_strdup ("wim");
  report->source_size = 1000;
  report->edition_index = 1;
  report->edition = g_strdup ("Windows 11 Pro");
  report->edition_version = g_strdup ("10.0.26100.1");
  report->architecture = g_strdup ("amd64");
  report->boot_manager = 2011;
  report->drive = g_strdup ("/dev/sdx");
  report->drive_size = 8 * VALISE_GIB;
  report->disk_guid = g_strdup ("0b2394a9-095e-487d-8d48-719ecd4d78ca");
  valise_report_add_partition (report, "EFI system partition",
                               "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b", VALISE_MIB, VALISE_MIB);
  g_array_append_vals (report->digests, extents, G_N_ELEMENTS (extents));
  g_ptr_array_add (report->warnings, g_strdup ("Something was left out."));
  json = valise_report_to_json (report);
  save (folder, "report", "drive", json, strlen (json));

  batch = valise_batch_report_new (&options, 0, 512, &error);
  g_assert_no_error (error);
  valise_batch_drive_set_finished (
      valise_batch_report_add (batch, "/dev/sdx", "Stick", "1", 8 * VALISE_GIB), "r.json");
  valise_batch_drive_set_error (valise_batch_report_add (batch, "/dev/sdy", NULL, NULL, 0),
                                VALISE_BATCH_FAILED, failure, "apply");
  batch_json = valise_batch_report_to_json (batch);
  save (folder, "batch-report", "batch", batch_json, strlen (batch_json));
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc != 3)
    {
      g_printerr ("usage: %s FOLDER STAMP\n", argv[0]);
      return 2;
    }
  make_hives (argv[1]);
  make_stores (argv[1]);
  make_images (argv[1]);
  make_reports (argv[1]);
  /* For meson, which knows only files by name. */
  g_assert_true (g_file_set_contents (argv[2], "", 0, &error));
  return 0;
}
