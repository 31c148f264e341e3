/* valise-file-drop.h: files that are dropped onto the window.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-window.h"

G_BEGIN_DECLS

void valise_file_drop_add (GtkWidget *widget, ValiseWindow *window);

G_END_DECLS
