/* valise-compact-stream.h: the compressed stream of a file on an NTFS volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-compact-pool.h"

G_BEGIN_DECLS

struct _ntfs_inode;
struct _ntfs_attr;

/**
 * ValiseCompactStream:
 *
 * See valise-compact-stream.c.
 */
typedef struct _ValiseCompactStream ValiseCompactStream;

ValiseCompactStream *valise_compact_stream_new (struct _ntfs_inode *ni,
                                                ValiseWofAlgorithm algorithm,
                                                guint64 size,
                                                const GQueue *blocks);
void valise_compact_stream_free (ValiseCompactStream *self);
int valise_compact_stream_append (ValiseCompactStream *self, const ValiseCompactBlock *block);
int valise_compact_stream_finish (ValiseCompactStream *self);
int valise_compact_stream_copy (ValiseCompactStream *self, struct _ntfs_inode *ni);
guint64 valise_compact_stream_get_length (ValiseCompactStream *self);

int valise_compact_stream_replace_data (struct _ntfs_inode *ni,
                                        struct _ntfs_attr *na,
                                        ValiseWofAlgorithm algorithm,
                                        guint64 size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCompactStream, valise_compact_stream_free)

G_END_DECLS
