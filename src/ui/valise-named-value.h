/* valise-named-value.h: a value that can be chosen, and what people call it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_TYPE_NAMED_VALUE (valise_named_value_get_type ())
G_DECLARE_FINAL_TYPE (ValiseNamedValue, valise_named_value, VALISE, NAMED_VALUE, GObject)

ValiseNamedValue *valise_named_value_new (const char *value, const char *name, const char *words);
const char *valise_named_value_get_value (ValiseNamedValue *self);
const char *valise_named_value_get_name (ValiseNamedValue *self);
gboolean valise_named_value_matches (ValiseNamedValue *self, const char *folded);
char *valise_named_value_fold (const char *text);

G_END_DECLS
