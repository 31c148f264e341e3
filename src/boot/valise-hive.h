/* valise-hive.h: what src/boot needs of hivex.
 *
 * Private to src/boot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <hivex.h>

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (hive_h, hivex_close)

hive_node_h valise_hive_find (hive_h *hive, hive_node_h from, const char *path);
hive_node_h valise_hive_make (hive_h *hive, hive_node_h from, const char *path);
gboolean valise_hive_can_free (hive_h *hive, hive_node_h node, gboolean whole);
gboolean valise_hive_get_dword (hive_h *hive, hive_node_h node, const char *name, guint32 *value);
char *valise_hive_get_string (hive_h *hive, hive_node_h node, const char *name);
GBytes *valise_utf16_from_text (const char *text);
GBytes *valise_utf16_from_texts (const char *const *texts);
char *valise_utf16_to_text (gconstpointer data, gsize size, gsize *used);

G_END_DECLS
