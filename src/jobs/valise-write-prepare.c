/* valise-write-prepare.c: all of a write job that can be done before a drive is touched.
 *
 * The source is opened and checked, the drives are laid out, and everything that Valise makes
 * itself is made: the edited hive, the partition tables, the EFI partitions with their BCD stores,
 * the empty volume. What is wrong with the image, this computer or the plan shows here, while the
 * drives still carry what they did.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-job-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "boot/valise-bcd.h"
#include "boot/valise-bios.h"
#include "boot/valise-esp.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "image/valise-apply.h"
#include "valise-drive-needs.h"
#include "valise-image-boot.h"
#include "volume/valise-ntfs-device.h"

/* Less than this beside a virtual disk is told. */
#define LITTLE_ROOM (2 * VALISE_GIB)

/* Windows 11 began with this build; the version number stayed 10.0. */
#define FIRST_BUILD_OF_11 22000

static gboolean
check_system (ValiseWriteJob *self, GError **error)
{
  const char *name = self->edition->name;

  if (!self->edition->is_system)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                 _("“%s” is not a Windows that can be used from a drive, but one that starts "
                   "setup or repair. Choose the image with the name “install”."),
                 name);
  else if (!self->edition->boots_uefi)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                 _("“%s” has no boot files for UEFI. Windows 10 and 11 have them; older or "
                   "stripped images cannot be used."),
                 name);
  else
    return self->options->layout != VALISE_PLAN_LAYOUT_MBR
           || valise_bios_check_bootmgr (self->edition->architecture, self->edition->boots_bios,
                                         self->edition->bootmgr_bytes, error);
  return FALSE;
}

/* Whether the boot manager that was chosen is there, and for the right processor. */
static gboolean
check_boot_manager (ValiseWriteJob *self, GError **error)
{
  self->boot = valise_image_boot_read (self->source, self->edition, self->scratch,
                                       self->cancellable, error);
  return self->boot != NULL
         && valise_boot_files_check (self->boot, self->options->boot_manager,
                                     self->edition->architecture, error);
}

/* Encrypted files come out empty; extended attributes not at all. The user has to know. */
static gboolean
check_contents (ValiseWriteJob *self, GError **error)
{
  const ValiseCheck *check = self->check;

  if (check->n_bad_security > 0)
    {
      /* Translators: %s is a file's path. */
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                   _("“%s” in the image has a security descriptor without an owner or group, with "
                     "which the image cannot be applied. Use another image, or capture this one "
                     "again."),
                   (char *) g_ptr_array_index (check->bad_security_paths, 0));
      return FALSE;
    }
  if (check->n_encrypted > 0 && !self->options->allow_encrypted)
    {
      const char *first = g_ptr_array_index (check->encrypted_paths, 0);

      /* Translators: %s is the path of the first such file. */
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_ENCRYPTED,
                   g_dngettext (GETTEXT_PACKAGE,
                                "The image has %" PRIu64 " encrypted file, which would "
                                "come out empty: “%s”. Use another image, or allow it.",
                                "The image has %" PRIu64 " encrypted files, which would "
                                "come out empty, such as “%s”. Use another image, or allow it.",
                                check->n_encrypted),
                   check->n_encrypted, first);
      return FALSE;
    }
  for (guint i = 0; check->n_encrypted > 0 && i < check->encrypted_paths->len; i++)
    g_ptr_array_add (self->warnings,
                     g_strdup_printf (_("“%s” is encrypted in the image and is empty here."),
                                      (char *) g_ptr_array_index (check->encrypted_paths, i)));
  if (check->n_extended_attributes > 0)
    g_ptr_array_add (
        self->warnings,
        g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                      "Extended attributes of %" PRIu64
                                      " file were left out.",
                                      "Extended attributes of %" PRIu64
                                      " files were left out.",
                                      check->n_extended_attributes),
                         check->n_extended_attributes));
  return TRUE;
}

/* Where it must be one certain source, it is read before anything is done with it. */
static gboolean
check_digest (ValiseWriteJob *self, GError **error)
{
  g_autofree char *name = NULL;

  if (self->expected_sha256 == NULL)
    return TRUE;
  self->sha256 = valise_source_hash (self->source, self->cancellable, error);
  if (self->sha256 == NULL)
    return FALSE;
  if (g_str_equal (self->sha256, self->expected_sha256))
    return TRUE;
  name = g_filename_display_name (self->options->source);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
               _("“%s” is not the image that the other drives of this batch were written from: its "
                 "contents differ. Name that image, or write a new batch."),
               name);
  return FALSE;
}

/* The number of an edition is another one's in another file. */
static gboolean
check_unchanged (ValiseWriteJob *self, GError **error)
{
  g_autofree char *name = NULL;

  if (self->options->source_size == 0
      || (self->options->source_size == valise_source_get_size (self->source)
          && self->options->source_time == valise_source_get_time (self->source)))
    return TRUE;
  name = g_filename_display_name (self->options->source);
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_FAILED,
               _("“%s” was changed after its edition was chosen. Choose it again, and look at its "
                 "editions."),
               name);
  return FALSE;
}

static gboolean
open_source (ValiseWriteJob *self, GError **error)
{
  valise_progress_begin (self->progress, "open", 0);
  if (self->source == NULL)
    self->source = valise_source_open (self->options->source, self->scratch, self->progress,
                                       self->cancellable, error);
  if (self->source == NULL || !check_unchanged (self, error))
    return FALSE;
  self->edition = valise_source_find_edition (self->source, self->options->edition, error);
  if (self->edition == NULL)
    return FALSE;
  self->edition_name = g_strdup (self->edition->name);
  if (!check_system (self, error) || !check_boot_manager (self, error)
      || !check_digest (self, error))
    return FALSE;
  self->check = valise_check_edition (self->source, self->edition, self->cancellable, error);
  return self->check != NULL && check_contents (self, error);
}

/* One stream goes to all drives, and an NTFS volume is another one in other sectors: all have those
 * of the first. */
static gboolean
check_sectors (ValiseWriteJob *self, const ValiseJobDrive *drive, GError **error)
{
  const guint sector_size = valise_target_get_sector_size (drive->target);

  for (guint i = 0; i < self->drives->len; i++)
    {
      const ValiseJobDrive *other = g_ptr_array_index (self->drives, i);

      if (other == drive)
        break;
      if (other->error != NULL || other->layout.sector_size == sector_size)
        continue;
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_SECTOR_SIZE,
                   /* Translators: a drive, and two numbers: 512 and 4096. */
                   _("“%s” has sectors of %u bytes, and other drives of this job have sectors of "
                     "%u bytes. Write it by itself."),
                   valise_target_get_name (drive->target), sector_size, other->layout.sector_size);
      return FALSE;
    }
  return TRUE;
}

static ValiseTableKind
get_table (ValiseWriteJob *self)
{
  return self->options->layout == VALISE_PLAN_LAYOUT_MBR ? VALISE_TABLE_MBR : VALISE_TABLE_GPT;
}

/* What a disk with such sectors is for. A virtual disk has the usual ones. */
static void
get_needs (ValiseWriteJob *self, guint sector_size, ValiseDriveNeeds *needs)
{
  const ValisePlanOptions *options = self->options;

  if (options->container != VALISE_CONTAINER_NONE)
    sector_size = VALISE_SECTOR_SIZE;
  *needs = (ValiseDriveNeeds){
    .bytes = valise_check_get_needed_bytes (self->check, sector_size) + self->file_bytes
             + self->driver_bytes,
    .compact = options->compact,
    .estimate = self->estimate,
    .layout = options->layout,
    .container = options->container,
    .container_size = options->container_size,
  };
}

static gboolean
fits (ValiseWriteJob *self, const ValiseJobDrive *drive)
{
  const guint sector_size = valise_target_get_sector_size (drive->target);
  ValiseDriveNeeds needs;

  get_needs (self, sector_size, &needs);
  return valise_target_get_size (drive->target)
         >= valise_drive_needs_get_drive (&needs, sector_size);
}

/* Estimates how small Windows becomes, where that decides whether a drive can be used: it takes
 * some seconds. An image of which no sample can be taken counts as it is. */
static gboolean
estimate (ValiseWriteJob *self, GError **error)
{
  g_autofree ValiseCompactEstimate *found = NULL;
  g_autoptr (GError) local_error = NULL;
  ValiseWofAlgorithm algorithm;
  gboolean is_needed = self->options->container_size != 0;

  for (guint i = 0; i < self->drives->len; i++)
    is_needed |= !fits (self, g_ptr_array_index (self->drives, i));
  if (!is_needed || !valise_compact_mode_get_algorithm (self->options->compact, &algorithm))
    return TRUE;
  found = g_new0 (ValiseCompactEstimate, 1);
  if (valise_compact_estimate_make (self->source, &self->edition, 1, 1u << algorithm, found,
                                    self->scratch, self->cancellable, &local_error))
    self->estimate = g_steal_pointer (&found);
  else if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  else
    g_debug ("compact: no estimate: %s", local_error->message);
  return TRUE;
}

static gboolean
lay_out_drive (ValiseWriteJob *self, ValiseJobDrive *drive, GError **error)
{
  const guint64 size = valise_target_get_size (drive->target);
  const guint sector_size = valise_target_get_sector_size (drive->target);
  ValiseDriveNeeds needs;

  if (!check_sectors (self, drive, error))
    return FALSE;
  get_needs (self, sector_size, &needs);
  return get_table (self) == VALISE_TABLE_MBR
             ? valise_layout_init_mbr (&drive->layout, size, sector_size,
                                       valise_drive_needs_get_volume (&needs), error)
             : valise_layout_init_gpt (&drive->layout, size, sector_size,
                                       valise_drive_needs_get_volume (&needs), error);
}

/* All drives get the same volume, as large as the smallest of them allows. A drive that is too
 * small is refused alone. */
static gboolean
lay_out (ValiseWriteJob *self, GError **error)
{
  guint64 smallest = G_MAXUINT64;

  for (guint i = 0; i < self->drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);
      GError *refusal = NULL;

      if (lay_out_drive (self, drive, &refusal))
        smallest
            = MIN (smallest, valise_layout_find (&drive->layout, VALISE_PARTITION_OS)->size);
      else
        valise_job_drive_take_error (drive, refusal);
    }
  for (guint i = 0; i < self->drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);

      if (drive->error == NULL)
        valise_layout_limit_os (&drive->layout, smallest);
    }
  valise_job_drives_set_stage (self->drives, "prepare");
  if (valise_job_drives_count_alive (self->drives) > 0)
    return TRUE;
  g_propagate_error (error, valise_job_drives_dup_error (self->drives));
  return FALSE;
}

/* Takes the boot files and hives out of the image, and edits the hives. */
static char *
extract_files (ValiseWriteJob *self, GError **error)
{
  static const char *const paths[] = { VALISE_PATH_BOOT, NULL };
  g_autofree char *folder = valise_scratch_build_path (self->scratch, "image");

  if (g_mkdir_with_parents (folder, 0700) != 0
      && !g_file_test (folder, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                   _("The folder “%s” cannot be made. Check the space and your rights there."),
                   folder);
      return NULL;
    }
  if (!valise_source_extract (self->source, self->edition, paths, folder, self->cancellable, error)
      || !valise_write_job_edit_registry (self, folder, error))
    return NULL;
  return g_build_filename (folder, "Windows", "Boot", NULL);
}

/* How a BCD store names a partition of the drive. */
static gboolean
describe_partition (const ValiseJobDrive *drive,
                    ValisePartitionKind kind,
                    ValiseBcdDevice *device,
                    GError **error)
{
  const ValisePartition *partition = valise_layout_find (&drive->layout, kind);

  memset (device, 0, sizeof *device);
  if (drive->layout.table == VALISE_TABLE_MBR)
    {
      device->kind = VALISE_BCD_DEVICE_MBR;
      device->offset = partition->offset;
      device->signature = drive->table->signature;
      return TRUE;
    }
  device->kind = VALISE_BCD_DEVICE_GPT;
  return valise_guid_parse (drive->table->disk_guid, &device->disk_guid, error)
         && valise_guid_parse (drive->table->partition_guids[partition->index - 1],
                               &device->partition_guid, error);
}

static GBytes *
make_bcd (ValiseWriteJob *self,
          const ValiseJobDrive *drive,
          ValiseFirmware firmware,
          GError **error)
{
  const ValiseEdition *edition = self->edition;
  ValiseBcdDevice boot, os;
  ValiseBcdOptions options = {
    .firmware = firmware,
    .description = edition->build >= FIRST_BUILD_OF_11 ? "Windows 11" : "Windows 10",
    .locale = *edition->default_language != '\0' ? edition->default_language : "en-US",
    .boot_device = &boot,
    .os_device = &os,
  };

  if (!describe_partition (drive, VALISE_PARTITION_ESP, &boot, error)
      || !describe_partition (drive, VALISE_PARTITION_OS, &os, error))
    return NULL;
  if (self->options->container != VALISE_CONTAINER_NONE)
    {
      os.parent = os.kind;
      os.kind = VALISE_BCD_DEVICE_VHD_LOCATE;
      os.path = (char *) valise_container_kind_get_path (self->options->container);
    }
  valise_guid_random (&options.loader_guid);
  valise_guid_random (&options.resume_guid);
  return valise_bcd_build (&options, self->scratch, error);
}

static ValiseStagedTable *
make_mbr (const ValiseJobDrive *drive, GError **error)
{
  ValiseBootCode code;

  return valise_bios_get_boot_code (&code, error)
             ? valise_staging_make_mbr (&drive->layout, &code, error)
             : NULL;
}

/* Partition table and EFI partition of one drive. */
static gboolean
stage_drive (ValiseWriteJob *self, guint i, const char *boot_folder, GError **error)
{
  ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);
  g_autofree char *table_name = g_strdup_printf ("table-%u.img", i);
  g_autofree char *esp_name = g_strdup_printf ("esp-%u.img", i);
  g_autoptr (GBytes) bcd = NULL;
  g_autoptr (GBytes) bios_bcd = NULL;
  const gboolean for_bios = drive->layout.table == VALISE_TABLE_MBR;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  drive->table = for_bios ? make_mbr (drive, error)
                          : valise_staging_make_table (self->scratch, table_name, &drive->layout,
                                                       error);
  if (drive->table == NULL)
    return FALSE;
  drive->esp_path = valise_staging_make_esp (
      self->scratch, esp_name, valise_layout_find (&drive->layout, VALISE_PARTITION_ESP), error);
  if (drive->esp_path == NULL)
    return FALSE;
  bcd = make_bcd (self, drive, VALISE_FIRMWARE_UEFI, error);
  if (bcd != NULL && for_bios)
    bios_bcd = make_bcd (self, drive, VALISE_FIRMWARE_BIOS, error);
  return bcd != NULL && (!for_bios || bios_bcd != NULL)
         && valise_esp_compose (
             drive->esp_path, boot_folder, self->edition->architecture,
             valise_boot_files_get_folder (self->boot, self->options->boot_manager), bcd,
             bios_bcd, self->scratch, self->cancellable, error);
}

/* Puts the virtual disk's file onto the empty volume. */
static gboolean
stage_container (ValiseWriteJob *self, GError **error)
{
  const ValisePlanOptions *options = self->options;
  ValiseDriveNeeds needs;

  if (options->container == VALISE_CONTAINER_NONE)
    return TRUE;
  get_needs (self, VALISE_SECTOR_SIZE, &needs);
  self->container = valise_job_container_stage (
      self->scratch, self->ntfs_path, options->container, options->container_size,
      get_table (self), valise_drive_needs_get_inside (&needs), error);
  if (self->container == NULL)
    return FALSE;
  if (self->container->left < LITTLE_ROOM)
    {
      g_autofree char *left
          = g_format_size_full (self->container->left, G_FORMAT_SIZE_IEC_UNITS);

      /* Translators: %s is a size such as “1.0 GiB”. */
      g_ptr_array_add (self->warnings,
                       g_strdup_printf (_("Only %s are left beside the virtual disk, where Windows "
                                          "keeps its page file."),
                                        left));
    }
  return TRUE;
}

static gboolean
stage (ValiseWriteJob *self, GError **error)
{
  const ValisePartition *os = NULL;
  g_autofree char *boot_folder = extract_files (self, error);

  if (boot_folder == NULL)
    return FALSE;
  for (guint i = 0; i < self->drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);

      if (drive->error != NULL)
        continue;
      if (!stage_drive (self, i, boot_folder, error))
        return FALSE;
      if (os == NULL)
        {
          os = valise_layout_find (&drive->layout, VALISE_PARTITION_OS);
          self->ntfs_path = valise_staging_make_ntfs (self->scratch, "windows.img", os, NULL,
                                                      &self->ntfs_serial, error);
          if (self->ntfs_path == NULL || !stage_container (self, error))
            return FALSE;
          drive->ntfs_serial = self->ntfs_serial;
        }
      else
        {
          drive->own_ntfs_serial = TRUE;
          drive->ntfs_serial = ((guint64) g_random_int () << 32) | g_random_int ();
        }
    }
  return TRUE;
}

/**
 * valise_write_job_prepare:
 * @self: a job
 * @error: where to put an error
 *
 * Does everything that can be done without touching a drive. Only in the job's thread; blocks.
 *
 * Returns: whether at least one drive can be written
 */
gboolean
valise_write_job_prepare (ValiseWriteJob *self, GError **error)
{
  if (!valise_ntfs_check_interposed (valise_source_probe_ntfs, error))
    return FALSE;
  if (self->scratch == NULL)
    self->scratch = valise_scratch_new (error);
  if (self->scratch == NULL || !open_source (self, error))
    return FALSE;
  valise_progress_begin (self->progress, "prepare", 0);
  return valise_write_job_prepare_drivers (self, error)
         && valise_write_job_prepare_files (self, error) && estimate (self, error)
         && lay_out (self, error)
         && valise_write_job_prepare_answers (self, error) && stage (self, error);
}
