/* valise-reparse-index.h: room for an NTFS volume's index of reparse points.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include <sys/stat.h> /* without it, libntfs-3g's headers define struct timespec anew */

#include <ntfs-3g/types.h>
#include <ntfs-3g/volume.h>

G_BEGIN_DECLS

gboolean valise_reparse_index_reserve (ntfs_volume *vol, guint64 n_entries);
int valise_reparse_index_trim (ntfs_volume *vol);

G_END_DECLS
