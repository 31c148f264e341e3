/* valise-entry-layout.h: lets the title of a row to type into have several lines.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define VALISE_TYPE_ENTRY_LAYOUT (valise_entry_layout_get_type ())
G_DECLARE_FINAL_TYPE (ValiseEntryLayout, valise_entry_layout, VALISE, ENTRY_LAYOUT,
                      GtkLayoutManager)

void valise_entry_layout_apply (AdwEntryRow *row);

G_END_DECLS
