/* valise-application.h: the wizard as a program: one instance, its actions, its arguments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * VALISE_APPLICATION_ID:
 *
 * The name on the bus, of the desktop file, the icons and the settings.
 */
#define VALISE_APPLICATION_ID "io.github.valise.Valise"

#define VALISE_TYPE_APPLICATION (valise_application_get_type ())
G_DECLARE_FINAL_TYPE (ValiseApplication, valise_application, VALISE, APPLICATION, AdwApplication)

ValiseApplication *valise_application_new (void);

G_END_DECLS
