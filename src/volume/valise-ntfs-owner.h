/* valise-ntfs-owner.h: which file a place of an NTFS volume belongs to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

struct _ntfs_volume;

char *valise_ntfs_owner_find (struct _ntfs_volume *vol, guint64 offset, GCancellable *cancellable);

G_END_DECLS
