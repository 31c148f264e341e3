/* valise-metadata-source.h: takes the metadata resource of an image out of a source.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-source.h"

G_BEGIN_DECLS

GBytes *valise_source_read_metadata (ValiseSource *source, const ValiseEdition *edition,
                                     GError **error);

G_END_DECLS
