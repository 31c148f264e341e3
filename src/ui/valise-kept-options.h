/* valise-kept-options.h: what a profile says that no other row shows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_KEPT_OPTIONS (valise_kept_options_get_type ())
G_DECLARE_FINAL_TYPE (
    ValiseKeptOptions, valise_kept_options, VALISE, KEPT_OPTIONS, AdwPreferencesGroup)

void valise_kept_options_set_choices (ValiseKeptOptions *self, ValiseChoices *choices);

G_END_DECLS
