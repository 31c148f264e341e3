/* valise-sandbox.h: whether this runs in a Flatpak, and where files are outside of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean valise_sandbox_is_inside (void);
char *valise_sandbox_dup_host_path (const char *path);
char *valise_sandbox_dup_shown (const char *path);
char *valise_sandbox_dup_documents (const char *path);

G_END_DECLS
