/* valise-drive-judge.h: whether a listed drive may be erased.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-facts.h"
#include "valise-drive-guard.h"

G_BEGIN_DECLS

gboolean valise_drive_judge_facts (const ValiseDriveFacts *facts, GError **error);
gboolean valise_drive_judge_size (const ValiseDriveFacts *facts, guint64 needed, GError **error);
gboolean valise_drive_judge_kernel (const ValiseDriveFacts *facts,
                                    const ValiseSystemState *state,
                                    gboolean leasable,
                                    GError **error);

G_END_DECLS
