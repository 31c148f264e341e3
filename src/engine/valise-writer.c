/* valise-writer.c: the thread that writes to one target.
 *
 * The queue holds references only: whoever queues a write keeps it until it has ended. A writer
 * that has failed goes on taking writes and drops them, so that nobody waits for it in vain.
 *
 * A call into the system cannot be broken off; so a drive that is slow gets a write in pieces, and
 * between two of them the writer looks whether to go on. One whose drive does not answer can be
 * given up: its writes end at once for everybody else, and its thread, which holds all that it
 * still needs, ends by itself when the system lets it go.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-writer.h"

typedef struct
{
  ValiseWrite *write; /* NULL: flush the target */
  gpointer tag;
} Item;

struct _ValiseWriter
{
  gatomicrefcount ref_count; /* the owner's, and the thread's */

  /* Set once. */
  ValiseTarget *target; /* held */
  guint64 queue_bytes;
  ValiseWriterDone done;
  gpointer data;
  GThread *thread;

  GMutex lock; /* guards all below */
  GCond changed;
  GQueue items;
  guint64 queued; /* bytes, the write under way included */
  gboolean is_busy;
  gboolean is_calling; /* the target, that is */
  gboolean is_stopping;
  gboolean is_given_up;
  guint64 n_calls; /* that have returned */
  Item current;    /* the write that is the thread's to end; taken from it by giving up */
  GError *error; /* the first one; nothing is written after it */
  ValiseSpeedCurve curve;
};

static void
writer_unref (ValiseWriter *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  valise_target_let_go (self->target);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

/* Takes the parts' bytes from @start on, @size at most; returns how many parts those are. */
static guint
cut (const ValiseWrite *write, gsize start, gsize size, ValiseWritePart *parts)
{
  guint n = 0;

  for (guint i = 0; i < write->n_parts && size > 0; i++)
    {
      const gsize skip = MIN (start, write->parts[i].size);

      start -= skip;
      if (skip == write->parts[i].size)
        continue;
      parts[n] = write->parts[i];
      parts[n].start += skip;
      parts[n].size = MIN (write->parts[i].size - skip, size);
      size -= parts[n++].size;
    }
  return n;
}

/* Writes from byte @at of @write on, so much as takes no time; returns how much, or 0. */
static gsize
write_piece (ValiseWriter *self, const ValiseWrite *write, gsize at, GError **error)
{
  const gsize piece = valise_target_get_write_piece (self->target);
  const gsize left = write->size - at;
  const gsize size = left <= piece ? left : piece - (write->offset + at) % piece;
  ValiseWritePart parts[VALISE_WRITE_MAX_PARTS];
  const guint n = cut (write, at, size, parts);

  return valise_target_write (self->target, write->offset + at, parts, n, error) ? size : 0;
}

/* Writes, or flushes where there is no write. Called without the lock. */
static gboolean
work (ValiseWriter *self, const ValiseWrite *write)
{
  const gsize size = write != NULL ? write->size : 0;
  gboolean ok = TRUE;
  gsize at = 0;

  do
    {
      g_autoptr (GError) error = NULL;
      gsize done = 0;

      if (write != NULL)
        ok = (done = write_piece (self, write, at, &error)) > 0;
      else
        ok = valise_target_flush (self->target, &error);
      at += done;

      g_mutex_lock (&self->lock);
      self->n_calls++;
      if (done > 0)
        valise_speed_curve_add (&self->curve, g_get_monotonic_time (), done);
      if (!ok && self->error == NULL)
        self->error = g_steal_pointer (&error);
      /* Somebody else may have found that there is nothing to go on for. */
      ok = ok && (at == size || self->error == NULL);
      g_mutex_unlock (&self->lock);
    }
  while (ok && at < size);
  return ok;
}

/* Takes the first item of the queue and does it. Called with the lock. */
static void
do_next (ValiseWriter *self)
{
  g_autofree Item *item = g_queue_pop_head (&self->items);
  const gsize size = item->write != NULL ? item->write->size : 0;
  gboolean ok = self->error == NULL && !self->is_stopping;

  self->is_busy = TRUE;
  if (ok)
    {
      /* Of its own, for when it is given up meanwhile. */
      g_autoptr (ValiseWrite) write = item->write != NULL ? valise_write_ref (item->write) : NULL;

      self->current = *item;
      self->is_calling = TRUE;
      g_mutex_unlock (&self->lock);
      ok = work (self, write);
      g_clear_pointer (&write, valise_write_free);
      g_mutex_lock (&self->lock);
      self->is_calling = FALSE;
      self->current = (Item) { NULL, NULL };
    }
  if (item->write != NULL && !self->is_given_up)
    {
      g_mutex_unlock (&self->lock);
      self->done (item->write, ok, item->tag, self->data);
      g_mutex_lock (&self->lock);
      if (!self->is_given_up)
        self->queued -= size;
    }
  self->is_busy = FALSE;
  g_cond_broadcast (&self->changed);
}

static gpointer
writer_thread (gpointer data)
{
  ValiseWriter *self = data;

  g_mutex_lock (&self->lock);
  for (;;)
    {
      while (g_queue_is_empty (&self->items) && !self->is_stopping)
        g_cond_wait (&self->changed, &self->lock);
      if (g_queue_is_empty (&self->items))
        break;
      do_next (self);
    }
  g_mutex_unlock (&self->lock);
  writer_unref (self);
  return NULL;
}

/**
 * valise_writer_new:
 * @target: (transfer none): what to write to; the writer holds it
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

  g_atomic_ref_count_init (&self->ref_count);
  self->target = valise_target_hold (target);
  self->queue_bytes = queue_bytes;
  self->done = done;
  self->data = data;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->items);
  valise_speed_curve_init (&self->curve, g_get_monotonic_time ());
  g_atomic_ref_count_inc (&self->ref_count);
  self->thread = g_thread_new ("valise-writer", writer_thread, self);
  return self;
}

/**
 * valise_writer_free:
 * @self: (transfer full): a writer
 *
 * Waits for the write that is under way, drops the ones that wait, and ends the thread. That of a
 * writer that was given up ends when it can.
 */
void
valise_writer_free (ValiseWriter *self)
{
  gboolean is_stuck;

  g_mutex_lock (&self->lock);
  self->is_stopping = TRUE;
  is_stuck = self->is_given_up && self->is_calling;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  if (is_stuck)
    g_thread_unref (self->thread);
  else
    g_thread_join (self->thread);
  writer_unref (self);
}

static void
push (ValiseWriter *self, ValiseWrite *write, gpointer tag)
{
  const gsize size = write != NULL ? write->size : 0;
  Item *item = g_new (Item, 1);

  *item = (Item){ write, tag };
  g_mutex_lock (&self->lock);
  while (size > 0 && self->error == NULL && self->queued > 0
         && self->queued + size > self->queue_bytes)
    g_cond_wait (&self->changed, &self->lock);
  if (self->is_given_up)
    {
      g_mutex_unlock (&self->lock);
      if (write != NULL)
        self->done (write, FALSE, tag, self->data);
      g_free (item);
      return;
    }
  g_queue_push_tail (&self->items, item);
  self->queued += size;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_writer_push:
 * @self: a writer
 * @write: (transfer none): what to write; must stay as it is until it is done. A writer that is
 *   given up may read it for longer.
 * @tag: for the function that is called then
 *
 * Queues a write; blocks while the queue is full. Any thread.
 */
void
valise_writer_push (ValiseWriter *self, ValiseWrite *write, gpointer tag)
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
 * Has the writer write no more, as if it had failed itself. Of a write that is under way, what was
 * handed to the system is written: all of it, where the drive is not known to be slow. Nothing
 * happens if it has failed before. Any thread.
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
 * valise_writer_give_up:
 * @self: a writer
 * @error: why
 *
 * As valise_writer_fail(), but does not wait for the drive either: all writes end now, the one that
 * is under way included. What the drive makes of that one is open. Any thread but the writer's.
 */
void
valise_writer_give_up (ValiseWriter *self, const GError *error)
{
  GQueue items = G_QUEUE_INIT;
  Item *item;

  g_mutex_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_error_copy (error);
  self->is_given_up = TRUE;
  if (self->current.write != NULL)
    g_queue_push_tail (&items, g_memdup2 (&self->current, sizeof self->current));
  self->current = (Item) { NULL, NULL };
  while ((item = g_queue_pop_head (&self->items)) != NULL)
    g_queue_push_tail (&items, item);
  self->queued = 0;
  if (self->is_calling)
    self->is_busy = FALSE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  while ((item = g_queue_pop_head (&items)) != NULL)
    {
      if (item->write != NULL)
        self->done (item->write, FALSE, item->tag, self->data);
      g_free (item);
    }
}

/**
 * valise_writer_get_activity:
 * @self: a writer
 * @activity: (out caller-allocates): what it does. Any thread.
 */
void
valise_writer_get_activity (ValiseWriter *self, ValiseWriterActivity *activity)
{
  g_mutex_lock (&self->lock);
  activity->is_live = self->error == NULL;
  activity->is_calling = self->is_calling && !self->is_given_up;
  activity->is_idle = !self->is_busy && g_queue_is_empty (&self->items);
  activity->n_calls = self->n_calls;
  activity->bytes = self->curve.bytes;
  g_mutex_unlock (&self->lock);
}

/**
 * valise_writer_get_target:
 * @self: a writer
 *
 * Returns: (transfer none): what it writes to
 */
ValiseTarget *
valise_writer_get_target (ValiseWriter *self)
{
  return self->target;
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
