/* valise-write-notices.h: what to know of an image on these drives, before anybody is asked.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "jobs/valise-plan.h"
#include "valise-source-opening.h"
#include "valise-target-list.h"

G_BEGIN_DECLS

gboolean valise_write_notices_tell (ValisePlan *plan,
                                    ValiseTargetList *list,
                                    ValiseSourceOpening *opening,
                                    GError **error);
gboolean valise_write_notices_tell_drivers (ValisePlan *plan,
                                            ValiseSourceOpening *opening,
                                            GError **error);

G_END_DECLS
