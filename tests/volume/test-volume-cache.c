/* test-volume-cache.c: the cache tells the truth, keeps to its budget, and writes as drives
 * like it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "memory-backing.h"
#include "volume/valise-volume-cache.h"

#define FILLER 0xa5

/* Every written block is on the drive as the reference has it, and its digest fits. */
static void
check_drive (MemoryBacking *backing, ValiseVolumeCache *cache, const guint8 *reference)
{
  const ValiseDigestMap *map = valise_volume_cache_get_digests (cache);
  guint64 first, n;

  for (guint64 from = 0; valise_digest_map_next_run (map, from, 1, &first, &n); from = first + 1)
    {
      guint64 at = first * VALISE_BLOCK_SIZE;
      gsize length = valise_digest_map_get_block_length (map, first);

      g_assert_true (valise_digest_map_check (map, first, backing->bytes + at));
      g_assert_cmpint (memcmp (backing->bytes + at, reference + at, length), ==, 0);
    }
}

/* Random reads and writes of all sizes, against an array; the even ones with a temporary file. */
static void
test_random (gconstpointer data)
{
  const gsize size = 96 * VALISE_MIB + 4096; /* six times the budget, and a short last block */
  g_autoptr (MemoryBacking) backing = memory_backing_new (size, FILLER);
  g_autoptr (ValiseVolumeCache) cache = valise_volume_cache_new (VALISE_BACKING (backing), 1);
  g_autofree guint8 *reference = g_malloc0 (size);
  g_autofree guint8 *buffer = g_malloc (9 * VALISE_MIB);
  g_autoptr (GRand) rand = g_rand_new_with_seed (GPOINTER_TO_UINT (data));
  g_autoptr (GError) error = NULL;

  if (GPOINTER_TO_UINT (data) % 2 == 0)
    valise_volume_cache_set_folder (cache, g_get_tmp_dir ());

  for (guint i = 0; i < 6000; i++)
    {
      guint32 kind = g_rand_int_range (rand, 0, 100);
      gsize n = kind < 60   ? g_rand_int_range (rand, 1, 5000)
                : kind < 95 ? g_rand_int_range (rand, 1, 300 * 1024)
                            : g_rand_int_range (rand, 1, 9 * VALISE_MIB);
      guint64 offset = g_rand_double_range (rand, 0, 1) * (size - n);

      if (kind % 3 == 0)
        offset = VALISE_ROUND_DOWN (offset, 4096);
      if (g_rand_boolean (rand))
        {
          memset (buffer, g_rand_int_range (rand, 0, 256), n);
          for (gsize k = 0; k < n; k += 509)
            buffer[k] = g_rand_int (rand);
          g_assert_true (valise_volume_cache_write (cache, offset, buffer, n, &error));
          memcpy (reference + offset, buffer, n);
        }
      else
        {
          g_assert_true (valise_volume_cache_read (cache, offset, buffer, n, &error));
          g_assert_cmpint (memcmp (buffer, reference + offset, n), ==, 0);
        }
      g_assert_no_error (error);
      if (i % 2000 == 1999)
        {
          g_assert_true (valise_volume_cache_flush (cache, &error));
          check_drive (backing, cache, reference);
        }
    }
  g_assert_true (valise_volume_cache_flush (cache, &error));
  check_drive (backing, cache, reference);
  g_assert_cmpuint (valise_volume_cache_get_memory (cache), <=, VALISE_VOLUME_CACHE_MIN_BUDGET);

  /* What was never written is what the drive held. */
  for (guint64 b = 0; b * VALISE_BLOCK_SIZE < size; b++)
    if (!valise_digest_map_is_written (valise_volume_cache_get_digests (cache), b))
      g_assert_cmpuint (backing->bytes[b * VALISE_BLOCK_SIZE], ==, FILLER);
}

/* File data in small pieces, with metadata rewritten all the time: what libntfs-3g does. */
static void
test_pattern (void)
{
  const gsize size = 512 * VALISE_MIB;
  const guint64 data_start = 65 * VALISE_MIB + 12 * 1024; /* in the middle of a unit */
  g_autoptr (MemoryBacking) backing = memory_backing_new (size, 0);
  g_autoptr (ValiseVolumeCache) cache
      = valise_volume_cache_new (VALISE_BACKING (backing), 32 * VALISE_MIB);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *piece = g_malloc (32 * 1024);
  ValiseVolumeCacheStats stats;
  guint64 written;

  memset (piece, 1, 32 * 1024);
  for (guint64 at = data_start; at < data_start + 400 * VALISE_MIB; at += 32 * 1024)
    {
      g_assert_true (valise_volume_cache_write (cache, at, piece, 32 * 1024, &error));
      for (guint k = 0; k < 4; k++)
        g_assert_true (valise_volume_cache_write (
            cache, g_rand_int_range (rand, 0, 16 * 1024) * 1024, piece, 1024, &error));
    }
  g_assert_true (valise_volume_cache_flush (cache, &error));
  written = valise_digest_map_get_written_bytes (valise_volume_cache_get_digests (cache));
  valise_volume_cache_get_stats (cache, &stats);
  g_test_message ("%" G_GUINT64_FORMAT " writes, %" G_GUINT64_FORMAT " loads, %" G_GUINT64_FORMAT
                  " descents",
                  backing->writes, stats.loads, backing->descents);
  g_assert_cmpuint (backing->bytes_written, <=, written * 101 / 100);
  g_assert_cmpuint (backing->bytes_written / backing->writes, >=, 3 * VALISE_MIB);
  g_assert_cmpuint (backing->descents, <=, 4);
  g_assert_cmpuint (stats.loads, ==, 0);
}

/* Where hot metadata can go that has no room in memory. */
typedef enum
{
  SPILL_NOWHERE,    /* no folder was given */
  SPILL_TO_FILE,
  SPILL_NO_FOLDER,  /* the first byte fails */
  SPILL_FULL,       /* some of it fits: the disk is full at 20 MiB */
} SpillCase;

static void
set_file_limit (rlim_t bytes)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = MIN (bytes, limit.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* More hot metadata than memory: right, and within the budget. With a temporary file, the drive
 * takes it once; without one, or when that fails, it is slower. */
static void
test_thrash (gconstpointer data)
{
  const SpillCase kind = GPOINTER_TO_UINT (data);
  const gsize size = 64 * VALISE_MIB;
  g_autofree char *folder = g_dir_make_tmp ("valise-spill-XXXXXX", NULL);
  g_autoptr (MemoryBacking) backing = memory_backing_new (size, FILLER);
  g_autoptr (ValiseVolumeCache) cache
      = valise_volume_cache_new (VALISE_BACKING (backing), VALISE_VOLUME_CACHE_MIN_BUDGET);
  g_autofree guint8 *reference = g_malloc0 (size);
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autoptr (GError) error = NULL;
  ValiseVolumeCacheStats stats;
  guint8 record[1024];

  if (kind == SPILL_NO_FOLDER)
    g_assert_cmpint (g_rmdir (folder), ==, 0);
  if (kind != SPILL_NOWHERE)
    valise_volume_cache_set_folder (cache, folder);
  if (kind == SPILL_FULL)
    set_file_limit (20 * VALISE_MIB);

  for (guint i = 0; i < 20000; i++)
    {
      guint64 at = (guint64) g_rand_int_range (rand, 0, size / 1024) * 1024;

      memset (record, i, sizeof record);
      g_assert_true (valise_volume_cache_write (cache, at, record, sizeof record, &error));
      memcpy (reference + at, record, sizeof record);
    }
  g_assert_true (valise_volume_cache_flush (cache, &error));
  check_drive (backing, cache, reference);
  if (kind == SPILL_FULL)
    set_file_limit (RLIM_INFINITY);
  valise_volume_cache_get_stats (cache, &stats);
  g_test_message ("%" G_GUINT64_FORMAT " bytes written, %" G_GUINT64_FORMAT " loads, %"
                  G_GUINT64_FORMAT " spilled, %" G_GUINT64_FORMAT " recalled",
                  backing->bytes_written, stats.loads, stats.spilled, stats.recalled);
  g_assert_cmpuint (valise_volume_cache_get_memory (cache), <=, VALISE_VOLUME_CACHE_MIN_BUDGET);
  if (kind == SPILL_TO_FILE)
    {
      g_assert_cmpuint (stats.loads, ==, 0);
      g_assert_cmpuint (backing->bytes_written, ==, size);
    }
  else
    g_assert_cmpuint (stats.loads, >, 1000);
  g_assert_cmpint (stats.spilled > 0, ==, kind == SPILL_TO_FILE || kind == SPILL_FULL);
  /* Nothing with a name is left, even while the cache lives. */
  g_assert_cmpint (g_rmdir (folder), ==, kind == SPILL_NO_FOLDER ? -1 : 0);
}

/* What was written and is needed again comes back a slab at a time, but for what memory knows
 * better; the drive's end is not a whole block. */
static void
test_reads (void)
{
  const gsize size = 8 * VALISE_MIB + 5 * VALISE_BLOCK_SIZE + 4096;
  g_autoptr (MemoryBacking) backing = memory_backing_new (size, FILLER);
  g_autoptr (ValiseVolumeCache) cache = valise_volume_cache_new (VALISE_BACKING (backing), 0);
  g_autofree guint8 *reference = g_malloc (size);
  g_autofree guint8 *found = g_malloc (size);
  g_autoptr (GError) error = NULL;
  ValiseVolumeCacheStats stats;

  for (gsize i = 0; i < size; i++)
    reference[i] = i * 7 + i / 251;
  /* Never written, and too much for being written along. */
  memset (reference + 13 * VALISE_BLOCK_SIZE, 0, 3 * VALISE_BLOCK_SIZE);
  g_assert_true (valise_volume_cache_write (cache, 0, reference, 13 * VALISE_BLOCK_SIZE, &error));
  g_assert_true (valise_volume_cache_write (cache, 16 * VALISE_BLOCK_SIZE,
                                            reference + 16 * VALISE_BLOCK_SIZE,
                                            size - 16 * VALISE_BLOCK_SIZE, &error));
  g_assert_true (valise_volume_cache_flush (cache, &error));
  memset (reference + 2 * VALISE_BLOCK_SIZE, 1, VALISE_BLOCK_SIZE);
  g_assert_true (valise_volume_cache_write (cache, 2 * VALISE_BLOCK_SIZE,
                                            reference + 2 * VALISE_BLOCK_SIZE, VALISE_BLOCK_SIZE,
                                            &error));
  g_assert_cmpuint (backing->reads, ==, 0);
  for (gsize at = 0; at < size; at += MIN (1000, size - at))
    g_assert_true (
        valise_volume_cache_read (cache, at, found + at, MIN (1000, size - at), &error));
  g_assert_cmpmem (found, size, reference, size);

  /* 34 slabs, of which one comes in two parts. */
  g_assert_cmpuint (backing->reads, ==, 35);
  valise_volume_cache_get_stats (cache, &stats);
  g_assert_cmpuint (stats.loads, ==, 128 + 6 - 3 - 1);
}

static void
test_write_fails (void)
{
  for (guint64 fail_at = 1; fail_at < 40; fail_at += 6)
    {
      g_autoptr (MemoryBacking) backing = memory_backing_new (256 * VALISE_MIB, 0);
      g_autoptr (ValiseVolumeCache) cache
          = valise_volume_cache_new (VALISE_BACKING (backing), VALISE_VOLUME_CACHE_MIN_BUDGET);
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *piece = g_malloc0 (VALISE_MIB);
      guint64 at = 0;

      backing->fail_at = fail_at;
      while (at < 200 * VALISE_MIB
             && valise_volume_cache_write (cache, at, piece, VALISE_MIB, &error))
        at += VALISE_MIB;
      if (error == NULL)
        g_assert_false (valise_volume_cache_flush (cache, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE);
      g_assert_cmpuint (at, <=, (fail_at + 16) * 4 * VALISE_MIB); /* soon, not at the end */

      /* And it stays so. */
      g_clear_error (&error);
      g_assert_false (valise_volume_cache_flush (cache, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE);
      g_clear_error (&error);
      g_assert_false (valise_volume_cache_read (cache, 0, piece, 1, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE);
    }
}

static void
test_drive_lies (void)
{
  g_autoptr (MemoryBacking) backing = memory_backing_new (64 * VALISE_MIB, 0);
  g_autoptr (ValiseVolumeCache) cache = valise_volume_cache_new (VALISE_BACKING (backing), 0);
  g_autoptr (GError) error = NULL;
  guint8 byte = 1;

  g_assert_true (valise_volume_cache_write (cache, 10 * VALISE_MIB, &byte, 1, &error));
  g_assert_true (valise_volume_cache_flush (cache, &error));
  backing->bytes[10 * VALISE_MIB + 40000] ^= 0x10;
  g_assert_false (valise_volume_cache_write (cache, 10 * VALISE_MIB, &byte, 1, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
}

static void
test_out_of_range (void)
{
  g_autoptr (MemoryBacking) backing = memory_backing_new (VALISE_MIB, 0);
  g_autoptr (ValiseVolumeCache) cache = valise_volume_cache_new (VALISE_BACKING (backing), 0);
  static const struct
  {
    guint64 offset;
    gsize size;
  } cases[] = { { VALISE_MIB, 1 }, { VALISE_MIB - 1, 2 }, { G_MAXUINT64, 1 }, { 1, G_MAXSIZE } };
  guint8 byte = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          valise_volume_cache_write (cache, cases[i].offset, &byte, cases[i].size, &error));
      g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGXFSZ, SIG_IGN); /* a file that may not grow shall fail as a full disk does */
  g_test_add_data_func ("/volume/cache/random/1", GUINT_TO_POINTER (1), test_random);
  g_test_add_data_func ("/volume/cache/random/2", GUINT_TO_POINTER (2), test_random);
  g_test_add_data_func ("/volume/cache/random/3", GUINT_TO_POINTER (3), test_random);
  g_test_add_data_func ("/volume/cache/random/4", GUINT_TO_POINTER (4), test_random);
  g_test_add_func ("/volume/cache/pattern", test_pattern);
  g_test_add_data_func ("/volume/cache/thrash/to-drive", GUINT_TO_POINTER (SPILL_NOWHERE),
                        test_thrash);
  g_test_add_data_func ("/volume/cache/thrash/to-file", GUINT_TO_POINTER (SPILL_TO_FILE),
                        test_thrash);
  g_test_add_data_func ("/volume/cache/thrash/no-folder", GUINT_TO_POINTER (SPILL_NO_FOLDER),
                        test_thrash);
  g_test_add_data_func ("/volume/cache/thrash/full", GUINT_TO_POINTER (SPILL_FULL), test_thrash);
  g_test_add_func ("/volume/cache/reads", test_reads);
  g_test_add_func ("/volume/cache/write-fails", test_write_fails);
  g_test_add_func ("/volume/cache/drive-lies", test_drive_lies);
  g_test_add_func ("/volume/cache/out-of-range", test_out_of_range);
  return g_test_run ();
}
