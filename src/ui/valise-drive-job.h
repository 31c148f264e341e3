/* valise-drive-job.h: one drive of the job that runs, as the window shows it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "jobs/valise-drive-hold.h"
#include "jobs/valise-write-job.h"
#include "valise-speed-samples.h"

G_BEGIN_DECLS

/**
 * ValiseDriveJobState:
 * @VALISE_DRIVE_JOB_WAITING: nothing was done with it yet
 * @VALISE_DRIVE_JOB_OPENING: it is being unmounted and opened; somebody may be asked for a password
 * @VALISE_DRIVE_JOB_ERASING: what was on it is being erased
 * @VALISE_DRIVE_JOB_WRITING: it is being written
 * @VALISE_DRIVE_JOB_WRITTEN: it has taken all that there is for it, and waits for slower drives
 * @VALISE_DRIVE_JOB_VERIFYING: it is being read back
 * @VALISE_DRIVE_JOB_LETTING_GO: it is finished, and is being powered off
 * @VALISE_DRIVE_JOB_DONE: it is finished
 * @VALISE_DRIVE_JOB_FAILED: it is not, and will not be
 * @VALISE_DRIVE_JOB_CANCELLED: likewise, because the user wanted it so
 */
typedef enum
{
  VALISE_DRIVE_JOB_WAITING,
  VALISE_DRIVE_JOB_OPENING,
  VALISE_DRIVE_JOB_ERASING,
  VALISE_DRIVE_JOB_WRITING,
  VALISE_DRIVE_JOB_WRITTEN,
  VALISE_DRIVE_JOB_VERIFYING,
  VALISE_DRIVE_JOB_LETTING_GO,
  VALISE_DRIVE_JOB_DONE,
  VALISE_DRIVE_JOB_FAILED,
  VALISE_DRIVE_JOB_CANCELLED,
} ValiseDriveJobState;

#define VALISE_TYPE_DRIVE_JOB (valise_drive_job_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDriveJob, valise_drive_job, VALISE, DRIVE_JOB, GObject)

ValiseDriveJob *valise_drive_job_new (const char *name, const char *place);

const char *valise_drive_job_get_name (ValiseDriveJob *self);
const char *valise_drive_job_get_place (ValiseDriveJob *self);
ValiseDriveJobState valise_drive_job_get_state (ValiseDriveJob *self);
gboolean valise_drive_job_has_ended (ValiseDriveJob *self);
guint64 valise_drive_job_get_bytes (ValiseDriveJob *self);
guint64 valise_drive_job_get_total (ValiseDriveJob *self);
double valise_drive_job_get_fraction (ValiseDriveJob *self);
double valise_drive_job_get_rate (ValiseDriveJob *self);
double valise_drive_job_get_average (ValiseDriveJob *self);
const GError *valise_drive_job_get_error (ValiseDriveJob *self);
const GError *valise_drive_job_get_warning (ValiseDriveJob *self);
gboolean valise_drive_job_is_safe (ValiseDriveJob *self);
ValiseReport *valise_drive_job_get_report (ValiseDriveJob *self);
ValiseSpeedSamples *valise_drive_job_get_samples (ValiseDriveJob *self);

void valise_drive_job_set_state (ValiseDriveJob *self, ValiseDriveJobState state);
void valise_drive_job_take_error (ValiseDriveJob *self, GError *error);
void valise_drive_job_update (ValiseDriveJob *self,
                              gint64 now,
                              const ValiseDriveState *state,
                              guint64 total);
void valise_drive_job_finish (ValiseDriveJob *self, ValiseWriteJob *job, ValiseReport *report);
void valise_drive_job_let_go (ValiseDriveJob *self, gboolean powered_off, GError *warning);

G_END_DECLS
