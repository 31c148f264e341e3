/* valise-report.h: what was done to one drive, for people, for programs, and for verifying.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "compact/valise-compact-mode.h"
#include "compact/valise-compact.h"

G_BEGIN_DECLS

/* The member `format` of a drive's report. */
#define VALISE_REPORT_FORMAT "valise-report"

/**
 * VALISE_REPORT_MAX_SIZE:
 *
 * A larger file is no report, in bytes. A drive of 100 GB of data makes about 1 MiB.
 */
#define VALISE_REPORT_MAX_SIZE (64 * 1024 * 1024)

/**
 * ValiseReportPartition:
 * @name: its name in the GPT, or what an MBR would call it
 * @guid: (nullable): GPT: its unique GUID, in lower case
 * @offset: its first byte on the drive
 * @size: its length in bytes
 */
typedef struct
{
  char *name;
  char *guid;
  guint64 offset;
  guint64 size;
} ValiseReportPartition;

/**
 * ValiseReportSpan:
 * @seconds: how long a stage took
 * @bytes: how much it moved
 */
typedef struct
{
  double seconds;
  guint64 bytes;
} ValiseReportSpan;

/**
 * ValiseReport:
 * @version: the version of Valise that wrote it
 * @created: when the drive was finished, ISO 8601, UTC
 * @source: path of the source
 * @source_format: wim, esd, or swm
 * @source_size: its size in bytes
 * @source_sha256: (nullable): its digest, where it was known in time
 * @edition_index: the edition's number in the source
 * @edition: the edition's name
 * @edition_version: the edition's version
 * @architecture: amd64, arm64, or x86
 * @boot_manager: 2011 or 2023
 * @boot_version: (nullable): the boot manager's version, where it says one
 * @boot_signer: (nullable): who signed it; %NULL where its signature was not good
 * @compact: how much Windows was to be compressed
 * @compact_stats: and how much it was
 * @container: (nullable): the format of the virtual disk that Windows is in: “vhd” or “vhdx”
 * @container_path: (nullable): its file, on the last partition
 * @container_size: the virtual disk's size in bytes
 * @drive: the drive's name when it was written
 * @model: (nullable): its model
 * @serial: (nullable): its serial number
 * @computer_name: (nullable): what the Windows on it is called, if Windows does not choose
 * @windows: (nullable): what was chosen for Windows, a JSON object (valise-report-windows.c); not
 *   read back
 * @drive_size: its size in bytes
 * @sector_size: the size of its logical sectors in bytes
 * @size_checked: whether a quick look at the drive's size found no fault; %FALSE where there was
 *   none
 * @disk_guid: (nullable): GPT: the GUID in the partition table
 * @disk_signature: MBR: the signature in the partition table; 0 in a GPT
 * @ntfs_serial: the serial number of the NTFS volume
 * @partitions: (element-type ValiseReportPartition): in the order of the table
 * @write: how long writing took until the last flush, and what was written
 * @verify: how long reading back took, and what was read; no bytes where it was not asked for
 * @curve: (element-type ValiseReportSpan): the speed curve: seconds since the start, bytes so far
 * @verified: whether everything was read back and compared
 * @digests: (element-type ValiseExtentDigest): everything that is on the drive
 * @warnings: (element-type utf8): what differs from the image, in words
 * @notices: (element-type utf8): what to know of the drive, such as which PCs will not start it
 *
 * One drive's record. A plain struct: whoever has it may fill it in.
 */
typedef struct
{
  char *version;
  char *created;
  char *source;
  char *source_format;
  guint64 source_size;
  char *source_sha256;
  guint edition_index;
  char *edition;
  char *edition_version;
  char *architecture;
  guint boot_manager;
  char *boot_version;
  char *boot_signer;
  ValiseCompactMode compact;
  ValiseCompactStats compact_stats;
  char *container;
  char *container_path;
  guint64 container_size;
  char *drive;
  char *model;
  char *serial;
  char *computer_name;
  char *windows;
  guint64 drive_size;
  guint sector_size;
  gboolean size_checked;
  char *disk_guid;
  guint32 disk_signature;
  guint64 ntfs_serial;
  GPtrArray *partitions;
  ValiseReportSpan write;
  ValiseReportSpan verify;
  GArray *curve;
  gboolean verified;
  GArray *digests;
  GPtrArray *warnings;
  GPtrArray *notices;
} ValiseReport;

ValiseReport *valise_report_new (void);
void valise_report_free (ValiseReport *self);
void valise_report_add_partition (
    ValiseReport *self, const char *name, const char *guid, guint64 offset, guint64 size);
const ValiseReportPartition *valise_report_find_partition (const ValiseReport *self,
                                                           guint64 offset);
char *valise_report_to_json (const ValiseReport *self);
ValiseReport *valise_report_from_json (const char *json, gssize size, GError **error);
ValiseReport *valise_report_load (const char *path, GError **error);
gboolean valise_report_save (const ValiseReport *self, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseReport, valise_report_free)

G_END_DECLS
