/* valise-json.h: what valise says to programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonBuilder *valise_json_begin (void);
JsonBuilder *valise_json_begin_event (const char *event);
void valise_json_add_string (JsonBuilder *builder, const char *name, const char *value);
void valise_json_add_int (JsonBuilder *builder, const char *name, guint64 value);
void valise_json_add_double (JsonBuilder *builder, const char *name, double value);
void valise_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value);
void valise_json_add_strings (JsonBuilder *builder, const char *name, const char *const *values);
void valise_json_add_error (JsonBuilder *builder, const GError *error);
char *valise_json_end (JsonBuilder *builder);
gboolean valise_json_print (JsonBuilder *builder);

G_END_DECLS
