/* test-ntfs-device.c: wimlib and libntfs-3g work on volumes in a cache, and pack them densely.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <wimlib.h>

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/volume.h>

#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "core/valise-units.h"
#include "memory-backing.h"
#include "volume/valise-ntfs-device.h"

#define START (17 * VALISE_MIB)
#define SIZE (160 * VALISE_MIB)
#define N_FILES 2000

static char *folder;

static void
run (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  va_list rest;
  int status;

  g_ptr_array_add (argv, (char *) first);
  va_start (rest, first);
  while (argv->pdata[argv->len - 1] != NULL)
    g_ptr_array_add (argv, va_arg (rest, char *));
  va_end (rest);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                &errors, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s failed: %s%s", first, output, errors);
}

typedef struct
{
  MemoryBacking *backing;
  ValiseVolumeCache *cache;
  ValiseNtfsDevice *device;
} Fixture;

/* A volume as mkntfs makes it, in a cache on a drive that is full of old data. */
static void
set_up (Fixture *f)
{
  g_autofree char *path = g_build_filename (folder, "empty.ntfs", NULL);
  g_autofree char *start = g_strdup_printf ("%d", (int) (START / 512));
  g_autofree guint8 *block = g_malloc (VALISE_BLOCK_SIZE);
  int fd = g_open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  off_t at = 0;

  g_assert_no_errno (ftruncate (fd, SIZE));
  run ("mkntfs", "-q", "-F", "-f", "-s", "512", "-p", start, "-H", "255", "-S", "63", path, NULL);
  f->backing = memory_backing_new (START + SIZE + VALISE_MIB, 0xa5);
  f->cache = valise_volume_cache_new (VALISE_BACKING (f->backing), 16 * VALISE_MIB);
  while ((at = lseek (fd, at, SEEK_DATA)) >= 0 && at < (off_t) SIZE)
    {
      at = VALISE_ROUND_DOWN (at, VALISE_BLOCK_SIZE);
      g_assert_cmpint (pread (fd, block, VALISE_BLOCK_SIZE, at), ==, VALISE_BLOCK_SIZE);
      g_assert_true (valise_volume_cache_write (f->cache, START + at, block, VALISE_BLOCK_SIZE,
                                                NULL));
      at += VALISE_BLOCK_SIZE;
    }
  close (fd);
  f->device = valise_ntfs_device_new (f->cache, START, SIZE);
}

static void
tear_down (Fixture *f)
{
  valise_ntfs_device_free (f->device);
  valise_volume_cache_free (f->cache);
  g_object_unref (f->backing);
}

/* What the drive holds, as tools see it: what was never written stays old data. */
static char *
flush_to_file (Fixture *f, const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  valise_volume_cache_flush (f->cache, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents_full (path, (char *) f->backing->bytes + START, SIZE,
                                           G_FILE_SET_CONTENTS_NONE, 0600, &error));
  return path;
}

static void
open_by_wimlib (const char *name)
{
  WIMStruct *wim = NULL;

  g_assert_cmpint (wimlib_create_new_wim (WIMLIB_COMPRESSION_TYPE_NONE, &wim), ==, 0);
  g_assert_cmpint (wimlib_add_image (wim, name, "probe", NULL, WIMLIB_ADD_FLAG_NTFS), !=, 0);
  wimlib_free (wim);
}

static void
open_by_nobody (const char *name)
{
}

static void
test_interposed (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_ntfs_check_interposed (open_by_wimlib, &error));
  g_assert_no_error (error);
  g_assert_false (valise_ntfs_check_interposed (open_by_nobody, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY);
}

/* Names that are not ours are opened as ever; ours that do not exist are not. */
static void
test_other_names (void)
{
  g_autofree char *path = g_build_filename (folder, "other.ntfs", NULL);
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ntfs_volume *volume;

  g_assert_no_errno (ftruncate (fd, 8 * VALISE_MIB));
  close (fd);
  run ("mkntfs", "-q", "-F", "-f", "-s", "512", "-p", "0", "-H", "255", "-S", "63", path, NULL);
  volume = ntfs_mount (path, NTFS_MNT_RDONLY);
  g_assert_nonnull (volume);
  ntfs_umount (volume, FALSE);
  g_assert_null (ntfs_mount ("valise:999999", 0));
  g_assert_cmpint (errno, ==, ENODEV);
  g_assert_null (ntfs_mount ("/nonexistent", 0));
  g_assert_cmpint (errno, ==, ENOENT);
}

static gsize
file_size (guint i)
{
  return i % 3 == 0 ? 300 : 3000 + (i * 7919) % 60000;
}

static void
fill_volume (ntfs_volume *volume)
{
  g_autofree guint8 *bytes = g_malloc (64 * 1024);
  ntfs_inode *root = ntfs_inode_open (volume, FILE_root);

  memset (bytes, 'x', 64 * 1024);
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = g_strdup_printf ("file%u", i);
      ntfschar *ucs = NULL;
      int len = ntfs_mbstoucs (name, &ucs);
      ntfs_inode *ni = ntfs_create (root, 0, ucs, len, S_IFREG);
      ntfs_attr *na;

      g_assert_nonnull (ni);
      na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
      g_assert_cmpint (ntfs_attr_pwrite (na, 0, file_size (i), bytes), ==, file_size (i));
      ntfs_attr_close (na);
      g_assert_cmpint (ntfs_inode_close_in_dir (ni, root), ==, 0);
      free (ucs);
    }
  g_assert_cmpint (ntfs_inode_close (root), ==, 0);
}

static guint8 *
read_bitmap (ntfs_volume *volume)
{
  gsize n = (volume->nr_clusters + 7) / 8;
  guint8 *bitmap = g_malloc (n);

  g_assert_cmpint (ntfs_attr_pread (volume->lcnbmp_na, 0, n, bitmap), ==, n);
  return bitmap;
}

/* Clusters from the first to the last one that was taken behind the MFT's zone since @before, and
 * how many were taken there. */
static void
measure (ntfs_volume *volume, const guint8 *before, guint64 *span, guint64 *used)
{
  g_autofree guint8 *bitmap = read_bitmap (volume);
  gint64 first = -1;
  gint64 last = -1;

  *used = 0;
  for (gint64 c = volume->mft_zone_end; c < volume->nr_clusters - 1; c++)
    if (((bitmap[c / 8] & ~before[c / 8]) >> (c % 8) & 1) != 0)
      {
        first = first < 0 ? c : first;
        last = c;
        (*used)++;
      }
  *span = last - first + 1;
}

static void
test_dense (gconstpointer data)
{
  guint skip = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree guint8 *before = NULL;
  ntfs_volume *volume;
  guint64 span, used, left;
  Fixture f;

  set_up (&f);
  valise_ntfs_device_set_allocator_skip (f.device, skip);
  volume = valise_ntfs_device_mount (f.device, &error);
  g_assert_no_error (error);
  before = read_bitmap (volume);
  fill_volume (volume);
  measure (volume, before, &span, &used);
  g_assert_true (valise_ntfs_device_unmount (f.device, &error));
  g_test_message ("skip %u: %" G_GUINT64_FORMAT " clusters in a stretch of %" G_GUINT64_FORMAT,
                  skip, used, span);
  left = valise_ntfs_device_get_n_left (f.device);
  if (skip == VALISE_NTFS_ALLOCATOR_SKIP)
    {
      g_assert_cmpuint (span, <=, used * 105 / 100);
      g_assert_cmpuint (valise_ntfs_device_get_n_taken_back (f.device), >, N_FILES / 2);
      g_assert_cmpuint (left, ==, 0);
    }
  else
    {
      /* The library's own way: scattered, and just as right. A border between taken and free
       * clusters may by chance lie where the wrong number points to; that does no harm. */
      g_assert_cmpuint (span, >, used * 2);
      g_assert_cmpuint (valise_ntfs_device_get_n_taken_back (f.device), <, N_FILES / 20);
      if (skip != 0)
        g_assert_cmpuint (left, >, N_FILES / 2);
    }
  path = flush_to_file (&f, "dense.ntfs");
  run ("ntfsfix", "-n", path, NULL);
  run ("ntfsresize", "-n", "-i", "-f", path, NULL); /* compares the bitmap with all the files */
  g_unlink (path);
  tear_down (&f);
}

static gpointer
fill_in_thread (gpointer data)
{
  Fixture *f = data;
  ntfs_volume *volume = valise_ntfs_device_mount (f->device, NULL);

  g_assert_nonnull (volume);
  fill_volume (volume);
  g_assert_true (valise_ntfs_device_unmount (f->device, NULL));
  return NULL;
}

static void
test_many (void)
{
  Fixture f[3];
  GThread *threads[G_N_ELEMENTS (f)];

  for (guint i = 0; i < G_N_ELEMENTS (f); i++)
    set_up (&f[i]);
  for (guint i = 0; i < G_N_ELEMENTS (f); i++)
    threads[i] = g_thread_new ("fill", fill_in_thread, &f[i]);
  for (guint i = 0; i < G_N_ELEMENTS (f); i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < G_N_ELEMENTS (f); i++)
    {
      g_autofree char *path = flush_to_file (&f[i], "many.ntfs");

      run ("ntfsresize", "-n", "-i", "-f", path, NULL);
      g_unlink (path);
      tear_down (&f[i]);
    }
}

static void
test_drive_fails (void)
{
  g_autoptr (GError) error = NULL;
  ntfs_volume *volume;
  ntfs_inode *root;
  Fixture f;

  set_up (&f);
  f.backing->fail_at = f.backing->writes + 3;
  volume = valise_ntfs_device_mount (f.device, &error);
  g_assert_no_error (error);
  root = ntfs_inode_open (volume, FILE_root);
  for (guint i = 0; i < 40 && valise_ntfs_device_check (f.device, NULL); i++)
    {
      ntfschar name[] = { GUINT16_TO_LE ('a' + i) };
      g_autofree guint8 *bytes = g_malloc0 (4 * VALISE_MIB);
      ntfs_inode *ni = ntfs_create (root, 0, name, 1, S_IFREG);
      ntfs_attr *na = ni != NULL ? ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0) : NULL;

      if (na != NULL)
        ntfs_attr_pwrite (na, 0, 4 * VALISE_MIB, bytes);
      if (na != NULL)
        ntfs_attr_close (na);
      if (ni != NULL)
        ntfs_inode_close_in_dir (ni, root);
    }
  ntfs_inode_close (root);
  g_assert_false (valise_ntfs_device_unmount (f.device, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE);
  tear_down (&f);
}

int
main (int argc, char **argv)
{
  int status;

  g_setenv ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  folder = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/volume/ntfs-device/interposed", test_interposed);
  g_test_add_func ("/volume/ntfs-device/other-names", test_other_names);
  g_test_add_data_func ("/volume/ntfs-device/dense",
                        GUINT_TO_POINTER (VALISE_NTFS_ALLOCATOR_SKIP), test_dense);
  g_test_add_data_func ("/volume/ntfs-device/dense/other-numbers", GUINT_TO_POINTER (1000),
                        test_dense);
  g_test_add_data_func ("/volume/ntfs-device/dense/off", GUINT_TO_POINTER (0), test_dense);
  g_test_add_func ("/volume/ntfs-device/many", test_many);
  g_test_add_func ("/volume/ntfs-device/drive-fails", test_drive_fails);
  status = g_test_run ();
  valise_remove_tree (folder);
  g_free (folder);
  return status;
}
