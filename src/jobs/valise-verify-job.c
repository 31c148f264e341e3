/* valise-verify-job.c: a finished drive, read back against its report.
 *
 * Needs neither the image nor the right to write: only the drive and the file that its write job
 * left. One step, “verify”, in bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-verify-job.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "engine/valise-verifier.h"

struct _ValiseVerifyJob
{
  GObject parent_instance;

  /* Set once. */
  ValiseReport *report;
  ValiseTarget *target;
  ValiseProgress *progress;
  guint64 bytes;
  gboolean started;
};

G_DEFINE_FINAL_TYPE (ValiseVerifyJob, valise_verify_job, G_TYPE_OBJECT)

static void
valise_verify_job_finalize (GObject *object)
{
  ValiseVerifyJob *self = VALISE_VERIFY_JOB (object);

  g_clear_pointer (&self->report, valise_report_free);
  g_clear_pointer (&self->target, valise_target_free);
  g_clear_object (&self->progress);
  G_OBJECT_CLASS (valise_verify_job_parent_class)->finalize (object);
}

static void
valise_verify_job_class_init (ValiseVerifyJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_verify_job_finalize;
}

static void
valise_verify_job_init (ValiseVerifyJob *self)
{
  static const ValiseProgressStep steps[] = { { "verify", 1 } };

  self->progress = valise_progress_new ();
  valise_progress_set_steps (self->progress, steps, G_N_ELEMENTS (steps));
}

/**
 * valise_verify_job_new:
 * @report: (transfer full): what should be on the drive
 * @target: (transfer full): the drive; it is only read
 *
 * The job's progress emits its signal in the main context that is the default of this thread.
 *
 * Returns: (transfer full): a job
 */
ValiseVerifyJob *
valise_verify_job_new (ValiseReport *report, ValiseTarget *target)
{
  ValiseVerifyJob *self = g_object_new (VALISE_TYPE_VERIFY_JOB, NULL);

  self->report = report;
  self->target = target;
  /* A file has the sectors that it was given when it was written. */
  if (!valise_target_is_block_device (target))
    valise_target_set_sector_size (target, report->sector_size);
  for (guint i = 0; i < report->digests->len; i++)
    self->bytes += g_array_index (report->digests, ValiseExtentDigest, i).size;
  return self;
}

static gboolean
check_size (ValiseVerifyJob *self, GError **error)
{
  const guint sector_size = valise_target_get_sector_size (self->target);
  guint64 size = valise_target_get_size (self->target);
  g_autofree char *has = g_format_size_full (size, G_FORMAT_SIZE_LONG_FORMAT);
  g_autofree char *wants
      = g_format_size_full (self->report->drive_size, G_FORMAT_SIZE_LONG_FORMAT);

  if (sector_size != self->report->sector_size)
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                   _("The report is of a drive with sectors of %u bytes, and this one has sectors "
                     "of %u bytes here, so that nothing starts from it. If it is the same drive, "
                     "put it back into the enclosure in which it was written."),
                   self->report->sector_size, sector_size);
      return FALSE;
    }
  if (size == self->report->drive_size)
    return TRUE;
  /* Translators: both are sizes with their unit, such as “64.0 GB (64023257088 bytes)”. */
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
               _("The report is of another drive: that one has %s, this one %s. Use the report of "
                 "this drive."),
               wants, has);
  return FALSE;
}

static void
explain_mismatch (ValiseVerifyJob *self, guint64 offset, GError **error)
{
  const ValiseReportPartition *partition = valise_report_find_partition (self->report, offset);

  if (partition != NULL)
    /* Translators: the text that follows is a whole sentence; %s is a partition's name. */
    g_prefix_error (error, _("In the partition “%s”: "), partition->name);
}

static gpointer
run_thread (gpointer data)
{
  g_autoptr (GTask) task = data;
  ValiseVerifyJob *self = g_task_get_source_object (task);
  const ValiseExtentDigest *digests = (gpointer) self->report->digests->data;
  guint64 offset = 0;
  GError *error = NULL;
  gboolean ok;

  valise_progress_begin (self->progress, "verify", self->bytes);
  ok = check_size (self, &error)
       && valise_verify_extents (self->target, digests, self->report->digests->len, self->progress,
                                 &offset, g_task_get_cancellable (task), &error);
  /* Who waits for the job's end may want the drive; the task may keep the job a little longer. */
  valise_target_close (self->target);
  if (ok)
    {
      g_task_return_boolean (task, TRUE);
      return NULL;
    }
  if (g_error_matches (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH))
    explain_mismatch (self, offset, &error);
  g_task_return_error (task, error);
  return NULL;
}

/**
 * valise_verify_job_run_async:
 * @self: a job that has not been run
 * @cancellable: (nullable): stops the job
 * @callback: called when the job has ended
 * @data: for @callback
 *
 * Runs the job in a thread of its own.
 */
void
valise_verify_job_run_async (ValiseVerifyJob *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_return_if_fail (!self->started);

  g_task_set_source_tag (task, valise_verify_job_run_async);
  self->started = TRUE;
  g_thread_unref (g_thread_new ("valise-job", run_thread, g_steal_pointer (&task)));
}

/**
 * valise_verify_job_run_finish:
 * @self: a job
 * @result: as given to the callback
 * @error: where to put an error
 *
 * Returns: whether the drive holds what the report says
 */
gboolean
valise_verify_job_run_finish (ValiseVerifyJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * valise_verify_job_get_progress:
 * @self: a job
 *
 * Returns: (transfer none): the job's progress
 */
ValiseProgress *
valise_verify_job_get_progress (ValiseVerifyJob *self)
{
  return self->progress;
}

/**
 * valise_verify_job_get_bytes:
 * @self: a job
 *
 * Returns: how many bytes it reads
 */
guint64
valise_verify_job_get_bytes (ValiseVerifyJob *self)
{
  return self->bytes;
}
