/* valise-layout.h: where the partitions of a drive lie. Arithmetic only.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_SECTOR_SIZE:
 *
 * The usual logical sector size, in bytes, and the smallest that there is.
 */
#define VALISE_SECTOR_SIZE 512

/**
 * VALISE_LARGE_SECTOR_SIZE:
 *
 * The other one that Windows knows, of drives that are called 4Kn.
 */
#define VALISE_LARGE_SECTOR_SIZE 4096

#define VALISE_LAYOUT_MAX_PARTITIONS 4

/**
 * VALISE_LAYOUT_MBR_MAX_SIZE:
 *
 * An MBR counts sectors in 32 bits: the largest drive that it can describe, in bytes.
 */
#define VALISE_LAYOUT_MBR_MAX_SIZE ((guint64) G_MAXUINT32 * 512)

/**
 * ValiseTableKind:
 * @VALISE_TABLE_GPT: GPT, for UEFI
 * @VALISE_TABLE_MBR: MBR, for BIOS and UEFI
 */
typedef enum
{
  VALISE_TABLE_GPT,
  VALISE_TABLE_MBR,
} ValiseTableKind;

/**
 * ValisePartitionKind:
 * @VALISE_PARTITION_ESP: the partition that firmware starts from, FAT32: the EFI system partition
 *   of a GPT, the active one of an MBR
 * @VALISE_PARTITION_MSR: the Microsoft reserved partition, without contents
 * @VALISE_PARTITION_OS: the partition of Windows itself, NTFS
 */
typedef enum
{
  VALISE_PARTITION_ESP,
  VALISE_PARTITION_MSR,
  VALISE_PARTITION_OS,
} ValisePartitionKind;

/**
 * ValisePartition:
 * @index: its number in the table, from 1
 * @kind: what it is for
 * @type_guid: (nullable): its GPT type, in lower case; static; %NULL in an MBR
 * @mbr_type: its type in an MBR; 0 in a GPT
 * @name: (not nullable): its name in the GPT; static, not translated; an MBR has none
 * @sector_size: the logical sector size of the drive that it is on, in bytes
 * @offset: its first byte, counted from the start of the drive; a multiple of 1 MiB
 * @size: its length in bytes; a multiple of 1 MiB
 */
typedef struct
{
  guint index;
  ValisePartitionKind kind;
  const char *type_guid;
  guint8 mbr_type;
  const char *name;
  guint sector_size;
  guint64 offset;
  guint64 size;
} ValisePartition;

/**
 * ValiseLayout:
 * @table: the kind of partition table
 * @drive_size: the drive's size in bytes, whole sectors
 * @sector_size: its logical sector size in bytes
 * @n_partitions: how many of @partitions there are
 * @partitions: in the order in which they lie on the drive
 *
 * A drive's partitions. A plain value: copy it freely.
 */
typedef struct
{
  ValiseTableKind table;
  guint64 drive_size;
  guint sector_size;
  guint n_partitions;
  ValisePartition partitions[VALISE_LAYOUT_MAX_PARTITIONS];
} ValiseLayout;

gboolean valise_sector_size_is_known (guint64 sector_size);
guint64 valise_layout_min_drive_size (guint64 os_size, guint sector_size);
guint64 valise_layout_min_mbr_drive_size (guint64 os_size);
gboolean valise_layout_init_gpt (ValiseLayout *self,
                                 guint64 drive_size,
                                 guint sector_size,
                                 guint64 os_size,
                                 GError **error);
gboolean valise_layout_init_mbr (ValiseLayout *self,
                                 guint64 drive_size,
                                 guint sector_size,
                                 guint64 os_size,
                                 GError **error);
guint64 valise_layout_min_container_size (ValiseTableKind table, guint64 os_size);
void valise_layout_init_container (ValiseLayout *self, ValiseTableKind table, guint64 disk_size);
gboolean valise_layout_check_mbr_size (guint64 drive_size, GError **error);
void valise_layout_limit_os (ValiseLayout *self, guint64 os_size);
const ValisePartition *valise_layout_find (const ValiseLayout *self, ValisePartitionKind kind);
guint64 valise_layout_get_primary_size (const ValiseLayout *self);
guint64 valise_layout_get_backup_offset (const ValiseLayout *self);

G_END_DECLS
