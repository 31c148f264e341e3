/* valise-removable-bit.h: whether a drive calls its medium removable.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean valise_removable_bit_read (const char *sys, guint major, guint minor);
gboolean valise_removable_bit_is_set (const char *device);

G_END_DECLS
