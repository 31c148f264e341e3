/* show-job-pages.c: the pages of writing and of the result, with drives that are files.
 *
 * usage: show-job-pages IMAGE FOLDER DRIVE…
 *
 * Each DRIVE is a word: “good” is written at some 6 MB/s, “slow” at 2, “tired” at 0.3, “fast”
 * without a delay, “late” is read back slowly; “bad” fails after 4 MiB, “lie” gives back something
 * else, “fake” is much smaller than it claims, “gone” is pulled out while it is written, “left”
 * while it is read back. Their files are made in FOLDER. The window is the wizard's own; it ends
 * where drives would be chosen.
 *
 * Environment: SHOW_DARK=1 for dark colours, SHOW_WIDTH and SHOW_HEIGHT for the window's size,
 * SHOW_SIZE for the drives' in MiB (512 otherwise), SHOW_BEHIND=1 for another window in front of
 * it, SHOW_END=1 to end after the job, VALISE_LOCALE_DIR for translations that are not installed.
 * In debug builds the longest turn of the main loop, from the first frame on, is printed at the
 * end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <adwaita.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libintl.h>
#include <locale.h>
#include <unistd.h>

#include "core/valise-units.h"
#include "engine/fault-target.h"
#include "ui/valise-application.h"
#include "ui/valise-choices.h"
#include "ui/valise-watchdog.h"
#include "ui/valise-window.h"

static char **words;
static FaultPlan plans[16];

static void
lie_later (FaultPlan *plan, FaultOperation operation)
{
  plan->flip_reads = operation == FAULT_READ && plan->bytes_taken > 8 * VALISE_MIB;
}

static void
read_slowly (FaultPlan *plan, FaultOperation operation)
{
  if (operation == FAULT_READ)
    g_usleep (150000);
}

/* What was written is flushed before it is read back. */
static void
leave_later (FaultPlan *plan, FaultOperation operation)
{
  read_slowly (plan, operation);
  if (operation == FAULT_FLUSH && plan->bytes_taken > 8 * VALISE_MIB
      && plan->vanish_at == FAULT_NEVER)
    plan->vanish_at = plan->n_operations + 16;
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
  if (!g_str_equal (word, "fast") && !g_str_equal (word, "late") && !g_str_equal (word, "left"))
    {
      plan->max_write = 128 * 1024;
      plan->write_delay = g_str_equal (word, "slow") ? 40000 : g_str_equal (word, "tired") ? 400000
                                                                                           : 20000;
    }
  if (g_str_equal (word, "bad"))
    plan->write_bytes = 4 * VALISE_MIB;
  else if (g_str_equal (word, "gone"))
    plan->vanish_at = 100;
  else if (g_str_equal (word, "lie"))
    plan->before = lie_later;
  else if (g_str_equal (word, "fake"))
    plan->real_size = 64 * VALISE_MIB;
  else if (g_str_equal (word, "late"))
    plan->before = read_slowly;
  else if (g_str_equal (word, "left"))
    plan->before = leave_later;
  valise_job_model_add_target (job, names[i % G_N_ELEMENTS (names)],
                               fault_target_new (path, plan));
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
end_cb (gpointer data)
{
  gtk_window_destroy (data);
  return G_SOURCE_REMOVE;
}

/* The pages before these would ask a real udisks2. */
static void
page_cb (GtkStack *stack, GParamSpec *spec, GtkWindow *window)
{
  const char *name = gtk_stack_get_visible_child_name (stack);

  if (g_str_equal (name, "drives"))
    g_idle_add (end_cb, window);
  if (g_str_equal (name, "result") && g_getenv ("SHOW_END") != NULL)
    g_timeout_add_seconds (2, end_cb, window);
}

static GtkStack *
find_stack (GtkWidget *widget)
{
  GtkStack *found = NULL;

  if (GTK_IS_STACK (widget) && gtk_stack_get_child_by_name (GTK_STACK (widget), "writing") != NULL)
    return GTK_STACK (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_stack (child);
  return found;
}

/* Before the application's own handler, which presents the window that it finds. */
static void
activate_cb (GtkApplication *application)
{
  const ValisePlanOptions options = { .source = words[0], .edition = "1", .verify = TRUE };
  g_autoptr (ValisePlan) plan = valise_plan_new (&options, NULL);
  g_autoptr (ValiseJobModel) job = valise_job_model_new (plan, TRUE);
  ValiseWindow *window = valise_window_new (ADW_APPLICATION (application));
  const char *width = g_getenv ("SHOW_WIDTH");
  const char *height = g_getenv ("SHOW_HEIGHT");

  if (g_getenv ("SHOW_DARK") != NULL)
    adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                        ADW_COLOR_SCHEME_FORCE_DARK);
  for (guint i = 0; words[2 + i] != NULL; i++)
    add_drive (job, i);
  valise_choices_set_job (valise_window_get_choices (window), job);
  if (width != NULL && height != NULL)
    gtk_window_set_default_size (GTK_WINDOW (window), atoi (width), atoi (height));
  g_signal_connect (find_stack (GTK_WIDGET (window)), "notify::visible-child",
                    G_CALLBACK (page_cb), window);
  valise_window_show_page (window, "writing");
  if (g_getenv ("SHOW_BEHIND") != NULL)
    g_timeout_add_seconds (1, cover_cb, application);
}

int
main (int argc, char **argv)
{
  g_autoptr (ValiseApplication) application = NULL;
  int status;

  if (argc < 4)
    g_error ("usage: show-job-pages IMAGE FOLDER DRIVE…");
  words = argv + 1;
  setlocale (LC_ALL, "");
  if (g_getenv ("VALISE_LOCALE_DIR") != NULL)
    bindtextdomain (GETTEXT_PACKAGE, g_getenv ("VALISE_LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  application = g_object_new (VALISE_TYPE_APPLICATION, "application-id", VALISE_APPLICATION_ID,
                              "flags", G_APPLICATION_NON_UNIQUE, NULL);
  g_signal_connect (application, "activate", G_CALLBACK (activate_cb), NULL);
  status = g_application_run (G_APPLICATION (application), 1, argv);
#ifndef NDEBUG
  g_print ("longest turn of the main loop: %.1f ms\n", valise_watchdog_get_longest () / 1000.0);
#endif
  return status;
}
