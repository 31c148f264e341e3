/* valise-row-layout.c: puts a row's title above its subtitle, each as wide as the row.
 *
 * The box that libadwaita's rows have for that can be cut off at its end. The box around it asks it
 * how wide it must be for the height that it gets; it shares that height out between its two labels
 * by a rule that knows nothing of where they wrap, and says that it must be as wide as a subtitle
 * that does not wrap at all. Long lines of a subtitle with several lines come out of the row then,
 * and what stands after them is not seen.
 *
 * Here the width does not depend on the height. It also saves the row a search for the width of
 * each label, which lays out its text again and again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-row-layout.h"

#include "valise-entry-layout.h"
#include "valise-watchdog.h"

/* Between the two, in pixels; libadwaita's. */
#define SPACING 3

/* Between them and a switch or button behind them, in pixels, on top of libadwaita's. */
#define MARGIN 6

/* Words of that many letters, digits and signs are not taken apart. Longer ones might not fit. */
#define MAX_WHOLE 20

static GtkSizeRequestMode
get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

VALISE_WATCHDOG_LAYOUT static void
measure (GtkWidget *widget,
         GtkOrientation orientation,
         int for_size,
         int *minimum,
         int *natural,
         int *minimum_baseline,
         int *natural_baseline)
{
  const gboolean is_height = orientation == GTK_ORIENTATION_VERTICAL;
  guint n = 0;

  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum, child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, orientation, is_height ? for_size : -1, &child_minimum,
                          &child_natural, NULL, NULL);
      *minimum = is_height ? *minimum + child_minimum : MAX (*minimum, child_minimum);
      *natural = is_height ? *natural + child_natural : MAX (*natural, child_natural);
      n++;
    }
  /* GTK 4.18 complains where it is otherwise, which its labels are by a pixel. */
  *natural = MAX (*natural, *minimum);
  if (is_height && n > 1)
    {
      *minimum += (n - 1) * SPACING;
      *natural += (n - 1) * SPACING;
    }
}

VALISE_WATCHDOG_LAYOUT static void
allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtkAllocation place = { 0, 0, width, 0 };

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &place.height, NULL, NULL, NULL);
      gtk_widget_size_allocate (child, &place, -1);
      place.y += place.height + SPACING;
    }
}

/**
 * valise_row_layout_new:
 *
 * Returns: (transfer full): what puts the children of a box one above the other, each as wide as
 *   the box
 */
GtkLayoutManager *
valise_row_layout_new (void)
{
  return gtk_custom_layout_new (get_request_mode, measure, allocate);
}

/* Where the lines of a subtitle may end. A checksum or a serial number that does not fit on a line
 * would get a hyphen that is no part of it, and “/dev/sda” or “en-US” would be taken apart, so that
 * the next line began in their middle. */
static void
update_breaks (GtkLabel *label)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  const char *text = gtk_label_get_text (label);

  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  for (guint start = 0, end; text[start] != '\0'; start = MAX (end, start + 1))
    {
      for (end = start; g_ascii_isgraph (text[end]);)
        end++;
      if (end - start > 1 && end - start <= MAX_WHOLE)
        {
          PangoAttribute *whole = pango_attr_allow_breaks_new (FALSE);

          whole->start_index = start;
          whole->end_index = end;
          pango_attr_list_insert (attributes, whole);
        }
    }
  gtk_label_set_attributes (label, attributes);
}

/**
 * valise_row_layout_apply:
 * @widget: a row, or what has rows in it
 *
 * Lets the titles and subtitles of libadwaita's rows wrap, in all rows that are there now, the
 * subtitles without hyphens. May be called again.
 */
void
valise_row_layout_apply (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_has_css_class (widget, "subtitle"))
    {
      GtkWidget *box = gtk_widget_get_parent (widget);

      if (GTK_IS_BOX (box) && !GTK_IS_CUSTOM_LAYOUT (gtk_widget_get_layout_manager (box))
          && gtk_widget_has_css_class (box, "title"))
        {
          gtk_widget_set_layout_manager (box, valise_row_layout_new ());
          gtk_widget_set_margin_end (box, MARGIN);
          g_signal_connect (widget, "notify::label", G_CALLBACK (update_breaks), NULL);
          update_breaks (GTK_LABEL (widget));
        }
      return;
    }
  if (ADW_IS_ENTRY_ROW (widget))
    {
      valise_entry_layout_apply (ADW_ENTRY_ROW (widget));
      return;
    }
  if (ADW_IS_ACTION_ROW (widget))
    {
      adw_action_row_set_title_lines (ADW_ACTION_ROW (widget), 0);
      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (widget), 0);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    valise_row_layout_apply (child);
}
