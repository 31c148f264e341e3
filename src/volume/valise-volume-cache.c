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
 * the longest time goes out: to a temporary file of this computer, if there is one, for it will be
 * written again, and a flash drive must not be made to write it twice; else to the drive, cold ones
 * first.
 *
 * A block that was never written reads as zeros, whatever the drive holds there, so that nothing
 * has to be read before it is written. A block that was written and is needed again is read back
 * and compared with its digest: a drive that lies is found out before its lie is built upon.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-volume-cache-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

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
  g_queue_init (&self->away);
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

/**
 * valise_volume_cache_set_folder:
 * @self: a cache
 * @folder: a folder for temporary files
 *
 * Gives the cache a place for metadata that has no room in memory, so that the drive need not take
 * it again and again. The place it takes there is at most what the metadata has; where the disk is
 * full, the drive takes it after all.
 */
void
valise_volume_cache_set_folder (ValiseVolumeCache *self, const char *folder)
{
  g_return_if_fail (self->spill == NULL);

  self->spill = valise_spill_new (folder, UNIT_SIZE);
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
  GQueue *queues[] = { &self->cold, &self->hot, &self->away };

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
        valise_cache_unit_free (self, unit);
      }
  munmap (self->units, MAX (1, self->n_units) * sizeof (Unit *));
  g_ptr_array_unref (self->pool);
  valise_digest_map_free (self->digests);
  g_clear_pointer (&self->spill, valise_spill_free);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_object_unref (self->backing);
  g_free (self);
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
      unit->slot = G_MAXUINT;
      self->units[index] = unit;
      valise_cache_move_unit (unit, &self->cold);
    }
  else if (unit->queue == &self->away)
    valise_cache_move_unit (unit, unit->hot ? &self->hot : &self->cold);
  else if (unit->queue->head != &unit->link)
    valise_cache_move_unit (unit, unit->queue);
  unit->used = ++self->clock;
  self->current = unit;
  return unit;
}

static void
make_hot (ValiseVolumeCache *self, Unit *unit)
{
  if (unit->hot)
    return;
  unit->hot = TRUE;
  valise_cache_move_unit (unit, &self->hot);
}

/* Whether the drive holds what block @b of @unit should be, and the memory does not. */
static gboolean
is_on_drive (ValiseVolumeCache *self, const Unit *unit, guint b)
{
  gboolean found;

  if (((unit->valid | unit->spilled) >> b & 1) != 0)
    return FALSE;
  g_mutex_lock (&self->lock);
  found = valise_digest_map_is_written (self->digests, block_number (unit, b))
          && !valise_cache_is_under_way (self, unit, b);
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
    return valise_cache_fail (self, cause, error);
  for (guint i = first; i < end; i++)
    {
      unit->fill[i] = VALISE_BLOCK_SIZE;
      unit->valid |= G_GUINT64_CONSTANT (1) << i;
      self->stats.loads++;
    }
  return TRUE;
}

/* Takes block @b back from the temporary file. */
static gboolean
recall_block (ValiseVolumeCache *self, Unit *unit, guint b, GError **error)
{
  GError *cause = NULL;

  if (!valise_spill_read (self->spill, unit->slot, b * VALISE_BLOCK_SIZE, block_memory (unit, b),
                          VALISE_BLOCK_SIZE, &cause))
    return valise_cache_fail (self, cause, error);
  unit->spilled &= ~(G_GUINT64_CONSTANT (1) << b);
  unit->valid |= G_GUINT64_CONSTANT (1) << b;
  unit->fill[b] = VALISE_BLOCK_SIZE;
  self->stats.recalled++;
  return TRUE;
}

/* Makes block @b valid: from memory on its way out, from the drive, or as zeros. */
static gboolean
load_block (ValiseVolumeCache *self, Unit *unit, guint b, GError **error)
{
  /* Newer than anything that is on its way to the drive. */
  if ((unit->spilled >> b & 1) != 0)
    return recall_block (self, unit, b, error);
  /* First: a write that ends meanwhile is on the drive, and its digest is known. */
  if (valise_cache_find_under_way (self, unit, b))
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
         || valise_cache_get_slab (self, &unit->slabs[b / BLOCKS_PER_SLAB], error);
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
          unit->spilled &= ~bit;
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

/* Has all of @unit, which is in use, in memory that the temporary file has, and writes it. */
static gboolean
depart_whole (ValiseVolumeCache *self, Unit *unit, GError **error)
{
  gboolean ok = TRUE;

  for (guint b = 0; ok && unit->spilled != 0 && b < BLOCKS_PER_UNIT; b++)
    if ((unit->spilled >> b & 1) != 0)
      ok = need_slab (self, unit, b, error) && recall_block (self, unit, b, error);
  self->current = NULL;
  return ok && valise_cache_depart (self, unit, error);
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
  gboolean ok = valise_cache_check (self, error) && check_range (self, offset, size, error);

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
          ok = depart_whole (self, unit, error);
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
  gboolean ok = valise_cache_check (self, error) && check_range (self, offset, size, error);

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

static gboolean
has_units (ValiseVolumeCache *self)
{
  return self->cold.length + self->hot.length + self->away.length > 0;
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

  if (!valise_cache_check (self, error))
    return FALSE;
  for (guint64 i = 0; i < self->n_units && has_units (self); i++)
    if (self->units[i] != NULL && !depart_whole (self, use_unit (self, i), error))
      return FALSE;
  if (!valise_backing_drain (self->backing, &cause))
    return valise_cache_fail (self, cause, error);
  g_mutex_lock (&self->lock);
  while (!g_queue_is_empty (&self->under_way))
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
  return valise_cache_check (self, error);
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
