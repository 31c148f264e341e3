/* valise-fdisk.h: a drive's partition table, made by libfdisk.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "valise-layout.h"

G_BEGIN_DECLS

gboolean valise_fdisk_make_table (const char *path, const ValiseLayout *layout, GError **error);

G_END_DECLS
