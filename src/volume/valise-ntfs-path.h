/* valise-ntfs-path.h: files of an open NTFS volume by their Windows paths.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <sys/stat.h> /* without it, libntfs-3g's headers define struct timespec anew */

#include <ntfs-3g/types.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/volume.h>

G_BEGIN_DECLS

/**
 * ValiseNtfsName:
 * @chars: the characters, UTF-16 in little-endian order
 * @length: how many; 1 to 255
 *
 * One part of a path, as libntfs-3g wants it.
 */
typedef struct
{
  ntfschar chars[255];
  guint8 length;
} ValiseNtfsName;

gboolean valise_ntfs_error (GError **error, const char *path, int error_number);
char **valise_ntfs_path_split (const char *path, GError **error);
gboolean valise_ntfs_name_init (ValiseNtfsName *self, const char *utf8);
ntfs_inode *valise_ntfs_path_open_child (ntfs_inode *folder, const ValiseNtfsName *name);
ntfs_inode *valise_ntfs_path_open (ntfs_volume *vol, const char *path, GError **error);

G_END_DECLS
