/* test-speed-samples.c: samples are kept, thinned and averaged without losing a byte.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "ui/valise-speed-samples.h"

#define START (G_GINT64_CONSTANT (123456789))

static void
count_cb (ValiseSpeedSamples *samples, gpointer data)
{
  (*(guint *) data)++;
}

static ValiseSpeedSamples *
make_steady (gint64 interval, guint n, guint64 bytes)
{
  ValiseSpeedSamples *samples = valise_speed_samples_new ("Drive");

  for (guint i = 0; i < n; i++)
    valise_speed_samples_add (samples, START + i * interval, 5000 + i * bytes);
  return samples;
}

static void
test_empty (void)
{
  g_autoptr (ValiseSpeedSamples) samples = valise_speed_samples_new ("Drive");
  double rates[4];

  g_assert_cmpstr (valise_speed_samples_get_name (samples), ==, "Drive");
  g_assert_cmpuint (valise_speed_samples_get_n (samples), ==, 0);
  g_assert_cmpint (valise_speed_samples_get_end (samples), ==, 0);
  g_assert_cmpfloat (valise_speed_samples_get_rate (samples, G_USEC_PER_SEC), ==, 0);
  g_assert_cmpfloat (valise_speed_samples_get_average (samples), ==, 0);
  g_assert_cmpuint (valise_speed_samples_resample (samples, G_USEC_PER_SEC, rates, 4), ==, 0);
  valise_speed_samples_add (samples, START, 77);
  g_assert_cmpfloat (valise_speed_samples_get_rate (samples, G_USEC_PER_SEC), ==, 0);
  g_assert_cmpuint (valise_speed_samples_resample (samples, G_USEC_PER_SEC, rates, 4), ==, 0);
}

/* Ten a second at most, and the newest is there nevertheless. */
static void
test_spacing (void)
{
  g_autoptr (ValiseSpeedSamples) samples = valise_speed_samples_new ("Drive");
  ValiseSpeedSample sample, last = { -VALISE_SPEED_SAMPLES_INTERVAL, 0 };
  guint n_changed = 0;

  g_signal_connect (samples, "changed", G_CALLBACK (count_cb), &n_changed);
  for (guint i = 0; i <= 1000; i++)
    valise_speed_samples_add (samples, START + i * 1000, i * 10);
  g_assert_cmpuint (n_changed, ==, 1001);
  g_assert_cmpuint (valise_speed_samples_get_n (samples), ==, 11);
  for (guint i = 0; i < 11; i++)
    {
      valise_speed_samples_get (samples, i, &sample);
      g_assert_cmpint (sample.time - last.time, >=, VALISE_SPEED_SAMPLES_INTERVAL);
      last = sample;
    }
  g_assert_cmpint (last.time, ==, 1000 * 1000);
  g_assert_cmpuint (last.bytes, ==, 10000);

  /* What goes back in time or takes bytes away is none. */
  valise_speed_samples_add (samples, START + 500 * 1000, 20000);
  valise_speed_samples_add (samples, START + 3000 * 1000, 9999);
  g_assert_cmpuint (valise_speed_samples_get_n (samples), ==, 11);
}

static void
test_rates (void)
{
  g_autoptr (ValiseSpeedSamples) samples = make_steady (G_USEC_PER_SEC / 10, 101, 1000);

  /* 10 s at 10,000 bytes a second, then 2 s in which nothing moves. */
  g_assert_cmpfloat_with_epsilon (valise_speed_samples_get_average (samples), 10000, 0.01);
  g_assert_cmpfloat_with_epsilon (valise_speed_samples_get_rate (samples, 3 * G_USEC_PER_SEC),
                                  10000, 0.01);
  for (guint i = 1; i <= 20; i++)
    valise_speed_samples_add (samples, START + 10 * G_USEC_PER_SEC + i * 100000, 105000);
  g_assert_cmpfloat_with_epsilon (valise_speed_samples_get_rate (samples, 2 * G_USEC_PER_SEC), 0,
                                  0.01);
  g_assert_cmpfloat_with_epsilon (valise_speed_samples_get_rate (samples, 4 * G_USEC_PER_SEC),
                                  5000, 0.01);
  g_assert_cmpfloat_with_epsilon (valise_speed_samples_get_average (samples), 100000 / 12.0, 0.01);
}

static void
test_resample (void)
{
  g_autoptr (ValiseSpeedSamples) samples = valise_speed_samples_new ("Drive");
  double rates[8];

  valise_speed_samples_add (samples, START, 0);
  valise_speed_samples_add (samples, START + 1 * G_USEC_PER_SEC, 100);
  valise_speed_samples_add (samples, START + 5 * G_USEC_PER_SEC, 900);
  valise_speed_samples_add (samples, START + 6500000, 900);
  g_assert_cmpuint (valise_speed_samples_resample (samples, G_USEC_PER_SEC, rates, 8), ==, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpfloat_with_epsilon (rates[i], i == 0 ? 100 : i < 5 ? 200 : 0, 0.001);
  /* Pieces that fit no sample: 100 and a half of 200, from 0 to 1.5 s. */
  g_assert_cmpuint (valise_speed_samples_resample (samples, 1500000, rates, 8), ==, 4);
  g_assert_cmpfloat_with_epsilon (rates[0], 200 / 1.5, 0.001);
  g_assert_cmpfloat_with_epsilon (rates[1], 200, 0.001);
  g_assert_cmpuint (valise_speed_samples_resample (samples, G_USEC_PER_SEC, rates, 2), ==, 2);
}

/* A job of a day: memory is bounded, the order is kept, and no average changes by the thinning. */
static void
test_day (void)
{
  const guint n = 24 * 3600 * 10;
  g_autoptr (ValiseSpeedSamples) samples = make_steady (G_USEC_PER_SEC / 10, n, 300);
  ValiseSpeedSample sample, last = { -1, 0 };
  double rates[24];

  g_assert_cmpuint (valise_speed_samples_get_n (samples), <=,
                    VALISE_SPEED_SAMPLES_RECENT + VALISE_SPEED_SAMPLES_OLDER);
  g_assert_cmpuint (valise_speed_samples_get_n (samples), >,
                    VALISE_SPEED_SAMPLES_RECENT + VALISE_SPEED_SAMPLES_OLDER / 4);
  for (guint i = 0; i < valise_speed_samples_get_n (samples); i++)
    {
      valise_speed_samples_get (samples, i, &sample);
      g_assert_cmpint (sample.time, >, last.time);
      g_assert_cmpuint (sample.bytes, ==, sample.time / 100000 * 300);
      last = sample;
    }
  valise_speed_samples_get (samples, 0, &sample);
  g_assert_cmpint (sample.time, ==, 0);
  /* The last ten minutes are as they came. */
  for (guint i = 0; i < VALISE_SPEED_SAMPLES_RECENT; i++)
    {
      valise_speed_samples_get (samples, valise_speed_samples_get_n (samples) - 1 - i, &sample);
      g_assert_cmpint (sample.time, ==, (gint64) (n - 1 - i) * 100000);
    }
  g_assert_cmpuint (
      valise_speed_samples_resample (samples, 3600 * (gint64) G_USEC_PER_SEC, rates, 24), ==, 23);
  for (guint i = 0; i < 23; i++)
    g_assert_cmpfloat_with_epsilon (rates[i], 3000, 0.01);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/speed-samples/empty", test_empty);
  g_test_add_func ("/ui/speed-samples/spacing", test_spacing);
  g_test_add_func ("/ui/speed-samples/rates", test_rates);
  g_test_add_func ("/ui/speed-samples/resample", test_resample);
  g_test_add_func ("/ui/speed-samples/day", test_day);
  return g_test_run ();
}
