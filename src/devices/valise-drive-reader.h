/* valise-drive-reader.h: opening a drive only to read it, through udisks2.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-lease.h"

G_BEGIN_DECLS

void valise_drive_open_for_reading_async (const char *device,
                                          const ValiseDriveLeaseOptions *options,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer data);
int valise_drive_open_for_reading_finish (GAsyncResult *result, GError **error);

G_END_DECLS
