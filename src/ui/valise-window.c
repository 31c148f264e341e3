/* valise-window.c: the wizard's one window.
 *
 * Responsible for walking: the table of pages below is the whole order of things, and the header
 * bar shows what the current page says of itself. What a page is about, only the page knows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-window.h"

#include <glib/gi18n.h>

#include "image/valise-split-set.h"
#include "valise-accessible.h"
#include "valise-choices.h"
#include "valise-dialogs.h"
#include "valise-drives-page.h"
#include "valise-file-drop.h"
#include "valise-image-page.h"
#include "valise-options-page.h"
#include "valise-page.h"
#include "valise-profile-loader.h"
#include "valise-result-page.h"
#include "valise-review-page.h"
#include "valise-watchdog.h"
#include "valise-writing-page.h"

/* So fast does somebody read who did not expect to. */
#define LETTERS_PER_SECOND 10

/* What a toast has beside its text, in pixels. */
#define AROUND_TOAST 100

struct _ValiseWindow
{
  AdwApplicationWindow parent_instance;

  ValiseChoices *choices;
  ValisePage *page;          /* the one that is shown; the stack's */
  GCancellable *cancellable; /* cancelled with the window */
  gboolean applying;
  gboolean narrow;           /* the header bar has no room for words */
  guint narrow_idle;         /* source that shows a change of it, or 0 */

  AdwWindowTitle *title;
  GtkButton *back_button;
  GtkButton *next_button;
  GtkButton *next_arrow; /* instead of it in a narrow window */
  AdwToastOverlay *toasts;
  GtkStack *stack;
};

G_DEFINE_FINAL_TYPE (ValiseWindow, valise_window, ADW_TYPE_APPLICATION_WINDOW)

static const struct
{
  const char *name;
  GType (*get_type) (void);
} pages[] = {
  { "image", valise_image_page_get_type },
  { "drives", valise_drives_page_get_type },
  { "options", valise_options_page_get_type },
  { "review", valise_review_page_get_type },
  { "writing", valise_writing_page_get_type },
  { "result", valise_result_page_get_type },
};

/* ---- the header bar ---- */

/* Below that, in pixels, a title in some language has no room beside words on buttons. */
#define NARROW 480

static guint
find_page (ValiseWindow *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->stack);

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_strcmp0 (pages[i].name, name) == 0)
      return i;
  return 0;
}

/* A narrow window has an arrow, which is called what the button would be. */
static void
show_next (ValiseWindow *self, const char *label)
{
  g_auto (GStrv) parts = g_strsplit (label, "_", -1);
  g_autofree char *name = g_strjoinv (NULL, parts);

  gtk_button_set_label (self->next_button, label);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->next_arrow), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->next_arrow),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
update (ValiseWindow *self)
{
  guint index = find_page (self);
  const char *title = valise_page_get_title (self->page);
  const char *next = valise_page_get_next_label (self->page);
  gboolean back = index > 0 && valise_page_get_can_go_back (self->page);
  g_autofree char *step = NULL;

  if (self->narrow)
    /* Translators: as “Step %u of %u”, where there is little room. */
    step = g_strdup_printf (_("%u of %u"), index + 1, (guint) G_N_ELEMENTS (pages));
  else
    /* Translators: which page of the wizard is shown, and how many there are. */
    step = g_strdup_printf (_("Step %u of %u"), index + 1, (guint) G_N_ELEMENTS (pages));

  adw_window_title_set_title (self->title, title != NULL ? title : "");
  adw_window_title_set_subtitle (self->title, step);
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), back);
  gtk_widget_set_visible (GTK_WIDGET (self->next_button), next != NULL && !self->narrow);
  gtk_widget_set_visible (GTK_WIDGET (self->next_arrow), next != NULL && self->narrow);
  show_next (self, next != NULL ? next : "");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", back && !self->applying);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.next",
                                 valise_page_get_complete (self->page) && !self->applying);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.open-image",
                                 valise_window_can_open (self));
}

static void
page_notify_cb (ValisePage *page, GParamSpec *spec, ValiseWindow *self)
{
  if (page == self->page)
    update (self);
}

static void
stack_notify_cb (GtkStack *stack, GParamSpec *spec, ValiseWindow *self)
{
  ValisePage *page = VALISE_PAGE (gtk_stack_get_visible_child (stack));

  if (page == self->page || page == NULL)
    return;
  if (self->page != NULL)
    valise_page_left (self->page);
  self->page = page;
  update (self);
  valise_page_entered (page);
}

/* ---- walking ---- */

/**
 * valise_window_show_page:
 * @self: a window
 * @name: a page's name
 *
 * Shows that page, whatever its place.
 */
void
valise_window_show_page (ValiseWindow *self, const char *name)
{
  g_return_if_fail (gtk_stack_get_child_by_name (self->stack, name) != NULL);

  gtk_stack_set_visible_child_name (self->stack, name);
  /* The keyboard follows the eye; a button of the page that is gone would keep it. */
  gtk_widget_child_focus (GTK_WIDGET (self->page), GTK_DIR_TAB_FORWARD);
}

static void
applied_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean ok = valise_page_apply_finish (VALISE_PAGE (object), result, &error);
  guint index;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->applying = FALSE;
  index = find_page (self);
  if (ok && VALISE_PAGE (object) == self->page && index + 1 < G_N_ELEMENTS (pages))
    valise_window_show_page (self, pages[index + 1].name);
  update (self);
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    valise_window_show_toast (self, error->message);
}

static void
next_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ValiseWindow *self = VALISE_WINDOW (widget);

  self->applying = TRUE;
  update (self);
  valise_page_apply_async (self->page, self->cancellable, applied_cb, g_object_ref (self));
}

static void
back_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  ValiseWindow *self = VALISE_WINDOW (widget);
  guint index = find_page (self);

  if (index > 0)
    valise_window_show_page (self, pages[index - 1].name);
}

static void
show_page_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  valise_window_show_page (VALISE_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* ---- images from outside ---- */

/**
 * valise_window_can_open:
 * @self: a window
 *
 * Returns: whether an image can be opened now: not while drives are written
 */
gboolean
valise_window_can_open (ValiseWindow *self)
{
  return !valise_page_get_busy (self->page);
}

/**
 * valise_window_open_image:
 * @self: a window
 * @image: an image file
 *
 * Chooses @image, and shows the page that reads it; not while drives are written.
 */
void
valise_window_open_image (ValiseWindow *self, GFile *image)
{
  if (!valise_window_can_open (self))
    {
      valise_window_show_toast (
          self, _("Drives are being written. Open the image again when they are finished."));
      return;
    }
  valise_choices_set_source (self->choices, image);
  valise_window_show_page (self, pages[0].name);
}

static void
image_chosen_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  ValiseWindow *self = VALISE_WINDOW (object);
  g_autoptr (GListModel) list
      = valise_dialogs_choose_files_finish (GTK_WINDOW (self), result, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; list != NULL && i < g_list_model_get_n_items (list); i++)
    g_ptr_array_add (files, g_list_model_get_item (list, i));
  valise_window_open_files (self, (GFile **) files->pdata, files->len);
}

static void
show_toast_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  valise_window_show_toast (VALISE_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
open_image_cb (GtkWidget *widget, const char *action, GVariant *parameter)
{
  valise_dialogs_choose_image_async (GTK_WINDOW (widget), VALISE_WINDOW (widget)->cancellable,
                                     image_chosen_cb, NULL);
}

static void
profile_loaded_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (valise_profile_loader_load_finish (VALISE_CHOICES (object), result, &error))
    valise_window_show_toast (self, _("The profile was loaded."));
  else
    valise_window_show_toast (self, error->message);
}

/**
 * valise_window_open_profile:
 * @self: a window
 * @file: a profile
 *
 * Reads a profile into the choices, and says how that went.
 */
void
valise_window_open_profile (ValiseWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);

  if (path != NULL)
    valise_profile_loader_load_async (self->choices, path, NULL, profile_loaded_cb,
                                      g_object_ref (self));
}

static gboolean
is_profile (GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);

  return name != NULL && g_str_has_suffix (name, ".json");
}

/* Whether @file is called as a further part of the split image that begins with @first. */
static gboolean
is_part_of (GFile *file, GFile *first)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *first_name = g_file_get_basename (first);

  return name != NULL && first_name != NULL && valise_split_set_has (first_name, name);
}

/**
 * valise_window_open_files:
 * @self: a window
 * @files: (array length=n_files): images and profiles
 * @n_files: how many
 *
 * Opens the first image, and all profiles. The parts of a split image are one, in any order.
 */
void
valise_window_open_files (ValiseWindow *self, GFile **files, guint n_files)
{
  GFile *image = NULL;
  guint n_others = 0;

  for (guint i = 0; i < n_files; i++)
    if (is_profile (files[i]))
      valise_window_open_profile (self, files[i]);
    else if (image == NULL || is_part_of (image, files[i]))
      image = files[i];
  if (image == NULL)
    return;
  for (guint i = 0; i < n_files; i++)
    n_others += files[i] != image && !is_profile (files[i]) && !is_part_of (files[i], image);
  valise_window_open_image (self, image);
  if (n_others > 0 && valise_window_can_open (self))
    valise_window_show_toast (
        self, _("One image can be written at a time. The first one was opened."));
}

/* How many letters a line of a toast has room for: toasts get the width that they like best, and
 * what of it is outside of the window cannot be seen. */
static int
count_letters (ValiseWindow *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self->toasts));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  /* A toast's are bold. */
  const double width = MAX (pango_font_metrics_get_approximate_char_width (metrics),
                            pango_font_metrics_get_approximate_digit_width (metrics)) * 1.05;
  const int room = MAX (gtk_widget_get_width (GTK_WIDGET (self->toasts)) - AROUND_TOAST, 100);

  pango_font_metrics_unref (metrics);
  return room * PANGO_SCALE / MAX (width, 1);
}

/**
 * valise_window_show_toast:
 * @self: a window
 * @text: a sentence
 *
 * Shows @text for a few seconds, a long one for longer.
 */
void
valise_window_show_toast (ValiseWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new ("");
  /* The toast's own would end with “…” in a narrow window. */
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "max-width-chars",
                                   count_letters (self), "wrap", TRUE, "wrap-mode",
                                   PANGO_WRAP_WORD_CHAR, "xalign", 0.0, NULL);

  gtk_widget_add_css_class (label, "heading");
  adw_toast_set_custom_title (toast, label);
  adw_toast_set_timeout (toast, MAX (8, g_utf8_strlen (text, -1) / LETTERS_PER_SECOND));
  adw_toast_overlay_add_toast (self->toasts, toast);
  valise_accessible_name_toast (GTK_WIDGET (self->toasts), _("Close"));
}

/* ---- the object ---- */

static gboolean
valise_window_close_request (GtkWindow *window)
{
  ValiseWindow *self = VALISE_WINDOW (window);

  if (valise_page_get_busy (self->page))
    {
      valise_page_close_requested (self->page);
      return GDK_EVENT_STOP;
    }
  return GTK_WINDOW_CLASS (valise_window_parent_class)->close_request (window);
}

static void
first_frame_cb (GdkFrameClock *clock, gpointer data)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (data));

  g_signal_handlers_disconnect_by_func (clock, first_frame_cb, data);
  /* The first time, GLib waits for answers of the session's bus, to find out who shows
   * notifications: now rather than when drives are finished. */
  if (application != NULL)
    g_application_withdraw_notification (G_APPLICATION (application), "none");
  valise_watchdog_start ();
}

static void
valise_window_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (valise_window_parent_class)->map (widget);
  g_signal_connect_object (gtk_widget_get_frame_clock (widget), "after-paint",
                           G_CALLBACK (first_frame_cb), widget, 0);
}

/* It goes, or is not to be seen: all its pages are taken down in one turn, and nobody waits. */
static void
valise_window_unmap (GtkWidget *widget)
{
  valise_watchdog_stop ();
  GTK_WIDGET_CLASS (valise_window_parent_class)->unmap (widget);
}

static gboolean
narrow_cb (gpointer data)
{
  ValiseWindow *self = data;

  self->narrow_idle = 0;
  if (self->narrow)
    gtk_widget_add_css_class (GTK_WIDGET (self), "narrow");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "narrow");
  if (self->page != NULL)
    update (self);
  return G_SOURCE_REMOVE;
}

/* What is in the window must not change while it gets its places. */
static void
valise_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  ValiseWindow *self = VALISE_WINDOW (widget);
  const gboolean narrow = width < NARROW;

  GTK_WIDGET_CLASS (valise_window_parent_class)->size_allocate (widget, width, height, baseline);
  if (narrow == self->narrow)
    return;
  self->narrow = narrow;
  if (self->narrow_idle == 0)
    self->narrow_idle = g_idle_add_full (G_PRIORITY_HIGH_IDLE, narrow_cb, self, NULL);
}

static void
valise_window_dispose (GObject *object)
{
  ValiseWindow *self = VALISE_WINDOW (object);

  g_clear_handle_id (&self->narrow_idle, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  /* Pages may still change while they go, and the header bar may be gone by then. */
  self->page = NULL;
  if (self->stack != NULL)
    g_signal_handlers_disconnect_by_func (self->stack, stack_notify_cb, self);
  gtk_widget_dispose_template (GTK_WIDGET (self), VALISE_TYPE_WINDOW);
  G_OBJECT_CLASS (valise_window_parent_class)->dispose (object);
}

static void
valise_window_finalize (GObject *object)
{
  ValiseWindow *self = VALISE_WINDOW (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->choices);
  G_OBJECT_CLASS (valise_window_parent_class)->finalize (object);
}

static void
valise_window_class_init (ValiseWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = valise_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = valise_window_finalize;
  widget_class->map = valise_window_map;
  widget_class->unmap = valise_window_unmap;
  widget_class->size_allocate = valise_window_size_allocate;
  GTK_WINDOW_CLASS (klass)->close_request = valise_window_close_request;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/valise/Valise/valise-window.ui");
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, title);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, back_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, next_button);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, next_arrow);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, ValiseWindow, stack);

  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_cb);
  gtk_widget_class_install_action (widget_class, "win.next", NULL, next_cb);
  gtk_widget_class_install_action (widget_class, "win.show-page", "s", show_page_cb);
  gtk_widget_class_install_action (widget_class, "win.show-toast", "s", show_toast_cb);
  gtk_widget_class_install_action (widget_class, "win.open-image", NULL, open_image_cb);
}

static void
valise_window_init (ValiseWindow *self)
{
  self->choices = valise_choices_new ();
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      GtkWidget *page = g_object_new (pages[i].get_type (), "choices", self->choices, NULL);

      gtk_stack_add_named (self->stack, page, pages[i].name);
      g_signal_connect_object (page, "notify", G_CALLBACK (page_notify_cb), self, 0);
    }
  valise_file_drop_add (GTK_WIDGET (self->toasts), self);
  /* The pages with all that is in them. */
  valise_accessible_tidy (GTK_WIDGET (self));
  g_signal_connect (self->stack, "notify::visible-child", G_CALLBACK (stack_notify_cb), self);
  stack_notify_cb (self->stack, NULL, self);
}

/**
 * valise_window_get_choices:
 * @self: a window
 *
 * Returns: (transfer none): what is chosen in it
 */
ValiseChoices *
valise_window_get_choices (ValiseWindow *self)
{
  return self->choices;
}

/**
 * valise_window_new:
 * @application: the application
 *
 * Returns: (transfer none): a window that shows the first page
 */
ValiseWindow *
valise_window_new (AdwApplication *application)
{
  return g_object_new (VALISE_TYPE_WINDOW, "application", application, NULL);
}
