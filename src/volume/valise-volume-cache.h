/* valise-volume-cache.h: a bounded write-back cache between file systems and the drives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "valise-backing.h"
#include "valise-digest-map.h"

G_BEGIN_DECLS

/**
 * VALISE_VOLUME_CACHE_DEFAULT_BUDGET:
 *
 * Bytes of memory that a cache takes if nobody says otherwise.
 */
#define VALISE_VOLUME_CACHE_DEFAULT_BUDGET (128 * 1024 * 1024)

/**
 * VALISE_VOLUME_CACHE_MIN_BUDGET:
 *
 * The smallest budget in bytes; less is raised to this.
 */
#define VALISE_VOLUME_CACHE_MIN_BUDGET (16 * 1024 * 1024)

/**
 * ValiseVolumeCacheStats:
 * @writes: writes submitted
 * @bytes_written: their bytes
 * @loads: blocks read back from the drive because they were needed again
 * @streamed: units that went out because they were complete
 * @evicted: units that went out because memory was needed
 * @spilled: … that went to the temporary file instead
 * @recalled: blocks that came back from it
 */
typedef struct
{
  guint64 writes;
  guint64 bytes_written;
  guint64 loads;
  guint64 streamed;
  guint64 evicted;
  guint64 spilled;
  guint64 recalled;
} ValiseVolumeCacheStats;

/**
 * ValiseVolumeCache:
 *
 * See valise-volume-cache.c.
 */
typedef struct _ValiseVolumeCache ValiseVolumeCache;

ValiseVolumeCache *valise_volume_cache_new (ValiseBacking *backing, guint64 budget);
ValiseVolumeCache *valise_volume_cache_new_for_drive (ValiseBacking *backing,
                                                      guint64 budget,
                                                      const ValiseDigestMap *digests);
void valise_volume_cache_set_folder (ValiseVolumeCache *self, const char *folder);
void valise_volume_cache_free (ValiseVolumeCache *self);

guint64 valise_volume_cache_get_size (ValiseVolumeCache *self);
gboolean valise_volume_cache_write (ValiseVolumeCache *self,
                                    guint64 offset,
                                    gconstpointer data,
                                    gsize size,
                                    GError **error);
gboolean valise_volume_cache_read (
    ValiseVolumeCache *self, guint64 offset, gpointer data, gsize size, GError **error);
gboolean valise_volume_cache_flush (ValiseVolumeCache *self, GError **error);

const ValiseDigestMap *valise_volume_cache_get_digests (ValiseVolumeCache *self);
void valise_volume_cache_get_stats (ValiseVolumeCache *self, ValiseVolumeCacheStats *stats);
guint64 valise_volume_cache_get_memory (ValiseVolumeCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseVolumeCache, valise_volume_cache_free)

G_END_DECLS
