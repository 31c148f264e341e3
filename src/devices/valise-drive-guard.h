/* valise-drive-guard.h: whether a drive may be erased.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "valise-drive-info.h"

G_BEGIN_DECLS

/**
 * ValiseSystemState:
 * @mounts: what /proc/self/mountinfo says
 * @swaps: what /proc/swaps says
 * @sys: (nullable): where sysfs is mounted, which knows what is stacked on what; %NULL for `/sys`
 *
 * What the running system uses. The texts are as the kernel writes them.
 */
typedef struct
{
  char *mounts;
  char *swaps;
  const char *sys;
} ValiseSystemState;

ValiseSystemState *valise_system_state_read (GError **error);
void valise_system_state_free (ValiseSystemState *self);

gboolean valise_drive_guard_is_system_folder (const char *folder);
gboolean valise_drive_guard_check (const ValiseDriveInfo *drive,
                                   const ValiseSystemState *state,
                                   GError **error);
gboolean valise_drive_guard_check_leasable (const ValiseDriveInfo *drive,
                                            const ValiseSystemState *state,
                                            const char *const *closable,
                                            GError **error);
gboolean valise_drive_guard_is_on (const ValiseDriveInfo *drive, const char *path);
gboolean valise_drive_guard_check_source (const ValiseDriveInfo *drive,
                                          const char *source,
                                          GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSystemState, valise_system_state_free)

G_END_DECLS
