/* test-staging.c: what is staged, looked at with other people's programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "test-tools.h"
#include "volume/valise-extents.h"
#include "volume/valise-staging.h"

static const guint64 drive_sizes[] = {
  VALISE_GIB,
  4 * VALISE_GIB,
  64 * VALISE_GIB,
  G_GUINT64_CONSTANT (2) << 40,
  /* An odd number of sectors, as sticks have them. */
  15728639 * G_GUINT64_CONSTANT (512),
  VALISE_GIB,
};

/* The drive of these has sectors of 4096 bytes. */
#define LARGE_SECTORS 5

typedef struct
{
  ValiseScratch *scratch;
  ValiseLayout layout;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->scratch = valise_scratch_new (&error);
  g_assert_no_error (error);
  valise_layout_init_gpt (&f->layout, drive_sizes[GPOINTER_TO_SIZE (data)],
                          GPOINTER_TO_SIZE (data) == LARGE_SECTORS ? 4096 : 512, 0, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  valise_scratch_free (f->scratch);
}

static void
write_at (int fd, guint64 offset, gconstpointer data, gsize size)
{
  g_assert_cmpint (pwrite (fd, data, size, offset), ==, size);
}

static void
assert_random_guid (const char *guid)
{
  g_assert_true (g_regex_match_simple (
      "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", guid, 0, 0));
}

static void
test_table (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseStagedTable) table =
      valise_staging_make_table (f->scratch, "table", &f->layout, &error);
  g_autoptr (ValiseStagedTable) other =
      valise_staging_make_table (f->scratch, "table", &f->layout, NULL);
  g_autofree char *path = valise_scratch_build_path (f->scratch, "drive");
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *verified = NULL;
  g_autofree char *json = NULL;
  JsonObject *found;
  JsonArray *partitions;
  int fd;

  g_assert_no_error (error);
  g_assert_nonnull (table);

  /* A drive that got nothing but the two areas has a sound table. */
  fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (ftruncate (fd, f->layout.drive_size), ==, 0);
  write_at (fd, 0, g_bytes_get_data (table->primary, NULL), g_bytes_get_size (table->primary));
  write_at (fd, table->backup_offset, g_bytes_get_data (table->backup, NULL),
            g_bytes_get_size (table->backup));
  close (fd);
  g_assert_cmpuint (table->backup_offset + g_bytes_get_size (table->backup), ==,
                    f->layout.drive_size);
  g_assert_cmpuint (g_bytes_get_size (table->primary), ==, 1048576);

  verified = run_tool ("sgdisk", "-v", path, NULL);
  g_assert_nonnull (strstr (verified, "No problems found"));

  json = run_tool ("sfdisk", "-J", path, NULL);
  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  found = json_object_get_object_member (json_node_get_object (json_parser_get_root (parser)),
                                         "partitiontable");
  g_assert_cmpstr (json_object_get_string_member (found, "label"), ==, "gpt");
  g_assert_cmpint (
      g_ascii_strcasecmp (json_object_get_string_member (found, "id"), table->disk_guid), ==, 0);
  partitions = json_object_get_array_member (found, "partitions");
  g_assert_cmpuint (json_array_get_length (partitions), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      JsonObject *p = json_array_get_object_element (partitions, i);
      const ValisePartition *wanted = &f->layout.partitions[i];

      g_assert_cmpint (json_object_get_int_member (p, "start"), ==, wanted->offset / 512);
      g_assert_cmpint (json_object_get_int_member (p, "size"), ==, wanted->size / 512);
      g_assert_cmpstr (json_object_get_string_member (p, "name"), ==, wanted->name);
      g_assert_cmpint (
          g_ascii_strcasecmp (json_object_get_string_member (p, "type"), wanted->type_guid), ==, 0);
      g_assert_cmpint (
          g_ascii_strcasecmp (json_object_get_string_member (p, "uuid"), table->partition_guids[i]),
          ==, 0);
      g_assert_false (json_object_has_member (p, "attrs"));
      assert_random_guid (table->partition_guids[i]);
      g_assert_cmpstr (table->partition_guids[i], !=, other->partition_guids[i]);
    }
  assert_random_guid (table->disk_guid);
  g_assert_cmpstr (table->disk_guid, !=, other->disk_guid);
}

/* What a tool wrote but the extents leave out would be missing on the drive. */
static void
assert_extents_cover_data (const char *path, GArray *extents)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  off_t hole = 0;
  off_t data;
  guint n = 0;

  while ((data = lseek (fd, hole, SEEK_DATA)) >= 0)
    {
      hole = lseek (fd, data, SEEK_HOLE);
      for (; data < hole; data += 4096)
        {
          static const guint8 zeros[4096];
          guint8 bytes[4096];
          ValiseExtent *extent;

          while (n < extents->len && (extent = &g_array_index (extents, ValiseExtent, n),
                                      extent->offset + extent->size <= (guint64)data))
            n++;
          g_assert_cmpint (pread (fd, bytes, sizeof bytes, data), ==, sizeof bytes);
          if (memcmp (bytes, zeros, sizeof bytes) == 0)
            continue;
          g_assert_cmpuint (n, <, extents->len);
          g_assert_cmpuint (g_array_index (extents, ValiseExtent, n).offset, <=, data);
        }
    }
  close (fd);
}

static void
assert_extents_sane (GArray *extents, guint64 size)
{
  guint64 end = 0;

  for (guint i = 0; i < extents->len; i++)
    {
      const ValiseExtent *extent = &g_array_index (extents, ValiseExtent, i);

      g_assert_cmpuint (extent->offset % 4096, ==, 0);
      g_assert_cmpuint (extent->size % 4096, ==, 0);
      g_assert_cmpuint (extent->size, >, 0);
      if (i > 0)
        g_assert_cmpuint (extent->offset, >, end);
      end = extent->offset + extent->size;
    }
  g_assert_cmpuint (end, <=, size);
}

static void
test_ntfs (Fixture *f, gconstpointer data)
{
  const ValisePartition *os = valise_layout_find (&f->layout, VALISE_PARTITION_OS);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) extents = NULL;
  const gboolean is_large = GPOINTER_TO_SIZE (data) == LARGE_SECTORS;
  guint64 serial = 0;
  guint64 other_serial = 0;
  g_autofree char *path = valise_staging_make_ntfs (f->scratch, "os", os, NULL, &serial, &error);
  g_autofree char *other =
      valise_staging_make_ntfs (f->scratch, "other", os, "Windows", &other_serial, NULL);
  g_autofree char *clusters = g_strdup_printf ("%" G_GUINT64_FORMAT, os->size / 4096 - 1);
  g_autofree char *uuid = g_strdup_printf ("%016" G_GINT64_MODIFIER "X", serial);
  g_autofree char *info = NULL;
  g_autofree char *fix = NULL;
  g_autofree char *blkid = NULL;
  g_autofree char *other_blkid = NULL;
  guint8 boot[512];
  guint8 copy[512];
  struct stat st;
  int fd;

  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_size, ==, os->size);

  info = run_tool ("ntfsinfo", "-m", path, NULL);
  assert_field (info, "Cluster Size", "4096");
  assert_field (info, "Sector Size", is_large ? "4096" : "512");
  /* Microsoft's “NTFS and 4K disks”: a file record takes a sector there. */
  assert_field (info, "MFT Record Size", is_large ? "4096" : "1024");
  assert_field (info, "Index Block Size", "4096");
  assert_field (info, "Volume Version", "3.1");
  assert_field (info, "Volume Flags", "0x0000");
  assert_field (info, "Volume Size in Clusters", clusters);
  fix = run_tool ("ntfsfix", "-n", path, NULL);
  g_assert_nonnull (strstr (fix, "was processed successfully"));

  blkid = run_tool ("blkid", "-p", "-o", "export", path, NULL);
  assert_field (blkid, "TYPE", "ntfs");
  assert_field (blkid, "UUID", uuid);
  g_assert_null (strstr (blkid, "LABEL"));
  other_blkid = run_tool ("blkid", "-p", "-o", "export", other, NULL);
  assert_field (other_blkid, "LABEL", "Windows");
  g_assert_cmpuint (serial, !=, other_serial);

  /* What Windows' boot code reads: sectors in a track, heads, sectors in front of the partition. */
  fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  g_assert_cmpint (pread (fd, boot, 512, 0), ==, 512);
  g_assert_cmpint (pread (fd, copy, 512, os->size - (is_large ? 4096 : 512)), ==, 512);
  close (fd);
  if (is_large)
    g_assert_cmpmem (boot + 0x18, 8, "\x3f\x00\xff\x00\x00\x3d\x01\x00", 8);
  else
    g_assert_cmpmem (boot + 0x18, 8, "\x3f\x00\xff\x00\x00\xe8\x09\x00", 8);
  g_assert_cmpmem (boot, 512, copy, 512);

  extents = valise_extents_of_ntfs (path, &error);
  g_assert_no_error (error);
  assert_extents_sane (extents, os->size);
  assert_extents_cover_data (path, extents);
  for (guint i = 0; i < extents->len; i++)
    g_test_message ("extent %" G_GUINT64_FORMAT " + %" G_GUINT64_FORMAT,
                    g_array_index (extents, ValiseExtent, i).offset,
                    g_array_index (extents, ValiseExtent, i).size);
  g_test_message ("%" G_GUINT64_FORMAT " bytes of %" G_GUINT64_FORMAT,
                  valise_extents_get_bytes (extents), os->size);
}

static void
test_esp (Fixture *f, gconstpointer data)
{
  const ValisePartition *esp = valise_layout_find (&f->layout, VALISE_PARTITION_ESP);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = valise_staging_make_esp (f->scratch, "esp", esp, &error);
  g_autofree char *other = valise_staging_make_esp (f->scratch, "other", esp, NULL);
  g_autofree char *fsck = NULL;
  g_autofree char *info = NULL;
  g_autofree char *dir = NULL;
  g_autofree char *blkid = NULL;
  g_autofree char *other_blkid = NULL;
  struct stat st;

  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_size, ==, 314572800);

  fsck = run_tool ("fsck.fat", "-n", path, NULL);
  info = run_tool ("minfo", "-i", path, NULL);
  if (GPOINTER_TO_SIZE (data) == LARGE_SECTORS)
    {
      assert_field (info, "sector size", "4096 bytes");
      assert_field (info, "cluster size", "1 sectors");
      assert_field (info, "hidden sectors", "256");
    }
  else
    {
      assert_field (info, "sector size", "512 bytes");
      assert_field (info, "cluster size", "2 sectors");
      assert_field (info, "hidden sectors", "2048");
    }
  assert_field (info, "disk type", "\"FAT32   \"");
  assert_field (info, "media descriptor byte", "0xf8");
  dir = run_tool ("mdir", "-i", path, "::", NULL);
  g_assert_nonnull (strstr (dir, "has no label"));
  blkid = run_tool ("blkid", "-p", "-o", "export", path, NULL);
  assert_field (blkid, "TYPE", "vfat");
  assert_field (blkid, "VERSION", "FAT32");
  g_assert_null (strstr (blkid, "LABEL"));
  other_blkid = run_tool ("blkid", "-p", "-o", "export", other, NULL);
  g_assert_cmpstr (strstr (blkid, "\nUUID="), !=, strstr (other_blkid, "\nUUID="));
}

static gboolean
copy_piece (guint64 offset, const guint8 *piece, gsize size, gpointer data, GError **error)
{
  g_assert_cmpuint (size, <=, 1048576);
  g_assert_cmpuint (offset / 1048576, ==, (offset + size - 1) / 1048576);
  g_assert_cmpuint (GPOINTER_TO_SIZE (piece) % 4096, ==, 0);
  write_at (GPOINTER_TO_INT (data), offset, piece, size);
  return TRUE;
}

/* Makes a file like @path on a drive whose first 64 MiB were full of other data. */
static char *
copy_to_dirty (Fixture *f, const char *path, guint64 size, GArray *extents)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dirty = valise_scratch_build_path (f->scratch, "dirty");
  g_autofree guint8 *garbage = g_malloc (VALISE_MIB);
  int fd = g_open (dirty, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  memset (garbage, 0xa5, VALISE_MIB);
  g_assert_cmpint (ftruncate (fd, size), ==, 0);
  for (guint64 at = 0; at < 64 * VALISE_MIB; at += VALISE_MIB)
    write_at (fd, at, garbage, VALISE_MIB);
  valise_extents_foreach (path, extents, copy_piece, GINT_TO_POINTER (fd), &error);
  g_assert_no_error (error);
  close (fd);
  return g_steal_pointer (&dirty);
}

static void
test_esp_over_old_data (Fixture *f, gconstpointer data)
{
  const ValisePartition *esp = valise_layout_find (&f->layout, VALISE_PARTITION_ESP);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = valise_staging_make_esp (f->scratch, "esp", esp, &error);
  g_autofree char *file = valise_scratch_build_path (f->scratch, "file");
  g_autofree char *back = valise_scratch_build_path (f->scratch, "back");
  g_autofree char *contents = g_malloc (3000001);
  g_autoptr (GArray) extents = NULL;
  g_autofree char *dirty = NULL;
  g_autofree char *read_back = NULL;
  gsize size = 0;

  g_assert_no_error (error);
  for (gsize i = 0; i < 3000001; i++)
    contents[i] = i < 1500000 ? 0 : (char)(i * 7);
  g_file_set_contents (file, contents, 3000001, &error);
  g_assert_no_error (error);
  g_free (run_tool ("mmd", "-i", path, "::/EFI", "::/EFI/Boot", NULL));
  g_free (run_tool ("mcopy", "-i", path, file, "::/EFI/Boot/bootx64.efi", NULL));

  extents = valise_extents_of_fat (path, &error);
  g_assert_no_error (error);
  assert_extents_sane (extents, esp->size);
  assert_extents_cover_data (path, extents);
  g_assert_cmpuint (valise_extents_get_bytes (extents), <, 8 * VALISE_MIB);

  dirty = copy_to_dirty (f, path, esp->size, extents);
  g_free (run_tool ("fsck.fat", "-n", dirty, NULL));
  g_free (run_tool ("mcopy", "-i", dirty, "::/EFI/Boot/bootx64.efi", back, NULL));
  g_file_get_contents (back, &read_back, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (read_back, size, contents, 3000001);
}

static void
test_ntfs_over_old_data (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ValisePartition os = *valise_layout_find (&f->layout, VALISE_PARTITION_OS);
  g_autofree char *path = NULL;
  g_autofree char *dirty = NULL;
  g_autofree char *fix = NULL;
  g_autofree char *names = NULL;
  g_autofree char *dirty_bitmap = NULL;
  g_autofree char *bitmap = NULL;
  g_autoptr (GArray) extents = NULL;

  os.size = 64 * VALISE_MIB;
  path = valise_staging_make_ntfs (f->scratch, "os", &os, NULL, NULL, &error);
  g_assert_no_error (error);
  extents = valise_extents_of_ntfs (path, &error);
  g_assert_no_error (error);

  dirty = copy_to_dirty (f, path, os.size, extents);
  fix = run_tool ("ntfsfix", "-n", dirty, NULL);
  g_assert_nonnull (strstr (fix, "was processed successfully"));
  names = run_tool ("ntfsls", "-s", dirty, NULL);
  g_assert_cmpstr (names, ==,
                   "$AttrDef\n$BadClus\n$Bitmap\n$Boot\n$Extend\n$LogFile\n$MFT\n"
                   "$MFTMirr\n$Secure\n$UpCase\n$Volume\n");
  dirty_bitmap = run_tool ("ntfscluster", "-i", dirty, NULL);
  bitmap = run_tool ("ntfscluster", "-i", path, NULL);
  g_assert_cmpstr (dirty_bitmap, ==, bitmap);
}

static void
test_wrong_contents (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = valise_scratch_build_path (f->scratch, "zeros");
  g_autofree char *none = valise_scratch_build_path (f->scratch, "none");
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (fd, VALISE_MIB), ==, 0);
  close (fd);
  g_assert_null (valise_extents_of_fat (path, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (valise_extents_of_ntfs (path, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (valise_extents_of_fat (none, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, none));
  g_clear_error (&error);
  g_assert_null (valise_extents_of_ntfs (none, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
}

#define ADD(path, i, function)                                                                     \
  g_test_add (path, Fixture, GSIZE_TO_POINTER (i), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  int result;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);

  ADD ("/staging/table/1-gib", 0, test_table);
  ADD ("/staging/table/4-gib", 1, test_table);
  ADD ("/staging/table/64-gib", 2, test_table);
  ADD ("/staging/table/2-tib", 3, test_table);
  ADD ("/staging/table/odd", 4, test_table);
  ADD ("/staging/ntfs/1-gib", 0, test_ntfs);
  ADD ("/staging/ntfs/4-gib", 1, test_ntfs);
  ADD ("/staging/ntfs/64-gib", 2, test_ntfs);
  ADD ("/staging/ntfs/2-tib", 3, test_ntfs);
  ADD ("/staging/ntfs/large-sectors", LARGE_SECTORS, test_ntfs);
  ADD ("/staging/ntfs/over-old-data", 0, test_ntfs_over_old_data);
  ADD ("/staging/ntfs/large-sectors-over-old-data", LARGE_SECTORS, test_ntfs_over_old_data);
  ADD ("/staging/esp/empty", 0, test_esp);
  ADD ("/staging/esp/over-old-data", 0, test_esp_over_old_data);
  ADD ("/staging/esp/large-sectors", LARGE_SECTORS, test_esp);
  ADD ("/staging/esp/large-sectors-over-old-data", LARGE_SECTORS, test_esp_over_old_data);
  ADD ("/staging/wrong-contents", 0, test_wrong_contents);
  result = g_test_run ();
  valise_remove_tree (cache);
  return result;
}
