/* valise-settings.h: what the wizard remembers from one start to the next.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_SETTINGS_MAX_RECENT:
 *
 * As many images are remembered.
 */
#define VALISE_SETTINGS_MAX_RECENT 5

GSettings *valise_settings_get (void);
void valise_settings_apply (void);
GStrv valise_settings_get_recent_images (void);
void valise_settings_add_recent_image (const char *path);
void valise_settings_remove_recent_image (const char *path);

G_END_DECLS
