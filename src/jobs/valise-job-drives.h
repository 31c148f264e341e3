/* valise-job-drives.h: what a write job does with all of its drives at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-job-drive.h"

G_BEGIN_DECLS

/**
 * ValiseJobDriveFunc:
 * @self: a drive without an error
 * @data: as given
 * @error: where to put an error; it is set when something did not go well
 *
 * Called in a thread of the drive's own.
 *
 * Returns: whether it went well
 */
typedef gboolean (*ValiseJobDriveFunc) (ValiseJobDrive *self, gpointer data, GError **error);

void valise_job_drives_run (GPtrArray *drives,
                            ValiseJobDriveFunc func,
                            void (*tick) (gpointer data),
                            gpointer data,
                            gint64 patience);
guint valise_job_drives_count_alive (GPtrArray *drives);
GError *valise_job_drives_dup_error (GPtrArray *drives);
void valise_job_drives_set_stage (GPtrArray *drives, const char *stage);
void valise_job_drives_fail (GPtrArray *drives, const GError *error);
void valise_job_drives_abandon (GPtrArray *drives, gint64 patience);

G_END_DECLS
