/* valise-drive-users.h: which programs use a drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *valise_drive_users_describe (const char *const *folders, const char *const *devices);
char *valise_drive_users_describe_in (const char *proc,
                                      const char *sys,
                                      const char *const *folders,
                                      const char *const *devices);

G_END_DECLS
