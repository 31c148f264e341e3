/* valise-offline-registry.h: the registry of a Windows that does not run yet.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-registry-changes.h"

G_BEGIN_DECLS

gboolean valise_offline_registry_apply (const char *path,
                                        ValiseRegistryHive hive,
                                        const GPtrArray *changes,
                                        GError **error);

G_END_DECLS
