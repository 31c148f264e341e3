/* valise-region-names.h: Windows' languages, keyboards and time zones, by what people call them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GListStore *valise_region_names_list_cultures (const char *const *cultures);
GListStore *valise_region_names_list_keyboards (void);
GListStore *valise_region_names_list_zones (void);
char *valise_region_names_find (GListModel *list, const char *value);

G_END_DECLS
