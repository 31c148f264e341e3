/* valise-inspect-job.h: what is in an image, found out without keeping anybody waiting.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "boot/valise-boot-files.h"
#include "core/valise-progress.h"
#include "image/valise-edition.h"
#include "valise-compact-estimate.h"

G_BEGIN_DECLS

#define VALISE_TYPE_INSPECT_JOB (valise_inspect_job_get_type ())
G_DECLARE_FINAL_TYPE (ValiseInspectJob, valise_inspect_job, VALISE, INSPECT_JOB, GObject)

ValiseInspectJob *valise_inspect_job_new (const char *path);
void valise_inspect_job_run_async (ValiseInspectJob *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer data);
gboolean valise_inspect_job_run_finish (ValiseInspectJob *self,
                                        GAsyncResult *result,
                                        GError **error);
void valise_inspect_job_hash_async (ValiseInspectJob *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer data);
char *valise_inspect_job_hash_finish (ValiseInspectJob *self,
                                      GAsyncResult *result,
                                      GError **error);

const char *valise_inspect_job_get_path (ValiseInspectJob *self);
const char *valise_inspect_job_get_folder (ValiseInspectJob *self);
ValiseProgress *valise_inspect_job_get_progress (ValiseInspectJob *self);
const char *valise_inspect_job_get_format (ValiseInspectJob *self);
gboolean valise_inspect_job_is_iso (ValiseInspectJob *self);
guint64 valise_inspect_job_get_size (ValiseInspectJob *self);
gint64 valise_inspect_job_get_time (ValiseInspectJob *self);
GPtrArray *valise_inspect_job_get_editions (ValiseInspectJob *self);
const ValiseEdition *valise_inspect_job_find_edition (ValiseInspectJob *self, guint index);
const ValiseBootFiles *valise_inspect_job_find_boot_files (ValiseInspectJob *self, guint index);
const ValiseCompactEstimate *valise_inspect_job_find_estimate (ValiseInspectJob *self,
                                                               guint index);
const char *valise_inspect_job_get_sha256 (ValiseInspectJob *self);

G_END_DECLS
