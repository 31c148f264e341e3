/* valise-search-row.c: a row with a long list, in which one can search.
 *
 * AdwComboRow can do that from libadwaita 1.4 on. Until then: a popover with an entry above the
 * list, in the place of the row's own. Each word that is typed must be somewhere in what is found,
 * of whatever case; Enter takes what is marked. Where the list cannot have everything, a text that
 * is possible is offered as well, and is then in the list.
 *
 * GTK makes widgets for 200 items of a list at once and asks each for its size, which blocks the
 * window for long enough to be seen, and so does it to take them away again while a screen reader
 * listens. So there is nothing in the list while it is closed; when it is opened, or when something
 * is typed, what is on the screen comes at once, and more, frame by frame, before somebody has
 * scrolled there.
 *
 * The model is a GListStore of ValiseNamedValue.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-search-row.h"

#include <glib/gi18n.h>

#include "valise-named-value.h"

#define MIN_WIDTH 280
#define MAX_HEIGHT 360
#define MARGIN 12

/* How many items come into the list at once, before and behind those that are in it. */
#define STEP 16

struct _ValiseSearchRow
{
  ValiseComboRow parent_instance;

  GtkWidget *popover; /* all below is in it */
  GtkEditable *entry;
  GtkStack *stack; /* the list, or that nothing was found */
  GtkWidget *list;
  GtkSingleSelection *selection;
  GtkSliceListModel *shown; /* what is in the list so far, of found and typed */
  GtkAdjustment *place;     /* of the list */
  guint tick;               /* brings more of them; or 0 */
  GtkFilterListModel *found;
  GtkFilter *filter;
  GListStore *typed; /* what is offered of what was typed: one item or none */

  ValiseSearchRowCheck check; /* (nullable) */
  char *folded;               /* what is looked for; empty for all */
};

G_DEFINE_FINAL_TYPE (ValiseSearchRow, valise_search_row, VALISE_TYPE_COMBO_ROW)

/* ---- what is found ---- */

static gboolean
match_cb (gpointer item, gpointer data)
{
  ValiseSearchRow *self = data;

  return valise_named_value_matches (item, self->folded);
}

/* Something that is in the list already is not offered twice. */
static gboolean
has_value (GListModel *model, const char *value)
{
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (ValiseNamedValue) item = g_list_model_get_item (model, i);

      if (g_ascii_strcasecmp (valise_named_value_get_value (item), value) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
offer_typed (ValiseSearchRow *self, const char *text)
{
  GListModel *model = adw_combo_row_get_model (ADW_COMBO_ROW (self));
  g_autofree char *value = g_strstrip (g_strdup (text));

  g_list_store_remove_all (self->typed);
  if (self->check != NULL && *value != '\0' && !has_value (model, value)
      && self->check (value, NULL))
    {
      g_autoptr (ValiseNamedValue) item = valise_named_value_new (value, value, NULL);

      g_list_store_append (self->typed, item);
    }
}

/* ---- what is in the list ---- */

/* How many items should come before and behind those that are in the list; whether any. */
static gboolean
get_wanted (ValiseSearchRow *self, guint *before, guint *behind)
{
  const guint n = g_list_model_get_n_items (gtk_slice_list_model_get_model (self->shown));
  const guint start = gtk_slice_list_model_get_offset (self->shown);
  const guint end = start + gtk_slice_list_model_get_size (self->shown);
  const double value = gtk_adjustment_get_value (self->place);
  const double page = gtk_adjustment_get_page_size (self->place);
  const double upper = gtk_adjustment_get_upper (self->place);

  *before = value < page ? MIN (start, STEP) : 0;
  *behind = value + 2 * page > upper && end < n ? MIN (n - end, STEP) : 0;
  return end > start && *before + *behind > 0;
}

static gboolean
grow_cb (GtkWidget *list, GdkFrameClock *clock, gpointer data)
{
  ValiseSearchRow *self = data;
  guint before, behind;

  self->tick = 0;
  if (!get_wanted (self, &before, &behind))
    return G_SOURCE_REMOVE;
  /* The list keeps its place when something comes before it, and says where that is now. */
  gtk_slice_list_model_set_size (
      self->shown, gtk_slice_list_model_get_size (self->shown) + before + behind);
  gtk_slice_list_model_set_offset (self->shown,
                                   gtk_slice_list_model_get_offset (self->shown) - before);
  return G_SOURCE_REMOVE;
}

static void
place_cb (ValiseSearchRow *self)
{
  guint before, behind;

  if (self->tick == 0 && get_wanted (self, &before, &behind))
    self->tick = gtk_widget_add_tick_callback (self->list, grow_cb, self, NULL);
}

static void
empty (ValiseSearchRow *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (self->list, self->tick);
  self->tick = 0;
  gtk_slice_list_model_set_size (self->shown, 0);
}

/* Begins the list anew, around what is marked. */
static void
mark (ValiseSearchRow *self, guint position)
{
  const guint n = g_list_model_get_n_items (gtk_slice_list_model_get_model (self->shown));
  const guint before = MIN (position, STEP);

  empty (self);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : "nothing");
  if (position >= n)
    return;
  gtk_slice_list_model_set_offset (self->shown, position - before);
  gtk_slice_list_model_set_size (self->shown, before + STEP);
  gtk_single_selection_set_selected (self->selection, before);
  gtk_widget_activate_action (self->list, "list.scroll-to-item", "u", before);
}

/* ---- what is typed ---- */

static void
entry_cb (ValiseSearchRow *self)
{
  const char *text = gtk_editable_get_text (self->entry);
  g_autofree char *folded = valise_named_value_fold (text);

  offer_typed (self, text);
  if (g_strcmp0 (self->folded, folded) != 0)
    {
      g_free (self->folded);
      self->folded = g_steal_pointer (&folded);
      empty (self);
      gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
    }
  if (gtk_widget_get_visible (self->popover))
    mark (self, 0);
}

/* ---- what is chosen ---- */

static void
choose (ValiseSearchRow *self, guint position)
{
  g_autoptr (ValiseNamedValue) item
      = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  GListStore *model = G_LIST_STORE (adw_combo_row_get_model (ADW_COMBO_ROW (self)));
  guint index;

  if (item == NULL)
    return;
  if (!g_list_store_find (model, item, &index))
    {
      /* A list view takes no item twice. */
      g_list_store_remove_all (self->typed);
      index = g_list_model_get_n_items (G_LIST_MODEL (model));
      g_list_store_append (model, item);
    }
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), index);
}

static void
enter_cb (ValiseSearchRow *self)
{
  choose (self, gtk_single_selection_get_selected (self->selection));
}

/* ---- the popover ---- */

static void
model_cb (ValiseSearchRow *self)
{
  gtk_filter_list_model_set_model (self->found, adw_combo_row_get_model (ADW_COMBO_ROW (self)));
}

static void
visible_cb (ValiseSearchRow *self)
{
  const gboolean is_open = gtk_widget_get_visible (self->popover);

  gtk_accessible_update_state (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_STATE_EXPANDED, is_open, -1);
  if (is_open)
    return;
  gtk_editable_set_text (self->entry, "");
  empty (self);
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
valise_search_row_activate (AdwActionRow *row)
{
  ValiseSearchRow *self = VALISE_SEARCH_ROW (row);

  mark (self, adw_combo_row_get_selected (ADW_COMBO_ROW (self)));
  gtk_popover_popup (GTK_POPOVER (self->popover));
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

static void
make_models (ValiseSearchRow *self)
{
  GListStore *both = g_list_store_new (G_TYPE_LIST_MODEL);

  self->typed = g_list_store_new (VALISE_TYPE_NAMED_VALUE);
  self->filter = GTK_FILTER (gtk_custom_filter_new (match_cb, self, NULL));
  self->found = gtk_filter_list_model_new (NULL, g_object_ref (self->filter));
  g_list_store_append (both, self->found);
  g_list_store_append (both, self->typed);
  self->shown = gtk_slice_list_model_new (
      G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (both))), 0, 0);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->shown)));
}

static void
make_popover (ValiseSearchRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *nothing = gtk_label_new (_("Nothing found"));

  self->entry = GTK_EDITABLE (gtk_search_entry_new ());
  self->list = gtk_list_view_new (g_object_ref (GTK_SELECTION_MODEL (self->selection)),
                                  valise_combo_row_new_factory (VALISE_COMBO_ROW (self)));
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (self->list), TRUE);
  g_object_set (scrolled, "hscrollbar-policy", GTK_POLICY_NEVER, "max-content-height", MAX_HEIGHT,
                "propagate-natural-height", TRUE, "child", self->list, NULL);
  self->place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, scrolled, "list");
  gtk_stack_add_named (self->stack, nothing, "nothing");
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_widget_set_margin_bottom (nothing, MARGIN);
  /* A list of menus has its own around it. */
  gtk_widget_set_margin_top (GTK_WIDGET (self->entry), MARGIN);
  gtk_widget_set_margin_start (GTK_WIDGET (self->entry), MARGIN);
  gtk_widget_set_margin_end (GTK_WIDGET (self->entry), MARGIN);
  gtk_widget_set_size_request (box, MIN_WIDTH, -1);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->entry));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));

  self->popover = gtk_popover_new ();
  gtk_widget_add_css_class (self->popover, "menu");
  gtk_popover_set_child (GTK_POPOVER (self->popover), box);
  gtk_widget_set_parent (self->popover, valise_combo_row_get_value_box (VALISE_COMBO_ROW (self)));

  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (entry_cb), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (enter_cb), self);
  g_signal_connect_swapped (self->entry, "stop-search", G_CALLBACK (gtk_popover_popdown),
                            self->popover);
  g_signal_connect_object (self->place, "changed", G_CALLBACK (place_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->place, "value-changed", G_CALLBACK (place_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->list, "activate", G_CALLBACK (choose), self);
  g_signal_connect_swapped (self->popover, "notify::visible", G_CALLBACK (visible_cb), self);
}

static void
set_hint (ValiseSearchRow *self, const char *hint)
{
  g_object_set (self->entry, "placeholder-text", hint, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, hint,
                                  -1);
}

/**
 * valise_search_row_set_check:
 * @self: a row
 * @check: whether a text that is not in the list can be chosen
 * @hint: what to show where one searches
 */
void
valise_search_row_set_check (ValiseSearchRow *self, ValiseSearchRowCheck check, const char *hint)
{
  self->check = check;
  set_hint (self, hint);
}

/* ---- the object ---- */

static void
valise_search_row_dispose (GObject *object)
{
  ValiseSearchRow *self = VALISE_SEARCH_ROW (object);

  if (self->popover != NULL)
    g_signal_handlers_disconnect_by_data (self->popover, self);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->shown);
  g_clear_object (&self->found);
  g_clear_object (&self->filter);
  g_clear_object (&self->typed);
  G_OBJECT_CLASS (valise_search_row_parent_class)->dispose (object);
}

static void
valise_search_row_finalize (GObject *object)
{
  g_free (VALISE_SEARCH_ROW (object)->folded);
  G_OBJECT_CLASS (valise_search_row_parent_class)->finalize (object);
}

static void
valise_search_row_class_init (ValiseSearchRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = valise_search_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_search_row_finalize;
  ADW_ACTION_ROW_CLASS (klass)->activate = valise_search_row_activate;
}

static void
valise_search_row_init (ValiseSearchRow *self)
{
  /* AdwComboRow's own list is never opened: nothing is made for its items. */
  g_autoptr (GtkListItemFactory) none = gtk_signal_list_item_factory_new ();

  self->folded = g_strdup ("");
  adw_combo_row_set_list_factory (ADW_COMBO_ROW (self), none);
  make_models (self);
  make_popover (self);
  set_hint (self, _("Search"));
  g_signal_connect (self, "notify::model", G_CALLBACK (model_cb), NULL);
}
