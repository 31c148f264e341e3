/* valise-job-model.c: the job that writes the drives, as the window shows it.
 *
 * Opens the drives one after the other (so that at most one question is asked at a time), runs the
 * job on those that could be opened, and lets each go. Meanwhile it looks ten times a second at
 * what the job's threads count; nothing here blocks. It is a model of #ValiseDriveJob.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-job-model.h"

#include <glib/gi18n.h>

#include "core/valise-text.h"
#include "jobs/valise-time-left.h"

#define TICK_MS 100

/* The bottleneck is looked for in so many seconds at a time. */
#define LOAD_SPAN (4 * G_USEC_PER_SEC)

/* A drive that is written to, or a thread that computes, for such a share of the time is busy. */
#define BUSY 0.75

/* Both together do not more: they wait for something else. */
#define MOSTLY_IDLE 0.5

typedef struct
{
  ValiseDriveJob *drive;
  char *path; /* the choice */
  guint64 size;
  guint64 number;
  char *source;
  char *model;
  char *serial;
  ValiseDriveHold *hold;
  ValiseTarget *target; /* until the job has it */
  guint index;          /* the job's; G_MAXUINT where the job has not got it */
  gint64 busy;          /* µs, when the load was looked at last */
} Entry;

struct _ValiseJobModel
{
  GObject parent_instance;

  ValisePlan *plan;
  gboolean eject;
  GPtrArray *entries; /* Entry */
  GListStore *samples;
  ValiseWriteJob *job;

  /* While it runs. */
  guint next; /* entry to open */
  guint n_holds;
  guint tick_source;
  gint64 started, ended; /* monotonic time, µs */
  GError *error;

  const char *stage;
  double fraction;
  guint64 to_write; /* bytes, once it is known */
  gint64 seconds_left;
  ValiseTimeLeft time_left;
  gint64 load_time; /* when the load was looked at last; 0 for not yet */
  gint64 load_processor;
  ValiseBottleneck bottleneck;
  ValiseDriveJob *bottleneck_drive; /* an entry's */
};

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void valise_job_model_list_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseJobModel,
                               valise_job_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      valise_job_model_list_init))

static void
entry_free (Entry *entry)
{
  g_clear_object (&entry->drive);
  g_clear_object (&entry->hold);
  g_clear_pointer (&entry->target, valise_target_free);
  g_free (entry->path);
  g_free (entry->source);
  g_free (entry->model);
  g_free (entry->serial);
  g_free (entry);
}

/* ---- as a list ---- */

static GType
get_item_type (GListModel *model)
{
  return VALISE_TYPE_DRIVE_JOB;
}

static guint
get_n_items (GListModel *model)
{
  return VALISE_JOB_MODEL (model)->entries->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  ValiseJobModel *self = VALISE_JOB_MODEL (model);

  if (position >= self->entries->len)
    return NULL;
  return g_object_ref (((Entry *) self->entries->pdata[position])->drive);
}

static void
valise_job_model_list_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
emit_changed (ValiseJobModel *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- what is the slowest ---- */

/**
 * valise_bottleneck_judge:
 * @drive: for which share of the time the busiest drive was being written to, 0 to 1
 * @processor: for which share of it the job's thread computed; negative where that is not known
 *
 * All drives get the same bytes: the one that is always being written to holds up the rest. Where
 * none is, they wait for the job's thread; and that either computes, or waits for the image.
 *
 * Returns: what would have to be faster
 */
ValiseBottleneck
valise_bottleneck_judge (double drive, double processor)
{
  if (drive >= BUSY)
    return VALISE_BOTTLENECK_DRIVE;
  if (processor >= BUSY)
    return VALISE_BOTTLENECK_PROCESSOR;
  /* What is left is the image's, if it is much; else each is slow a little, and none alone. */
  if (processor >= 0 && drive + processor <= MOSTLY_IDLE)
    return VALISE_BOTTLENECK_IMAGE;
  return VALISE_BOTTLENECK_UNKNOWN;
}

static void
look_at_load (ValiseJobModel *self, gint64 now, gboolean is_writing)
{
  const gint64 processor = valise_write_job_get_processor_time (self->job);
  const double span = (double) (now - self->load_time);
  const gboolean is_known = self->load_time != 0 && is_writing;
  double most = 0;
  ValiseDriveJob *busiest = NULL;
  guint n_busy = 0;
  guint n_drives = 0;

  if (self->load_time != 0 && is_writing && span < LOAD_SPAN)
    return;
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];
      ValiseDriveState state;
      double share;

      if (entry->index == G_MAXUINT || valise_drive_job_has_ended (entry->drive))
        continue;
      valise_write_job_get_target_state (self->job, entry->index, &state);
      n_drives++;
      share = is_known ? (state.busy - entry->busy) / span : 0;
      entry->busy = state.busy;
      n_busy += share >= BUSY;
      if (share > most)
        {
          most = share;
          busiest = entry->drive;
        }
    }
  self->bottleneck = VALISE_BOTTLENECK_UNKNOWN;
  if (is_known)
    self->bottleneck = valise_bottleneck_judge (
        most, processor >= 0 && self->load_processor >= 0
                  ? (double) (processor - self->load_processor) / span
                  : -1);
  self->bottleneck_drive = NULL;
  if (self->bottleneck == VALISE_BOTTLENECK_DRIVE && (n_busy == 1 || n_busy < n_drives))
    self->bottleneck_drive = busiest;
  self->load_time = is_writing ? now : 0;
  self->load_processor = processor;
}

/* ---- while the job runs ---- */

/* What the drives do before anything is written, in the job's own words. */
static gboolean
is_before_writing (const char *stage, ValiseDriveJobState *state)
{
  const gboolean blank = g_strcmp0 (stage, "blank") == 0;

  *state = blank ? VALISE_DRIVE_JOB_ERASING : VALISE_DRIVE_JOB_WAITING;
  return blank || g_strcmp0 (stage, "open") == 0 || g_strcmp0 (stage, "prepare") == 0;
}

static void
look (ValiseJobModel *self)
{
  const gint64 now = g_get_monotonic_time ();
  ValiseProgressState state;
  ValiseDriveJobState before;
  gboolean apply, verify, is_before;
  guint64 least = G_MAXUINT64;

  valise_progress_get_state (valise_write_job_get_progress (self->job), &state);
  self->stage = state.step;
  self->fraction = state.fraction;
  is_before = is_before_writing (state.step, &before);
  apply = g_strcmp0 (state.step, "apply") == 0;
  if (apply)
    self->to_write = state.total;
  else if (g_strcmp0 (state.step, "flush") == 0)
    {
      /* The image was read, but drives still take what waits for them. */
      apply = TRUE;
      state.step = "apply";
      state.done = state.total = self->to_write;
    }
  verify = g_strcmp0 (state.step, "verify") == 0;
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];
      ValiseDriveState drive;
      GError *error;

      if (entry->index == G_MAXUINT || valise_drive_job_has_ended (entry->drive))
        continue;
      valise_write_job_get_target_state (self->job, entry->index, &drive);
      if (is_before)
        valise_drive_job_set_state (entry->drive, before);
      valise_drive_job_update (entry->drive, now, &drive,
                               apply || drive.verifying ? state.total : 0);
      error = valise_write_job_dup_target_error (self->job, entry->index);
      if (error != NULL)
        valise_drive_job_take_error (entry->drive, error);
      else if (apply || (verify && drive.verifying && !drive.finished))
        least = MIN (least, apply ? drive.written : drive.read);
    }
  /* The image may be read faster than the slowest drive takes it. */
  if (least != G_MAXUINT64)
    state.done = apply ? MIN (least, state.done) : least;
  self->seconds_left = valise_time_left_update (
      &self->time_left, now, &state, valise_plan_get_options (self->plan)->verify);
  look_at_load (self, now, apply);
  emit_changed (self);
}

static gboolean
tick_cb (gpointer data)
{
  look (data);
  return G_SOURCE_CONTINUE;
}

/* ---- letting go ---- */

static void
end (GTask *task)
{
  ValiseJobModel *self = g_task_get_source_object (task);

  self->ended = g_get_monotonic_time ();
  self->stage = NULL;
  self->seconds_left = -1;
  emit_changed (self);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_boolean (task, TRUE);
}

typedef struct
{
  GTask *task;
  Entry *entry;
} LetGo;

static void
let_go_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree LetGo *let_go = data;
  g_autoptr (GTask) task = let_go->task;
  ValiseJobModel *self = g_task_get_source_object (task);
  GError *warning = NULL;
  gboolean ok
      = valise_drive_hold_let_go_finish (VALISE_DRIVE_HOLD (object), result, &warning);

  if (valise_drive_job_has_ended (let_go->entry->drive))
    g_clear_error (&warning);
  else
    valise_drive_job_let_go (let_go->entry->drive, ok && self->eject, warning);
  if (--self->n_holds == 0)
    end (task);
}

static void
let_all_go (ValiseJobModel *self, GTask *task)
{
  self->n_holds = 1;
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];
      gboolean eject = self->eject && valise_drive_job_get_report (entry->drive) != NULL;
      LetGo *let_go;

      g_clear_pointer (&entry->target, valise_target_free);
      if (entry->hold == NULL)
        {
          if (!valise_drive_job_has_ended (entry->drive))
            valise_drive_job_let_go (entry->drive, FALSE, NULL);
          continue;
        }
      let_go = g_new (LetGo, 1);
      *let_go = (LetGo) { g_object_ref (task), entry };
      self->n_holds++;
      valise_drive_hold_let_go_async (entry->hold, eject, let_go_cb, let_go);
    }
  if (--self->n_holds == 0)
    end (task);
}

static void
written_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  ValiseJobModel *self = g_task_get_source_object (task);
  ValiseWriteJob *job = VALISE_WRITE_JOB (object);
  g_autoptr (GError) error = NULL;

  look (self);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (!valise_write_job_run_finish (job, result, &error) && self->error == NULL)
    self->error = g_error_copy (error);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];
      const GError *why;
      ValiseReport *report;

      if (entry->index == G_MAXUINT)
        continue;
      report = valise_write_job_get_target_report (job, entry->index);
      why = valise_write_job_get_target_error (job, entry->index);
      if (report != NULL)
        valise_drive_job_finish (entry->drive, job, report);
      else if (why != NULL || error != NULL)
        valise_drive_job_take_error (entry->drive, g_error_copy (why != NULL ? why : error));
    }
  self->bottleneck = VALISE_BOTTLENECK_UNKNOWN;
  self->bottleneck_drive = NULL;
  emit_changed (self);
  let_all_go (self, task);
}

/* ---- opening ---- */

static void open_next (ValiseJobModel *self, GTask *task);

static void
start_job (ValiseJobModel *self, GTask *task)
{
  guint n = 0;

  self->job = valise_write_job_new (self->plan);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->target == NULL)
        continue;
      entry->index = valise_write_job_add_target (self->job, g_steal_pointer (&entry->target),
                                                  entry->model, entry->serial);
      n++;
    }
  if (n == 0)
    {
      let_all_go (self, task);
      return;
    }
  valise_write_job_run_async (self->job, g_task_get_cancellable (task), written_cb,
                              g_object_ref (task));
  self->tick_source = g_timeout_add (TICK_MS, tick_cb, self);
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  ValiseJobModel *self = g_task_get_source_object (task);
  Entry *entry = self->entries->pdata[self->next++];
  GError *error = NULL;

  entry->hold = valise_drive_hold_open_finish (result, &error);
  if (entry->hold != NULL)
    {
      entry->target = valise_drive_hold_steal_target (entry->hold);
      valise_drive_job_set_state (entry->drive, VALISE_DRIVE_JOB_WAITING);
    }
  else
    {
      if (self->error == NULL)
        self->error = g_error_copy (error);
      valise_drive_job_take_error (entry->drive, error);
    }
  open_next (self, task);
}

static void
cancel_all (ValiseJobModel *self, const GError *error)
{
  for (guint i = 0; i < self->entries->len; i++)
    valise_drive_job_take_error (((Entry *) self->entries->pdata[i])->drive, g_error_copy (error));
}

static void
open_next (ValiseJobModel *self, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GError) cancelled = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, &cancelled))
    {
      cancel_all (self, cancelled);
      g_clear_error (&self->error);
      self->error = g_steal_pointer (&cancelled);
      let_all_go (self, task);
      return;
    }
  for (; self->next < self->entries->len; self->next++)
    {
      Entry *entry = self->entries->pdata[self->next];
      const ValiseDriveChoice choice = { .path = entry->path,
                                         .size = entry->size,
                                         .number = entry->number,
                                         .source = entry->source };

      if (entry->path == NULL)
        continue;
      valise_drive_job_set_state (entry->drive, VALISE_DRIVE_JOB_OPENING);
      valise_drive_hold_open_async (&choice, cancellable, opened_cb, g_object_ref (task));
      return;
    }
  start_job (self, task);
}

/* ---- the object ---- */

static void
valise_job_model_dispose (GObject *object)
{
  g_clear_handle_id (&VALISE_JOB_MODEL (object)->tick_source, g_source_remove);
  G_OBJECT_CLASS (valise_job_model_parent_class)->dispose (object);
}

static void
valise_job_model_finalize (GObject *object)
{
  ValiseJobModel *self = VALISE_JOB_MODEL (object);

  g_ptr_array_unref (self->entries);
  g_clear_object (&self->samples);
  g_clear_object (&self->job);
  g_clear_pointer (&self->plan, valise_plan_unref);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (valise_job_model_parent_class)->finalize (object);
}

static void
valise_job_model_class_init (ValiseJobModelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = valise_job_model_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_job_model_finalize;

  /**
   * ValiseJobModel::changed:
   *
   * The job is further, at most ten times a second.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_job_model_init (ValiseJobModel *self)
{
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  self->samples = g_list_store_new (VALISE_TYPE_SPEED_SAMPLES);
  self->seconds_left = -1;
}

/**
 * valise_job_model_new:
 * @plan: (transfer none): what is to be done
 * @eject: whether finished drives are powered off
 *
 * Returns: (transfer full): a job without drives. Main thread only.
 */
ValiseJobModel *
valise_job_model_new (ValisePlan *plan, gboolean eject)
{
  ValiseJobModel *self = g_object_new (VALISE_TYPE_JOB_MODEL, NULL);

  self->plan = valise_plan_ref (plan);
  self->eject = eject;
  return self;
}

static Entry *
add_entry (ValiseJobModel *self, const char *name, const char *place)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->drive = valise_drive_job_new (name, place);
  entry->index = G_MAXUINT;
  g_ptr_array_add (self->entries, entry);
  g_list_store_append (self->samples, valise_drive_job_get_samples (entry->drive));
  g_list_model_items_changed (G_LIST_MODEL (self), self->entries->len - 1, 0, 1);
  return entry;
}

/**
 * valise_job_model_add_drive:
 * @self: a job that does not run yet
 * @name: what the drive is called where people read it
 * @choice: which drive it is; everything on it will be lost
 * @model: (nullable): its model, for the report
 * @serial: (nullable): its serial number, for the report
 *
 * Adds a drive, which is opened when the job runs.
 */
void
valise_job_model_add_drive (ValiseJobModel *self,
                            const char *name,
                            const ValiseDriveChoice *choice,
                            const char *model,
                            const char *serial)
{
  g_autofree char *node = g_filename_display_name (choice->path);
  g_autofree char *number = valise_text_clean (serial);
  /* Translators: where a drive is, such as “/dev/sdb”, and its serial number. */
  g_autofree char *place = *number != '\0' ? g_strdup_printf (_("%s, %s"), node, number)
                                           : g_strdup (node);
  Entry *entry = add_entry (self, name, place);

  entry->path = g_strdup (choice->path);
  entry->size = choice->size;
  entry->number = choice->number;
  entry->source = g_strdup (choice->source);
  entry->model = g_strdup (model);
  entry->serial = g_strdup (serial);
}

/**
 * valise_job_model_add_target:
 * @self: a job that does not run yet
 * @name: what the drive is called where people read it
 * @target: (transfer full): an open drive; everything on it will be lost
 *
 * Adds a drive that is open already.
 */
void
valise_job_model_add_target (ValiseJobModel *self, const char *name, ValiseTarget *target)
{
  add_entry (self, name, valise_target_get_name (target))->target = target;
}

/**
 * valise_job_model_run_async:
 * @self: a job with drives, that has not been run
 * @cancellable: stops the job; drives that are not finished are left blank
 * @callback: called when all drives were let go
 * @data: for @callback
 */
void
valise_job_model_run_async (ValiseJobModel *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_set_source_tag (task, valise_job_model_run_async);
  g_task_set_check_cancellable (task, FALSE);
  self->started = g_get_monotonic_time ();
  open_next (self, task);
}

/**
 * valise_job_model_run_finish:
 * @self: a job
 * @result: as given to the callback
 * @error: where to put an error: the first drive's, or what stopped all of them
 *
 * Returns: whether all drives are finished; each knows for itself
 */
gboolean
valise_job_model_run_finish (ValiseJobModel *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- what is known ---- */

/**
 * valise_job_model_has_begun:
 * @self: a job
 *
 * Returns: whether it runs, or was run: it cannot be run again
 */
gboolean
valise_job_model_has_begun (ValiseJobModel *self)
{
  return self->started != 0;
}

/**
 * valise_job_model_get_stage:
 * @self: a job
 *
 * Returns: (transfer none) (nullable): the stage, for valise_stage_get_name(); %NULL while drives
 *   are opened, and at the end
 */
const char *
valise_job_model_get_stage (ValiseJobModel *self)
{
  return self->stage;
}

/**
 * valise_job_model_get_fraction:
 * @self: a job
 *
 * Returns: how much of the whole job is done, 0 to 1
 */
double
valise_job_model_get_fraction (ValiseJobModel *self)
{
  return self->fraction;
}

/**
 * valise_job_model_get_seconds_left:
 * @self: a job
 *
 * Returns: how long the slowest drive will still take, in seconds; -1 where that cannot be said
 */
gint64
valise_job_model_get_seconds_left (ValiseJobModel *self)
{
  return self->seconds_left;
}

/**
 * valise_job_model_get_seconds_taken:
 * @self: a job that was run
 *
 * Returns: how long it took, or has taken so far, in seconds
 */
gint64
valise_job_model_get_seconds_taken (ValiseJobModel *self)
{
  const gint64 until = self->ended != 0 ? self->ended : g_get_monotonic_time ();

  return (until - self->started + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;
}

/**
 * valise_job_model_get_bottleneck:
 * @self: a job
 * @drive: (out) (optional) (transfer none) (nullable): the drive that everything waits for; %NULL
 *   where all drives are equally slow
 *
 * Returns: what is the slowest part at the moment
 */
ValiseBottleneck
valise_job_model_get_bottleneck (ValiseJobModel *self, ValiseDriveJob **drive)
{
  if (drive != NULL)
    *drive = self->bottleneck_drive;
  return self->bottleneck;
}

/**
 * valise_job_model_get_samples:
 * @self: a job
 *
 * Returns: (transfer none): the #ValiseSpeedSamples of each drive
 */
GListModel *
valise_job_model_get_samples (ValiseJobModel *self)
{
  return G_LIST_MODEL (self->samples);
}

/**
 * valise_job_model_count:
 * @self: a job
 * @state: what drives may be
 *
 * Returns: how many drives are
 */
guint
valise_job_model_count (ValiseJobModel *self, ValiseDriveJobState state)
{
  guint n = 0;

  for (guint i = 0; i < self->entries->len; i++)
    n += valise_drive_job_get_state (((Entry *) self->entries->pdata[i])->drive) == state;
  return n;
}
