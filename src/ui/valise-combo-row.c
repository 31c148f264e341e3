/* valise-combo-row.c: a row with a list to choose from, whose value is never cut.
 *
 * AdwComboRow ends the chosen value with “…” where a window is narrow, and there is no other place
 * where it can be read. It shows the value in a list view of its own, which never asks for a second
 * line. Here a label stands in its place, with as many lines as it needs. The model is a list of
 * ValiseNamedValue or a GtkStringList, and what the file of a widget says of an AdwComboRow holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-combo-row.h"

#include "valise-named-value.h"
#include "valise-row-layout.h"

/* How wide a value is before it has a second line, in characters: at least, in a narrow window, and
 * at most. */
#define MIN_CHARS 10
#define MAX_CHARS 24

typedef struct
{
  GtkLabel *value;      /* the row's */
  GtkWidget *list_view; /* what AdwComboRow would show instead; its own */
} ValiseComboRowPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (ValiseComboRow, valise_combo_row, ADW_TYPE_COMBO_ROW)

#define get_private(self) \
  ((ValiseComboRowPrivate *) valise_combo_row_get_instance_private (VALISE_COMBO_ROW (self)))

static GtkWidget *
new_label (float xalign)
{
  return g_object_new (GTK_TYPE_LABEL, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR, "xalign",
                       xalign, "justify", xalign > 0 ? GTK_JUSTIFY_RIGHT : GTK_JUSTIFY_LEFT, NULL);
}

static const char *
get_text (gpointer item)
{
  return VALISE_IS_NAMED_VALUE (item) ? valise_named_value_get_name (item)
                                      : gtk_string_object_get_string (item);
}

/* ---- the value that is chosen ---- */

static void
value_cb (ValiseComboRow *self)
{
  gpointer item = adw_combo_row_get_selected_item (ADW_COMBO_ROW (self));
  const char *text = item != NULL ? get_text (item) : "";
  GtkLabel *label = get_private (self)->value;
  int n_chars = 0;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    n_chars += g_unichar_iswide (g_utf8_get_char (c)) ? 2 : 1;
  gtk_label_set_label (label, text);
  gtk_label_set_width_chars (label, MIN (n_chars, MIN_CHARS));
}

/* A row whose value is its subtitle has none beside it. AdwComboRow shows its list view anew when
 * that changes, which is before this here. */
static void
place_cb (ValiseComboRow *self)
{
  gtk_widget_set_visible (get_private (self)->list_view, FALSE);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (get_private (self)->value)),
                          !adw_combo_row_get_use_subtitle (ADW_COMBO_ROW (self)));
}

/* The row's own list view is the first of its kind; that of the choices is further down. */
static GtkWidget *
find_list_view (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_LIST_VIEW (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_list_view (child);
  return found;
}

static void
replace_value (ValiseComboRow *self)
{
  ValiseComboRowPrivate *private = get_private (self);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *label = new_label (1);

  private->list_view = find_list_view (GTK_WIDGET (self));
  g_return_if_fail (private->list_view != NULL);
  private->value = GTK_LABEL (label);
  gtk_label_set_max_width_chars (private->value, MAX_CHARS);
  /* A label that is asked how wide it must be for the row's height breaks its text into as many
   * lines as fit in there, however much room is beside them. */
  gtk_widget_set_layout_manager (box, valise_row_layout_new ());
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_insert_before (box, gtk_widget_get_parent (private->list_view), private->list_view);
  g_signal_connect (self, "notify::selected-item", G_CALLBACK (value_cb), NULL);
  g_signal_connect (self, "notify::use-subtitle", G_CALLBACK (place_cb), NULL);
  value_cb (self);
  place_cb (self);
}

/* ---- the list ---- */

static void
setup_choice_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = new_label (0);

  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_item_set_child (item, box);
}

/* Marks what is chosen. A list may have hundreds of rows: only this one has an image. */
static void
selected_cb (AdwComboRow *row, GParamSpec *spec, GtkListItem *item)
{
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *mark = gtk_widget_get_next_sibling (gtk_widget_get_first_child (box));
  const gboolean is_chosen
      = adw_combo_row_get_selected_item (row) == gtk_list_item_get_item (item);

  if (is_chosen && mark == NULL)
    gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("object-select-symbolic"));
  else if (!is_chosen && mark != NULL)
    gtk_box_remove (GTK_BOX (box), mark);
}

static void
bind_choice_cb (GtkSignalListItemFactory *factory, GtkListItem *item, AdwComboRow *row)
{
  GtkWidget *box = gtk_list_item_get_child (item);

  gtk_label_set_label (GTK_LABEL (gtk_widget_get_first_child (box)),
                       get_text (gtk_list_item_get_item (item)));
  g_signal_connect (row, "notify::selected-item", G_CALLBACK (selected_cb), item);
  selected_cb (row, NULL, item);
}

static void
unbind_choice_cb (GtkSignalListItemFactory *factory, GtkListItem *item, AdwComboRow *row)
{
  g_signal_handlers_disconnect_by_func (row, selected_cb, item);
}

/**
 * valise_combo_row_new_factory:
 * @self: a row; must live as long as what is made
 *
 * Returns: (transfer full): what makes the rows of its list
 */
GtkListItemFactory *
valise_combo_row_new_factory (ValiseComboRow *self)
{
  GtkListItemFactory *choice = gtk_signal_list_item_factory_new ();

  g_signal_connect (choice, "setup", G_CALLBACK (setup_choice_cb), NULL);
  g_signal_connect (choice, "bind", G_CALLBACK (bind_choice_cb), self);
  g_signal_connect (choice, "unbind", G_CALLBACK (unbind_choice_cb), self);
  return choice;
}

/**
 * valise_combo_row_get_value_box:
 * @self: a row
 *
 * Returns: (transfer none): what has its value in it, for a popover to point to
 */
GtkWidget *
valise_combo_row_get_value_box (ValiseComboRow *self)
{
  return gtk_widget_get_parent (GTK_WIDGET (get_private (self)->value));
}

/* ---- the object ---- */

static void
valise_combo_row_class_init (ValiseComboRowClass *klass)
{
}

static void
valise_combo_row_init (ValiseComboRow *self)
{
  g_autoptr (GtkListItemFactory) choice = valise_combo_row_new_factory (self);

  adw_combo_row_set_list_factory (ADW_COMBO_ROW (self), choice);
  replace_value (self);
}
