/* valise-progress.c: how far a job is, readable from any thread.
 *
 * The job's threads set it; whoever shows it listens to "changed", which is emitted in the main
 * context that was the thread's default when the object was made. Setters do little: they take a
 * lock and see to it that at most one idle callback is waiting, whatever their number.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-progress.h"

struct _ValiseProgress
{
  GObject parent_instance;

  GMainContext *context; /* where "changed" is emitted; set once */

  GMutex lock; /* guards all below */
  GArray *steps;
  double weights; /* sum over all steps */
  double before;  /* sum over the steps that are done */
  gsize current;
  guint64 done;
  guint64 total;
  double fraction;
  GSource *notify; /* waiting to run, or NULL */
};

G_DEFINE_FINAL_TYPE (ValiseProgress, valise_progress, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
notify_cb (gpointer data)
{
  ValiseProgress *self = data;

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->notify, g_source_unref);
  g_mutex_unlock (&self->lock);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/* Called with the lock held. */
static void
changed (ValiseProgress *self)
{
  if (self->steps->len > 0 && self->weights > 0)
    {
      const ValiseProgressStep *step =
        &g_array_index (self->steps, ValiseProgressStep, self->current);
      double within = self->total > 0 ? MIN (1.0, (double) self->done / self->total) : 0;

      self->fraction
          = CLAMP ((self->before + step->weight * within) / self->weights, self->fraction, 1.0);
    }
  if (self->notify != NULL)
    return;
  self->notify = g_idle_source_new ();
  g_source_set_priority (self->notify, G_PRIORITY_LOW);
  g_source_set_callback (self->notify, notify_cb, g_object_ref (self), g_object_unref);
  g_source_attach (self->notify, self->context);
}

static void
valise_progress_finalize (GObject *object)
{
  ValiseProgress *self = VALISE_PROGRESS (object);

  g_clear_pointer (&self->notify, g_source_unref);
  g_clear_pointer (&self->steps, g_array_unref);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (valise_progress_parent_class)->finalize (object);
}

static void
valise_progress_class_init (ValiseProgressClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_progress_finalize;

  /**
   * ValiseProgress::changed:
   *
   * Something changed since the last time. Emitted in the context in which the object was made,
   * at most once for each turn of its loop.
   */
  signals[CHANGED] = g_signal_new ("changed", VALISE_TYPE_PROGRESS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_progress_init (ValiseProgress *self)
{
  g_mutex_init (&self->lock);
  self->context = g_main_context_ref_thread_default ();
  self->steps = g_array_new (FALSE, FALSE, sizeof (ValiseProgressStep));
}

/**
 * valise_progress_new:
 *
 * Returns: (transfer full): a progress without steps
 */
ValiseProgress *
valise_progress_new (void)
{
  return g_object_new (VALISE_TYPE_PROGRESS, NULL);
}

/**
 * valise_progress_set_steps:
 * @self: a progress
 * @steps: (array length=n_steps): what will be done, in this order; copied
 * @n_steps: how many steps there are
 *
 * Says what the job will do. The first step becomes the current one. May be called again when a
 * better estimate of the weights is there: the fraction shown never falls.
 */
void
valise_progress_set_steps (ValiseProgress *self, const ValiseProgressStep *steps, gsize n_steps)
{
  g_return_if_fail (VALISE_IS_PROGRESS (self));
  g_return_if_fail (n_steps > 0);

  g_mutex_lock (&self->lock);
  g_array_set_size (self->steps, 0);
  self->weights = 0;
  for (gsize i = 0; i < n_steps; i++)
    {
      ValiseProgressStep step = { g_intern_string (steps[i].id), MAX (steps[i].weight, 0) };

      g_array_append_val (self->steps, step);
      self->weights += step.weight;
    }
  self->before = 0;
  self->current = 0;
  self->done = self->total = 0;
  changed (self);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_progress_begin:
 * @self: a progress
 * @step_id: the id of one of its steps
 * @total: how many units (bytes, mostly) this step has, or 0 where not known
 *
 * Begins a step; all steps before it count as done.
 */
void
valise_progress_begin (ValiseProgress *self, const char *step_id, guint64 total)
{
  g_return_if_fail (VALISE_IS_PROGRESS (self));

  g_mutex_lock (&self->lock);
  self->before = 0;
  for (gsize i = 0; i < self->steps->len; i++)
    {
      const ValiseProgressStep *step = &g_array_index (self->steps, ValiseProgressStep, i);

      if (g_str_equal (step->id, step_id))
        {
          self->current = i;
          break;
        }
      self->before += step->weight;
    }
  self->done = 0;
  self->total = total;
  changed (self);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_progress_set_done:
 * @self: a progress
 * @done: units of the current step that are done
 */
void
valise_progress_set_done (ValiseProgress *self, guint64 done)
{
  g_return_if_fail (VALISE_IS_PROGRESS (self));

  g_mutex_lock (&self->lock);
  /* A thread may still report of the step before. */
  self->done = self->total > 0 ? MIN (done, self->total) : done;
  changed (self);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_progress_set_total:
 * @self: a progress
 * @total: units of the current step, when a better figure is known
 */
void
valise_progress_set_total (ValiseProgress *self, guint64 total)
{
  g_return_if_fail (VALISE_IS_PROGRESS (self));

  g_mutex_lock (&self->lock);
  self->total = total;
  changed (self);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_progress_get_state:
 * @self: a progress
 * @state: (out caller-allocates): where to put a copy
 */
void
valise_progress_get_state (ValiseProgress *self, ValiseProgressState *state)
{
  g_return_if_fail (VALISE_IS_PROGRESS (self));

  g_mutex_lock (&self->lock);
  state->step = self->steps->len > 0
                    ? g_array_index (self->steps, ValiseProgressStep, self->current).id
                    : NULL;
  state->done = self->done;
  state->total = self->total;
  state->fraction = self->fraction;
  g_mutex_unlock (&self->lock);
}
