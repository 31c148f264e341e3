/* valise-write-compact.h: the compression of Windows in a write job.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "compact/valise-compact.h"
#include "valise-write-job-private.h"

G_BEGIN_DECLS

/**
 * ValiseWriteCompact:
 *
 * See valise-write-compact.c.
 */
typedef struct _ValiseWriteCompact ValiseWriteCompact;

ValiseWriteCompact *valise_write_compact_new (ValiseWriteJob *job, GError **error);
void valise_write_compact_free (ValiseWriteCompact *self);
ValiseCompact *valise_write_compact_get (ValiseWriteCompact *self);
void
valise_write_compact_explain (ValiseWriteCompact *self, guint64 volume_size, GError **error);
gboolean valise_write_compact_finish (ValiseWriteCompact *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseWriteCompact, valise_write_compact_free)

G_END_DECLS
