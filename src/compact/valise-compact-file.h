/* valise-compact-file.h: the bytes of a file on their way from wimlib to a volume, compressed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-compact-stream.h"

G_BEGIN_DECLS

/**
 * ValiseCompactFile:
 * @algorithm: how it is compressed
 * @size: its size in bytes
 * @filled: how many have come
 * @records: the numbers of the files on the volume (guint64) that get these bytes
 * @packed_size: bytes on the volume for each of them, once it was stored
 * @is_plain: whether it was stored as it is, since compression saves nothing
 *
 * One content for one or many files.
 */
typedef struct
{
  ValiseWofAlgorithm algorithm;
  guint64 size;
  guint64 filled;
  GArray *records;
  guint64 packed_size;
  gboolean is_plain;
  gint64 time; /* that threads computed for it, in µs */
  /*< private >*/
  ValiseCompactPool *pool;
  GQueue blocks; /* ValiseCompactBlock; the last one is not pushed while it has room */
} ValiseCompactFile;

ValiseCompactFile *valise_compact_file_new (ValiseCompactPool *pool, ValiseWofAlgorithm algorithm,
                                            guint64 size);
void valise_compact_file_free (ValiseCompactFile *self);

void valise_compact_file_append (ValiseCompactFile *self, const guint8 *bytes, gsize size);
gboolean valise_compact_file_is_done (ValiseCompactFile *self);
gboolean valise_compact_file_wait (ValiseCompactFile *self, GError **error);
ValiseCompactBlock *valise_compact_file_take_block (ValiseCompactFile *self, gboolean wait,
                                                    GError **error);
gboolean valise_compact_file_saves (ValiseCompactFile *self, gsize unit);
int valise_compact_file_store_plain (ValiseCompactFile *self, struct _ntfs_attr *na);
int valise_compact_file_store (ValiseCompactFile *self, struct _ntfs_inode *ni);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCompactFile, valise_compact_file_free)

G_END_DECLS
