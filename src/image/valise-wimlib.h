/* valise-wimlib.h: wimlib as the other files here use it: started once, cancellable, its errors in
 * our words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <wimlib.h>

#include "core/valise-progress.h"

G_BEGIN_DECLS

/**
 * ValiseWimlibCall:
 * @progress: (nullable): gets the bytes that are done
 * @cancellable: (nullable): ends the call
 *
 * What one long call of wimlib needs: given to it as the context of valise_wimlib_progress().
 */
typedef struct
{
  ValiseProgress *progress;
  GCancellable *cancellable;
} ValiseWimlibCall;

void valise_wimlib_init (void);
enum wimlib_progress_status valise_wimlib_progress (enum wimlib_progress_msg message,
                                                    union wimlib_progress_info *info,
                                                    void *call);
void valise_wimlib_set_error (GError **error, int code, const char *shown);
void valise_wimlib_set_extract_error (GError **error, int code, const char *shown,
                                      const char *folder);

G_END_DECLS
