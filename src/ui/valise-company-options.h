/* valise-company-options.h: the options of what a company wants of its drives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_COMPANY_OPTIONS (valise_company_options_get_type ())
G_DECLARE_FINAL_TYPE (
    ValiseCompanyOptions, valise_company_options, VALISE, COMPANY_OPTIONS, AdwPreferencesGroup)

void valise_company_options_set_choices (ValiseCompanyOptions *self, ValiseChoices *choices);

G_END_DECLS
