/* valise-drive-hold.h: a drive that was chosen, opened for a job, and let go afterwards.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "engine/valise-target.h"

G_BEGIN_DECLS

#define VALISE_TYPE_DRIVE_HOLD (valise_drive_hold_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDriveHold, valise_drive_hold, VALISE, DRIVE_HOLD, GObject)

/**
 * ValiseDriveChoice:
 * @path: path of the drive's node, or of a file that serves as a drive
 * @size: its size in bytes, as the user was shown it; 0 where any will do
 * @number: its device number, as it was then; 0 where any will do
 * @source: (nullable): path of the image, which must not be on it
 *
 * Which drive the user chose.
 */
typedef struct
{
  const char *path;
  guint64 size;
  guint64 number;
  const char *source;
} ValiseDriveChoice;

void valise_drive_hold_open_async (const ValiseDriveChoice *choice,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer data);
ValiseDriveHold *valise_drive_hold_open_finish (GAsyncResult *result, GError **error);
ValiseTarget *valise_drive_hold_steal_target (ValiseDriveHold *self);
void valise_drive_hold_let_go_async (ValiseDriveHold *self,
                                     gboolean eject,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
gboolean valise_drive_hold_let_go_finish (ValiseDriveHold *self,
                                          GAsyncResult *result,
                                          GError **error);

G_END_DECLS
