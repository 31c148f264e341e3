/* valise-job-drive.h: one drive of a write job, and what is its own on it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-scratch.h"
#include "engine/valise-speed-curve.h"
#include "engine/valise-target.h"
#include "valise-report.h"
#include "valise-write-job.h"
#include "volume/valise-digest-map.h"
#include "volume/valise-layout.h"
#include "volume/valise-staging.h"

G_BEGIN_DECLS

/**
 * ValiseJobDrive:
 * @target: (owned): where the bytes go
 * @model: (nullable): the drive's model, for the report
 * @serial: (nullable): its serial number, for the report
 * @layout: its partitions
 * @table: (nullable): its partition table, once staged
 * @esp_path: (nullable): its EFI partition, once staged
 * @ntfs_serial: the serial number that its NTFS volume gets
 * @own_ntfs_serial: whether that differs from the one in the shared volume
 * @number: its number in the batch, from 1
 * @computer_name: (nullable): what the Windows on it is called, if Windows does not choose
 * @answers: (nullable): its answer file
 * @answer_extents: (nullable): where that has to be on the volume; %NULL where it is there already
 * @digests: (nullable): what is on it: its own blocks first, then those of the shared volume too
 * @touched: whether anything was written to it
 * @blanked: whether nothing can be found any more of what was on it before
 * @size_checked: whether its size was looked at, and no fault was found
 * @finished: whether it has its partition table
 * @write: how long it took to write it, and what was written
 * @verify: how long it took to read it back, and what was read
 * @curve: the speed at which it took the volume
 * @report: (nullable): the record of the finished drive
 * @error: (nullable): why it failed
 * @stage: (nullable): in which stage that was; a string that stays
 * @start: monotonic time in µs when writing began
 * @cancellable: stops what is done with this drive
 *
 * Used by the job's thread, and by the drive's own while valise_job_drives_run() runs.
 */
typedef struct
{
  ValiseTarget *target;
  char *model;
  char *serial;
  ValiseLayout layout;
  ValiseStagedTable *table;
  char *esp_path;
  guint64 ntfs_serial;
  gboolean own_ntfs_serial;
  guint number;
  char *computer_name;
  GBytes *answers;
  GArray *answer_extents;
  ValiseDigestMap *digests;
  gboolean touched;
  gboolean blanked;
  gboolean size_checked;
  gboolean finished;
  ValiseReportSpan write;
  ValiseReportSpan verify;
  ValiseSpeedCurve curve;
  ValiseReport *report;
  GError *error;
  const char *stage;
  gint64 start;
  GCancellable *cancellable;

  /*< private >*/
  gatomicrefcount ref_count;
  gint fate; /* atomic */
  GMutex lock; /* guards the rest, and changes of @finished and @error, which any thread reads */
  gboolean flushed; /* and nothing was done after that yet */
  gboolean verifying;
  guint64 read_before;
  gint64 rate_time;
  guint64 rate_bytes;
  double rate;
} ValiseJobDrive;

ValiseJobDrive *valise_job_drive_new (ValiseTarget *target, const char *model, const char *serial);
ValiseJobDrive *valise_job_drive_ref (ValiseJobDrive *self);
void valise_job_drive_free (ValiseJobDrive *self);
void valise_job_drive_take_error (ValiseJobDrive *self, GError *error);
GError *valise_job_drive_dup_error (ValiseJobDrive *self);
void valise_job_drive_get_state (ValiseJobDrive *self, ValiseDriveState *state);
gboolean valise_job_drive_begin (ValiseJobDrive *self, GError **error);
gboolean valise_job_drive_flush (ValiseJobDrive *self, GError **error);
gboolean valise_job_drive_verify (ValiseJobDrive *self, GError **error);
gboolean valise_job_drive_commit (ValiseJobDrive *self, GError **error);
gboolean valise_job_drive_give_up (ValiseJobDrive *self);

G_END_DECLS
