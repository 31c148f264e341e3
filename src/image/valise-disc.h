/* valise-disc.h: the image files inside an ISO.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "core/valise-progress.h"
#include "core/valise-scratch.h"

G_BEGIN_DECLS

/**
 * ValiseDiscExtent:
 * @offset: where it begins in the ISO, in bytes
 * @size: in bytes
 */
typedef struct
{
  guint64 offset;
  guint64 size;
} ValiseDiscExtent;

/**
 * ValiseDiscFile:
 * @name: such as `install.wim`; only letters, digits and dots
 * @size: in bytes
 * @extents: (element-type ValiseDiscExtent): where it lies: inside the ISO, @size bytes together
 */
typedef struct
{
  char *name;
  guint64 size;
  GArray *extents;
} ValiseDiscFile;

/**
 * ValiseDisc:
 * @fd: the ISO, open to read
 * @folder: (nullable): where the files are, such as `sources`, without a slash in front
 * @files: (element-type ValiseDiscFile): an install.wim, or an install.esd, or all of a set of
 *   install.swm, the first part first
 */
typedef struct
{
  int fd;
  char *folder;
  GPtrArray *files;
} ValiseDisc;

ValiseDisc *valise_disc_open (const char *path, GCancellable *cancellable, GError **error);
void valise_disc_free (ValiseDisc *self);
gboolean valise_disc_copy (ValiseDisc *self, const char *folder, ValiseScratch *scratch,
                           ValiseProgress *progress, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDisc, valise_disc_free)

G_END_DECLS
