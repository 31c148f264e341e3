/* valise-drive-contents.c: what would be lost with a drive.
 *
 * libblkid looks at the drive itself, not at the kernel's partitions: so files can be looked at in
 * the same way, and tables that the kernel has not read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-contents.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

/* libblkid counts in these, whatever the drive's sectors are. */
#define BLKID_SECTOR 512

/* What a GPT may be counted in. */
static const guint sector_sizes[] = { 512, 4096 };

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (blkid_probe, blkid_free_probe, NULL)

static void
content_free (ValiseDriveContent *content)
{
  g_free (content->type);
  g_free (content->label);
  g_free (content);
}

/**
 * valise_drive_contents_free:
 * @self: (transfer full): contents
 */
void
valise_drive_contents_free (ValiseDriveContents *self)
{
  g_free (self->table);
  g_ptr_array_unref (self->parts);
  g_free (self);
}

/**
 * valise_drive_contents_new:
 * @table: (nullable): the partition table's kind
 *
 * For what was found out in another way than by valise_drive_contents_read().
 *
 * Returns: (transfer full): readable contents without any part
 */
ValiseDriveContents *
valise_drive_contents_new (const char *table)
{
  ValiseDriveContents *self = g_new0 (ValiseDriveContents, 1);

  self->readable = TRUE;
  self->table = g_strdup (table);
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) content_free);
  return self;
}

/**
 * valise_drive_contents_add:
 * @self: contents
 * @number: a partition's number, or 0 for the whole drive
 * @size: its size in bytes
 * @type: (nullable): its file system
 * @label: (nullable): the file system's label
 */
void
valise_drive_contents_add (ValiseDriveContents *self,
                           guint number,
                           guint64 size,
                           const char *type,
                           const char *label)
{
  ValiseDriveContent *content = g_new0 (ValiseDriveContent, 1);

  content->number = number;
  content->size = size;
  content->type = g_strdup (type);
  content->label = g_strdup (label);
  g_ptr_array_add (self->parts, content);
}

static char *
dup_value (blkid_probe probe, const char *name)
{
  const char *text = NULL;

  if (blkid_probe_lookup_value (probe, name, &text, NULL) != 0 || text == NULL || *text == '\0')
    return NULL;
  return g_utf8_make_valid (text, -1);
}

/* The file system in one stretch of the drive. */
static ValiseDriveContent *
look_at (int fd, guint number, guint64 offset, guint64 size)
{
  g_auto (blkid_probe) probe = blkid_new_probe ();
  ValiseDriveContent *content = g_new0 (ValiseDriveContent, 1);

  content->number = number;
  content->size = size;
  if (probe == NULL || blkid_probe_set_device (probe, fd, offset, size) != 0)
    return content;
  blkid_probe_enable_superblocks (probe, TRUE);
  blkid_probe_set_superblocks_flags (probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL);
  if (blkid_do_safeprobe (probe) == 0)
    {
      content->type = dup_value (probe, "TYPE");
      content->label = dup_value (probe, "LABEL");
    }
  return content;
}

/* Looks in the drive's own sectors first, then in all others: a table that was written in another
 * enclosure, or to a file, may be counted in others. */
static blkid_parttable
find_table (blkid_probe probe, blkid_partlist *list)
{
  blkid_parttable table = NULL;

  for (guint i = 0; i <= G_N_ELEMENTS (sector_sizes) && table == NULL; i++)
    {
      if (i > 0 && blkid_probe_set_sectorsize (probe, sector_sizes[i - 1]) != 0)
        continue;
      *list = blkid_probe_get_partitions (probe);
      table = *list != NULL ? blkid_partlist_get_table (*list) : NULL;
    }
  return table;
}

/**
 * valise_drive_contents_read:
 * @path: path of a drive or file
 *
 * Opens it for reading only. What cannot be found out is left out. Any thread; blocks.
 *
 * Returns: (transfer full): what is on it
 */
ValiseDriveContents *
valise_drive_contents_read (const char *path)
{
  ValiseDriveContents *self = g_new0 (ValiseDriveContents, 1);
  g_auto (blkid_probe) probe = blkid_new_probe ();
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  blkid_partlist list = NULL;
  blkid_parttable table;

  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) content_free);
  if (fd < 0)
    return self;
  if (probe == NULL || blkid_probe_set_device (probe, fd, 0, 0) != 0)
    {
      close (fd);
      return self;
    }
  self->readable = TRUE;
  blkid_probe_enable_superblocks (probe, FALSE);
  blkid_probe_enable_partitions (probe, TRUE);
  table = find_table (probe, &list);
  if (table != NULL)
    {
      int n = blkid_partlist_numof_partitions (list);

      self->table = g_strdup (blkid_parttable_get_type (table));
      for (int i = 0; i < n; i++)
        {
          blkid_partition part = blkid_partlist_get_partition (list, i);

          /* An extended partition is only a frame around others. */
          if (blkid_partition_is_extended (part))
            continue;
          g_ptr_array_add (self->parts,
                           look_at (fd, blkid_partition_get_partno (part),
                                    (guint64) blkid_partition_get_start (part) * BLKID_SECTOR,
                                    (guint64) blkid_partition_get_size (part) * BLKID_SECTOR));
        }
    }
  else
    {
      ValiseDriveContent *whole = look_at (fd, 0, 0, blkid_probe_get_size (probe));

      if (whole->type != NULL)
        g_ptr_array_add (self->parts, whole);
      else
        content_free (whole);
    }
  close (fd);
  return self;
}
