/* valise-split-set.h: the parts of an image that was split into SWM files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-wim-header.h"

G_BEGIN_DECLS

/* More parts than this, nobody makes. */
#define VALISE_SPLIT_SET_MAX_PARTS 1000

char *valise_split_set_name (const char *first, guint part);
char *valise_split_set_first (const char *name, guint part);
gboolean valise_split_set_has (const char *first, const char *name);
GPtrArray *valise_split_set_find (const char *path, const char *shown,
                                  const ValiseWimHeader *header, GError **error);

G_END_DECLS
