/* valise-source.h: an ISO, WIM, ESD or set of SWM files that Windows editions are in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "core/valise-progress.h"
#include "core/valise-scratch.h"
#include "valise-edition.h"

G_BEGIN_DECLS

/**
 * ValiseSource:
 *
 * See valise-source.c. One thread at a time, except where a function says otherwise.
 */
typedef struct _ValiseSource ValiseSource;

ValiseSource *valise_source_open (const char *path, ValiseScratch *scratch,
                                  ValiseProgress *progress, GCancellable *cancellable,
                                  GError **error);
void valise_source_free (ValiseSource *self);

const char *valise_source_get_path (ValiseSource *self);
const char *valise_source_get_format (ValiseSource *self);
gboolean valise_source_is_solid (ValiseSource *self);
gboolean valise_source_is_iso (ValiseSource *self);
guint64 valise_source_get_size (ValiseSource *self);
gint64 valise_source_get_time (ValiseSource *self);
GPtrArray *valise_source_get_editions (ValiseSource *self);
const ValiseEdition *valise_source_find_edition (ValiseSource *self, const char *wanted,
                                                 GError **error);
char *valise_source_hash (ValiseSource *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseSource, valise_source_free)

G_END_DECLS
