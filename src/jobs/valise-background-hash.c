/* valise-background-hash.c: the source's digest, made beside the job's other work.
 *
 * The report names the image by its SHA-256, as its publisher does. The digest is made by a thread
 * that takes only what processor time the others leave: on a fast drive, decompression is what
 * everybody waits for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-background-hash.h"

#include <sched.h>

struct _ValiseBackgroundHash
{
  ValiseSource *source;
  GCancellable *cancellable;
  GThread *thread;
  gint ready; /* atomic */
};

static gpointer
hash_thread (gpointer data)
{
  ValiseBackgroundHash *self = data;
  const struct sched_param param = { 0 };
  g_autoptr (GError) error = NULL;
  char *digest;

  sched_setscheduler (0, SCHED_IDLE, &param); /* this thread; without it, only slower */
  digest = valise_source_hash (self->source, self->cancellable, &error);
  if (digest == NULL)
    g_debug ("no digest of the source: %s", error->message);
  g_atomic_int_set (&self->ready, TRUE);
  return digest;
}

/**
 * valise_background_hash_start:
 * @source: a source, which must live until the digest is finished or cancelled
 *
 * Returns: (transfer full): a digest that is being made
 */
ValiseBackgroundHash *
valise_background_hash_start (ValiseSource *source)
{
  ValiseBackgroundHash *self = g_new0 (ValiseBackgroundHash, 1);

  self->source = source;
  self->cancellable = g_cancellable_new ();
  self->thread = g_thread_new ("valise-hash", hash_thread, self);
  return self;
}

/**
 * valise_background_hash_finish:
 * @self: (transfer full): a digest that is being made
 * @wait: whether to wait for it
 *
 * Returns: (transfer full) (nullable): the digest in hexadecimal, if it is ready
 */
char *
valise_background_hash_finish (ValiseBackgroundHash *self, gboolean wait)
{
  char *digest;

  if (!wait && !g_atomic_int_get (&self->ready))
    g_cancellable_cancel (self->cancellable);
  digest = g_thread_join (self->thread);
  g_object_unref (self->cancellable);
  g_free (self);
  return digest;
}

/**
 * valise_background_hash_cancel:
 * @self: (transfer full): a digest that nobody wants any more
 */
void
valise_background_hash_cancel (ValiseBackgroundHash *self)
{
  g_cancellable_cancel (self->cancellable);
  g_free (valise_background_hash_finish (self, TRUE));
}
