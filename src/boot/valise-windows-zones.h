/* valise-windows-zones.h: what time zones are called in Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

const char *valise_windows_zone_find (const char *iana);
const char *valise_windows_zone_get_typical (const char *windows);
gboolean valise_windows_zone_is_known (const char *windows);
const char *valise_windows_zone_get_nth (guint n);
char **valise_windows_zone_get_places (const char *windows);
const char *valise_windows_zone_get_iana (const char *windows);

G_END_DECLS
