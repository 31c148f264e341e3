/* valise-speed-samples.c: how much one drive had done at which time, for the graph.
 *
 * A sample is a sum, not a speed: so samples can be left out, and the average between any two that
 * are left is still exact. The last ten minutes are kept as they came; of what is older, every
 * other sample is left out whenever there are too many. Memory is bounded however long a job takes.
 *
 * Main thread only. Knows nothing of GTK.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-speed-samples.h"

struct _ValiseSpeedSamples
{
  GObject parent_instance;

  char *name;
  char *note;
  gint64 start;       /* monotonic time of the first sample, µs */
  guint64 first_sum;  /* what was done then */

  ValiseSpeedSample *recent; /* a ring of VALISE_SPEED_SAMPLES_RECENT */
  guint first, n_recent;

  ValiseSpeedSample *older; /* VALISE_SPEED_SAMPLES_OLDER */
  guint n_older;
  gint64 older_interval; /* µs */
};

enum
{
  PROP_0,
  PROP_NAME,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseSpeedSamples, valise_speed_samples, G_TYPE_OBJECT)

static void
valise_speed_samples_finalize (GObject *object)
{
  ValiseSpeedSamples *self = VALISE_SPEED_SAMPLES (object);

  g_free (self->name);
  g_free (self->note);
  g_free (self->recent);
  g_free (self->older);
  G_OBJECT_CLASS (valise_speed_samples_parent_class)->finalize (object);
}

static void
valise_speed_samples_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_NAME)
    g_value_set_string (value, VALISE_SPEED_SAMPLES (object)->name);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
valise_speed_samples_class_init (ValiseSpeedSamplesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_speed_samples_finalize;
  G_OBJECT_CLASS (klass)->get_property = valise_speed_samples_get_property;

  /**
   * ValiseSpeedSamples:name:
   *
   * What the drive is called where people read it.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);

  /**
   * ValiseSpeedSamples::changed:
   *
   * A sample was added, or the newest one has another value.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_speed_samples_init (ValiseSpeedSamples *self)
{
  self->recent = g_new (ValiseSpeedSample, VALISE_SPEED_SAMPLES_RECENT);
  self->older = g_new (ValiseSpeedSample, VALISE_SPEED_SAMPLES_OLDER);
  self->older_interval = VALISE_SPEED_SAMPLES_INTERVAL;
}

/**
 * valise_speed_samples_new:
 * @name: what the drive is called where people read it
 *
 * Returns: (transfer full): no samples
 */
ValiseSpeedSamples *
valise_speed_samples_new (const char *name)
{
  ValiseSpeedSamples *self = g_object_new (VALISE_TYPE_SPEED_SAMPLES, NULL);

  self->name = g_strdup (name);
  return self;
}

/**
 * valise_speed_samples_get_name:
 * @self: samples
 *
 * Returns: (transfer none): the drive's name
 */
const char *
valise_speed_samples_get_name (ValiseSpeedSamples *self)
{
  return self->name;
}

/**
 * valise_speed_samples_set_note:
 * @self: samples
 * @note: (nullable): what the drive does that has no speed, in words
 *
 * Whoever cannot see that a line has ended, or runs along the bottom, is told so.
 */
void
valise_speed_samples_set_note (ValiseSpeedSamples *self, const char *note)
{
  if (g_strcmp0 (note, self->note) == 0)
    return;
  g_free (self->note);
  self->note = g_strdup (note);
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * valise_speed_samples_get_note:
 * @self: samples
 *
 * Returns: (transfer none) (nullable): what the drive does that has no speed, in words
 */
const char *
valise_speed_samples_get_note (ValiseSpeedSamples *self)
{
  return self->note;
}

static ValiseSpeedSample *
recent (ValiseSpeedSamples *self, guint i)
{
  return &self->recent[(self->first + i) % VALISE_SPEED_SAMPLES_RECENT];
}

/* Keeps @sample, which has no room among the recent ones, if it is far enough from the last. */
static void
keep_older (ValiseSpeedSamples *self, const ValiseSpeedSample *sample)
{
  if (self->n_older > 0
      && sample->time - self->older[self->n_older - 1].time < self->older_interval)
    return;
  if (self->n_older == VALISE_SPEED_SAMPLES_OLDER)
    {
      for (guint i = 0; i < VALISE_SPEED_SAMPLES_OLDER / 2; i++)
        self->older[i] = self->older[2 * i];
      self->n_older = VALISE_SPEED_SAMPLES_OLDER / 2;
      self->older_interval *= 2;
    }
  self->older[self->n_older++] = *sample;
}

/**
 * valise_speed_samples_add:
 * @self: samples
 * @time: monotonic time in µs
 * @bytes: what was done by then; never less than before
 *
 * Adds a sample. More than ten a second replace one another.
 */
void
valise_speed_samples_add (ValiseSpeedSamples *self, gint64 time, guint64 bytes)
{
  ValiseSpeedSample sample;
  const ValiseSpeedSample *last = NULL;

  if (self->n_recent == 0)
    {
      self->start = time;
      self->first_sum = bytes;
    }
  sample.time = time - self->start;
  sample.bytes = bytes - MIN (bytes, self->first_sum);
  if (self->n_recent > 0)
    {
      last = recent (self, self->n_recent - 1);
      if (sample.time <= last->time || sample.bytes < last->bytes)
        return;
    }
  /* The newest sample follows the moment until it is far enough from the one before it. */
  if (self->n_recent >= 2
      && last->time - recent (self, self->n_recent - 2)->time < VALISE_SPEED_SAMPLES_INTERVAL)
    self->n_recent--;
  else if (self->n_recent == VALISE_SPEED_SAMPLES_RECENT)
    {
      keep_older (self, recent (self, 0));
      self->first = (self->first + 1) % VALISE_SPEED_SAMPLES_RECENT;
      self->n_recent--;
    }
  self->n_recent++;
  *recent (self, self->n_recent - 1) = sample;
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * valise_speed_samples_get_n:
 * @self: samples
 *
 * Returns: how many samples are kept
 */
guint
valise_speed_samples_get_n (ValiseSpeedSamples *self)
{
  return self->n_older + self->n_recent;
}

/**
 * valise_speed_samples_get:
 * @self: samples
 * @i: a sample's number, in the order of time
 * @sample: (out caller-allocates): where to put it
 */
void
valise_speed_samples_get (ValiseSpeedSamples *self, guint i, ValiseSpeedSample *sample)
{
  g_return_if_fail (i < self->n_older + self->n_recent);

  *sample = i < self->n_older ? self->older[i] : *recent (self, i - self->n_older);
}

/**
 * valise_speed_samples_get_end:
 * @self: samples
 *
 * Returns: µs from the first sample to the newest
 */
gint64
valise_speed_samples_get_end (ValiseSpeedSamples *self)
{
  return self->n_recent > 0 ? recent (self, self->n_recent - 1)->time : 0;
}

/**
 * valise_speed_samples_get_rate:
 * @self: samples
 * @span: µs; at least 100,000
 *
 * Returns: bytes per second in the last @span, or as long as there are samples; 0 where there are
 *   fewer than two
 */
double
valise_speed_samples_get_rate (ValiseSpeedSamples *self, gint64 span)
{
  const ValiseSpeedSample *last;
  const ValiseSpeedSample *before;
  guint i = self->n_recent;

  if (self->n_recent < 2)
    return 0;
  last = recent (self, --i);
  do
    before = recent (self, --i);
  while (i > 0 && last->time - before->time < span);
  return (last->bytes - before->bytes) * (double) G_USEC_PER_SEC / (last->time - before->time);
}

/**
 * valise_speed_samples_get_average:
 * @self: samples
 *
 * Returns: bytes per second since the first sample; 0 where there are fewer than two
 */
double
valise_speed_samples_get_average (ValiseSpeedSamples *self)
{
  const ValiseSpeedSample *last;

  if (self->n_recent < 2)
    return 0;
  last = recent (self, self->n_recent - 1);
  return last->bytes * (double) G_USEC_PER_SEC / last->time;
}

/**
 * valise_speed_samples_resample:
 * @self: samples
 * @width: µs
 * @rates: (out caller-allocates) (array length=n_rates): bytes per second
 * @n_rates: how many
 *
 * Divides the time since the first sample into pieces of @width, and computes the average rate in
 * each that has ended. Where no sample lies in a piece, the rate between those around it counts.
 *
 * Returns: how many of @rates were set
 */
guint
valise_speed_samples_resample (ValiseSpeedSamples *self,
                               gint64 width,
                               double *rates,
                               guint n_rates)
{
  const guint n = self->n_older + self->n_recent;
  ValiseSpeedSample before = { 0, 0 };
  double sum_before = 0;
  guint at = self->first; /* in the ring */
  guint n_set = 0;

  g_return_val_if_fail (width > 0, 0);

  for (guint i = 0; i < n && n_set < n_rates; i++)
    {
      const ValiseSpeedSample *sample;

      if (i < self->n_older)
        sample = &self->older[i];
      else
        {
          sample = &self->recent[at];
          at = at + 1 < VALISE_SPEED_SAMPLES_RECENT ? at + 1 : 0;
        }
      /* The sum at each end of a piece that lies between the two samples, by a straight line. */
      while (n_set < n_rates && (n_set + 1) * width <= sample->time)
        {
          double share = (double) ((n_set + 1) * width - before.time)
                         / (sample->time - before.time);
          double sum = before.bytes + share * (double) (sample->bytes - before.bytes);

          rates[n_set++] = (sum - sum_before) * G_USEC_PER_SEC / width;
          sum_before = sum;
        }
      before = *sample;
    }
  return n_set;
}
