/* valise-blockdev.h: the few things that Valise asks of libblockdev, the same for 2.28 and 3.x.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "valise-layout.h"

G_BEGIN_DECLS

gboolean valise_blockdev_init (GError **error);
gboolean valise_blockdev_make_gpt (const char *path, const ValiseLayout *layout, GError **error);
gboolean valise_blockdev_make_fat32 (const char *path,
                                     guint cluster_size,
                                     guint64 hidden_sectors,
                                     guint32 volume_id,
                                     GError **error);
gboolean valise_blockdev_make_ntfs (const char *path,
                                    guint cluster_size,
                                    guint64 hidden_sectors,
                                    const char *label,
                                    GError **error);

G_END_DECLS
