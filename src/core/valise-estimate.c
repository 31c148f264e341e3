/* valise-estimate.c: how fast something goes, and how long the rest will take.
 *
 * An estimate is what was measured in the last half minute, carried on: long enough to smooth over
 * a stick's pauses, short enough to follow a stick that gets slower when it gets full. Where
 * nothing was measured yet, or nothing moves, there is no estimate.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-estimate.h"

/* One sample a second fills the window. */
#define SPACING G_USEC_PER_SEC

/* Less is no measurement. */
#define LEAST (3 * G_USEC_PER_SEC)

/* A longer time is a guess that nobody can use. */
#define LONGEST (100 * 3600)

/**
 * valise_estimate_reset:
 * @self: an estimate
 *
 * Forgets what was measured: something else begins.
 */
void
valise_estimate_reset (ValiseEstimate *self)
{
  self->first = self->n = 0;
}

static guint
at (const ValiseEstimate *self, guint i)
{
  return (self->first + i) % VALISE_ESTIMATE_SAMPLES;
}

/**
 * valise_estimate_add:
 * @self: an estimate
 * @time: monotonic time in µs
 * @done: units that are done by then
 *
 * Adds a measurement. Fewer units than before mean that something else began.
 */
void
valise_estimate_add (ValiseEstimate *self, gint64 time, guint64 done)
{
  if (self->n > 0 && done < self->samples[at (self, self->n - 1)].done)
    valise_estimate_reset (self);
  /* The last sample follows the moment until a new one is due. */
  if (self->n >= 2 && time - self->samples[at (self, self->n - 2)].time < SPACING)
    self->n--;
  if (self->n == VALISE_ESTIMATE_SAMPLES)
    {
      self->first = at (self, 1);
      self->n--;
    }
  self->samples[at (self, self->n)].time = time;
  self->samples[at (self, self->n)].done = done;
  self->n++;
}

/**
 * valise_estimate_get_rate:
 * @self: an estimate
 *
 * Returns: units per second, or 0 where nothing was measured yet
 */
double
valise_estimate_get_rate (const ValiseEstimate *self)
{
  gint64 span;

  if (self->n < 2)
    return 0;
  span = self->samples[at (self, self->n - 1)].time - self->samples[self->first].time;
  if (span < LEAST)
    return 0;
  return (double) (self->samples[at (self, self->n - 1)].done - self->samples[self->first].done)
         * G_USEC_PER_SEC / span;
}

/**
 * valise_estimate_get_seconds:
 * @self: an estimate
 * @remaining: units that are still to be done
 *
 * Returns: how long that will take in seconds, or -1 where that cannot be said
 */
gint64
valise_estimate_get_seconds (const ValiseEstimate *self, guint64 remaining)
{
  double rate = valise_estimate_get_rate (self);

  if (rate <= 0 || remaining / rate > LONGEST)
    return -1;
  return (gint64) (remaining / rate + 0.5);
}
