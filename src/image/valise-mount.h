/* valise-mount.h: an ISO, mounted by udisks2.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseMount:
 *
 * See valise-mount.c.
 */
typedef struct _ValiseMount ValiseMount;

ValiseMount *valise_mount_new (const char *path, GCancellable *cancellable, GError **error);
const char *valise_mount_get_path (ValiseMount *self);
void valise_mount_free (ValiseMount *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseMount, valise_mount_free)

G_END_DECLS
