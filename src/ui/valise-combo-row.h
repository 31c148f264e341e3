/* valise-combo-row.h: a row with a list to choose from, whose value is never cut.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define VALISE_TYPE_COMBO_ROW (valise_combo_row_get_type ())
G_DECLARE_DERIVABLE_TYPE (ValiseComboRow, valise_combo_row, VALISE, COMBO_ROW, AdwComboRow)

struct _ValiseComboRowClass
{
  AdwComboRowClass parent_class;
};

GtkListItemFactory *valise_combo_row_new_factory (ValiseComboRow *self);
GtkWidget *valise_combo_row_get_value_box (ValiseComboRow *self);

G_END_DECLS
