/* valise-stall-watch.c: sees to it that one drive does not keep the others from being finished.
 *
 * All drives of a batch get the same stream, so the slowest sets the pace once its queue is full.
 * Mostly that is as it should be. It is not when a drive is dying: one that takes nothing any more,
 * or so little that it would take days. Such a drive is given up, and the others go on.
 *
 * Time is counted in looks, not by the clock: a process that was stopped for an hour must not take
 * that for a drive's fault. Where no drive is better than the others, nobody is given up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-stall-watch.h"

#include "valise-fanout.h"

/* A write has at most 4 MiB. The kernel itself gives a command 30 seconds before it resets the
 * drive and tries again, and what comes of the first such trial is worth waiting for. */
const ValisePatience valise_patience_default = {
  .stall = 60 * G_TIME_SPAN_SECOND,
  .window = 120 * G_TIME_SPAN_SECOND,
  .crawl_rate = 1000 * 1000,
};

/* How often to look: at least so often in every span of time that matters. */
#define MAX_INTERVAL G_TIME_SPAN_SECOND
#define LOOKS 20

/* A drive that crawls is busy for so much of the time, in percent, and so many times slower than
 * most others. */
#define CRAWL_BUSY 90
#define CRAWL_FACTOR 10

typedef struct
{
  ValiseWriterActivity last; /* as the last look found it */
  gint64 waited;             /* for how long others have waited for the write that is under way */
  gint64 busy;               /* µs of the window in which it was busy */
  guint64 bytes;             /* what it had at the window's start */
} Seen;

struct _ValiseStallWatch
{
  /* Set once. */
  ValiseWriter *writers[VALISE_FANOUT_MAX_TARGETS];
  guint n;
  GThread *thread;

  /* Only the thread. */
  Seen seen[VALISE_FANOUT_MAX_TARGETS];
  gint64 in_window; /* µs that have been looked at */

  GMutex lock; /* guards all below */
  GCond changed;
  gboolean is_ending;
  ValisePatience patience;
};

static gint64
get_interval (const ValisePatience *patience)
{
  return MAX (1, MIN (MAX_INTERVAL, MIN (patience->stall, patience->window) / LOOKS));
}

static void
give_up_stalled (ValiseStallWatch *self, guint i, gint64 stall)
{
  g_autoptr (GError) error = NULL;

  valise_target_set_stalled (valise_writer_get_target (self->writers[i]),
                             (stall + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND, &error);
  g_debug ("%s", error->message);
  valise_writer_give_up (self->writers[i], error);
}

/* A drive with one write since long ago, for which another drive, at least, has to wait. */
static void
look_for_stalled (ValiseStallWatch *self,
                  const ValiseWriterActivity *now,
                  gint64 span,
                  const ValisePatience *patience)
{
  gboolean some_wait = FALSE;

  for (guint i = 0; i < self->n; i++)
    some_wait |= now[i].is_live && now[i].is_idle;
  for (guint i = 0; i < self->n; i++)
    {
      Seen *seen = &self->seen[i];

      if (some_wait && now[i].is_calling && seen->last.is_calling
          && now[i].n_calls == seen->last.n_calls)
        seen->waited += span;
      else
        seen->waited = 0;
      if (seen->waited >= patience->stall)
        give_up_stalled (self, i, patience->stall);
    }
}

/* While it was busy, in bytes per second. One that was found busy by no look was so for less than
 * the time of one. */
static guint64
get_rate (ValiseStallWatch *self, const ValiseWriterActivity *now, guint i, gint64 interval)
{
  const Seen *seen = &self->seen[i];

  return (double) (now[i].bytes - seen->bytes) * G_USEC_PER_SEC / MAX (seen->busy, interval);
}

static void
judge_window (ValiseStallWatch *self,
              const ValiseWriterActivity *now,
              const ValisePatience *patience)
{
  const gint64 interval = get_interval (patience);

  for (guint i = 0; i < self->n; i++)
    {
      const guint64 rate = get_rate (self, now, i, interval);
      guint n_others = 0;
      guint n_faster = 0;

      for (guint j = 0; j < self->n; j++)
        if (j != i && now[j].is_live)
          {
            n_others++;
            n_faster += get_rate (self, now, j, interval) > CRAWL_FACTOR * rate;
          }
      if (now[i].is_live && rate < patience->crawl_rate && n_faster > 0 && n_faster * 2 >= n_others
          && self->seen[i].busy >= self->in_window / 100 * CRAWL_BUSY)
        {
          g_autoptr (GError) error = NULL;

          valise_target_set_crawling (valise_writer_get_target (self->writers[i]), rate, &error);
          g_debug ("%s", error->message);
          valise_writer_give_up (self->writers[i], error);
        }
    }
}

static void
look_for_crawling (ValiseStallWatch *self,
                   const ValiseWriterActivity *now,
                   gint64 span,
                   const ValisePatience *patience)
{
  self->in_window += span;
  for (guint i = 0; i < self->n; i++)
    self->seen[i].busy += now[i].is_calling ? span : 0;
  if (self->in_window < patience->window)
    return;
  judge_window (self, now, patience);
  self->in_window = 0;
  for (guint i = 0; i < self->n; i++)
    {
      self->seen[i].busy = 0;
      self->seen[i].bytes = now[i].bytes;
    }
}

static void
look (ValiseStallWatch *self, gint64 span, const ValisePatience *patience)
{
  ValiseWriterActivity now[VALISE_FANOUT_MAX_TARGETS];

  for (guint i = 0; i < self->n; i++)
    valise_writer_get_activity (self->writers[i], &now[i]);
  look_for_stalled (self, now, span, patience);
  look_for_crawling (self, now, span, patience);
  for (guint i = 0; i < self->n; i++)
    self->seen[i].last = now[i];
}

static gpointer
watch_thread (gpointer data)
{
  ValiseStallWatch *self = data;

  g_mutex_lock (&self->lock);
  while (!self->is_ending)
    {
      const ValisePatience patience = self->patience;
      const gint64 interval = get_interval (&patience);

      if (g_cond_wait_until (&self->changed, &self->lock, g_get_monotonic_time () + interval))
        continue;
      g_mutex_unlock (&self->lock);
      look (self, interval, &patience);
      g_mutex_lock (&self->lock);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

/**
 * valise_stall_watch_new:
 * @writers: (array length=n_writers) (transfer none): writers that get the same writes; must
 *   outlive the watch
 * @n_writers: how many; at most %VALISE_FANOUT_MAX_TARGETS
 *
 * Begins to look at the writers, and gives up those that keep others from going on.
 *
 * Returns: (transfer full): a watch, with a thread of its own
 */
ValiseStallWatch *
valise_stall_watch_new (ValiseWriter *const *writers, guint n_writers)
{
  ValiseStallWatch *self = g_new0 (ValiseStallWatch, 1);

  g_assert (n_writers <= VALISE_FANOUT_MAX_TARGETS);
  for (guint i = 0; i < n_writers; i++)
    self->writers[i] = writers[i];
  self->n = n_writers;
  self->patience = valise_patience_default;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->thread = g_thread_new ("valise-watch", watch_thread, self);
  return self;
}

/**
 * valise_stall_watch_free:
 * @self: (transfer full): a watch
 *
 * Waits for a look that is under way.
 */
void
valise_stall_watch_free (ValiseStallWatch *self)
{
  g_mutex_lock (&self->lock);
  self->is_ending = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  g_thread_join (self->thread);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

/**
 * valise_stall_watch_set_patience:
 * @self: a watch
 * @patience: how long to wait from now on. Any thread.
 */
void
valise_stall_watch_set_patience (ValiseStallWatch *self, const ValisePatience *patience)
{
  g_mutex_lock (&self->lock);
  self->patience = *patience;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
}
