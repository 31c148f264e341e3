/* valise-damaged-file.h: which file of a drive that was just written is damaged.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "engine/valise-target.h"
#include "volume/valise-digest-map.h"
#include "volume/valise-layout.h"

G_BEGIN_DECLS

char *valise_find_damaged_file (ValiseTarget *target,
                                const ValiseDigestMap *digests,
                                const ValisePartition *os,
                                guint64 offset,
                                GCancellable *cancellable);

G_END_DECLS
