/* valise-progress.h: how far a job is, readable from any thread.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_TYPE_PROGRESS (valise_progress_get_type ())
G_DECLARE_FINAL_TYPE (ValiseProgress, valise_progress, VALISE, PROGRESS, GObject)

/**
 * ValiseProgressStep:
 * @id: a word for programs, such as `apply`; never translated
 * @weight: the step's share of the whole, in any unit that all steps share
 *
 * One of a job's steps, in the order in which they are done.
 */
typedef struct
{
  const char *id;
  double weight;
} ValiseProgressStep;

/**
 * ValiseProgressState:
 * @step: (nullable): the current step's id; an interned string
 * @done: units of the current step that are done (bytes, mostly)
 * @total: units of the current step, or 0 where that is not known
 * @fraction: share of the whole job that is done, 0 to 1, never falling
 *
 * A copy of what a #ValiseProgress knew at one moment.
 */
typedef struct
{
  const char *step;
  guint64 done;
  guint64 total;
  double fraction;
} ValiseProgressState;

ValiseProgress *valise_progress_new (void);
void valise_progress_set_steps (ValiseProgress *self, const ValiseProgressStep *steps,
                                gsize n_steps);
void valise_progress_begin (ValiseProgress *self, const char *step_id, guint64 total);
void valise_progress_set_done (ValiseProgress *self, guint64 done);
void valise_progress_set_total (ValiseProgress *self, guint64 total);
void valise_progress_get_state (ValiseProgress *self, ValiseProgressState *state);

G_END_DECLS
