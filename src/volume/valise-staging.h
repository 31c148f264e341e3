/* valise-staging.h: a drive's partition table and empty file systems, made on sparse files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-scratch.h"
#include "valise-layout.h"

G_BEGIN_DECLS

/**
 * VALISE_ESP_CLUSTER_SIZE:
 *
 * Bytes in a cluster of the EFI system partition; a sector where that is larger. 300 MiB are more
 * than the 65,525 clusters that make a FAT32, of either.
 */
#define VALISE_ESP_CLUSTER_SIZE 1024
#define VALISE_NTFS_CLUSTER_SIZE 4096

/**
 * VALISE_NTFS_SERIAL_OFFSET:
 *
 * Where an NTFS boot sector has the volume's serial number, in bytes: 64 bits, little-endian.
 */
#define VALISE_NTFS_SERIAL_OFFSET 0x48

/**
 * ValiseStagedTable:
 * @disk_guid: (nullable): GPT: the disk's GUID, in lower case
 * @signature: MBR: the disk's signature, not 0
 * @partition_guids: GPT: the partitions' unique GUIDs, in the layout's order, in lower case
 * @primary: the drive's first bytes, up to the first partition: MBR, header and entries, or MBR and
 *   boot loader
 * @backup: (nullable): GPT: the drive's last bytes: entries and header
 * @backup_offset: where @backup belongs, in bytes from the drive's start
 *
 * A partition table that is ready to be written. Read-only; any thread.
 */
typedef struct
{
  char *disk_guid;
  guint32 signature;
  char *partition_guids[VALISE_LAYOUT_MAX_PARTITIONS];
  GBytes *primary;
  GBytes *backup;
  guint64 backup_offset;
} ValiseStagedTable;

ValiseStagedTable *valise_staging_make_table (ValiseScratch *scratch,
                                              const char *name,
                                              const ValiseLayout *layout,
                                              GError **error);
void valise_staged_table_free (ValiseStagedTable *self);
char *valise_staging_make_esp (ValiseScratch *scratch,
                               const char *name,
                               const ValisePartition *partition,
                               GError **error);
char *valise_staging_make_ntfs (ValiseScratch *scratch,
                                const char *name,
                                const ValisePartition *partition,
                                const char *label,
                                guint64 *serial,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseStagedTable, valise_staged_table_free)

G_END_DECLS
