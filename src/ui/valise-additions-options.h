/* valise-additions-options.h: the options of what is added to Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_ADDITIONS_OPTIONS (valise_additions_options_get_type ())
G_DECLARE_FINAL_TYPE (ValiseAdditionsOptions,
                      valise_additions_options,
                      VALISE,
                      ADDITIONS_OPTIONS,
                      AdwPreferencesGroup)

void valise_additions_options_set_choices (ValiseAdditionsOptions *self, ValiseChoices *choices);

G_END_DECLS
