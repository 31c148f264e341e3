/* valise-write-job.c: from an image to finished drives.
 *
 * The job as the user interfaces see it: what it is about, its thread, its progress, and what came
 * of each drive. valise-write-prepare.c does all that can fail before a drive is touched,
 * valise-write-drives.c the rest.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-job-private.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "core/valise-error.h"

/* How long a drive that has stopped answering is waited for at the end, in µs. */
#define LAST_PATIENCE (20 * G_USEC_PER_SEC)

G_DEFINE_FINAL_TYPE (ValiseWriteJob, valise_write_job, G_TYPE_OBJECT)

static void
valise_write_job_finalize (GObject *object)
{
  ValiseWriteJob *self = VALISE_WRITE_JOB (object);

  g_ptr_array_unref (self->drives);
  g_ptr_array_unref (self->warnings);
  g_clear_pointer (&self->plan, valise_plan_unref);
  g_clear_object (&self->progress);
  g_clear_pointer (&self->source, valise_source_free);
  g_clear_pointer (&self->scratch, valise_scratch_free);
  g_mutex_clear (&self->lock);
  g_free (self->expected_sha256);
  g_free (self->sha256);
  g_free (self->edition_name);
  G_OBJECT_CLASS (valise_write_job_parent_class)->finalize (object);
}

static void
valise_write_job_class_init (ValiseWriteJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_write_job_finalize;
}

static void
valise_write_job_init (ValiseWriteJob *self)
{
  self->drives = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_job_drive_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->progress = valise_progress_new ();
  g_mutex_init (&self->lock);
  self->patience = valise_patience_default;
}

/**
 * valise_write_job_new:
 * @plan: (transfer none): what is to be done
 *
 * The job's progress emits its signal in the main context that is the default of this thread.
 *
 * Returns: (transfer full): a job without drives
 */
ValiseWriteJob *
valise_write_job_new (ValisePlan *plan)
{
  ValiseWriteJob *self = g_object_new (VALISE_TYPE_WRITE_JOB, NULL);

  self->plan = valise_plan_ref (plan);
  self->options = valise_plan_get_options (plan);
  return self;
}

/**
 * valise_write_job_take_source:
 * @self: a job that does not run yet
 * @scratch: (transfer full): what @source was opened with
 * @source: (transfer full): the plan's source, already open
 *
 * Spares the job to open it again. The job's thread has both from then on.
 */
void
valise_write_job_take_source (ValiseWriteJob *self, ValiseScratch *scratch, ValiseSource *source)
{
  g_return_if_fail (!self->started && self->source == NULL);

  self->scratch = scratch;
  self->source = source;
}

/**
 * valise_write_job_add_target:
 * @self: a job that does not run yet
 * @target: (transfer full): a drive; everything on it will be lost
 * @model: (nullable): its model, for the report
 * @serial: (nullable): its serial number, for the report
 *
 * Adds a drive; at most %VALISE_WRITE_JOB_MAX_TARGETS.
 *
 * Returns: the drive's index
 */
guint
valise_write_job_add_target (ValiseWriteJob *self,
                             ValiseTarget *target,
                             const char *model,
                             const char *serial)
{
  g_return_val_if_fail (!self->started, G_MAXUINT);
  g_return_val_if_fail (self->drives->len < VALISE_WRITE_JOB_MAX_TARGETS, G_MAXUINT);

  g_ptr_array_add (self->drives, valise_job_drive_new (target, model, serial));
  valise_write_job_set_target_number (self, self->drives->len - 1, self->drives->len);
  return self->drives->len - 1;
}

/**
 * valise_write_job_set_target_number:
 * @self: a job that does not run yet
 * @index: a drive's index
 * @number: its number, from 1, for the computer's name
 *
 * For drives of a batch that is resumed; else a drive's number is its place among the others.
 */
void
valise_write_job_set_target_number (ValiseWriteJob *self, guint index, guint number)
{
  g_return_if_fail (!self->started);

  ((ValiseJobDrive *) g_ptr_array_index (self->drives, index))->number = number;
}

/**
 * valise_write_job_set_patience:
 * @self: a job that does not run yet
 * @patience: how long the drives wait for one that does not answer
 *
 * For those who cannot wait as long as everybody else.
 */
void
valise_write_job_set_patience (ValiseWriteJob *self, const ValisePatience *patience)
{
  g_return_if_fail (!self->started);

  self->patience = *patience;
}

/**
 * valise_write_job_expect_source:
 * @self: a job that does not run yet
 * @sha256: the digest in hexadecimal that the source must have
 *
 * Has the source read, and compared, before anything is done with it.
 */
void
valise_write_job_expect_source (ValiseWriteJob *self, const char *sha256)
{
  g_return_if_fail (!self->started);

  g_free (self->expected_sha256);
  self->expected_sha256 = g_strdup (sha256);
}

/* The shares of the whole time, by a drive that reads twice as fast as it writes. */
static void
set_steps (ValiseWriteJob *self)
{
  gboolean verify = self->options->verify;
  const ValiseProgressStep steps[] = {
    { "open", 1 },  { "prepare", 3 },
    { "blank", 1 }, { "apply", 60 },
    { "flush", 3 }, { verify ? "verify" : "commit", verify ? 31 : 1 },
  };

  valise_progress_set_steps (self->progress, steps, G_N_ELEMENTS (steps));
}

/* After a failure: the error for the whole job, and for each drive. */
static void
fail_all (ValiseWriteJob *self, const GError *error)
{
  ValiseProgressState state;

  valise_progress_get_state (self->progress, &state);
  valise_job_drives_fail (self->drives, error);
  valise_job_drives_set_stage (self->drives, state.step);
  valise_job_drives_abandon (self->drives, MIN (self->patience.stall, LAST_PATIENCE));
}

/* Called in the thread that cancels. */
static void
on_cancelled (GCancellable *cancellable, ValiseWriteJob *self)
{
  for (guint i = 0; i < self->drives->len; i++)
    g_cancellable_cancel (((ValiseJobDrive *) self->drives->pdata[i])->cancellable);
}

/* Lets other threads see how much processor time this one takes. */
static void
show_clock (ValiseWriteJob *self, gboolean show)
{
  g_mutex_lock (&self->lock);
  self->thread_id = gettid ();
  self->has_clock = show && pthread_getcpuclockid (pthread_self (), &self->clock) == 0;
  g_mutex_unlock (&self->lock);
}

static gpointer
run_thread (gpointer data)
{
  g_autoptr (GTask) task = data;
  ValiseWriteJob *self = g_task_get_source_object (task);
  GError *error = NULL;
  gulong id = 0;
  gboolean ok;

  self->cancellable = g_task_get_cancellable (task);
  if (self->cancellable != NULL)
    id = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), self, NULL);
  show_clock (self, TRUE);
  ok = valise_write_job_prepare (self, &error) && valise_write_job_write (self, &error);
  show_clock (self, FALSE);

  /* A job that was cancelled says so, whatever the first thing was that failed by it. */
  if (!ok && g_cancellable_is_cancelled (self->cancellable))
    {
      g_clear_error (&error);
      g_cancellable_set_error_if_cancelled (self->cancellable, &error);
    }
  if (!ok)
    fail_all (self, error);
  g_cancellable_disconnect (self->cancellable, id);
  /* Who waits for the job's end may want the drives. */
  for (guint i = 0; i < self->drives->len; i++)
    valise_target_close (((ValiseJobDrive *) g_ptr_array_index (self->drives, i))->target);

  g_clear_pointer (&self->boot, valise_boot_files_unref);
  g_clear_pointer (&self->check, valise_check_free);
  g_clear_pointer (&self->estimate, g_free);
  g_clear_pointer (&self->source, valise_source_free);
  valise_write_job_clear_registry (self);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->copies, g_ptr_array_unref);
  g_clear_pointer (&self->packages, g_ptr_array_unref);
  g_clear_pointer (&self->windows, g_free);
  g_clear_pointer (&self->answers, g_bytes_unref);
  g_clear_pointer (&self->answer_extents, g_array_unref);
  g_clear_pointer (&self->ntfs_path, g_free);
  g_clear_pointer (&self->container, valise_job_container_free);
  g_clear_pointer (&self->scratch, valise_scratch_free);
  self->cancellable = NULL;
  if (ok)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  return NULL;
}

/**
 * valise_write_job_run_async:
 * @self: a job with at least one drive, that has not been run
 * @cancellable: (nullable): stops the job; drives that are not finished are left blank
 * @callback: called when the job has ended
 * @data: for @callback
 *
 * Runs the job in a thread of its own.
 */
void
valise_write_job_run_async (ValiseWriteJob *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_return_if_fail (!self->started && self->drives->len > 0);

  g_task_set_source_tag (task, valise_write_job_run_async);
  /* What was finished before the cancellation is told as finished. */
  g_task_set_check_cancellable (task, FALSE);
  self->started = TRUE;
  set_steps (self);
  g_thread_unref (g_thread_new ("valise-job", run_thread, g_steal_pointer (&task)));
}

/**
 * valise_write_job_run_finish:
 * @self: a job
 * @result: as given to the callback
 * @error: where to put an error: what stopped all drives, or the first drive's
 *
 * The drives are closed by now.
 *
 * Returns: whether every drive is finished; valise_write_job_get_target_error() tells of each
 */
gboolean
valise_write_job_run_finish (ValiseWriteJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * valise_write_job_get_progress:
 * @self: a job
 *
 * Its steps are open, prepare, blank, apply, flush, and verify (commit where nothing is verified);
 * apply and verify count bytes.
 *
 * Returns: (transfer none): the job's progress
 */
ValiseProgress *
valise_write_job_get_progress (ValiseWriteJob *self)
{
  return self->progress;
}

/**
 * valise_write_job_get_n_targets:
 * @self: a job
 *
 * Returns: how many drives it has
 */
guint
valise_write_job_get_n_targets (ValiseWriteJob *self)
{
  return self->drives->len;
}

/**
 * valise_write_job_get_target_name:
 * @self: a job
 * @index: a drive's index
 *
 * Returns: (transfer none): the drive's name
 */
const char *
valise_write_job_get_target_name (ValiseWriteJob *self, guint index)
{
  const ValiseJobDrive *drive = g_ptr_array_index (self->drives, index);

  return valise_target_get_name (drive->target);
}

/* Whether a drive has nothing to do, and others have. Called with the lock. */
static gboolean
is_waiting (ValiseWriteJob *self, ValiseJobDrive *drive)
{
  gboolean is_idle = FALSE;
  gboolean others_are = TRUE;

  for (guint i = 0; i < self->fanned_out->len; i++)
    {
      ValiseFanoutStats stats;

      valise_fanout_get_stats (self->fanout, i, &stats);
      if (self->fanned_out->pdata[i] == drive)
        is_idle = stats.is_live && stats.queued == 0;
      else if (stats.is_live && stats.queued > 0)
        others_are = FALSE;
    }
  return is_idle && !others_are;
}

/**
 * valise_write_job_get_target_state:
 * @self: a job
 * @index: a drive's index
 * @state: (out caller-allocates): how far the drive is
 *
 * At any time, from any thread.
 */
void
valise_write_job_get_target_state (ValiseWriteJob *self, guint index, ValiseDriveState *state)
{
  ValiseJobDrive *drive = g_ptr_array_index (self->drives, index);

  valise_job_drive_get_state (drive, state);
  g_mutex_lock (&self->lock);
  if (self->is_streamed && self->fanout != NULL)
    state->waiting = is_waiting (self, drive);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_write_job_dup_target_error:
 * @self: a job
 * @index: a drive's index
 *
 * At any time, from any thread. The others go on meanwhile.
 *
 * Returns: (transfer full) (nullable): why nothing more is written to the drive
 */
GError *
valise_write_job_dup_target_error (ValiseWriteJob *self, guint index)
{
  ValiseJobDrive *drive = g_ptr_array_index (self->drives, index);
  GError *error = valise_job_drive_dup_error (drive);
  guint number;

  g_mutex_lock (&self->lock);
  if (error == NULL && self->fanout != NULL
      && g_ptr_array_find (self->fanned_out, drive, &number))
    error = valise_fanout_dup_error (self->fanout, number);
  g_mutex_unlock (&self->lock);
  return error;
}

/* How long a thread was ready to run while others ran, in µs; 0 where the kernel does not say. */
static gint64
get_run_delay (pid_t thread_id)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/schedstat", (int) thread_id);
  g_autofree char *text = NULL;
  guint64 delay;

  /* Nanoseconds that it ran, and that it waited to; see sched-stats.rst of the kernel. */
  if (!g_file_get_contents (path, &text, NULL, NULL)
      || sscanf (text, "%*u %" G_GUINT64_FORMAT, &delay) != 1)
    return 0;
  return (gint64) (delay / 1000);
}

/**
 * valise_write_job_get_processor_time:
 * @self: a job
 *
 * The job's thread does the work that all drives share. Where it is neither busy nor waits for a
 * drive, it waits for the image. At any time, from any thread.
 *
 * Returns: how long the job's thread computed, or waited for a processor to do so, in µs; -1 when
 *   it does not run
 */
gint64
valise_write_job_get_processor_time (ValiseWriteJob *self)
{
  struct timespec time;
  gint64 result = -1;

  g_mutex_lock (&self->lock);
  if (self->has_clock && clock_gettime (self->clock, &time) == 0)
    result = (gint64) time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000
             + get_run_delay (self->thread_id);
  g_mutex_unlock (&self->lock);
  return result;
}

/**
 * valise_write_job_get_target_error:
 * @self: a job that has ended
 * @index: a drive's index
 *
 * Returns: (transfer none) (nullable): why the drive is not finished; %NULL if it is
 */
const GError *
valise_write_job_get_target_error (ValiseWriteJob *self, guint index)
{
  const ValiseJobDrive *drive = g_ptr_array_index (self->drives, index);

  return drive->error;
}

/**
 * valise_write_job_get_target_report:
 * @self: a job that has ended
 * @index: a drive's index
 *
 * Returns: (transfer none) (nullable): the record of the drive, if it is finished
 */
ValiseReport *
valise_write_job_get_target_report (ValiseWriteJob *self, guint index)
{
  const ValiseJobDrive *drive = g_ptr_array_index (self->drives, index);

  return drive->report;
}

/**
 * valise_write_job_record:
 * @self: a job that has ended
 * @index: a drive's index
 * @batch: the batch's report; gets what is known of the source by now
 * @entry: the drive in it
 * @report: (nullable): path of the drive's own report
 *
 * Notes what came of a drive.
 */
void
valise_write_job_record (ValiseWriteJob *self,
                         guint index,
                         ValiseBatchReport *batch,
                         ValiseBatchDrive *entry,
                         const char *report)
{
  const ValiseJobDrive *drive = g_ptr_array_index (self->drives, index);

  if (batch->source_sha256 == NULL)
    batch->source_sha256 = g_strdup (self->sha256);
  if (batch->edition == NULL)
    batch->edition = g_strdup (self->edition_name);
  if (drive->report != NULL)
    valise_batch_drive_set_finished (entry, report);
  else if (drive->error != NULL)
    valise_batch_drive_set_error (
        entry, drive->touched ? VALISE_BATCH_FAILED : VALISE_BATCH_NOT_STARTED, drive->error,
        drive->stage);
}
