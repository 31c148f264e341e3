/* valise-drive-contents.h: what would be lost with a drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseDriveContent:
 * @number: a partition's number, or 0 for the whole drive
 * @size: its size in bytes
 * @type: (nullable): its file system, as libblkid calls it: vfat, ntfs, crypto_LUKS
 * @label: (nullable): the file system's label
 */
typedef struct
{
  guint number;
  guint64 size;
  char *type;
  char *label;
} ValiseDriveContent;

/**
 * ValiseDriveContents:
 * @readable: whether anything could be found out at all
 * @table: (nullable): the partition table's kind: gpt, dos
 * @parts: (element-type ValiseDriveContent): its partitions; without a table, the file system
 *   that fills the drive, if there is one
 */
typedef struct
{
  gboolean readable;
  char *table;
  GPtrArray *parts;
} ValiseDriveContents;

ValiseDriveContents *valise_drive_contents_new (const char *table);
void valise_drive_contents_add (ValiseDriveContents *self,
                                guint number,
                                guint64 size,
                                const char *type,
                                const char *label);
ValiseDriveContents *valise_drive_contents_read (const char *path);
void valise_drive_contents_free (ValiseDriveContents *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDriveContents, valise_drive_contents_free)

G_END_DECLS
