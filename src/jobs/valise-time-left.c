/* valise-time-left.c: how long a job will still take.
 *
 * The stages whose units are counted take nearly all of the time; only in these there is an
 * estimate. Reading back is taken to be as slow as writing until it was measured: so the time left
 * gets shorter by it, hardly ever longer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-time-left.h"

#include <glib/gi18n-lib.h>

/**
 * valise_time_left_update:
 * @self: what was measured so far
 * @now: monotonic time in µs
 * @state: how far the job is, or the slowest of its drives
 * @read_back: whether what is written will be read back
 *
 * Adds a measurement.
 *
 * Returns: how long the rest will take in seconds, or -1 where that cannot be said
 */
gint64
valise_time_left_update (ValiseTimeLeft *self,
                         gint64 now,
                         const ValiseProgressState *state,
                         gboolean read_back)
{
  const gboolean apply = g_strcmp0 (state->step, "apply") == 0;
  guint64 remaining = state->total - MIN (state->done, state->total);

  if (g_strcmp0 (state->step, self->stage) != 0)
    valise_estimate_reset (&self->estimate);
  self->stage = state->step;
  valise_estimate_add (&self->estimate, now, state->done);
  if (state->total == 0 || !(apply || g_strcmp0 (state->step, "verify") == 0))
    return -1;
  if (apply && read_back)
    remaining += state->total;
  return valise_estimate_get_seconds (&self->estimate, remaining);
}

/**
 * valise_time_left_get_rate:
 * @self: what was measured
 *
 * Returns: units per second in the current stage, or 0 where nothing was measured yet
 */
double
valise_time_left_get_rate (const ValiseTimeLeft *self)
{
  return valise_estimate_get_rate (&self->estimate);
}

/**
 * valise_stage_get_name:
 * @id: (nullable): a stage of the write job or the verify job
 *
 * Returns: (transfer none): what it is called where people read it
 */
const char *
valise_stage_get_name (const char *id)
{
  static const struct
  {
    const char *id;
    const char *name;
  } names[] = {
    { "open", N_ ("Opening the image") },
    { "prepare", N_ ("Preparing") },
    { "blank", N_ ("Erasing") },
    { "apply", N_ ("Writing") },
    { "flush", N_ ("Waiting for the drive") },
    { "verify", N_ ("Reading back") },
    { "commit", N_ ("Finishing") },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (id, names[i].id) == 0)
      return _(names[i].name);
  return id != NULL ? id : "";
}
