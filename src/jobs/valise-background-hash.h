/* valise-background-hash.h: the source's digest, made beside the job's other work.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "image/valise-source.h"

G_BEGIN_DECLS

/**
 * ValiseBackgroundHash:
 *
 * See valise-background-hash.c.
 */
typedef struct _ValiseBackgroundHash ValiseBackgroundHash;

ValiseBackgroundHash *valise_background_hash_start (ValiseSource *source);
char *valise_background_hash_finish (ValiseBackgroundHash *self, gboolean wait);
void valise_background_hash_cancel (ValiseBackgroundHash *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBackgroundHash, valise_background_hash_cancel)

G_END_DECLS
