/* valise-windows-region.h: what languages and keyboards are called in Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

const char *valise_windows_culture_find (const char *posix);
const char *valise_windows_culture_get_nth (guint n);
const char *valise_windows_culture_get_input (const char *culture);
char *valise_windows_keyboard_find (const char *layouts, const char *variants, const char *culture);
char *valise_windows_keyboard_get_nth (guint n, const char **layout, const char **variant);

G_END_DECLS
