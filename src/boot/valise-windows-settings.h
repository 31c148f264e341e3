/* valise-windows-settings.h: how a portable Windows treats the PCs that it runs on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-registry-changes.h"

G_BEGIN_DECLS

/**
 * ValiseWindowsSettings:
 * @internal_disks_online: whether Windows uses the PC's own disks; else it leaves them offline
 * @device_encryption: whether Windows may encrypt the drive by itself
 * @fast_startup: whether shutting down only hibernates Windows' core, as on a PC's own disk
 * @portable_os: whether Windows is told that it is portable (“Windows To Go”)
 * @require_network: whether the first start insists on the internet, as Windows does by itself
 *
 * What is set in the registry for a portable Windows. All zero is right for most drives.
 */
typedef struct
{
  gboolean internal_disks_online;
  gboolean device_encryption;
  gboolean fast_startup;
  gboolean portable_os;
  gboolean require_network;
} ValiseWindowsSettings;

void valise_windows_settings_add_changes (const ValiseWindowsSettings *self,
                                          guint build,
                                          gboolean has_account,
                                          GPtrArray *changes);

G_END_DECLS
