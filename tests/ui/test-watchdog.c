/* test-watchdog.c: that what blocks the main loop is reported, and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "ui/valise-watchdog.h"

#ifndef NDEBUG

/* Busy, not asleep: a thread that waits for a processor is nobody's fault. */
static gboolean
work_cb (gpointer data)
{
  gint64 end = g_get_monotonic_time () + GPOINTER_TO_INT (data) * 1000;

  while (g_get_monotonic_time () < end)
    continue;
  return G_SOURCE_REMOVE;
}

static gboolean
sleep_cb (gpointer data)
{
  g_usleep (GPOINTER_TO_INT (data) * 1000);
  return G_SOURCE_REMOVE;
}

static void
turn (GSourceFunc function, gpointer data)
{
  GSource *source = g_idle_source_new ();

  g_source_set_static_name (source, "test of the watchdog");
  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, NULL);
  g_source_unref (source);
  while (g_main_context_pending (NULL))
    g_main_context_iteration (NULL, FALSE);
}

static void
test_quick (void)
{
  for (int i = 0; i < 20; i++)
    turn (sleep_cb, GINT_TO_POINTER (5));
  g_test_assert_expected_messages ();
}

static void
test_blocked (void)
{
  g_test_expect_message ("valise-wizard", G_LOG_LEVEL_WARNING,
                         "The main loop was blocked for *by Valise, in “test of the watchdog”*");
  turn (sleep_cb, GINT_TO_POINTER (400));
  g_test_assert_expected_messages ();
  /* What it waited for a processor is not counted, and may be much on a machine that is busy. */
  g_assert_cmpint (valise_watchdog_get_longest (), >=, 60000);
}

/* Time on the processor counts, however long it took. */
static void
test_busy (void)
{
  g_test_expect_message ("valise-wizard", G_LOG_LEVEL_WARNING,
                         "The main loop was blocked for *by Valise, in “test of the watchdog”*");
  turn (work_cb, GINT_TO_POINTER (4000));
  g_test_assert_expected_messages ();
}

static gpointer
sleep_thread (gpointer data)
{
  g_usleep (400 * 1000);
  return NULL; /* the source's answer, too: it is over */
}

/* Nothing but main() is ours on the stack here: a library waits. Called by main() itself; below a
 * test's function, all would be the program's. */
static void
check_foreign (void)
{
  g_test_expect_message ("valise-wizard", G_LOG_LEVEL_WARNING,
                         "The main loop was blocked for * ms (Valise: 0 ms), by GTK, in “test *");
  turn ((GSourceFunc) (gpointer) g_thread_join, g_thread_new ("sleep", sleep_thread, NULL));
  g_test_assert_expected_messages ();
}

/* Once it is stopped, it says nothing. */
static void
test_stopped (void)
{
  valise_watchdog_stop ();
  turn (sleep_cb, GINT_TO_POINTER (400));
  valise_watchdog_start ();
  turn (sleep_cb, GINT_TO_POINTER (5));
  g_test_assert_expected_messages ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  valise_watchdog_start ();
  check_foreign ();
  g_test_add_func ("/watchdog/quick", test_quick);
  g_test_add_func ("/watchdog/blocked", test_blocked);
  g_test_add_func ("/watchdog/busy", test_busy);
  g_test_add_func ("/watchdog/stopped", test_stopped);
  return g_test_run ();
}

#else

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  return 77; /* skipped: release builds have no watchdog */
}

#endif
