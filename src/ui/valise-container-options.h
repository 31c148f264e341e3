/* valise-container-options.h: the options of a virtual disk for Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_CONTAINER_OPTIONS (valise_container_options_get_type ())
G_DECLARE_FINAL_TYPE (ValiseContainerOptions,
                      valise_container_options,
                      VALISE,
                      CONTAINER_OPTIONS,
                      AdwPreferencesGroup)

void valise_container_options_set_choices (ValiseContainerOptions *self, ValiseChoices *choices);

G_END_DECLS
