/* test-progress.c: steps, weights, and the one notification for many changes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-progress.h"

static const ValiseProgressStep steps[] = { { "one", 1 }, { "two", 3 } };

static void
test_steps (void)
{
  g_autoptr (ValiseProgress) progress = valise_progress_new ();
  ValiseProgressState state;

  valise_progress_set_steps (progress, steps, G_N_ELEMENTS (steps));
  valise_progress_get_state (progress, &state);
  g_assert_cmpstr (state.step, ==, "one");
  g_assert_cmpfloat (state.fraction, ==, 0);

  valise_progress_begin (progress, "one", 100);
  valise_progress_set_done (progress, 50);
  valise_progress_get_state (progress, &state);
  g_assert_cmpfloat (state.fraction, ==, 0.125);

  /* A larger total must not let the bar go back. */
  valise_progress_set_total (progress, 1000);
  valise_progress_get_state (progress, &state);
  g_assert_cmpfloat (state.fraction, ==, 0.125);
  g_assert_cmpuint (state.total, ==, 1000);

  valise_progress_begin (progress, "two", 10);
  valise_progress_get_state (progress, &state);
  g_assert_cmpstr (state.step, ==, "two");
  g_assert_cmpfloat (state.fraction, ==, 0.25);
  valise_progress_set_done (progress, 20);
  valise_progress_get_state (progress, &state);
  g_assert_cmpfloat (state.fraction, ==, 1);
}

static void
count_cb (ValiseProgress *progress, guint *count)
{
  (*count)++;
}

static gpointer
hammer (gpointer data)
{
  for (guint i = 0; i < 10000; i++)
    valise_progress_set_done (data, i);
  return NULL;
}

static void
test_one_notification (void)
{
  g_autoptr (ValiseProgress) progress = valise_progress_new ();
  g_autoptr (GThread) thread = NULL;
  guint count = 0;

  g_signal_connect (progress, "changed", G_CALLBACK (count_cb), &count);
  valise_progress_set_steps (progress, steps, G_N_ELEMENTS (steps));
  valise_progress_begin (progress, "one", 10000);
  thread = g_thread_new ("hammer", hammer, progress);
  g_thread_join (g_steal_pointer (&thread));
  g_assert_cmpuint (count, ==, 0); /* never from the setter's thread */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (count, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/progress/steps", test_steps);
  g_test_add_func ("/core/progress/one-notification", test_one_notification);
  return g_test_run ();
}
