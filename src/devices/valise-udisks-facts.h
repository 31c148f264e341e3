/* valise-udisks-facts.h: what udisks2 knows of the drives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <udisks/udisks.h>

#include "valise-drive-facts.h"

G_BEGIN_DECLS

GPtrArray *valise_udisks_facts_read (UDisksClient *client, GHashTable *shared);

G_END_DECLS
