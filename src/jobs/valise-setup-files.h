/* valise-setup-files.h: the files and folders of this computer that were chosen for Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "image/valise-edition.h"
#include "valise-setup.h"

G_BEGIN_DECLS

GBytes *valise_setup_read_answer_file (const ValiseSetup *self, GError **error);
gboolean valise_setup_find_drivers (const ValiseSetup *self,
                                    const ValiseEdition *edition,
                                    GPtrArray **packages,
                                    GError **error);
gboolean valise_setup_check_files (const ValiseSetup *self,
                                   const ValiseEdition *edition,
                                   GPtrArray **packages,
                                   GError **error);

G_END_DECLS
