/* valise-hive-template.h: an empty registry hive, for hivex to fill.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GBytes *valise_hive_template_build (void);

G_END_DECLS
