/* valise-text.h: words and figures as people are shown them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

guint valise_text_width (const char *text);
char *valise_text_clean (const char *text);
char *valise_text_file_name (const char *path);
char *valise_text_ellipsize (const char *text, guint width);
char *valise_text_size (guint64 bytes);
char *valise_text_duration (guint64 seconds);
char *valise_text_encode (const char *text, const char *charset);

G_END_DECLS
