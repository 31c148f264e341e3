/* valise-record.h: the JSON of reports: writing members, and reading strangers' ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

void valise_record_add_string (JsonBuilder *builder, const char *name, const char *value);
void valise_record_add_int (JsonBuilder *builder, const char *name, guint64 value);
void valise_record_add_hex (JsonBuilder *builder, const char *name, guint64 value);
void valise_record_begin_object (JsonBuilder *builder, const char *name);
void valise_record_begin_array (JsonBuilder *builder, const char *name);
char *valise_record_to_text (JsonBuilder *builder);
gboolean valise_record_save (const char *json, const char *path, GError **error);

GMappedFile *valise_record_map (const char *path, GError **error);
gboolean valise_record_is_flat (const char *json, gsize size);
JsonObject *
valise_record_parse (JsonParser *parser, const char *json, gsize size, gsize max_size);
JsonNode *valise_record_get_member (JsonObject *object, const char *name, GType type);
char *valise_record_get_string (JsonObject *object, const char *name);
gboolean valise_record_get_uint (JsonObject *object, const char *name, guint64 *value);
gboolean valise_record_get_hex (JsonObject *object, const char *name, guint64 *value);
JsonObject *valise_record_get_object (JsonObject *object, const char *name);
JsonArray *valise_record_get_array (JsonObject *object, const char *name);
JsonObject *valise_record_get_element (JsonArray *array, guint i);

G_END_DECLS
