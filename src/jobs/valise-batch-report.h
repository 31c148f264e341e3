/* valise-batch-report.h: what was done to a batch of drives, and what is left to do.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-plan.h"

G_BEGIN_DECLS

/* The member `format` of a batch's report. */
#define VALISE_BATCH_REPORT_FORMAT "valise-batch-report"

/**
 * VALISE_BATCH_REPORT_MAX_DRIVES:
 *
 * A batch has at most this many drives, however often it was resumed.
 */
#define VALISE_BATCH_REPORT_MAX_DRIVES 999

/**
 * ValiseBatchState:
 * @VALISE_BATCH_NOT_STARTED: nothing was written to the drive
 * @VALISE_BATCH_FAILED: the drive is not finished, and has no partition table
 * @VALISE_BATCH_FINISHED: the drive is finished
 *
 * How far a drive of a batch is.
 */
typedef enum
{
  VALISE_BATCH_NOT_STARTED,
  VALISE_BATCH_FAILED,
  VALISE_BATCH_FINISHED,
} ValiseBatchState;

/**
 * ValiseBatchDrive:
 * @name: its absolute path when it was written last
 * @model: (nullable): its model
 * @serial: (nullable): its serial number
 * @size: its size in bytes; 0 where it was not known
 * @state: how far it is
 * @report: (nullable): the name of its own report, a file beside that of the batch
 * @error_domain: (nullable): why it is not finished, in the words of events
 * @error_code: (nullable): likewise
 * @error_message: (nullable): likewise, for people
 * @error_stage: (nullable): in which stage that was
 *
 * One drive of a batch.
 */
typedef struct
{
  char *name;
  char *model;
  char *serial;
  guint64 size;
  ValiseBatchState state;
  char *report;
  char *error_domain;
  char *error_code;
  char *error_message;
  char *error_stage;
} ValiseBatchDrive;

/**
 * ValiseBatchReport:
 * @version: the version of Valise that wrote it
 * @created: when it was written, ISO 8601, UTC
 * @source: path of the source
 * @source_size: size of that file in bytes
 * @source_modified: when that file was changed last, ISO 8601, UTC
 * @source_sha256: (nullable): the source's digest, once it is known
 * @image: (nullable): the edition, as it was asked for
 * @edition: (nullable): the edition's name, once it is known
 * @layout: the partition table
 * @container: the format of the virtual disk that Windows is in
 * @container_size: its size in bytes, if one was chosen; else 0
 * @boot_manager: which boot manager starts the drives
 * @compact: how much Windows is compressed
 * @verify: whether the drives are read back
 * @allow_encrypted: whether encrypted files may come out empty
 * @cache_size: memory for the cache in bytes; 0 for the default
 * @new_size: size in bytes of virtual drives that do not exist; 0 for none
 * @sector_size: size in bytes of the sectors of virtual drives
 * @setup_digest: (nullable): digest of the choices for the first start of Windows
 * @drives: (element-type ValiseBatchDrive): the drives, in the order in which they were named
 *
 * The record of a batch. A plain struct: whoever has it may fill it in.
 */
typedef struct
{
  char *version;
  char *created;
  char *source;
  guint64 source_size;
  char *source_modified;
  char *source_sha256;
  char *image;
  char *edition;
  ValisePlanLayout layout;
  ValiseContainerKind container;
  guint64 container_size;
  ValiseBootManager boot_manager;
  ValiseCompactMode compact;
  gboolean verify;
  gboolean allow_encrypted;
  guint64 cache_size;
  guint64 new_size;
  guint sector_size;
  char *setup_digest;
  GPtrArray *drives;
} ValiseBatchReport;

ValiseBatchReport *
valise_batch_report_new (const ValisePlanOptions *options,
                         guint64 new_size,
                         guint sector_size,
                         GError **error);
void valise_batch_report_free (ValiseBatchReport *self);
ValiseBatchDrive *valise_batch_report_add (ValiseBatchReport *self,
                                           const char *name,
                                           const char *model,
                                           const char *serial,
                                           guint64 size);
guint valise_batch_report_count_unfinished (const ValiseBatchReport *self);
void valise_batch_report_get_options (const ValiseBatchReport *self, ValisePlanOptions *options);
gboolean
valise_batch_report_check_source (const ValiseBatchReport *self, const char *path, GError **error);

gboolean valise_batch_drive_is (const ValiseBatchDrive *self,
                                const char *name,
                                const char *model,
                                const char *serial,
                                guint64 size);
void valise_batch_drive_set_finished (ValiseBatchDrive *self, const char *report);
void valise_batch_drive_set_error (ValiseBatchDrive *self,
                                   ValiseBatchState state,
                                   const GError *error,
                                   const char *stage);

char *valise_batch_report_to_json (const ValiseBatchReport *self);
ValiseBatchReport *valise_batch_report_from_json (const char *json, gssize size, GError **error);
ValiseBatchReport *valise_batch_report_load (const char *path, GError **error);
gboolean valise_batch_report_save (ValiseBatchReport *self, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBatchReport, valise_batch_report_free)

G_END_DECLS
