/* valise-part-use.h: what the running system does with a part of a drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-facts.h"
#include "valise-drive-guard.h"

G_BEGIN_DECLS

void valise_part_use_read (ValiseDrivePart *part, const ValiseSystemState *state);

G_END_DECLS
