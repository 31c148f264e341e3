/* valise-ntfs-security.h: the security descriptors of new files on an NTFS volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <sys/stat.h> /* without it, libntfs-3g's headers define struct timespec anew */

#include <ntfs-3g/types.h>
#include <ntfs-3g/inode.h>

G_BEGIN_DECLS

gboolean valise_ntfs_security_inherit (ntfs_inode *folder,
                                       gboolean for_folder,
                                       le32 *security_id,
                                       void **descriptor,
                                       gsize *descriptor_size);
gboolean valise_ntfs_security_set (ntfs_inode *ni, const void *descriptor, gsize descriptor_size);

G_END_DECLS
