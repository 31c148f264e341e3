/* valise-cache-departure.c: how blocks leave the volume cache, to the drive or a temporary file.
 *
 * Which unit goes when memory is needed, what of it is written in which pieces, and what happens
 * when a write has ended. valise-volume-cache.c says what the cache is and how blocks come in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-volume-cache-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"

/* A hole of at most this many blocks between two dirty ones is written with them: one write of
 * 128 KiB more costs a drive less than a second write. */
#define MAX_BRIDGE 2

/* What one unit has under way: its slabs come back when all its writes have ended. */
typedef struct
{
  ValiseVolumeCache *cache;
  ValiseBuffer *slabs[SLABS_PER_UNIT];
  guint pending;
  gboolean digested;
  guint64 digests[BLOCKS_PER_UNIT]; /* of the blocks that are written */
} Departure;

/* Makes @unit the one that was used last, in @queue. */
void
valise_cache_move_unit (Unit *unit, GQueue *queue)
{
  if (unit->queue != NULL)
    g_queue_unlink (unit->queue, &unit->link);
  unit->queue = queue;
  g_queue_push_head_link (queue, &unit->link);
}

void
valise_cache_unit_free (ValiseVolumeCache *self, Unit *unit)
{
  g_queue_unlink (unit->queue, &unit->link);
  self->units[unit->index] = NULL;
  g_free (unit);
}

/* Remembers the first error, which is the true one, and returns it. */
gboolean
valise_cache_fail (ValiseVolumeCache *self, GError *cause, GError **error)
{
  if (self->error == NULL)
    self->error = cause;
  else
    g_error_free (cause);
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

gboolean
valise_cache_check (ValiseVolumeCache *self, GError **error)
{
  GError *cause = NULL;
  gboolean failed;

  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }
  g_mutex_lock (&self->lock);
  failed = self->failed;
  g_mutex_unlock (&self->lock);
  if (!failed)
    return TRUE;
  if (valise_backing_drain (self->backing, &cause))
    cause = g_error_new (VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE,
                         _("The drive did not take a write and did not say why."));
  return valise_cache_fail (self, cause, error);
}

/* Looks for block @b among the writes that have not ended. */
gboolean
valise_cache_find_under_way (ValiseVolumeCache *self, Unit *unit, guint b)
{
  guint64 at = block_number (unit, b) * VALISE_BLOCK_SIZE;
  gboolean found = FALSE;

  g_mutex_lock (&self->lock);
  for (GList *l = self->under_way.head; l != NULL && !found; l = l->next)
    {
      const ValiseWrite *write = l->data;
      guint64 in = at - write->offset;

      if (at < write->offset || in >= write->size)
        continue;
      for (guint p = 0; p < write->n_parts; in -= write->parts[p++].size)
        if (in < write->parts[p].size)
          {
            memcpy (block_memory (unit, b),
                    write->parts[p].buffer->data + write->parts[p].start + in,
                    MIN (VALISE_BLOCK_SIZE, write->parts[p].size - in));
            found = TRUE;
            break;
          }
    }
  g_mutex_unlock (&self->lock);
  return found;
}

/* Makes the digests of what @write writes. */
static void
digest (Departure *departure, const ValiseWrite *write)
{
  guint b = write->offset / VALISE_BLOCK_SIZE % BLOCKS_PER_UNIT;

  for (guint p = 0; p < write->n_parts; p++)
    for (gsize at = 0; at < write->parts[p].size; at += VALISE_BLOCK_SIZE)
      departure->digests[b++]
          = valise_digest_block (write->parts[p].buffer->data + write->parts[p].start + at,
                                 MIN (write->parts[p].size - at, VALISE_BLOCK_SIZE));
}

static void
write_done (ValiseWrite *write, gboolean ok, gpointer data)
{
  Departure *departure = data;
  ValiseVolumeCache *self = departure->cache;
  const guint64 block = write->offset / VALISE_BLOCK_SIZE;
  const guint n = (write->size + VALISE_BLOCK_SIZE - 1) / VALISE_BLOCK_SIZE;

  if (ok && !departure->digested)
    digest (departure, write);

  g_mutex_lock (&self->lock);
  for (guint i = 0; ok && i < n; i++)
    valise_digest_map_record_digest (self->digests, block + i,
                                     departure->digests[(block + i) % BLOCKS_PER_UNIT]);
  self->failed |= !ok;
  g_queue_remove (&self->under_way, write);
  self->bytes_under_way -= write->size;
  if (--departure->pending == 0)
    {
      for (guint i = 0; i < SLABS_PER_UNIT; i++)
        if (departure->slabs[i] != NULL)
          g_ptr_array_add (self->pool, departure->slabs[i]);
      g_free (departure);
    }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Whether a write with block @b has not ended. Called with the lock. */
gboolean
valise_cache_is_under_way (ValiseVolumeCache *self, const Unit *unit, guint b)
{
  guint64 at = block_number (unit, b) * VALISE_BLOCK_SIZE;

  for (GList *l = self->under_way.head; l != NULL; l = l->next)
    {
      const ValiseWrite *write = l->data;

      if (at >= write->offset && at < write->offset + write->size)
        return TRUE;
    }
  return FALSE;
}

/* Whether block @b, which is not dirty, may be written along with its neighbours. */
static gboolean
may_bridge (ValiseVolumeCache *self, const Unit *unit, guint b)
{
  gboolean written;

  if (unit->slabs[b / BLOCKS_PER_SLAB] == NULL || (unit->spilled >> b & 1) != 0)
    return FALSE;
  if ((unit->valid >> b & 1) != 0)
    return TRUE;
  g_mutex_lock (&self->lock);
  written = valise_digest_map_is_written (self->digests, block_number (unit, b))
            || valise_cache_is_under_way (self, unit, b);
  g_mutex_unlock (&self->lock);
  return !written;
}

/* The next run of blocks to write from block @from on: dirty ones and small gaps between them. */
static gboolean
next_run (ValiseVolumeCache *self, const Unit *unit, guint from, guint *first, guint *n)
{
  const guint64 dirty = unit->dirty & ~unit->spilled;
  guint b = from;
  guint end;

  while (b < BLOCKS_PER_UNIT && (dirty >> b & 1) == 0)
    b++;
  if (b == BLOCKS_PER_UNIT)
    return FALSE;
  *first = b;
  end = b + 1;
  for (b = end; b < BLOCKS_PER_UNIT && b - end <= MAX_BRIDGE; b++)
    if ((dirty >> b & 1) != 0)
      end = b + 1;
    else if (b - end == MAX_BRIDGE || !may_bridge (self, unit, b))
      break;
  *n = end - *first;
  return TRUE;
}

/* Has zeros where block @b, which is valid or has never been written, has no bytes yet. */
static void
complete_block (Unit *unit, guint b)
{
  guint32 fill = (unit->valid >> b & 1) != 0 ? unit->fill[b] : 0;

  if (fill < VALISE_BLOCK_SIZE)
    memset (block_memory (unit, b) + fill, 0, VALISE_BLOCK_SIZE - fill);
  unit->fill[b] = VALISE_BLOCK_SIZE;
}

static ValiseWrite *
make_write (ValiseVolumeCache *self, Unit *unit, guint first, guint n, Departure *departure)
{
  guint64 offset = block_number (unit, first) * VALISE_BLOCK_SIZE;
  ValiseWrite *write = valise_write_new (offset, write_done, departure);

  for (guint b = first; b < first + n; b++)
    complete_block (unit, b);
  for (guint b = first; b < first + n;)
    {
      guint slab = b / BLOCKS_PER_SLAB;
      guint end = MIN ((slab + 1) * BLOCKS_PER_SLAB, first + n);
      gsize size = (end - b) * VALISE_BLOCK_SIZE;
      guint64 start = block_number (unit, b) * VALISE_BLOCK_SIZE;

      valise_write_add (write, unit->slabs[slab], (b % BLOCKS_PER_SLAB) * VALISE_BLOCK_SIZE,
                        MIN (size, self->size - start)); /* the drive's last block may be short */
      b = end;
    }
  return write;
}

/* Lets go of the memory of @unit; of the unit too, unless the temporary file has some of it. */
static void
empty_unit (ValiseVolumeCache *self, Unit *unit)
{
  if (unit->spilled == 0)
    {
      valise_cache_unit_free (self, unit);
      return;
    }
  memset (unit->slabs, 0, sizeof unit->slabs);
  unit->valid = 0;
  unit->dirty = unit->spilled;
  valise_cache_move_unit (unit, &self->away);
}

/* Writes what is dirty in the memory of @unit and lets the unit go. */
gboolean
valise_cache_depart (ValiseVolumeCache *self, Unit *unit, GError **error)
{
  Departure *departure = g_new0 (Departure, 1);
  g_autoptr (GPtrArray) writes = g_ptr_array_new ();
  GError *cause = NULL;
  guint first, n;

  departure->cache = self;
  for (guint from = 0; next_run (self, unit, from, &first, &n); from = first + n)
    g_ptr_array_add (writes, make_write (self, unit, first, n, departure));
  memcpy (departure->slabs, unit->slabs, sizeof unit->slabs);
  empty_unit (self, unit);

  /* Who has time makes the digests: this thread, while the drive has more to write than it can do;
   * else the writer's, while the image is decompressed here. */
  g_mutex_lock (&self->lock);
  departure->digested = self->bytes_under_way > UNIT_SIZE;
  g_mutex_unlock (&self->lock);
  for (guint i = 0; departure->digested && i < writes->len; i++)
    digest (departure, writes->pdata[i]);

  /* One more than there are, so that it outlives the loop below. */
  g_mutex_lock (&self->lock);
  departure->pending = writes->len + 1;
  for (guint i = 0; i < writes->len; i++)
    {
      ValiseWrite *write = writes->pdata[i];

      g_queue_push_head (&self->under_way, write);
      self->bytes_under_way += write->size;
      self->stats.writes++;
      self->stats.bytes_written += write->size;
    }
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < writes->len; i++)
    {
      GError *one = NULL;

      /* When it fails, the write has ended all the same, and those behind it must end too. */
      if (!valise_backing_submit (self->backing, writes->pdata[i], &one) && cause == NULL)
        cause = g_steal_pointer (&one);
      g_clear_error (&one);
    }

  g_mutex_lock (&self->lock);
  if (--departure->pending == 0)
    {
      for (guint i = 0; i < SLABS_PER_UNIT; i++)
        if (departure->slabs[i] != NULL)
          g_ptr_array_add (self->pool, departure->slabs[i]);
      g_free (departure);
    }
  g_mutex_unlock (&self->lock);
  return cause == NULL || valise_cache_fail (self, cause, error);
}

/* Moves what is dirty in @unit to the temporary file, and lets go of its memory. */
static gboolean
spill (ValiseVolumeCache *self, Unit *unit)
{
  guint64 blocks = unit->dirty & unit->valid;
  g_autoptr (GError) error = NULL;

  if (unit->slot == G_MAXUINT)
    unit->slot = valise_spill_take_slot (self->spill);
  for (guint b = 0; b < BLOCKS_PER_UNIT; b++)
    {
      if ((blocks >> b & 1) == 0)
        continue;
      complete_block (unit, b);
      if (!valise_spill_write (self->spill, unit->slot, b * VALISE_BLOCK_SIZE,
                               block_memory (unit, b), VALISE_BLOCK_SIZE, &error))
        {
          g_debug ("metadata goes to the drive early: %s", error->message);
          return FALSE;
        }
    }
  unit->spilled |= blocks;
  self->stats.spilled++;
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < SLABS_PER_UNIT; i++)
    if (unit->slabs[i] != NULL)
      g_ptr_array_add (self->pool, unit->slabs[i]);
  g_mutex_unlock (&self->lock);
  empty_unit (self, unit);
  return TRUE;
}

static gboolean
can_spill (ValiseVolumeCache *self)
{
  return self->spill != NULL && !self->spill_failed;
}

/* Makes @unit, which is not in use, give back its memory. */
static gboolean
evict (ValiseVolumeCache *self, Unit *unit, GError **error)
{
  if (can_spill (self))
    {
      if (spill (self, unit))
        return TRUE;
      self->spill_failed = TRUE; /* what is there can still be read */
    }
  self->stats.evicted++;
  return valise_cache_depart (self, unit, error);
}

/* The unit in @queue that was not used for the longest time, but for the one in use. */
static Unit *
find_oldest (ValiseVolumeCache *self, GQueue *queue)
{
  GList *l = queue->tail;

  if (l != NULL && l->data == self->current)
    l = l->prev;
  return l != NULL ? l->data : NULL;
}

/* The unit to let go when memory is needed: the one longest unused. Better cold ones to the drive,
 * which may not come again; the temporary file takes and gives back any. */
static Unit *
find_victim (ValiseVolumeCache *self)
{
  Unit *cold = find_oldest (self, &self->cold);
  Unit *hot = find_oldest (self, &self->hot);

  if (cold != NULL && hot != NULL && can_spill (self))
    return cold->used < hot->used ? cold : hot;
  return cold != NULL ? cold : hot;
}

gboolean
valise_cache_get_slab (ValiseVolumeCache *self, ValiseBuffer **slab, GError **error)
{
  for (;;)
    {
      Unit *victim;
      gboolean wait;

      g_mutex_lock (&self->lock);
      if (self->pool->len > 0)
        {
          *slab = g_ptr_array_steal_index_fast (self->pool, self->pool->len - 1);
          g_mutex_unlock (&self->lock);
          return TRUE;
        }
      if (self->n_slabs < self->max_slabs)
        {
          g_mutex_unlock (&self->lock);
          self->n_slabs++;
          *slab = valise_buffer_new (SLAB_SIZE);
          return TRUE;
        }
      /* Enough is on its way out: waiting for it is better than giving up what may be needed. */
      victim = find_victim (self);
      wait = self->bytes_under_way >= MIN (2 * UNIT_SIZE, self->max_slabs * SLAB_SIZE / 4)
             || victim == NULL;
      if (wait && !g_queue_is_empty (&self->under_way))
        g_cond_wait (&self->changed, &self->lock);
      g_mutex_unlock (&self->lock);
      if (!valise_cache_check (self, error))
        return FALSE;
      if (!wait && !evict (self, victim, error))
        return FALSE;
    }
}
