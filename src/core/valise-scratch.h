/* valise-scratch.h: a folder for this run's temporary files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseScratch:
 *
 * A folder of our own below the user's cache folder. It is removed with the object; what a crash
 * left behind is removed by the next run's valise_scratch_new().
 */
typedef struct _ValiseScratch ValiseScratch;

ValiseScratch *valise_scratch_new (GError **error);
void valise_scratch_free (ValiseScratch *self);
const char *valise_scratch_get_path (ValiseScratch *self);
char *valise_scratch_build_path (ValiseScratch *self, const char *name);
gboolean valise_scratch_check_space (ValiseScratch *self, guint64 bytes, GError **error);
void valise_remove_tree (const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseScratch, valise_scratch_free)

G_END_DECLS
