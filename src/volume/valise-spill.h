/* valise-spill.h: a temporary file for what has no room in memory for a while.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseSpill:
 *
 * Slots of one size in a file that has no name. Used by one thread at a time.
 */
typedef struct _ValiseSpill ValiseSpill;

ValiseSpill *valise_spill_new (const char *folder, gsize slot_size);
void valise_spill_free (ValiseSpill *self);
guint valise_spill_take_slot (ValiseSpill *self);
gboolean valise_spill_write (
    ValiseSpill *self, guint slot, gsize at, gconstpointer data, gsize size, GError **error);
gboolean valise_spill_read (
    ValiseSpill *self, guint slot, gsize at, gpointer data, gsize size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSpill, valise_spill_free)

G_END_DECLS
