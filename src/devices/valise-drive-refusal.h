/* valise-drive-refusal.h: why a drive is refused, said once for all who refuse it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean valise_drive_refuse_partition (const char *name, GError **error);
gboolean valise_drive_refuse_no_medium (const char *name, GError **error);
gboolean valise_drive_refuse_read_only (const char *name, GError **error);
gboolean valise_drive_refuse_system (const char *name, const char *folder, GError **error);
gboolean valise_drive_refuse_swap (const char *name, GError **error);

G_END_DECLS
