/* valise-apply.h: brings an edition's files to a volume, or some of them to a folder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-source.h"

G_BEGIN_DECLS

gboolean valise_source_apply (ValiseSource *self, const ValiseEdition *edition,
                              const char *volume_name, ValiseProgress *progress,
                              GCancellable *cancellable, GError **error);
gboolean valise_source_extract (ValiseSource *self, const ValiseEdition *edition,
                                const char *const *paths, const char *folder,
                                GCancellable *cancellable, GError **error);
void valise_source_probe_ntfs (const char *name);

G_END_DECLS
