/* valise-bcd-device.h: device elements of BCD stores: which partition something is on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-guid.h"

G_BEGIN_DECLS

/**
 * ValiseBcdDeviceKind:
 * @VALISE_BCD_DEVICE_BOOT: the partition that the boot manager was started from
 * @VALISE_BCD_DEVICE_GPT: a partition of a GPT
 * @VALISE_BCD_DEVICE_MBR: a partition of an MBR
 * @VALISE_BCD_DEVICE_LOCATE: the first partition that has a file
 * @VALISE_BCD_DEVICE_VHD_LOCATE: the first partition of a virtual disk that has a file; what
 *   bcdedit makes of `vhd=`
 * @VALISE_BCD_DEVICE_VHD_PARTITION: a certain partition of a virtual disk
 * @VALISE_BCD_DEVICE_OTHER: anything else, such as a RAM disk
 */
typedef enum
{
  VALISE_BCD_DEVICE_BOOT,
  VALISE_BCD_DEVICE_GPT,
  VALISE_BCD_DEVICE_MBR,
  VALISE_BCD_DEVICE_LOCATE,
  VALISE_BCD_DEVICE_VHD_LOCATE,
  VALISE_BCD_DEVICE_VHD_PARTITION,
  VALISE_BCD_DEVICE_OTHER,
} ValiseBcdDeviceKind;

/**
 * ValiseBcdDevice:
 * @kind: what it is
 * @partition_guid: GPT: the partition
 * @disk_guid: GPT: the disk
 * @offset: MBR: the partition's first byte
 * @signature: MBR: the disk's signature
 * @locate_element: locate, VHD locate: the element that names the file (0x12000002 or 0x22000002),
 *   0 where a locate device has a @path
 * @path: (nullable): locate: the file, where it is not in an element; VHD: the file with the disk
 * @parent: VHD: where that file is: boot, GPT, or MBR, by the fields of those above
 * @inner: VHD partition: GPT or MBR: what kind of partition of the virtual disk it is
 * @inner_partition_guid: VHD partition in a GPT: the partition
 * @inner_disk_guid: VHD partition in a GPT: the virtual disk
 * @inner_offset: VHD partition in an MBR: the partition's first byte in the virtual disk
 * @inner_signature: VHD partition in an MBR: the virtual disk's signature
 * @type: other: the number of its type
 * @has_options: whether @options is there (RAM disks)
 * @options: the object with more options
 *
 * A device element, taken apart. Free with valise_bcd_device_clear().
 */
typedef struct
{
  ValiseBcdDeviceKind kind;
  ValiseGuid partition_guid;
  ValiseGuid disk_guid;
  guint64 offset;
  guint32 signature;
  guint32 locate_element;
  char *path;
  ValiseBcdDeviceKind parent;
  ValiseBcdDeviceKind inner;
  ValiseGuid inner_partition_guid;
  ValiseGuid inner_disk_guid;
  guint64 inner_offset;
  guint32 inner_signature;
  guint32 type;
  gboolean has_options;
  ValiseGuid options;
} ValiseBcdDevice;

GBytes *valise_bcd_device_pack (const ValiseBcdDevice *self);
gboolean valise_bcd_device_parse (gconstpointer data,
                                  gsize size,
                                  ValiseBcdDevice *self,
                                  GError **error);
void valise_bcd_device_clear (ValiseBcdDevice *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseBcdDevice, valise_bcd_device_clear)

G_END_DECLS
