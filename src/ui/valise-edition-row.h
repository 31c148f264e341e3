/* valise-edition-row.h: a row of the list of editions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "image/valise-edition.h"

G_BEGIN_DECLS

#define VALISE_TYPE_EDITION_ROW (valise_edition_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseEditionRow, valise_edition_row, VALISE, EDITION_ROW, AdwActionRow)

ValiseEditionRow *valise_edition_row_new (const ValiseEdition *edition);
guint valise_edition_row_get_index (ValiseEditionRow *self);
GtkCheckButton *valise_edition_row_get_button (ValiseEditionRow *self);
char *valise_edition_row_describe (const ValiseEdition *edition);

G_END_DECLS
