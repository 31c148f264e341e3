/* valise-hive-order.h: lists of subkeys as Windows wants them.
 *
 * Private to src/boot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char *valise_hive_fold (const char *name);
gboolean valise_hive_order_place (guint8 *hive, gsize size, gsize parent, gsize child);
gboolean valise_hive_order_tidy (guint8 *hive, gsize size, gsize parent);

G_END_DECLS
