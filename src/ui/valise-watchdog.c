/* valise-watchdog.c: says when the main loop was blocked, and by what; in debug builds.
 *
 * A turn of the loop is what happens between two polls. A timer that only the main thread gets is
 * set at its beginning; when it fires, the turn is too long already, and the signal's handler notes
 * where the main thread stands: the name of the source, and the stack. The warning follows when the
 * turn is over and its length is known.
 *
 * Measured is what the program itself is to blame for. A turn in which the thread never gave its
 * processor away took as long as it computed. Where it did, it waited for something: for a disk,
 * say, which blocks the window as well. Then all of the turn counts, but for the time during which
 * the thread was ready to run and the system had no processor for it (the kernel counts that), and
 * for that during which GTK waited for an answer of the display's server, which may be slow, far
 * away, or without a processor itself. The timer goes on firing to find that out.
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
#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_FRAMES 48

/* How far up the stack a library that waits in a system call is looked for: the handler, the
 * kernel's frame, the C library's function, and two of its own. */
#define NEAR_FRAMES 5

/* How often a turn that is too long is looked at, in µs. */
#define INTERVAL 10000

/* The one main loop's. All of it belongs to the main thread, its signal handler included. */
static struct
{
  timer_t timer;
  int schedstat;
  gint64 start; /* of this turn; 0 before the first */
  gint64 waited;
  gint64 computed;
  glong n_given; /* how often the thread gave its processor away */
  gint64 longest;
  gint64 limit;
  guintptr display_start, display_end; /* the library that talks to the display's server */
  volatile sig_atomic_t n_signals;
  gint64 in_display; /* µs in that library */
  volatile sig_atomic_t n_frames;
  void *frames[MAX_FRAMES];
  char source[64]; /* a copy: the source may be gone when the turn ends */
} watchdog;

static gboolean
is_display_waiting (void **frames, int n)
{
  for (int i = 0; i < MIN (n, NEAR_FRAMES); i++)
    if ((guintptr) frames[i] >= watchdog.display_start
        && (guintptr) frames[i] < watchdog.display_end)
      return TRUE;
  return FALSE;
}

/* Keeps the first stack that is to blame. */
static void
signal_cb (int number)
{
  GSource *source;
  const char *name;
  void *frames[MAX_FRAMES];
  int n = backtrace (frames, watchdog.n_frames == 0 ? MAX_FRAMES : NEAR_FRAMES);

  watchdog.n_signals++;
  if (is_display_waiting (frames, n))
    {
      /* The first signal stands for the time before it, each other one for an interval. */
      watchdog.in_display += watchdog.n_signals == 1 ? watchdog.limit : INTERVAL;
      return;
    }
  if (watchdog.n_frames != 0)
    return;
  source = g_main_current_source ();
  name = source != NULL ? g_source_get_name (source) : NULL;
  g_strlcpy (watchdog.source, name != NULL ? name : "", sizeof watchdog.source);
  memcpy (watchdog.frames, frames, n * sizeof *frames);
  watchdog.n_frames = n;
}

static int
find_display_cb (struct dl_phdr_info *info, size_t size, void *data)
{
  if (strstr (info->dlpi_name, "/libxcb.so") == NULL)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0)
      {
        watchdog.display_start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        watchdog.display_end = watchdog.display_start + info->dlpi_phdr[i].p_memsz;
      }
  return 1;
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

/* How long the thread computed so far, in µs. */
static gint64
get_computed (void)
{
  struct timespec time = { 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static glong
get_n_given (void)
{
  struct rusage usage = { 0 };

  getrusage (RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

static void
set_timer (gint64 usec)
{
  struct itimerspec spec = { 0 };

  spec.it_value.tv_sec = usec / G_USEC_PER_SEC;
  spec.it_value.tv_nsec = usec % G_USEC_PER_SEC * 1000;
  spec.it_interval.tv_nsec = INTERVAL * 1000;
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
             *watchdog.source != '\0' ? watchdog.source : "a source without a name", stack);
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
      if (get_n_given () == watchdog.n_given)
        usec = MIN (usec, get_computed () - watchdog.computed);
      else if (usec > watchdog.limit)
        usec -= get_waited () - watchdog.waited + watchdog.in_display;
      watchdog.longest = MAX (watchdog.longest, usec);
      if (usec > watchdog.limit)
        report (usec);
    }
  n = g_poll (fds, n_fds, timeout);
  watchdog.n_frames = watchdog.n_signals = 0;
  watchdog.in_display = 0;
  watchdog.waited = get_waited ();
  watchdog.computed = get_computed ();
  watchdog.n_given = get_n_given ();
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
  dl_iterate_phdr (find_display_cb, NULL);
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
