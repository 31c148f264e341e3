/* valise-source-opening.h: opens a source for a command, and looks at its boot managers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-scratch.h"
#include "image/valise-source.h"
#include "jobs/valise-compact-estimate.h"

G_BEGIN_DECLS

/**
 * ValiseSourceOpening:
 * @scratch: where an ISO's image may have been copied to; @source needs it
 * @source: the source
 * @boot: (element-type ValiseBootFiles): its editions' boot managers, in their order; %NULL for
 *   those that were not asked for or cannot start
 * @estimates: (nullable): what its editions take when they are compressed, in their order; zeroed
 *   for those that cannot start; %NULL where nobody asked
 *
 * An open source. Begins zeroed; clear it with valise_source_opening_clear().
 */
typedef struct
{
  ValiseScratch *scratch;
  ValiseSource *source;
  GPtrArray *boot;
  ValiseCompactEstimate *estimates;
} ValiseSourceOpening;

gboolean valise_source_opening_run (ValiseSourceOpening *self,
                                    const char *path,
                                    gboolean estimate,
                                    GError **error);
const ValiseEdition *valise_source_opening_run_for (ValiseSourceOpening *self,
                                                    const char *path,
                                                    const char *edition,
                                                    GError **error);
void valise_source_opening_clear (ValiseSourceOpening *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseSourceOpening, valise_source_opening_clear)

G_END_DECLS
