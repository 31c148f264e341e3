/* valise-compact-model.c: learns from a sample how small files become.
 *
 * A sample is compressed by the threads and compressors that writing uses. An image that is
 * compressed itself says much about each of its files: what it takes there. So the sample does not
 * teach one mean but a curve, from the ratio in the image to the ratio by each algorithm, and every
 * file is placed on it. A piece of a file can be better or worse than the whole file; what it is in
 * the image, beside the file, says how much of that is to be taken off. Files of one chunk have a
 * curve of their own: a compressor has less to learn from in them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-model.h"

#include <string.h>

#include "core/valise-units.h"
#include "valise-compact.h"

#define CLUSTER 4096

/* Points of a curve. One that less was seen for than this counts only where there is no other. */
#define N_POINTS 16
#define MIN_SEEN (64 * 1024)

/* How many bytes may wait for the threads. */
#define MAX_WAITING (8 * 1024 * 1024)

typedef enum
{
  ONE_CHUNK,
  LARGER,
  N_CLASSES,
} Class;

/* What was seen at one point of a curve. */
typedef struct
{
  guint64 bytes;
  gdouble packed;   /* bytes, compressed, as of whole files */
  gdouble weighted; /* sum of bytes × the files' ratios in the image */
} Point;

typedef struct
{
  ValiseCompactBlock *block;
  Point *point;
  gdouble ratio;
  gdouble piece_ratio;
} Waiting;

struct _ValiseCompactModel
{
  guint algorithms;
  ValiseCompactPool *pool;
  GQueue waiting; /* Waiting */
  gsize waiting_bytes;
  Point points[VALISE_WOF_N_ALGORITHMS][N_CLASSES][N_POINTS];
};

static Class
classify (guint64 file_size)
{
  return file_size <= VALISE_COMPACT_PIECE_SIZE ? ONE_CHUNK : LARGER;
}

static void
waiting_free (Waiting *waiting)
{
  valise_compact_block_free (waiting->block);
  g_free (waiting);
}

/**
 * valise_compact_model_new:
 * @algorithms: a bit (1 << number) for each algorithm that matters
 * @n_threads: how many threads compress; 0 for one for each processor
 *
 * Returns: (transfer full): a model that knows nothing
 */
ValiseCompactModel *
valise_compact_model_new (guint algorithms, guint n_threads)
{
  ValiseCompactModel *self = g_new0 (ValiseCompactModel, 1);

  self->algorithms = algorithms;
  self->pool = valise_compact_pool_new (n_threads);
  g_queue_init (&self->waiting);
  return self;
}

/**
 * valise_compact_model_free:
 * @self: (transfer full): a model
 */
void
valise_compact_model_free (ValiseCompactModel *self)
{
  valise_compact_pool_free (self->pool);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) waiting_free);
  g_free (self);
}

static gboolean
learn_until (ValiseCompactModel *self, gsize left, GError **error)
{
  while (self->waiting_bytes > left)
    {
      Waiting *waiting = g_queue_peek_head (&self->waiting);
      const ValiseCompactBlock *block = waiting->block;

      if (!valise_compact_pool_wait (self->pool, block, error))
        return FALSE;
      waiting->point->bytes += block->size;
      waiting->point->packed
          += block->packed_size + (waiting->ratio - waiting->piece_ratio) * block->size;
      waiting->point->weighted += waiting->ratio * block->size;
      self->waiting_bytes -= block->size;
      g_queue_pop_head (&self->waiting);
      waiting_free (waiting);
    }
  return TRUE;
}

/**
 * valise_compact_model_add:
 * @self: a model
 * @ratio: how well the file is compressed in the image, from 0 to 1
 * @piece_ratio: how well the piece is
 * @file_size: the file's size in bytes
 * @bytes: a piece of it, from a multiple of %VALISE_COMPACT_PIECE_SIZE
 * @size: of @bytes: a multiple of %VALISE_COMPACT_PIECE_SIZE or up to the file's end; at most
 *   %VALISE_COMPACT_BLOCK_SIZE
 * @error: where to put %VALISE_SYSTEM_ERROR_LIBRARY
 *
 * Shows the model a piece of a file. Blocks while much waits for the threads.
 *
 * Returns: whether nothing has failed so far
 */
gboolean
valise_compact_model_add (ValiseCompactModel *self, gdouble ratio, gdouble piece_ratio,
                          guint64 file_size, const guint8 *bytes, gsize size, GError **error)
{
  guint place = CLAMP (ratio * N_POINTS, 0, N_POINTS - 1);

  for (guint i = 0; i < VALISE_WOF_N_ALGORITHMS; i++)
    {
      Waiting *waiting;

      if ((self->algorithms & 1u << i) == 0)
        continue;
      waiting = g_new (Waiting, 1);
      waiting->block = valise_compact_block_new (i, size);
      waiting->point = &self->points[i][classify (file_size)][place];
      waiting->ratio = ratio;
      waiting->piece_ratio = piece_ratio;
      memcpy (waiting->block->data, bytes, size);
      waiting->block->size = size;
      self->waiting_bytes += size;
      g_queue_push_tail (&self->waiting, waiting);
      valise_compact_pool_push (self->pool, waiting->block);
    }
  return learn_until (self, MAX_WAITING, error);
}

/**
 * valise_compact_model_finish:
 * @self: a model
 * @error: where to put %VALISE_SYSTEM_ERROR_LIBRARY
 *
 * Waits until all that was shown is learnt.
 *
 * Returns: whether nothing has failed
 */
gboolean
valise_compact_model_finish (ValiseCompactModel *self, GError **error)
{
  return learn_until (self, 0, error);
}

static gdouble
get_value (const Point *point)
{
  return CLAMP (point->packed / point->bytes, 0, 1);
}

/* The curve's value: on a line between the two points around @ratio. 1 where nothing was seen. */
static gdouble
interpolate (const Point *points, guint64 min_seen, gdouble ratio, gboolean *seen)
{
  const Point *before = NULL;
  const Point *after = NULL;
  gdouble low;
  gdouble high;

  for (guint i = 0; i < N_POINTS; i++)
    {
      const Point *point = &points[i];

      if (point->bytes == 0 || point->bytes < min_seen)
        continue;
      if (point->weighted / point->bytes <= ratio)
        before = point;
      else if (after == NULL)
        after = point;
    }
  *seen = before != NULL || after != NULL;
  if (!*seen)
    return 1;
  if (before == NULL || after == NULL)
    return get_value (before != NULL ? before : after);
  low = before->weighted / before->bytes;
  high = after->weighted / after->bytes;
  return get_value (before)
         + (get_value (after) - get_value (before)) * (ratio - low) / (high - low);
}

static gdouble
look_up (ValiseCompactModel *self, ValiseWofAlgorithm algorithm, gdouble ratio, guint64 file_size)
{
  Class class = classify (file_size);
  gboolean seen = FALSE;
  gdouble value = 1;

  /* Where little was seen, the other files' curve is better than none. */
  for (guint i = 0; !seen && i < 2 * N_CLASSES; i++)
    value = interpolate (self->points[algorithm][i % 2 == 0 ? class : N_CLASSES - 1 - class],
                         i < N_CLASSES ? MIN_SEEN : 0, ratio, &seen);
  return value;
}

/**
 * valise_compact_model_predict:
 * @self: a model that has learnt
 * @algorithm: one of its algorithms
 * @ratio: how well a file is compressed in the image, from 0 to 1
 * @file_size: its size in bytes, larger than a cluster
 *
 * Returns: bytes that its data would take on a volume with clusters of 4096 bytes: compressed, or
 *   plain where it would stay so
 */
guint64
valise_compact_model_predict (ValiseCompactModel *self, ValiseWofAlgorithm algorithm,
                              gdouble ratio, guint64 file_size)
{
  const gdouble value = look_up (self, algorithm, ratio, file_size);
  const guint64 packed = value * file_size;
  const guint64 trial = VALISE_COMPACT_TRIAL_SIZE;

  if (file_size > VALISE_COMPACT_MAX_SMALL
          ? !valise_wof_saves (algorithm, trial, value * trial, VALISE_COMPACT_TRIAL_UNIT)
          : !valise_wof_saves (algorithm, file_size, packed, CLUSTER))
    return VALISE_ROUND_UP (file_size, CLUSTER);
  return VALISE_ROUND_UP (packed + valise_wof_get_table_size (algorithm, file_size), CLUSTER);
}
