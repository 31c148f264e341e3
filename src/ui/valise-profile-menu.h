/* valise-profile-menu.h: the button with which options are loaded and saved.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_PROFILE_MENU (valise_profile_menu_get_type ())
G_DECLARE_FINAL_TYPE (ValiseProfileMenu, valise_profile_menu, VALISE, PROFILE_MENU, AdwBin)

void valise_profile_menu_set_choices (ValiseProfileMenu *self, ValiseChoices *choices);

G_END_DECLS
