/* valise-cldr.h: what people call languages and places.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *valise_cldr_name_culture (const char *culture, const char *locale);
char *valise_cldr_name_place (const char *iana, const char *locale);
gboolean valise_cldr_get_offset (const char *iana, int *minutes);

G_END_DECLS
