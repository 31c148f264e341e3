/* show-cut-text.c: the wizard, saying which texts are cut.
 *
 * Looks at the pages a few times a second, as they are laid out, and writes to standard error:
 * “cut: TEXT” where a label ends with “…” or comes out of its window, and “looked” after each look.
 * What can be unfolded is, and rows that are hidden are shown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <adwaita.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>

#include "ui/valise-application.h"

/* Between two looks, in ms. */
#define INTERVAL 250

static gboolean
is_cut (GtkWidget *label)
{
  GtkWidget *root = GTK_WIDGET (gtk_widget_get_root (label));
  graphene_point_t start = GRAPHENE_POINT_INIT (0, 0), place;

  if (pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (label))))
    return TRUE;
  /* Its own width: an entry row draws what it does not show larger or smaller. */
  return gtk_widget_compute_point (label, root, &start, &place)
         && (place.x < 0 || place.x + gtk_widget_get_width (label) > gtk_widget_get_width (root));
}

static void
look (GtkWidget *widget)
{
  if (ADW_IS_EXPANDER_ROW (widget))
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (widget), TRUE);
  if (ADW_IS_PREFERENCES_ROW (widget) && !gtk_widget_get_visible (widget))
    gtk_widget_set_visible (widget, TRUE);
  if (!gtk_widget_get_mapped (widget))
    return;
  if (GTK_IS_LABEL (widget) && is_cut (widget))
    fprintf (stderr, "cut: %s\n", gtk_label_get_text (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look (child);
}

static gboolean
look_cb (gpointer application)
{
  for (GList *list = gtk_application_get_windows (application); list != NULL; list = list->next)
    look (list->data);
  fprintf (stderr, "looked\n");
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (ValiseApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("VALISE_LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = valise_application_new ();
  g_timeout_add (INTERVAL, look_cb, application);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
