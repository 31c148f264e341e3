/* valise-drive-patch.h: a few bytes of a written drive, made its own.
 *
 * Private to src/jobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "engine/valise-target.h"
#include "volume/valise-digest-map.h"

G_BEGIN_DECLS

gboolean valise_drive_patch (ValiseTarget *target,
                             ValiseDigestMap *digests,
                             guint64 offset,
                             gconstpointer data,
                             gsize size,
                             GError **error);

G_END_DECLS
