/* valise-compact-pool.c: threads that compress blocks of files.
 *
 * Blocks are taken in the order in which they were pushed. The compressors are wimlib's: each
 * thread has its own, made when the first block needs it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-pool.h"

#include <string.h>
#include <time.h>
#include <wimlib.h>
#include <glib/gi18n-lib.h>

#include "core/valise-error.h"

/* LZX at wimlib's default level of 50 takes seven times as long for 2 % less. */
#define LZX_LEVEL 20

struct _ValiseCompactPool
{
  /* Set once. */
  GPtrArray *threads; /* GThread */

  /* Under the lock. */
  GMutex lock;
  GCond work; /* there is a block, or the end */
  GCond done; /* a block is done */
  GQueue blocks;
  gboolean stopped;
};

/* ---- a thread ---- */

static gint64
get_thread_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
compress_block (struct wimlib_compressor **compressors, ValiseCompactBlock *block)
{
  const gsize chunk_size = valise_wof_get_chunk_size (block->algorithm);
  const gint64 start = get_thread_time ();
  struct wimlib_compressor **compressor = &compressors[block->algorithm];

  if (*compressor == NULL
      && wimlib_create_compressor (block->algorithm == VALISE_WOF_LZX
                                       ? WIMLIB_COMPRESSION_TYPE_LZX
                                       : WIMLIB_COMPRESSION_TYPE_XPRESS,
                                   chunk_size,
                                   block->algorithm == VALISE_WOF_LZX ? LZX_LEVEL : 0, compressor)
             != 0)
    return FALSE;

  /* No chunk is stored larger than it is. */
  block->packed = g_try_malloc (MAX (block->size, 1));
  if (block->packed == NULL)
    return FALSE;
  for (gsize at = 0; at < block->size; at += chunk_size)
    {
      gsize size = MIN (chunk_size, block->size - at);
      guint8 *packed = block->packed + block->packed_size;
      gsize n = wimlib_compress (block->data + at, size, packed, size - 1, *compressor);

      if (n == 0)
        {
          memcpy (packed, block->data + at, size);
          n = size;
        }
      block->chunk_sizes[block->n_chunks++] = n;
      block->packed_size += n;
    }
  block->time = get_thread_time () - start;
  return TRUE;
}

static gpointer
run (gpointer data)
{
  ValiseCompactPool *self = data;
  struct wimlib_compressor *compressors[VALISE_WOF_N_ALGORITHMS] = { NULL };

  g_mutex_lock (&self->lock);
  while (TRUE)
    {
      ValiseCompactBlock *block;
      gboolean ok;

      while (!self->stopped && g_queue_is_empty (&self->blocks))
        g_cond_wait (&self->work, &self->lock);
      if (self->stopped)
        break;
      block = g_queue_pop_head (&self->blocks);
      g_mutex_unlock (&self->lock);
      ok = compress_block (compressors, block);
      g_mutex_lock (&self->lock);
      block->failed = !ok;
      block->done = TRUE;
      g_cond_broadcast (&self->done);
    }
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < G_N_ELEMENTS (compressors); i++)
    wimlib_free_compressor (compressors[i]);
  return NULL;
}

/* ---- the objects ---- */

/**
 * valise_compact_block_new:
 * @algorithm: how its bytes are to be compressed
 * @capacity: how many bytes it is for; at most %VALISE_COMPACT_BLOCK_SIZE
 *
 * Returns: (transfer full): a block without bytes
 */
ValiseCompactBlock *
valise_compact_block_new (ValiseWofAlgorithm algorithm, gsize capacity)
{
  ValiseCompactBlock *block = g_new0 (ValiseCompactBlock, 1);

  g_return_val_if_fail (capacity <= VALISE_COMPACT_BLOCK_SIZE, NULL);

  block->data = g_malloc (capacity);
  block->capacity = capacity;
  block->algorithm = algorithm;
  return block;
}

/**
 * valise_compact_block_free:
 * @block: (transfer full): a block that no pool works on
 */
void
valise_compact_block_free (ValiseCompactBlock *block)
{
  g_free (block->packed);
  g_free (block->data);
  g_free (block);
}

/**
 * valise_compact_pool_new:
 * @n_threads: how many threads; 0 for one for each processor
 *
 * Returns: (transfer full): a pool
 */
ValiseCompactPool *
valise_compact_pool_new (guint n_threads)
{
  ValiseCompactPool *self = g_new0 (ValiseCompactPool, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->work);
  g_cond_init (&self->done);
  g_queue_init (&self->blocks);
  self->threads = g_ptr_array_new ();
  if (n_threads == 0)
    n_threads = g_get_num_processors ();
  for (guint i = 0; i < n_threads; i++)
    g_ptr_array_add (self->threads, g_thread_new ("valise-compact", run, self));
  return self;
}

/**
 * valise_compact_pool_free:
 * @self: (transfer full): a pool
 *
 * Waits for the blocks that are being compressed; those that wait are left as they are.
 */
void
valise_compact_pool_free (ValiseCompactPool *self)
{
  g_mutex_lock (&self->lock);
  self->stopped = TRUE;
  g_cond_broadcast (&self->work);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (g_ptr_array_index (self->threads, i));
  g_ptr_array_unref (self->threads);
  g_queue_clear (&self->blocks);
  g_cond_clear (&self->work);
  g_cond_clear (&self->done);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * valise_compact_pool_push:
 * @self: a pool
 * @block: (transfer none): a block with data; it must stay until it is done or the pool is freed
 *
 * Any thread; does not block.
 */
void
valise_compact_pool_push (ValiseCompactPool *self, ValiseCompactBlock *block)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->blocks, block);
  g_cond_signal (&self->work);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_compact_pool_is_done:
 * @self: a pool
 * @block: a block that was pushed
 *
 * Returns: whether valise_compact_pool_wait() would not wait
 */
gboolean
valise_compact_pool_is_done (ValiseCompactPool *self, const ValiseCompactBlock *block)
{
  gboolean done;

  g_mutex_lock (&self->lock);
  done = block->done;
  g_mutex_unlock (&self->lock);
  return done;
}

/**
 * valise_compact_pool_wait:
 * @self: a pool
 * @block: a block that was pushed
 * @error: where to put %VALISE_SYSTEM_ERROR_LIBRARY
 *
 * Waits until a block is done. Any thread.
 *
 * Returns: whether it was compressed
 */
gboolean
valise_compact_pool_wait (ValiseCompactPool *self, const ValiseCompactBlock *block, GError **error)
{
  gboolean failed;

  g_mutex_lock (&self->lock);
  while (!block->done)
    g_cond_wait (&self->done, &self->lock);
  failed = block->failed;
  g_mutex_unlock (&self->lock);
  if (failed)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                 _("A file cannot be compressed with %s: there is too little memory. Close other "
                   "programs, or write without compression."),
                 valise_wof_get_name (block->algorithm));
  return !failed;
}
