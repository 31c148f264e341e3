/* test-verifier.c: a drive that gives back one wrong bit is found out, wherever it is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-verifier.h"
#include "fault-target.h"
#include "test-folder.h"

/* Runs of blocks with gaps, across where reads end, and a last block that is short. */
#define SIZE (40 * VALISE_MIB + 3 * 512)
static const guint64 runs[][2] = {
  { 0, 1 }, { 3, 1 }, { 5, 200 }, { 256, 64 }, { 330, 1 }, { 383, 2 }, { 500, 141 },
};

typedef struct
{
  char *folder;
  char *drive;
  FaultPlan plan;
  ValiseTarget *target;
  ValiseDigestMap *map;
  ValiseProgress *progress;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *block = g_malloc (VALISE_BLOCK_SIZE);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  const ValiseProgressStep step = { "verify", 1 };

  f->folder = make_folder ();
  f->drive = make_drive (f->folder, "drive", SIZE, 0xee);
  f->map = valise_digest_map_new (SIZE);
  f->progress = valise_progress_new ();
  valise_progress_set_steps (f->progress, &step, 1);
  fault_plan_init (&f->plan);
  for (guint r = 0; r < G_N_ELEMENTS (runs); r++)
    for (guint64 b = runs[r][0]; b < runs[r][0] + runs[r][1]; b++)
      {
        for (gsize i = 0; i < VALISE_BLOCK_SIZE; i += 4)
          {
            guint32 value = g_rand_int (rand);

            memcpy (block + i, &value, 4);
          }
        write_drive (f->drive, b * VALISE_BLOCK_SIZE, block,
                     valise_digest_map_get_block_length (f->map, b));
        valise_digest_map_record (f->map, b, block);
      }
  f->target = fault_target_new (f->drive, &f->plan);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  valise_target_free (f->target);
  valise_digest_map_free (f->map);
  g_object_unref (f->progress);
  valise_remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->drive);
}

static gboolean
verify_by_extents (Fixture *f, guint64 max_bytes, guint64 *bad, GError **error)
{
  g_autoptr (GArray) extents = valise_extent_digests_from_map (f->map, max_bytes);

  return valise_verify_extents (f->target, (gconstpointer)extents->data, extents->len,
                                f->progress, bad, NULL, error);
}

static void
test_sound (Fixture *f, gconstpointer data)
{
  const guint64 written = valise_digest_map_get_written_bytes (f->map);
  const guint64 max_bytes[] = { 1, VALISE_BLOCK_SIZE, 5 * VALISE_BLOCK_SIZE, G_MAXUINT64 };
  g_autoptr (ValiseVerifier) verifier = valise_verifier_new (f->target);
  g_autoptr (GError) error = NULL;
  ValiseProgressState state;
  ValiseTargetCounts counts;
  guint64 bad = 1234;

  g_assert_cmpuint (written, ==, 409 * VALISE_BLOCK_SIZE + 3 * 512);
  valise_progress_begin (f->progress, "verify", written);
  g_assert_true (valise_verifier_run (verifier, f->map, f->progress, &bad, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (bad, ==, 1234);
  g_assert_cmpuint (valise_verifier_get_bytes (verifier), ==, written);
  valise_progress_get_state (f->progress, &state);
  g_assert_cmpuint (state.done, ==, written);
  /* What was not written is not read. */
  valise_target_get_counts (f->target, &counts);
  g_assert_cmpuint (counts.bytes_read, ==, written);

  for (guint i = 0; i < G_N_ELEMENTS (max_bytes); i++)
    {
      valise_progress_begin (f->progress, "verify", written);
      g_assert_true (verify_by_extents (f, max_bytes[i], &bad, &error));
      g_assert_no_error (error);
      valise_progress_get_state (f->progress, &state);
      g_assert_cmpuint (state.done, ==, written);
    }
}

static void
test_extents (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) all = valise_extent_digests_from_map (f->map, G_MAXUINT64);
  g_autoptr (GArray) fine = valise_extent_digests_from_map (f->map, 100 * VALISE_BLOCK_SIZE + 1);
  const ValiseExtentDigest *e = (gconstpointer)all->data;

  g_assert_cmpuint (all->len, ==, G_N_ELEMENTS (runs));
  g_assert_cmpuint (fine->len, ==, G_N_ELEMENTS (runs) + 1 + 1);
  for (guint i = 0; i < all->len; i++)
    {
      g_assert_cmpuint (e[i].offset, ==, runs[i][0] * VALISE_BLOCK_SIZE);
      g_assert_cmpuint (e[i].size, ==,
                        MIN (runs[i][1] * VALISE_BLOCK_SIZE, SIZE - e[i].offset));
    }
}

static void
test_flipped (Fixture *f, gconstpointer data)
{
  /* Within a block, at both ends of runs and of reads, in the last byte of all; in gaps. */
  const guint64 written[] = {
    0,
    VALISE_BLOCK_SIZE - 1,
    5 * VALISE_BLOCK_SIZE,
    4 * VALISE_MIB - 1,
    4 * VALISE_MIB,
    205 * VALISE_BLOCK_SIZE - 1,
    330 * VALISE_BLOCK_SIZE + 77,
    24 * VALISE_MIB - 1,
    24 * VALISE_MIB,
    SIZE - 1,
  };
  const guint64 gaps[] = {
    VALISE_BLOCK_SIZE,
    205 * VALISE_BLOCK_SIZE,
    500 * VALISE_BLOCK_SIZE - 1,
  };

  for (guint i = 0; i < G_N_ELEMENTS (written); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 bad = 1;

      f->plan.flip_byte = written[i];
      g_assert_false (valise_verify_target (f->target, f->map, NULL, &bad, NULL, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
      g_assert_cmpuint (bad, ==, VALISE_ROUND_DOWN (written[i], VALISE_BLOCK_SIZE));
      g_clear_error (&error);
      bad = 1;
      g_assert_false (verify_by_extents (f, VALISE_BLOCK_SIZE, &bad, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
      g_assert_cmpuint (bad, ==, VALISE_ROUND_DOWN (written[i], VALISE_BLOCK_SIZE));
      g_clear_error (&error);
      g_assert_false (verify_by_extents (f, G_MAXUINT64, &bad, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
    }
  for (guint i = 0; i < G_N_ELEMENTS (gaps); i++)
    {
      f->plan.flip_byte = gaps[i];
      g_assert_true (valise_verify_target (f->target, f->map, NULL, NULL, NULL, NULL));
    }
}

static void
test_read_error (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->plan.read_from = 9 * VALISE_MIB;
  g_assert_false (valise_verify_target (f->target, f->map, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ);
  g_clear_error (&error);
  f->plan.read_from = FAULT_NEVER;

  /* The first operation is the flush. */
  f->plan.flush_errno = EIO;
  g_assert_false (valise_verify_target (f->target, f->map, NULL, NULL, NULL, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FLUSH);
  g_clear_error (&error);
  f->plan.flush_errno = 0;

  for (guint n = 0; n < 8; n++)
    {
      f->plan.n_operations = 0;
      f->plan.vanish_at = n;
      g_assert_false (valise_verify_target (f->target, f->map, NULL, NULL, NULL, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED);
      g_clear_error (&error);
    }
}

/* The first fault in the order of the drive is the one that is told. */
static void
test_first (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint64 bad = 0;

  f->plan.flip_byte = 7 * VALISE_BLOCK_SIZE;
  f->plan.read_from = 5 * VALISE_MIB;
  g_assert_false (valise_verify_target (f->target, f->map, NULL, &bad, NULL, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  g_assert_cmpuint (bad, ==, 7 * VALISE_BLOCK_SIZE);
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (valise_verify_target (f->target, f->map, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What comes first: the flush, two blocks, and the rest of the first 4 MiB, which says how slow the
 * drive is. Then come 4 MiB as a whole. */
#define SLOW_OPERATION 3
#define CANCEL_OPERATION (SLOW_OPERATION + 2)
#define FIRST_BLOCKS (1 + 1 + 59)
#define WHOLE_BLOCKS 64

static void
slow_read (FaultPlan *plan, FaultOperation operation)
{
  const int n = g_atomic_int_get (&plan->n_operations);

  if (n == SLOW_OPERATION || n == SLOW_OPERATION + 1)
    g_usleep (1500000);
  if (n == CANCEL_OPERATION && plan->data != NULL)
    g_cancellable_cancel (plan->data);
}

/* A drive that is slow is read in pieces, and reading ends between two of them. */
static void
test_pieces (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  ValiseTargetCounts before, after;
  int n_operations;

  g_assert_true (valise_verify_target (f->target, f->map, NULL, NULL, cancellable, &error));
  n_operations = f->plan.n_operations;
  f->plan.before = slow_read;
  f->plan.n_operations = 0;
  g_assert_true (valise_verify_target (f->target, f->map, NULL, NULL, cancellable, &error));
  g_assert_no_error (error);
  g_assert_cmpint (f->plan.n_operations, >, n_operations);

  valise_target_get_counts (f->target, &before);
  f->plan.data = cancellable;
  f->plan.n_operations = 0;
  g_assert_false (valise_verify_target (f->target, f->map, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (f->plan.n_operations, ==, CANCEL_OPERATION + 1);
  valise_target_get_counts (f->target, &after);
  after.bytes_read -= before.bytes_read;
  g_assert_cmpuint (after.bytes_read, >, FIRST_BLOCKS * VALISE_BLOCK_SIZE);
  g_assert_cmpuint (after.bytes_read, <, (FIRST_BLOCKS + WHOLE_BLOCKS) * VALISE_BLOCK_SIZE);
}

/* A report may say anything. */
static void
test_foreign (Fixture *f, gconstpointer data)
{
  static const ValiseExtentDigest bad[] = {
    { 0, 0, 0 },
    { 512, VALISE_BLOCK_SIZE, 0 },
    { 0, 100, 0 },
    { 0, SIZE + 512, 0 },
    { SIZE / VALISE_BLOCK_SIZE * VALISE_BLOCK_SIZE, VALISE_BLOCK_SIZE, 0 },
    { G_MAXUINT64 - VALISE_BLOCK_SIZE + 1, VALISE_BLOCK_SIZE, 0 },
    { VALISE_BLOCK_SIZE, G_MAXUINT64 / 512 * 512, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (valise_verify_extents (f->target, &bad[i], 1, NULL, NULL, NULL, &error));
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
    }
  g_assert_true (valise_verify_extents (f->target, NULL, 0, NULL, NULL, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) \
  g_test_add ("/engine/verifier/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("sound", test_sound);
  ADD ("extents", test_extents);
  ADD ("flipped", test_flipped);
  ADD ("read-error", test_read_error);
  ADD ("first", test_first);
  ADD ("cancel", test_cancel);
  ADD ("pieces", test_pieces);
  ADD ("foreign", test_foreign);
  return g_test_run ();
}
