/* valise-write-reports.h: the reports of one run of `valise write`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "jobs/valise-batch-report.h"
#include "jobs/valise-write-job.h"
#include "valise-target-list.h"

G_BEGIN_DECLS

/**
 * ValiseWriteReports:
 * @path: (nullable): where the report was asked for; %NULL if none was
 * @batch: (nullable): the batch, where there is one
 * @entries: (element-type guint): for each drive of the run, its index in the batch
 *
 * Which reports there will be, and where.
 */
typedef struct
{
  char *path;
  ValiseBatchReport *batch;
  GArray *entries;
} ValiseWriteReports;

ValiseWriteReports *valise_write_reports_new (const char *path);
ValiseWriteReports *
valise_write_reports_new_for_batch (const char *path, ValiseBatchReport *batch);
void valise_write_reports_free (ValiseWriteReports *self);

gboolean valise_write_reports_begin (ValiseWriteReports *self,
                                     ValisePlan *plan,
                                     guint64 new_size,
                                     guint sector_size,
                                     ValiseTargetList *list,
                                     GError **error);
gboolean valise_write_reports_check (const ValiseWriteReports *self,
                                     const char *source,
                                     const char *const *targets,
                                     GError **error);
char *valise_write_reports_get_path (const ValiseWriteReports *self, guint index);
gboolean
valise_write_reports_save_start (ValiseWriteReports *self, ValiseTargetList *list, GError **error);
gboolean
valise_write_reports_save (ValiseWriteReports *self, ValiseWriteJob *job, GError **error);

G_END_DECLS
