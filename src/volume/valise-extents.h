/* valise-extents.h: what of a staged file system has to be on the drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseExtent:
 * @offset: first byte, counted from the start of the partition; a multiple of 4096
 * @size: length in bytes; a multiple of 4096
 */
typedef struct
{
  guint64 offset;
  guint64 size;
} ValiseExtent;

/**
 * ValiseExtentFunc:
 * @offset: where the bytes belong, counted from the start of the partition; a multiple of 4096
 * @data: the bytes; aligned to %VALISE_ALIGNMENT; valid during the call only
 * @size: how many; a multiple of 4096, at most 1 MiB
 * @user_data: as given
 * @error: where to put an error
 *
 * Returns: whether to go on; when not, @error is set
 */
typedef gboolean (*ValiseExtentFunc) (guint64 offset,
                                      const guint8 *data,
                                      gsize size,
                                      gpointer user_data,
                                      GError **error);

GArray *valise_extents_of_ntfs (const char *path, GError **error);
GArray *valise_extents_of_fat (const char *path, GError **error);
guint64 valise_extents_get_bytes (GArray *extents);
gboolean valise_extents_foreach (const char *path,
                                 GArray *extents,
                                 ValiseExtentFunc func,
                                 gpointer user_data,
                                 GError **error);

G_END_DECLS
