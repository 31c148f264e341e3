/* valise-digest-map.h: which blocks of a drive were written, and the digest of each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_BLOCK_SIZE:
 *
 * The unit in which drives are written, remembered and verified, in bytes: 16 clusters of NTFS.
 * Eight bytes of digest for each keep 100 GB of image in 12 MiB.
 */
#define VALISE_BLOCK_SIZE (64 * 1024)

/**
 * ValiseDigestMap:
 *
 * One bit and one XXH3-64 digest for each block of a drive. Not thread-safe: whoever owns it locks
 * it, or hands it over.
 */
typedef struct _ValiseDigestMap ValiseDigestMap;

ValiseDigestMap *valise_digest_map_new (guint64 size);
void valise_digest_map_free (ValiseDigestMap *self);
void valise_digest_map_merge (ValiseDigestMap *self, const ValiseDigestMap *other);

guint64 valise_digest_map_get_size (const ValiseDigestMap *self);
gsize valise_digest_map_get_block_length (const ValiseDigestMap *self, guint64 block);
guint64 valise_digest_map_get_written_bytes (const ValiseDigestMap *self);

void valise_digest_map_record (ValiseDigestMap *self, guint64 block, gconstpointer data);
void valise_digest_map_record_digest (ValiseDigestMap *self, guint64 block, guint64 digest);
gboolean valise_digest_map_is_written (const ValiseDigestMap *self, guint64 block);
gboolean valise_digest_map_check (const ValiseDigestMap *self, guint64 block, gconstpointer data);
gboolean valise_digest_map_next_run (const ValiseDigestMap *self,
                                     guint64 from,
                                     guint64 max_blocks,
                                     guint64 *first,
                                     guint64 *n_blocks);
guint64 valise_digest_map_run_digest (const ValiseDigestMap *self, guint64 first, guint64 n_blocks);
guint64 valise_digest_block (gconstpointer data, gsize size);
guint64 valise_digest_combine (const guint64 *digests, gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDigestMap, valise_digest_map_free)

G_END_DECLS
