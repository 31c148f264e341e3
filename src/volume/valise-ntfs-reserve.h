/* valise-ntfs-reserve.h: a large file on an NTFS volume whose bytes come later.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-extent-map.h"

G_BEGIN_DECLS

guint64 valise_ntfs_reserve_get_room (const char *volume_path, guint64 alignment, GError **error);
ValiseExtentMap *valise_ntfs_reserve_file (const char *volume_path,
                                           const char *path,
                                           guint64 size,
                                           guint64 alignment,
                                           GError **error);

G_END_DECLS
