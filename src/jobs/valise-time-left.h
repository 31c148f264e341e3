/* valise-time-left.h: how long a job will still take.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-estimate.h"
#include "core/valise-progress.h"

G_BEGIN_DECLS

/**
 * ValiseTimeLeft:
 *
 * What was measured of the current stage. A plain value: all zero is a new one.
 */
typedef struct
{
  /*< private >*/
  ValiseEstimate estimate;
  const char *stage;
} ValiseTimeLeft;

gint64 valise_time_left_update (ValiseTimeLeft *self,
                                gint64 now,
                                const ValiseProgressState *state,
                                gboolean read_back);
double valise_time_left_get_rate (const ValiseTimeLeft *self);
const char *valise_stage_get_name (const char *id);

G_END_DECLS
