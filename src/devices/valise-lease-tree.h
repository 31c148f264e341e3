/* valise-lease-tree.h: a drive and what is on it, as udisks2 has it at one moment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "valise-drive-contents.h"

G_BEGIN_DECLS

/**
 * ValiseLeasePart:
 * @object: path of udisks2's object
 * @device: its node below /dev
 * @mounts: where it is mounted
 * @backing: (nullable): object path of the encrypted device that this is the open form of
 * @swaps: whether the system swaps to it
 * @in_raid: whether it is part of a RAID that runs
 * @number: a partition's number; 0 for what is none
 * @is_container: whether it is an extended partition, only a frame around others
 * @size: bytes
 * @type: (nullable): what is on it: vfat, crypto_LUKS
 * @label: (nullable): the file system's label
 *
 * The drive itself, a partition of it, or the open form of an encrypted one.
 */
typedef struct
{
  char *object;
  char *device;
  GStrv mounts;
  char *backing;
  gboolean swaps;
  gboolean in_raid;
  guint number;
  gboolean is_container;
  guint64 size;
  char *type;
  char *label;
} ValiseLeasePart;

/**
 * ValiseLeaseTree:
 * @drive: (nullable): object path of the drive; loop devices have none
 * @number: the device's number
 * @size: bytes; 0 where there is no medium
 * @read_only: whether it cannot be written
 * @table: (nullable): the kind of its partition table
 * @is_partition: whether it is only part of a drive
 * @can_power_off: whether the drive can be switched off
 * @ejectable: whether its medium can be ejected
 * @parts: (element-type ValiseLeasePart): the device first, then what is on it; what lies on
 *   another comes behind it
 */
typedef struct
{
  char *drive;
  guint64 number;
  guint64 size;
  gboolean read_only;
  char *table;
  gboolean is_partition;
  gboolean can_power_off;
  gboolean ejectable;
  GPtrArray *parts;
} ValiseLeaseTree;

ValiseLeaseTree *valise_lease_tree_find (GVariant *objects, const char *device);
void valise_lease_tree_free (ValiseLeaseTree *self);

const ValiseLeasePart *valise_lease_tree_get_whole (const ValiseLeaseTree *self);
GStrv valise_lease_tree_dup_mounts (const ValiseLeaseTree *self);
GStrv valise_lease_tree_dup_unlocked (const ValiseLeaseTree *self, gboolean kernel_names);
ValiseDriveContents *valise_lease_tree_dup_contents (const ValiseLeaseTree *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLeaseTree, valise_lease_tree_free)

G_END_DECLS
