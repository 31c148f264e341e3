/* valise-list-row.c: a row that unfolds into files, folders or texts of the profile.
 *
 * Whatever is chosen goes into the profile at once, and is looked at in a thread: what was found,
 * or what is wrong, is said in its row. A profile that is loaded shows in the rows. All that blocks
 * is in the checks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-list-row.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/valise-text.h"
#include "valise-accessible.h"
#include "valise-dialogs.h"
#include "valise-row-layout.h"

/* Who types is not told of each letter, in ms. */
#define PAUSE 400

/* Where a copy is put if nobody says where. */
#define DESKTOP "\\Users\\Public\\Desktop\\"

struct _ValiseListRow
{
  AdwExpanderRow parent_instance;

  ValiseChoices *choices; /* lives longer than the window's pages */
  const ValiseListKind *kinds;
  guint n_kinds;
  char *subtitle;            /* the template's */
  GPtrArray *rows;           /* GtkWidget: the elements' */
  GPtrArray *add_rows;       /* GtkWidget: one for each kind; owned */
  GCancellable *checking;    /* what is looked at now */
  guint pause;               /* a source, while somebody types */
};

G_DEFINE_FINAL_TYPE (ValiseListRow, valise_list_row, ADW_TYPE_EXPANDER_ROW)

static guint elements_changed_signal;

/* What a row of an element is about. */
typedef struct
{
  ValiseListRow *list; /* not owned: it holds the row */
  const ValiseListKind *kind;
  guint index;
  gboolean is_wrong;
} Element;

static void rebuild (ValiseListRow *self);

static Element *
get_element (gpointer row)
{
  return g_object_get_data (row, "valise-element");
}

static char **
get_list (ValiseListRow *self, const ValiseListKind *kind)
{
  return valise_profile_get_list (valise_choices_get_profile (self->choices), kind->key);
}

static void
set_list (ValiseListRow *self, const ValiseListKind *kind, char **list)
{
  ValiseProfile *profile = valise_choices_get_profile (self->choices);

  valise_profile_unset (profile, kind->key);
  for (guint i = 0; list[i] != NULL; i++)
    valise_profile_set (profile, kind->key, list[i], NULL);
}

static gboolean
is_copied (const ValiseListKind *kind)
{
  return kind->type == VALISE_LIST_COPIED_FILES || kind->type == VALISE_LIST_COPIED_FOLDERS;
}

/* ---- what was found ---- */

static void
summarize (ValiseListRow *self)
{
  guint n_wrong = 0;
  g_autofree char *count = NULL;
  g_autofree char *wrong = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    n_wrong += get_element (self->rows->pdata[i])->is_wrong;
  /* Translators: of files, folders or commands. */
  count = g_strdup_printf (ngettext ("%u chosen", "%u chosen", self->rows->len), self->rows->len);
  /* Translators: of files, folders or commands that were chosen. */
  wrong = g_strdup_printf (ngettext ("%u cannot be used", "%u cannot be used", n_wrong), n_wrong);
  text = n_wrong > 0 ? g_strconcat (count, " · ", wrong, NULL) : g_strdup (count);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self),
                                 self->rows->len > 0 ? text : self->subtitle);
}

static void
show_found (GtkWidget *row, const char *text, gboolean is_wrong)
{
  GtkWidget *icon = g_object_get_data (G_OBJECT (row), "valise-icon");
  Element *element = get_element (row);

  element->is_wrong = is_wrong;
  if (ADW_IS_ENTRY_ROW (row))
    {
      if (is_wrong)
        gtk_widget_add_css_class (row, "error");
      else
        gtk_widget_remove_css_class (row, "error");
      gtk_widget_set_tooltip_text (row, text);
    }
  else
    {
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
      /* An icon that is not seen would have its place all the same. */
      if (is_wrong && gtk_widget_get_parent (icon) == NULL)
        adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
      else if (!is_wrong && gtk_widget_get_parent (icon) != NULL)
        adw_action_row_remove (ADW_ACTION_ROW (row), icon);
    }
  if (is_wrong)
    gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                                 GTK_ACCESSIBLE_INVALID_TRUE, -1);
  else
    gtk_accessible_reset_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID);
  valise_accessible_describe (row, text);
  summarize (element->list);
}

typedef struct
{
  char *value;
  ValiseListCheck check;
  ValiseListFacts facts;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  g_free (check->value);
  g_clear_pointer (&check->facts.edition, valise_edition_free);
  g_free (check->facts.password);
  g_free (check);
}

static void
check_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Check *check = data;
  GError *error = NULL;
  char *text = check->check (check->value, &check->facts, &error);

  if (text != NULL)
    g_task_return_pointer (task, text, g_free);
  else
    g_task_return_error (task, error);
}

static void
checked_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_task_propagate_pointer (G_TASK (result), &error);

  if (text != NULL)
    show_found (GTK_WIDGET (object), text, FALSE);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_found (GTK_WIDGET (object), error->message, TRUE);
}

static void
check_row (ValiseListRow *self, GtkWidget *row, const char *value)
{
  const Element *element = get_element (row);
  const ValiseEdition *edition = valise_choices_get_edition (self->choices);
  const ValisePolicies *policies = &valise_choices_get_profile (self->choices)->setup.policies;
  g_autoptr (GTask) task = NULL;
  Check *check;

  if (element->kind->check == NULL)
    return;
  check = g_new0 (Check, 1);
  check->value = g_strdup (value);
  check->check = element->kind->check;
  check->facts.edition = edition != NULL ? valise_edition_copy (edition) : NULL;
  check->facts.password = g_strdup (policies->client_password);
  task = g_task_new (row, self->checking, checked_cb, NULL);
  g_task_set_source_tag (task, check_row);
  g_task_set_task_data (task, check, check_free);
  g_task_run_in_thread (task, check_thread);
}

/**
 * valise_list_row_check:
 * @self: a row
 *
 * Looks at everything again: what counts for it has changed.
 */
void
valise_list_row_check (ValiseListRow *self)
{
  g_cancellable_cancel (self->checking);
  g_clear_object (&self->checking);
  g_clear_handle_id (&self->pause, g_source_remove);
  self->checking = g_cancellable_new ();
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Element *element = get_element (self->rows->pdata[i]);
      g_auto (GStrv) list = get_list (self, element->kind);

      if (list != NULL && element->index < g_strv_length (list))
        check_row (self, self->rows->pdata[i], list[element->index]);
    }
}

static gboolean
pause_cb (gpointer data)
{
  ValiseListRow *self = data;

  self->pause = 0;
  valise_list_row_check (self);
  return G_SOURCE_REMOVE;
}

/**
 * valise_list_row_check_soon:
 * @self: a row
 *
 * Does the same as valise_list_row_check(), once nobody types any more.
 */
void
valise_list_row_check_soon (ValiseListRow *self)
{
  g_clear_handle_id (&self->pause, g_source_remove);
  self->pause = g_timeout_add (PAUSE, pause_cb, self);
}

/* ---- the elements ---- */

static void
remove_cb (GtkButton *button, GtkWidget *row)
{
  const Element *element = get_element (row);
  ValiseListRow *self = element->list;
  const ValiseListKind *kind = element->kind;
  g_auto (GStrv) list = get_list (self, kind);
  const guint index = element->index;

  g_free (list[index]);
  for (guint i = index; list[i] != NULL || i == index; i++)
    list[i] = list[i + 1];
  set_list (self, kind, list);
  rebuild (self);
  /* The button that had the keyboard is gone. */
  gtk_widget_grab_focus (self->add_rows->pdata[kind - self->kinds]);
}

static void
edited_cb (GtkEditable *row)
{
  const Element *element = get_element (row);
  ValiseListRow *self = element->list;
  g_auto (GStrv) list = get_list (self, element->kind);
  const char *text = gtk_editable_get_text (row);
  const char *bar = strrchr (list[element->index], '|');
  g_autofree char *source
      = is_copied (element->kind) ? g_strndup (list[element->index], bar - list[element->index])
                                  : NULL;

  g_free (list[element->index]);
  list[element->index] = source != NULL ? g_strconcat (source, "|", text, NULL) : g_strdup (text);
  set_list (self, element->kind, list);
  valise_list_row_check_soon (self);
}

static GtkWidget *
make_button (GtkWidget *row, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");
  /* Translators: a file, folder or command that was chosen. */
  g_autofree char *label = g_strdup_printf (_("Remove “%s”"), name);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_object (button, "clicked", G_CALLBACK (remove_cb), row, 0);
  return button;
}

static GtkWidget *
make_file_row (const char *path, const char *name)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "activatable", FALSE,
                                 "title", name, "title-lines", 0, "subtitle", "…",
                                 "subtitle-lines", 0, "tooltip-text", path, NULL);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");

  valise_row_layout_apply (row);
  gtk_widget_add_css_class (icon, "warning");
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Warning"), -1);
  g_object_set_data_full (G_OBJECT (row), "valise-icon", g_object_ref_sink (icon), g_object_unref);
  return row;
}

static GtkWidget *
make_text_row (const char *title, const char *text)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ENTRY_ROW, "use-markup", FALSE, "title", title, NULL);

  valise_row_layout_apply (row);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  return row;
}

static void
add_element (ValiseListRow *self, const ValiseListKind *kind, guint index, const char *value)
{
  const char *bar = is_copied (kind) ? strrchr (value, '|') : NULL;
  g_autofree char *path = bar != NULL ? g_strndup (value, bar - value) : g_strdup (value);
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *name = valise_text_file_name (path);
  Element *element = g_new0 (Element, 1);
  g_autofree char *title = NULL;
  GtkWidget *row, *button;

  *element = (Element) { self, kind, index, FALSE };
  if (bar != NULL)
    {
      /* Translators: a file's name; the place in Windows to which it is copied stands below it. */
      title = g_strdup_printf (_("Place for “%s” in Windows"), name);
      row = make_text_row (title, bar + 1);
    }
  else if (kind->type == VALISE_LIST_TEXTS)
    row = make_text_row (_(kind->title), value);
  else
    row = make_file_row (shown, name);
  g_object_set_data_full (G_OBJECT (row), "valise-element", element, g_free);
  button = make_button (row, kind->type == VALISE_LIST_TEXTS ? shown : name);
  if (ADW_IS_ENTRY_ROW (row))
    {
      adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), button);
      g_signal_connect (row, "changed", G_CALLBACK (edited_cb), NULL);
    }
  else
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_ptr_array_add (self->rows, row);
}

/* The rows that add stay below the elements. */
static void
rebuild (ValiseListRow *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < self->n_kinds; i++)
    if (gtk_widget_get_parent (self->add_rows->pdata[i]) != NULL)
      adw_expander_row_remove (ADW_EXPANDER_ROW (self), self->add_rows->pdata[i]);
  for (guint i = 0; i < self->n_kinds; i++)
    {
      const ValiseListKind *kind = &self->kinds[i];
      g_auto (GStrv) list = kind->shares_rows ? NULL : get_list (self, kind);

      for (guint j = 0; list != NULL && list[j] != NULL; j++)
        add_element (self, kind, j, list[j]);
    }
  for (guint i = 0; i < self->n_kinds; i++)
    adw_expander_row_add_row (ADW_EXPANDER_ROW (self), self->add_rows->pdata[i]);
  summarize (self);
  valise_list_row_check (self);
  g_signal_emit (self, elements_changed_signal, 0);
}

static void
loaded_cb (ValiseListRow *self)
{
  rebuild (self);
}

/* ---- adding ---- */

static gboolean
append (ValiseListRow *self, const ValiseListKind *kind, const char *value)
{
  g_auto (GStrv) list = get_list (self, kind);
  g_autoptr (GError) error = NULL;

  if (list != NULL && g_strv_contains ((const char *const *) list, value))
    return TRUE;
  if (kind->is_single)
    valise_profile_unset (valise_choices_get_profile (self->choices), kind->key);
  if (valise_profile_set (valise_choices_get_profile (self->choices), kind->key, value, &error))
    return TRUE;
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-toast", "s", error->message);
  return FALSE;
}

typedef struct
{
  ValiseListRow *list;
  const ValiseListKind *kind;
} Adding;

static void
chosen_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autofree Adding *adding = data;
  g_autoptr (ValiseListRow) self = adding->list;
  g_autoptr (GListModel) files
      = valise_dialogs_choose_files_finish (GTK_WINDOW (object), result, NULL);

  for (guint i = 0; files != NULL && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      g_autofree char *path = g_file_get_path (file);
      g_autofree char *name = g_file_get_basename (file);
      g_autofree char *copy = NULL;

      if (path == NULL)
        continue;
      if (is_copied (adding->kind))
        copy = g_strconcat (path, "|" DESKTOP, name, NULL);
      if (!append (self, adding->kind, copy != NULL ? copy : path))
        break;
    }
  if (files == NULL || gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    return;
  rebuild (self);
  gtk_widget_grab_focus (self->add_rows->pdata[adding->kind - self->kinds]);
}

static void
add_cb (GtkWidget *row, ValiseListRow *self)
{
  guint index = 0;
  const ValiseListKind *kind;
  ValiseDialogFiles what = { 0 };
  Adding *adding;

  g_ptr_array_find (self->add_rows, row, &index);
  kind = &self->kinds[index];
  if (kind->type == VALISE_LIST_TEXTS)
    {
      append (self, kind, "");
      rebuild (self);
      for (guint i = 0; i < self->rows->len; i++)
        if (get_element (self->rows->pdata[i])->kind == kind)
          row = self->rows->pdata[i];
      gtk_widget_grab_focus (row);
      return;
    }
  adding = g_new (Adding, 1);
  *adding = (Adding) { g_object_ref (self), kind };
  what.title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self));
  what.filter = kind->filter != NULL ? _(kind->filter) : NULL;
  what.suffixes = kind->suffixes;
  what.is_folder = kind->type == VALISE_LIST_FOLDERS || kind->type == VALISE_LIST_COPIED_FOLDERS;
  what.is_single = kind->is_single;
  valise_dialogs_choose_files_async (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), &what,
                                     NULL, chosen_cb, adding);
}

static void
add_add_row (ValiseListRow *self, const ValiseListKind *kind)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "activatable", TRUE, "use-underline", FALSE,
                                 "title", _(kind->add), "title-lines", 0, NULL);
  GtkWidget *icon = gtk_image_new_from_icon_name ("list-add-symbolic");

  valise_row_layout_apply (row);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  g_signal_connect (row, "activated", G_CALLBACK (add_cb), self);
  g_ptr_array_add (self->add_rows, g_object_ref_sink (row));
}

/* ---- the row ---- */

/**
 * valise_list_row_set_choices:
 * @self: a row
 * @choices: (transfer none): what it is about; must stay
 * @kinds: (array length=n_kinds): what it unfolds into; must stay
 * @n_kinds: how many
 *
 * To be called once, with the row's subtitle set.
 */
void
valise_list_row_set_choices (ValiseListRow *self,
                             ValiseChoices *choices,
                             const ValiseListKind *kinds,
                             guint n_kinds)
{
  g_return_if_fail (self->choices == NULL);

  self->choices = choices;
  self->kinds = kinds;
  self->n_kinds = n_kinds;
  self->subtitle = g_strdup (adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (self)));
  for (guint i = 0; i < n_kinds; i++)
    add_add_row (self, &kinds[i]);
  g_signal_connect_object (choices, "profile-loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (choices, "notify::edition-index", G_CALLBACK (valise_list_row_check),
                           self, G_CONNECT_SWAPPED);
  rebuild (self);
}

static void
valise_list_row_dispose (GObject *object)
{
  ValiseListRow *self = VALISE_LIST_ROW (object);

  if (self->checking != NULL)
    g_cancellable_cancel (self->checking);
  g_clear_object (&self->checking);
  g_clear_handle_id (&self->pause, g_source_remove);
  g_ptr_array_set_size (self->rows, 0);
  g_ptr_array_set_size (self->add_rows, 0);
  G_OBJECT_CLASS (valise_list_row_parent_class)->dispose (object);
}

static void
valise_list_row_finalize (GObject *object)
{
  ValiseListRow *self = VALISE_LIST_ROW (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->add_rows);
  g_free (self->subtitle);
  G_OBJECT_CLASS (valise_list_row_parent_class)->finalize (object);
}

static void
valise_list_row_class_init (ValiseListRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = valise_list_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_list_row_finalize;

  /* When something was added, removed or loaded. */
  elements_changed_signal
      = g_signal_new ("elements-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_list_row_init (ValiseListRow *self)
{
  self->rows = g_ptr_array_new ();
  self->add_rows = g_ptr_array_new_with_free_func (g_object_unref);
}
