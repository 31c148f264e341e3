/* valise-units.h: sizes in bytes, read from and written for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_KIB (G_GUINT64_CONSTANT (1) << 10)
#define VALISE_MIB (G_GUINT64_CONSTANT (1) << 20)
#define VALISE_GIB (G_GUINT64_CONSTANT (1) << 30)

#define VALISE_ROUND_UP(n, to) ((((guint64) (n)) + (to) - 1) / (to) * (to))
#define VALISE_ROUND_DOWN(n, to) (((guint64) (n)) / (to) * (to))

gboolean valise_parse_size (const char *text, guint64 *size, GError **error);

G_END_DECLS
