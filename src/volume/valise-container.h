/* valise-container.h: a virtual disk of fixed size in a file: VHD or VHDX.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-guid.h"

G_BEGIN_DECLS

/**
 * VALISE_CONTAINER_GRANULE:
 *
 * Virtual disks are a multiple of so many bytes: a block of a VHDX.
 */
#define VALISE_CONTAINER_GRANULE (32 * 1024 * 1024)

/**
 * ValiseContainerKind:
 * @VALISE_CONTAINER_NONE: none: Windows is in a partition of the drive
 * @VALISE_CONTAINER_VHD: a VHD of fixed size
 * @VALISE_CONTAINER_VHDX: a VHDX of fixed size
 */
typedef enum
{
  VALISE_CONTAINER_NONE,
  VALISE_CONTAINER_VHD,
  VALISE_CONTAINER_VHDX,
} ValiseContainerKind;

/**
 * ValiseContainer:
 * @kind: which format; not %VALISE_CONTAINER_NONE
 * @disk_size: the virtual disk's size in bytes; a multiple of %VALISE_CONTAINER_GRANULE
 * @data_offset: where in the file the virtual disk begins, in bytes; it lies there in one piece
 * @file_size: the file's size in bytes
 *
 * Where a virtual disk lies in its file. A plain value: copy it freely.
 */
typedef struct
{
  ValiseContainerKind kind;
  guint64 disk_size;
  guint64 data_offset;
  guint64 file_size;
} ValiseContainer;

/**
 * ValiseContainerPiece:
 * @offset: where in the file the bytes belong
 * @bytes: (owned): the bytes
 */
typedef struct
{
  guint64 offset;
  GBytes *bytes;
} ValiseContainerPiece;

const char *valise_container_kind_get_name (ValiseContainerKind kind);
gboolean valise_container_kind_from_name (const char *name, ValiseContainerKind *kind);
const char *valise_container_kind_get_path (ValiseContainerKind kind);
guint64 valise_container_kind_get_max_size (ValiseContainerKind kind);

void valise_container_init (ValiseContainer *self, ValiseContainerKind kind, guint64 disk_size);
guint64 valise_container_fit (ValiseContainerKind kind, guint64 file_size);
GArray *valise_container_make_pieces (const ValiseContainer *self, gint64 time);

G_END_DECLS
