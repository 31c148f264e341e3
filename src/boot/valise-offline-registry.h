/* valise-offline-registry.h: the registry of a Windows that does not run yet.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean valise_offline_registry_make_portable (const char *system_hive_path, GError **error);

G_END_DECLS
