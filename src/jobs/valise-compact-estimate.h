/* valise-compact-estimate.h: how much an edition needs on a drive, compressed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "compact/valise-wof.h"
#include "core/valise-scratch.h"
#include "image/valise-check.h"

G_BEGIN_DECLS

/**
 * VALISE_COMPACT_ESTIMATE_ALL:
 *
 * All algorithms, as bits.
 */
#define VALISE_COMPACT_ESTIMATE_ALL ((1u << VALISE_WOF_N_ALGORITHMS) - 1)

/**
 * ValiseCompactEstimate:
 * @plain_bytes: what the edition takes on a volume as it is, in bytes, as #ValiseCheck has it
 * @n_files: files that may be compressed
 * @file_bytes: what they take on the volume as they are, in bytes
 * @packed_bytes: what they would take with each algorithm that was asked for, in bytes; those of
 *   them that would stay plain included
 * @is_rough: whether the sample could only be taken from a few places
 * @sample_bytes: how many bytes were compressed for that with each algorithm
 *
 * What is expected; sizes are in whole clusters of 4096 bytes.
 */
typedef struct
{
  guint64 plain_bytes;
  guint64 n_files;
  guint64 file_bytes;
  guint64 packed_bytes[VALISE_WOF_N_ALGORITHMS];
  gboolean is_rough;
  guint64 sample_bytes;
} ValiseCompactEstimate;

gboolean valise_compact_estimate_make (ValiseSource *source,
                                       const ValiseEdition *const *editions,
                                       guint n_editions,
                                       guint algorithms,
                                       ValiseCompactEstimate *estimates,
                                       ValiseScratch *scratch,
                                       GCancellable *cancellable,
                                       GError **error);
ValiseCompactEstimate *valise_compact_estimate_make_all (ValiseSource *source,
                                                        ValiseScratch *scratch,
                                                        GCancellable *cancellable,
                                                        GError **error);
guint64 valise_compact_estimate_get_bytes (const ValiseCompactEstimate *self,
                                           ValiseWofAlgorithm algorithm);
guint64 valise_compact_estimate_get_needed (const ValiseCompactEstimate *self,
                                            ValiseWofAlgorithm algorithm,
                                            guint64 plain);

guint64 valise_compact_estimate_get_likely (const ValiseCompactEstimate *self,
                                            guint64 bytes,
                                            guint64 packed_bytes);

G_END_DECLS
