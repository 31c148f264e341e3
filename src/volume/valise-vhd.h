/* valise-vhd.h: the structures of virtual disks of fixed size.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-guid.h"

G_BEGIN_DECLS

#define VALISE_VHD_FOOTER_SIZE 512

/**
 * VALISE_VHD_MAX_SIZE:
 *
 * The largest VHD that Windows makes, in bytes: 2040 GiB.
 */
#define VALISE_VHD_MAX_SIZE (G_GUINT64_CONSTANT (2040) << 30)

/* A VHDX's parts, in bytes from the start of the file; all but the first begin at a whole MiB. */
#define VALISE_VHDX_HEADERS_SIZE (1024 * 1024)
#define VALISE_VHDX_LOG_OFFSET (1024 * 1024)
#define VALISE_VHDX_LOG_SIZE (1024 * 1024)
#define VALISE_VHDX_METADATA_OFFSET (2 * 1024 * 1024)
#define VALISE_VHDX_METADATA_SIZE (1024 * 1024)
#define VALISE_VHDX_BAT_OFFSET (3 * 1024 * 1024)
#define VALISE_VHDX_BLOCK_SIZE (32 * 1024 * 1024)

/**
 * VALISE_VHDX_MAX_SIZE:
 *
 * The largest VHDX, in bytes: 64 TiB ([MS-VHDX] 2.6.2.2).
 */
#define VALISE_VHDX_MAX_SIZE (G_GUINT64_CONSTANT (64) << 40)

/**
 * ValiseVhdGeometry:
 * @cylinders: how many there are
 * @heads: heads for each cylinder
 * @sectors: sectors for each track
 *
 * What a VHD says of a disk that does not turn.
 */
typedef struct
{
  guint16 cylinders;
  guint8 heads;
  guint8 sectors;
} ValiseVhdGeometry;

void valise_vhd_compute_geometry (guint64 size, ValiseVhdGeometry *geometry);
GBytes *valise_vhd_make_footer (guint64 size, gint64 time, const ValiseGuid *id);

guint32 valise_vhdx_checksum (gconstpointer data, gsize size);
GBytes *valise_vhdx_make_headers (const ValiseGuid *file_write,
                                  const ValiseGuid *data_write,
                                  guint64 bat_size);
GBytes *valise_vhdx_make_metadata (guint64 size, const ValiseGuid *id);
guint64 valise_vhdx_get_bat_size (guint64 size);
GBytes *valise_vhdx_make_bat (guint64 size, guint64 data_offset);

G_END_DECLS
