/* valise-report-windows.h: how Windows was made its owner's, for a drive's report.
 *
 * Private to src/jobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-setup.h"

G_BEGIN_DECLS

char *valise_report_windows_describe (const ValiseSetup *setup, const GPtrArray *packages);

G_END_DECLS
