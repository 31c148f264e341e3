/* valise-profile-loader.h: reading a profile into the choices.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-choices.h"

G_BEGIN_DECLS

void valise_profile_loader_load_async (ValiseChoices *choices,
                                       const char *path,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer data);
gboolean valise_profile_loader_load_finish (ValiseChoices *choices,
                                            GAsyncResult *result,
                                            GError **error);

G_END_DECLS
