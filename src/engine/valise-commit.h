/* valise-commit.h: the first and the last thing a job does to a drive: blank it, give it its table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-target.h"
#include "volume/valise-layout.h"
#include "volume/valise-staging.h"

G_BEGIN_DECLS

/**
 * VALISE_MAX_BOUNDARIES:
 *
 * The most boundaries that valise_layout_list_boundaries() finds.
 */
#define VALISE_MAX_BOUNDARIES (2 * VALISE_LAYOUT_MAX_PARTITIONS)

guint valise_layout_list_boundaries (const ValiseLayout *layout,
                                     guint64 boundaries[VALISE_MAX_BOUNDARIES]);
gboolean valise_target_blank (ValiseTarget *self,
                              const guint64 *boundaries,
                              guint n_boundaries,
                              GCancellable *cancellable,
                              GError **error);
gboolean valise_target_blank_again (ValiseTarget *self,
                                    const guint64 *boundaries,
                                    guint n_boundaries,
                                    GError **error);
gboolean valise_target_commit (ValiseTarget *self,
                               const ValiseStagedTable *table,
                               const guint64 *boundaries,
                               guint n_boundaries,
                               GCancellable *cancellable,
                               GError **error);

G_END_DECLS
