/* valise-verifier.c: reads a drive back and compares it with the digests of what was written.
 *
 * One thread reads, always 4 MiB ahead; the caller's thread makes the digests meanwhile. The drive
 * is never idle, so reading back takes as long as the drive takes to give its bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-verifier.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

#define READ_SIZE VALISE_TARGET_MAX_PIECE
#define READ_BLOCKS (READ_SIZE / VALISE_BLOCK_SIZE)
#define N_CHUNKS 2

struct _ValiseVerifier
{
  ValiseTarget *target; /* set once */

  GMutex lock; /* guards the curve, which others look at meanwhile */
  ValiseSpeedCurve curve;
};

typedef struct
{
  ValiseBuffer *buffer;
  guint64 offset;
  gsize size;
  gsize extent;    /* the number of the extent that this is of */
  gboolean is_end; /* there is nothing more, because of @error or because all was read */
  GError *error;
} Chunk;

typedef struct
{
  ValiseVerifier *verifier;

  /* What to read: by the map, or by the extents. Read by both threads. */
  const ValiseDigestMap *map;
  const ValiseExtentDigest *extents;
  gsize n_extents;
  GCancellable *cancellable;

  /* Only the reading thread. */
  guint64 next;
  gsize extent;

  /* Only the caller's thread. */
  GArray *digests; /* of the current extent so far */

  /* Between the two. */
  GAsyncQueue *empty;
  GAsyncQueue *full;
  int stop; /* atomic */
} Run;

/* The next piece to read. Pieces end where 4 MiB end, as what the drive is made of does. */
static gboolean
next_piece (Run *run, Chunk *chunk)
{
  guint64 first, n;

  if (run->map != NULL)
    {
      if (!valise_digest_map_next_run (run->map, run->next, READ_BLOCKS, &first, &n))
        return FALSE;
      n = MIN (n, READ_BLOCKS - first % READ_BLOCKS);
      chunk->offset = first * VALISE_BLOCK_SIZE;
      chunk->size = (n - 1) * VALISE_BLOCK_SIZE
                    + valise_digest_map_get_block_length (run->map, first + n - 1);
      run->next = first + n;
    }
  else
    {
      const ValiseExtentDigest *extent;

      if (run->extent >= run->n_extents)
        return FALSE;
      extent = &run->extents[run->extent];
      chunk->extent = run->extent;
      chunk->offset = extent->offset + run->next;
      chunk->size = MIN (READ_SIZE - chunk->offset % READ_SIZE, extent->size - run->next);
      run->next += chunk->size;
      if (run->next == extent->size)
        {
          run->next = 0;
          run->extent++;
        }
    }
  return TRUE;
}

/* Reads a chunk, in pieces where the drive is slow: between two of them it may be stopped. */
static gboolean
read_chunk (Run *run, Chunk *chunk)
{
  ValiseTarget *target = run->verifier->target;

  for (gsize at = 0; at < chunk->size && !g_atomic_int_get (&run->stop);)
    {
      const gsize piece = MIN (valise_target_get_read_piece (target), chunk->size - at);

      if (g_cancellable_set_error_if_cancelled (run->cancellable, &chunk->error)
          || !valise_target_read_full (target, chunk->offset + at, chunk->buffer->data + at, piece,
                                       &chunk->error))
        return FALSE;
      at += piece;
    }
  return TRUE;
}

static gpointer
reader_thread (gpointer data)
{
  Run *run = data;
  gboolean is_end = FALSE;

  while (!is_end)
    {
      Chunk *chunk = g_async_queue_pop (run->empty);

      is_end = g_atomic_int_get (&run->stop)
               || g_cancellable_set_error_if_cancelled (run->cancellable, &chunk->error)
               || !next_piece (run, chunk)
               || !read_chunk (run, chunk);
      chunk->is_end = is_end;
      g_async_queue_push (run->full, chunk);
    }
  return NULL;
}

static gboolean
mismatch (Run *run, guint64 offset, guint64 *bad_offset, GError **error)
{
  if (bad_offset != NULL)
    *bad_offset = offset;
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH,
               _("“%s” gives back other bytes than were written to it (at byte %" PRIu64
                 "). It is worn out, or smaller than it claims to be. Use another drive."),
               valise_target_get_name (run->verifier->target), offset);
  return FALSE;
}

/* Compares what was read with what was written. */
static gboolean
check_chunk (Run *run, const Chunk *chunk, guint64 *bad_offset, GError **error)
{
  for (gsize at = 0; at < chunk->size; at += VALISE_BLOCK_SIZE)
    {
      const guint8 *data = chunk->buffer->data + at;

      if (run->map != NULL)
        {
          if (!valise_digest_map_check (run->map, (chunk->offset + at) / VALISE_BLOCK_SIZE, data))
            return mismatch (run, chunk->offset + at, bad_offset, error);
        }
      else
        {
          guint64 digest = valise_digest_block (data, MIN (chunk->size - at, VALISE_BLOCK_SIZE));

          g_array_append_val (run->digests, digest);
        }
    }

  if (run->map == NULL)
    {
      const ValiseExtentDigest *extent = &run->extents[chunk->extent];

      if (chunk->offset + chunk->size == extent->offset + extent->size)
        {
          if (valise_digest_combine ((gconstpointer)run->digests->data, run->digests->len)
              != extent->digest)
            return mismatch (run, extent->offset, bad_offset, error);
          g_array_set_size (run->digests, 0);
        }
    }
  return TRUE;
}

static gboolean
verify (Run *run, ValiseProgress *progress, guint64 *bad_offset, GError **error)
{
  ValiseVerifier *self = run->verifier;
  Chunk chunks[N_CHUNKS] = { 0 };
  gboolean is_end = FALSE;
  guint64 done = 0;
  gboolean ok = TRUE;
  GThread *thread;

  /* What is to be read back must not come from memory. */
  if (!valise_target_flush (self->target, error))
    return FALSE;
  valise_target_drop_caches (self->target);

  g_mutex_lock (&self->lock);
  valise_speed_curve_init (&self->curve, g_get_monotonic_time ());
  g_mutex_unlock (&self->lock);
  run->empty = g_async_queue_new ();
  run->full = g_async_queue_new ();
  run->digests = g_array_new (FALSE, FALSE, sizeof (guint64));
  for (guint i = 0; i < N_CHUNKS; i++)
    {
      chunks[i].buffer = valise_buffer_new (READ_SIZE);
      g_async_queue_push (run->empty, &chunks[i]);
    }
  thread = g_thread_new ("valise-verifier", reader_thread, run);

  while (!is_end)
    {
      Chunk *chunk = g_async_queue_pop (run->full);

      is_end = chunk->is_end;
      if (ok && is_end && chunk->error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&chunk->error));
          ok = FALSE;
        }
      else if (ok && !is_end)
        {
          ok = check_chunk (run, chunk, bad_offset, error);
          done += chunk->size;
          g_mutex_lock (&self->lock);
          valise_speed_curve_add (&self->curve, g_get_monotonic_time (), chunk->size);
          g_mutex_unlock (&self->lock);
          if (progress != NULL)
            valise_progress_set_done (progress, done);
        }
      if (!ok)
        g_atomic_int_set (&run->stop, TRUE);
      g_async_queue_push (run->empty, chunk);
    }

  g_thread_join (thread);
  for (guint i = 0; i < N_CHUNKS; i++)
    {
      valise_buffer_unref (chunks[i].buffer);
      g_clear_error (&chunks[i].error);
    }
  g_async_queue_unref (run->empty);
  g_async_queue_unref (run->full);
  g_array_unref (run->digests);
  return ok;
}

/**
 * valise_verifier_new:
 * @target: (transfer none): what to read back; must outlive the verifier
 *
 * Returns: (transfer full): a verifier
 */
ValiseVerifier *
valise_verifier_new (ValiseTarget *target)
{
  ValiseVerifier *self = g_new0 (ValiseVerifier, 1);

  self->target = target;
  g_mutex_init (&self->lock);
  valise_speed_curve_init (&self->curve, g_get_monotonic_time ());
  return self;
}

/**
 * valise_verifier_free:
 * @self: (transfer full): a verifier that is not running
 */
void
valise_verifier_free (ValiseVerifier *self)
{
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * valise_verifier_run:
 * @self: a verifier
 * @map: what was written; nobody may change it meanwhile
 * @progress: (nullable): where to set how many bytes are verified; its step has begun
 * @bad_offset: (out) (optional): where the first block begins that is not as it was written, in
 *   bytes; set with %VALISE_DRIVE_ERROR_MISMATCH only
 * @cancellable: (nullable): stops it, with %G_IO_ERROR_CANCELLED
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Flushes the drive, reads back all that was written, in ascending order, and compares it. Blocks.
 *
 * Returns: whether the drive holds what was written
 */
gboolean
valise_verifier_run (ValiseVerifier *self,
                     const ValiseDigestMap *map,
                     ValiseProgress *progress,
                     guint64 *bad_offset,
                     GCancellable *cancellable,
                     GError **error)
{
  Run run = { .verifier = self, .map = map, .cancellable = cancellable };

  return verify (&run, progress, bad_offset, error);
}

/**
 * valise_verifier_run_extents:
 * @self: a verifier
 * @extents: (array length=n_extents): what was written, as a report says; may be anything
 * @n_extents: how many there are
 * @progress: (nullable): as for valise_verifier_run()
 * @bad_offset: (out) (optional): where the first extent begins that is not as it was written
 * @cancellable: (nullable): as for valise_verifier_run()
 * @error: where to put an error of %VALISE_DRIVE_ERROR, or %VALISE_PLAN_ERROR_REPORT where the
 *   extents do not fit the drive
 *
 * As valise_verifier_run(), for what was stored in a report. Blocks.
 *
 * Returns: whether the drive holds what was written
 */
gboolean
valise_verifier_run_extents (ValiseVerifier *self,
                             const ValiseExtentDigest *extents,
                             gsize n_extents,
                             ValiseProgress *progress,
                             guint64 *bad_offset,
                             GCancellable *cancellable,
                             GError **error)
{
  Run run = {
    .verifier = self, .extents = extents, .n_extents = n_extents, .cancellable = cancellable
  };
  const guint sector_size = valise_target_get_sector_size (self->target);
  guint64 drive_size = valise_target_get_size (self->target);

  for (gsize i = 0; i < n_extents; i++)
    if (extents[i].size == 0 || extents[i].offset % VALISE_BLOCK_SIZE != 0
        || extents[i].size % sector_size != 0 || extents[i].size > drive_size
        || extents[i].offset > drive_size - extents[i].size)
      {
        g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                     _("The report does not fit “%s”: it names bytes that the drive does not have. "
                       "Choose the drive that the report is about."),
                     valise_target_get_name (self->target));
        return FALSE;
      }
  return verify (&run, progress, bad_offset, error);
}

/**
 * valise_verifier_get_bytes:
 * @self: a verifier
 *
 * Returns: bytes that were read and compared in this run. Any thread.
 */
guint64
valise_verifier_get_bytes (ValiseVerifier *self)
{
  guint64 bytes;

  g_mutex_lock (&self->lock);
  bytes = self->curve.bytes;
  g_mutex_unlock (&self->lock);
  return bytes;
}

/**
 * valise_verifier_get_curve:
 * @self: a verifier
 * @curve: (out caller-allocates): where to put how the bytes came from the drive. Any thread.
 */
void
valise_verifier_get_curve (ValiseVerifier *self, ValiseSpeedCurve *curve)
{
  g_mutex_lock (&self->lock);
  *curve = self->curve;
  g_mutex_unlock (&self->lock);
}

/**
 * valise_verify_target:
 * @target: what to read back
 * @map: as for valise_verifier_run()
 * @progress: (nullable): as there
 * @bad_offset: (out) (optional): as there
 * @cancellable: (nullable): as there
 * @error: as there
 *
 * Runs a verifier once, where nobody wants to look at it meanwhile.
 *
 * Returns: whether the drive holds what was written
 */
gboolean
valise_verify_target (ValiseTarget *target,
                      const ValiseDigestMap *map,
                      ValiseProgress *progress,
                      guint64 *bad_offset,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ValiseVerifier) self = valise_verifier_new (target);

  return valise_verifier_run (self, map, progress, bad_offset, cancellable, error);
}

/**
 * valise_verify_extents:
 * @target: what to read back
 * @extents: (array length=n_extents): as for valise_verifier_run_extents()
 * @n_extents: how many there are
 * @progress: (nullable): as there
 * @bad_offset: (out) (optional): as there
 * @cancellable: (nullable): as there
 * @error: as there
 *
 * Runs a verifier once, where nobody wants to look at it meanwhile.
 *
 * Returns: whether the drive holds what was written
 */
gboolean
valise_verify_extents (ValiseTarget *target,
                       const ValiseExtentDigest *extents,
                       gsize n_extents,
                       ValiseProgress *progress,
                       guint64 *bad_offset,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (ValiseVerifier) self = valise_verifier_new (target);

  return valise_verifier_run_extents (self, extents, n_extents, progress, bad_offset, cancellable,
                                      error);
}

/**
 * valise_extent_digests_from_map:
 * @map: what was written
 * @max_bytes: the longest extent wanted, in bytes; at least %VALISE_BLOCK_SIZE
 *
 * Says in few words what was written: stretches of blocks, with one digest each.
 *
 * Returns: (transfer full) (element-type ValiseExtentDigest): in ascending order
 */
GArray *
valise_extent_digests_from_map (const ValiseDigestMap *map, guint64 max_bytes)
{
  GArray *extents = g_array_new (FALSE, FALSE, sizeof (ValiseExtentDigest));
  const guint64 max_blocks = MAX (max_bytes / VALISE_BLOCK_SIZE, 1);
  guint64 first, n;

  for (guint64 from = 0; valise_digest_map_next_run (map, from, max_blocks, &first, &n);
       from = first + n)
    {
      const gsize last = valise_digest_map_get_block_length (map, first + n - 1);
      ValiseExtentDigest extent = {
        .offset = first * VALISE_BLOCK_SIZE,
        .size = (n - 1) * VALISE_BLOCK_SIZE + last,
        .digest = valise_digest_map_run_digest (map, first, n),
      };

      g_array_append_val (extents, extent);
    }
  return extents;
}
