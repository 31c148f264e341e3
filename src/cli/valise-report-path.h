/* valise-report-path.h: where the reports of a write go.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char *valise_report_path_get (const char *path, guint index, guint n_drives);
gboolean valise_report_path_check (const char *path,
                                   const char *source,
                                   const char *const *targets,
                                   GError **error);

G_END_DECLS
