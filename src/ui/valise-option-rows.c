/* valise-option-rows.c: rows of options that stand for keys of the profile.
 *
 * What is typed or chosen goes into the profile at once. What is not possible is marked while it is
 * typed, and told when the page is left. A profile that is loaded shows in all rows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-option-rows.h"

#include "valise-named-value.h"

typedef struct
{
  ValiseChoices *choices; /* lives longer than the rows */
  const char *key;        /* a string that stays */
  ValiseOptionCheck check;
} Binding;

static Binding *
get_binding (gpointer row)
{
  return g_object_get_data (row, "valise-binding");
}

static Binding *
add_binding (gpointer row, ValiseChoices *choices, const char *key)
{
  Binding *binding = g_new0 (Binding, 1);

  binding->choices = choices;
  binding->key = key;
  g_object_set_data_full (row, "valise-binding", binding, g_free);
  return binding;
}

/* ---- texts ---- */

static void
mark (AdwEntryRow *row)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));
  Binding *binding = get_binding (row);
  g_autoptr (GError) error = NULL;

  if (*text == '\0' || binding->check (text, &error))
    {
      gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
      gtk_accessible_reset_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID);
      gtk_widget_set_tooltip_text (GTK_WIDGET (row), NULL);
      return;
    }
  gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               GTK_ACCESSIBLE_INVALID_TRUE, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (row), error->message);
}

static void
text_cb (AdwEntryRow *row)
{
  Binding *binding = get_binding (row);

  valise_choices_set_choice (binding->choices, binding->key,
                             gtk_editable_get_text (GTK_EDITABLE (row)));
  mark (row);
}

static void
text_loaded_cb (AdwEntryRow *row)
{
  Binding *binding = get_binding (row);
  g_autofree char *text = valise_choices_get_choice (binding->choices, binding->key);

  gtk_editable_set_text (GTK_EDITABLE (row), text != NULL ? text : "");
}

/**
 * valise_option_rows_bind:
 * @row: a row to type into
 * @choices: (transfer none): where the profile is; must stay
 * @key: the profile's key; must stay
 * @check: whether a text is possible
 *
 * To be called once for a row.
 */
void
valise_option_rows_bind (AdwEntryRow *row,
                         ValiseChoices *choices,
                         const char *key,
                         ValiseOptionCheck check)
{
  add_binding (row, choices, key)->check = check;
  text_loaded_cb (row);
  g_signal_connect (row, "changed", G_CALLBACK (text_cb), NULL);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (text_loaded_cb), row,
                           G_CONNECT_SWAPPED);
}

/* ---- lists ---- */

/* The value of the row's @i-th item. */
static char *
get_value (AdwComboRow *row, guint i)
{
  g_autoptr (ValiseNamedValue) item = g_list_model_get_item (adw_combo_row_get_model (row), i);

  return g_strdup (item != NULL ? valise_named_value_get_value (item) : "");
}

static void
selected_cb (AdwComboRow *row)
{
  Binding *binding = get_binding (row);
  g_autofree char *value = get_value (row, adw_combo_row_get_selected (row));

  valise_choices_set_choice (binding->choices, binding->key, value);
}

static void
append (GListStore *list, const char *value, const char *name)
{
  g_autoptr (ValiseNamedValue) item = valise_named_value_new (value, name, NULL);

  g_list_store_append (list, item);
}

static void
list_loaded_cb (AdwComboRow *row)
{
  Binding *binding = get_binding (row);
  GListModel *list = adw_combo_row_get_model (row);
  g_autofree char *text = valise_choices_get_choice (binding->choices, binding->key);
  const guint n = g_list_model_get_n_items (list);
  guint i = 0;

  for (guint j = 1; text != NULL && i == 0 && j < n; j++)
    {
      g_autofree char *value = get_value (row, j);

      if (g_ascii_strcasecmp (value, text) == 0)
        i = j;
    }
  /* A value that is not in the list is the profile's, and stays. */
  if (text != NULL && i == 0)
    {
      append (G_LIST_STORE (list), text, text);
      i = n;
    }
  adw_combo_row_set_selected (row, i);
}

/**
 * valise_option_rows_bind_list:
 * @row: a row to choose from
 * @choices: (transfer none): where the profile is; must stay
 * @key: the profile's key; must stay
 * @nothing: what to call that nothing is chosen
 * @values: (element-type ValiseNamedValue): what can be chosen
 *
 * May be called again, with other values.
 */
void
valise_option_rows_bind_list (AdwComboRow *row,
                              ValiseChoices *choices,
                              const char *key,
                              const char *nothing,
                              GListModel *values)
{
  g_autoptr (GListStore) list = g_list_store_new (VALISE_TYPE_NAMED_VALUE);
  const gboolean is_new = get_binding (row) == NULL;

  append (list, "", nothing);
  for (guint i = 0; i < g_list_model_get_n_items (values); i++)
    {
      g_autoptr (ValiseNamedValue) item = g_list_model_get_item (values, i);

      g_list_store_append (list, item);
    }
  if (is_new)
    {
      g_autoptr (GtkExpression) name
          = gtk_property_expression_new (VALISE_TYPE_NAMED_VALUE, NULL, "name");

      add_binding (row, choices, key);
      adw_combo_row_set_expression (row, name);
    }
  g_signal_handlers_block_by_func (row, selected_cb, NULL);
  adw_combo_row_set_model (row, G_LIST_MODEL (list));
  list_loaded_cb (row);
  g_signal_handlers_unblock_by_func (row, selected_cb, NULL);
  if (!is_new)
    return;
  g_signal_connect (row, "notify::selected", G_CALLBACK (selected_cb), NULL);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (list_loaded_cb), row,
                           G_CONNECT_SWAPPED);
}
