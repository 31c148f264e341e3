/* valise-write-reports.c: the reports of one run of `valise write`.
 *
 * One drive has a report of its own. Several have one each, and one for the batch, under the name
 * that was asked for; that one grows when the batch is resumed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-reports.h"

#include "valise-report-path.h"

/**
 * valise_write_reports_new:
 * @path: (nullable): where the report was asked for
 *
 * Returns: (transfer full): the reports of a run that has no batch yet
 */
ValiseWriteReports *
valise_write_reports_new (const char *path)
{
  ValiseWriteReports *self = g_new0 (ValiseWriteReports, 1);

  self->path = g_strdup (path);
  self->entries = g_array_new (FALSE, FALSE, sizeof (guint));
  return self;
}

/**
 * valise_write_reports_new_for_batch:
 * @path: where the batch's report is
 * @batch: (transfer full): the batch that is resumed
 *
 * Returns: (transfer full): the reports of a run of which no drive is chosen yet
 */
ValiseWriteReports *
valise_write_reports_new_for_batch (const char *path, ValiseBatchReport *batch)
{
  ValiseWriteReports *self = valise_write_reports_new (path);

  self->batch = batch;
  return self;
}

/**
 * valise_write_reports_free:
 * @self: (transfer full): reports
 */
void
valise_write_reports_free (ValiseWriteReports *self)
{
  g_clear_pointer (&self->batch, valise_batch_report_free);
  g_array_unref (self->entries);
  g_free (self->path);
  g_free (self);
}

static ValiseBatchDrive *
get_entry (const ValiseWriteReports *self, guint index)
{
  return g_ptr_array_index (self->batch->drives, g_array_index (self->entries, guint, index));
}

/**
 * valise_write_reports_begin:
 * @self: reports
 * @plan: what will be done
 * @new_size: size in bytes of virtual drives that are made
 * @sector_size: size in bytes of the sectors of virtual drives
 * @list: the drives of the run
 * @error: where to put an error
 *
 * Begins a batch where there are several drives and a report is wanted, if none is resumed.
 *
 * Returns: whether that could be done
 */
gboolean
valise_write_reports_begin (ValiseWriteReports *self,
                            ValisePlan *plan,
                            guint64 new_size,
                            guint sector_size,
                            ValiseTargetList *list,
                            GError **error)
{
  const guint n = valise_target_list_get_n (list);

  if (self->path == NULL || self->batch != NULL || n == 1)
    return TRUE;
  self->batch = valise_batch_report_new (valise_plan_get_options (plan), new_size, sector_size,
                                         error);
  if (self->batch == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      const ValiseDriveInfo *info = valise_target_list_get_info (list, i);

      valise_batch_report_add (self->batch, info->path, info->model, info->serial,
                               info->kind == VALISE_DRIVE_KIND_NONE ? new_size : info->size);
      g_array_append_val (self->entries, i);
    }
  return TRUE;
}

/**
 * valise_write_reports_check:
 * @self: reports
 * @source: path of the image
 * @targets: (array zero-terminated=1): paths of the run's drives
 * @error: where to put an error
 *
 * Returns: whether all reports can be written where they shall be
 */
gboolean
valise_write_reports_check (const ValiseWriteReports *self,
                            const char *source,
                            const char *const *targets,
                            GError **error)
{
  if (self->path == NULL)
    return TRUE;
  if (!valise_report_path_check (self->path, source, targets, error))
    return FALSE;
  for (guint i = 0; targets[i] != NULL; i++)
    {
      g_autofree char *path = valise_write_reports_get_path (self, i);

      if (!valise_report_path_check (path, source, targets, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * valise_write_reports_get_path:
 * @self: reports
 * @index: index of a drive of the run
 *
 * Returns: (transfer full) (nullable): where the drive's own report goes, if one is wanted; its
 *   number is that in the batch
 */
char *
valise_write_reports_get_path (const ValiseWriteReports *self, guint index)
{
  if (self->path == NULL)
    return NULL;
  if (self->batch == NULL)
    return g_strdup (self->path);
  return valise_report_path_get (self->path, g_array_index (self->entries, guint, index),
                                 MAX (2, self->batch->drives->len));
}

/**
 * valise_write_reports_save_start:
 * @self: reports
 * @list: the drives of the run
 * @error: where to put an error
 *
 * Saves the batch's report before anything is written: a batch whose computer fails can be resumed,
 * too.
 *
 * Returns: whether that is done, where there is a batch
 */
gboolean
valise_write_reports_save_start (ValiseWriteReports *self, ValiseTargetList *list, GError **error)
{
  if (self->batch == NULL)
    return TRUE;
  for (guint i = 0; i < valise_target_list_get_n (list); i++)
    {
      ValiseBatchDrive *drive = get_entry (self, i);

      /* It may have another name since it was plugged in again. */
      g_free (drive->name);
      drive->name = g_canonicalize_filename (valise_target_list_get_info (list, i)->path, NULL);
    }
  return valise_batch_report_save (self->batch, self->path, error);
}

/**
 * valise_write_reports_save:
 * @self: reports
 * @job: the run's job, which has ended
 * @error: where to put the first error
 *
 * Saves the report of each drive that is finished, and the batch's.
 *
 * Returns: whether all were saved
 */
gboolean
valise_write_reports_save (ValiseWriteReports *self, ValiseWriteJob *job, GError **error)
{
  gboolean ok = TRUE;

  for (guint i = 0; self->path != NULL && i < valise_write_job_get_n_targets (job); i++)
    {
      const ValiseReport *report = valise_write_job_get_target_report (job, i);
      g_autofree char *path = valise_write_reports_get_path (self, i);
      gboolean saved = report != NULL && valise_report_save (report, path, ok ? error : NULL);

      ok = ok && (saved || report == NULL);
      if (self->batch != NULL)
        valise_write_job_record (job, i, self->batch, get_entry (self, i), saved ? path : NULL);
    }
  if (self->batch != NULL
      && !valise_batch_report_save (self->batch, self->path, ok ? error : NULL))
    ok = FALSE;
  return ok;
}
