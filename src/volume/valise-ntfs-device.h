/* valise-ntfs-device.h: an NTFS volume inside a volume cache, as libntfs-3g and wimlib see it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "valise-extent-map.h"
#include "valise-ntfs-filter.h"
#include "valise-volume-cache.h"

G_BEGIN_DECLS

/**
 * ValiseNtfsDevice:
 *
 * See valise-ntfs-device.c.
 */
typedef struct _ValiseNtfsDevice ValiseNtfsDevice;

struct _ntfs_volume;

/**
 * VALISE_NTFS_ALLOCATOR_SKIP:
 *
 * How many clusters libntfs-3g's allocator leaves free behind each allocation
 * (NTFS_LCNALLOC_SKIP in its lcnalloc.c, in all versions from 2006 to 2022.10.3).
 */
#define VALISE_NTFS_ALLOCATOR_SKIP 4096

ValiseNtfsDevice *valise_ntfs_device_new (ValiseVolumeCache *cache, guint64 start, guint64 size);
ValiseNtfsDevice *valise_ntfs_device_new_mapped (ValiseVolumeCache *cache,
                                                 ValiseExtentMap *map,
                                                 guint64 partition_offset);
void valise_ntfs_device_free (ValiseNtfsDevice *self);

const char *valise_ntfs_device_get_name (ValiseNtfsDevice *self);
struct _ntfs_volume *valise_ntfs_device_mount (ValiseNtfsDevice *self, GError **error);
gboolean valise_ntfs_device_unmount (ValiseNtfsDevice *self, GError **error);
gboolean valise_ntfs_device_check (ValiseNtfsDevice *self, GError **error);

void valise_ntfs_device_set_filter (ValiseNtfsDevice *self,
                                    const ValiseNtfsFilterFuncs *funcs,
                                    gpointer data);
ValiseNtfsFilter *valise_ntfs_device_find_filter (struct _ntfs_volume *volume);
void valise_ntfs_device_set_allocator_skip (ValiseNtfsDevice *self, guint clusters);
guint64 valise_ntfs_device_get_n_taken_back (ValiseNtfsDevice *self);
guint64 valise_ntfs_device_get_n_left (ValiseNtfsDevice *self);

gboolean valise_ntfs_check_interposed (void (*open_volume) (const char *name), GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseNtfsDevice, valise_ntfs_device_free)

G_END_DECLS
