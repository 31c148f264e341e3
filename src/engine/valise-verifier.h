/* valise-verifier.h: reads a drive back and compares it with the digests of what was written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-progress.h"
#include "valise-speed-curve.h"
#include "valise-target.h"
#include "volume/valise-digest-map.h"

G_BEGIN_DECLS

/**
 * ValiseExtentDigest:
 * @offset: the first byte, counted from the start of the drive; a multiple of %VALISE_BLOCK_SIZE
 * @size: how many bytes; a multiple of %VALISE_BLOCK_SIZE but at the drive's end
 * @digest: as valise_digest_map_run_digest() makes it for these bytes
 *
 * What a report keeps of one stretch of the drive.
 */
typedef struct
{
  guint64 offset;
  guint64 size;
  guint64 digest;
} ValiseExtentDigest;

GArray *valise_extent_digests_from_map (const ValiseDigestMap *map, guint64 max_bytes);

/**
 * ValiseVerifier:
 *
 * One reading of one target.
 */
typedef struct _ValiseVerifier ValiseVerifier;

ValiseVerifier *valise_verifier_new (ValiseTarget *target);
void valise_verifier_free (ValiseVerifier *self);
gboolean valise_verifier_run (ValiseVerifier *self,
                              const ValiseDigestMap *map,
                              ValiseProgress *progress,
                              guint64 *bad_offset,
                              GCancellable *cancellable,
                              GError **error);
gboolean valise_verifier_run_extents (ValiseVerifier *self,
                                      const ValiseExtentDigest *extents,
                                      gsize n_extents,
                                      ValiseProgress *progress,
                                      guint64 *bad_offset,
                                      GCancellable *cancellable,
                                      GError **error);
guint64 valise_verifier_get_bytes (ValiseVerifier *self);
void valise_verifier_get_curve (ValiseVerifier *self, ValiseSpeedCurve *curve);

gboolean valise_verify_target (ValiseTarget *target,
                               const ValiseDigestMap *map,
                               ValiseProgress *progress,
                               guint64 *bad_offset,
                               GCancellable *cancellable,
                               GError **error);
gboolean valise_verify_extents (ValiseTarget *target,
                                const ValiseExtentDigest *extents,
                                gsize n_extents,
                                ValiseProgress *progress,
                                guint64 *bad_offset,
                                GCancellable *cancellable,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseVerifier, valise_verifier_free)

G_END_DECLS
