/* test-ntfs-edit.c: changes to a small volume, looked at with ntfsprogs and wimlib-imagex.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ntfs-3g/types.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/device_io.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/volume.h>

#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "core/valise-units.h"
#include "test-tools.h"
#include "volume/valise-ntfs-edit.h"
#include "volume/valise-ntfs-owner.h"
#include "volume/valise-ntfs-path.h"

typedef struct
{
  char *folder;
  char *image;
  ntfs_volume *vol;
} Fixture;

static void
open_volume (Fixture *f)
{
  struct ntfs_device *device = ntfs_device_alloc (f->image, 0, &ntfs_device_default_io_ops, NULL);

  f->vol = ntfs_device_mount (device, 0);
  g_assert_nonnull (f->vol);
  /* As on a drive that is being written. */
  NVolClearCompression (f->vol);
}

/* Closes the volume and lets other people's programs judge it: $MFT and its mirror, and every
 * file's clusters against $Bitmap. */
static void
close_volume (Fixture *f)
{
  g_autofree char *fix = NULL;
  g_autofree char *clusters = NULL;

  g_assert_cmpint (ntfs_umount (f->vol, FALSE), ==, 0);
  f->vol = NULL;
  fix = run_tool ("ntfsfix", "-n", f->image, NULL);
  g_assert_nonnull (strstr (fix, "was processed successfully"));
  clusters = run_tool ("ntfsresize", "--info", "--force", "--no-progress-bar", f->image, NULL);
  g_assert_null (strstr (clusters, "ERROR"));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd;

  f->folder = g_dir_make_tmp ("valise-test-XXXXXX", &error);
  g_assert_no_error (error);
  f->image = g_build_filename (f->folder, "volume", NULL);
  fd = g_open (f->image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (ftruncate (fd, 48 * VALISE_MIB), ==, 0);
  close (fd);
  g_free (run_tool ("mkntfs", "-F", "-Q", "-q", "-c", "4096", f->image, NULL));
  open_volume (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->vol != NULL)
    close_volume (f);
  valise_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->image);
}

/* Bytes that compress well and yet differ from each other. */
static GBytes *
make_contents (gsize size, guint seed)
{
  guint8 *data = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    data[i] = i % 7 == 0 ? (i >> 8) + seed : i % 16 + seed;
  return g_bytes_new_take (data, size);
}

static void
create (Fixture *f, const char *path, GBytes *contents)
{
  g_autoptr (GError) error = NULL;

  valise_ntfs_edit_create (f->vol, path, contents, &error);
  g_assert_no_error (error);
}

/* What ntfscat reads, which knows nothing of ours, from a closed volume. */
static void
assert_contents (Fixture *f, const char *path, GBytes *contents)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                                      "ntfscat", "-f", f->image, path, NULL);
  g_autoptr (GBytes) found = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &found, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  g_assert_true (g_bytes_equal (found, contents));
}

/* What wimlib sees of a file, with security descriptor, names, streams and times. */
static char *
capture_details (Fixture *f, const char *path)
{
  g_autofree char *wim = g_build_filename (f->folder, "captured.wim", NULL);
  g_autofree char *argument = g_strconcat ("--path=", path, NULL);

  g_free (run_tool ("wimlib-imagex", "capture", f->image, wim, "--compress=none", NULL));
  return run_tool ("wimlib-imagex", "dir", wim, "1", "--detailed", argument, NULL);
}

/* The lines of @details that begin with @key, each once. */
static char *
lines_of (const char *details, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (details, "\n", -1);
  GString *found = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, key) && strstr (found->str, *line) == NULL)
      g_string_append_printf (found, "%s\n", *line);
  return g_string_free (found, FALSE);
}

static void
test_lookup (Fixture *f, gconstpointer data)
{
  static const char *const found[] = {
    "\\Windows\\System32\\config\\SYSTEM",
    "\\WINDOWS\\system32\\CONFIG\\system",
    "windows/system32/Config/System",
    "\\\\Windows\\System32\\config\\system",
  };
  static const struct
  {
    const char *path;
    GQuark (*domain) (void);
    int code;
  } refused[] = {
    { "\\Windows\\System33", valise_source_error_quark, VALISE_SOURCE_ERROR_FAILED },
    { "\\Windows\\System32\\config\\SYSTEM\\x", valise_source_error_quark,
      VALISE_SOURCE_ERROR_FAILED },
    { "\\Windows\\..\\Windows", valise_plan_error_quark, VALISE_PLAN_ERROR_INVALID },
    { "\\Windows\\a:b", valise_plan_error_quark, VALISE_PLAN_ERROR_INVALID },
    { "\\Windows\\a\xff", valise_plan_error_quark, VALISE_PLAN_ERROR_INVALID },
  };
  g_autoptr (GBytes) contents = make_contents (1000, 1);
  g_autofree char *long_name = g_strnfill (256, 'x');
  gboolean is_folder = FALSE;

  create (f, "\\Windows\\System32\\config\\SYSTEM", contents);
  create (f, "\\Übung\\Größe", contents);
  for (gsize i = 0; i < G_N_ELEMENTS (found); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) read = valise_ntfs_edit_read (f->vol, found[i], 1000, &error);

      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (read, contents));
    }
  g_assert_true (valise_ntfs_edit_exists (f->vol, "\\übung\\GRÖßE", &is_folder));
  g_assert_false (is_folder);
  g_assert_true (valise_ntfs_edit_exists (f->vol, "\\ÜBUNG", &is_folder));
  g_assert_true (is_folder);
  g_assert_true (valise_ntfs_edit_exists (f->vol, "\\", &is_folder));
  g_assert_true (is_folder);
  g_assert_false (valise_ntfs_edit_exists (f->vol, long_name, NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (valise_ntfs_edit_read (f->vol, refused[i].path, 1000, &error));
      g_assert_error (error, refused[i].domain (), refused[i].code);
    }
}

/* Two names that differ in case only, as wimlib may write them: the exact one counts. */
static void
test_lookup_prefers_exact (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "readme", "README", "ReadMe" };
  ntfs_inode *root = ntfs_inode_open (f->vol, FILE_root);
  guint64 numbers[G_N_ELEMENTS (names)];

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) contents = g_bytes_new_static (names[i], 6);
      ValiseNtfsName name;
      ntfs_inode *ni;

      g_assert_true (valise_ntfs_name_init (&name, names[i]));
      ni = ntfs_create (root, 0, name.chars, name.length, S_IFREG);
      g_assert_nonnull (ni);
      numbers[i] = ni->mft_no;
      ntfs_inode_close_in_dir (ni, root);
    }
  ntfs_inode_close (root);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ntfs_inode *ni = valise_ntfs_path_open (f->vol, names[i], NULL);

      g_assert_cmpuint (ni->mft_no, ==, numbers[i]);
      ntfs_inode_close (ni);
    }
  g_assert_true (valise_ntfs_edit_exists (f->vol, "rEADME", NULL));
  g_assert_true (NVolCaseSensitive (f->vol));
}

static void
test_read_limit (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) contents = make_contents (100001, 1);
  g_autoptr (GBytes) read = NULL;
  g_autoptr (GError) error = NULL;

  create (f, "\\file", contents);
  g_assert_null (valise_ntfs_edit_read (f->vol, "\\file", 100000, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "\\file"));
  g_clear_error (&error);
  read = valise_ntfs_edit_read (f->vol, "\\file", 100001, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (read, contents));
  g_assert_null (valise_ntfs_edit_read (f->vol, "\\", 100001, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
}

/* O:BA G:BA D:AI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;;0x1200a9;;;BU), [MS-DTYP] 2.4. */
/* clang-format off */
static const guint8 inheritable[] = {
  1, 0, 0x04, 0x84, 100, 0, 0, 0, 116, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0,
  2, 0, 80, 0, 3, 0, 0, 0,
  0, 0x03, 20, 0, 0xff, 0x01, 0x1f, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
  0, 0x03, 24, 0, 0xff, 0x01, 0x1f, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
  0, 0x00, 24, 0, 0xa9, 0x00, 0x12, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x21, 2, 0, 0,
  0, 0, 0, 0,
  1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
  1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
};

/* clang-format on */

/* The same without (OICI). */
static guint8 not_inheritable[sizeof inheritable];

static void
set_descriptor (Fixture *f, const char *path, const guint8 *descriptor, gsize size)
{
  struct PERMISSIONS_CACHE *cache = NULL;
  struct SECURITY_CONTEXT context = { .vol = f->vol, .pseccache = &cache };
  ntfs_inode *ni = valise_ntfs_path_open (f->vol, path, NULL);

  g_assert_cmpint (ntfs_open_secure (f->vol), ==, 0);
  g_assert_nonnull (ni);
  g_assert_cmpint (ntfs_set_ntfs_acl (&context, ni, (const char *)descriptor, size, 0), ==, 0);
  g_assert_cmpint (ntfs_inode_close (ni), ==, 0);
}

static void
test_replace (Fixture *f, gconstpointer data)
{
  static const gsize sizes[] = { 10, 0, 300, 700, 4096, 1000000, 65536, 5000001, 0, 1 };
  static const char *const kept[] = { "Full Path",           "Attributes",    "    FILE_",
                                      "Security Descriptor", "Creation Time", "Short Name",
                                      "Link Count",          "\tNamed" };
  g_autoptr (GBytes) first = make_contents (5000, 3);
  g_autofree char *before = NULL;
  ntfs_inode *ni;
  ntfs_inode *root;
  ntfschar stream[3] = { GUINT16_TO_LE ('a'), GUINT16_TO_LE ('b'), GUINT16_TO_LE ('c') };
  ValiseNtfsName link;

  /* A file with everything: short name, hard link, named stream, descriptor, hidden. */
  create (f, "\\A long name.text", first);
  set_descriptor (f, "\\A long name.text", inheritable, sizeof inheritable);
  g_assert_true (valise_ntfs_edit_set_attributes (f->vol, "\\A long name.text", 0x2, 0x20, NULL));
  ni = valise_ntfs_path_open (f->vol, "\\A long name.text", NULL);
  root = ntfs_inode_open (f->vol, FILE_root);
  /* Closes both. */
  g_assert_cmpint (ntfs_set_ntfs_dos_name (ni, root, "ALONGN~1.TEX", 12, 0), ==, 0);
  ni = valise_ntfs_path_open (f->vol, "\\A long name.text", NULL);
  root = ntfs_inode_open (f->vol, FILE_root);
  g_assert_true (valise_ntfs_name_init (&link, "Other name"));
  g_assert_cmpint (ntfs_attr_add (ni, AT_DATA, stream, 3, (u8 *)"stream", 6), ==, 0);
  g_assert_cmpint (ntfs_link (ni, root, link.chars, link.length), ==, 0);
  ntfs_inode_close (root);
  ntfs_inode_close (ni);
  close_volume (f);
  before = capture_details (f, "/A long name.text");
  g_assert_nonnull (strstr (before, "ALONGN~1.TEX"));
  g_assert_nonnull (strstr (before, "abc"));

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) contents = make_contents (sizes[i], i);
      g_autoptr (GError) error = NULL;
      g_autofree char *after = NULL;
      g_autofree char *written = NULL;

      open_volume (f);
      /* 2021-03-04 05:06:07 UTC, as Windows counts. */
      valise_ntfs_edit_replace (f->vol, "\\a LONG name.text", contents,
                                G_GUINT64_CONSTANT (132593079670000000), &error);
      g_assert_no_error (error);
      close_volume (f);

      assert_contents (f, "A long name.text", contents);
      assert_contents (f, "Other name", contents);
      after = capture_details (f, "/A long name.text");
      for (gsize k = 0; k < G_N_ELEMENTS (kept); k++)
        {
          g_autofree char *old_lines = lines_of (before, kept[k]);
          g_autofree char *new_lines = lines_of (after, kept[k]);

          g_assert_cmpstr (old_lines, ==, new_lines);
        }
      g_assert_nonnull (strstr (after, "abc"));
      written = lines_of (after, "Last Write Time");
      g_assert_nonnull (strstr (written, "Mar 04 05:06:07 2021"));
    }
}

static void
test_create_inherits (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) contents = make_contents (100, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *file = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *same = NULL;
  g_autoptr (GString) hex = g_string_new ("Security Descriptor = ");

  memcpy (not_inheritable, inheritable, sizeof inheritable);
  not_inheritable[29] = not_inheritable[49] = 0;

  valise_ntfs_edit_make_folder (f->vol, "\\Yes", &error);
  g_assert_no_error (error);
  valise_ntfs_edit_make_folder (f->vol, "\\No", &error);
  g_assert_no_error (error);
  set_descriptor (f, "\\Yes", inheritable, sizeof inheritable);
  set_descriptor (f, "\\No", not_inheritable, sizeof not_inheritable);
  create (f, "\\yes\\Panther\\unattend.xml", contents);
  create (f, "\\No\\Panther\\unattend.xml", contents);
  g_assert_false (
      valise_ntfs_edit_create (f->vol, "\\yes\\panther\\UNATTEND.xml", contents, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (valise_ntfs_edit_make_folder (f->vol, "\\yes\\panther\\UNATTEND.xml\\x", &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_FAILED);
  close_volume (f);
  assert_contents (f, "Yes/Panther/unattend.xml", contents);

  /* The administrators own what was made; what can be inherited is, and marked so (0x10); a
   * folder passes it on (0x13). */
  file = capture_details (f, "/Yes/Panther/unattend.xml");
  g_assert_nonnull (strstr (file, "Security Descriptor = 01000484"
                                  "48000000"
                                  "58000000"
                                  "00000000"
                                  "14000000"
                                  "0200340002000000"
                                  "00101400ff011f00010100000000000512000000"
                                  "00101800ff011f0001020000000000052000000020020000"
                                  "01020000000000052000000020020000"
                                  "01020000000000052000000020020000\n"));
  folder = capture_details (f, "/Yes/Panther");
  g_assert_nonnull (strstr (folder, "Security Descriptor = 01000484"
                                    "48000000"
                                    "58000000"
                                    "00000000"
                                    "14000000"
                                    "0200340002000000"
                                    "00131400ff011f00010100000000000512000000"
                                    "00131800ff011f0001020000000000052000000020020000"
                                    "01020000000000052000000020020000"
                                    "01020000000000052000000020020000\n"));

  /* Where nothing can be inherited, it is the folder's own. */
  for (gsize i = 0; i < sizeof not_inheritable; i++)
    g_string_append_printf (hex, "%02x", not_inheritable[i]);
  same = capture_details (f, "/No/Panther/unattend.xml");
  g_assert_nonnull (strstr (same, hex->str));
}

static void
test_attributes (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) contents = make_contents (100, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *details = NULL;
  guint32 attributes = 0;

  create (f, "\\Folder\\file", contents);
  g_assert_true (valise_ntfs_edit_get_attributes (f->vol, "\\Folder", &attributes, &error));
  g_assert_cmphex (attributes & 0xffff, ==, 0x10);
  g_assert_true (valise_ntfs_edit_get_attributes (f->vol, "\\Folder\\file", &attributes, &error));
  g_assert_cmphex (attributes, ==, 0x20);

  /* Hidden, system, not indexed, no scrub data; what a file is cannot be set. */
  g_assert_true (valise_ntfs_edit_set_attributes (
      f->vol, "\\Folder\\file", 0x2 | 0x4 | 0x2000 | 0x20000 | 0x10 | 0x400 | 0x800, 0x20, &error));
  g_assert_no_error (error);
  close_volume (f);
  details = capture_details (f, "/Folder/file");
  g_assert_nonnull (strstr (details, "0x00022006"));
  assert_contents (f, "Folder/file", contents);
}

static gboolean
is_marked_compressed (Fixture *f, const char *path)
{
  g_autofree char *details = capture_details (f, path);

  return strstr (details, "FILE_ATTRIBUTE_COMPRESSED") != NULL;
}

static void
test_compressed (Fixture *f, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 400, 5000, 65536, 65537, 300000, 3000000 };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) contents = make_contents (sizes[i], i);
      g_autoptr (GBytes) other = make_contents (sizes[i] / 2 + 70000, i + 1);
      g_autofree char *info = NULL;
      g_autofree char *plain = NULL;

      if (f->vol == NULL)
        open_volume (f);
      valise_ntfs_edit_write (f->vol, "\\file", contents, &error);
      g_assert_no_error (error);
      valise_ntfs_edit_set_compressed (f->vol, "\\file", TRUE, &error);
      g_assert_no_error (error);
      g_assert_false (NVolCompression (f->vol));
      close_volume (f);
      assert_contents (f, "file", contents);
      g_assert_true (is_marked_compressed (f, "/file"));
      info = run_tool ("ntfsinfo", "-v", "-F", "/file", f->image, NULL);
      g_assert_nonnull (strstr (strstr (info, "Dumping attribute $DATA"), "0x0001"));

      /* Replaced, it stays compressed, though compression is held back. */
      open_volume (f);
      valise_ntfs_edit_replace (f->vol, "\\file", other, 0, &error);
      g_assert_no_error (error);
      close_volume (f);
      assert_contents (f, "file", other);
      g_assert_true (is_marked_compressed (f, "/file"));

      open_volume (f);
      valise_ntfs_edit_set_compressed (f->vol, "\\file", FALSE, &error);
      g_assert_no_error (error);
      close_volume (f);
      assert_contents (f, "file", other);
      g_assert_false (is_marked_compressed (f, "/file"));
      plain = run_tool ("ntfsinfo", "-v", "-F", "/file", f->image, NULL);
      g_assert_null (strstr (strstr (plain, "Dumping attribute $DATA"), "0x0001"));
    }
}

static void
test_compressed_folder (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) contents = make_contents (100000, 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_ntfs_edit_make_folder (f->vol, "\\Folder", &error));
  g_assert_true (valise_ntfs_edit_set_compressed (f->vol, "\\Folder", TRUE, &error));
  g_assert_no_error (error);
  create (f, "\\Folder\\file", contents);
  close_volume (f);
  g_assert_true (is_marked_compressed (f, "/Folder"));
  g_assert_false (is_marked_compressed (f, "/Folder/file"));

  open_volume (f);
  g_assert_true (valise_ntfs_edit_set_compressed (f->vol, "\\Folder", FALSE, &error));
  close_volume (f);
  g_assert_false (is_marked_compressed (f, "/Folder"));
  assert_contents (f, "Folder/file", contents);
}

static void
test_full (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) contents = make_contents (60 * VALISE_MIB, 1);
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_ntfs_edit_create (f->vol, "\\file", contents, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  g_assert_nonnull (strstr (error->message, "\\file"));
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

/* Which file has a cluster, by ntfscluster of ntfsprogs and by ours. */
static void
test_owner (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) contents = make_contents (300 * 1024, 5);
  g_autoptr (GError) error = NULL;
  g_autofree char *mft = NULL;
  g_autofree char *cluster = NULL;
  g_autofree char *text = NULL;
  guint64 found = 0;

  valise_ntfs_edit_make_folder (f->vol, "\\Ordner", &error);
  g_assert_no_error (error);
  create (f, "\\Ordner\\größer.bin", contents);
  mft = valise_ntfs_owner_find (f->vol, f->vol->mft_lcn << f->vol->cluster_size_bits, NULL);
  g_assert_cmpstr (mft, ==, "\\$MFT");
  for (guint64 lcn = 0; lcn < (guint64)f->vol->nr_clusters; lcn++)
    {
      g_autofree char *owner = valise_ntfs_owner_find (f->vol, lcn * 4096 + 17, NULL);

      if (g_strcmp0 (owner, "\\Ordner\\größer.bin") == 0 && found++ == 40)
        cluster = g_strdup_printf ("%" G_GUINT64_FORMAT, lcn);
    }
  g_assert_cmpuint (found, ==, 75);
  g_assert_null (valise_ntfs_owner_find (f->vol, (guint64)f->vol->nr_clusters * 4096, NULL));

  close_volume (f);
  text = run_tool ("ntfscluster", "-f", "-c", cluster, f->image, NULL);
  g_assert_nonnull (strstr (text, "/Ordner/größer.bin"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/ntfs-edit/lookup", test_lookup);
  ADD ("/ntfs-edit/lookup-prefers-exact", test_lookup_prefers_exact);
  ADD ("/ntfs-edit/read-limit", test_read_limit);
  ADD ("/ntfs-edit/replace", test_replace);
  ADD ("/ntfs-edit/create-inherits", test_create_inherits);
  ADD ("/ntfs-edit/attributes", test_attributes);
  ADD ("/ntfs-edit/compressed", test_compressed);
  ADD ("/ntfs-edit/compressed-folder", test_compressed_folder);
  ADD ("/ntfs-edit/full", test_full);
  ADD ("/ntfs-edit/owner", test_owner);
  return g_test_run ();
}
