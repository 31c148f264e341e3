/* valise-job-drives.c: what a write job does with all of its drives at once.
 *
 * Each drive has a thread of its own for it, so that none waits for another, and the failure of one
 * is nothing to the others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-job-drives.h"

#include "core/valise-error.h"
#include "engine/valise-commit.h"

/* How often a waiting job says how far it is, in µs. */
#define TICK_INTERVAL (G_USEC_PER_SEC / 10)

/* ---- the same with each ---- */

/* One drive's part in a stage. */
typedef struct
{
  struct Stage *stage;
  ValiseJobDrive *drive; /* a reference; NULL where there is nothing to do */
  ValiseTarget *target;  /* its target: held for as long as the thread uses it */
  guint64 moved;         /* only the job's thread: bytes, when it looked last */
  gint64 waited;         /* only the job's thread: µs in which nothing was moved */

  /* Guarded by the stage's lock. */
  gboolean is_given_up;
  gboolean has_ended;
  GError *error;
} Run;

/* What the threads and the job share; freed by the last of them: a thread whose drive does not
 * answer may come back when the job is long over. */
typedef struct Stage
{
  gatomicrefcount ref_count;
  ValiseJobDriveFunc func;
  gpointer data;
  guint n;
  Run *runs;

  GMutex lock;
  GCond ended;
  guint n_running; /* those that were not given up */
} Stage;

static void
stage_unref (Stage *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n; i++)
    {
      g_clear_pointer (&self->runs[i].drive, valise_job_drive_free);
      g_clear_error (&self->runs[i].error);
    }
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ended);
  g_free (self->runs);
  g_free (self);
}

static gpointer
run_thread (gpointer data)
{
  Run *run = data;
  Stage *stage = run->stage;
  GError *error = NULL;

  stage->func (run->drive, stage->data, &error);
  valise_target_let_go (run->target);
  g_mutex_lock (&stage->lock);
  /* Known at once, not when the others have ended, too. */
  if (error != NULL && !run->is_given_up)
    valise_job_drive_take_error (run->drive, g_error_copy (error));
  run->error = error;
  run->has_ended = TRUE;
  if (!run->is_given_up)
    stage->n_running--;
  g_cond_signal (&stage->ended);
  g_mutex_unlock (&stage->lock);
  stage_unref (stage);
  return NULL;
}

static Stage *
start_stage (GPtrArray *drives, ValiseJobDriveFunc func, gpointer data)
{
  Stage *self = g_new0 (Stage, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_cond_init (&self->ended);
  self->func = func;
  self->data = data;
  self->n = drives->len;
  self->runs = g_new0 (Run, drives->len);
  self->n_running = valise_job_drives_count_alive (drives);
  for (guint i = 0; i < drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (drives, i);
      Run *run = &self->runs[i];

      if (drive->error != NULL)
        continue;
      run->stage = self;
      run->drive = valise_job_drive_ref (drive);
      run->target = valise_target_hold (drive->target);
      g_atomic_ref_count_inc (&self->ref_count);
      g_thread_unref (g_thread_new ("valise-drive", run_thread, run));
    }
  return self;
}

static void
give_up (Run *run, gint64 waited)
{
  GError *error = NULL;

  valise_target_set_stalled (run->drive->target, waited / G_USEC_PER_SEC, &error);
  g_debug ("%s", error->message);
  valise_job_drive_take_error (run->drive, error);
  run->is_given_up = TRUE;
  run->stage->n_running--;
}

/* Gives up drives that have moved no byte for @patience while others have ended the stage. Called
 * with the lock, each @span µs. */
static void
look_for_stalled (Stage *self, gint64 span, gint64 patience)
{
  gboolean some_wait = FALSE;

  for (guint i = 0; i < self->n; i++)
    some_wait |= self->runs[i].has_ended && self->runs[i].error == NULL;
  for (guint i = 0; i < self->n; i++)
    {
      Run *run = &self->runs[i];
      ValiseTargetCounts counts;
      guint64 moved;

      if (run->drive == NULL || run->has_ended || run->is_given_up)
        continue;
      valise_target_get_counts (run->drive->target, &counts);
      moved = counts.bytes_written + counts.bytes_read;
      run->waited = some_wait && moved == run->moved ? run->waited + span : 0;
      run->moved = moved;
      if (run->waited >= patience && valise_job_drive_give_up (run->drive))
        give_up (run, run->waited);
    }
}

/**
 * valise_job_drives_run:
 * @drives: (element-type ValiseJobDrive): the job's drives
 * @func: what to do with each that has no error; what it needs of @data it takes at its start
 * @tick: (nullable): called now and then while that goes on, in the caller's thread
 * @data: for both
 * @patience: µs for which others wait for a drive that moves no byte
 *
 * Does the same with all drives, each in its own thread, so that none waits for another. Returns
 * when all have ended; those that failed have their error. A drive that stops answering while
 * others have ended is one of them; its thread ends when the system lets it go.
 */
void
valise_job_drives_run (GPtrArray *drives,
                       ValiseJobDriveFunc func,
                       void (*tick) (gpointer data),
                       gpointer data,
                       gint64 patience)
{
  Stage *stage = start_stage (drives, func, data);

  g_mutex_lock (&stage->lock);
  while (stage->n_running > 0)
    {
      if (g_cond_wait_until (&stage->ended, &stage->lock, g_get_monotonic_time () + TICK_INTERVAL))
        continue;
      look_for_stalled (stage, TICK_INTERVAL, patience);
      if (tick == NULL)
        continue;
      g_mutex_unlock (&stage->lock);
      tick (data);
      g_mutex_lock (&stage->lock);
    }
  g_mutex_unlock (&stage->lock);
  stage_unref (stage);
}

/**
 * valise_job_drives_count_alive:
 * @drives: (element-type ValiseJobDrive): the job's drives
 *
 * Returns: how many have no error
 */
guint
valise_job_drives_count_alive (GPtrArray *drives)
{
  guint n = 0;

  for (guint i = 0; i < drives->len; i++)
    n += ((ValiseJobDrive *) g_ptr_array_index (drives, i))->error == NULL;
  return n;
}

/**
 * valise_job_drives_dup_error:
 * @drives: (element-type ValiseJobDrive): the job's drives
 *
 * Returns: (transfer full) (nullable): the first error that one has
 */
GError *
valise_job_drives_dup_error (GPtrArray *drives)
{
  for (guint i = 0; i < drives->len; i++)
    {
      const ValiseJobDrive *drive = drives->pdata[i];

      if (drive->error != NULL)
        return g_error_copy (drive->error);
    }
  return NULL;
}

/**
 * valise_job_drives_set_stage:
 * @drives: (element-type ValiseJobDrive): the job's drives
 * @stage: the stage that has ended; a string that stays
 *
 * Notes the stage with those drives that have failed in it.
 */
void
valise_job_drives_set_stage (GPtrArray *drives, const char *stage)
{
  for (guint i = 0; i < drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (drives, i);

      if (drive->error != NULL && drive->stage == NULL)
        drive->stage = stage;
    }
}

/**
 * valise_job_drives_fail:
 * @drives: (element-type ValiseJobDrive): the job's drives
 * @error: what went wrong for all of them
 *
 * Gives @error to each drive that has none of its own and is not finished.
 */
void
valise_job_drives_fail (GPtrArray *drives, const GError *error)
{
  for (guint i = 0; i < drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (drives, i);

      if (drive->error == NULL && !drive->finished)
        valise_job_drive_take_error (drive, g_error_copy (error));
    }
}

/* ---- drives that were not finished ---- */

/* As Stage: freed by the last thread. */
typedef struct
{
  gatomicrefcount ref_count;
  GMutex lock;
  GCond ended;
  guint n_running; /* of drives that answer */
  guint n_stalled; /* of those that did not */
} Latch;

typedef struct
{
  Latch *latch;
  ValiseTarget *target; /* held */
  gboolean is_stalled;
  gboolean is_blanked; /* before it was written to */
  guint64 boundaries[VALISE_MAX_BOUNDARIES];
  guint n_boundaries;
} Blanking;

static void
latch_unref (Latch *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ended);
  g_free (self);
}

static gpointer
blank_thread (gpointer data)
{
  g_autofree Blanking *self = data;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (self->is_blanked)
    ok = valise_target_blank_again (self->target, self->boundaries, self->n_boundaries, &error);
  else
    ok = valise_target_blank (self->target, self->boundaries, self->n_boundaries, NULL, &error);
  if (!ok)
    g_debug ("%s was not blanked again: %s", valise_target_get_name (self->target), error->message);
  g_clear_pointer (&self->target, valise_target_let_go);
  g_mutex_lock (&self->latch->lock);
  if (self->is_stalled)
    self->latch->n_stalled--;
  else
    self->latch->n_running--;
  g_cond_signal (&self->latch->ended);
  g_mutex_unlock (&self->latch->lock);
  latch_unref (self->latch);
  return NULL;
}

static void
start_blanking (const ValiseJobDrive *drive, Latch *latch)
{
  Blanking *self = g_new0 (Blanking, 1);

  g_atomic_ref_count_inc (&latch->ref_count);
  self->latch = latch;
  self->target = valise_target_hold (drive->target);
  self->is_blanked = drive->blanked;
  self->n_boundaries = valise_layout_list_boundaries (&drive->layout, self->boundaries);
  self->is_stalled
      = g_error_matches (drive->error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_STALLED);
  if (self->is_stalled)
    latch->n_stalled++;
  else
    latch->n_running++;
  g_thread_unref (g_thread_new ("valise-blank", blank_thread, self));
}

/**
 * valise_job_drives_abandon:
 * @drives: (element-type ValiseJobDrive): the job's drives
 * @patience: µs for which to wait for drives that had stopped answering
 *
 * Blanks those drives again that were written to and are not finished: nothing on them may look
 * like a drive that starts. As far as they still answer. Blocks.
 */
void
valise_job_drives_abandon (GPtrArray *drives, gint64 patience)
{
  const gint64 end = g_get_monotonic_time () + patience;
  Latch *latch = g_new0 (Latch, 1);

  g_atomic_ref_count_init (&latch->ref_count);
  g_mutex_init (&latch->lock);
  g_cond_init (&latch->ended);
  g_mutex_lock (&latch->lock);
  for (guint i = 0; i < drives->len; i++)
    {
      const ValiseJobDrive *drive = g_ptr_array_index (drives, i);

      if (drive->touched && !drive->finished)
        start_blanking (drive, latch);
    }
  while (latch->n_running > 0)
    g_cond_wait (&latch->ended, &latch->lock);
  while (latch->n_stalled > 0 && g_cond_wait_until (&latch->ended, &latch->lock, end))
    ;
  g_mutex_unlock (&latch->lock);
  latch_unref (latch);
}
