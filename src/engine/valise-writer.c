/* valise-writer.c: the thread that writes to one target.
 *
 * The queue holds references only: whoever queues a write keeps it until it has ended. A writer
 * that has failed goes on taking writes and drops them, so that nobody waits for it in vain.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-writer.h"

typedef struct
{
  const ValiseWrite *write; /* NULL: flush the target */
  gpointer tag;
} Item;

struct _ValiseWriter
{
  /* Set once. */
  ValiseTarget *target;
  guint64 queue_bytes;
  ValiseWriterDone done;
  gpointer data;
  GThread *thread;

  GMutex lock; /* guards all below */
  GCond changed;
  GQueue items;
  guint64 queued; /* bytes, the write under way included */
  gboolean is_busy;
  gboolean is_stopping;
  GError *error; /* the first one; nothing is written after it */
  ValiseSpeedCurve curve;
};

/* Does what @item says. Called without the lock. */
static gboolean
work (ValiseWriter *self, const Item *item)
{
  g_autoptr (GError) error = NULL;
  gboolean ok;

  if (item->write != NULL)
    ok = valise_target_write (self->target, item->write->offset, item->write->parts,
                              item->write->n_parts, &error);
  else
    ok = valise_target_flush (self->target, &error);

  g_mutex_lock (&self->lock);
  if (ok && item->write != NULL)
    valise_speed_curve_add (&self->curve, g_get_monotonic_time (), item->write->size);
  if (!ok && self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);
  return ok;
}

static gpointer
writer_thread (gpointer data)
{
  ValiseWriter *self = data;

  g_mutex_lock (&self->lock);
  for (;;)
    {
      g_autofree Item *item = NULL;
      gboolean ok;
      gsize size;

      while (g_queue_is_empty (&self->items) && !self->is_stopping)
        g_cond_wait (&self->changed, &self->lock);
      if (g_queue_is_empty (&self->items))
        break;
      item = g_queue_pop_head (&self->items);
      self->is_busy = TRUE;
      ok = self->error == NULL && !self->is_stopping;
      g_mutex_unlock (&self->lock);

      ok = ok && work (self, item);
      size = item->write != NULL ? item->write->size : 0;
      if (item->write != NULL)
        self->done (item->write, ok, item->tag, self->data);

      g_mutex_lock (&self->lock);
      self->queued -= size;
      self->is_busy = FALSE;
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/**
 * valise_writer_new:
 * @target: (transfer none): what to write to; must outlive the writer
 * @queue_bytes: how many bytes may wait
 * @done: called for each write that has ended
 * @data: for @done
 *
 * Returns: (transfer full): a writer with a thread of its own
 */
ValiseWriter *
valise_writer_new (ValiseTarget *target, guint64 queue_bytes, ValiseWriterDone done, gpointer data)
{
  ValiseWriter *self = g_new0 (ValiseWriter, 1);

  self->target = target;
  self->queue_bytes = queue_bytes;
  self->done = done;
  self->data = data;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->items);
  valise_speed_curve_init (&self->curve, g_get_monotonic_time ());
  self->thread = g_thread_new ("valise-writer", writer_thread, self);
  return self;
}

/**
 * valise_writer_free:
 * @self: (transfer full): a writer
 *
 * Waits for the write that is under way, drops the ones that wait, and ends the thread.
 */
void
valise_writer_free (ValiseWriter *self)
{
  g_mutex_lock (&self->lock);
  self->is_stopping = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

static void
push (ValiseWriter *self, const ValiseWrite *write, gpointer tag)
{
  const gsize size = write != NULL ? write->size : 0;
  Item *item = g_new (Item, 1);

  *item = (Item){ write, tag };
  g_mutex_lock (&self->lock);
  while (size > 0 && self->error == NULL && self->queued > 0
         && self->queued + size > self->queue_bytes)
    g_cond_wait (&self->changed, &self->lock);
  g_queue_push_tail (&self->items, item);
  self->queued += size;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_writer_push:
 * @self: a writer
 * @write: (transfer none): what to write; must stay as it is until it is done
 * @tag: for the function that is called then
 *
 * Queues a write; blocks while the queue is full. Any thread.
 */
void
valise_writer_push (ValiseWriter *self, const ValiseWrite *write, gpointer tag)
{
  push (self, write, tag);
}

/**
 * valise_writer_flush:
 * @self: a writer
 *
 * Has the target flushed when what was queued before is written. Returns at once. Any thread.
 */
void
valise_writer_flush (ValiseWriter *self)
{
  push (self, NULL, NULL);
}

/**
 * valise_writer_wait:
 * @self: a writer
 *
 * Blocks until the queue is empty and nothing is under way. Any thread but the writer's.
 */
void
valise_writer_wait (ValiseWriter *self)
{
  g_mutex_lock (&self->lock);
  while (self->is_busy || !g_queue_is_empty (&self->items))
    g_cond_wait (&self->changed, &self->lock);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_writer_fail:
 * @self: a writer
 * @error: why
 *
 * Has the writer write no more, as if it had failed itself. A write that is under way is not
 * interrupted. Nothing happens if it has failed before. Any thread.
 */
void
valise_writer_fail (ValiseWriter *self, const GError *error)
{
  g_mutex_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_error_copy (error);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_writer_is_live:
 * @self: a writer
 *
 * Returns: whether it still writes. Any thread.
 */
gboolean
valise_writer_is_live (ValiseWriter *self)
{
  gboolean is_live;

  g_mutex_lock (&self->lock);
  is_live = self->error == NULL;
  g_mutex_unlock (&self->lock);
  return is_live;
}

/**
 * valise_writer_dup_error:
 * @self: a writer
 *
 * Returns: (transfer full) (nullable): why it does not write any more. Any thread.
 */
GError *
valise_writer_dup_error (ValiseWriter *self)
{
  GError *error;

  g_mutex_lock (&self->lock);
  error = self->error != NULL ? g_error_copy (self->error) : NULL;
  g_mutex_unlock (&self->lock);
  return error;
}

/**
 * valise_writer_get_queued_bytes:
 * @self: a writer
 *
 * Returns: bytes that wait, those of the write under way included. Any thread.
 */
guint64
valise_writer_get_queued_bytes (ValiseWriter *self)
{
  guint64 queued;

  g_mutex_lock (&self->lock);
  queued = self->queued;
  g_mutex_unlock (&self->lock);
  return queued;
}

/**
 * valise_writer_get_curve:
 * @self: a writer
 * @curve: (out caller-allocates): where to put how its bytes came to the target. Any thread.
 */
void
valise_writer_get_curve (ValiseWriter *self, ValiseSpeedCurve *curve)
{
  g_mutex_lock (&self->lock);
  *curve = self->curve;
  g_mutex_unlock (&self->lock);
}
