/* valise-write-report.c: the record of a finished drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-config.h"

#include "valise-write-job-private.h"

#include "core/valise-units.h"
#include "devices/valise-removable-bit.h"
#include "engine/valise-verifier.h"
#include "valise-warnings.h"

/* Larger extents make shorter reports, smaller ones say more exactly where a drive differs. */
#define EXTENT_SIZE (16 * VALISE_MIB)

static void
add_partitions (ValiseReport *report, const ValiseJobDrive *drive)
{
  for (guint i = 0; i < drive->layout.n_partitions; i++)
    {
      const ValisePartition *partition = &drive->layout.partitions[i];

      valise_report_add_partition (report, partition->name, drive->table->partition_guids[i],
                                   partition->offset, partition->size);
    }
}

static void
add_curve (ValiseReport *report, const ValiseSpeedCurve *curve)
{
  for (guint i = 0; i < curve->n_points; i++)
    {
      const ValiseSpeedPoint *point = &curve->points[i];
      ValiseReportSpan span = { point->time / (double) G_USEC_PER_SEC, point->bytes };

      g_array_append_val (report->curve, span);
    }
}

/* Which boot manager is on the drive, and what that means. An image may have only the one of 2023,
 * in the place of the usual one. */
static void
add_boot_manager (ValiseWriteJob *self, const ValiseJobDrive *drive, ValiseReport *report)
{
  const ValiseBootFile *file = valise_boot_files_choose (self->boot, self->options->boot_manager);
  const ValiseWarningFacts facts = {
    .edition = self->edition,
    .boot = self->boot,
    .boot_manager = self->options->boot_manager,
    .drive = valise_removable_bit_is_set (valise_target_get_name (drive->target))
                 ? VALISE_WARNING_DRIVE_REMOVABLE
                 : VALISE_WARNING_DRIVE_FIXED,
    .is_vhd = self->options->container != VALISE_CONTAINER_NONE,
  };
  g_autoptr (GPtrArray) warnings = valise_warnings_find (&facts);

  report->boot_manager = file->signature.ca == VALISE_SIGNING_CA_2023
                                 || self->options->boot_manager == VALISE_BOOT_MANAGER_2023
                             ? 2023
                             : 2011;
  report->boot_version = g_strdup (file->version);
  report->boot_signer = g_strdup (file->signature.issuer);
  for (guint i = 0; i < warnings->len; i++)
    g_ptr_array_add (report->notices, g_strdup (((ValiseWarning *) warnings->pdata[i])->text));
}

/**
 * valise_write_job_make_report:
 * @self: a job
 * @drive: a drive of it that is finished
 * @sha256: (nullable): the source's digest, where it is known
 *
 * Only in the job's thread.
 *
 * Returns: (transfer full): the drive's record
 */
ValiseReport *
valise_write_job_make_report (ValiseWriteJob *self, const ValiseJobDrive *drive, const char *sha256)
{
  ValiseReport *report = valise_report_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  report->version = g_strdup (VALISE_VERSION);
  report->created = g_date_time_format_iso8601 (now);
  report->source = g_strdup (valise_source_get_path (self->source));
  report->source_format = g_strdup (valise_source_get_format (self->source));
  report->source_size = valise_source_get_size (self->source);
  report->source_sha256 = g_strdup (sha256);
  report->edition_index = self->edition->index;
  report->edition = g_strdup (self->edition->name);
  report->edition_version = g_strdup (self->edition->version);
  report->architecture = g_strdup (self->edition->architecture);
  add_boot_manager (self, drive, report);
  report->compact = self->options->compact;
  report->compact_stats = self->compact_stats;
  if (self->container != NULL)
    {
      const ValiseContainerKind kind = self->container->file.kind;

      report->container = g_strdup (valise_container_kind_get_name (kind));
      report->container_path = g_strdup (valise_container_kind_get_path (kind));
      report->container_size = self->container->file.disk_size;
    }
  report->drive = g_strdup (valise_target_get_name (drive->target));
  report->model = g_strdup (drive->model);
  report->serial = g_strdup (drive->serial);
  report->computer_name = g_strdup (drive->computer_name);
  report->windows = g_strdup (self->windows);
  report->drive_size = drive->layout.drive_size;
  report->sector_size = drive->layout.sector_size;
  report->size_checked = drive->size_checked;
  report->disk_guid = g_strdup (drive->table->disk_guid);
  report->disk_signature = drive->table->signature;
  report->ntfs_serial = drive->ntfs_serial;
  add_partitions (report, drive);
  report->write = drive->write;
  report->verify = drive->verify;
  report->verified = self->options->verify;
  add_curve (report, &drive->curve);
  g_clear_pointer (&report->digests, g_array_unref);
  report->digests = valise_extent_digests_from_map (drive->digests, EXTENT_SIZE);
  for (guint i = 0; i < self->warnings->len; i++)
    g_ptr_array_add (report->warnings, g_strdup (self->warnings->pdata[i]));
  return report;
}
