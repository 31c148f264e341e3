/* valise-job-model.h: the job that writes the drives, as the window shows it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-job.h"

G_BEGIN_DECLS

/**
 * ValiseBottleneck:
 * @VALISE_BOTTLENECK_UNKNOWN: there is none, or it was not measured yet
 * @VALISE_BOTTLENECK_IMAGE: the drives wait for the image to be read
 * @VALISE_BOTTLENECK_PROCESSOR: the drives wait for the image to be decompressed
 * @VALISE_BOTTLENECK_DRIVE: everything waits for a drive
 *
 * What would have to be faster for the job to be faster.
 */
typedef enum
{
  VALISE_BOTTLENECK_UNKNOWN,
  VALISE_BOTTLENECK_IMAGE,
  VALISE_BOTTLENECK_PROCESSOR,
  VALISE_BOTTLENECK_DRIVE,
} ValiseBottleneck;

#define VALISE_TYPE_JOB_MODEL (valise_job_model_get_type ())
G_DECLARE_FINAL_TYPE (ValiseJobModel, valise_job_model, VALISE, JOB_MODEL, GObject)

ValiseBottleneck valise_bottleneck_judge (double drive, double processor);

ValiseJobModel *valise_job_model_new (ValisePlan *plan, gboolean eject);
void valise_job_model_add_drive (ValiseJobModel *self,
                                 const char *name,
                                 const ValiseDriveChoice *choice,
                                 const char *model,
                                 const char *serial);
void valise_job_model_add_target (ValiseJobModel *self, const char *name, ValiseTarget *target);
void valise_job_model_run_async (ValiseJobModel *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer data);
gboolean valise_job_model_run_finish (ValiseJobModel *self, GAsyncResult *result, GError **error);

gboolean valise_job_model_has_begun (ValiseJobModel *self);
const char *valise_job_model_get_stage (ValiseJobModel *self);
double valise_job_model_get_fraction (ValiseJobModel *self);
gint64 valise_job_model_get_seconds_left (ValiseJobModel *self);
gint64 valise_job_model_get_seconds_taken (ValiseJobModel *self);
ValiseBottleneck valise_job_model_get_bottleneck (ValiseJobModel *self, ValiseDriveJob **drive);
GListModel *valise_job_model_get_samples (ValiseJobModel *self);
guint valise_job_model_count (ValiseJobModel *self, ValiseDriveJobState state);

G_END_DECLS
