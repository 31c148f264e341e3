/* valise-boot-print.h: an image's boot managers, and what to know of them, as text and JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "jobs/valise-warnings.h"

G_BEGIN_DECLS

void valise_boot_print_json (JsonBuilder *builder, const ValiseBootFiles *boot);
void valise_boot_print_warnings_json (JsonBuilder *builder, GPtrArray *warnings);
void valise_boot_print_table (GPtrArray *editions, GPtrArray *boot);
void valise_boot_print_warnings (GPtrArray *editions, GPtrArray *boot);

G_END_DECLS
