/* valise-interrupt.c: signals that ask the program to stop.
 *
 * A job that is asked to stop leaves its drive blank, and that takes a moment. Who asks again
 * learns that it is under way; SIGKILL is always left.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-interrupt.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "valise-output.h"

struct _ValiseInterrupt
{
  GCancellable *cancellable;
  guint sources[3];
};

static gboolean
signal_cb (gpointer data)
{
  ValiseInterrupt *self = data;

  if (g_cancellable_is_cancelled (self->cancellable))
    valise_output_note (_("Still stopping: what was begun on a drive is being taken back."));
  else
    {
      valise_output_note (_("Stopping."));
      g_cancellable_cancel (self->cancellable);
    }
  return G_SOURCE_CONTINUE;
}

/**
 * valise_interrupt_new:
 * @cancellable: what is to be cancelled, in a turn of the default main context
 *
 * Main thread only.
 *
 * Returns: (transfer full): what catches the signals
 */
ValiseInterrupt *
valise_interrupt_new (GCancellable *cancellable)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  ValiseInterrupt *self = g_new0 (ValiseInterrupt, 1);

  self->cancellable = g_object_ref (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    self->sources[i] = g_unix_signal_add (signals[i], signal_cb, self);
  return self;
}

/**
 * valise_interrupt_free:
 * @self: (transfer full): what catches the signals
 *
 * Gives the signals their usual effect back.
 */
void
valise_interrupt_free (ValiseInterrupt *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->sources); i++)
    g_source_remove (self->sources[i]);
  g_object_unref (self->cancellable);
  g_free (self);
}

/**
 * valise_interrupt_check:
 * @self: what catches the signals
 * @error: where to put an error of %G_IO_ERROR_CANCELLED
 *
 * For where no main loop runs: looks whether a signal has come. Main thread only.
 *
 * Returns: whether to go on
 */
gboolean
valise_interrupt_check (ValiseInterrupt *self, GError **error)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}
