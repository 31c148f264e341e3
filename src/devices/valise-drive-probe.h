/* valise-drive-probe.h: what the kernel adds to what is known of a drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-facts.h"

G_BEGIN_DECLS

void valise_drive_probe_all (GPtrArray *all, gboolean leasable);
GPtrArray *valise_drive_probe_sysfs (void);

G_END_DECLS
