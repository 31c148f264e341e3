/* valise-blockdev.h: empty file systems, made by libblockdev 2.28 or 3.x.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean valise_blockdev_init (GError **error);
gboolean valise_blockdev_make_fat32 (const char *path,
                                     guint sector_size,
                                     guint cluster_size,
                                     guint64 hidden_sectors,
                                     guint32 volume_id,
                                     GError **error);
gboolean valise_blockdev_make_ntfs (const char *path,
                                    guint sector_size,
                                    guint cluster_size,
                                    guint64 hidden_sectors,
                                    const char *label,
                                    GError **error);

G_END_DECLS
