/* valise-help-window.h: the help, in a window of the wizard's own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void valise_help_window_present (GtkWindow *parent);

G_END_DECLS
