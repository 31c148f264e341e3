/* valise-source-opening.c: opens a source for a command, and looks at its boot managers.
 *
 * In a thread: an ISO's image may have to be copied, and that must be seen and can be stopped.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-source-opening.h"

#include "jobs/valise-image-boot.h"
#include "valise-interrupt.h"
#include "valise-monitor.h"

typedef struct
{
  ValiseSourceOpening *opening;
  const char *path;
  const char *edition; /* NULL: all */
  gboolean only_one;
  gboolean estimate;
  ValiseProgress *progress;
} Work;

static gboolean
look (Work *work, GCancellable *cancellable, GError **error)
{
  ValiseSourceOpening *self = work->opening;
  GPtrArray *editions = valise_source_get_editions (self->source);
  const ValiseEdition *edition;

  if (!work->only_one)
    {
      self->boot = valise_image_boot_read_all (self->source, self->scratch, cancellable, error);
      if (self->boot != NULL && work->estimate)
        self->estimates = valise_compact_estimate_make_all (self->source, self->scratch,
                                                            cancellable, error);
      return self->boot != NULL && (!work->estimate || self->estimates != NULL);
    }
  edition = valise_source_find_edition (self->source, work->edition, error);
  if (edition == NULL)
    return FALSE;
  self->boot = valise_image_boot_new_list (editions->len);
  for (guint i = 0; i < editions->len; i++)
    if (editions->pdata[i] == edition && edition->is_system)
      {
        self->boot->pdata[i] = valise_image_boot_read (self->source, edition, self->scratch,
                                                       cancellable, error);
        return self->boot->pdata[i] != NULL;
      }
  return TRUE;
}

static void
run_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL;

  work->opening->source = valise_source_open (work->path, work->opening->scratch, work->progress,
                                              cancellable, &error);
  if (work->opening->source != NULL && look (work, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_main_loop_quit (data);
}

static gboolean
run (ValiseSourceOpening *self, Work *work, GError **error)
{
  static const ValiseProgressStep steps[] = { { "open", 1 } };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ValiseInterrupt) interrupt = valise_interrupt_new (cancellable);
  g_autoptr (ValiseProgress) progress = valise_progress_new ();
  g_autoptr (ValiseMonitor) monitor = NULL;
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, opened_cb, loop);

  self->scratch = valise_scratch_new (error);
  if (self->scratch == NULL)
    return FALSE;
  valise_progress_set_steps (progress, steps, G_N_ELEMENTS (steps));
  monitor = valise_monitor_new (progress, VALISE_MONITOR_BRIEF);
  work->opening = self;
  work->progress = progress;
  g_task_set_task_data (task, work, NULL);
  g_task_run_in_thread (task, run_thread);
  g_main_loop_run (loop);
  return g_task_propagate_boolean (task, error);
}

/**
 * valise_source_opening_run:
 * @self: zeroed
 * @path: an ISO, WIM, ESD or SWM file
 * @estimate: whether to estimate, too, what its editions take when they are compressed
 * @error: where to put an error of %VALISE_SOURCE_ERROR, %VALISE_PLAN_ERROR, %VALISE_SYSTEM_ERROR
 *
 * Opens @path, with all its editions' boot managers. Runs the main loop meanwhile; Ctrl-C ends it.
 *
 * Returns: whether that was possible
 */
gboolean
valise_source_opening_run (ValiseSourceOpening *self,
                           const char *path,
                           gboolean estimate,
                           GError **error)
{
  Work work = { .path = path, .estimate = estimate };

  return run (self, &work, error);
}

/**
 * valise_source_opening_run_for:
 * @self: zeroed
 * @path: an ISO, WIM, ESD or SWM file
 * @edition: (nullable): the edition that was asked for, %NULL for the only one
 * @error: as for valise_source_opening_run()
 *
 * The same for one edition, which is looked for.
 *
 * Returns: (transfer none) (nullable): the edition
 */
const ValiseEdition *
valise_source_opening_run_for (ValiseSourceOpening *self,
                               const char *path,
                               const char *edition,
                               GError **error)
{
  Work work = { .path = path, .edition = edition, .only_one = TRUE };

  return run (self, &work, error) ? valise_source_find_edition (self->source, edition, error)
                                  : NULL;
}

/**
 * valise_source_opening_clear:
 * @self: an open source, or zeroed
 */
void
valise_source_opening_clear (ValiseSourceOpening *self)
{
  g_clear_pointer (&self->estimates, g_free);
  g_clear_pointer (&self->boot, g_ptr_array_unref);
  g_clear_pointer (&self->source, valise_source_free);
  g_clear_pointer (&self->scratch, valise_scratch_free);
}
