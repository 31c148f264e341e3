/* valise-windows-options.h: the options of how Windows treats PCs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_WINDOWS_OPTIONS (valise_windows_options_get_type ())
G_DECLARE_FINAL_TYPE (
    ValiseWindowsOptions, valise_windows_options, VALISE, WINDOWS_OPTIONS, AdwPreferencesGroup)

void valise_windows_options_set_choices (ValiseWindowsOptions *self, ValiseChoices *choices);

G_END_DECLS
