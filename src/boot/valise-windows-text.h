/* valise-windows-text.h: text files as Windows' programs write them.
 *
 * Private to src/boot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What files are taken to be written in that are in no form of Unicode. */
#define VALISE_WINDOWS_TEXT_ANSI "WINDOWS-1252"

char *valise_windows_text_decode (GBytes *file, gboolean may_be_ansi);

G_END_DECLS
