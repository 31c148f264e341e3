/* valise-layout.c: where the partitions of a drive lie. Arithmetic only, no I/O.
 *
 * The GPT layout is the one that Microsoft gives for UEFI drives: EFI system partition, Microsoft
 * reserved partition, Windows; all aligned to 1 MiB, which every flash drive's erase unit divides
 * or is a multiple of. The table's backup copy takes the last 33 sectors, or 5 of 4096 bytes
 * (UEFI specification 2.10, 5.3: one header, and 128 entries of 128 bytes). The MBR layout is the
 * one that Microsoft gives for drives that start by BIOS: an active system partition in front of
 * Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-layout.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

#define ALIGNMENT VALISE_MIB
#define ESP_SIZE (300 * VALISE_MIB)
#define MSR_SIZE (16 * VALISE_MIB)
#define OS_OFFSET (ALIGNMENT + ESP_SIZE + MSR_SIZE)
#define MBR_SYSTEM_SIZE (350 * VALISE_MIB)
#define MBR_OS_OFFSET (ALIGNMENT + MBR_SYSTEM_SIZE)
#define GPT_ENTRIES_SIZE (128 * 128)

/* mkntfs makes a sound volume of this size; a smaller one would hold nothing that starts. */
#define OS_MIN_SIZE (32 * VALISE_MIB)

/* NTFS counts clusters in 32 bits, here of 4 KiB: what lies behind 16 TiB cannot be used. */
#define OS_MAX_SIZE ((VALISE_GIB << 14) - ALIGNMENT)

/* From the UEFI specification (EFI system partition) and from Microsoft's PARTITION_INFORMATION_GPT
 * page (the two others); the names are those that Windows' own diskpart gives. */
#define TYPE_ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define TYPE_MSR "e3c9e316-0b5c-4db8-817d-f92df00215ae"
#define TYPE_BASIC_DATA "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"

/* Microsoft's PARTITION_INFORMATION_MBR page: FAT32 with LBA, and NTFS. */
#define MBR_TYPE_FAT32 0x0c
#define MBR_TYPE_NTFS 0x07

/**
 * valise_sector_size_is_known:
 * @sector_size: a logical sector size in bytes
 *
 * Any thread.
 *
 * Returns: whether Windows starts from drives with such sectors
 */
gboolean
valise_sector_size_is_known (guint64 sector_size)
{
  return sector_size == VALISE_SECTOR_SIZE || sector_size == VALISE_LARGE_SECTOR_SIZE;
}

static guint64
get_backup_size (guint sector_size)
{
  return sector_size + GPT_ENTRIES_SIZE;
}

/**
 * valise_layout_min_drive_size:
 * @os_size: bytes that the NTFS volume must have at least
 * @sector_size: the drive's logical sector size in bytes
 *
 * The smallest drive that valise_layout_init_gpt() accepts. Any thread.
 *
 * Returns: the drive's size in bytes, a multiple of the sector size; %G_MAXUINT64 where @os_size
 *   is more than NTFS with clusters of 4 KiB can have
 */
guint64
valise_layout_min_drive_size (guint64 os_size, guint sector_size)
{
  if (os_size > OS_MAX_SIZE)
    return G_MAXUINT64;
  return OS_OFFSET + VALISE_ROUND_UP (MAX (os_size, OS_MIN_SIZE), ALIGNMENT)
         + get_backup_size (sector_size);
}

static void
add_partition (ValiseLayout *self, ValisePartitionKind kind, guint64 offset, guint64 size)
{
  static const struct
  {
    const char *type_guid;
    guint8 mbr_type;
    const char *name;
  } kinds[][3] = {
    [VALISE_TABLE_GPT] = {
      [VALISE_PARTITION_ESP] = { TYPE_ESP, 0, "EFI system partition" },
      [VALISE_PARTITION_MSR] = { TYPE_MSR, 0, "Microsoft reserved partition" },
      [VALISE_PARTITION_OS] = { TYPE_BASIC_DATA, 0, "Basic data partition" },
    },
    [VALISE_TABLE_MBR] = {
      [VALISE_PARTITION_ESP] = { NULL, MBR_TYPE_FAT32, "System partition" },
      [VALISE_PARTITION_OS] = { NULL, MBR_TYPE_NTFS, "Windows partition" },
    },
  };
  ValisePartition *partition = &self->partitions[self->n_partitions++];

  partition->index = self->n_partitions;
  partition->kind = kind;
  partition->type_guid = kinds[self->table][kind].type_guid;
  partition->mbr_type = kinds[self->table][kind].mbr_type;
  partition->name = kinds[self->table][kind].name;
  partition->sector_size = self->sector_size;
  partition->offset = offset;
  partition->size = size;
}

static gboolean
check_sector_size (guint sector_size, GError **error)
{
  if (valise_sector_size_is_known (sector_size))
    return TRUE;
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_SECTOR_SIZE,
               _ ("This drive has sectors of %u bytes. Windows starts only from drives with "
                  "sectors of 512 or 4096 bytes. Use another drive, or, if it is in an enclosure, "
                  "another enclosure."),
               sector_size);
  return FALSE;
}

/* @needed: %G_MAXUINT64 where no drive is large enough. */
static gboolean
check_drive_size (guint64 drive_size, guint64 needed, GError **error)
{
  g_autofree char *has = NULL;
  g_autofree char *needs = NULL;

  if (drive_size >= needed)
    return TRUE;
  has = g_format_size_full (drive_size, G_FORMAT_SIZE_LONG_FORMAT);
  needs = g_format_size_full (needed, G_FORMAT_SIZE_LONG_FORMAT);
  if (needed == G_MAXUINT64)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
                 _ ("No drive is large enough: an NTFS volume has at most 16 TiB."));
  else
    /* Translators: both are sizes with their unit, such as “64.0 GB (64023257088 bytes)”. */
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
                 _ ("The drive is too small: it needs %s, and it has %s. Use a larger drive."),
                 needs, has);
  return FALSE;
}

/**
 * valise_layout_init_gpt:
 * @self: (out caller-allocates): the layout to fill
 * @drive_size: the drive's size in bytes; a rest that is no whole sector is not used
 * @sector_size: the drive's logical sector size in bytes
 * @os_size: bytes that the NTFS volume must have at least; 0 where that does not matter
 * @error: where to put an error of %VALISE_DRIVE_ERROR: SECTOR_SIZE or TOO_SMALL
 *
 * Lays out a drive for UEFI: 300 MiB for the EFI system partition, 16 MiB reserved, and the rest
 * for Windows (but not more than NTFS can address). Any thread.
 *
 * Returns: whether the drive can be laid out so
 */
gboolean
valise_layout_init_gpt (ValiseLayout *self,
                        guint64 drive_size,
                        guint sector_size,
                        guint64 os_size,
                        GError **error)
{
  guint64 needed = valise_layout_min_drive_size (os_size, sector_size);
  guint64 os_end;

  *self = (ValiseLayout){ 0 };

  if (!check_sector_size (sector_size, error) || !check_drive_size (drive_size, needed, error))
    return FALSE;

  self->sector_size = sector_size;
  self->drive_size = VALISE_ROUND_DOWN (drive_size, sector_size);
  os_end = VALISE_ROUND_DOWN (self->drive_size - get_backup_size (self->sector_size), ALIGNMENT);

  add_partition (self, VALISE_PARTITION_ESP, ALIGNMENT, ESP_SIZE);
  add_partition (self, VALISE_PARTITION_MSR, ALIGNMENT + ESP_SIZE, MSR_SIZE);
  add_partition (self, VALISE_PARTITION_OS, OS_OFFSET, MIN (os_end - OS_OFFSET, OS_MAX_SIZE));
  return TRUE;
}

/**
 * valise_layout_check_mbr_size:
 * @drive_size: a drive's size in bytes
 * @error: where to put %VALISE_DRIVE_ERROR_REFUSED
 *
 * Any thread.
 *
 * Returns: whether an MBR can describe the whole drive
 */
gboolean
valise_layout_check_mbr_size (guint64 drive_size, GError **error)
{
  g_autofree char *has = NULL;

  if (drive_size <= VALISE_LAYOUT_MBR_MAX_SIZE)
    return TRUE;
  has = g_format_size_full (drive_size, G_FORMAT_SIZE_IEC_UNITS);
  /* Translators: a size with its unit, such as “3.6 TiB”. “gpt” and “mbr” stay as they are. */
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               _ ("The drive has %s, and the partition table for old PCs (MBR) is only for less "
                  "than 2 TiB. Use the layout for new PCs (GPT), or a smaller drive."),
               has);
  return FALSE;
}

/**
 * valise_layout_min_mbr_drive_size:
 * @os_size: bytes that the NTFS volume must have at least
 *
 * The smallest drive that valise_layout_init_mbr() accepts. Any thread.
 *
 * Returns: the drive's size in bytes; %G_MAXUINT64 where @os_size is more than NTFS with clusters
 *   of 4 KiB can have
 */
guint64
valise_layout_min_mbr_drive_size (guint64 os_size)
{
  if (os_size > OS_MAX_SIZE)
    return G_MAXUINT64;
  return MBR_OS_OFFSET + VALISE_ROUND_UP (MAX (os_size, OS_MIN_SIZE), ALIGNMENT);
}

/**
 * valise_layout_init_mbr:
 * @self: (out caller-allocates): the layout to fill
 * @drive_size: the drive's size in bytes; a rest that is no whole sector is not used
 * @sector_size: the drive's logical sector size in bytes
 * @os_size: bytes that the NTFS volume must have at least; 0 where that does not matter
 * @error: where to put an error of %VALISE_DRIVE_ERROR: SECTOR_SIZE, TOO_SMALL or REFUSED
 *
 * Lays out a drive for BIOS and UEFI: 350 MiB for the active system partition, and the rest for
 * Windows. The first MiB is for what the BIOS starts. Any thread.
 *
 * Returns: whether the drive can be laid out so
 */
gboolean
valise_layout_init_mbr (ValiseLayout *self,
                        guint64 drive_size,
                        guint sector_size,
                        guint64 os_size,
                        GError **error)
{
  guint64 needed = valise_layout_min_mbr_drive_size (os_size);

  *self = (ValiseLayout){ .table = VALISE_TABLE_MBR };

  /* The BIOS, and GRUB with it, reads sectors of 512 bytes. */
  if (sector_size != 512)
    {
      /* Translators: “GPT” stays as it is. */
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_SECTOR_SIZE,
                   _ ("This drive has sectors of %u bytes, and old PCs (BIOS) start only from "
                      "drives with sectors of 512 bytes. Use the layout for new PCs (GPT), or "
                      "another drive."),
                   sector_size);
      return FALSE;
    }
  if (!check_drive_size (drive_size, needed, error)
      || !valise_layout_check_mbr_size (drive_size, error))
    return FALSE;

  self->sector_size = sector_size;
  self->drive_size = VALISE_ROUND_DOWN (drive_size, sector_size);
  add_partition (self, VALISE_PARTITION_ESP, ALIGNMENT, MBR_SYSTEM_SIZE);
  add_partition (self, VALISE_PARTITION_OS, MBR_OS_OFFSET,
                 VALISE_ROUND_DOWN (self->drive_size, ALIGNMENT) - MBR_OS_OFFSET);
  return TRUE;
}

/**
 * valise_layout_min_container_size:
 * @table: the kind of partition table
 * @os_size: bytes that the NTFS volume must have at least
 *
 * Any thread.
 *
 * Returns: the size in bytes of the smallest disk for valise_layout_init_container()
 */
guint64
valise_layout_min_container_size (ValiseTableKind table, guint64 os_size)
{
  /* The backup table needs less than a whole MiB. */
  return VALISE_ROUND_UP (MAX (os_size, OS_MIN_SIZE), ALIGNMENT)
         + (table == VALISE_TABLE_GPT ? ALIGNMENT + MSR_SIZE + ALIGNMENT : ALIGNMENT);
}

/**
 * valise_layout_init_container:
 * @self: (out caller-allocates): the layout to fill
 * @table: the kind of partition table
 * @disk_size: the virtual disk's size in bytes; as valise_layout_min_container_size() says, or more
 *
 * Lays out a virtual disk with Windows in it, as Windows' own diskpart does: nothing to start from,
 * since the boot manager is on the drive; in a GPT, the reserved partition first. Its sectors have
 * 512 bytes, whatever the drive's have. Any thread.
 */
void
valise_layout_init_container (ValiseLayout *self, ValiseTableKind table, guint64 disk_size)
{
  guint64 offset = ALIGNMENT;
  guint64 end = VALISE_ROUND_DOWN (disk_size, ALIGNMENT);

  *self = (ValiseLayout){ .table = table, .drive_size = disk_size, .sector_size = 512 };
  if (table == VALISE_TABLE_GPT)
    {
      add_partition (self, VALISE_PARTITION_MSR, offset, MSR_SIZE);
      offset += MSR_SIZE;
      end -= ALIGNMENT; /* for the backup */
    }
  add_partition (self, VALISE_PARTITION_OS, offset, MIN (end - offset, OS_MAX_SIZE));
}

/**
 * valise_layout_limit_os:
 * @self: a layout
 * @os_size: the size in bytes that the partition of Windows shall have; a multiple of 1 MiB
 *
 * Makes the partition of Windows smaller, so that drives of different sizes can get the same
 * volume. It does not get larger than it is. Any thread.
 */
void
valise_layout_limit_os (ValiseLayout *self, guint64 os_size)
{
  ValisePartition *os = &self->partitions[self->n_partitions - 1];

  g_return_if_fail (self->n_partitions > 0 && os->kind == VALISE_PARTITION_OS);
  g_return_if_fail (os_size >= OS_MIN_SIZE && os_size % ALIGNMENT == 0);

  os->size = MIN (os->size, os_size);
}

/**
 * valise_layout_find:
 * @self: a layout
 * @kind: a kind of partition
 *
 * Any thread.
 *
 * Returns: (nullable) (transfer none): the first partition of that kind
 */
const ValisePartition *
valise_layout_find (const ValiseLayout *self, ValisePartitionKind kind)
{
  for (guint i = 0; i < self->n_partitions; i++)
    if (self->partitions[i].kind == kind)
      return &self->partitions[i];
  return NULL;
}

/**
 * valise_layout_get_primary_size:
 * @self: a layout
 *
 * The primary table, and what the BIOS starts, own everything in front of the first partition. Any
 * thread.
 *
 * Returns: its length in bytes; a multiple of 1 MiB
 */
guint64
valise_layout_get_primary_size (const ValiseLayout *self)
{
  return self->partitions[0].offset;
}

/**
 * valise_layout_get_backup_offset:
 * @self: a layout with a GPT
 *
 * The backup table's area: header and entries at the drive's end, begun at the multiple of 4096
 * bytes in front of them so that it can be written with O_DIRECT. Any thread.
 *
 * Returns: its first byte, counted from the start of the drive; it ends where the drive ends
 */
guint64
valise_layout_get_backup_offset (const ValiseLayout *self)
{
  return VALISE_ROUND_DOWN (self->drive_size - get_backup_size (self->sector_size), 4096);
}
