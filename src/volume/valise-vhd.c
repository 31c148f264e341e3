/* valise-vhd.c: the footer of a virtual disk in the older format.
 *
 * A VHD of fixed size is the disk, and 512 bytes behind it. After Microsoft's “Virtual Hard Disk
 * Image Format Specification”, version 1.0 of 2006: “Hard Disk Footer Format”, “CHS Calculation”.
 * All numbers are big-endian.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-vhd.h"

#include <string.h>

#define SECTOR_SIZE 512
#define FEATURES 2u        /* “reserved”: always set */
#define VERSION 0x00010000u
#define FIXED_DISK 2u
#define EPOCH 946684800    /* 2000-01-01 00:00 UTC, from which its times are counted */

/* Readers (qemu, VirtualBox) take the size from the geometry, which has not the same, unless they
 * know the program and the version: this is what Windows 7 and later write. */
#define CREATOR "win "
#define CREATOR_VERSION 0x000a0000u
#define CREATOR_HOST "Wi2k"

static void
put16 (guint8 *at, guint16 value)
{
  value = GUINT16_TO_BE (value);
  memcpy (at, &value, sizeof value);
}

static void
put32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (at, &value, sizeof value);
}

static void
put64 (guint8 *at, guint64 value)
{
  value = GUINT64_TO_BE (value);
  memcpy (at, &value, sizeof value);
}

/**
 * valise_vhd_compute_geometry:
 * @size: the disk's size in bytes
 * @geometry: (out caller-allocates): where to put the geometry
 *
 * As the specification computes it; it has at most 127 GiB, however large the disk. Any thread.
 */
void
valise_vhd_compute_geometry (guint64 size, ValiseVhdGeometry *geometry)
{
  guint64 total = MIN (size / SECTOR_SIZE, 65535u * 16u * 255u);
  guint64 tracks;
  guint heads, sectors;

  if (total >= 65535u * 16u * 63u)
    {
      sectors = 255;
      heads = 16;
      tracks = total / sectors;
    }
  else
    {
      sectors = 17;
      tracks = total / sectors;
      heads = MAX ((tracks + 1023) / 1024, 4);
      if (tracks >= heads * 1024 || heads > 16)
        {
          sectors = 31;
          heads = 16;
          tracks = total / sectors;
        }
      if (tracks >= heads * 1024)
        {
          sectors = 63;
          heads = 16;
          tracks = total / sectors;
        }
    }
  geometry->cylinders = tracks / heads;
  geometry->heads = heads;
  geometry->sectors = sectors;
}

/**
 * valise_vhd_make_footer:
 * @size: the disk's size in bytes; at most %VALISE_VHD_MAX_SIZE
 * @time: when it was made, in seconds since 1970
 * @id: a random GUID
 *
 * Any thread.
 *
 * Returns: (transfer full): the %VALISE_VHD_FOOTER_SIZE bytes behind the disk
 */
GBytes *
valise_vhd_make_footer (guint64 size, gint64 time, const ValiseGuid *id)
{
  guint8 *data = g_malloc0 (VALISE_VHD_FOOTER_SIZE);
  ValiseVhdGeometry geometry;
  guint32 sum = 0;

  valise_vhd_compute_geometry (size, &geometry);
  memcpy (data, "conectix", 8);
  put32 (data + 8, FEATURES);
  put32 (data + 12, VERSION);
  put64 (data + 16, G_MAXUINT64); /* no structures follow */
  put32 (data + 24, CLAMP (time - EPOCH, 0, G_MAXUINT32));
  memcpy (data + 28, CREATOR, 4);
  put32 (data + 32, CREATOR_VERSION);
  memcpy (data + 36, CREATOR_HOST, 4);
  put64 (data + 40, size); /* as it was made */
  put64 (data + 48, size); /* as it is */
  put16 (data + 56, geometry.cylinders);
  data[58] = geometry.heads;
  data[59] = geometry.sectors;
  put32 (data + 60, FIXED_DISK);
  memcpy (data + 68, id->bytes, sizeof id->bytes);
  for (guint i = 0; i < VALISE_VHD_FOOTER_SIZE; i++)
    sum += data[i];
  put32 (data + 64, ~sum);
  return g_bytes_new_take (data, VALISE_VHD_FOOTER_SIZE);
}
