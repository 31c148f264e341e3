/* valise-speed-curve.h: how many bytes were done when, in a fixed amount of memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_SPEED_CURVE_MAX_POINTS 512

/**
 * ValiseSpeedPoint:
 * @time: microseconds since the curve began
 * @bytes: how many bytes were done until then
 */
typedef struct
{
  gint64 time;
  guint64 bytes;
} ValiseSpeedPoint;

/**
 * ValiseSpeedCurve:
 * @width: microseconds between two points; doubled whenever the curve gets too long
 * @n_points: how many of @points there are; the last one may still grow
 * @points: the curve, in ascending order
 * @bytes: all bytes so far
 *
 * A plain value without pointers: copy it freely. Not thread-safe; its owner locks it.
 */
typedef struct
{
  gint64 width;
  guint n_points;
  guint64 bytes;
  ValiseSpeedPoint points[VALISE_SPEED_CURVE_MAX_POINTS];
  /*< private >*/
  gint64 begin;
} ValiseSpeedCurve;

void valise_speed_curve_init (ValiseSpeedCurve *self, gint64 now);
void valise_speed_curve_add (ValiseSpeedCurve *self, gint64 now, guint64 bytes);
guint64 valise_speed_curve_get_rate (const ValiseSpeedCurve *self, gint64 now);

G_END_DECLS
