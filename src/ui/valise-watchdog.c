/* valise-watchdog.c: says when the main loop was blocked, and by what; in debug builds.
 *
 * A turn of the loop is what happens between two polls. A timer that only the main thread gets is
 * set at its beginning, and fires every few milliseconds. The signal's handler looks where the main
 * thread stands: the name of the source, and the stack. The warning follows when the turn is over
 * and its length is known.
 *
 * What is on the stack says whose the time is. It is ours where the program has called what is
 * computed, be it GTK; it is GTK's where nothing of the program is between that and the main loop:
 * while GTK lays out a page, shapes its text, paints it, or answers a screen reader. The warning
 * says how much of the turn each took. A layout of ours only asks GTK's labels for their sizes, as
 * GTK's own do; its functions are told by VALISE_WATCHDOG_LAYOUT, and count as GTK.
 *
 * Measured is what the program itself is to blame for. A turn in which the thread never gave its
 * processor away took as long as it computed. Where it did, it waited for something: for a disk,
 * say, which blocks the window as well. Then all of the turn counts, but for the time during which
 * the thread was ready to run and the system had no processor for it (the kernel counts that), and
 * for that during which GTK waited for an answer of the display's server, which may be slow, far
 * away, or without a processor itself, or malloc() for another thread that is in it, which takes
 * long only where that one is without a processor. The timer goes on firing to find that out.
 *
 * The first window is not counted: until its first frame is drawn, GTK loads fonts, icons and
 * styles, and nothing is on the screen that could hang.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-watchdog.h"

#ifndef NDEBUG

#include <dlfcn.h>
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

/* Widgets are in widgets: a stack of GTK's is high. */
#define MAX_FRAMES 192

/* The handler itself, and the kernel's frame. */
#define OWN_FRAMES 2

/* How far up the stack a library that waits in a system call is looked for: the handler, the
 * kernel's frame, the C library's function, and two of its own. */
#define NEAR_FRAMES 5

/* How often a turn is looked at, in µs. */
#define INTERVAL 10000

/* Some code in memory. */
typedef struct
{
  guintptr start, end;
} Range;

/* Where the linker puts the functions that are VALISE_WATCHDOG_LAYOUT. */
extern const char start_layout[] __asm__ ("__start_valise_layout") __attribute__ ((weak));
extern const char stop_layout[] __asm__ ("__stop_valise_layout") __attribute__ ((weak));

/* The one main loop's. All of it belongs to the main thread, its signal handler included. */
static struct
{
  gboolean is_set_up;
  timer_t timer;
  int schedstat;
  gint64 start; /* of this turn; 0 before the first */
  gint64 waited;
  gint64 computed;
  glong n_given; /* how often the thread gave its processor away */
  gint64 longest;
  gint64 limit; /* 0 while it does not watch */
  Range program, layout;
  Range display;                /* the library that talks to the display's server */
  Range c;                      /* the C library, which calls main() */
  Range allocator;              /* its function that waits for another thread in malloc() */
  volatile sig_atomic_t n_signals;
  volatile sig_atomic_t n_excused; /* signals while it waited for one of these */
  volatile sig_atomic_t n_ours;    /* signals in what the program does */
  gboolean is_ours;                /* of the stack that is kept */
  volatile sig_atomic_t n_frames;
  void *frames[MAX_FRAMES];
  char source[64]; /* a copy: the source may be gone when the turn ends */
} watchdog;

static gboolean
is_in (void *frame, const Range *range)
{
  return (guintptr) frame >= range->start && (guintptr) frame < range->end;
}

static gboolean
is_excused (void **frames, int n)
{
  for (int i = 0; i < MIN (n, NEAR_FRAMES); i++)
    if (is_in (frames[i], &watchdog.display) || is_in (frames[i], &watchdog.allocator))
      return TRUE;
  return FALSE;
}

/* Whether the program does something: but for main(), which is at the bottom, and for functions of
 * layouts and what they call in the program. */
static gboolean
is_ours (void **frames, int n)
{
  while (n > OWN_FRAMES
         && (is_in (frames[n - 1], &watchdog.program) || is_in (frames[n - 1], &watchdog.c)))
    n--;
  for (int i = OWN_FRAMES; i < n; i++)
    if (is_in (frames[i], &watchdog.program)
        && !(i + 1 < n && is_in (frames[i + 1], &watchdog.program))
        && !is_in (frames[i], &watchdog.layout))
      return TRUE;
  return FALSE;
}

/* Keeps the first stack of ours, or else the first one after the limit. */
static void
signal_cb (int number, siginfo_t *info, void *context)
{
  GSource *source;
  const char *name;
  void *frames[MAX_FRAMES];
  const int n = backtrace (frames, MAX_FRAMES);
  const gboolean ours = is_ours (frames, n);
  /* Those that could not be delivered meanwhile are one. */
  const int weight = 1 + info->si_overrun;

  watchdog.n_signals += weight;
  if (is_excused (frames, n))
    {
      watchdog.n_excused += weight;
      return;
    }
  watchdog.n_ours += ours ? weight : 0;
  if (watchdog.n_frames != 0 && (watchdog.is_ours || !ours))
    return;
  if (!ours && watchdog.n_signals * INTERVAL < watchdog.limit)
    return;
  source = g_main_current_source ();
  name = source != NULL ? g_source_get_name (source) : NULL;
  g_strlcpy (watchdog.source, name != NULL ? name : "", sizeof watchdog.source);
  memcpy (watchdog.frames, frames, n * sizeof *frames);
  watchdog.n_frames = n;
  watchdog.is_ours = ours;
}

static int
find_ranges_cb (struct dl_phdr_info *info, size_t size, void *data)
{
  Range *range = NULL;

  if (*info->dlpi_name == '\0' && watchdog.program.end == 0)
    range = &watchdog.program; /* the first of all */
  else if (strstr (info->dlpi_name, "/libxcb.so") != NULL)
    range = &watchdog.display;
  else if (strstr (info->dlpi_name, "/libc.so") != NULL)
    range = &watchdog.c;
  for (int i = 0; range != NULL && i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0)
      {
        range->start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        range->end = range->start + info->dlpi_phdr[i].p_memsz;
      }
  return 0;
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

  spec.it_value.tv_nsec = usec * 1000;
  spec.it_interval.tv_nsec = usec * 1000;
  timer_settime (watchdog.timer, 0, &spec, NULL);
}

static void
report (gint64 usec)
{
  const int n_counted = MAX (watchdog.n_signals - watchdog.n_excused, 1);
  const gint64 ours = usec * watchdog.n_ours / n_counted;
  g_auto (GStrv) names = NULL;
  g_autofree char *stack = NULL;
  char **symbols;

  if (watchdog.n_frames == 0)
    {
      g_warning ("The main loop was blocked for %" G_GINT64_FORMAT " ms (Valise: 0 ms).",
                 usec / 1000);
      return;
    }
  symbols = backtrace_symbols (watchdog.frames, watchdog.n_frames);
  names = g_new0 (char *, watchdog.n_frames + 1);
  for (int i = 0; i < watchdog.n_frames; i++)
    names[i] = g_strdup (symbols[i]);
  free (symbols);
  stack = g_strjoinv ("\n  ", names);
  g_warning ("The main loop was blocked for %" G_GINT64_FORMAT " ms (Valise: %" G_GINT64_FORMAT
             " ms), by %s, in “%s”:\n  %s",
             usec / 1000, ours / 1000, watchdog.is_ours ? "Valise" : "GTK",
             *watchdog.source != '\0' ? watchdog.source : "a source without a name", stack);
}

static int
poll_cb (GPollFD *fds, guint n_fds, int timeout)
{
  int n;

  if (watchdog.limit == 0)
    return g_poll (fds, n_fds, timeout);
  if (watchdog.start != 0)
    {
      gint64 usec;

      set_timer (0);
      usec = g_get_monotonic_time () - watchdog.start;
      if (get_n_given () == watchdog.n_given)
        usec = MIN (usec, get_computed () - watchdog.computed);
      else if (usec > watchdog.limit)
        usec -= get_waited () - watchdog.waited + watchdog.n_excused * INTERVAL;
      watchdog.longest = MAX (watchdog.longest, usec);
      if (usec > watchdog.limit)
        report (usec);
    }
  n = g_poll (fds, n_fds, timeout);
  watchdog.n_frames = watchdog.n_signals = watchdog.n_excused = watchdog.n_ours = 0;
  watchdog.waited = get_waited ();
  watchdog.computed = get_computed ();
  watchdog.n_given = get_n_given ();
  watchdog.start = g_get_monotonic_time ();
  set_timer (INTERVAL);
  return n;
}

/* Where a function of a library is. */
static void
find_function (const char *name, Range *range)
{
  void *start = dlsym (RTLD_DEFAULT, name);
  const ElfW (Sym) *symbol = NULL;
  Dl_info info;

  if (start == NULL || dladdr1 (start, &info, (void **) &symbol, RTLD_DL_SYMENT) == 0
      || symbol == NULL)
    return;
  *range = (Range) { (guintptr) start, (guintptr) start + symbol->st_size };
}

/* Once for all; whether it works. */
static gboolean
set_up (void)
{
  struct sigaction action = { .sa_sigaction = signal_cb, .sa_flags = SA_RESTART | SA_SIGINFO };
  struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN };
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/schedstat", (int) gettid ());
  void *frame;

  dl_iterate_phdr (find_ranges_cb, NULL);
  find_function ("__lll_lock_wait_private", &watchdog.allocator);
  watchdog.layout = (Range) { (guintptr) start_layout, (guintptr) stop_layout };
  /* The first call loads a library, which a signal handler must not do. */
  backtrace (&frame, 1);
  event._sigev_un._tid = gettid ();
  if (sigaction (SIGRTMIN, &action, NULL) != 0
      || timer_create (CLOCK_MONOTONIC, &event, &watchdog.timer) != 0)
    return FALSE;
  watchdog.schedstat = open (path, O_RDONLY | O_CLOEXEC);
  g_main_context_set_poll_func (NULL, poll_cb);
  return TRUE;
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
  if (!watchdog.is_set_up && !set_up ())
    return;
  watchdog.is_set_up = TRUE;
  watchdog.limit = VALISE_WATCHDOG_LIMIT;
#ifdef __SANITIZE_ADDRESS__
  watchdog.limit *= 4; /* code that is checked at each step takes three times as long */
#endif
}

/**
 * valise_watchdog_stop:
 *
 * Watches no more, this turn included, until it is started again.
 */
void
valise_watchdog_stop (void)
{
  if (watchdog.limit == 0)
    return;
  set_timer (0);
  watchdog.limit = watchdog.start = 0;
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
