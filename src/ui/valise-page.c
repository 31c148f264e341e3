/* valise-page.c: one page of the wizard.
 *
 * The contract between the window and its pages. A page knows the choices and nothing of the other
 * pages; it says whether it is complete, and the window does the walking. A page that wants to walk
 * itself activates “win.next”, “win.back” or “win.show-page”.
 *
 * A page is a widget with one child, which its template holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-page.h"

#include "valise-row-layout.h"

typedef struct
{
  ValiseChoices *choices;
  char *title;
  char *next_label;
  gboolean complete;
  gboolean can_go_back;
  gboolean busy;
} ValisePagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (ValisePage, valise_page, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_CHOICES,
  PROP_TITLE,
  PROP_NEXT_LABEL,
  PROP_COMPLETE,
  PROP_CAN_GO_BACK,
  PROP_BUSY,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static ValisePagePrivate *
get_private (ValisePage *self)
{
  return valise_page_get_instance_private (self);
}

static void
apply_at_once (ValisePage *self,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_task_set_source_tag (task, apply_at_once);
  g_task_return_boolean (task, TRUE);
}

static gboolean
apply_finish (ValisePage *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
valise_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ValisePagePrivate *priv = get_private (VALISE_PAGE (object));

  switch (id)
    {
    case PROP_CHOICES:
      g_value_set_object (value, priv->choices);
      break;
    case PROP_TITLE:
      g_value_set_string (value, priv->title);
      break;
    case PROP_NEXT_LABEL:
      g_value_set_string (value, priv->next_label);
      break;
    case PROP_COMPLETE:
      g_value_set_boolean (value, priv->complete);
      break;
    case PROP_CAN_GO_BACK:
      g_value_set_boolean (value, priv->can_go_back);
      break;
    case PROP_BUSY:
      g_value_set_boolean (value, priv->busy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
valise_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  ValisePage *self = VALISE_PAGE (object);

  switch (id)
    {
    case PROP_CHOICES:
      g_set_object (&get_private (self)->choices, g_value_get_object (value));
      break;
    case PROP_TITLE:
      valise_page_set_title (self, g_value_get_string (value));
      break;
    case PROP_NEXT_LABEL:
      valise_page_set_next_label (self, g_value_get_string (value));
      break;
    case PROP_COMPLETE:
      valise_page_set_complete (self, g_value_get_boolean (value));
      break;
    case PROP_CAN_GO_BACK:
      valise_page_set_can_go_back (self, g_value_get_boolean (value));
      break;
    case PROP_BUSY:
      valise_page_set_busy (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
valise_page_constructed (GObject *object)
{
  G_OBJECT_CLASS (valise_page_parent_class)->constructed (object);
  /* The rows of its template, which are all there by now. */
  valise_row_layout_apply (GTK_WIDGET (object));
}

/* Templates let go of those children only that have a name in them. */
static void
valise_page_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (valise_page_parent_class)->dispose (object);
}

static void
valise_page_finalize (GObject *object)
{
  ValisePagePrivate *priv = get_private (VALISE_PAGE (object));

  g_clear_object (&priv->choices);
  g_free (priv->title);
  g_free (priv->next_label);
  G_OBJECT_CLASS (valise_page_parent_class)->finalize (object);
}

static void
valise_page_class_init (ValisePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags
      = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = valise_page_get_property;
  object_class->set_property = valise_page_set_property;
  object_class->constructed = valise_page_constructed;
  object_class->dispose = valise_page_dispose;
  object_class->finalize = valise_page_finalize;
  klass->apply_async = apply_at_once;
  klass->apply_finish = apply_finish;

  properties[PROP_CHOICES] = g_param_spec_object (
      "choices", NULL, NULL, VALISE_TYPE_CHOICES,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_NEXT_LABEL] = g_param_spec_string ("next-label", NULL, NULL, NULL, flags);
  properties[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_GO_BACK] = g_param_spec_boolean ("can-go-back", NULL, NULL, TRUE, flags);
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
valise_page_init (ValisePage *self)
{
  get_private (self)->can_go_back = TRUE;
}

/**
 * valise_page_get_choices:
 * @self: a page
 *
 * Returns: (transfer none): what the user has chosen so far
 */
ValiseChoices *
valise_page_get_choices (ValisePage *self)
{
  return get_private (self)->choices;
}

/**
 * valise_page_get_title:
 * @self: a page
 *
 * Returns: (transfer none) (nullable): what the header bar says
 */
const char *
valise_page_get_title (ValisePage *self)
{
  return get_private (self)->title;
}

static void
set_string (ValisePage *self, char **where, const char *text, guint property)
{
  if (g_strcmp0 (*where, text) == 0)
    return;
  g_free (*where);
  *where = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_boolean (ValisePage *self, gboolean *where, gboolean value, guint property)
{
  if (*where == !!value)
    return;
  *where = !!value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * valise_page_set_title:
 * @self: a page
 * @title: what the header bar says
 */
void
valise_page_set_title (ValisePage *self, const char *title)
{
  set_string (self, &get_private (self)->title, title, PROP_TITLE);
}

/**
 * valise_page_get_complete:
 * @self: a page
 *
 * Returns: whether Next may be pressed
 */
gboolean
valise_page_get_complete (ValisePage *self)
{
  return get_private (self)->complete;
}

/**
 * valise_page_set_complete:
 * @self: a page
 * @complete: whether Next may be pressed
 */
void
valise_page_set_complete (ValisePage *self, gboolean complete)
{
  set_boolean (self, &get_private (self)->complete, complete, PROP_COMPLETE);
}

/**
 * valise_page_get_next_label:
 * @self: a page
 *
 * Returns: (transfer none) (nullable): what the Next button says; %NULL hides it, as on pages that
 *   have a button of their own
 */
const char *
valise_page_get_next_label (ValisePage *self)
{
  return get_private (self)->next_label;
}

/**
 * valise_page_set_next_label:
 * @self: a page
 * @next_label: (nullable): what the Next button says; %NULL hides it
 */
void
valise_page_set_next_label (ValisePage *self, const char *next_label)
{
  set_string (self, &get_private (self)->next_label, next_label, PROP_NEXT_LABEL);
}

/**
 * valise_page_get_can_go_back:
 * @self: a page
 *
 * Returns: whether there is a way back from it
 */
gboolean
valise_page_get_can_go_back (ValisePage *self)
{
  return get_private (self)->can_go_back;
}

/**
 * valise_page_set_can_go_back:
 * @self: a page
 * @can_go_back: whether there is a way back from it; hides the Back button if not
 */
void
valise_page_set_can_go_back (ValisePage *self, gboolean can_go_back)
{
  set_boolean (self, &get_private (self)->can_go_back, can_go_back, PROP_CAN_GO_BACK);
}

/**
 * valise_page_get_busy:
 * @self: a page
 *
 * Returns: whether it does something that must not be left: the window asks it before it closes,
 *   and takes no other image meanwhile
 */
gboolean
valise_page_get_busy (ValisePage *self)
{
  return get_private (self)->busy;
}

/**
 * valise_page_set_busy:
 * @self: a page
 * @busy: whether it does something that must not be left
 */
void
valise_page_set_busy (ValisePage *self, gboolean busy)
{
  set_boolean (self, &get_private (self)->busy, busy, PROP_BUSY);
}

/**
 * valise_page_entered:
 * @self: a page
 *
 * Tells the page that it is shown now. For the window.
 */
void
valise_page_entered (ValisePage *self)
{
  ValisePageClass *klass = VALISE_PAGE_GET_CLASS (self);

  if (klass->entered != NULL)
    klass->entered (self);
}

/**
 * valise_page_left:
 * @self: a page
 *
 * Tells the page that another one is shown now. For the window.
 */
void
valise_page_left (ValisePage *self)
{
  ValisePageClass *klass = VALISE_PAGE_GET_CLASS (self);

  if (klass->left != NULL)
    klass->left (self);
}

/**
 * valise_page_apply_async:
 * @self: a page
 * @cancellable: (nullable): ends it
 * @callback: called when it is done
 * @data: for @callback
 *
 * Does what must be done before the next page is shown. For the window.
 */
void
valise_page_apply_async (ValisePage *self,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer data)
{
  VALISE_PAGE_GET_CLASS (self)->apply_async (self, cancellable, callback, data);
}

/**
 * valise_page_apply_finish:
 * @self: a page
 * @result: what the callback got
 * @error: where to put an error
 *
 * Returns: whether the next page may be shown
 */
gboolean
valise_page_apply_finish (ValisePage *self, GAsyncResult *result, GError **error)
{
  return VALISE_PAGE_GET_CLASS (self)->apply_finish (self, result, error);
}

/**
 * valise_page_close_requested:
 * @self: a page that is busy
 *
 * Lets the page ask whether its work may be given up. For the window.
 */
void
valise_page_close_requested (ValisePage *self)
{
  ValisePageClass *klass = VALISE_PAGE_GET_CLASS (self);

  if (klass->close_requested != NULL)
    klass->close_requested (self);
}
