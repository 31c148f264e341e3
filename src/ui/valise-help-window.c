/* valise-help-window.c: the help, in a window of the wizard's own.
 *
 * Shows the pages of data/help, which are installed for the desktop's help viewer, too: many
 * desktops have none. Of Mallard it knows what those pages use: titles, paragraphs and lists.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-help-window.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "valise-accessible.h"

#define HELP_PATH "/io/github/valise/Valise/help"

static const char *const topics[]
    = { "image", "drive", "computers", "speed", "start", "errors", "safety" };

/* One page while it is read. */
typedef struct
{
  GString *text; /* of the element that is read, or NULL */
  guint info;    /* how deep in what is about the page */
  gboolean item;
  char *title;
  GtkBox *box; /* where its paragraphs go, or NULL */
} Page;

static void
start_element (GMarkupParseContext *context,
               const char *element,
               const char **names,
               const char **values,
               gpointer data,
               GError **error)
{
  Page *page = data;

  if (page->info > 0 || g_str_equal (element, "info"))
    page->info++;
  else if (g_str_equal (element, "item"))
    page->item = TRUE;
  else if ((g_str_equal (element, "p") || g_str_equal (element, "title")) && page->text == NULL)
    page->text = g_string_new (NULL);
}

static void
add_paragraph (Page *page, const char *text)
{
  /* A box would ask how wide the text is in its height, which GTK gets wrong where scripts mix. */
  GtkWidget *line = gtk_grid_new ();
  GtkWidget *label = gtk_label_new (text);

  if (page->item)
    {
      GtkWidget *bullet = gtk_label_new ("•");

      gtk_widget_set_valign (bullet, GTK_ALIGN_START);
      gtk_grid_attach (GTK_GRID (line), bullet, 0, 0, 1, 1);
    }
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_grid_set_column_spacing (GTK_GRID (line), 6);
  gtk_grid_attach (GTK_GRID (line), label, 1, 0, 1, 1);
  gtk_box_append (page->box, line);
}

static void
end_element (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Page *page = data;

  if (page->info > 0)
    {
      page->info--;
      return;
    }
  if (g_str_equal (element, "item"))
    page->item = FALSE;
  if (page->text == NULL || !(g_str_equal (element, "p") || g_str_equal (element, "title")))
    return;
  if (g_str_equal (element, "title"))
    {
      g_free (page->title);
      page->title = g_string_free (page->text, FALSE);
    }
  else
    {
      if (page->box != NULL)
        add_paragraph (page, page->text->str);
      g_string_free (page->text, TRUE);
    }
  page->text = NULL;
}

static void
add_text (GMarkupParseContext *context,
          const char *text,
          gsize length,
          gpointer data,
          GError **error)
{
  Page *page = data;

  if (page->text != NULL)
    g_string_append_len (page->text, text, length);
}

/* Returns: (transfer full): the page's title; its paragraphs are in @box then, if there is one. */
static char *
read_page (const char *language, const char *name, GtkBox *box)
{
  static const GMarkupParser parser
      = { .start_element = start_element, .end_element = end_element, .text = add_text };
  g_autofree char *path = g_strdup_printf (HELP_PATH "/%s/%s.page", language, name);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr (GMarkupParseContext) context = NULL;
  g_autoptr (GError) error = NULL;
  Page page = { .box = box };
  const char *content;
  gsize size;

  g_return_val_if_fail (bytes != NULL, NULL);

  content = g_bytes_get_data (bytes, &size);
  context = g_markup_parse_context_new (&parser, 0, &page, NULL);
  if (!g_markup_parse_context_parse (context, content, size, &error))
    g_warning ("%s: %s", path, error->message);
  if (page.text != NULL)
    g_string_free (page.text, TRUE);
  return page.title;
}

/* The first of the user's languages that there is help in; English else. */
static const char *
find_language (void)
{
  for (const char *const *name = g_get_language_names (); *name != NULL; name++)
    {
      g_autofree char *path = g_strdup_printf (HELP_PATH "/%s/index.page", *name);

      if (g_str_has_prefix (*name, "en"))
        break;
      if (g_resources_get_info (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL, NULL, NULL))
        return *name;
    }
  return "C";
}

static GtkWidget *
new_box (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);

  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  return box;
}

static GtkBox *
get_box (AdwExpanderRow *expander)
{
  return g_object_get_data (G_OBJECT (expander), "valise-box");
}

/* The text of all topics takes so long to lay out that the program would seem to hang. */
static void
expanded_cb (AdwExpanderRow *expander, GParamSpec *spec, const char *language)
{
  g_autofree char *title = NULL;

  if (gtk_widget_get_first_child (GTK_WIDGET (get_box (expander))) == NULL)
    title = read_page (language, gtk_widget_get_name (GTK_WIDGET (expander)), get_box (expander));
}

static GtkWidget *
new_topic (const char *language, const char *name)
{
  GtkWidget *expander = adw_expander_row_new ();
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = new_box ();
  g_autofree char *title = read_page (language, name, NULL);

  gtk_widget_set_name (expander, name);
  g_object_set_data (G_OBJECT (expander), "valise-box", box);
  g_signal_connect (expander, "notify::expanded", G_CALLBACK (expanded_cb),
                    (gpointer) g_intern_string (language));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (expander), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (expander), title);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  /* It is read by its text, once it has some. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (expander), row);
  return expander;
}

static gboolean
close_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

/**
 * valise_help_window_present:
 * @parent: (nullable): the window that it is about
 *
 * Shows the help, in the user's language or in English. Escape closes it; it does not hold up
 * @parent.
 */
void
valise_help_window_present (GtkWindow *parent)
{
  const char *language = find_language ();
  GtkWidget *window = adw_window_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *opening = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  g_autofree char *title = read_page (language, "index", GTK_BOX (box));
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  adw_preferences_group_add (opening, box);
  for (gsize i = 0; i < G_N_ELEMENTS (topics); i++)
    adw_preferences_group_add (group, new_topic (language, topics[i]));
  adw_preferences_page_add (page, opening);
  adw_preferences_page_add (page, group);
  gtk_widget_set_vexpand (GTK_WIDGET (page), TRUE);

  gtk_box_append (GTK_BOX (content), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (page));
  adw_window_set_content (ADW_WINDOW (window), content);
  valise_accessible_tidy (content);

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (shortcuts),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_callback_action_new (close_cb, NULL, NULL)));
  gtk_widget_add_controller (window, shortcuts);
  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 620);
  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (window), TRUE);
  gtk_window_present (GTK_WINDOW (window));
}
