/* lease-udisks.h: a udisks2 with one drive, which does what a script says.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

typedef enum
{
  LUKS_NONE,
  LUKS_LOCKED,
  LUKS_OPEN,
  LUKS_MOUNTED, /* on /media/secret */
} LuksState;

/**
 * LeaseScript:
 * @device: the drive's node
 * @file: what OpenDevice opens
 * @number: the device number that is told
 * @size: the size that is told
 * @read_only: whether it says so of the drive
 * @is_partition: whether the drive is only a partition
 * @no_drive: whether there is no drive object, as for loop devices
 * @can_power_off: as it says
 * @ejectable: as it says
 * @mounts: where the first partition is mounted
 * @luks: the second partition
 * @swaps: whether the third partition is swapped to
 * @raid: whether the third partition is part of a RAID that runs
 * @fail: (nullable): a method that fails
 * @error: how: the last part of an error's name; “UnknownObject” is D-Bus's own, and with “Silence”
 *   there is no answer, as while somebody looks for a password
 * @times: how often; then it works
 * @remounts: how often an automounter brings an unmounted file system back
 * @race: whether an automounter is faster than the first OpenDevice
 * @remove_at: (nullable): a method in which the drive is pulled out; “look N” for before the
 *   objects are listed the Nth time
 * @replace: whether another drive is there then, under the same name
 * @cancel_at: (nullable): a method in which @cancellable is cancelled
 * @cancellable: (nullable): see @cancel_at
 */
typedef struct
{
  const char *device;
  const char *file;
  guint64 number;
  guint64 size;
  gboolean read_only;
  gboolean is_partition;
  gboolean no_drive;
  gboolean can_power_off;
  gboolean ejectable;
  const char *mounts[4];
  LuksState luks;
  gboolean swaps;
  gboolean raid;

  const char *fail;
  const char *error;
  guint times;
  guint remounts;
  gboolean race;
  const char *remove_at;
  gboolean replace;
  const char *cancel_at;
  GCancellable *cancellable;
} LeaseScript;

typedef struct _LeaseUdisks LeaseUdisks;

LeaseUdisks *lease_udisks_new (const char *bus_address, const LeaseScript *script);
void lease_udisks_mount (LeaseUdisks *self, const char *folder);
char *lease_udisks_dup_calls (LeaseUdisks *self);
void lease_udisks_free (LeaseUdisks *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LeaseUdisks, lease_udisks_free)
