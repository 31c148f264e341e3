/* valise-fanout.c: the backing that writes the same bytes to all drives of a job.
 *
 * Each drive has a writer with a bounded queue of references; a write ends when every live drive
 * has written or dropped it, so the slowest one holds the others up only when its queue, or the
 * cache's memory, is full. A drive that fails in writing or reading, that gives back other bytes
 * than it was given, or that holds the others up for too long (valise-stall-watch.c) is dropped
 * with its error, and the rest go on.
 *
 * What a live drive lacks no write that has ended: so whatever has ended can be read from any live
 * drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-fanout.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "valise-writer.h"

typedef struct
{
  ValiseWrite *write;
  guint pending; /* writers that have it, and the submitter as long as it hands it out */
  gboolean ok;
} Item;

struct _ValiseFanout
{
  GObject parent_instance;

  /* Set once. */
  ValiseTarget *targets[VALISE_FANOUT_MAX_TARGETS];
  ValiseWriter *writers[VALISE_FANOUT_MAX_TARGETS];
  guint n_targets;
  ValiseStallWatch *watch; /* NULL for a drive that holds up nobody */
  guint64 size;
  GCancellable *cancellable;
  gulong cancelled_id;

  GMutex submitting; /* held by whoever submits, so that all queues have the same order */

  GMutex lock; /* guards all below, which the writers' threads change */
  GCond idle;
  GQueue items; /* writes that have not ended, in the order of submission */
  gboolean is_ending; /* some thread is calling the functions of writes that have ended */
};

static void valise_fanout_backing_init (ValiseBackingInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseFanout,
                               valise_fanout,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VALISE_TYPE_BACKING,
                                                      valise_fanout_backing_init))

/* Gives up one hold on @item, and ends those writes at the front that nobody holds any more. One
 * thread at a time does that, without the lock: their functions take their time. */
static void
release (ValiseFanout *self, Item *item, gboolean ok)
{
  g_mutex_lock (&self->lock);
  item->ok |= ok;
  item->pending--;
  if (!self->is_ending)
    {
      self->is_ending = TRUE;
      while ((item = g_queue_peek_head (&self->items)) != NULL && item->pending == 0)
        {
          g_queue_pop_head (&self->items);
          g_mutex_unlock (&self->lock);
          item->write->done (item->write, item->ok, item->write->data);
          valise_write_free (item->write);
          g_free (item);
          g_mutex_lock (&self->lock);
        }
      self->is_ending = FALSE;
      g_cond_broadcast (&self->idle);
    }
  g_mutex_unlock (&self->lock);
}

static void
on_written (const ValiseWrite *write, gboolean ok, gpointer tag, gpointer data)
{
  release (data, tag, ok);
}

static void
wait_idle (ValiseFanout *self)
{
  g_mutex_lock (&self->lock);
  while (self->is_ending || !g_queue_is_empty (&self->items))
    g_cond_wait (&self->idle, &self->lock);
  g_mutex_unlock (&self->lock);
}

/* Whether any drive is left; otherwise why the first one is not. */
static gboolean
check_live (ValiseFanout *self, GError **error)
{
  if (valise_fanout_get_n_live (self) > 0)
    return TRUE;
  g_propagate_error (error, valise_writer_dup_error (self->writers[0]));
  return FALSE;
}

/* Called in the thread that cancels. */
static void
on_cancelled (GCancellable *cancellable, ValiseFanout *self)
{
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The work was cancelled."));

  for (guint i = 0; i < self->n_targets; i++)
    valise_writer_fail (self->writers[i], error);
}

static guint64
valise_fanout_get_size (ValiseBacking *backing)
{
  return VALISE_FANOUT (backing)->size;
}

static gboolean
valise_fanout_submit (ValiseBacking *backing, ValiseWrite *write, GError **error)
{
  ValiseFanout *self = VALISE_FANOUT (backing);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->submitting);
  Item *item;

  if (!check_live (self, error))
    {
      /* The earlier ones end first. */
      wait_idle (self);
      write->done (write, FALSE, write->data);
      valise_write_free (write);
      return FALSE;
    }

  item = g_new0 (Item, 1);
  item->write = write;
  item->pending = 1;
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->items, item);
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < self->n_targets; i++)
    if (valise_writer_is_live (self->writers[i]))
      {
        g_mutex_lock (&self->lock);
        item->pending++;
        g_mutex_unlock (&self->lock);
        valise_writer_push (self->writers[i], write, item);
      }
  release (self, item, FALSE);
  return TRUE;
}

/* The live drives, in the order in which to ask them: first those that are not being written. A
 * drive that does not answer any more would keep whoever reads from it for as long. */
static guint
list_readable (ValiseFanout *self, guint *order)
{
  guint n = 0;

  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < self->n_targets; i++)
      {
        ValiseWriterActivity activity;
        gboolean is_listed = FALSE;

        valise_writer_get_activity (self->writers[i], &activity);
        for (guint j = 0; j < n; j++)
          is_listed |= order[j] == i;
        if (activity.is_live && !is_listed && (pass == 1 || !activity.is_calling))
          order[n++] = i;
      }
  return n;
}

static gboolean
valise_fanout_read (ValiseBacking *backing,
                    guint64 offset,
                    gpointer data,
                    gsize size,
                    ValiseReadCheck check,
                    gpointer check_data,
                    GError **error)
{
  ValiseFanout *self = VALISE_FANOUT (backing);

  guint order[VALISE_FANOUT_MAX_TARGETS];
  const guint n = list_readable (self, order);

  for (guint j = 0; j < n; j++)
    {
      const guint i = order[j];
      g_autoptr (GError) cause = NULL;

      if (!valise_writer_is_live (self->writers[i]))
        continue;
      if (valise_target_read_full (self->targets[i], offset, data, size, &cause)
          && (check == NULL || check (offset, data, size, check_data, &cause)))
        return TRUE;
      valise_writer_fail (self->writers[i], cause);
    }
  return check_live (self, error);
}

static gboolean
valise_fanout_drain (ValiseBacking *backing, GError **error)
{
  ValiseFanout *self = VALISE_FANOUT (backing);

  wait_idle (self);
  return check_live (self, error);
}

static void
valise_fanout_backing_init (ValiseBackingInterface *iface)
{
  iface->get_size = valise_fanout_get_size;
  iface->submit = valise_fanout_submit;
  iface->read = valise_fanout_read;
  iface->drain = valise_fanout_drain;
}

static void
valise_fanout_finalize (GObject *object)
{
  ValiseFanout *self = VALISE_FANOUT (object);

  /* Waits for a callback that is under way. */
  if (self->cancellable != NULL)
    g_cancellable_disconnect (self->cancellable, self->cancelled_id);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->watch, valise_stall_watch_free);
  for (guint i = 0; i < self->n_targets; i++)
    valise_writer_free (self->writers[i]);
  g_mutex_clear (&self->submitting);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->idle);
  G_OBJECT_CLASS (valise_fanout_parent_class)->finalize (object);
}

static void
valise_fanout_class_init (ValiseFanoutClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_fanout_finalize;
}

static void
valise_fanout_init (ValiseFanout *self)
{
  g_mutex_init (&self->submitting);
  g_mutex_init (&self->lock);
  g_cond_init (&self->idle);
  g_queue_init (&self->items);
}

/**
 * valise_fanout_new:
 * @targets: (array length=n_targets) (transfer none): the drives
 * @n_targets: 1 to %VALISE_FANOUT_MAX_TARGETS
 * @queue_bytes: how many bytes may wait for a drive; 0 for the default
 * @cancellable: (nullable): when it is cancelled, all drives are dropped: what waits is not
 *   written, and everybody who waits is woken
 *
 * Begins to write to drives; each gets a thread. The size is that of the smallest.
 *
 * Returns: (transfer full): a fan-out
 */
ValiseFanout *
valise_fanout_new (ValiseTarget *const *targets,
                   guint n_targets,
                   guint64 queue_bytes,
                   GCancellable *cancellable)
{
  ValiseFanout *self;

  g_return_val_if_fail (n_targets >= 1 && n_targets <= VALISE_FANOUT_MAX_TARGETS, NULL);

  if (queue_bytes == 0)
    queue_bytes = VALISE_FANOUT_QUEUE_BYTES;
  self = g_object_new (VALISE_TYPE_FANOUT, NULL);
  self->size = G_MAXUINT64;
  self->n_targets = n_targets;
  for (guint i = 0; i < n_targets; i++)
    {
      self->targets[i] = targets[i];
      self->writers[i] = valise_writer_new (targets[i], queue_bytes, on_written, self);
      self->size = MIN (self->size, valise_target_get_size (targets[i]));
    }
  if (n_targets > 1)
    self->watch = valise_stall_watch_new (self->writers, n_targets);
  if (cancellable != NULL)
    {
      self->cancellable = g_object_ref (cancellable);
      self->cancelled_id
          = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
    }
  return self;
}

/**
 * valise_fanout_flush:
 * @self: a fan-out
 * @error: where to put why the first drive failed, if all have
 *
 * Waits until all is written, then has all live drives store what they have taken, at the same
 * time. One that cannot is dropped with its error. Blocks.
 *
 * Returns: whether any drive has stored everything
 */
gboolean
valise_fanout_flush (ValiseFanout *self, GError **error)
{
  wait_idle (self);
  for (guint i = 0; i < self->n_targets; i++)
    valise_writer_flush (self->writers[i]);
  for (guint i = 0; i < self->n_targets; i++)
    valise_writer_wait (self->writers[i]);
  return check_live (self, error);
}

/**
 * valise_fanout_fail:
 * @self: a fan-out
 * @target: a drive's number, from 0
 * @error: why
 *
 * Drops a drive, as if it had failed. Any thread.
 */
void
valise_fanout_fail (ValiseFanout *self, guint target, const GError *error)
{
  g_return_if_fail (target < self->n_targets);

  valise_writer_fail (self->writers[target], error);
}

/**
 * valise_fanout_set_patience:
 * @self: a fan-out
 * @patience: how long drives wait for one that takes nothing, or next to nothing, from now on
 *
 * Nothing happens where there is one drive only. Any thread.
 */
void
valise_fanout_set_patience (ValiseFanout *self, const ValisePatience *patience)
{
  if (self->watch != NULL)
    valise_stall_watch_set_patience (self->watch, patience);
}

/**
 * valise_fanout_get_n_live:
 * @self: a fan-out
 *
 * Returns: how many drives have not failed. Any thread.
 */
guint
valise_fanout_get_n_live (ValiseFanout *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n_targets; i++)
    n += valise_writer_is_live (self->writers[i]);
  return n;
}

/**
 * valise_fanout_get_stats:
 * @self: a fan-out
 * @target: a drive's number, from 0
 * @stats: (out caller-allocates): where to put how far it is. Any thread.
 */
void
valise_fanout_get_stats (ValiseFanout *self, guint target, ValiseFanoutStats *stats)
{
  ValiseSpeedCurve curve;

  g_return_if_fail (target < self->n_targets);

  valise_writer_get_curve (self->writers[target], &curve);
  stats->is_live = valise_writer_is_live (self->writers[target]);
  stats->bytes = curve.bytes;
  stats->queued = valise_writer_get_queued_bytes (self->writers[target]);
  stats->rate = valise_speed_curve_get_rate (&curve, g_get_monotonic_time ());
}

/**
 * valise_fanout_get_curve:
 * @self: a fan-out
 * @target: a drive's number, from 0
 * @curve: (out caller-allocates): where to put how the bytes came to the drive. Any thread.
 */
void
valise_fanout_get_curve (ValiseFanout *self, guint target, ValiseSpeedCurve *curve)
{
  g_return_if_fail (target < self->n_targets);

  valise_writer_get_curve (self->writers[target], curve);
}

/**
 * valise_fanout_dup_error:
 * @self: a fan-out
 * @target: a drive's number, from 0
 *
 * Returns: (transfer full) (nullable): why the drive was dropped. Any thread.
 */
GError *
valise_fanout_dup_error (ValiseFanout *self, guint target)
{
  g_return_val_if_fail (target < self->n_targets, NULL);

  return valise_writer_dup_error (self->writers[target]);
}
