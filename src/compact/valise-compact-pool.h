/* valise-compact-pool.h: threads that compress blocks of files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-wof.h"

G_BEGIN_DECLS

/**
 * VALISE_COMPACT_BLOCK_SIZE:
 *
 * The most bytes of a file in one block: whole chunks of every algorithm.
 */
#define VALISE_COMPACT_BLOCK_SIZE (256 * 1024)

/**
 * VALISE_COMPACT_MAX_CHUNKS:
 *
 * The most chunks in a block.
 */
#define VALISE_COMPACT_MAX_CHUNKS (VALISE_COMPACT_BLOCK_SIZE / 4096)

/**
 * ValiseCompactBlock:
 * @data: @size bytes of a file
 * @size: how many
 * @capacity: how many there is room for
 * @algorithm: how they are to be compressed
 * @packed: the chunks, back to back, once it is done
 * @packed_size: bytes of them
 * @chunk_sizes: bytes of each
 * @n_chunks: how many
 * @time: how long a thread computed, in µs
 *
 * A piece of a file. What comes behind @algorithm is the pool's until the block is done.
 */
typedef struct
{
  guint8 *data;
  gsize size;
  gsize capacity;
  ValiseWofAlgorithm algorithm;
  guint8 *packed;
  gsize packed_size;
  guint32 chunk_sizes[VALISE_COMPACT_MAX_CHUNKS];
  guint n_chunks;
  gint64 time;
  /*< private >*/
  gboolean done;
  gboolean failed;
} ValiseCompactBlock;

/**
 * ValiseCompactPool:
 *
 * See valise-compact-pool.c.
 */
typedef struct _ValiseCompactPool ValiseCompactPool;

ValiseCompactBlock *valise_compact_block_new (ValiseWofAlgorithm algorithm, gsize capacity);
void valise_compact_block_free (ValiseCompactBlock *block);

ValiseCompactPool *valise_compact_pool_new (guint n_threads);
void valise_compact_pool_free (ValiseCompactPool *self);
void valise_compact_pool_push (ValiseCompactPool *self, ValiseCompactBlock *block);
gboolean valise_compact_pool_is_done (ValiseCompactPool *self, const ValiseCompactBlock *block);
gboolean valise_compact_pool_wait (ValiseCompactPool *self,
                                   const ValiseCompactBlock *block,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCompactBlock, valise_compact_block_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCompactPool, valise_compact_pool_free)

G_END_DECLS
