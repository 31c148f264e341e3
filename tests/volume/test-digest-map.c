/* test-digest-map.c: what was written is remembered, and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "core/valise-units.h"
#include "volume/valise-digest-map.h"

static guint8 block[VALISE_BLOCK_SIZE];

static void
test_runs (void)
{
  const guint64 size = 2048 * VALISE_GIB + 4096; /* the last block is short */
  g_autoptr (ValiseDigestMap) map = valise_digest_map_new (size);
  g_autoptr (ValiseDigestMap) copy = NULL;
  const guint64 last = size / VALISE_BLOCK_SIZE;
  guint64 first, n;

  g_assert_false (valise_digest_map_next_run (map, 0, G_MAXUINT64, &first, &n));
  for (guint64 i = 100; i < 300; i++)
    valise_digest_map_record (map, i, block);
  valise_digest_map_record (map, 200, block); /* again: counts once */
  valise_digest_map_record (map, last, block);
  g_assert_cmpuint (valise_digest_map_get_written_bytes (map), ==, 200 * VALISE_BLOCK_SIZE + 4096);
  g_assert_cmpuint (valise_digest_map_get_block_length (map, last), ==, 4096);
  g_assert_cmpuint (valise_digest_map_get_block_length (map, last + 1), ==, 0);

  /* Merged into one of a map that knows another block, and one of them otherwise. */
  copy = valise_digest_map_new (size);
  valise_digest_map_record_digest (copy, 200, 1);
  valise_digest_map_record_digest (copy, last - 1, 2);
  valise_digest_map_merge (copy, map);
  g_assert_true (valise_digest_map_next_run (copy, 0, 64, &first, &n));
  g_assert_cmpuint (first, ==, 100);
  g_assert_cmpuint (n, ==, 64);
  g_assert_true (valise_digest_map_next_run (copy, 164, G_MAXUINT64, &first, &n));
  g_assert_cmpuint (first, ==, 164);
  g_assert_cmpuint (n, ==, 136);
  g_assert_true (valise_digest_map_next_run (copy, 300, G_MAXUINT64, &first, &n));
  g_assert_cmpuint (first, ==, last - 1);
  g_assert_cmpuint (n, ==, 2);
  g_assert_false (valise_digest_map_next_run (copy, last + 1, G_MAXUINT64, &first, &n));
  g_assert_cmpuint (valise_digest_map_run_digest (copy, 100, 200), ==,
                    valise_digest_map_run_digest (map, 100, 200));
}

static void
test_check (void)
{
  g_autoptr (ValiseDigestMap) map = valise_digest_map_new (10 * VALISE_BLOCK_SIZE + 512);

  memset (block, 7, sizeof block);
  valise_digest_map_record (map, 3, block);
  g_assert_true (valise_digest_map_check (map, 3, block));
  for (gsize bit = 0; bit < sizeof block * 8; bit += 4099)
    {
      block[bit / 8] ^= 1 << (bit % 8);
      g_assert_false (valise_digest_map_check (map, 3, block));
      block[bit / 8] ^= 1 << (bit % 8);
    }

  /* Bytes behind the drive's end do not count. */
  valise_digest_map_record (map, 10, block);
  block[512]++;
  g_assert_true (valise_digest_map_check (map, 10, block));
  block[511]++;
  g_assert_false (valise_digest_map_check (map, 10, block));
}

static void
test_known_values (void)
{
  /* From `xxhsum -H3` (xxHash 0.8.1): an empty file. */
  g_assert_cmphex (valise_digest_block ("", 0), ==, G_GUINT64_CONSTANT (0x2d06800538d394c2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/volume/digest-map/runs", test_runs);
  g_test_add_func ("/volume/digest-map/check", test_check);
  g_test_add_func ("/volume/digest-map/known-values", test_known_values);
  return g_test_run ();
}
