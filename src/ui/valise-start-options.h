/* valise-start-options.h: the options of what starts the drive, and on which PCs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_START_OPTIONS (valise_start_options_get_type ())
G_DECLARE_FINAL_TYPE (
    ValiseStartOptions, valise_start_options, VALISE, START_OPTIONS, AdwPreferencesGroup)

void valise_start_options_set_choices (ValiseStartOptions *self, ValiseChoices *choices);

G_END_DECLS
