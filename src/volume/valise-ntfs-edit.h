/* valise-ntfs-edit.h: changes to the files of an open NTFS volume, as Windows would make them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_NTFS_COMPRESS_MAX:
 *
 * The largest file, in bytes, that valise_ntfs_edit_set_compressed() rewrites: it is held in
 * memory meanwhile.
 */
#define VALISE_NTFS_COMPRESS_MAX (64 * 1024 * 1024)

struct _ntfs_volume;

gboolean valise_ntfs_edit_exists (struct _ntfs_volume *vol, const char *path, gboolean *is_folder);
GBytes *valise_ntfs_edit_read (struct _ntfs_volume *vol,
                               const char *path,
                               gsize max_size,
                               GError **error);
gboolean valise_ntfs_edit_replace (struct _ntfs_volume *vol,
                                   const char *path,
                                   GBytes *contents,
                                   guint64 mtime,
                                   GError **error);
gboolean valise_ntfs_edit_update (struct _ntfs_volume *vol,
                                  const char *path,
                                  GBytes *before,
                                  GBytes *after,
                                  GError **error);
gboolean valise_ntfs_edit_create (struct _ntfs_volume *vol,
                                  const char *path,
                                  GBytes *contents,
                                  GError **error);
gboolean valise_ntfs_edit_write (struct _ntfs_volume *vol,
                                 const char *path,
                                 GBytes *contents,
                                 GError **error);
gboolean valise_ntfs_edit_make_folder (struct _ntfs_volume *vol, const char *path, GError **error);
gboolean valise_ntfs_edit_get_attributes (struct _ntfs_volume *vol,
                                          const char *path,
                                          guint32 *attributes,
                                          GError **error);
gboolean valise_ntfs_edit_set_attributes (struct _ntfs_volume *vol,
                                          const char *path,
                                          guint32 set,
                                          guint32 clear,
                                          GError **error);
gboolean valise_ntfs_edit_set_compressed (struct _ntfs_volume *vol,
                                          const char *path,
                                          gboolean compressed,
                                          GError **error);

G_END_DECLS
