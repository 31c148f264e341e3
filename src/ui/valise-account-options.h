/* valise-account-options.h: the options of whom the Windows on the drive belongs to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_ACCOUNT_OPTIONS (valise_account_options_get_type ())
G_DECLARE_FINAL_TYPE (
    ValiseAccountOptions, valise_account_options, VALISE, ACCOUNT_OPTIONS, AdwPreferencesGroup)

void valise_account_options_set_choices (ValiseAccountOptions *self, ValiseChoices *choices);

G_END_DECLS
