/* valise-watchdog.c: says when the main loop was blocked, and by what; in debug builds.
 *
 * A turn of the loop is what happens between two polls. A timer that only the main thread gets is
 * set at its beginning; when it fires, the turn is too long already, and the signal's handler notes
 * where the main thread stands: the name of the source, and the stack. The warning follows when the
 * turn is over and its length is known.
 *
 * Measured is what the program itself is to blame for: the time during which the thread was ready
 * to run but the system had no processor for it is taken off. The kernel counts it.
 *
 * The first window is not counted: until its first frame is drawn, GTK loads fonts, icons and
 * styles, and nothing is on the screen that could hang.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-watchdog.h"

#ifndef NDEBUG

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_FRAMES 48

/* The one main loop's. All of it belongs to the main thread, its signal handler included. */
static struct
{
  timer_t timer;
  int schedstat;
  gint64 start; /* of this turn; 0 before the first */
  gint64 waited;
  gint64 longest;
  gint64 limit;
  volatile sig_atomic_t n_frames;
  void *frames[MAX_FRAMES];
  const char *volatile source;
} watchdog;

static void
signal_cb (int number)
{
  GSource *source = g_main_current_source ();

  watchdog.source = source != NULL ? g_source_get_name (source) : NULL;
  watchdog.n_frames = backtrace (watchdog.frames, MAX_FRAMES);
}

/* How long the thread waited for a processor so far, in µs. */
static gint64
get_waited (void)
{
  char text[96];
  char *at = text;
  ssize_t n = watchdog.schedstat >= 0 ? pread (watchdog.schedstat, text, sizeof text - 1, 0) : -1;

  if (n <= 0)
    return 0;
  text[n] = '\0';
  strtoull (text, &at, 10); /* on the processor */
  return strtoull (at, NULL, 10) / 1000;
}

static void
set_timer (gint64 usec)
{
  struct itimerspec spec = { 0 };

  spec.it_value.tv_sec = usec / G_USEC_PER_SEC;
  spec.it_value.tv_nsec = usec % G_USEC_PER_SEC * 1000;
  timer_settime (watchdog.timer, 0, &spec, NULL);
}

static void
report (gint64 usec)
{
  g_auto (GStrv) names = NULL;
  g_autofree char *stack = NULL;
  char **symbols;

  if (watchdog.n_frames == 0)
    {
      g_warning ("The main loop was blocked for %" G_GINT64_FORMAT " ms.", usec / 1000);
      return;
    }
  symbols = backtrace_symbols (watchdog.frames, watchdog.n_frames);
  names = g_new0 (char *, watchdog.n_frames + 1);
  for (int i = 0; i < watchdog.n_frames; i++)
    names[i] = g_strdup (symbols[i]);
  free (symbols);
  stack = g_strjoinv ("\n  ", names);
  g_warning ("The main loop was blocked for %" G_GINT64_FORMAT " ms, after %" G_GINT64_FORMAT
             " of them in “%s”:\n  %s",
             usec / 1000, watchdog.limit / 1000,
             watchdog.source != NULL ? watchdog.source : "a source without a name", stack);
}

static int
poll_cb (GPollFD *fds, guint n_fds, int timeout)
{
  int n;

  if (watchdog.start != 0)
    {
      gint64 usec;

      set_timer (0);
      usec = g_get_monotonic_time () - watchdog.start;
      if (usec > watchdog.limit)
        usec -= get_waited () - watchdog.waited;
      watchdog.longest = MAX (watchdog.longest, usec);
      if (usec > watchdog.limit)
        report (usec);
    }
  n = g_poll (fds, n_fds, timeout);
  watchdog.n_frames = 0;
  watchdog.waited = get_waited ();
  watchdog.start = g_get_monotonic_time ();
  set_timer (watchdog.limit);
  return n;
}

/**
 * valise_watchdog_start:
 *
 * Watches the default main context from its next turn on. Main thread, once the first frame is on
 * the screen.
 */
void
valise_watchdog_start (void)
{
  struct sigaction action = { .sa_handler = signal_cb, .sa_flags = SA_RESTART };
  struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/schedstat", (int) gettid ());
  void *frame;

  if (watchdog.limit != 0)
    return;
  /* The first call loads a library, which a signal handler must not do. */
  backtrace (&frame, 1);
  event._sigev_un._tid = gettid ();
  if (sigaction (SIGRTMIN, &action, NULL) != 0
      || timer_create (CLOCK_MONOTONIC, &event, &watchdog.timer) != 0)
    return;
  watchdog.schedstat = open (path, O_RDONLY | O_CLOEXEC);
  watchdog.limit = VALISE_WATCHDOG_LIMIT;
#ifdef __SANITIZE_ADDRESS__
  watchdog.limit *= 4; /* code that is checked at each step takes three times as long */
#endif
  g_main_context_set_poll_func (NULL, poll_cb);
}

/**
 * valise_watchdog_get_longest:
 *
 * Returns: how long the longest turn so far took, in µs
 */
gint64
valise_watchdog_get_longest (void)
{
  return watchdog.longest;
}

#endif
