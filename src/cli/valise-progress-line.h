/* valise-progress-line.h: how far a job is, on one line.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseProgressLine:
 * @stage: (nullable): the id of the job's step
 * @fraction: share of the whole job that is done, 0 to 1
 * @bytes: what the (slowest) drive has taken or was read back from it
 * @reading: whether @bytes are read back
 * @rate: bytes per second, or 0 where not known
 * @seconds: how long the rest will take, or -1 where that is not known
 */
typedef struct
{
  const char *stage;
  double fraction;
  guint64 bytes;
  gboolean reading;
  double rate;
  gint64 seconds;
} ValiseProgressLine;

char *valise_progress_line_format (const ValiseProgressLine *self, guint width);

G_END_DECLS
