/* valise-image-rules.h: what of an edition must stay uncompressed, by its own list.
 *
 * Private to src/jobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "compact/valise-compact-rules.h"
#include "core/valise-scratch.h"
#include "image/valise-source.h"

G_BEGIN_DECLS

ValiseCompactRules *valise_image_rules_read (ValiseSource *source,
                                             const ValiseEdition *edition,
                                             ValiseScratch *scratch,
                                             GCancellable *cancellable,
                                             GError **error);

G_END_DECLS
