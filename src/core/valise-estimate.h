/* valise-estimate.h: how fast something goes, and how long the rest will take.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_ESTIMATE_SAMPLES:
 *
 * How many moments are kept.
 */
#define VALISE_ESTIMATE_SAMPLES 32

/**
 * ValiseEstimate:
 *
 * What was measured in the last half minute. A plain value: all zero is a new one.
 */
typedef struct
{
  /*< private >*/
  struct
  {
    gint64 time;
    guint64 done;
  } samples[VALISE_ESTIMATE_SAMPLES];
  guint first, n;
} ValiseEstimate;

void valise_estimate_reset (ValiseEstimate *self);
void valise_estimate_add (ValiseEstimate *self, gint64 time, guint64 done);
double valise_estimate_get_rate (const ValiseEstimate *self);
gint64 valise_estimate_get_seconds (const ValiseEstimate *self, guint64 remaining);

G_END_DECLS
