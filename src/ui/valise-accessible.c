/* valise-accessible.c: what GTK does not tell screen readers by itself.
 *
 * Faults of GTK 4.8, which later versions do not have all of, and whose mending harms none: the
 * pages of a stack that are not shown are in the accessibility tree as if they were, a button with
 * a mnemonic is called “_Next Next”, by its property and by its label, and the button that shows a
 * password has no name.
 *
 * And one of GTK 4.18: what is described by a label, as libadwaita's rows and their switches are by
 * the subtitle, has no description at all, and one that it is given does not count.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-accessible.h"

#include <adwaita.h>

static void
set_hidden (gpointer accessible, gboolean hidden)
{
  gtk_accessible_update_state (GTK_ACCESSIBLE (accessible), GTK_ACCESSIBLE_STATE_HIDDEN, hidden,
                               -1);
}

static void
stack_cb (GtkStack *stack, GParamSpec *spec, gpointer data)
{
  GtkWidget *shown = gtk_stack_get_visible_child (stack);

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (stack)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      set_hidden (gtk_stack_get_page (stack, child), child != shown);
      set_hidden (child, child != shown);
    }
}

static void
button_cb (GtkButton *button, GParamSpec *spec, gpointer data)
{
  if (gtk_button_get_label (button) != NULL)
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

/* A button with a picture only is called by the picture's type. */
static void
tooltip_cb (GtkWidget *button, GParamSpec *spec, gpointer data)
{
  const char *text = gtk_widget_get_tooltip_text (button);

  if (text != NULL && gtk_button_get_label (GTK_BUTTON (button)) == NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                    -1);
}

static void
subtitle_cb (AdwActionRow *row, GParamSpec *spec, gpointer data)
{
  GtkWidget *activated = adw_action_row_get_activatable_widget (row);

  valise_accessible_describe (row, adw_action_row_get_subtitle (row));
  if (activated != NULL)
    valise_accessible_describe (activated, adw_action_row_get_subtitle (row));
}

/**
 * valise_accessible_tidy:
 * @widget: a widget whose children are there already
 *
 * Mends all stacks, buttons and rows in @widget, and keeps them so. Once for each; the children of
 * a stack or of a list that are added later are not covered.
 */
void
valise_accessible_tidy (GtkWidget *widget)
{
  if (GTK_IS_STACK (widget))
    {
      g_signal_connect (widget, "notify::visible-child", G_CALLBACK (stack_cb), NULL);
      stack_cb (GTK_STACK (widget), NULL, NULL);
    }
  if (GTK_IS_BUTTON (widget))
    {
      g_signal_connect (widget, "notify::label", G_CALLBACK (button_cb), NULL);
      button_cb (GTK_BUTTON (widget), NULL, NULL);
      g_signal_connect (widget, "notify::tooltip-text", G_CALLBACK (tooltip_cb), NULL);
      tooltip_cb (widget, NULL, NULL);
    }
  if (ADW_IS_ACTION_ROW (widget))
    {
      g_signal_connect (widget, "notify::subtitle", G_CALLBACK (subtitle_cb), NULL);
      subtitle_cb (ADW_ACTION_ROW (widget), NULL, NULL);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    valise_accessible_tidy (child);
}

/**
 * valise_accessible_describe:
 * @accessible: (type GtkAccessible): a widget; what a row activates, once the row knows it
 * @text: (nullable): what a screen reader says after the widget's name
 */
void
valise_accessible_describe (gpointer accessible, const char *text)
{
  gtk_accessible_reset_relation (accessible, GTK_ACCESSIBLE_RELATION_DESCRIBED_BY);
  gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
}

/**
 * valise_accessible_name_toast:
 * @toasts: an #AdwToastOverlay
 * @name: what the button is called that ends a toast
 *
 * libadwaita's toasts have a button that shows an icon, and no name. Once for each new toast.
 */
void
valise_accessible_name_toast (GtkWidget *toasts, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (toasts); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (g_str_equal (G_OBJECT_TYPE_NAME (child), "AdwToastWidget"))
      for (GtkWidget *part = gtk_widget_get_first_child (child); part != NULL;
           part = gtk_widget_get_next_sibling (part))
        if (GTK_IS_BUTTON (part) && gtk_button_get_icon_name (GTK_BUTTON (part)) != NULL)
          gtk_accessible_update_property (GTK_ACCESSIBLE (part), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                          name, -1);
}
