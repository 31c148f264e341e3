/* show-job-pages.c: the pages of writing and of the result, with drives that are files.
 *
 * usage: show-job-pages IMAGE FOLDER DRIVE…
 *
 * Each DRIVE is a word: “good” is written at some 6 MB/s, “slow” at 2, “tired” at 0.3, “fast”
 * without a delay; “bad” fails after 4 MiB, “lie” gives back something else, “gone” is pulled out.
 * Their files are made in FOLDER. The rest of the program, where drives are chosen, is left out: it
 * would ask a real udisks2.
 *
 * Environment: SHOW_DARK=1 for dark colours, SHOW_WIDTH and SHOW_HEIGHT for the window's size,
 * SHOW_SIZE for the drives' in MiB (512 otherwise), SHOW_PICTURES=FOLDER for pictures of the window
 * each two seconds, and one of the result, SHOW_BEHIND=1 for another window in front of it,
 * SHOW_END=1 to end after the job. In debug builds the longest turn of the main loop, from the
 * first frame on, is printed at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <adwaita.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-units.h"
#include "engine/fault-target.h"
#include "ui/valise-accessible.h"
#include "ui/valise-choices.h"
#include "ui/valise-result-page.h"
#include "ui/valise-watchdog.h"
#include "ui/valise-writing-page.h"

static char **words;
static FaultPlan plans[16];
static ValisePage *shown;
static GtkStack *stack;
static guint n_pictures;

static void
lie_later (FaultPlan *plan, FaultOperation operation)
{
  plan->flip_reads = operation == FAULT_READ && plan->bytes_taken > 8 * VALISE_MIB;
}

static void
add_drive (ValiseJobModel *job, guint i)
{
  static const char *const names[]
      = { "SanDisk Ultra Fit", "Kingston DataTraveler Max Type-A", "Samsung FIT Plus",
          "Generic Mass Storage Device With a Name That Is Much Longer Than Any Row" };
  const char *word = words[2 + i];
  const char *size = g_getenv ("SHOW_SIZE");
  g_autofree char *file = g_strdup_printf ("drive-%u.img", i);
  g_autofree char *path = g_build_filename (words[1], file, NULL);
  FaultPlan *plan = &plans[i];
  int fd = g_open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (fd, (size != NULL ? atoi (size) : 512) * VALISE_MIB), ==, 0);
  close (fd);
  fault_plan_init (plan);
  if (!g_str_equal (word, "fast"))
    {
      plan->max_write = 128 * 1024;
      plan->write_delay = g_str_equal (word, "slow") ? 60000 : g_str_equal (word, "tired") ? 400000
                                                                                           : 20000;
    }
  if (g_str_equal (word, "bad"))
    plan->write_bytes = 4 * VALISE_MIB;
  else if (g_str_equal (word, "gone"))
    plan->vanish_at = 100;
  else if (g_str_equal (word, "lie"))
    plan->before = lie_later;
  valise_job_model_add_target (job, names[i % G_N_ELEMENTS (names)],
                               fault_target_new (path, plan));
}

static void
take_picture (GtkWidget *window, const char *folder)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  g_autoptr (GskRenderer) renderer = NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autofree char *name = g_strdup_printf ("%u-%s.png", n_pictures++,
                                           gtk_stack_get_visible_child_name (stack));
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GdkTexture) texture = NULL;
  GskRenderNode *node;

  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL) /* nothing was shown yet */
    return;
  renderer = gsk_cairo_renderer_new ();
  if (!gsk_renderer_realize (renderer, NULL, NULL))
    g_error ("there is no renderer");
  texture = gsk_renderer_render_texture (renderer, node, NULL);
  gdk_texture_save_to_png (texture, path);
  gsk_render_node_unref (node);
  gsk_renderer_unrealize (renderer);
}

static gboolean
picture_cb (gpointer data)
{
  GtkWidget *window = data;
  const gboolean is_last = g_str_equal (gtk_stack_get_visible_child_name (stack), "result");

  take_picture (window, g_getenv ("SHOW_PICTURES"));
  if (is_last)
    gtk_window_destroy (GTK_WINDOW (window));
  return is_last ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
first_frame_cb (GdkFrameClock *clock, gpointer data)
{
  g_signal_handlers_disconnect_by_func (clock, first_frame_cb, data);
  valise_watchdog_start ();
}

static gboolean
cover_cb (gpointer data)
{
  GtkWidget *window = adw_application_window_new (data);

  gtk_window_set_title (GTK_WINDOW (window), "Another");
  gtk_window_present (GTK_WINDOW (window));
  return G_SOURCE_REMOVE;
}

static gboolean
close_cb (GtkWindow *window, gpointer data)
{
  if (!valise_page_get_busy (shown))
    return FALSE;
  valise_page_close_requested (shown);
  return TRUE;
}

static void
show_page (const char *name)
{
  gtk_stack_set_visible_child_name (stack, name);
  shown = VALISE_PAGE (gtk_stack_get_visible_child (stack));
  valise_page_entered (shown);
}

static gboolean
end_cb (gpointer data)
{
  gtk_window_destroy (data);
  return G_SOURCE_REMOVE;
}

static void
show_page_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  const char *name = g_variant_get_string (parameter, NULL);

  if (g_str_equal (name, "drives"))
    gtk_window_destroy (data);
  else
    show_page (name);
  if (g_str_equal (name, "result") && g_getenv ("SHOW_END") != NULL)
    g_timeout_add_seconds (2, end_cb, data);
}

static void
activate_cb (GtkApplication *application)
{
  static const GActionEntry actions[] = { { "show-page", show_page_cb, "s" } };
  const ValisePlanOptions options = { .source = words[0], .edition = "1", .verify = TRUE };
  g_autoptr (ValiseChoices) choices = valise_choices_new ();
  g_autoptr (ValisePlan) plan = valise_plan_new (&options, NULL);
  g_autoptr (ValiseJobModel) job = valise_job_model_new (plan, TRUE);
  GtkWidget *window = adw_application_window_new (application);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  const char *width = g_getenv ("SHOW_WIDTH");
  const char *height = g_getenv ("SHOW_HEIGHT");

  if (g_getenv ("SHOW_DARK") != NULL)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  for (guint i = 0; words[2 + i] != NULL; i++)
    add_drive (job, i);
  valise_choices_set_job (choices, job);
  stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (stack), TRUE);
  gtk_stack_add_named (stack, g_object_new (VALISE_TYPE_WRITING_PAGE, "choices", choices, NULL),
                       "writing");
  gtk_stack_add_named (stack, g_object_new (VALISE_TYPE_RESULT_PAGE, "choices", choices, NULL),
                       "result");
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (stack));
  valise_accessible_tidy (box);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Valise");
  gtk_window_set_default_size (GTK_WINDOW (window), width != NULL ? atoi (width) : 760,
                               height != NULL ? atoi (height) : 680);
  g_action_map_add_action_entries (G_ACTION_MAP (window), actions, G_N_ELEMENTS (actions), window);
  g_signal_connect (window, "close-request", G_CALLBACK (close_cb), NULL);
  gtk_window_present (GTK_WINDOW (window));
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint",
                    G_CALLBACK (first_frame_cb), NULL);
  show_page ("writing");
  if (g_getenv ("SHOW_BEHIND") != NULL)
    g_timeout_add_seconds (1, cover_cb, application);
  if (g_getenv ("SHOW_PICTURES") != NULL)
    g_timeout_add_seconds (2, picture_cb, window);
}

int
main (int argc, char **argv)
{
  g_autoptr (AdwApplication) application
      = adw_application_new ("io.github.valise.ShowJobPages", G_APPLICATION_NON_UNIQUE);
  int status;

  if (argc < 4)
    g_error ("usage: show-job-pages IMAGE FOLDER DRIVE…");
  words = argv + 1;
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  status = g_application_run (G_APPLICATION (application), 1, argv);
#ifndef NDEBUG
  g_print ("longest turn of the main loop: %.1f ms\n", valise_watchdog_get_longest () / 1000.0);
#endif
  return status;
}
