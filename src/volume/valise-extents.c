/* valise-extents.c: what of a staged file system has to be on the drive.
 *
 * File systems are staged on sparse files, but it is not the files' holes that decide what is
 * written: a drive holds old data, and a cluster that the new file system uses must be written even
 * where it is all zero (most of a FAT is, and reads as a hole or not as the scratch folder's file
 * system likes). So the file systems themselves are asked: NTFS by its $Bitmap, FAT by its boot
 * sector and its table. Nothing else is read, however large the file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-extents.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ntfs-3g/types.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/device_io.h>
#include <ntfs-3g/volume.h>

#include "core/valise-buffer.h"
#include "core/valise-bytes.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-layout.h"

#define CHUNK_SIZE VALISE_MIB
#define UNIT 4096

static void
set_system_error (GError **error, const char *path, int error_number)
{
  g_set_error (error, VALISE_SYSTEM_ERROR,
               error_number == ENOSPC ? VALISE_SYSTEM_ERROR_NO_SPACE : VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's path, and what the system said. */
               _ ("The staged file “%s” cannot be used: %s."), path, g_strerror (error_number));
}

/* Appends [start, end), widened to whole units, and joined with the last extent where they touch.
 * Extents come in ascending order. */
static void
append (GArray *extents, guint64 start, guint64 end)
{
  ValiseExtent extent = { VALISE_ROUND_DOWN (start, UNIT), VALISE_ROUND_UP (end, UNIT) };
  ValiseExtent *last =
      extents->len > 0 ? &g_array_index (extents, ValiseExtent, extents->len - 1) : NULL;

  extent.size -= extent.offset;
  if (last != NULL && extent.offset <= last->offset + last->size)
    last->size = MAX (last->size, extent.offset + extent.size - last->offset);
  else
    g_array_append_val (extents, extent);
}

static gboolean
append_bitmap (GArray *extents, ntfs_volume *vol)
{
  g_autofree guint8 *bits = g_malloc (CHUNK_SIZE);
  guint64 cluster = 0;
  guint64 n_clusters = vol->nr_clusters;

  while (cluster < n_clusters)
    {
      gint64 wanted = MIN ((gint64)CHUNK_SIZE, (gint64)(n_clusters - cluster + 7) / 8);

      errno = EIO;
      if (ntfs_attr_pread (vol->lcnbmp_na, cluster / 8, wanted, bits) != wanted)
        return FALSE;

      for (gint64 i = 0; i < wanted; i++, cluster += 8)
        for (guint bit = 0; bits[i] >> bit != 0 && cluster + bit < n_clusters; bit++)
          if (bits[i] >> bit & 1)
            append (extents, (cluster + bit) << vol->cluster_size_bits,
                    (cluster + bit + 1) << vol->cluster_size_bits);
    }
  return TRUE;
}

/**
 * valise_extents_of_ntfs:
 * @path: a file with an NTFS volume; its size is a multiple of 4096 bytes
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Finds every cluster that $Bitmap says is in use, and the last sector, where NTFS keeps a copy of
 * its boot sector behind the last cluster. Blocks. Any thread.
 *
 * Returns: (transfer full) (element-type ValiseExtent) (nullable): the extents, ascending and not
 *   touching each other
 */
GArray *
valise_extents_of_ntfs (const char *path, GError **error)
{
  g_autoptr (GArray) extents = g_array_new (FALSE, FALSE, sizeof (ValiseExtent));
  struct ntfs_device *device = NULL;
  ntfs_volume *vol = NULL;
  struct stat st;
  gboolean ok;
  int error_number;

  if (stat (path, &st) != 0)
    {
      set_system_error (error, path, errno);
      return NULL;
    }

  device = ntfs_device_alloc (path, 0, &ntfs_device_default_io_ops, NULL);
  if (device != NULL)
    {
      vol = ntfs_device_mount (device, NTFS_MNT_RDONLY);
      if (vol == NULL)
        {
          error_number = errno;
          ntfs_device_free (device);
          errno = error_number;
        }
    }
  if (vol == NULL)
    {
      set_system_error (error, path, errno);
      return NULL;
    }

  ok = append_bitmap (extents, vol);
  error_number = errno;
  ntfs_umount (vol, FALSE);
  if (!ok)
    {
      set_system_error (error, path, error_number);
      return NULL;
    }
  append (extents, st.st_size - VALISE_SECTOR_SIZE, st.st_size);
  return g_steal_pointer (&extents);
}

static gboolean
read_at (int fd, const char *path, guint64 offset, void *data, gsize size, GError **error)
{
  gsize done = 0;

  while (done < size)
    {
      gssize n = pread (fd, (guint8 *)data + done, size - done, offset + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          set_system_error (error, path, n < 0 ? errno : EIO);
          return FALSE;
        }
      done += n;
    }
  return TRUE;
}

/**
 * valise_extents_of_fat:
 * @path: a file with a FAT32 file system; its size is a multiple of 4096 bytes
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Finds the boot sectors, the tables, and every cluster that the first table says is not free. The
 * offsets in the boot sector are from Microsoft's FAT specification (1.03, December 2000). Blocks.
 * Any thread.
 *
 * Returns: (transfer full) (element-type ValiseExtent) (nullable): the extents, ascending and not
 *   touching each other
 */
GArray *
valise_extents_of_fat (const char *path, GError **error)
{
  g_autoptr (GArray) extents = g_array_new (FALSE, FALSE, sizeof (ValiseExtent));
  g_autofree guint8 *table = NULL;
  guint8 boot[VALISE_SECTOR_SIZE];
  guint64 sector, cluster, reserved, fat, data, n_clusters;
  struct stat st;
  gboolean ok;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0 || fstat (fd, &st) != 0)
    {
      set_system_error (error, path, errno);
      if (fd >= 0)
        close (fd);
      return NULL;
    }

  if (!read_at (fd, path, 0, boot, sizeof boot, error))
    {
      close (fd);
      return NULL;
    }
  sector = valise_get_le16 (boot + 11);
  cluster = sector * boot[13];
  reserved = sector * valise_get_le16 (boot + 14);
  fat = sector * valise_get_le32 (boot + 36);
  data = reserved + fat * boot[16];
  if (sector < VALISE_SECTOR_SIZE || cluster == 0 || boot[16] == 0 ||
      valise_get_le16 (boot + 22) != 0 || data >= (guint64)st.st_size || fat > VALISE_GIB)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                   _ ("The staged file “%s” holds no FAT32 file system."), path);
      close (fd);
      return NULL;
    }

  table = g_malloc (fat);
  ok = read_at (fd, path, reserved, table, fat, error);
  close (fd);
  if (!ok)
    return NULL;

  append (extents, 0, data);
  n_clusters = MIN ((st.st_size - data) / cluster, fat / 4 > 2 ? fat / 4 - 2 : 0);
  for (guint64 i = 0; i < n_clusters; i++)
    if ((valise_get_le32 (table + 4 * (i + 2)) & 0x0fffffff) != 0)
      append (extents, data + i * cluster, data + (i + 1) * cluster);
  return g_steal_pointer (&extents);
}

/**
 * valise_extents_get_bytes:
 * @extents: (element-type ValiseExtent): extents
 *
 * Any thread.
 *
 * Returns: the sum of their sizes, in bytes
 */
guint64
valise_extents_get_bytes (GArray *extents)
{
  guint64 bytes = 0;

  for (guint i = 0; i < extents->len; i++)
    bytes += g_array_index (extents, ValiseExtent, i).size;
  return bytes;
}

/**
 * valise_extents_foreach:
 * @path: the file
 * @extents: (element-type ValiseExtent): which of its bytes to give to @func
 * @func: (scope call): called for pieces of up to 1 MiB, in the order of @extents
 * @user_data: for @func
 * @error: where to put an error: of %VALISE_SYSTEM_ERROR, or @func's
 *
 * Reads @extents of the file at @path. A piece ends at the latest where a multiple of 1 MiB is, so
 * that a cache of such chunks is filled chunk by chunk. Blocks. Any thread.
 *
 * Returns: whether all was read, and @func never said no
 */
gboolean
valise_extents_foreach (const char *path,
                        GArray *extents,
                        ValiseExtentFunc func,
                        gpointer user_data,
                        GError **error)
{
  g_autoptr (ValiseBuffer) buffer = valise_buffer_new (CHUNK_SIZE);
  gboolean ok = TRUE;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    {
      set_system_error (error, path, errno);
      return FALSE;
    }

  for (guint i = 0; ok && i < extents->len; i++)
    {
      const ValiseExtent *extent = &g_array_index (extents, ValiseExtent, i);
      guint64 end = extent->offset + extent->size;

      for (guint64 at = extent->offset; ok && at < end;)
        {
          gsize size = MIN (end, VALISE_ROUND_DOWN (at, CHUNK_SIZE) + CHUNK_SIZE) - at;

          ok = read_at (fd, path, at, buffer->data, size, error) &&
               func (at, buffer->data, size, user_data, error);
          at += size;
        }
    }
  close (fd);
  return ok;
}
