/* valise-option-rows.h: rows of options that stand for keys of the profile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

/**
 * ValiseOptionCheck:
 * @text: what was typed; never empty
 * @error: where to put an error
 *
 * Returns: whether it is possible
 */
typedef gboolean (*ValiseOptionCheck) (const char *text, GError **error);

void valise_option_rows_bind (AdwEntryRow *row,
                              ValiseChoices *choices,
                              const char *key,
                              ValiseOptionCheck check);
void valise_option_rows_bind_list (AdwComboRow *row,
                                   ValiseChoices *choices,
                                   const char *key,
                                   const char *nothing,
                                   GListModel *values);

G_END_DECLS
