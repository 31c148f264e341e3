/* test-ntfs-reserve.c: a file whose bytes come later, as ntfsprogs see it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "test-tools.h"
#include "volume/valise-extents.h"
#include "volume/valise-ntfs-reserve.h"

#define VOLUME_SIZE (400 * VALISE_MIB)

typedef struct
{
  char *folder;
  char *image;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd;

  f->folder = g_dir_make_tmp ("valise-reserve-XXXXXX", &error);
  g_assert_no_error (error);
  f->image = g_build_filename (f->folder, "volume", NULL);
  fd = g_open (f->image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (ftruncate (fd, VOLUME_SIZE), ==, 0);
  close (fd);
  g_free (run_tool ("mkntfs", "-F", "-Q", "-q", "-c", "4096", f->image, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->image);
  g_rmdir (f->folder);
  g_free (f->image);
  g_free (f->folder);
}

/* Puts a page at both ends of each run, and some in between, through the map; all of the file is
 * then read by ntfscat. */
static void
compare_contents (Fixture *f, const ValiseExtentMap *map, guint64 size)
{
  g_autofree char *expected_path = g_build_filename (f->folder, "expected", NULL);
  g_autofree char *out = NULL;
  g_autofree char *command = g_strdup_printf ("ntfscat '%s' /windows.vhd | cmp - '%s'", f->image,
                                              expected_path);
  int image = open (f->image, O_RDWR | O_CLOEXEC);
  int expected = open (expected_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (expected, size), ==, 0);
  for (guint64 at = 0, run; at < size; at += run)
    {
      guint64 place = valise_extent_map_find (map, at, &run);
      const guint64 in_run = MIN (run, size - at);
      const guint64 places[] = { 0, in_run / 2 / 4096 * 4096, (in_run - 1) / 4096 * 4096 };

      for (guint i = 0; i < G_N_ELEMENTS (places); i++)
        {
          guint32 words[1024];
          gsize n = MIN (sizeof words, in_run - places[i]);

          for (guint w = 0; w < G_N_ELEMENTS (words); w++)
            words[w] = g_test_rand_int ();
          g_assert_cmpint (pwrite (image, words, n, place + places[i]), ==, n);
          g_assert_cmpint (pwrite (expected, words, n, at + places[i]), ==, n);
        }
    }
  close (image);
  close (expected);
  out = run_tool ("sh", "-c", command, NULL);
  g_assert_cmpstr (out, ==, "");
  g_unlink (expected_path);
}

static const struct
{
  const char *name;
  guint64 size;
  guint n_runs;
} cases[] = {
  { "one-run", 150 * VALISE_MIB, 1 },
  { "one-run-and-a-footer", 150 * VALISE_MIB + 512, 1 },
  { "two-runs", 290 * VALISE_MIB + 512, 2 },
  { "a-byte", 1, 1 },
};

static void
test_file (Fixture *f, gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  const guint64 size = cases[i].size;
  g_autofree char *size_text = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  g_autofree char *allocated
      = g_strdup_printf ("%" G_GUINT64_FORMAT, (guint64) VALISE_ROUND_UP (size, 4096));
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseExtentMap) map
      = valise_ntfs_reserve_file (f->image, "\\windows.vhd", size, VALISE_MIB, &error);
  g_autofree char *info = NULL;
  g_autofree char *fix = NULL;
  g_autofree char *clusters = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (valise_extent_map_get_size (map), ==, VALISE_ROUND_UP (size, 4096));
  g_assert_cmpuint (valise_extent_map_get_n_runs (map), ==, cases[i].n_runs);
  for (guint64 at = 0, run; at < size; at += run)
    g_assert_cmpuint (valise_extent_map_find (map, at, &run) % VALISE_MIB, ==, 0);

  fix = run_tool ("ntfsfix", "-n", f->image, NULL);
  g_assert_nonnull (strstr (fix, "was processed successfully"));
  clusters = run_tool ("ntfsresize", "--info", "--force", "--no-progress-bar", f->image, NULL);
  g_assert_null (strstr (clusters, "ERROR"));
  info = run_tool ("ntfsinfo", "-F", "/windows.vhd", f->image, NULL);
  g_test_message ("%s", info);
  g_assert_nonnull (strstr (info, "Dumping attribute $DATA (0x80)"));
  {
    g_autofree char *pattern
        = g_strdup_printf ("Data size:\\s*%s .*\\s*Allocated size:\\s*%s .*\\s*"
                           "Initialized size:\\s*%s ",
                           size_text, allocated, size_text);

    g_assert_true (g_regex_match_simple (pattern, info, 0, 0));
  }
  compare_contents (f, map, size);
}

/* The file may have all the room that there is said to be, and not a cluster more. */
static void
test_full (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 room = valise_ntfs_reserve_get_room (f->image, VALISE_MIB, &error);
  g_autoptr (ValiseExtentMap) map = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (room, >, 300 * VALISE_MIB);
  map = valise_ntfs_reserve_file (f->image, "\\windows.vhd", room + 1, VALISE_MIB, &error);
  g_assert_null (map);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  g_clear_error (&error);
  map = valise_ntfs_reserve_file (f->image, "\\windows.vhd", room, VALISE_MIB, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (valise_ntfs_reserve_get_room (f->image, VALISE_MIB, &error), ==, 0);
  g_assert_no_error (error);
}

/* What of a volume is to be written: all but the file. */
static void
test_subtract (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) before = valise_extents_of_ntfs (f->image, &error);
  g_autoptr (ValiseExtentMap) map = valise_ntfs_reserve_file (
      f->image, "\\windows.vhd", 290 * VALISE_MIB, VALISE_MIB, &error);
  g_autoptr (GArray) after = NULL;
  g_autoptr (GArray) left = NULL;

  g_assert_no_error (error);
  after = valise_extents_of_ntfs (f->image, &error);
  g_assert_no_error (error);
  left = valise_extent_map_subtract (map, after);
  g_assert_cmpuint (valise_extents_get_bytes (left) + 290 * VALISE_MIB, ==,
                    valise_extents_get_bytes (after));
  /* The root folder may have got a cluster. */
  g_assert_cmpuint (valise_extents_get_bytes (left), >=, valise_extents_get_bytes (before));
  g_assert_cmpuint (valise_extents_get_bytes (left), <=,
                    valise_extents_get_bytes (before) + VALISE_MIB);
  for (guint i = 0; i < left->len; i++)
    {
      const ValiseExtent *extent = &g_array_index (left, ValiseExtent, i);

      for (guint64 at = 0, run; at < 290 * VALISE_MIB; at += run)
        {
          guint64 place = valise_extent_map_find (map, at, &run);

          g_assert_true (place + run <= extent->offset
                         || place >= extent->offset + extent->size);
        }
    }
}

static void
test_slice (void)
{
  g_autoptr (ValiseExtentMap) map = valise_extent_map_new ();
  g_autoptr (ValiseExtentMap) part = NULL;
  guint64 size;

  valise_extent_map_add (map, 1000, 100);
  valise_extent_map_add (map, 1100, 50); /* goes on where that ended */
  valise_extent_map_add (map, 500, 30);
  g_assert_cmpuint (valise_extent_map_get_n_runs (map), ==, 2);
  part = valise_extent_map_slice (map, 140, 20, 10000);
  g_assert_cmpuint (valise_extent_map_get_size (part), ==, 20);
  g_assert_cmpuint (valise_extent_map_find (part, 3, &size), ==, 11143);
  g_assert_cmpuint (size, ==, 7);
  g_assert_cmpuint (valise_extent_map_find (part, 10, &size), ==, 10500);
  g_assert_cmpuint (size, ==, 10);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/ntfs-reserve/", cases[i].name, NULL);

      g_test_add (path, Fixture, GSIZE_TO_POINTER ((gsize) i), set_up, test_file, tear_down);
    }
  g_test_add ("/ntfs-reserve/full", Fixture, NULL, set_up, test_full, tear_down);
  g_test_add ("/ntfs-reserve/subtract", Fixture, NULL, set_up, test_subtract, tear_down);
  g_test_add_func ("/ntfs-reserve/slice", test_slice);
  return g_test_run ();
}
