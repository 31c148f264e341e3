/* valise-write-compact.c: the compression of Windows in a write job.
 *
 * Takes the list of what must stay plain from the image, and chooses with what the rest is
 * compressed. Where that is left to us, drive and processors are measured while they work: the
 * whole takes as long as the slower of the two, so that a better compression is worth it only as
 * long as the drive is the slower one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-compact.h"

#include <time.h>
#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-fanout.h"
#include "valise-image-rules.h"

/* How much of the files is given to each algorithm before they are compared. */
#define TRIAL_BYTES (4 * VALISE_MIB)

/* How often drive and processors are looked at, in µs. */
#define LOOK_INTERVAL (G_USEC_PER_SEC / 4)

/* A drive's speed is known from that many bytes on. */
#define DRIVE_BYTES (8 * VALISE_MIB)

/* What a better compression must gain to be worth a change: figures waver. */
#define WORTH 0.97

/* The algorithms that can be the fastest way; the others lie between them. The one that is used as
 * long as the drive's speed is not known comes last. */
static const ValiseWofAlgorithm tried[]
    = { VALISE_WOF_XPRESS16K, VALISE_WOF_XPRESS4K, VALISE_WOF_LZX };

/* Sums that only grow, at some time. */
typedef struct
{
  gint64 processor; /* µs that the job's thread has computed */
  guint64 bytes;    /* of the image's files, that went through it */
} Work;

struct _ValiseWriteCompact
{
  ValiseWriteJob *job;
  ValiseCompact *compact;

  /* While it is chosen here. */
  gint64 looked_at;    /* µs, of the monotonic clock */
  Work start;          /* when the first file came */
  gdouble serial;      /* what the job's thread computes for each byte, in seconds */
  gdouble drive_rate;  /* of the slowest drive while it writes, bytes/s; 0 while not known */
  guint64 trial_bytes[VALISE_WOF_N_ALGORITHMS]; /* what was given to each for a trial */
  gboolean is_plain;   /* what was chosen last */
  ValiseWofAlgorithm algorithm;
};

static void
get_work (ValiseWriteCompact *self, Work *work)
{
  struct timespec time = { 0 };
  ValiseProgressState state;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  valise_progress_get_state (self->job->progress, &state);
  work->processor = (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
  work->bytes = state.done;
}

/* How long the job takes for each byte of a file if the files are compressed so well and so fast,
 * in seconds. The slowest decides: the one thread that makes the volume, all that is to be
 * computed, or the drive. */
static gdouble
estimate_cost (const ValiseWriteCompact *self, gdouble ratio, gdouble seconds_per_byte)
{
  gdouble all = (self->serial + seconds_per_byte) / g_get_num_processors ();

  return MAX (MAX (self->serial, all), ratio / self->drive_rate);
}

/* The speed of a drive is what it takes while it is written to; that it waits for work between
 * writes says nothing about it. */
static void
look_at_drives (ValiseWriteCompact *self)
{
  GPtrArray *drives = self->job->fanned_out;

  self->drive_rate = 0;
  for (guint i = 0; i < drives->len; i++)
    {
      const ValiseJobDrive *drive = g_ptr_array_index (drives, i);
      ValiseTargetCounts counts;
      ValiseFanoutStats stats;
      gdouble rate;

      valise_fanout_get_stats (self->job->fanout, i, &stats);
      valise_target_get_counts (drive->target, &counts);
      if (!stats.is_live || stats.bytes < DRIVE_BYTES || counts.write_time <= 0)
        continue;
      rate = (gdouble) counts.bytes_written * G_USEC_PER_SEC / counts.write_time;
      if (self->drive_rate == 0 || rate < self->drive_rate)
        self->drive_rate = rate;
    }
}

static void
compare (ValiseWriteCompact *self, const ValiseCompactStats *stats)
{
  gdouble best = estimate_cost (self, 1, 0);
  ValiseWofAlgorithm algorithm = self->algorithm;
  gboolean is_plain = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (tried); i++)
    {
      gdouble bytes = stats->bytes[tried[i]];
      gdouble cost;

      if (bytes == 0)
        continue;
      cost = estimate_cost (self, stats->packed_bytes[tried[i]] / bytes,
                            stats->time[tried[i]] / bytes / G_USEC_PER_SEC);
      if (cost < best * WORTH)
        {
          best = cost;
          algorithm = tried[i];
          is_plain = FALSE;
        }
    }
  if (is_plain != self->is_plain || algorithm != self->algorithm)
    g_debug ("compact: %s from now on; the slowest drive takes %.0f MB/s, the volume's thread "
             "%.0f MB/s",
             is_plain ? "off" : valise_wof_get_name (algorithm), self->drive_rate / 1e6,
             1e-6 / self->serial);
  self->is_plain = is_plain;
  self->algorithm = algorithm;
}

static void
look (ValiseWriteCompact *self, const ValiseCompactStats *stats)
{
  const gint64 now = g_get_monotonic_time ();
  Work work;

  if (now - self->looked_at < LOOK_INTERVAL)
    return;
  get_work (self, &work);
  if (self->looked_at == 0)
    self->start = work;
  self->looked_at = now;
  if (work.bytes <= self->start.bytes)
    return;
  self->serial = (gdouble) (work.processor - self->start.processor) / G_USEC_PER_SEC
                 / (work.bytes - self->start.bytes);
  look_at_drives (self);
  if (self->drive_rate > 0)
    compare (self, stats);
}

/* A ValiseCompactChoose: in the job's thread. */
static gboolean
choose_fastest (const ValiseCompactStats *stats, guint64 size, ValiseWofAlgorithm *algorithm,
                gpointer data)
{
  ValiseWriteCompact *self = data;

  look (self, stats);
  for (guint i = 0; i < G_N_ELEMENTS (tried); i++)
    if (self->trial_bytes[tried[i]] < TRIAL_BYTES)
      {
        self->trial_bytes[tried[i]] += size;
        *algorithm = tried[i];
        return TRUE;
      }
  *algorithm = self->algorithm;
  return !self->is_plain;
}

/**
 * valise_write_compact_new:
 * @job: a job whose source is open, and whose plan asks for compression
 * @error: where to put an error
 *
 * Returns: (transfer full) (nullable): what compresses the job's volume
 */
ValiseWriteCompact *
valise_write_compact_new (ValiseWriteJob *job, GError **error)
{
  ValiseCompactRules *rules = valise_image_rules_read (job->source, job->edition, job->scratch,
                                                       job->cancellable, error);
  ValiseWriteCompact *self;
  ValiseCompactChoose choose = choose_fastest;
  gpointer data;

  if (rules == NULL)
    return NULL;
  self = g_new0 (ValiseWriteCompact, 1);
  self->job = job;
  self->algorithm = tried[G_N_ELEMENTS (tried) - 1];
  data = self;
  if (valise_compact_mode_get_algorithm (job->options->compact, &self->algorithm))
    {
      choose = valise_compact_choose_one;
      data = &self->algorithm;
    }
  self->compact = valise_compact_new (rules, choose, data, 0, job->cancellable);
  return self;
}

/**
 * valise_write_compact_free:
 * @self: (transfer full): the compression of a volume that is closed
 */
void
valise_write_compact_free (ValiseWriteCompact *self)
{
  valise_compact_free (self->compact);
  g_free (self);
}

/**
 * valise_write_compact_get:
 * @self: the compression of a volume
 *
 * Returns: (transfer none): what does it
 */
ValiseCompact *
valise_write_compact_get (ValiseWriteCompact *self)
{
  return self->compact;
}

static guint64
sum (const guint64 *values)
{
  guint64 total = 0;

  for (guint i = 0; i < VALISE_WOF_N_ALGORITHMS; i++)
    total += values[i];
  return total;
}

/**
 * valise_write_compact_finish:
 * @self: the compression of a volume that wimlib has closed
 * @error: where to put an error
 *
 * Notes for the reports what was done.
 *
 * Returns: whether all was right
 */
gboolean
valise_write_compact_finish (ValiseWriteCompact *self, GError **error)
{
  ValiseCompactStats *stats = &self->job->compact_stats;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (!valise_compact_check (self->compact, error))
    return FALSE;
  valise_compact_get_stats (self->compact, stats);
  for (guint i = 0; i < VALISE_WOF_N_ALGORITHMS; i++)
    if (stats->n_files[i] > 0)
      g_debug ("compact: %s: %" G_GUINT64_FORMAT " files, %" G_GUINT64_FORMAT
               " bytes, compressed %" G_GUINT64_FORMAT ", %.1f s",
               valise_wof_get_name (i), stats->n_files[i], stats->bytes[i],
               stats->packed_bytes[i], (gdouble) stats->time[i] / G_USEC_PER_SEC);
  if (sum (stats->n_files) == 0)
    {
      g_ptr_array_add (self->job->warnings,
                       g_strdup (_("Nothing was compressed: that would not have been faster, or "
                                   "this Windows is too old for it.")));
      return TRUE;
    }
  before = g_format_size (sum (stats->bytes));
  after = g_format_size (sum (stats->packed_bytes));
  g_ptr_array_add (self->job->warnings,
                   /* Translators: sizes, such as 4.1 GB and 2.2 GB. */
                   g_strdup_printf (_("Files of %s were compressed to %s. That Windows starts from "
                                      "files compressed by Valise has not been confirmed yet."),
                                    before, after));
  return TRUE;
}

/**
 * valise_write_compact_explain:
 * @self: the compression of a volume on which Windows was not finished
 * @volume_size: the volume's size in bytes
 * @error: (inout): why
 *
 * Where the volume is full that was large enough by the estimate, says with figures how wrong that
 * was. What would have been needed is told from what was done.
 */
void
valise_write_compact_explain (ValiseWriteCompact *self, guint64 volume_size, GError **error)
{
  const ValiseCompactEstimate *estimate = self->job->estimate;
  ValiseCompactStats stats;
  g_autofree char *expected = NULL;
  g_autofree char *likely = NULL;
  g_autofree char *has = NULL;
  guint64 bytes;

  if (estimate == NULL || error == NULL
      || !g_error_matches (*error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL))
    return;
  valise_compact_get_stats (self->compact, &stats);
  bytes = valise_compact_estimate_get_likely (estimate, sum (stats.bytes) + stats.plain_bytes,
                                              sum (stats.packed_bytes) + stats.plain_bytes);
  expected = g_format_size (valise_compact_estimate_get_bytes (estimate, self->algorithm));
  likely = g_format_size (MAX (bytes, volume_size));
  has = g_format_size (volume_size);
  g_clear_error (error);
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
               /* Translators: “lzx” and such, and three sizes, such as 2.2 GB. */
               _("With %s, this Windows takes more than a sample of it has let expect: at least %s "
                 "and not %s, and the drive has room for %s. Use a larger drive, or an algorithm "
                 "that compresses more."),
               valise_wof_get_name (self->algorithm), likely, expected, has);
}
