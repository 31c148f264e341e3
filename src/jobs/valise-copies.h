/* valise-copies.h: files and folders of this computer that are put into Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "boot/valise-policies.h"

G_BEGIN_DECLS

struct _ntfs_volume;

/**
 * VALISE_COPIES_MAX:
 *
 * As many files can be put into Windows.
 */
#define VALISE_COPIES_MAX 100000

gboolean valise_copies_check (char **copies, GError **error);
GPtrArray *valise_copies_list (char **copies, guint64 *bytes, GError **error);
gboolean valise_copies_put (const GPtrArray *list,
                            struct _ntfs_volume *volume,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
