/* valise-json-place.h: where in a text of JSON a member stands.
 *
 * Private to src/jobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean valise_json_place_find (const char *json,
                                 gsize size,
                                 const char *object,
                                 const char *name,
                                 guint *line,
                                 guint *column);

G_END_DECLS
