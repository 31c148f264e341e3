/* valise-stall-watch.h: sees to it that one drive does not keep the others from being finished.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-writer.h"

G_BEGIN_DECLS

/**
 * ValisePatience:
 * @stall: µs for which a drive may be busy with one and the same write while others have nothing to
 *   do
 * @window: µs over which it is judged whether a drive crawls
 * @crawl_rate: bytes per second that no drive in order is below
 *
 * How long drives wait for another one.
 */
typedef struct
{
  gint64 stall;
  gint64 window;
  guint64 crawl_rate;
} ValisePatience;

extern const ValisePatience valise_patience_default;

/**
 * ValiseStallWatch:
 *
 * A thread that looks at writers now and then; see valise-stall-watch.c.
 */
typedef struct _ValiseStallWatch ValiseStallWatch;

ValiseStallWatch *valise_stall_watch_new (ValiseWriter *const *writers, guint n_writers);
void valise_stall_watch_free (ValiseStallWatch *self);
void valise_stall_watch_set_patience (ValiseStallWatch *self, const ValisePatience *patience);

G_END_DECLS
