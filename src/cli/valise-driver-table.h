/* valise-driver-table.h: drivers that were found, for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <stdio.h>

G_BEGIN_DECLS

void valise_driver_table_print (const GPtrArray *packages, FILE *stream);

G_END_DECLS
