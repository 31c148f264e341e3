/* valise-volume-cache.c: a bounded write-back cache between file systems and the drives.
 *
 * Flash drives want few, large, ascending writes; libntfs-3g makes a million small ones, most of
 * them again and again to the same few megabytes of metadata. The cache stands between them. It
 * covers the whole drive, in three sizes:
 *
 * - a *block* of 64 KiB is the unit of knowledge: it is valid or not, dirty or not, and has one
 *   digest when it is on the drive. Only whole blocks are written and read back;
 * - a *slab* of 256 KiB is the unit of memory;
 * - a *unit* of 4 MiB, aligned as flash drives' allocation units mostly are, is the unit of
 *   writing: what leaves the cache leaves it unit by unit, in ascending order.
 *
 * A slab that is written again where it was written before is *hot*: metadata, which is kept as
 * long as there is room. A unit that is complete and has nothing hot is file data, which will not
 * be touched again: it goes out at once. When memory is needed, the unit that was not used for
 * the longest time goes out, cold ones first.
 *
 * A block that was never written reads as zeros, whatever the drive holds there, so that nothing
 * has to be read before it is written. A block that was written and is needed again is read back
 * and compared with its digest: a drive that lies is found out before its lie is built upon.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-volume-cache.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

#define SLAB_SIZE (4 * VALISE_BLOCK_SIZE)
#define UNIT_SIZE (16 * SLAB_SIZE)
#define BLOCKS_PER_SLAB (SLAB_SIZE / VALISE_BLOCK_SIZE)
#define BLOCKS_PER_UNIT (UNIT_SIZE / VALISE_BLOCK_SIZE)
#define SLABS_PER_UNIT (UNIT_SIZE / SLAB_SIZE)

/* A hole of at most this many blocks between two dirty ones is written with them: one write of
 * 128 KiB more costs a drive less than a second write. */
#define MAX_BRIDGE 2

G_STATIC_ASSERT (BLOCKS_PER_UNIT == 64);
G_STATIC_ASSERT (SLABS_PER_UNIT <= VALISE_WRITE_MAX_PARTS);

typedef struct
{
  guint64 index; /* the unit begins at index * UNIT_SIZE */
  ValiseBuffer *slabs[SLABS_PER_UNIT];
  guint64 valid;                  /* a bit a block: the memory is what the block holds */
  guint64 dirty;                  /* … and the drive does not have it yet */
  guint64 full;                   /* … and nothing of it waits for its first byte */
  guint32 fill[BLOCKS_PER_UNIT];  /* bytes from here on are zeros that nobody has put there yet */
  gboolean hot;
  GList link; /* in one of the two LRU queues, the latest first */
} Unit;

/* What one unit has under way: its slabs come back when all its writes have ended. */
typedef struct
{
  ValiseVolumeCache *cache;
  ValiseBuffer *slabs[SLABS_PER_UNIT];
  guint pending;
  gboolean digested;
  guint64 digests[BLOCKS_PER_UNIT]; /* of the blocks that are written */
} Departure;

struct _ValiseVolumeCache
{
  /* Set once. */
  ValiseBacking *backing;
  guint64 size;
  guint64 n_units;
  gsize max_slabs;

  /* Only the caller's thread. */
  Unit **units; /* a place for each unit of the drive; mapped, so that unused ones cost nothing */
  GQueue cold;
  GQueue hot;
  Unit *current; /* in use by the call under way: must not leave */
  gsize n_slabs; /* all that were made, wherever they are */
  ValiseVolumeCacheStats stats;
  GError *error; /* the first one; nothing works after it */

  /* Shared with the threads that call write_done(). */
  GMutex lock;
  GCond changed;
  GPtrArray *pool;   /* free slabs */
  GQueue under_way;  /* writes that have not ended, the latest first */
  gsize bytes_under_way;
  ValiseDigestMap *digests;
  gboolean failed;
};

static guint64
block_number (const Unit *unit, guint b)
{
  return unit->index * BLOCKS_PER_UNIT + b;
}

static guint8 *
block_memory (const Unit *unit, guint b)
{
  return unit->slabs[b / BLOCKS_PER_SLAB]->data + (b % BLOCKS_PER_SLAB) * VALISE_BLOCK_SIZE;
}

/**
 * valise_volume_cache_new:
 * @backing: (transfer none): where the bytes go
 * @budget: bytes of memory to use at most, for cached blocks and for those on their way out; 0
 *   for the default. The tables for digests and places come on top: 8 bytes for each 64 KiB
 *   written and 8 for each 4 MiB touched.
 *
 * A cache is used by one thread at a time. @backing may end writes in any other thread.
 *
 * Returns: (transfer full): a cache in which all is zero
 */
ValiseVolumeCache *
valise_volume_cache_new (ValiseBacking *backing, guint64 budget)
{
  ValiseVolumeCache *self = g_new0 (ValiseVolumeCache, 1);

  if (budget == 0)
    budget = VALISE_VOLUME_CACHE_DEFAULT_BUDGET;
  self->backing = g_object_ref (backing);
  self->size = valise_backing_get_size (backing);
  self->n_units = (self->size + UNIT_SIZE - 1) / UNIT_SIZE;
  self->max_slabs = MAX (budget, VALISE_VOLUME_CACHE_MIN_BUDGET) / SLAB_SIZE;
  self->units = mmap (NULL, MAX (1, self->n_units) * sizeof (Unit *), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (self->units == MAP_FAILED)
    g_error ("no address space for the places of %" PRIu64 " units", self->n_units);
  g_queue_init (&self->cold);
  g_queue_init (&self->hot);
  g_queue_init (&self->under_way);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->pool = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_buffer_unref);
  self->digests = valise_digest_map_new (self->size);
  return self;
}

/**
 * valise_volume_cache_new_for_drive:
 * @backing: (transfer none): where the bytes are
 * @budget: as in valise_volume_cache_new()
 * @digests: what is on the drive
 *
 * Returns: (transfer full): a cache in which is what @digests says; all else is zero
 */
ValiseVolumeCache *
valise_volume_cache_new_for_drive (ValiseBacking *backing,
                                   guint64 budget,
                                   const ValiseDigestMap *digests)
{
  ValiseVolumeCache *self = valise_volume_cache_new (backing, budget);

  valise_digest_map_merge (self->digests, digests);
  return self;
}

static void
unit_free (ValiseVolumeCache *self, Unit *unit)
{
  g_queue_unlink (unit->hot ? &self->hot : &self->cold, &unit->link);
  self->units[unit->index] = NULL;
  g_free (unit);
}

/**
 * valise_volume_cache_free:
 * @self: (transfer full): a cache
 *
 * Waits for what is under way and forgets the rest: what was not flushed is lost.
 */
void
valise_volume_cache_free (ValiseVolumeCache *self)
{
  GQueue *queues[] = { &self->cold, &self->hot };

  g_mutex_lock (&self->lock);
  while (!g_queue_is_empty (&self->under_way))
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);

  for (guint q = 0; q < G_N_ELEMENTS (queues); q++)
    while (!g_queue_is_empty (queues[q]))
      {
        Unit *unit = g_queue_peek_head (queues[q]);

        for (guint i = 0; i < SLABS_PER_UNIT; i++)
          g_clear_pointer (&unit->slabs[i], valise_buffer_unref);
        unit_free (self, unit);
      }
  munmap (self->units, MAX (1, self->n_units) * sizeof (Unit *));
  g_ptr_array_unref (self->pool);
  valise_digest_map_free (self->digests);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_object_unref (self->backing);
  g_free (self);
}

/* Remembers the first error, which is the true one, and returns it. */
static gboolean
fail (ValiseVolumeCache *self, GError *cause, GError **error)
{
  if (self->error == NULL)
    self->error = cause;
  else
    g_error_free (cause);
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

static gboolean
check (ValiseVolumeCache *self, GError **error)
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
  return fail (self, cause, error);
}

/* ---- going out ---- */

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
static gboolean
is_under_way (ValiseVolumeCache *self, const Unit *unit, guint b)
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

  if (unit->slabs[b / BLOCKS_PER_SLAB] == NULL)
    return FALSE;
  if ((unit->valid >> b & 1) != 0)
    return TRUE;
  g_mutex_lock (&self->lock);
  written = valise_digest_map_is_written (self->digests, block_number (unit, b))
            || is_under_way (self, unit, b);
  g_mutex_unlock (&self->lock);
  return !written;
}

/* The next run of blocks to write from block @from on: dirty ones and small gaps between them. */
static gboolean
next_run (ValiseVolumeCache *self, const Unit *unit, guint from, guint *first, guint *n)
{
  guint b = from;
  guint end;

  while (b < BLOCKS_PER_UNIT && (unit->dirty >> b & 1) == 0)
    b++;
  if (b == BLOCKS_PER_UNIT)
    return FALSE;
  *first = b;
  end = b + 1;
  for (b = end; b < BLOCKS_PER_UNIT && b - end <= MAX_BRIDGE; b++)
    if ((unit->dirty >> b & 1) != 0)
      end = b + 1;
    else if (b - end == MAX_BRIDGE || !may_bridge (self, unit, b))
      break;
  *n = end - *first;
  return TRUE;
}

static ValiseWrite *
make_write (ValiseVolumeCache *self, Unit *unit, guint first, guint n, Departure *departure)
{
  guint64 offset = block_number (unit, first) * VALISE_BLOCK_SIZE;
  ValiseWrite *write = valise_write_new (offset, write_done, departure);

  for (guint b = first; b < first + n; b++)
    {
      guint32 fill = (unit->valid >> b & 1) != 0 ? unit->fill[b] : 0;

      if (fill < VALISE_BLOCK_SIZE)
        memset (block_memory (unit, b) + fill, 0, VALISE_BLOCK_SIZE - fill);
      unit->fill[b] = VALISE_BLOCK_SIZE;
    }
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

/* Writes what is dirty in @unit and lets the unit go. */
static gboolean
depart (ValiseVolumeCache *self, Unit *unit, GError **error)
{
  Departure *departure = g_new0 (Departure, 1);
  g_autoptr (GPtrArray) writes = g_ptr_array_new ();
  GError *cause = NULL;
  guint first, n;

  departure->cache = self;
  for (guint from = 0; next_run (self, unit, from, &first, &n); from = first + n)
    g_ptr_array_add (writes, make_write (self, unit, first, n, departure));
  memcpy (departure->slabs, unit->slabs, sizeof unit->slabs);
  unit_free (self, unit);

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
  return cause == NULL || fail (self, cause, error);
}

/* The unit to let go when memory is needed: the one longest unused, cold ones first. */
static Unit *
find_victim (ValiseVolumeCache *self)
{
  GQueue *queues[] = { &self->cold, &self->hot };

  for (guint q = 0; q < G_N_ELEMENTS (queues); q++)
    {
      GList *l = queues[q]->tail;

      if (l != NULL && l->data == self->current)
        l = l->prev;
      if (l != NULL)
        return l->data;
    }
  return NULL;
}

static gboolean
get_slab (ValiseVolumeCache *self, ValiseBuffer **slab, GError **error)
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
      if (!check (self, error))
        return FALSE;
      if (!wait)
        {
          self->stats.evicted++;
          if (!depart (self, victim, error))
            return FALSE;
        }
    }
}

/* ---- coming in ---- */

static Unit *
use_unit (ValiseVolumeCache *self, guint64 index)
{
  Unit *unit = self->units[index];

  if (unit == NULL)
    {
      unit = g_new0 (Unit, 1);
      unit->index = index;
      unit->link.data = unit;
      self->units[index] = unit;
      g_queue_push_head_link (&self->cold, &unit->link);
    }
  else
    {
      GQueue *queue = unit->hot ? &self->hot : &self->cold;

      if (queue->head != &unit->link)
        {
          g_queue_unlink (queue, &unit->link);
          g_queue_push_head_link (queue, &unit->link);
        }
    }
  self->current = unit;
  return unit;
}

static void
make_hot (ValiseVolumeCache *self, Unit *unit)
{
  if (unit->hot)
    return;
  g_queue_unlink (&self->cold, &unit->link);
  unit->hot = TRUE;
  g_queue_push_head_link (&self->hot, &unit->link);
}

/* Looks for block @b among the writes that have not ended. */
static gboolean
find_under_way (ValiseVolumeCache *self, Unit *unit, guint b)
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

/* Whether the drive holds what block @b of @unit should be, and the memory does not. */
static gboolean
is_on_drive (ValiseVolumeCache *self, const Unit *unit, guint b)
{
  gboolean found;

  if ((unit->valid >> b & 1) != 0)
    return FALSE;
  g_mutex_lock (&self->lock);
  found = valise_digest_map_is_written (self->digests, block_number (unit, b))
          && !is_under_way (self, unit, b);
  g_mutex_unlock (&self->lock);
  return found;
}

/* Whether whole blocks that a drive gave back are what was written to it. */
static gboolean
check_blocks (guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error)
{
  ValiseVolumeCache *self = user_data;
  gboolean same = TRUE;
  gsize at;

  g_mutex_lock (&self->lock);
  for (at = 0; same && at < size; at += VALISE_BLOCK_SIZE)
    same = valise_digest_map_check (self->digests, (offset + at) / VALISE_BLOCK_SIZE,
                                    (const guint8 *)data + at);
  g_mutex_unlock (&self->lock);
  if (!same)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH,
                 _("The drive gives back other bytes than were written to it (at byte "
                   "%" PRIu64 "). It is worn out, or smaller than it claims to be. "
                   "Use another drive."),
                 offset + at - VALISE_BLOCK_SIZE);
  return same;
}

/* Reads block @b back, and its neighbours in the slab with it: what lies together is used together,
 * the memory is there, and each read waits until the drive has ended a write. */
static gboolean
read_back (ValiseVolumeCache *self, Unit *unit, guint b, GError **error)
{
  guint first = b, end = b + 1;
  gsize size;
  GError *cause = NULL;

  while (first % BLOCKS_PER_SLAB != 0 && is_on_drive (self, unit, first - 1))
    first--;
  while (end % BLOCKS_PER_SLAB != 0 && is_on_drive (self, unit, end))
    end++;
  /* Only the last block of all can be short. */
  size = (end - first - 1) * VALISE_BLOCK_SIZE
         + valise_digest_map_get_block_length (self->digests, block_number (unit, end - 1));
  if (!valise_backing_read (self->backing, block_number (unit, first) * VALISE_BLOCK_SIZE,
                            block_memory (unit, first), size, check_blocks, self, &cause))
    return fail (self, cause, error);
  for (guint i = first; i < end; i++)
    {
      unit->fill[i] = VALISE_BLOCK_SIZE;
      unit->valid |= G_GUINT64_CONSTANT (1) << i;
      self->stats.loads++;
    }
  return TRUE;
}

/* Makes block @b valid: from memory on its way out, from the drive, or as zeros. */
static gboolean
load_block (ValiseVolumeCache *self, Unit *unit, guint b, GError **error)
{
  /* First: a write that ends meanwhile is on the drive, and its digest is known. */
  if (find_under_way (self, unit, b))
    unit->fill[b] = VALISE_BLOCK_SIZE;
  else if (is_on_drive (self, unit, b))
    return read_back (self, unit, b, error);
  else
    unit->fill[b] = 0;
  unit->valid |= G_GUINT64_CONSTANT (1) << b;
  return TRUE;
}

/* Sees to it that block @b of @unit has memory. */
static gboolean
need_slab (ValiseVolumeCache *self, Unit *unit, guint b, GError **error)
{
  return unit->slabs[b / BLOCKS_PER_SLAB] != NULL
         || get_slab (self, &unit->slabs[b / BLOCKS_PER_SLAB], error);
}

static gboolean
write_in_block (
    ValiseVolumeCache *self, Unit *unit, guint b, guint32 in, const guint8 *data, guint32 size,
    GError **error)
{
  const guint64 bit = G_GUINT64_CONSTANT (1) << b;
  guint8 *memory;

  if (!need_slab (self, unit, b, error))
    return FALSE;
  if ((unit->valid & bit) == 0)
    {
      if (size == VALISE_BLOCK_SIZE)
        {
          unit->valid |= bit;
          unit->fill[b] = 0;
        }
      else if (!load_block (self, unit, b, error))
        return FALSE;
    }

  if (in < unit->fill[b])
    make_hot (self, unit);
  memory = block_memory (unit, b);
  if (in > unit->fill[b])
    memset (memory + unit->fill[b], 0, in - unit->fill[b]);
  memcpy (memory + in, data, size);
  unit->fill[b] = MAX (unit->fill[b], in + size);
  unit->dirty |= bit;
  if (unit->fill[b] == VALISE_BLOCK_SIZE)
    unit->full |= bit;
  return TRUE;
}

static gboolean
check_range (ValiseVolumeCache *self, guint64 offset, gsize size, GError **error)
{
  if (size <= self->size && offset <= self->size - size)
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               _("A file system was to be written beyond the end of the drive (at byte "
                 "%" PRIu64 "). This is a bug in Valise."),
               offset);
  return FALSE;
}

/**
 * valise_volume_cache_get_size:
 * @self: a cache
 *
 * Returns: the size of what it covers, in bytes
 */
guint64
valise_volume_cache_get_size (ValiseVolumeCache *self)
{
  return self->size;
}

/**
 * valise_volume_cache_write:
 * @self: a cache
 * @offset: where to, in bytes; need not be aligned
 * @data: what to write
 * @size: how many bytes
 * @error: where to put an error, which is that of the first write that failed
 *
 * Writes into the cache. May write other bytes to the drive, and wait for that.
 *
 * Returns: whether all is well so far
 */
gboolean
valise_volume_cache_write (
    ValiseVolumeCache *self, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  const guint8 *from = data;
  gboolean ok = check (self, error) && check_range (self, offset, size, error);

  while (ok && size > 0)
    {
      Unit *unit = use_unit (self, offset / UNIT_SIZE);
      guint b = offset % UNIT_SIZE / VALISE_BLOCK_SIZE;
      guint32 in = offset % VALISE_BLOCK_SIZE;
      guint32 n = MIN (size, VALISE_BLOCK_SIZE - in);

      ok = write_in_block (self, unit, b, in, from, n, error);
      from += n;
      offset += n;
      size -= n;
      if (ok && !unit->hot && unit->full == G_MAXUINT64 && unit->dirty == G_MAXUINT64)
        {
          self->stats.streamed++;
          self->current = NULL;
          ok = depart (self, unit, error);
        }
    }
  self->current = NULL;
  return ok;
}

/**
 * valise_volume_cache_read:
 * @self: a cache
 * @offset: from where, in bytes; need not be aligned
 * @data: where to put the bytes
 * @size: how many
 * @error: where to put an error
 *
 * Reads what was written last, from memory or from the drive; zeros where nothing was written.
 *
 * Returns: whether all bytes were read
 */
gboolean
valise_volume_cache_read (
    ValiseVolumeCache *self, guint64 offset, gpointer data, gsize size, GError **error)
{
  guint8 *to = data;
  gboolean ok = check (self, error) && check_range (self, offset, size, error);

  while (ok && size > 0)
    {
      Unit *unit = use_unit (self, offset / UNIT_SIZE);
      guint b = offset % UNIT_SIZE / VALISE_BLOCK_SIZE;
      guint32 in = offset % VALISE_BLOCK_SIZE;
      guint32 n = MIN (size, VALISE_BLOCK_SIZE - in);

      ok = need_slab (self, unit, b, error)
           && ((unit->valid >> b & 1) != 0 || load_block (self, unit, b, error));
      if (ok)
        {
          guint32 there = CLAMP (unit->fill[b], in, in + n) - in;

          memcpy (to, block_memory (unit, b) + in, there);
          memset (to + there, 0, n - there);
        }
      to += n;
      offset += n;
      size -= n;
    }
  self->current = NULL;
  return ok;
}

/**
 * valise_volume_cache_flush:
 * @self: a cache
 * @error: where to put an error
 *
 * Writes all that the drive does not have yet, in ascending order, and waits until it was taken.
 * The drive's own cache is not flushed by this. The cache is empty afterwards and can be used on.
 *
 * Returns: whether all bytes that were ever written to the cache were taken by the drive
 */
gboolean
valise_volume_cache_flush (ValiseVolumeCache *self, GError **error)
{
  GError *cause = NULL;

  if (!check (self, error))
    return FALSE;
  for (guint64 i = 0; i < self->n_units && self->cold.length + self->hot.length > 0; i++)
    if (self->units[i] != NULL && !depart (self, self->units[i], error))
      return FALSE;
  if (!valise_backing_drain (self->backing, &cause))
    return fail (self, cause, error);
  g_mutex_lock (&self->lock);
  while (!g_queue_is_empty (&self->under_way))
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
  return check (self, error);
}

/**
 * valise_volume_cache_get_digests:
 * @self: a cache that was flushed and not written to since
 *
 * Returns: (transfer none): which blocks are on the drive, with their digests
 */
const ValiseDigestMap *
valise_volume_cache_get_digests (ValiseVolumeCache *self)
{
  return self->digests;
}

/**
 * valise_volume_cache_get_stats:
 * @self: a cache
 * @stats: (out caller-allocates): where to put what it did so far
 */
void
valise_volume_cache_get_stats (ValiseVolumeCache *self, ValiseVolumeCacheStats *stats)
{
  *stats = self->stats;
}

/**
 * valise_volume_cache_get_memory:
 * @self: a cache
 *
 * Returns: bytes of memory taken for blocks, cached and on their way out
 */
guint64
valise_volume_cache_get_memory (ValiseVolumeCache *self)
{
  return (guint64) self->n_slabs * SLAB_SIZE;
}
