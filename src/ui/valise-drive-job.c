/* valise-drive-job.c: one drive of the job that runs, as the window shows it.
 *
 * A copy of what the job knows, for the main thread, brought up to date ten times a second by
 * whoever runs the job.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-job.h"

#include "valise-job-text.h"

/* Over which time the speed of now is measured, in µs. */
#define NOW_SPAN (3 * G_USEC_PER_SEC)

struct _ValiseDriveJob
{
  GObject parent_instance;

  char *name;
  char *place;
  ValiseDriveJobState state;
  guint64 bytes;   /* written, or read back once that is what is done */
  guint64 total;   /* of them; 0 where it is not known */
  GError *error;
  GError *warning;
  gboolean powered_off;
  ValiseWriteJob *job; /* keeps the report */
  ValiseReport *report;
  double average; /* while it was doing anything */
  ValiseSpeedSamples *samples;
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ValiseDriveJob, valise_drive_job, G_TYPE_OBJECT)

static void
valise_drive_job_finalize (GObject *object)
{
  ValiseDriveJob *self = VALISE_DRIVE_JOB (object);

  g_free (self->name);
  g_free (self->place);
  g_clear_error (&self->error);
  g_clear_error (&self->warning);
  g_clear_object (&self->job);
  g_clear_object (&self->samples);
  G_OBJECT_CLASS (valise_drive_job_parent_class)->finalize (object);
}

static void
valise_drive_job_class_init (ValiseDriveJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_drive_job_finalize;

  /**
   * ValiseDriveJob::changed:
   *
   * Something about the drive is different now.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_drive_job_init (ValiseDriveJob *self)
{
}

static void
emit_changed (ValiseDriveJob *self)
{
  const gboolean is_moving = self->state == VALISE_DRIVE_JOB_ERASING
                             || self->state == VALISE_DRIVE_JOB_WRITING
                             || self->state == VALISE_DRIVE_JOB_VERIFYING;

  valise_speed_samples_set_note (self->samples, is_moving ? NULL : valise_job_text_state (self));
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * valise_drive_job_new:
 * @name: what the drive is called where people read it
 * @place: which one it is, of several that have the same name: its node, and serial number
 *
 * Returns: (transfer full): a drive to which nothing has happened
 */
ValiseDriveJob *
valise_drive_job_new (const char *name, const char *place)
{
  ValiseDriveJob *self = g_object_new (VALISE_TYPE_DRIVE_JOB, NULL);

  self->name = g_strdup (name);
  self->place = g_strdup (place);
  self->samples = valise_speed_samples_new (name);
  return self;
}

/**
 * valise_drive_job_get_name:
 * @self: a drive
 *
 * Returns: (transfer none): what it is called where people read it
 */
const char *
valise_drive_job_get_name (ValiseDriveJob *self)
{
  return self->name;
}

/**
 * valise_drive_job_get_place:
 * @self: a drive
 *
 * Returns: (transfer none): which one it is, of several that have the same name
 */
const char *
valise_drive_job_get_place (ValiseDriveJob *self)
{
  return self->place;
}

/**
 * valise_drive_job_get_state:
 * @self: a drive
 *
 * Returns: what is done with it
 */
ValiseDriveJobState
valise_drive_job_get_state (ValiseDriveJob *self)
{
  return self->state;
}

/**
 * valise_drive_job_has_ended:
 * @self: a drive
 *
 * Returns: whether nothing more is done with it
 */
gboolean
valise_drive_job_has_ended (ValiseDriveJob *self)
{
  return self->state >= VALISE_DRIVE_JOB_DONE;
}

/**
 * valise_drive_job_get_bytes:
 * @self: a drive
 *
 * Returns: bytes that are on it; while it is read back, bytes that were read
 */
guint64
valise_drive_job_get_bytes (ValiseDriveJob *self)
{
  return self->bytes;
}

/**
 * valise_drive_job_get_total:
 * @self: a drive
 *
 * Returns: how many bytes that will be, about; 0 where it is not known
 */
guint64
valise_drive_job_get_total (ValiseDriveJob *self)
{
  return self->total;
}

/**
 * valise_drive_job_get_fraction:
 * @self: a drive
 *
 * Returns: how much of what is done now is done, 0 to 1
 */
double
valise_drive_job_get_fraction (ValiseDriveJob *self)
{
  if (self->state == VALISE_DRIVE_JOB_DONE || self->state == VALISE_DRIVE_JOB_LETTING_GO)
    return 1;
  return self->total > 0 ? MIN (self->bytes / (double) self->total, 1) : 0;
}

/**
 * valise_drive_job_get_rate:
 * @self: a drive
 *
 * Returns: bytes per second in the last seconds
 */
double
valise_drive_job_get_rate (ValiseDriveJob *self)
{
  return valise_speed_samples_get_rate (self->samples, NOW_SPAN);
}

/**
 * valise_drive_job_get_average:
 * @self: a drive
 *
 * Returns: bytes per second, written and read back, since it was begun with, until it had nothing
 *   to do
 */
double
valise_drive_job_get_average (ValiseDriveJob *self)
{
  return self->average;
}

/**
 * valise_drive_job_get_error:
 * @self: a drive
 *
 * Returns: (transfer none) (nullable): why it failed
 */
const GError *
valise_drive_job_get_error (ValiseDriveJob *self)
{
  return self->error;
}

/**
 * valise_drive_job_get_warning:
 * @self: a drive
 *
 * Returns: (transfer none) (nullable): why it is finished, but was not powered off
 */
const GError *
valise_drive_job_get_warning (ValiseDriveJob *self)
{
  return self->warning;
}

/**
 * valise_drive_job_is_safe:
 * @self: a drive
 *
 * Returns: whether it was powered off and can be pulled out at once
 */
gboolean
valise_drive_job_is_safe (ValiseDriveJob *self)
{
  return self->powered_off;
}

/**
 * valise_drive_job_get_report:
 * @self: a drive
 *
 * Returns: (transfer none) (nullable): the record of the drive, if it is finished
 */
ValiseReport *
valise_drive_job_get_report (ValiseDriveJob *self)
{
  return self->report;
}

/**
 * valise_drive_job_get_samples:
 * @self: a drive
 *
 * Returns: (transfer none): how its bytes came
 */
ValiseSpeedSamples *
valise_drive_job_get_samples (ValiseDriveJob *self)
{
  return self->samples;
}

/**
 * valise_drive_job_set_state:
 * @self: a drive
 * @state: what is done with it now
 *
 * A drive that has ended stays as it is.
 */
void
valise_drive_job_set_state (ValiseDriveJob *self, ValiseDriveJobState state)
{
  if (self->state == state || valise_drive_job_has_ended (self))
    return;
  self->state = state;
  emit_changed (self);
}

/**
 * valise_drive_job_take_error:
 * @self: a drive
 * @error: (transfer full): why it is not finished, and will not be
 *
 * Ends it. The first error counts.
 */
void
valise_drive_job_take_error (ValiseDriveJob *self, GError *error)
{
  if (valise_drive_job_has_ended (self))
    {
      g_error_free (error);
      return;
    }
  self->error = error;
  valise_drive_job_set_state (self, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                                        ? VALISE_DRIVE_JOB_CANCELLED
                                        : VALISE_DRIVE_JOB_FAILED);
}

/**
 * valise_drive_job_update:
 * @self: a drive that is not finished
 * @now: monotonic time in µs
 * @state: what the job knows of it
 * @total: how many bytes will be written or read back; 0 where that is not known
 */
void
valise_drive_job_update (ValiseDriveJob *self,
                         gint64 now,
                         const ValiseDriveState *state,
                         guint64 total)
{
  if (valise_drive_job_has_ended (self))
    return;
  self->bytes = state->verifying ? state->read : state->written;
  self->total = total;
  /* The average is not about the time in which other drives are opened. */
  if (state->written > 0)
    valise_speed_samples_add (self->samples, now, state->written + state->read);
  if (state->finished)
    self->state = VALISE_DRIVE_JOB_LETTING_GO;
  else if (state->verifying)
    self->state = VALISE_DRIVE_JOB_VERIFYING;
  else if (state->waiting || self->state == VALISE_DRIVE_JOB_WRITTEN)
    /* Slower drives let it go on for a moment now and then. */
    self->state = VALISE_DRIVE_JOB_WRITTEN;
  else if (total > 0
           || (self->state != VALISE_DRIVE_JOB_ERASING && self->state != VALISE_DRIVE_JOB_WAITING))
    self->state = VALISE_DRIVE_JOB_WRITING;
  if (self->state != VALISE_DRIVE_JOB_WRITTEN && self->state != VALISE_DRIVE_JOB_LETTING_GO)
    self->average = valise_speed_samples_get_average (self->samples);
  emit_changed (self);
}

/**
 * valise_drive_job_finish:
 * @self: a drive
 * @job: the job, which has ended
 * @report: (transfer none): the drive's record, which is @job's
 *
 * It is finished, and will be let go.
 */
void
valise_drive_job_finish (ValiseDriveJob *self, ValiseWriteJob *job, ValiseReport *report)
{
  g_set_object (&self->job, job);
  self->report = report;
  self->bytes = self->total = report->write.bytes;
  valise_drive_job_set_state (self, VALISE_DRIVE_JOB_LETTING_GO);
}

/**
 * valise_drive_job_let_go:
 * @self: a finished drive
 * @powered_off: whether it was powered off
 * @warning: (transfer full) (nullable): why it was not, although it was to be
 */
void
valise_drive_job_let_go (ValiseDriveJob *self, gboolean powered_off, GError *warning)
{
  self->powered_off = powered_off;
  g_clear_error (&self->warning);
  self->warning = warning;
  valise_drive_job_set_state (self, VALISE_DRIVE_JOB_DONE);
}
