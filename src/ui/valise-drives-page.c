/* valise-drives-page.c: the page of the drives that are to be written.
 *
 * Shows the drives as they come and go. A drive that was chosen and pulled out stays in the list,
 * and keeps the page from being complete, until it is back or not wanted any more; one that may not
 * be erased any more is not chosen any more.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drives-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "devices/valise-drive-list.h"
#include "valise-drive-check.h"
#include "valise-drive-row.h"
#include "valise-settings.h"

struct _ValiseDrivesPage
{
  ValisePage parent_instance;

  ValiseDriveList *list;
  GListStore *absent; /* chosen, but pulled out */
  GtkFilter *filter;
  GListModel *shown;

  GtkStack *stack;
  AdwStatusPage *unavailable_status;
  GtkListBox *empty_refused_list;
  GtkSwitch *empty_refused_switch;
  AdwPreferencesGroup *group;
  GtkListBox *drive_list;
  AdwPreferencesGroup *refused_group;
  AdwActionRow *refused_row;
  GtkSwitch *refused_switch;
};

G_DEFINE_FINAL_TYPE (ValiseDrivesPage, valise_drives_page, VALISE_TYPE_PAGE)

static ValiseChoices *
get_choices (ValiseDrivesPage *self)
{
  return valise_page_get_choices (VALISE_PAGE (self));
}

/* ---- what is shown ---- */

static gboolean
is_usual (ValiseDrivesPage *self, ValiseDrive *drive)
{
  return valise_choices_has_drive (get_choices (self), drive)
         || (valise_drive_get_facts (drive)->removable
             && valise_drive_check (get_choices (self), drive, NULL));
}

static gboolean
filter_cb (gpointer item, gpointer data)
{
  ValiseDrivesPage *self = data;

  return gtk_switch_get_active (self->refused_switch) || is_usual (self, item);
}

static guint
count_refused (ValiseDrivesPage *self)
{
  GListModel *all = G_LIST_MODEL (self->list);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (all, i);

      n += !is_usual (self, drive);
    }
  return n;
}

static void
describe (ValiseDrivesPage *self)
{
  guint n = g_list_model_get_n_items (valise_choices_get_drives (get_choices (self)));
  guint n_absent = g_list_model_get_n_items (G_LIST_MODEL (self->absent));
  g_autofree char *text = NULL;

  if (n == 0)
    text = g_strdup (_("Choose one drive or several. Everything on them will be erased."));
  else
    text = g_strdup_printf (ngettext ("%u drive is chosen. Everything on it will be erased.",
                                      "%u drives are chosen. Everything on them will be erased.",
                                      n),
                            n);
  adw_preferences_group_set_description (self->group, text);
  valise_page_set_complete (VALISE_PAGE (self), n > 0 && n_absent == 0);
}

static void
update (ValiseDrivesPage *self)
{
  guint n_refused = count_refused (self);
  g_autofree char *words = NULL;
  const char *state = "list";

  switch (valise_drive_list_get_state (self->list))
    {
    case VALISE_DRIVE_LIST_STARTING:
      state = "starting";
      break;
    case VALISE_DRIVE_LIST_UNAVAILABLE:
      {
        const GError *error = valise_drive_list_get_error (self->list);
        g_autofree char *escaped = g_markup_escape_text (error != NULL ? error->message : "", -1);

        adw_status_page_set_description (self->unavailable_status, escaped);
        state = "unavailable";
      }
      break;
    case VALISE_DRIVE_LIST_READY:
    default:
      if (g_list_model_get_n_items (self->shown) == 0)
        state = "empty";
      break;
    }
  /* Chosen drives that are gone are to be seen even then. */
  if (g_list_model_get_n_items (G_LIST_MODEL (self->absent)) > 0)
    state = "list";
  words = g_strdup_printf (ngettext ("%u drive cannot be chosen, or is built in",
                                     "%u drives cannot be chosen, or are built in", n_refused),
                           n_refused);
  adw_action_row_set_subtitle (self->refused_row, words);
  gtk_widget_set_visible (GTK_WIDGET (self->refused_group),
                          n_refused > 0 || gtk_switch_get_active (self->refused_switch));
  gtk_widget_set_visible (GTK_WIDGET (self->empty_refused_list), n_refused > 0);
  gtk_stack_set_visible_child_name (self->stack, state);
  describe (self);
}

/* ---- drives that come, go and change ---- */

/* Keeps what is chosen true: nothing that is refused, and a list of what was pulled out. */
static void
review (ValiseDrivesPage *self)
{
  GListModel *chosen = valise_choices_get_drives (get_choices (self));

  for (guint i = g_list_model_get_n_items (chosen); i > 0; i--)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (chosen, i - 1);

      if (valise_drive_get_present (drive)
          && !valise_drive_check (get_choices (self), drive, NULL))
        valise_choices_remove_drive (get_choices (self), drive);
    }
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->absent)); i > 0; i--)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (G_LIST_MODEL (self->absent), i - 1);

      if (valise_drive_get_present (drive)
          || !valise_choices_has_drive (get_choices (self), drive))
        g_list_store_remove (self->absent, i - 1);
    }
  for (guint i = 0; i < g_list_model_get_n_items (chosen); i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (chosen, i);

      if (!valise_drive_get_present (drive) && !g_list_store_find (self->absent, drive, NULL))
        g_list_store_append (self->absent, drive);
    }
}

static void
changed_cb (ValiseDrivesPage *self)
{
  review (self);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update (self);
}

static void
items_cb (GListModel *model, guint position, guint removed, guint added, ValiseDrivesPage *self)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (ValiseDrive) drive = g_list_model_get_item (model, i);

      /* A drive that comes back is the same object: it must not be connected twice. */
      g_signal_handlers_disconnect_by_func (drive, changed_cb, self);
      g_signal_connect_object (drive, "changed", G_CALLBACK (changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (drive, "notify::present", G_CALLBACK (changed_cb), self,
                               G_CONNECT_SWAPPED);
    }
  changed_cb (self);
}

static void
switch_cb (ValiseDrivesPage *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update (self);
}

static GtkWidget *
make_row (gpointer item, gpointer data)
{
  return GTK_WIDGET (valise_drive_row_new (item, get_choices (data)));
}

/* ---- the object ---- */

static void
valise_drives_page_constructed (GObject *object)
{
  ValiseDrivesPage *self = VALISE_DRIVES_PAGE (object);
  ValiseChoices *choices = get_choices (self);
  GSettings *settings = valise_settings_get ();
  g_autoptr (GListStore) both = g_list_store_new (G_TYPE_LIST_MODEL);
  GtkFilterListModel *filtered;

  G_OBJECT_CLASS (valise_drives_page_parent_class)->constructed (object);
  if (settings != NULL)
    g_settings_bind (settings, "show-refused-drives", self->refused_switch, "active",
                     G_SETTINGS_BIND_DEFAULT);
  g_object_bind_property (self->refused_switch, "active", self->empty_refused_switch, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);

  self->list = valise_drive_list_new ();
  self->filter = GTK_FILTER (gtk_custom_filter_new (filter_cb, self, NULL));
  filtered = gtk_filter_list_model_new (G_LIST_MODEL (g_object_ref (self->list)),
                                        g_object_ref (self->filter));
  g_list_store_append (both, filtered);
  g_list_store_append (both, self->absent);
  g_object_unref (filtered);
  self->shown
      = G_LIST_MODEL (gtk_flatten_list_model_new (G_LIST_MODEL (g_steal_pointer (&both))));
  gtk_list_box_bind_model (self->drive_list, self->shown, make_row, self, NULL);

  g_signal_connect_object (self->list, "items-changed", G_CALLBACK (items_cb), self, 0);
  g_signal_connect_object (self->list, "notify::state", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "notify::edition-index", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "sizes-changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (valise_choices_get_drives (choices), "items-changed",
                           G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->refused_switch, "notify::active", G_CALLBACK (switch_cb), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
valise_drives_page_dispose (GObject *object)
{
  ValiseDrivesPage *self = VALISE_DRIVES_PAGE (object);

  if (self->drive_list != NULL)
    gtk_list_box_bind_model (self->drive_list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->shown);
  g_clear_object (&self->filter);
  g_clear_object (&self->list);
  g_clear_object (&self->absent);
  gtk_widget_dispose_template (GTK_WIDGET (self), VALISE_TYPE_DRIVES_PAGE);
  G_OBJECT_CLASS (valise_drives_page_parent_class)->dispose (object);
}

static void
valise_drives_page_class_init (ValiseDrivesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = valise_drives_page_constructed;
  G_OBJECT_CLASS (klass)->dispose = valise_drives_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-drives-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, unavailable_status);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, empty_refused_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, empty_refused_switch);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, group);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, drive_list);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, refused_group);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, refused_row);
  gtk_widget_class_bind_template_child (widget_class, ValiseDrivesPage, refused_switch);
}

static void
valise_drives_page_init (ValiseDrivesPage *self)
{
  self->absent = g_list_store_new (VALISE_TYPE_DRIVE);
  gtk_widget_init_template (GTK_WIDGET (self));
}
