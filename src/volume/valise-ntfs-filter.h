/* valise-ntfs-filter.h: lets somebody take over files while wimlib writes them to a volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <sys/stat.h> /* without it, libntfs-3g's headers define struct timespec anew */

#include <ntfs-3g/types.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/volume.h>

G_BEGIN_DECLS

/**
 * ValiseNtfsFilterFuncs:
 * @created: a file or folder was made in @folder
 * @linked: a file got another name, in @folder
 * @marked: a file got its attributes, as Windows numbers them
 * @begin: @size bytes of a stream are about to come; returns whether they are taken over
 * @has: whether a stream was taken over and has not ended
 * @write: bytes of a stream that was taken over; returns 0, or -1 with errno set
 * @end: a stream that was taken over ends; returns 0, or -1 with errno set
 * @full: something failed that wimlib did itself, since the volume is full
 * @idle: wimlib has no file open; returns 0, or -1 with errno set
 * @finish: wimlib is about to close the volume; returns 0, or -1 with errno set
 *
 * What wimlib does to a volume, told while it does it, in the thread of the volume. A stream that
 * was taken over stays empty, unless the filter fills it. All streams that one blob of the image
 * goes to have begun before the first byte comes, and have ended before another blob begins.
 * A name is @length characters, UTF-16 in little-endian order.
 */
typedef struct
{
  void (*created) (gpointer data,
                   const ntfs_inode *ni,
                   const ntfs_inode *folder,
                   const ntfschar *name,
                   guint length,
                   gboolean is_folder);
  void (*linked) (gpointer data,
                  const ntfs_inode *ni,
                  const ntfs_inode *folder,
                  const ntfschar *name,
                  guint length);
  void (*marked) (gpointer data, const ntfs_inode *ni, guint32 attributes);
  gboolean (*begin) (gpointer data, ntfs_attr *na, guint64 size);
  gboolean (*has) (gpointer data, const ntfs_attr *na);
  int (*write) (gpointer data, ntfs_attr *na, guint64 offset, gconstpointer bytes, gsize size);
  int (*end) (gpointer data, ntfs_attr *na);
  void (*full) (gpointer data);
  int (*idle) (gpointer data, ntfs_volume *vol);
  int (*finish) (gpointer data, ntfs_volume *vol);
} ValiseNtfsFilterFuncs;

/**
 * ValiseNtfsFilter:
 * @funcs: (nullable): what to call; %NULL for no filter
 * @data: their first argument
 *
 * A filter on a volume.
 */
typedef struct
{
  const ValiseNtfsFilterFuncs *funcs;
  gpointer data;
  /*< private >*/
  gint n_open; /* files and folders that wimlib has open */
} ValiseNtfsFilter;

G_END_DECLS
