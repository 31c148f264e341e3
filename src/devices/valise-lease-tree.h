/* valise-lease-tree.h: a drive and what is on it, as udisks2 has it at one moment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseLeasePart:
 * @object: path of udisks2's object
 * @device: its node below /dev
 * @mounts: where it is mounted
 * @backing: (nullable): object path of the encrypted device that this is the open form of
 * @swaps: whether the system swaps to it
 * @in_raid: whether it is part of a RAID that runs
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
} ValiseLeasePart;

/**
 * ValiseLeaseTree:
 * @drive: (nullable): object path of the drive; loop devices have none
 * @number: the device's number
 * @size: bytes; 0 where there is no medium
 * @read_only: whether it cannot be written
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
  gboolean is_partition;
  gboolean can_power_off;
  gboolean ejectable;
  GPtrArray *parts;
} ValiseLeaseTree;

ValiseLeaseTree *valise_lease_tree_new (GVariant *objects, const char *device, guint64 number);
void valise_lease_tree_free (ValiseLeaseTree *self);

const ValiseLeasePart *valise_lease_tree_get_whole (const ValiseLeaseTree *self);
GStrv valise_lease_tree_dup_mounts (const ValiseLeaseTree *self);
GStrv valise_lease_tree_dup_unlocked (const ValiseLeaseTree *self, gboolean kernel_names);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLeaseTree, valise_lease_tree_free)

G_END_DECLS
