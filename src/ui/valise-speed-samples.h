/* valise-speed-samples.h: how much one drive had done at which time, for the graph.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_SPEED_SAMPLES_INTERVAL:
 *
 * Samples are at least that far apart, in µs; the newest one may be younger.
 */
#define VALISE_SPEED_SAMPLES_INTERVAL (G_USEC_PER_SEC / 10)

/**
 * VALISE_SPEED_SAMPLES_RECENT:
 *
 * As many samples are kept as they came: ten minutes of them.
 */
#define VALISE_SPEED_SAMPLES_RECENT 6000

/**
 * VALISE_SPEED_SAMPLES_OLDER:
 *
 * As many older samples are kept at most.
 */
#define VALISE_SPEED_SAMPLES_OLDER 2000

/**
 * ValiseSpeedSample:
 * @time: µs since the first sample
 * @bytes: what was done by then, since the first sample
 *
 * One moment.
 */
typedef struct
{
  gint64 time;
  guint64 bytes;
} ValiseSpeedSample;

#define VALISE_TYPE_SPEED_SAMPLES (valise_speed_samples_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSpeedSamples, valise_speed_samples, VALISE, SPEED_SAMPLES, GObject)

ValiseSpeedSamples *valise_speed_samples_new (const char *name);
const char *valise_speed_samples_get_name (ValiseSpeedSamples *self);
void valise_speed_samples_set_note (ValiseSpeedSamples *self, const char *note);
const char *valise_speed_samples_get_note (ValiseSpeedSamples *self);
void valise_speed_samples_add (ValiseSpeedSamples *self, gint64 time, guint64 bytes);
guint valise_speed_samples_get_n (ValiseSpeedSamples *self);
void valise_speed_samples_get (ValiseSpeedSamples *self, guint i, ValiseSpeedSample *sample);
gint64 valise_speed_samples_get_end (ValiseSpeedSamples *self);
double valise_speed_samples_get_rate (ValiseSpeedSamples *self, gint64 span);
double valise_speed_samples_get_average (ValiseSpeedSamples *self);
guint valise_speed_samples_resample (ValiseSpeedSamples *self,
                                     gint64 width,
                                     double *rates,
                                     guint n_rates);

G_END_DECLS
