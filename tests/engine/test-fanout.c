/* test-fanout.c: every drive that lives gets every byte, and one that fails harms no other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-fanout.h"
#include "fault-target.h"
#include "test-folder.h"
#include "volume/valise-volume-cache.h"

#define SIZE (16 * VALISE_MIB)
#define PIECE (256 * VALISE_KIB)
#define N_WRITES (SIZE / PIECE)
#define MAX_TARGETS VALISE_FANOUT_MAX_TARGETS

typedef struct
{
  char *folder;
  guint n;
  char *paths[MAX_TARGETS];
  FaultPlan plans[MAX_TARGETS];
  ValiseTarget *targets[MAX_TARGETS];
  GCancellable *cancellable;
  ValiseFanout *fanout;
  ValiseBacking *backing;
  ValiseBuffer *bytes; /* what the drives shall hold */

  /* What the writes said when they ended. */
  GMutex lock;
  guint n_done, n_ok;
  gboolean out_of_order;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  f->folder = make_folder ();
  f->cancellable = g_cancellable_new ();
  f->bytes = valise_buffer_new (SIZE);
  for (gsize i = 0; i < SIZE; i += 4)
    {
      guint32 value = g_rand_int (rand);

      memcpy (f->bytes->data + i, &value, 4);
    }
  g_mutex_init (&f->lock);
  for (guint i = 0; i < MAX_TARGETS; i++)
    fault_plan_init (&f->plans[i]);
}

static void
start (Fixture *f, guint n, guint64 queue_bytes)
{
  f->n = n;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("drive-%u", i);

      f->paths[i] = make_drive (f->folder, name, SIZE + i * VALISE_MIB, 0);
      f->targets[i] = fault_target_new (f->paths[i], &f->plans[i]);
    }
  f->fanout = valise_fanout_new (f->targets, n, queue_bytes, f->cancellable);
  f->backing = VALISE_BACKING (f->fanout);
  g_assert_cmpuint (valise_backing_get_size (f->backing), ==, SIZE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_object (&f->fanout);
  for (guint i = 0; i < f->n; i++)
    {
      valise_target_free (f->targets[i]);
      /* A drive that was given up is used until its last write has ended. */
      fault_plan_wait_closed (&f->plans[i]);
      g_free (f->paths[i]);
    }
  g_object_unref (f->cancellable);
  valise_buffer_unref (f->bytes);
  g_mutex_clear (&f->lock);
  valise_remove_tree (f->folder);
  g_free (f->folder);
}

static void
on_done (ValiseWrite *write, gboolean ok, gpointer data)
{
  Fixture *f = data;

  g_mutex_lock (&f->lock);
  f->out_of_order |= write->offset != f->n_done * PIECE;
  f->n_done++;
  f->n_ok += ok;
  g_mutex_unlock (&f->lock);
}

static gboolean
submit_one (Fixture *f, guint i, GError **error)
{
  ValiseWrite *write = valise_write_new ((guint64)i * PIECE, on_done, f);

  valise_write_add (write, f->bytes, i * PIECE, PIECE / 4);
  valise_write_add (write, f->bytes, i * PIECE + PIECE / 4, PIECE / 4 * 3);
  return valise_backing_submit (f->backing, write, error);
}

/* Writes everything; returns how many writes were taken. */
static guint
submit_all (Fixture *f, GError **error)
{
  for (guint i = 0; i < N_WRITES; i++)
    if (!submit_one (f, i, error))
      return i;
  return N_WRITES;
}

static void
assert_holds (Fixture *f, guint i)
{
  g_autofree guint8 *found = g_malloc (SIZE);
  ValiseFanoutStats stats;
  g_autoptr (GError) error = valise_fanout_dup_error (f->fanout, i);

  g_assert_no_error (error);
  read_drive (f->paths[i], 0, found, SIZE);
  g_assert_cmpmem (found, SIZE, f->bytes->data, SIZE);
  /* A writer says that it is done before it takes the bytes off its queue. */
  for (guint turn = 0; turn < 10000; turn++)
    {
      valise_fanout_get_stats (f->fanout, i, &stats);
      if (stats.queued == 0)
        break;
      g_usleep (1000);
    }
  g_assert_true (stats.is_live);
  g_assert_cmpuint (stats.bytes, ==, SIZE);
  g_assert_cmpuint (stats.queued, ==, 0);
}

static void
assert_dropped (Fixture *f, guint i, GQuark domain, int code)
{
  g_autoptr (GError) error = valise_fanout_dup_error (f->fanout, i);
  ValiseFanoutStats stats;

  g_assert_error (error, domain, code);
  valise_fanout_get_stats (f->fanout, i, &stats);
  g_assert_false (stats.is_live);
}

/* ---- nothing fails ---- */

static void
test_all_well (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ValiseSpeedCurve curve;

  for (guint i = 0; i < MAX_TARGETS; i++)
    {
      f->plans[i].write_delay = i % 5 * 300;
      f->plans[i].max_write = i % 3 == 1 ? 100 * 512 : 0;
    }
  start (f, GPOINTER_TO_UINT (data), VALISE_MIB);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_backing_drain (f->backing, &error));
  g_assert_cmpuint (f->n_done, ==, N_WRITES);
  g_assert_cmpuint (f->n_ok, ==, N_WRITES);
  g_assert_false (f->out_of_order);
  g_assert_true (valise_fanout_flush (f->fanout, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (valise_fanout_get_n_live (f->fanout), ==, f->n);
  for (guint i = 0; i < f->n; i++)
    {
      assert_holds (f, i);
      valise_fanout_get_curve (f->fanout, i, &curve);
      g_assert_cmpuint (curve.points[curve.n_points - 1].bytes, ==, SIZE);
    }
}

/* A slow drive holds up what comes behind its queue, and no more waits than the queue has room. */
static void
test_bounded (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ValiseFanoutStats stats;
  guint64 most = 0;

  f->plans[1].write_delay = 2000;
  start (f, 2, VALISE_MIB);
  for (guint i = 0; i < N_WRITES; i++)
    {
      g_assert_true (submit_one (f, i, &error));
      valise_fanout_get_stats (f->fanout, 1, &stats);
      most = MAX (most, stats.queued);
    }
  g_assert_cmpuint (most, >, PIECE);
  g_assert_cmpuint (most, <=, VALISE_MIB);
  g_assert_true (valise_backing_drain (f->backing, &error));
  assert_holds (f, 0);
  assert_holds (f, 1);
}

/* A write that is larger than the queue goes through all the same. */
static void
test_tiny_queue (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  start (f, 3, 4096);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_backing_drain (f->backing, &error));
  for (guint i = 0; i < 3; i++)
    assert_holds (f, i);
}

/* ---- drives fail ---- */

typedef struct
{
  const char *name;
  guint n;
  guint n_failing; /* the first ones */
  guint64 write_bytes;
  int write_errno;
  guint64 vanish_at;
  int flush_errno;
  int code;
} FailCase;

static const FailCase fail_cases[] = {
  { "one-first", 1, 1, 0, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "one-middle", 1, 1, SIZE / 2 + 512, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "one-last", 1, 1, SIZE - 1, ENOSPC, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "one-gone", 1, 1, FAULT_NEVER, 0, 20, 0, VALISE_DRIVE_ERROR_VANISHED },
  { "one-gone-at-flush", 1, 1, FAULT_NEVER, 0, N_WRITES, 0, VALISE_DRIVE_ERROR_VANISHED },
  { "one-flush", 1, 1, FAULT_NEVER, 0, FAULT_NEVER, EIO, VALISE_DRIVE_ERROR_FLUSH },
  { "two-first", 2, 1, 0, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "two-middle", 2, 1, SIZE / 2 + 512, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "two-last", 2, 1, SIZE - 1, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "two-flush", 2, 1, FAULT_NEVER, 0, FAULT_NEVER, EIO, VALISE_DRIVE_ERROR_FLUSH },
  { "two-both", 2, 2, SIZE / 2 + 512, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "four-three", 4, 3, FAULT_NEVER, 0, 11, 0, VALISE_DRIVE_ERROR_VANISHED },
  { "sixteen-fifteen", 16, 15, 3 * PIECE, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
  { "sixteen-all", 16, 16, 3 * PIECE, EIO, FAULT_NEVER, 0, VALISE_DRIVE_ERROR_WRITE },
};

static void
test_fail (Fixture *f, gconstpointer data)
{
  const FailCase *c = data;
  g_autoptr (GError) error = NULL;
  gboolean in_flush = c->flush_errno != 0 || c->vanish_at == N_WRITES;
  gboolean some_live = c->n_failing < c->n;

  for (guint i = 0; i < c->n_failing; i++)
    {
      /* Not all at the same place. */
      f->plans[i].write_bytes
          = c->write_bytes == FAULT_NEVER ? FAULT_NEVER : c->write_bytes + i * 512 * (c->n > 2);
      f->plans[i].write_errno = c->write_errno;
      f->plans[i].vanish_at = c->vanish_at;
      f->plans[i].flush_errno = c->flush_errno;
    }
  start (f, c->n, VALISE_MIB);
  if (some_live || in_flush)
    {
      g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
      g_assert_true (valise_backing_drain (f->backing, &error));
      g_assert_cmpuint (f->n_ok, ==, N_WRITES);
    }
  else
    {
      guint taken = submit_all (f, &error);

      if (taken < N_WRITES)
        {
          g_assert_error (error, VALISE_DRIVE_ERROR, c->code);
          g_assert_cmpuint (f->n_done, ==, taken + 1);
          g_clear_error (&error);
        }
      g_assert_false (valise_backing_drain (f->backing, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, c->code);
      g_clear_error (&error);
      g_assert_cmpuint (f->n_ok, <, f->n_done);
    }
  g_assert_false (f->out_of_order);

  g_assert_cmpint (valise_fanout_flush (f->fanout, &error), ==, some_live);
  if (some_live)
    g_assert_no_error (error);
  else
    g_assert_error (error, VALISE_DRIVE_ERROR, c->code);
  g_assert_cmpuint (valise_fanout_get_n_live (f->fanout), ==, c->n - c->n_failing);
  for (guint i = 0; i < c->n; i++)
    if (i < c->n_failing)
      {
        assert_dropped (f, i, VALISE_DRIVE_ERROR, c->code);
        if (c->write_bytes == 0)
          g_assert_cmpint (f->plans[i].n_writes, ==, 1);
      }
    else
      assert_holds (f, i);
}

/* What the first drive cannot give comes from the next. */
static void
test_read_moves_on (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBuffer) found = valise_buffer_new (PIECE);

  f->plans[0].read_from = 4 * VALISE_MIB;
  f->plans[1].read_from = 8 * VALISE_MIB;
  start (f, 3, 0);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_backing_drain (f->backing, &error));
  for (guint i = 0; i < N_WRITES; i++)
    {
      guint64 at = (guint64)i * PIECE;

      g_assert_true (valise_backing_read (f->backing, at, found->data, PIECE, NULL, NULL, &error));
      g_assert_cmpmem (found->data, PIECE, f->bytes->data + at, PIECE);
      g_assert_cmpuint (valise_fanout_get_n_live (f->fanout), ==,
                        at < 4 * VALISE_MIB ? 3 : at < 8 * VALISE_MIB ? 2 : 1);
    }
  assert_dropped (f, 0, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ);
  assert_dropped (f, 1, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ);

  f->plans[2].vanish_at = 0;
  g_assert_false (valise_backing_read (f->backing, 0, found->data, PIECE, NULL, NULL, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ); /* the first one’s */
  assert_dropped (f, 2, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED);
}

/* The job may drop a drive itself. */
static void
test_drop (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) reason
      = g_error_new_literal (VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH, "the test says so");

  f->plans[0].write_delay = 1000;
  start (f, 2, VALISE_MIB);
  for (guint i = 0; i < N_WRITES; i++)
    {
      g_assert_true (submit_one (f, i, &error));
      if (i == N_WRITES / 2)
        valise_fanout_fail (f->fanout, 0, reason);
    }
  g_assert_true (valise_backing_drain (f->backing, &error));
  assert_dropped (f, 0, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  assert_holds (f, 1);
  /* What waited for it was not written any more. */
  g_assert_cmpuint (f->plans[0].bytes_taken, <=, (N_WRITES / 2 + 1) * PIECE);
}

/* ---- drives hold up the others ---- */

/* Long enough for a drive that has nothing but a busy machine to wait for. */
static const ValisePatience short_stall = { 2 * G_TIME_SPAN_SECOND, G_TIME_SPAN_HOUR, 0 };
static const ValisePatience short_window
    = { G_TIME_SPAN_HOUR, G_TIME_SPAN_SECOND, 100 * VALISE_MIB };

/* Drives whose writes do not return are left behind, and their threads with them: the others end up
 * with everything, and nobody waits until the system lets those threads go. */
static void
test_stalled (Fixture *f, gconstpointer data)
{
  const guint n = 5;
  const guint n_stuck = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  FaultGate gates[5];

  for (guint i = 0; i < n_stuck; i++)
    fault_gate_shut (&gates[i], &f->plans[i], FAULT_WRITE, i % 3);
  start (f, n, VALISE_MIB);
  valise_fanout_set_patience (f->fanout, &short_stall);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_backing_drain (f->backing, &error));
  g_assert_cmpuint (f->n_ok, ==, N_WRITES);
  g_assert_false (f->out_of_order);
  g_assert_true (valise_fanout_flush (f->fanout, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < n; i++)
    if (i < n_stuck)
      {
        g_autoptr (GError) why = valise_fanout_dup_error (f->fanout, i);

        assert_dropped (f, i, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_STALLED);
        g_assert_nonnull (strstr (why->message, "stopped answering"));
        g_assert_cmpuint (f->plans[i].n_writes, ==, i % 3);
      }
    else
      assert_holds (f, i);

  /* It ends although the threads are still where they were. */
  g_clear_object (&f->fanout);
  for (guint i = 0; i < n; i++)
    {
      valise_target_free (f->targets[i]);
      g_free (f->paths[i]);
    }
  f->n = 0;
  for (guint i = 0; i < n_stuck; i++)
    {
      fault_gate_wait (&gates[i]);
      g_assert_false (g_atomic_int_get (&f->plans[i].is_closed));
      fault_gate_open (&gates[i]);
      fault_plan_wait_closed (&f->plans[i]);
      fault_gate_clear (&gates[i]);
    }
}

static gpointer
open_later (gpointer data)
{
  FaultGate *gate = data;

  fault_gate_wait (gate);
  g_usleep (short_stall.stall * 3 / 2);
  fault_gate_open (gate);
  return NULL;
}

/* Where no drive is better, there is nobody to go on without it: it is waited for. */
static void
test_all_stall (Fixture *f, gconstpointer data)
{
  const guint n = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  GThread *threads[2];
  FaultGate gates[2];

  for (guint i = 0; i < n; i++)
    fault_gate_shut (&gates[i], &f->plans[i], FAULT_WRITE, 0);
  start (f, n, VALISE_MIB);
  valise_fanout_set_patience (f->fanout, &short_stall);
  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("open", open_later, &gates[i]);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_backing_drain (f->backing, &error));
  for (guint i = 0; i < n; i++)
    {
      g_thread_join (threads[i]);
      assert_holds (f, i);
    }
  /* Nobody is before the gates any more. */
  for (guint i = 0; i < n; i++)
    {
      f->plans[i].before = NULL;
      fault_gate_clear (&gates[i]);
    }
}

/* A drive that is far slower than the others sets the pace, and is not given up for that alone. */
static void
test_slow (Fixture *f, gconstpointer data)
{
  const ValisePatience patience
      = { 2 * G_TIME_SPAN_SECOND, 500 * G_TIME_SPAN_MILLISECOND, 1000 * 1000 };
  g_autoptr (GError) error = NULL;

  f->plans[1].write_delay = 50000;
  start (f, 3, VALISE_MIB);
  valise_fanout_set_patience (f->fanout, &patience);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_backing_drain (f->backing, &error));
  for (guint i = 0; i < 3; i++)
    assert_holds (f, i);
}

/* One that goes on, but so slowly that it would take the others' day, is given up. */
static void
test_crawls (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) why = NULL;

  f->plans[1].write_delay = 300000;
  start (f, 3, VALISE_MIB);
  valise_fanout_set_patience (f->fanout, &short_window);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_backing_drain (f->backing, &error));
  g_assert_cmpuint (f->n_ok, ==, N_WRITES);
  assert_dropped (f, 1, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_STALLED);
  why = valise_fanout_dup_error (f->fanout, 1);
  g_assert_nonnull (strstr (why->message, "a second"));
  assert_holds (f, 0);
  assert_holds (f, 2);
}

/* ---- cancelling ---- */

static gpointer
cancel_thread (gpointer data)
{
  Fixture *f = data;

  g_usleep (15000);
  g_cancellable_cancel (f->cancellable);
  return NULL;
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBuffer) found = valise_buffer_new (PIECE);
  GThread *thread;
  guint taken;

  f->plans[0].write_delay = 3000;
  f->plans[1].write_delay = 5000;
  start (f, 4, 2 * PIECE);
  thread = g_thread_new ("cancel", cancel_thread, f);
  taken = submit_all (f, &error);
  g_thread_join (thread);
  g_assert_cmpuint (taken, <, N_WRITES);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (f->n_done, ==, taken + 1);
  g_assert_false (f->out_of_order);
  g_assert_false (valise_backing_drain (f->backing, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (valise_backing_read (f->backing, 0, found->data, PIECE, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (valise_fanout_flush (f->fanout, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Slow at its first write; at the second one, the user has waited enough where there is one. */
static void
slow_first (FaultPlan *plan, FaultOperation operation)
{
  if (g_atomic_int_get (&plan->n_writes) == 0)
    g_usleep (700000);
  else if (plan->data != NULL)
    g_cancellable_cancel (plan->data);
}

/* A drive that is known to be slow is written in pieces, and all the same gets everything. */
static void
test_pieces (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->plans[0].before = slow_first;
  start (f, 1, 0);
  g_assert_cmpuint (submit_all (f, &error), ==, N_WRITES);
  g_assert_true (valise_fanout_flush (f->fanout, &error));
  g_assert_no_error (error);
  assert_holds (f, 0);
  g_assert_cmpint (f->plans[0].n_writes, >, N_WRITES);
}

/* What of a write was not begun when the job is stopped is not written. */
static void
test_cancel_in_write (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->plans[0].before = slow_first;
  f->plans[0].data = f->cancellable;
  start (f, 1, 0);
  submit_all (f, NULL);
  g_assert_false (valise_backing_drain (f->backing, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (f->plans[0].n_writes, ==, 2);
  g_assert_cmpuint (f->plans[0].bytes_taken, >, PIECE);
  g_assert_cmpuint (f->plans[0].bytes_taken, <, 2 * PIECE);
}

static void
test_cancelled_before (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (f->cancellable);
  start (f, 2, 0);
  g_assert_false (submit_one (f, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (f->n_done, ==, 1);
  g_assert_cmpint (f->plans[0].n_operations, ==, 0);
}

/* ---- below a volume cache, at random ---- */

static void
test_cache (Fixture *f, gconstpointer data)
{
  const guint n = GPOINTER_TO_UINT (data);
  g_autoptr (GRand) rand = g_rand_new_with_seed (n);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *model = g_malloc0 (SIZE);
  g_autofree guint8 *found = g_malloc (SIZE);
  ValiseVolumeCache *cache;

  /* All but the last one fail on the way, in writing or in reading. */
  for (guint i = 0; i + 1 < n; i++)
    {
      f->plans[i].vanish_at = 10 + 20 * i;
      f->plans[i].vanish_quietly = i % 2;
    }
  start (f, n, 0);
  cache = valise_volume_cache_new (f->backing, VALISE_VOLUME_CACHE_MIN_BUDGET);
  for (guint i = 0; i < 3000; i++)
    {
      guint64 at = g_rand_int_range (rand, 0, SIZE);
      gsize size = g_rand_int_range (rand, 1, 64 * 1024);

      size = MIN (size, SIZE - at);

      if (i % 4 == 3)
        {
          g_assert_true (valise_volume_cache_read (cache, at, found, size, &error));
          g_assert_cmpmem (found, size, model + at, size);
        }
      else
        {
          memcpy (model + at, f->bytes->data + (at * 7 + i) % (SIZE - size), size);
          valise_volume_cache_write (cache, at, model + at, size, &error);
          g_assert_no_error (error);
        }
      if (i % 100 == 99)
        g_assert_true (valise_volume_cache_flush (cache, &error));
    }
  g_assert_true (valise_volume_cache_flush (cache, &error));
  g_assert_no_error (error);
  valise_volume_cache_free (cache);
  g_assert_cmpuint (valise_fanout_get_n_live (f->fanout), ==, 1);
  read_drive (f->paths[n - 1], 0, found, SIZE);
  g_assert_cmpmem (found, SIZE, model, SIZE);
}

/* Drives that give back something else are found out below the cache, and dropped one by one; the
 * one that does not lie ends up with all. */
static void
test_cache_lies (Fixture *f, gconstpointer data)
{
  const guint n_liars = GPOINTER_TO_UINT (data);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *found = g_malloc (SIZE);
  ValiseVolumeCache *cache;
  gboolean ok = TRUE;

  for (guint i = 0; i < n_liars; i++)
    f->plans[i].flip_byte = (4 + 4 * i) * VALISE_MIB + 70000;
  start (f, 3, 0);
  cache = valise_volume_cache_new (f->backing, VALISE_VOLUME_CACHE_MIN_BUDGET);
  for (guint64 at = 0; at < SIZE; at += VALISE_MIB)
    g_assert_true (
        valise_volume_cache_write (cache, at, f->bytes->data + at, VALISE_MIB, &error));
  g_assert_true (valise_volume_cache_flush (cache, &error));
  g_assert_cmpuint (valise_fanout_get_n_live (f->fanout), ==, 3);
  for (guint64 at = 0; ok && at < SIZE; at += VALISE_MIB)
    {
      ok = valise_volume_cache_read (cache, at, found + at, VALISE_MIB, &error);
      if (ok)
        g_assert_cmpmem (found + at, VALISE_MIB, f->bytes->data + at, VALISE_MIB);
    }
  for (guint i = 0; i < n_liars; i++)
    assert_dropped (f, i, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  if (n_liars < 3)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (valise_fanout_get_n_live (f->fanout), ==, 3 - n_liars);
      assert_holds (f, 2);
    }
  else
    g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  valise_volume_cache_free (cache);
}

/* A cache whose drives all fail says why, and lets go of everything. */
static void
test_cache_fails (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  ValiseVolumeCache *cache;
  gboolean ok = TRUE;

  f->plans[0].write_bytes = f->plans[1].write_bytes = 5 * VALISE_MIB;
  f->plans[1].write_delay = 500;
  start (f, 2, 0);
  cache = valise_volume_cache_new (f->backing, VALISE_VOLUME_CACHE_MIN_BUDGET);
  for (guint64 at = 0; ok && at < SIZE; at += VALISE_MIB)
    ok = valise_volume_cache_write (cache, at, f->bytes->data + at, VALISE_MIB, &error);
  ok = ok && valise_volume_cache_flush (cache, &error);
  g_assert_false (ok);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE);
  g_assert_nonnull (strstr (error->message, "“drive-0”"));
  valise_volume_cache_free (cache);
}

/* ---- the curve ---- */

static void
test_curve (Fixture *f, gconstpointer data)
{
  ValiseSpeedCurve curve;
  const gint64 begin = 1000;
  gint64 now = begin;

  valise_speed_curve_init (&curve, begin);
  g_assert_cmpuint (valise_speed_curve_get_rate (&curve, begin), ==, 0);
  /* Two hours at 10 MB/s, with a pause of ten minutes in between. */
  for (guint i = 0; i < 7200 * 4; i++)
    {
      now += 250000 + (i == 14400 ? 600 * G_TIME_SPAN_SECOND : 0);
      valise_speed_curve_add (&curve, now, 2500000);
      if (i % 1000 == 20)
        g_assert_cmpfloat_with_epsilon (valise_speed_curve_get_rate (&curve, now) / 1e6, 10, 0.9);
    }
  g_assert_cmpuint (curve.bytes, ==, G_GUINT64_CONSTANT (72000000000));
  g_assert_cmpuint (curve.n_points, >, VALISE_SPEED_CURVE_MAX_POINTS / 2);
  g_assert_cmpuint (curve.n_points, <=, VALISE_SPEED_CURVE_MAX_POINTS);
  g_assert_cmpint (curve.points[curve.n_points - 1].time, ==, now - begin);
  g_assert_cmpuint (curve.points[curve.n_points - 1].bytes, ==, curve.bytes);
  for (guint i = 1; i < curve.n_points; i++)
    {
      g_assert_cmpint (curve.points[i].time, >, curve.points[i - 1].time);
      g_assert_cmpuint (curve.points[i].bytes, >=, curve.points[i - 1].bytes);
    }
  /* Halfway to the pause there were 18 GB. */
  for (guint i = 0; i < curve.n_points; i++)
    if (curve.points[i].time >= 1800 * G_TIME_SPAN_SECOND)
      {
        g_assert_cmpfloat_with_epsilon (curve.points[i].bytes / 1e9, 18, 0.2);
        break;
      }
  /* Nothing more comes. */
  g_assert_cmpuint (valise_speed_curve_get_rate (&curve, now + 3 * G_TIME_SPAN_SECOND), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function, data) \
  g_test_add ("/engine/fanout/" name, Fixture, data, set_up, function, tear_down)
  ADD ("all-well/1", test_all_well, GUINT_TO_POINTER (1));
  ADD ("all-well/2", test_all_well, GUINT_TO_POINTER (2));
  ADD ("all-well/16", test_all_well, GUINT_TO_POINTER (16));
  ADD ("bounded", test_bounded, NULL);
  ADD ("tiny-queue", test_tiny_queue, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fail_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/engine/fanout/fail/", fail_cases[i].name, NULL);

      g_test_add (path, Fixture, &fail_cases[i], set_up, test_fail, tear_down);
    }
  ADD ("read-moves-on", test_read_moves_on, NULL);
  ADD ("drop", test_drop, NULL);
  ADD ("stalled/1", test_stalled, GUINT_TO_POINTER (1));
  ADD ("stalled/4", test_stalled, GUINT_TO_POINTER (4));
  ADD ("all-stall/1", test_all_stall, GUINT_TO_POINTER (1));
  ADD ("all-stall/2", test_all_stall, GUINT_TO_POINTER (2));
  ADD ("slow", test_slow, NULL);
  ADD ("crawls", test_crawls, NULL);
  ADD ("cancel", test_cancel, NULL);
  ADD ("pieces", test_pieces, NULL);
  ADD ("cancel-in-write", test_cancel_in_write, NULL);
  ADD ("cancelled-before", test_cancelled_before, NULL);
  ADD ("cache/1", test_cache, GUINT_TO_POINTER (1));
  ADD ("cache/4", test_cache, GUINT_TO_POINTER (4));
  ADD ("cache-lies/1", test_cache_lies, GUINT_TO_POINTER (1));
  ADD ("cache-lies/2", test_cache_lies, GUINT_TO_POINTER (2));
  ADD ("cache-lies/3", test_cache_lies, GUINT_TO_POINTER (3));
  ADD ("cache-fails", test_cache_fails, NULL);
  ADD ("curve", test_curve, NULL);
  return g_test_run ();
}
