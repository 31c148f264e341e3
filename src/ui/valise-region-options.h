/* valise-region-options.h: the options of language, keyboard and time zone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_REGION_OPTIONS (valise_region_options_get_type ())
G_DECLARE_FINAL_TYPE (
    ValiseRegionOptions, valise_region_options, VALISE, REGION_OPTIONS, AdwPreferencesGroup)

void valise_region_options_set_choices (ValiseRegionOptions *self, ValiseChoices *choices);

G_END_DECLS
