/* valise-search-row.h: a row with a long list, in which one can search.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-combo-row.h"

G_BEGIN_DECLS

#define VALISE_TYPE_SEARCH_ROW (valise_search_row_get_type ())
G_DECLARE_FINAL_TYPE (ValiseSearchRow, valise_search_row, VALISE, SEARCH_ROW, ValiseComboRow)

/**
 * ValiseSearchRowCheck:
 * @text: what was typed; never empty
 * @error: where to put an error
 *
 * Returns: whether it is possible, although the list does not have it
 */
typedef gboolean (*ValiseSearchRowCheck) (const char *text, GError **error);

void valise_search_row_set_check (ValiseSearchRow *self,
                                  ValiseSearchRowCheck check,
                                  const char *hint);

G_END_DECLS
