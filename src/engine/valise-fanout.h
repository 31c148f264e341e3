/* valise-fanout.h: the backing that writes the same bytes to all drives of a job.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-speed-curve.h"
#include "valise-stall-watch.h"
#include "valise-target.h"
#include "volume/valise-backing.h"

G_BEGIN_DECLS

#define VALISE_FANOUT_MAX_TARGETS 16

/**
 * VALISE_FANOUT_QUEUE_BYTES:
 *
 * How many bytes may wait for a drive by default. They are references to the cache's memory, not
 * copies.
 */
#define VALISE_FANOUT_QUEUE_BYTES (G_GUINT64_CONSTANT (32) << 20)

#define VALISE_TYPE_FANOUT (valise_fanout_get_type ())
G_DECLARE_FINAL_TYPE (ValiseFanout, valise_fanout, VALISE, FANOUT, GObject)

/**
 * ValiseFanoutStats:
 * @is_live: whether the drive is still written to; if not, valise_fanout_dup_error() says why
 * @bytes: bytes on the drive, by writes through the fan-out that have returned
 * @queued: bytes that wait for the drive
 * @rate: bytes per second in the last few seconds
 */
typedef struct
{
  gboolean is_live;
  guint64 bytes;
  guint64 queued;
  guint64 rate;
} ValiseFanoutStats;

ValiseFanout *valise_fanout_new (ValiseTarget *const *targets,
                                 guint n_targets,
                                 guint64 queue_bytes,
                                 GCancellable *cancellable);
gboolean valise_fanout_flush (ValiseFanout *self, GError **error);
void valise_fanout_set_patience (ValiseFanout *self, const ValisePatience *patience);
void valise_fanout_fail (ValiseFanout *self, guint target, const GError *error);

guint valise_fanout_get_n_live (ValiseFanout *self);
void valise_fanout_get_stats (ValiseFanout *self, guint target, ValiseFanoutStats *stats);
void valise_fanout_get_curve (ValiseFanout *self, guint target, ValiseSpeedCurve *curve);
GError *valise_fanout_dup_error (ValiseFanout *self, guint target);

G_END_DECLS
