/* valise-file-place.h: the block devices that a file lies on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

G_BEGIN_DECLS

char *valise_file_place_find_number (const char *sys, const char *device);
GStrv valise_file_place_list (const char *sys, const char *mounts, dev_t device);

G_END_DECLS
