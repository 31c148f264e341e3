/* valise-combo-row.c: a row with a list to choose from, whose value is never cut.
 *
 * AdwComboRow ends the chosen value with “…” where a window is narrow, and there is no other place
 * where it can be read. Here it has as many lines as it needs, beside the row's title and in the
 * list. Its model is a GtkStringList, and what the file of a widget says of an AdwComboRow holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-combo-row.h"

/* How wide a value may become before it has a second line, in characters. */
#define MAX_CHARS 24

struct _ValiseComboRow
{
  AdwComboRow parent_instance;
};

G_DEFINE_FINAL_TYPE (ValiseComboRow, valise_combo_row, ADW_TYPE_COMBO_ROW)

static GtkWidget *
new_label (float xalign)
{
  return g_object_new (GTK_TYPE_LABEL, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR, "xalign",
                       xalign, "justify", xalign > 0 ? GTK_JUSTIFY_RIGHT : GTK_JUSTIFY_LEFT, NULL);
}

static const char *
get_text (GtkListItem *item)
{
  return gtk_string_object_get_string (GTK_STRING_OBJECT (gtk_list_item_get_item (item)));
}

/* ---- the value that is chosen ---- */

static void
setup_value_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = new_label (1);

  gtk_label_set_max_width_chars (GTK_LABEL (label), MAX_CHARS);
  gtk_list_item_set_child (item, label);
}

static void
bind_value_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (item)), get_text (item));
}

/* ---- the list ---- */

static void
setup_choice_cb (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = new_label (0);

  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_list_item_set_child (item, box);
}

/* Marks what is chosen. */
static void
selected_cb (AdwComboRow *row, GParamSpec *spec, GtkListItem *item)
{
  GtkWidget *box = gtk_list_item_get_child (item);

  gtk_widget_set_opacity (gtk_widget_get_last_child (box),
                          adw_combo_row_get_selected_item (row) == gtk_list_item_get_item (item));
}

static void
bind_choice_cb (GtkSignalListItemFactory *factory, GtkListItem *item, AdwComboRow *row)
{
  GtkWidget *box = gtk_list_item_get_child (item);

  gtk_label_set_label (GTK_LABEL (gtk_widget_get_first_child (box)), get_text (item));
  g_signal_connect (row, "notify::selected-item", G_CALLBACK (selected_cb), item);
  selected_cb (row, NULL, item);
}

static void
unbind_choice_cb (GtkSignalListItemFactory *factory, GtkListItem *item, AdwComboRow *row)
{
  g_signal_handlers_disconnect_by_func (row, selected_cb, item);
}

/* ---- the object ---- */

static void
valise_combo_row_class_init (ValiseComboRowClass *klass)
{
}

static void
valise_combo_row_init (ValiseComboRow *self)
{
  g_autoptr (GtkListItemFactory) value = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkListItemFactory) choice = gtk_signal_list_item_factory_new ();

  g_signal_connect (value, "setup", G_CALLBACK (setup_value_cb), NULL);
  g_signal_connect (value, "bind", G_CALLBACK (bind_value_cb), NULL);
  g_signal_connect (choice, "setup", G_CALLBACK (setup_choice_cb), NULL);
  g_signal_connect (choice, "bind", G_CALLBACK (bind_choice_cb), self);
  g_signal_connect (choice, "unbind", G_CALLBACK (unbind_choice_cb), self);
  adw_combo_row_set_factory (ADW_COMBO_ROW (self), value);
  adw_combo_row_set_list_factory (ADW_COMBO_ROW (self), choice);
}
