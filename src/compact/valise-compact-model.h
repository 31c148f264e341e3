/* valise-compact-model.h: learns from a sample how small files become.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-compact-pool.h"

G_BEGIN_DECLS

/**
 * VALISE_COMPACT_PIECE_SIZE:
 *
 * Pieces of a sample begin at multiples of this in their file: no algorithm has larger chunks.
 */
#define VALISE_COMPACT_PIECE_SIZE (32 * 1024)

/**
 * ValiseCompactModel:
 *
 * See valise-compact-model.c.
 */
typedef struct _ValiseCompactModel ValiseCompactModel;

ValiseCompactModel *valise_compact_model_new (guint algorithms, guint n_threads);
void valise_compact_model_free (ValiseCompactModel *self);
gboolean valise_compact_model_add (ValiseCompactModel *self,
                                   gdouble ratio,
                                   gdouble piece_ratio,
                                   guint64 file_size,
                                   const guint8 *bytes,
                                   gsize size,
                                   GError **error);
gboolean valise_compact_model_finish (ValiseCompactModel *self, GError **error);
guint64 valise_compact_model_predict (ValiseCompactModel *self,
                                      ValiseWofAlgorithm algorithm,
                                      gdouble ratio,
                                      guint64 file_size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCompactModel, valise_compact_model_free)

G_END_DECLS
