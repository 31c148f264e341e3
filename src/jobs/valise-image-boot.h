/* valise-image-boot.h: looks at the boot managers in a source.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "boot/valise-boot-files.h"
#include "image/valise-source.h"

G_BEGIN_DECLS

ValiseBootFiles *valise_image_boot_read (ValiseSource *source,
                                         const ValiseEdition *edition,
                                         ValiseScratch *scratch,
                                         GCancellable *cancellable,
                                         GError **error);
GPtrArray *valise_image_boot_new_list (guint n_editions);
GPtrArray *valise_image_boot_read_all (ValiseSource *source,
                                       ValiseScratch *scratch,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
