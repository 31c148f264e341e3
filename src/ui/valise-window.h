/* valise-window.h: the wizard's one window.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

#define VALISE_TYPE_WINDOW (valise_window_get_type ())
G_DECLARE_FINAL_TYPE (ValiseWindow, valise_window, VALISE, WINDOW, AdwApplicationWindow)

ValiseWindow *valise_window_new (AdwApplication *application);
gboolean valise_window_can_open (ValiseWindow *self);
void valise_window_open_files (ValiseWindow *self, GFile **files, guint n_files);
void valise_window_open_profile (ValiseWindow *self, GFile *file);
ValiseChoices *valise_window_get_choices (ValiseWindow *self);
void valise_window_open_image (ValiseWindow *self, GFile *image);
void valise_window_show_page (ValiseWindow *self, const char *name);
void valise_window_show_toast (ValiseWindow *self, const char *text);

G_END_DECLS
