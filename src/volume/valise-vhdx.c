/* valise-vhdx.c: the structures of a virtual disk in the newer format.
 *
 * After Microsoft's [MS-VHDX], “Virtual Hard Disk v2 (VHDX) File Format”; the numbers in comments
 * are its sections. All numbers are little-endian. A disk of fixed size has all its blocks, one
 * behind the other, and its log is empty.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-vhd.h"

#include <string.h>

#include "core/valise-bytes.h"
#include "core/valise-units.h"

#define KIB 1024u
#define SECTOR_SIZE 512u
#define PHYSICAL_SECTOR_SIZE 4096u

#define HEADER_SIZE (4 * KIB)
#define TABLE_SIZE (64 * KIB)
#define VERSION 1u

#define LEAVE_BLOCKS_ALLOCATED 1u
#define IS_VIRTUAL_DISK 2u
#define IS_REQUIRED 4u
#define PAYLOAD_BLOCK_FULLY_PRESENT 6u

/* How many blocks share a sector bitmap, which only disks with a parent have (2.5). */
#define CHUNK_RATIO ((G_GUINT64_CONSTANT (1) << 23) * SECTOR_SIZE / VALISE_VHDX_BLOCK_SIZE)

/* 2.2.3.2, 2.6.2 */
static const ValiseGuid bat_region = { { 0x2d, 0xc2, 0x77, 0x66, 0xf6, 0x23, 0x42, 0x00, 0x9d, 0x64,
                                         0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08 } };
static const ValiseGuid metadata_region
    = { { 0x8b, 0x7c, 0xa2, 0x06, 0x47, 0x90, 0x4b, 0x9a, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88,
          0x6e } };
static const ValiseGuid file_parameters
    = { { 0xca, 0xa1, 0x67, 0x37, 0xfa, 0x36, 0x4d, 0x43, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7,
          0x6b } };
static const ValiseGuid virtual_disk_size
    = { { 0x2f, 0xa5, 0x42, 0x24, 0xcd, 0x1b, 0x48, 0x76, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4,
          0xb8 } };
static const ValiseGuid virtual_disk_id
    = { { 0xbe, 0xca, 0x12, 0xab, 0xb2, 0xe6, 0x45, 0x23, 0x93, 0xef, 0xc3, 0x09, 0xe0, 0x00, 0xc7,
          0x46 } };
static const ValiseGuid logical_sector_size
    = { { 0x81, 0x41, 0xbf, 0x1d, 0xa9, 0x6f, 0x47, 0x09, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab,
          0x5f } };
static const ValiseGuid physical_sector_size
    = { { 0xcd, 0xa3, 0x48, 0xc7, 0x44, 0x5d, 0x44, 0x71, 0x9c, 0xc9, 0xe9, 0x88, 0x52, 0x51, 0xc5,
          0x56 } };

/**
 * valise_vhdx_checksum:
 * @data: (array length=size): bytes
 * @size: how many
 *
 * CRC-32C (Castagnoli; RFC 3720, B.4), with which the structures are protected. Any thread.
 *
 * Returns: the checksum
 */
guint32
valise_vhdx_checksum (gconstpointer data, gsize size)
{
  const guint8 *bytes = data;
  guint32 crc = G_MAXUINT32;

  /* A few times 64 KiB: no table is worth it. */
  for (gsize i = 0; i < size; i++)
    {
      crc ^= bytes[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (0x82f63b78u & -(crc & 1));
    }
  return ~crc;
}

/* 2.2.2 */
static void
put_header (guint8 *at,
            guint64 sequence,
            const ValiseGuid *file_write,
            const ValiseGuid *data_write)
{
  memcpy (at, "head", 4);
  valise_put_le64 (at + 8, sequence);
  valise_guid_to_mixed (file_write, at + 16);
  valise_guid_to_mixed (data_write, at + 32);
  valise_put_le16 (at + 66, VERSION); /* the log's GUID and version are 0: it is empty */
  valise_put_le32 (at + 68, VALISE_VHDX_LOG_SIZE);
  valise_put_le64 (at + 72, VALISE_VHDX_LOG_OFFSET);
  valise_put_le32 (at + 4, valise_vhdx_checksum (at, HEADER_SIZE));
}

static void
put_region (guint8 *at, const ValiseGuid *guid, guint64 offset, guint32 size)
{
  valise_guid_to_mixed (guid, at);
  valise_put_le64 (at + 16, offset);
  valise_put_le32 (at + 24, size);
  valise_put_le32 (at + 28, 1); /* required */
}

/* 2.2.3 */
static void
put_region_table (guint8 *at, guint32 bat_size)
{
  memcpy (at, "regi", 4);
  valise_put_le32 (at + 8, 2);
  put_region (at + 16, &bat_region, VALISE_VHDX_BAT_OFFSET, bat_size);
  put_region (at + 48, &metadata_region, VALISE_VHDX_METADATA_OFFSET, VALISE_VHDX_METADATA_SIZE);
  valise_put_le32 (at + 4, valise_vhdx_checksum (at, TABLE_SIZE));
}

/**
 * valise_vhdx_make_headers:
 * @file_write: a random GUID: the file's contents
 * @data_write: another: the disk's contents
 * @bat_size: as valise_vhdx_get_bat_size() says
 *
 * Any thread.
 *
 * Returns: (transfer full): the first %VALISE_VHDX_HEADERS_SIZE bytes of the file
 */
GBytes *
valise_vhdx_make_headers (const ValiseGuid *file_write,
                          const ValiseGuid *data_write,
                          guint64 bat_size)
{
  static const char creator[] = "Valise";
  guint8 *data = g_malloc0 (VALISE_VHDX_HEADERS_SIZE);

  memcpy (data, "vhdxfile", 8);
  for (guint i = 0; creator[i] != '\0'; i++)
    valise_put_le16 (data + 8 + 2 * i, creator[i]);
  put_header (data + 1 * TABLE_SIZE, 1, file_write, data_write);
  put_header (data + 2 * TABLE_SIZE, 2, file_write, data_write);
  put_region_table (data + 3 * TABLE_SIZE, bat_size);
  put_region_table (data + 4 * TABLE_SIZE, bat_size);
  return g_bytes_new_take (data, VALISE_VHDX_HEADERS_SIZE);
}

/**
 * valise_vhdx_make_metadata:
 * @size: the disk's size in bytes
 * @id: a random GUID, which the disk has for Windows
 *
 * Any thread.
 *
 * Returns: (transfer full): the %VALISE_VHDX_METADATA_SIZE bytes of the metadata region (2.6)
 */
GBytes *
valise_vhdx_make_metadata (guint64 size, const ValiseGuid *id)
{
  const struct
  {
    const ValiseGuid *item;
    guint32 size;
    guint32 flags;
  } items[] = {
    { &file_parameters, 8, IS_REQUIRED },
    { &virtual_disk_size, 8, IS_VIRTUAL_DISK | IS_REQUIRED },
    { &virtual_disk_id, 16, IS_VIRTUAL_DISK | IS_REQUIRED },
    { &logical_sector_size, 4, IS_VIRTUAL_DISK | IS_REQUIRED },
    { &physical_sector_size, 4, IS_VIRTUAL_DISK | IS_REQUIRED },
  };
  guint8 *data = g_malloc0 (VALISE_VHDX_METADATA_SIZE);
  guint32 offsets[G_N_ELEMENTS (items)];
  guint32 at = TABLE_SIZE;

  memcpy (data, "metadata", 8);
  valise_put_le16 (data + 10, G_N_ELEMENTS (items));
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      guint8 *entry = data + 32 + 32 * i;

      valise_guid_to_mixed (items[i].item, entry);
      valise_put_le32 (entry + 16, at);
      valise_put_le32 (entry + 20, items[i].size);
      valise_put_le32 (entry + 24, items[i].flags);
      offsets[i] = at;
      at += items[i].size;
    }
  valise_put_le32 (data + offsets[0], VALISE_VHDX_BLOCK_SIZE);
  valise_put_le32 (data + offsets[0] + 4, LEAVE_BLOCKS_ALLOCATED);
  valise_put_le64 (data + offsets[1], size);
  valise_guid_to_mixed (id, data + offsets[2]);
  valise_put_le32 (data + offsets[3], SECTOR_SIZE);
  valise_put_le32 (data + offsets[4], PHYSICAL_SECTOR_SIZE);
  return g_bytes_new_take (data, VALISE_VHDX_METADATA_SIZE);
}

static guint64
count_bat_entries (guint64 size)
{
  guint64 n_blocks = size / VALISE_VHDX_BLOCK_SIZE;

  /* Behind each full chunk comes the place of its sector bitmap (2.5). */
  return n_blocks + (n_blocks - 1) / CHUNK_RATIO;
}

/**
 * valise_vhdx_get_bat_size:
 * @size: the disk's size in bytes; a multiple of %VALISE_VHDX_BLOCK_SIZE, and not 0
 *
 * Any thread.
 *
 * Returns: the size in bytes of the block allocation table; a multiple of 1 MiB
 */
guint64
valise_vhdx_get_bat_size (guint64 size)
{
  return VALISE_ROUND_UP (count_bat_entries (size) * 8, VALISE_MIB);
}

/**
 * valise_vhdx_make_bat:
 * @size: the disk's size in bytes; a multiple of %VALISE_VHDX_BLOCK_SIZE, and not 0
 * @data_offset: where in the file the first block is; a multiple of 1 MiB
 *
 * Any thread.
 *
 * Returns: (transfer full): the block allocation table (2.5), in which every block is there
 */
GBytes *
valise_vhdx_make_bat (guint64 size, guint64 data_offset)
{
  gsize bat_size = valise_vhdx_get_bat_size (size);
  guint8 *data = g_malloc0 (bat_size);

  for (guint64 block = 0; block < size / VALISE_VHDX_BLOCK_SIZE; block++)
    {
      guint64 mib = (data_offset + block * VALISE_VHDX_BLOCK_SIZE) / VALISE_MIB;

      valise_put_le64 (data + 8 * (block + block / CHUNK_RATIO),
                       PAYLOAD_BLOCK_FULLY_PRESENT | mib << 20);
    }
  return g_bytes_new_take (data, bat_size);
}
