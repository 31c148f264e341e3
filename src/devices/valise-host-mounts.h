/* valise-host-mounts.h: what is mounted outside of the sandbox that this runs in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

G_BEGIN_DECLS

char *valise_host_mounts_read (GError **error);
char *valise_host_mounts_describe (GVariant *objects);
gboolean valise_host_mounts_find (const char *mounts, const char *path, dev_t *device);

G_END_DECLS
