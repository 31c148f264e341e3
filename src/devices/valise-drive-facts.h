/* valise-drive-facts.h: what is known of one drive at one moment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_DRIVE_UNKNOWN:
 *
 * Stands for a number of bytes that could not be found out.
 */
#define VALISE_DRIVE_UNKNOWN G_MAXUINT64

/**
 * ValiseDriveUse:
 * @VALISE_DRIVE_USE_NONE: nobody uses it
 * @VALISE_DRIVE_USE_MOUNTED: a file system that is mounted
 * @VALISE_DRIVE_USE_SWAP: the system swaps to it
 * @VALISE_DRIVE_USE_UNLOCKED: encrypted, and open
 * @VALISE_DRIVE_USE_RAID: part of a RAID that runs
 * @VALISE_DRIVE_USE_LVM: part of a volume group that is active
 * @VALISE_DRIVE_USE_LOOP: a loop device is made of it
 * @VALISE_DRIVE_USE_OTHER: something else is stacked on it
 *
 * What the running system does with a part of a drive.
 */
typedef enum
{
  VALISE_DRIVE_USE_NONE,
  VALISE_DRIVE_USE_MOUNTED,
  VALISE_DRIVE_USE_SWAP,
  VALISE_DRIVE_USE_UNLOCKED,
  VALISE_DRIVE_USE_RAID,
  VALISE_DRIVE_USE_LVM,
  VALISE_DRIVE_USE_LOOP,
  VALISE_DRIVE_USE_OTHER,
} ValiseDriveUse;

/**
 * ValiseDrivePart:
 * @number: the partition's number; 0 where it fills the drive
 * @device: its node below /dev
 * @size: its size in bytes
 * @type: (nullable): what is in it, as libblkid calls it: `vfat`, `ntfs`, `crypto_LUKS`
 * @label: (nullable): the file system's label
 * @mounts: where it is mounted
 * @used: bytes of its files where it is mounted, else %VALISE_DRIVE_UNKNOWN
 * @stacked: whether it is the open form of an encrypted part
 * @use: what the system does with it
 *
 * A partition, what fills a drive without a partition table, or what is in an encrypted one.
 */
typedef struct
{
  guint number;
  char *device;
  guint64 size;
  char *type;
  char *label;
  GStrv mounts;
  guint64 used;
  gboolean stacked;
  ValiseDriveUse use;
} ValiseDrivePart;

/**
 * ValiseDriveFacts:
 * @id: who it is, wherever it is plugged in; see valise_drive_facts_set_id()
 * @id_lasts: whether the id is the same when the drive is plugged in again
 * @device: its node below /dev, as long as it is plugged in
 * @symlinks: further names of the node
 * @number: its device number
 * @appearance: different each time that a drive is plugged in
 * @sort_key: where it belongs in a list
 * @vendor: (nullable): as the drive says
 * @model: (nullable): as the drive says
 * @serial: (nullable): as the drive says
 * @wwn: (nullable): its World Wide Name
 * @size: bytes; 0 where there is no medium
 * @bus: (nullable): `usb`, `ata`, `nvme`, `sdio` …
 * @speed: what its bus carries, in bits per second; 0 where that is not known
 * @removable: whether people plug it in and pull it out
 * @ejectable: whether its medium can be ejected
 * @can_power_off: whether it can be switched off
 * @optical: whether its medium is a disc
 * @has_medium: whether there is a medium
 * @read_only: whether it cannot be written
 * @table: (nullable): the kind of its partition table: `gpt`, `dos`
 * @parts: (element-type ValiseDrivePart): what is on it
 * @refusal: (nullable): why it is never erased
 *
 * A plain record.
 */
typedef struct
{
  char *id;
  gboolean id_lasts;
  char *device;
  GStrv symlinks;
  guint64 number;
  guint64 appearance;
  char *sort_key;
  char *vendor;
  char *model;
  char *serial;
  char *wwn;
  guint64 size;
  char *bus;
  guint64 speed;
  gboolean removable;
  gboolean ejectable;
  gboolean can_power_off;
  gboolean optical;
  gboolean has_medium;
  gboolean read_only;
  char *table;
  GPtrArray *parts;
  GError *refusal;
} ValiseDriveFacts;

ValiseDriveFacts *valise_drive_facts_new (void);
void valise_drive_facts_free (ValiseDriveFacts *self);
ValiseDrivePart *valise_drive_facts_add_part (ValiseDriveFacts *self);
void valise_drive_facts_set_id (ValiseDriveFacts *self);
gboolean valise_drive_facts_equal (const ValiseDriveFacts *a, const ValiseDriveFacts *b);
char *valise_drive_facts_dup_name (const ValiseDriveFacts *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDriveFacts, valise_drive_facts_free)

G_END_DECLS
