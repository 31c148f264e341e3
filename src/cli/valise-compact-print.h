/* valise-compact-print.h: what an image's editions take when compressed, as text and JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "jobs/valise-compact-estimate.h"

G_BEGIN_DECLS

void valise_compact_print_table (GPtrArray *editions, const ValiseCompactEstimate *estimates);
void valise_compact_print_json (JsonBuilder *builder, const ValiseCompactEstimate *estimate);

G_END_DECLS
