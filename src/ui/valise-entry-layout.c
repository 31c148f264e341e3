/* valise-entry-layout.c: lets the title of a row to type into have several lines.
 *
 * AdwEntryRow ends its title with “…” where a window is narrow, and there is no other place where
 * it can be read. It has two labels for it: one that fills an empty row, and a small one above what
 * is typed. Both can wrap, and find their places in the middle of the row; but the row does not ask
 * for the height that this takes, which is what is done here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-entry-layout.h"

#include "valise-watchdog.h"

/* Between the small title and the text, and above and below both; in pixels. The first is
 * libadwaita's. */
#define SPACING 3
#define MARGIN 6

struct _ValiseEntryLayout
{
  GtkLayoutManager parent_instance;

  /* The row's, which live as long as it does; some may be missing in a later libadwaita. */
  GtkWidget *titles[2];
  guint n_titles;
  GtkWidget *text;
};

G_DEFINE_FINAL_TYPE (ValiseEntryLayout, valise_entry_layout, GTK_TYPE_LAYOUT_MANAGER)

static GtkSizeRequestMode
get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static int
get_minimum_width (GtkWidget *widget)
{
  int minimum;

  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

static int
get_height (GtkWidget *widget, int width)
{
  int minimum;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL, NULL);
  return minimum;
}

/* How high the row must be for its titles. Beside them are icons and buttons, which come and go. */
static int
get_title_height (ValiseEntryLayout *self, GtkWidget *child, int width)
{
  GtkWidget *area;
  int left, height = 0, small = G_MAXINT;

  if (width < 0 || self->n_titles == 0 || self->text == NULL)
    return 0;
  area = gtk_widget_get_parent (self->text);
  left = width - (get_minimum_width (child) - get_minimum_width (area));
  for (guint i = 0; i < self->n_titles; i++)
    {
      const int lines = get_height (self->titles[i],
                                    MAX (left, get_minimum_width (self->titles[i])));

      height = MAX (height, lines);
      small = MIN (small, lines);
    }
  return MAX (height, small + SPACING + get_height (self->text, -1)) + 2 * MARGIN;
}

VALISE_WATCHDOG_LAYOUT static void
measure (GtkLayoutManager *manager,
         GtkWidget *widget,
         GtkOrientation orientation,
         int for_size,
         int *minimum,
         int *natural,
         int *minimum_baseline,
         int *natural_baseline)
{
  ValiseEntryLayout *self = VALISE_ENTRY_LAYOUT (manager);

  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum, child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, orientation, -1, &child_minimum, &child_natural, NULL, NULL);
      if (orientation == GTK_ORIENTATION_VERTICAL)
        {
          const int height = get_title_height (self, child, for_size);

          child_minimum = MAX (child_minimum, height);
          child_natural = MAX (child_natural, height);
        }
      *minimum = MAX (*minimum, child_minimum);
      *natural = MAX (*natural, child_natural);
    }
}

VALISE_WATCHDOG_LAYOUT static void
allocate (GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_should_layout (child))
      gtk_widget_size_allocate (child, &(GtkAllocation) { 0, 0, width, height }, baseline);
}

static void
find_parts (ValiseEntryLayout *self, GtkWidget *widget)
{
  if (GTK_IS_TEXT (widget))
    self->text = widget;
  else if (GTK_IS_LABEL (widget) && gtk_label_get_ellipsize (GTK_LABEL (widget)) != 0
           && self->n_titles < G_N_ELEMENTS (self->titles))
    {
      g_object_set (widget, "ellipsize", PANGO_ELLIPSIZE_NONE, "wrap", TRUE, "wrap-mode",
                    PANGO_WRAP_WORD_CHAR, NULL);
      self->titles[self->n_titles++] = widget;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_parts (self, child);
}

/**
 * valise_entry_layout_apply:
 * @row: a row
 *
 * Lets its title wrap, once for all.
 */
void
valise_entry_layout_apply (AdwEntryRow *row)
{
  GtkWidget *widget = GTK_WIDGET (row);
  ValiseEntryLayout *self;

  if (VALISE_IS_ENTRY_LAYOUT (gtk_widget_get_layout_manager (widget)))
    return;
  self = g_object_new (VALISE_TYPE_ENTRY_LAYOUT, NULL);
  find_parts (self, widget);
  gtk_widget_set_valign (gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row)), GTK_ALIGN_FILL);
  gtk_widget_set_layout_manager (widget, GTK_LAYOUT_MANAGER (self));
}

static void
valise_entry_layout_class_init (ValiseEntryLayoutClass *klass)
{
  GtkLayoutManagerClass *layout = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout->get_request_mode = get_request_mode;
  layout->measure = measure;
  layout->allocate = allocate;
}

static void
valise_entry_layout_init (ValiseEntryLayout *self)
{
}
