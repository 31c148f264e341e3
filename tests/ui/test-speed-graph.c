/* test-speed-graph.c: the graph's lines can be told apart, and are told in words.
 *
 * Skips without a display. What the graph looks like is for show-speed-graph.c and a pair of eyes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <adwaita.h>
#include <string.h>

#include "ui/valise-speed-graph.h"
#include "ui/valise-speed-samples.h"
#include "ui/valise-speed-style.h"

#define N_LINES 16

/* Figures from the definition in WCAG 2.1. */
static void
test_contrast (void)
{
  const GdkRGBA black = { 0, 0, 0, 1 };
  const GdkRGBA white = { 1, 1, 1, 1 };
  const GdkRGBA grey = { 0x77 / 255.0f, 0x77 / 255.0f, 0x77 / 255.0f, 1 };

  g_assert_cmpfloat_with_epsilon (valise_speed_style_get_contrast (&black, &white), 21, 0.001);
  g_assert_cmpfloat_with_epsilon (valise_speed_style_get_contrast (&white, &grey), 4.48, 0.005);
  g_assert_cmpfloat_with_epsilon (valise_speed_style_get_contrast (&grey, &grey), 1, 0.001);
}

static void
test_styles (gconstpointer data)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  const gboolean dark = GPOINTER_TO_INT (data);
  GtkWidget *window, *graph;
  ValiseSpeedStyle styles[N_LINES];
  GdkRGBA background;

  adw_style_manager_set_color_scheme (manager, dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                                    : ADW_COLOR_SCHEME_FORCE_LIGHT);
  graph = valise_speed_graph_new ();
  window = gtk_window_new ();
  gtk_window_set_child (GTK_WINDOW (window), graph);
  g_assert_true (gtk_style_context_lookup_color (gtk_widget_get_style_context (graph),
                                                 "window_bg_color", &background));
  for (guint i = 0; i < N_LINES; i++)
    {
      valise_speed_style_get (graph, i, &styles[i]);
      g_assert_cmpfloat (valise_speed_style_get_contrast (&styles[i].color, &background), >=, 3);
      for (guint j = 0; j < i; j++)
        {
          gboolean same_dashes = styles[i].n_dashes == styles[j].n_dashes
                                 && memcmp (styles[i].dashes, styles[j].dashes,
                                            styles[i].n_dashes * sizeof (double))
                                        == 0;

          g_assert_false (same_dashes && gdk_rgba_equal (&styles[i].color, &styles[j].color));
          /* Up to six drives need no colour to be told apart. */
          g_assert_false (same_dashes && i < 6);
        }
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_words (void)
{
  g_autoptr (GListStore) store = g_list_store_new (VALISE_TYPE_SPEED_SAMPLES);
  g_autoptr (ValiseSpeedSamples) one = valise_speed_samples_new ("SanDisk Ultra");
  g_autoptr (ValiseSpeedSamples) two = valise_speed_samples_new ("Kingston");
  g_autoptr (GtkWidget) graph = g_object_ref_sink (valise_speed_graph_new ());
  g_autofree char *none = valise_speed_graph_describe (VALISE_SPEED_GRAPH (graph));
  g_autofree char *words = NULL;

  g_assert_cmpstr (none, ==, "");
  for (guint i = 0; i <= 50; i++)
    {
      valise_speed_samples_add (one, i * 100000, i * 4500000);
      valise_speed_samples_add (two, i * 100000, 0);
    }
  valise_speed_graph_set_model (VALISE_SPEED_GRAPH (graph), G_LIST_MODEL (store));
  g_list_store_append (store, one);
  g_list_store_append (store, two);
  words = valise_speed_graph_describe (VALISE_SPEED_GRAPH (graph));
  g_assert_cmpstr (words, ==, "1, SanDisk Ultra: 45.0\302\240MB/s\n2, Kingston: 0 bytes/s");
  gtk_test_accessible_assert_role (GTK_ACCESSIBLE (graph), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (graph), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Speed of the drives");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (graph),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words);
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 77;
    }
  adw_init ();
  g_test_add_func ("/ui/speed-graph/contrast", test_contrast);
  g_test_add_data_func ("/ui/speed-graph/light", GINT_TO_POINTER (FALSE), test_styles);
  g_test_add_data_func ("/ui/speed-graph/dark", GINT_TO_POINTER (TRUE), test_styles);
  g_test_add_func ("/ui/speed-graph/words", test_words);
  return g_test_run ();
}
