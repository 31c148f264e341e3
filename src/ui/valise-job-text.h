/* valise-job-text.h: a job and its drives in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-job-model.h"

G_BEGIN_DECLS

char *valise_job_text_rate (double rate);
char *valise_job_text_time_left (gint64 seconds);
const char *valise_job_text_stage (ValiseJobModel *model);
char *valise_job_text_bottleneck (ValiseJobModel *model);
const char *valise_job_text_state (ValiseDriveJob *drive);
char *valise_job_text_figures (ValiseDriveJob *drive);
char *valise_job_text_result (ValiseDriveJob *drive);
char *valise_job_text_summary (ValiseJobModel *model);
const char *valise_job_text_icon (ValiseDriveJob *drive);

G_END_DECLS
