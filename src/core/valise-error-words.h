/* valise-error-words.h: what errors are called where programs read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

const char *valise_error_get_words (const GError *error, const char **domain);

G_END_DECLS
