/* valise-volume-cache-private.h: what the parts of the volume cache share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-spill.h"
#include "valise-volume-cache.h"

G_BEGIN_DECLS

#define SLAB_SIZE (4 * VALISE_BLOCK_SIZE)
#define UNIT_SIZE (16 * SLAB_SIZE)
#define BLOCKS_PER_SLAB (SLAB_SIZE / VALISE_BLOCK_SIZE)
#define BLOCKS_PER_UNIT (UNIT_SIZE / VALISE_BLOCK_SIZE)
#define SLABS_PER_UNIT (UNIT_SIZE / SLAB_SIZE)

G_STATIC_ASSERT (BLOCKS_PER_UNIT == 64);
G_STATIC_ASSERT (SLABS_PER_UNIT <= VALISE_WRITE_MAX_PARTS);

typedef struct
{
  guint64 index; /* the unit begins at index * UNIT_SIZE */
  ValiseBuffer *slabs[SLABS_PER_UNIT];
  guint64 valid;                  /* a bit a block: the memory is what the block holds */
  guint64 spilled;                /* … no, the temporary file */
  guint64 dirty;                  /* … and the drive does not have it yet */
  guint64 full;                   /* … and nothing of it waits for its first byte */
  guint32 fill[BLOCKS_PER_UNIT];  /* bytes from here on are zeros that nobody has put there yet */
  gboolean hot;
  guint64 used;  /* when, by the cache's clock */
  guint slot;    /* in the temporary file, if it was ever there; -1 */
  GQueue *queue; /* cold, hot or away, the latest used first */
  GList link;    /* in @queue */
} Unit;

struct _ValiseVolumeCache
{
  /* Set once. */
  ValiseBacking *backing;
  guint64 size;
  guint64 n_units;
  gsize max_slabs;
  ValiseSpill *spill; /* NULL: there is none */

  /* Only the caller's thread. */
  Unit **units; /* a place for each unit of the drive; mapped, so that unused ones cost nothing */
  GQueue cold;
  GQueue hot;
  GQueue away; /* units without memory: what they hold is in the temporary file */
  guint64 clock; /* counts uses of units */
  Unit *current; /* in use by the call under way: must not leave */
  gsize n_slabs; /* all that were made, wherever they are */
  gboolean spill_failed; /* nothing more goes into the temporary file */
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

static inline guint64
block_number (const Unit *unit, guint b)
{
  return unit->index * BLOCKS_PER_UNIT + b;
}

static inline guint8 *
block_memory (const Unit *unit, guint b)
{
  return unit->slabs[b / BLOCKS_PER_SLAB]->data + (b % BLOCKS_PER_SLAB) * VALISE_BLOCK_SIZE;
}

void valise_cache_move_unit (Unit *unit, GQueue *queue);
void valise_cache_unit_free (ValiseVolumeCache *self, Unit *unit);
gboolean valise_cache_fail (ValiseVolumeCache *self, GError *cause, GError **error);
gboolean valise_cache_check (ValiseVolumeCache *self, GError **error);
gboolean valise_cache_is_under_way (ValiseVolumeCache *self, const Unit *unit, guint b);
gboolean valise_cache_find_under_way (ValiseVolumeCache *self, Unit *unit, guint b);
gboolean valise_cache_depart (ValiseVolumeCache *self, Unit *unit, GError **error);
gboolean valise_cache_get_slab (ValiseVolumeCache *self, ValiseBuffer **slab, GError **error);

G_END_DECLS
