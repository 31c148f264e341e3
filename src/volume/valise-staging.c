/* valise-staging.c: a drive's partition table and empty file systems, made on sparse files.
 *
 * libfdisk and libblockdev make them; here they are made to measure, read back and checked against
 * the layout. What comes out is bytes and files: writing them to a drive is not done here, and what
 * of a file has to be written is for valise-extents.c to say.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-staging.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-blockdev.h"
#include "valise-fdisk.h"

static void
set_system_error (GError **error, const char *path, int error_number)
{
  g_set_error (error, VALISE_SYSTEM_ERROR,
               error_number == ENOSPC ? VALISE_SYSTEM_ERROR_NO_SPACE : VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's path, and what the system said. */
               _ ("The temporary file “%s” cannot be made or used: %s. The folder for temporary "
                  "files must be on a file system that knows large sparse files."),
               path, g_strerror (error_number));
}

/* Makes an empty sparse file of @size bytes in the scratch folder. */
static char *
make_file (ValiseScratch *scratch, const char *name, guint64 size, GError **error)
{
  g_autofree char *path = valise_scratch_build_path (scratch, name);
  int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (fd < 0 || ftruncate (fd, size) != 0)
    {
      set_system_error (error, path, errno);
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  close (fd);
  return g_steal_pointer (&path);
}

static GBytes *
read_bytes (int fd, const char *path, guint64 offset, gsize size, GError **error)
{
  g_autofree guint8 *data = g_malloc (size);
  gsize done = 0;

  while (done < size)
    {
      gssize n = pread (fd, data + done, size - done, offset + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          set_system_error (error, path, n < 0 ? errno : EIO);
          return NULL;
        }
      done += n;
    }
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

static gboolean
partition_fits (blkid_partition found, const ValisePartition *wanted)
{
  return blkid_partition_get_partno (found) == (int)wanted->index &&
         (guint64)blkid_partition_get_start (found) * 512 == wanted->offset &&
         (guint64)blkid_partition_get_size (found) * 512 == wanted->size &&
         g_strcmp0 (blkid_partition_get_name (found), wanted->name) == 0 &&
         blkid_partition_get_type_string (found) != NULL &&
         g_ascii_strcasecmp (blkid_partition_get_type_string (found), wanted->type_guid) == 0 &&
         blkid_partition_get_uuid (found) != NULL;
}

/* Fills in the GUIDs, if what libblkid sees is what the layout says. */
static gboolean
take_guids (ValiseStagedTable *self, blkid_probe probe, const ValiseLayout *layout)
{
  blkid_partlist list = blkid_probe_get_partitions (probe);
  blkid_parttable table = list != NULL ? blkid_partlist_get_table (list) : NULL;

  if (table == NULL || g_strcmp0 (blkid_parttable_get_type (table), "gpt") != 0 ||
      blkid_parttable_get_id (table) == NULL ||
      blkid_partlist_numof_partitions (list) != (int)layout->n_partitions)
    return FALSE;

  self->disk_guid = g_ascii_strdown (blkid_parttable_get_id (table), -1);
  for (guint i = 0; i < layout->n_partitions; i++)
    {
      blkid_partition found = blkid_partlist_get_partition (list, i);

      if (found == NULL || !partition_fits (found, &layout->partitions[i]))
        return FALSE;
      self->partition_guids[i] = g_ascii_strdown (blkid_partition_get_uuid (found), -1);
    }
  return TRUE;
}

static gboolean
read_table (ValiseStagedTable *self,
            int fd,
            const char *path,
            const ValiseLayout *layout,
            GError **error)
{
  blkid_probe probe = blkid_new_probe ();
  gboolean ok = probe != NULL && blkid_probe_set_device (probe, fd, 0, 0) == 0 &&
                blkid_probe_set_sectorsize (probe, layout->sector_size) == 0 &&
                blkid_probe_enable_superblocks (probe, FALSE) == 0 &&
                blkid_probe_enable_partitions (probe, TRUE) == 0 &&
                take_guids (self, probe, layout);

  if (probe != NULL)
    blkid_free_probe (probe);
  if (!ok)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                   _ ("The partition table that libfdisk made in “%s” is not the one that was "
                      "asked for. Please report this."),
                   path);
      return FALSE;
    }

  self->backup_offset = valise_layout_get_backup_offset (layout);
  self->primary = read_bytes (fd, path, 0, valise_layout_get_primary_size (layout), error);
  if (self->primary == NULL)
    return FALSE;
  self->backup =
      read_bytes (fd, path, self->backup_offset, layout->drive_size - self->backup_offset, error);
  return self->backup != NULL;
}

/**
 * valise_staging_make_table:
 * @scratch: where to make the file; it is removed before this returns
 * @name: the file's name, unlike that of any other
 * @layout: the drive's partitions
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Makes the partition table of one drive, with random GUIDs. Blocks. Any thread.
 *
 * Returns: (transfer full) (nullable): the table, checked against @layout with libblkid
 */
ValiseStagedTable *
valise_staging_make_table (ValiseScratch *scratch,
                           const char *name,
                           const ValiseLayout *layout,
                           GError **error)
{
  g_autoptr (ValiseStagedTable) self = g_new0 (ValiseStagedTable, 1);
  g_autofree char *path = make_file (scratch, name, layout->drive_size, error);
  gboolean ok;
  int fd;

  if (path == NULL)
    return NULL;

  ok = valise_fdisk_make_table (path, layout, error);
  if (ok)
    {
      fd = open (path, O_RDONLY | O_CLOEXEC);
      if (fd < 0)
        set_system_error (error, path, errno);
      ok = fd >= 0 && read_table (self, fd, path, layout, error);
      if (fd >= 0)
        close (fd);
    }
  unlink (path);
  return ok ? g_steal_pointer (&self) : NULL;
}

/**
 * valise_staged_table_free:
 * @self: a table
 *
 * Frees @self.
 */
void
valise_staged_table_free (ValiseStagedTable *self)
{
  g_free (self->disk_guid);
  for (guint i = 0; i < VALISE_LAYOUT_MAX_PARTITIONS; i++)
    g_free (self->partition_guids[i]);
  g_clear_pointer (&self->primary, g_bytes_unref);
  g_clear_pointer (&self->backup, g_bytes_unref);
  g_free (self);
}

/* Serial numbers come from the kernel: they must differ on drives that are made in one second. */
static gboolean
get_random (void *data, gsize size, GError **error)
{
  if (getrandom (data, size, 0) == (gssize)size)
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               _ ("The system gives no random numbers: %s."), g_strerror (errno));
  return FALSE;
}

/**
 * valise_staging_make_esp:
 * @scratch: where to make the file
 * @name: the file's name, unlike that of any other
 * @partition: the EFI system partition
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Makes an empty FAT32 file system in clusters of 1 KiB or of a sector, without a label, with
 * a random serial number. Blocks. Any thread.
 *
 * Returns: (transfer full) (nullable) (type filename): the file's path; it is as long as @partition
 */
char *
valise_staging_make_esp (ValiseScratch *scratch,
                         const char *name,
                         const ValisePartition *partition,
                         GError **error)
{
  g_autofree char *path = NULL;
  guint32 volume_id;

  if (!get_random (&volume_id, sizeof volume_id, error))
    return NULL;
  path = make_file (scratch, name, partition->size, error);
  if (path == NULL ||
      !valise_blockdev_make_fat32 (path, partition->sector_size,
                                   MAX (VALISE_ESP_CLUSTER_SIZE, partition->sector_size),
                                   partition->offset / partition->sector_size, volume_id, error))
    return NULL;
  return g_steal_pointer (&path);
}

/* Writes @serial into the boot sector and its copy in the partition's last sector. */
static gboolean
set_serial (const char *path, const ValisePartition *partition, guint64 serial, GError **error)
{
  guint64 little = GUINT64_TO_LE (serial);
  const guint64 boot_sectors[] = { 0, partition->size - partition->sector_size };
  int fd = open (path, O_RDWR | O_CLOEXEC);
  gboolean ok = fd >= 0;

  if (!ok)
    set_system_error (error, path, errno);
  for (gsize i = 0; ok && i < G_N_ELEMENTS (boot_sectors); i++)
    {
      g_autoptr (GBytes) oem = read_bytes (fd, path, boot_sectors[i] + 3, 8, error);

      if (oem == NULL)
        {
          ok = FALSE;
        }
      else if (memcmp (g_bytes_get_data (oem, NULL), "NTFS    ", 8) != 0)
        {
          ok = FALSE;
          g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                       _ ("mkntfs did not make the volume in “%s” as expected. Please report "
                          "this."),
                       path);
        }
      else if (pwrite (fd, &little, sizeof little, boot_sectors[i] + VALISE_NTFS_SERIAL_OFFSET) !=
               sizeof little)
        {
          ok = FALSE;
          set_system_error (error, path, errno);
        }
    }
  if (fd >= 0)
    close (fd);
  return ok;
}

/**
 * valise_staging_make_ntfs:
 * @scratch: where to make the file
 * @name: the file's name, unlike that of any other
 * @partition: the partition of Windows
 * @label: (nullable): the volume's label
 * @serial: (out) (optional): where to put the volume's serial number
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Makes an empty NTFS volume in clusters of 4 KiB, with a random serial number. Its log is the
 * largest part: 64 MiB from 16 GiB on. Blocks. Any thread.
 *
 * Returns: (transfer full) (nullable) (type filename): the file's path; it is as long as @partition
 */
char *
valise_staging_make_ntfs (ValiseScratch *scratch,
                          const char *name,
                          const ValisePartition *partition,
                          const char *label,
                          guint64 *serial,
                          GError **error)
{
  g_autofree char *path = NULL;
  guint64 number;

  if (!get_random (&number, sizeof number, error))
    return NULL;
  path = make_file (scratch, name, partition->size, error);
  if (path == NULL ||
      !valise_blockdev_make_ntfs (path, partition->sector_size, VALISE_NTFS_CLUSTER_SIZE,
                                  partition->offset / partition->sector_size, label, error) ||
      !set_serial (path, partition, number, error))
    return NULL;
  if (serial != NULL)
    *serial = number;
  return g_steal_pointer (&path);
}
