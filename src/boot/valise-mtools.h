/* valise-mtools.h: files put into a FAT file system in a file, with mtools.
 *
 * Private to src/boot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseMtools:
 * @image: the file with the file system
 * @home: a folder for the programs to take for the user's, without settings for mtools in it
 * @time: the date of what has none of its own, in seconds since 1970
 * @cancellable: (nullable): kills the program that runs
 *
 * What all calls share.
 */
typedef struct
{
  const char *image;
  const char *home;
  gint64 time;
  GCancellable *cancellable;
} ValiseMtools;

gboolean valise_mtools_make_folder (const ValiseMtools *self, const char *folder, GError **error);
gboolean valise_mtools_copy (const ValiseMtools *self,
                             const char *const *sources,
                             const char *target,
                             gboolean keep_time,
                             GError **error);

G_END_DECLS
