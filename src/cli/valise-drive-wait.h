/* valise-drive-wait.h: the drives, for a command that has nothing else to do meanwhile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "devices/valise-drive-list.h"

G_BEGIN_DECLS

ValiseDriveList *valise_drive_wait_list (void);
char *valise_drive_wait_resolve (const char *name, GError **error);

G_END_DECLS
