/* valise-ntfs-locate.h: where on an NTFS volume the data of a file is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-extents.h"

G_BEGIN_DECLS

struct _ntfs_volume;

GArray *valise_ntfs_locate (struct _ntfs_volume *vol, const char *path, GError **error);

G_END_DECLS
