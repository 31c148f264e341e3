/* valise-used-space.h: how full mounted file systems are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-facts.h"

G_BEGIN_DECLS

void valise_used_space_read (GPtrArray *parts, gint64 patience);

G_END_DECLS
