/* valise-speed-curve.c: how many bytes were done when, in a fixed amount of memory.
 *
 * A job may take a minute or a day. The curve begins with ten points a second; when there is no
 * room for more, every second point is dropped and the rest goes on half as fine.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-speed-curve.h"

#include <string.h>

#define FIRST_WIDTH (100 * G_TIME_SPAN_MILLISECOND)
#define RATE_SPAN (3 * G_TIME_SPAN_SECOND)

G_STATIC_ASSERT (VALISE_SPEED_CURVE_MAX_POINTS % 2 == 0);

/**
 * valise_speed_curve_init:
 * @self: (out caller-allocates): a curve
 * @now: the monotonic time in microseconds
 *
 * Begins a curve.
 */
void
valise_speed_curve_init (ValiseSpeedCurve *self, gint64 now)
{
  memset (self, 0, sizeof *self);
  self->width = FIRST_WIDTH;
  self->begin = now;
}

static void
halve (ValiseSpeedCurve *self)
{
  /* Point i stands for the time up to (i + 1) * width: of each two, the second stays. */
  for (guint i = 0; i < VALISE_SPEED_CURVE_MAX_POINTS / 2; i++)
    self->points[i] = self->points[2 * i + 1];
  self->n_points = VALISE_SPEED_CURVE_MAX_POINTS / 2;
  self->width *= 2;
}

/**
 * valise_speed_curve_add:
 * @self: a curve
 * @now: the monotonic time in microseconds
 * @bytes: how many more bytes are done now
 *
 * Continues the curve. Time in which nothing was done gets its points, too.
 */
void
valise_speed_curve_add (ValiseSpeedCurve *self, gint64 now, guint64 bytes)
{
  gint64 time = MAX (now - self->begin, 0);

  while (time / self->width >= VALISE_SPEED_CURVE_MAX_POINTS)
    {
      /* Fill up with what was known, so that halving finds a full table. */
      while (self->n_points < VALISE_SPEED_CURVE_MAX_POINTS)
        {
          self->points[self->n_points]
              = (ValiseSpeedPoint){ (self->n_points + 1) * self->width, self->bytes };
          self->n_points++;
        }
      halve (self);
    }
  while (self->n_points <= time / self->width)
    {
      if (self->n_points > 0)
        self->points[self->n_points - 1].time = self->n_points * self->width;
      self->points[self->n_points]
          = (ValiseSpeedPoint){ (self->n_points + 1) * self->width, self->bytes };
      self->n_points++;
    }
  self->bytes += bytes;
  self->points[self->n_points - 1] = (ValiseSpeedPoint){ time, self->bytes };
}

/* How many bytes were done @time microseconds after the beginning, as far as the points tell. */
static double
bytes_at (const ValiseSpeedCurve *self, gint64 time)
{
  ValiseSpeedPoint before = { 0, 0 };

  for (guint i = 0; i < self->n_points; i++)
    {
      const ValiseSpeedPoint *point = &self->points[i];

      if (point->time > time)
        return before.bytes
               + (double)(point->bytes - before.bytes) * (time - before.time)
                     / (point->time - before.time);
      before = *point;
    }
  return self->bytes;
}

/**
 * valise_speed_curve_get_rate:
 * @self: a curve
 * @now: the monotonic time in microseconds
 *
 * Returns: bytes per second in the last three seconds, or since the beginning where that is less
 */
guint64
valise_speed_curve_get_rate (const ValiseSpeedCurve *self, gint64 now)
{
  gint64 end = now - self->begin;
  gint64 start = MAX (end - RATE_SPAN, 0);

  if (end <= start)
    return 0;
  return (self->bytes - bytes_at (self, start)) * G_TIME_SPAN_SECOND / (end - start);
}
