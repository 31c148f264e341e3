/* show-speed-graph.c: draws the speed graph into a picture, and measures what drawing it costs.
 *
 * usage: show-speed-graph [--drives N] [--minutes N] [--width N] [--height N] [--dark]
 *                         [--output FILE.png] [--rounds N]
 *
 * The drives are made up: each has a speed of its own, a fast beginning as sticks have it, and
 * noise. With --rounds the graph is drawn that often, by a renderer without a graphics card, and
 * the times are printed: snapshot (what the main loop always does) and render (what is left to do,
 * at most).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <adwaita.h>
#include <math.h>
#include <time.h>

#include "ui/valise-speed-graph.h"
#include "ui/valise-speed-samples.h"
#include "ui/valise-speed-style.h"

static int n_drives = 4;
static double minutes = 10;
static int width = 640;
static int height = 240;
static gboolean dark;
static char *output;
static int rounds;

static const GOptionEntry entries[] = {
  { "drives", 0, 0, G_OPTION_ARG_INT, &n_drives, "How many lines", "N" },
  { "minutes", 0, 0, G_OPTION_ARG_DOUBLE, &minutes, "How long the job takes", "N" },
  { "width", 0, 0, G_OPTION_ARG_INT, &width, "In pixels", "N" },
  { "height", 0, 0, G_OPTION_ARG_INT, &height, "In pixels", "N" },
  { "dark", 0, 0, G_OPTION_ARG_NONE, &dark, "Dark colours", NULL },
  { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, "A picture of it", "FILE" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "Draw it that often, and measure", "N" },
  { NULL },
};

static GListModel *
make_model (void)
{
  GListStore *store = g_list_store_new (VALISE_TYPE_SPEED_SAMPLES);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (int i = 0; i < n_drives; i++)
    {
      g_autofree char *name = g_strdup_printf ("Drive %d", i + 1);
      g_autoptr (ValiseSpeedSamples) samples = valise_speed_samples_new (name);
      const double speed = 45e6 - i * 2.6e6;
      double sum = 0;

      for (int t = 0; t <= minutes * 600; t++)
        {
          double factor = t < 300 + i * 40 ? 1.6 : 1;

          valise_speed_samples_add (samples, (gint64) t * G_USEC_PER_SEC / 10, (guint64) sum);
          factor *= 1 + 0.15 * sin (t / (60.0 + 7 * i)) + g_rand_double_range (rand, -0.5, 0.5);
          sum += speed * factor / 10;
        }
      g_list_store_append (store, samples);
    }
  return G_LIST_MODEL (store);
}

/* The processor's time of this thread in µs: others may want the processor, too. */
static gint64
get_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return *(const gint64 *) a < *(const gint64 *) b ? -1 : *(const gint64 *) a > *(const gint64 *) b;
}

static void
print_times (const char *name, gint64 *times)
{
  qsort (times, rounds, sizeof *times, compare);
  g_print ("%s: median %.3f ms, 95 %% under %.3f ms, longest %.3f ms\n", name,
           times[rounds / 2] / 1000.0, times[rounds * 95 / 100] / 1000.0,
           times[rounds - 1] / 1000.0);
}

static void
measure (GtkWidget *widget, GskRenderer *renderer)
{
  g_autofree gint64 *snapshots = g_new (gint64, rounds);
  g_autofree gint64 *renders = g_new (gint64, rounds);

  for (int i = 0; i < rounds; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      gint64 begin = get_time ();
      gint64 middle;
      GskRenderNode *node;

      GTK_WIDGET_GET_CLASS (widget)->snapshot (widget, snapshot);
      node = gtk_snapshot_free_to_node (snapshot);
      middle = get_time ();
      g_object_unref (gsk_renderer_render_texture (renderer, node, NULL));
      snapshots[i] = middle - begin;
      renders[i] = get_time () - middle;
      gsk_render_node_unref (node);
    }
  g_print ("%d drives, %.0f minutes, %d × %d pixels, %d times:\n", n_drives, minutes, width, height,
           rounds);
  print_times ("snapshot", snapshots);
  print_times ("render", renders);
}

static void
save (GtkWidget *window, GskRenderer *renderer)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRenderNode *node;
  g_autoptr (GdkTexture) texture = NULL;

  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_free_to_node (snapshot);
  texture = gsk_renderer_render_texture (renderer, node, NULL);
  gsk_render_node_unref (node);
  if (!gdk_texture_save_to_png (texture, output))
    g_error ("%s could not be written", output);
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GListModel) model = NULL;
  GskRenderer *renderer = gsk_cairo_renderer_new ();
  GtkWidget *window, *graph, *keys, *box;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  adw_init ();
  if (dark)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  model = make_model ();
  graph = valise_speed_graph_new ();
  gtk_widget_set_size_request (graph, width, height);
  valise_speed_graph_set_model (VALISE_SPEED_GRAPH (graph), model);
  keys = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  for (int i = 0; i < MIN (n_drives, width / 60); i++)
    gtk_box_append (GTK_BOX (keys), valise_speed_key_new (i));
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_box_append (GTK_BOX (box), graph);
  gtk_box_append (GTK_BOX (box), keys);
  window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
  g_timeout_add (500, quit_cb, loop);
  g_main_loop_run (loop);

  if (!gsk_renderer_realize (renderer, NULL, &error))
    g_error ("%s", error->message);
  if (rounds > 0)
    measure (graph, renderer);
  if (output != NULL)
    save (window, renderer);
  gsk_renderer_unrealize (renderer);
  g_object_unref (renderer);
  gtk_window_destroy (GTK_WINDOW (window));
  return 0;
}
