/* valise-write-job.h: from an image to finished drives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "core/valise-progress.h"
#include "engine/valise-fanout.h"
#include "engine/valise-target.h"
#include "valise-batch-report.h"
#include "valise-plan.h"
#include "valise-report.h"
#include "image/valise-source.h"

G_BEGIN_DECLS

/**
 * VALISE_WRITE_JOB_MAX_TARGETS:
 *
 * As many drives can be written at once.
 */
#define VALISE_WRITE_JOB_MAX_TARGETS VALISE_FANOUT_MAX_TARGETS

/**
 * ValiseDriveState:
 * @written: bytes that the drive has taken
 * @verifying: whether it is being read back
 * @read: bytes that were read back from it, once @verifying
 * @rate: bytes per second in the last seconds, written and read
 * @busy: how long it was being written to, in µs; what has come to it, it took by then
 * @finished: whether it has its partition table
 * @waiting: whether it has taken all that there is for it, and waits for drives that have not
 *
 * How far one drive of a job is.
 */
typedef struct
{
  guint64 written;
  gboolean verifying;
  guint64 read;
  double rate;
  gint64 busy;
  gboolean finished;
  gboolean waiting;
} ValiseDriveState;

#define VALISE_TYPE_WRITE_JOB (valise_write_job_get_type ())
G_DECLARE_FINAL_TYPE (ValiseWriteJob, valise_write_job, VALISE, WRITE_JOB, GObject)

ValiseWriteJob *valise_write_job_new (ValisePlan *plan);
void valise_write_job_take_source (ValiseWriteJob *self,
                                   ValiseScratch *scratch,
                                   ValiseSource *source);
guint valise_write_job_add_target (ValiseWriteJob *self,
                                   ValiseTarget *target,
                                   const char *model,
                                   const char *serial);
void valise_write_job_set_target_number (ValiseWriteJob *self, guint index, guint number);
void valise_write_job_set_patience (ValiseWriteJob *self, const ValisePatience *patience);
void valise_write_job_expect_source (ValiseWriteJob *self, const char *sha256);
void valise_write_job_run_async (ValiseWriteJob *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer data);
gboolean valise_write_job_run_finish (ValiseWriteJob *self, GAsyncResult *result, GError **error);

ValiseProgress *valise_write_job_get_progress (ValiseWriteJob *self);
guint valise_write_job_get_n_targets (ValiseWriteJob *self);
const char *valise_write_job_get_target_name (ValiseWriteJob *self, guint index);
void valise_write_job_get_target_state (ValiseWriteJob *self, guint index, ValiseDriveState *state);
GError *valise_write_job_dup_target_error (ValiseWriteJob *self, guint index);
gint64 valise_write_job_get_processor_time (ValiseWriteJob *self);
const GError *valise_write_job_get_target_error (ValiseWriteJob *self, guint index);
ValiseReport *valise_write_job_get_target_report (ValiseWriteJob *self, guint index);
void valise_write_job_record (ValiseWriteJob *self,
                              guint index,
                              ValiseBatchReport *batch,
                              ValiseBatchDrive *entry,
                              const char *report);

G_END_DECLS
