/* valise-verify-job.h: a finished drive, read back against its report.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "core/valise-progress.h"
#include "engine/valise-target.h"
#include "valise-report.h"

G_BEGIN_DECLS

#define VALISE_TYPE_VERIFY_JOB (valise_verify_job_get_type ())
G_DECLARE_FINAL_TYPE (ValiseVerifyJob, valise_verify_job, VALISE, VERIFY_JOB, GObject)

ValiseVerifyJob *valise_verify_job_new (ValiseReport *report, ValiseTarget *target);
void valise_verify_job_run_async (ValiseVerifyJob *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer data);
gboolean valise_verify_job_run_finish (ValiseVerifyJob *self,
                                       GAsyncResult *result,
                                       GError **error);
ValiseProgress *valise_verify_job_get_progress (ValiseVerifyJob *self);
guint64 valise_verify_job_get_bytes (ValiseVerifyJob *self);

G_END_DECLS
