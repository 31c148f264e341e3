/* test-mbr.c: drives that start by BIOS, looked at with other people's programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "test-tools.h"
#include "volume/valise-mbr.h"

/* Worked out by hand: whole MiB, less 351. */
static const struct
{
  guint64 drive_size;
  guint64 os_mib;
} sizes[] = {
  { 383 * VALISE_MIB, 32 }, /* the smallest */
  { VALISE_GIB, 673 },
  { 15728639 * G_GUINT64_CONSTANT (512), 7328 }, /* an odd number of sectors */
  { G_GUINT64_CONSTANT (64023257088), 60706 },
  { G_GUINT64_CONSTANT (2000398934016), 1907378 },
  { G_GUINT64_CONSTANT (2199023255040), 2096800 }, /* the largest */
};

static void
test_layout (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  ValiseLayout layout;
  const ValisePartition *p = layout.partitions;

  g_assert_true (valise_layout_init_mbr (&layout, sizes[i].drive_size, 512, 0, &error));
  g_assert_no_error (error);
  g_assert_cmpint (layout.table, ==, VALISE_TABLE_MBR);
  g_assert_cmpuint (layout.n_partitions, ==, 2);
  g_assert_cmpint (p[0].kind, ==, VALISE_PARTITION_ESP);
  g_assert_cmpuint (p[0].offset, ==, 1048576);
  g_assert_cmpuint (p[0].size, ==, 367001600);
  g_assert_cmpint (p[1].kind, ==, VALISE_PARTITION_OS);
  g_assert_cmpuint (p[1].offset, ==, 368050176);
  g_assert_cmpuint (p[1].size, ==, sizes[i].os_mib * 1048576);
}

static void
test_refused (void)
{
  static const struct
  {
    guint64 drive_size;
    guint sector_size;
    guint64 os_size;
    int code;
    const char *says;
  } cases[] = {
    { 383 * VALISE_MIB - 512, 512, 0, VALISE_DRIVE_ERROR_TOO_SMALL, "it needs 401.6\302\240MB" },
    { VALISE_GIB, 512, 674 * VALISE_MIB, VALISE_DRIVE_ERROR_TOO_SMALL, "Use a larger drive." },
    { VALISE_GIB, 512, G_MAXUINT64, VALISE_DRIVE_ERROR_TOO_SMALL, "at most 16 TiB" },
    { G_GUINT64_CONSTANT (2199023255552), 512, 0, VALISE_DRIVE_ERROR_REFUSED,
      "only for less than 2 TiB" },
    { G_GUINT64_CONSTANT (4000787030016), 512, 0, VALISE_DRIVE_ERROR_REFUSED,
      "The drive has 3.6\302\240TiB" },
    { 64 * VALISE_GIB, 4096, 0, VALISE_DRIVE_ERROR_SECTOR_SIZE, "sectors of 4096 bytes" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      ValiseLayout layout;

      g_assert_false (valise_layout_init_mbr (&layout, cases[i].drive_size, cases[i].sector_size,
                                              cases[i].os_size, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_assert_cmpuint (layout.n_partitions, ==, 0);
    }
}

static ValiseStagedTable *
make_table (const ValiseLayout *layout, gsize rest_size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) sector = g_byte_array_new ();
  g_autoptr (GByteArray) rest = g_byte_array_new ();
  ValiseBootCode code;
  ValiseStagedTable *table;

  g_byte_array_set_size (sector, 512);
  memset (sector->data, 0xc3, 512);
  g_byte_array_set_size (rest, rest_size);
  if (rest_size > 0)
    memset (rest->data, 0xd4, rest_size);
  code.sector = g_byte_array_free_to_bytes (g_steal_pointer (&sector));
  code.rest = g_byte_array_free_to_bytes (g_steal_pointer (&rest));
  table = valise_staging_make_mbr (layout, &code, &error);
  g_assert_no_error (error);
  g_bytes_unref (code.sector);
  g_bytes_unref (code.rest);
  return table;
}

static char *
make_drive (ValiseScratch *scratch, const ValiseLayout *layout, const ValiseStagedTable *table)
{
  char *path = valise_scratch_build_path (scratch, "drive");
  int fd = g_open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  gsize size;
  gconstpointer data = g_bytes_get_data (table->primary, &size);

  g_assert_cmpint (ftruncate (fd, layout->drive_size), ==, 0);
  g_assert_cmpint (pwrite (fd, data, size, 0), ==, size);
  close (fd);
  return path;
}

static void
test_table (gconstpointer data)
{
  static const char *const types[] = { "c", "7" };
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
  g_autoptr (ValiseStagedTable) table = NULL;
  g_autoptr (ValiseStagedTable) other = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *json = NULL;
  g_autofree char *verified = NULL;
  g_autofree char *probed = NULL;
  g_autofree char *signature = NULL;
  JsonObject *found;
  JsonArray *partitions;
  ValiseLayout layout;
  const guint8 *bytes;

  g_assert_true (valise_layout_init_mbr (&layout, sizes[i].drive_size, 512, 0, NULL));
  table = make_table (&layout, 30000);
  other = make_table (&layout, 0);
  g_assert_cmphex (table->signature, !=, 0);
  g_assert_cmphex (table->signature, !=, other->signature);
  g_assert_null (table->backup);
  g_assert_null (table->disk_guid);
  path = make_drive (scratch, &layout, table);

  signature = g_strdup_printf ("0x%08x", table->signature);
  json = run_tool ("sfdisk", "-J", path, NULL);
  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  found = json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)),
                                         "partitiontable");
  g_assert_cmpstr (json_object_get_string_member (found, "label"), ==, "dos");
  g_assert_cmpstr (json_object_get_string_member (found, "id"), ==, signature);
  partitions = json_object_get_array_member (found, "partitions");
  g_assert_cmpuint (json_array_get_length (partitions), ==, 2);
  for (guint k = 0; k < 2; k++)
    {
      JsonObject *p = json_array_get_object_element (partitions, k);

      g_assert_cmpint (json_object_get_int_member (p, "start"), ==,
                       layout.partitions[k].offset / 512);
      g_assert_cmpint (json_object_get_int_member (p, "size"), ==, layout.partitions[k].size / 512);
      g_assert_cmpstr (json_object_get_string_member (p, "type"), ==, types[k]);
      g_assert_cmpint (json_object_has_member (p, "bootable"), ==, k == 0);
    }
  verified = run_tool ("sfdisk", "-V", path, NULL);
  g_assert_nonnull (strstr (verified, "No errors detected"));
  probed = run_tool ("blkid", "-p", "-o", "value", "-s", "PTUUID", path, NULL);
  g_assert_cmpstr (g_strstrip (probed), ==, signature + 2);

  /* The code is in front of the signature and behind the table, and nowhere else. */
  bytes = g_bytes_get_data (table->primary, NULL);
  g_assert_cmpuint (g_bytes_get_size (table->primary), ==, 1048576);
  g_assert_cmphex (bytes[0], ==, 0xc3);
  g_assert_cmphex (bytes[439], ==, 0xc3);
  g_assert_cmphex (bytes[444] | bytes[445], ==, 0);
  g_assert_cmphex (bytes[512], ==, 0xd4);
  g_assert_cmphex (bytes[512 + 29999], ==, 0xd4);
  g_assert_cmphex (bytes[512 + 30000], ==, 0);
}

/* What sfdisk writes for the same partitions is the same, but for code and signature. */
static void
test_same_as_sfdisk (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
      g_autoptr (ValiseStagedTable) table = NULL;
      g_autofree char *path = valise_scratch_build_path (scratch, "by-sfdisk");
      g_autofree char *script = NULL;
      g_autofree char *script_path = valise_scratch_build_path (scratch, "script");
      g_autofree char *contents = NULL;
      const char *argv[] = { "/bin/sh", "-c", "sfdisk -q \"$1\" < \"$2\"", "sh", path,
                             script_path, NULL };
      g_autoptr (GError) error = NULL;
      ValiseLayout layout;
      int fd, status;

      g_assert_true (valise_layout_init_mbr (&layout, sizes[i].drive_size, 512, 0, NULL));
      table = make_table (&layout, 0);
      fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
      g_assert_cmpint (ftruncate (fd, layout.drive_size), ==, 0);
      script = g_strdup_printf (
          "label: dos\nstart=2048, size=716800, type=c, bootable\n"
          "start=718848, size=%" G_GUINT64_FORMAT ", type=7\n",
          layout.partitions[1].size / 512);
      g_assert_true (g_file_set_contents (script_path, script, -1, NULL));
      g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                    &error);
      g_assert_no_error (error);
      g_assert_cmpint (status, ==, 0);
      contents = g_malloc (512);
      g_assert_cmpint (pread (fd, contents, 512, 0), ==, 512);
      close (fd);
      g_assert_cmpmem (contents + 446, 66,
                       (const char *) g_bytes_get_data (table->primary, NULL) + 446, 66);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *layout
          = g_strdup_printf ("/mbr/layout/%" G_GUINT64_FORMAT, sizes[i].drive_size);
      g_autofree char *table
          = g_strdup_printf ("/mbr/table/%" G_GUINT64_FORMAT, sizes[i].drive_size);

      g_test_add_data_func (layout, GSIZE_TO_POINTER (i), test_layout);
      g_test_add_data_func (table, GSIZE_TO_POINTER (i), test_table);
    }
  g_test_add_func ("/mbr/refused", test_refused);
  g_test_add_func ("/mbr/same-as-sfdisk", test_same_as_sfdisk);
  return g_test_run ();
}
