/* valise-drive-info.h: what a path that is to be written to stands for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseDriveKind:
 * @VALISE_DRIVE_KIND_NONE: there is nothing under that name
 * @VALISE_DRIVE_KIND_FILE: a regular file, which serves as a virtual drive
 * @VALISE_DRIVE_KIND_BLOCK: a block device
 * @VALISE_DRIVE_KIND_OTHER: a folder, a pipe, or whatever else
 */
typedef enum
{
  VALISE_DRIVE_KIND_NONE,
  VALISE_DRIVE_KIND_FILE,
  VALISE_DRIVE_KIND_BLOCK,
  VALISE_DRIVE_KIND_OTHER,
} ValiseDriveKind;

/**
 * ValiseDriveNode:
 * @name: the kernel's name: sda1
 * @number: MAJOR:MINOR
 * @holders: names of what is stacked on it: dm-0, md127
 *
 * A block device: a whole drive, or one of its partitions.
 */
typedef struct
{
  char *name;
  char *number;
  GStrv holders;
} ValiseDriveNode;

/**
 * ValiseDriveInfo:
 * @path: the path that was asked for
 * @kind: what is there
 * @size: bytes; 0 where there is no medium
 * @device: device number of a file's file system
 * @inode: a file's inode number
 * @number: device number of a block device
 * @sequence: the kernel's number for this appearance of a block device; 0 where it has none
 * @is_partition: whether a block device is only a part of a drive
 * @read_only: whether a block device cannot be written
 * @vendor: (nullable): as the drive says
 * @model: (nullable): as the drive says
 * @serial: (nullable): as the drive says
 * @backing_file: (nullable): the file behind a loop device
 * @nodes: (element-type ValiseDriveNode): a block device first, then its partitions; for a file,
 *   the loop devices that are made of it, and their partitions
 *
 * A copy of what the system knew at one moment.
 */
typedef struct
{
  char *path;
  ValiseDriveKind kind;
  guint64 size;
  guint64 device;
  guint64 inode;
  guint64 number;
  guint64 sequence;
  gboolean is_partition;
  gboolean read_only;
  char *vendor;
  char *model;
  char *serial;
  char *backing_file;
  GPtrArray *nodes;
} ValiseDriveInfo;

ValiseDriveInfo *valise_drive_info_read (const char *path, GError **error);
void valise_drive_info_free (ValiseDriveInfo *self);
gboolean valise_drive_info_is_same (const ValiseDriveInfo *a, const ValiseDriveInfo *b);

void valise_drive_info_read_sysfs (
    ValiseDriveInfo *self, const char *sys, guint major, guint minor);
void valise_drive_info_read_loops (ValiseDriveInfo *self, const char *sys);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDriveInfo, valise_drive_info_free)

G_END_DECLS
