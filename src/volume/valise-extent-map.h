/* valise-extent-map.h: where the bytes of a file lie on a volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseExtentMap:
 *
 * See valise-extent-map.c.
 */
typedef struct _ValiseExtentMap ValiseExtentMap;

ValiseExtentMap *valise_extent_map_new (void);
void valise_extent_map_free (ValiseExtentMap *self);

void valise_extent_map_add (ValiseExtentMap *self, guint64 place, guint64 size);
ValiseExtentMap *valise_extent_map_slice (const ValiseExtentMap *self,
                                          guint64 offset,
                                          guint64 size,
                                          guint64 shift);
guint64 valise_extent_map_get_size (const ValiseExtentMap *self);
guint valise_extent_map_get_n_runs (const ValiseExtentMap *self);
guint64 valise_extent_map_find (const ValiseExtentMap *self, guint64 offset, guint64 *size);
GArray *valise_extent_map_translate (const ValiseExtentMap *self, GArray *extents);
GArray *valise_extent_map_subtract (const ValiseExtentMap *self, GArray *extents);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseExtentMap, valise_extent_map_free)

G_END_DECLS
