/* valise-drive-list.c: the drives that are plugged in, as a model.
 *
 * udisks2 says what there is and when that changes; its client waits a moment, so that the many
 * signals of one drive are one change here. The list is then read anew as a whole, whatever the
 * order of the signals was, a thread asks the kernel for the rest, and what comes out is compared
 * with what is shown. All else happens in the main context that was the thread's default when the
 * list was made; nothing blocks there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-list.h"

#include <glib/gi18n-lib.h>
#include <udisks/udisks.h>

#include "core/valise-error.h"
#include "valise-drive-names.h"
#include "valise-drive-probe.h"
#include "valise-udisks-facts.h"

struct _ValiseDriveList
{
  GObject parent_instance;

  GPtrArray *drives; /* ValiseDrive, that are plugged in */
  GHashTable *known; /* id to GWeakRef of a drive: those that somebody holds, too */
  GHashTable *shared; /* ids that several drives have had */
  GCancellable *cancellable;
  UDisksClient *client;
  gboolean is_probing;
  gboolean is_outdated; /* it has changed since the probing began */
  ValiseDriveListState state;
  GError *error;
};

static void list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ValiseDriveList, valise_drive_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum
{
  PROP_STATE = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

GType
valise_drive_list_state_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { VALISE_DRIVE_LIST_STARTING, "VALISE_DRIVE_LIST_STARTING", "starting" },
        { VALISE_DRIVE_LIST_READY, "VALISE_DRIVE_LIST_READY", "ready" },
        { VALISE_DRIVE_LIST_UNAVAILABLE, "VALISE_DRIVE_LIST_UNAVAILABLE", "unavailable" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("ValiseDriveListState", values));
    }
  return type;
}

/* ---- the model ---- */

static GType
get_item_type (GListModel *model)
{
  return VALISE_TYPE_DRIVE;
}

static guint
get_n_items (GListModel *model)
{
  return VALISE_DRIVE_LIST (model)->drives->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  ValiseDriveList *self = VALISE_DRIVE_LIST (model);

  return position < self->drives->len ? g_object_ref (self->drives->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

static const char *
get_id (ValiseDriveList *self, guint position)
{
  return valise_drive_get_facts (self->drives->pdata[position])->id;
}

static void
set_state (ValiseDriveList *self, ValiseDriveListState state, const GError *error)
{
  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* The drive with these facts: the object that somebody has still, or a new one. */
static ValiseDrive *
take_drive (ValiseDriveList *self, ValiseDriveFacts *facts)
{
  GWeakRef *weak = g_hash_table_lookup (self->known, facts->id);
  ValiseDrive *drive = weak != NULL ? g_weak_ref_get (weak) : NULL;

  if (drive != NULL)
    {
      valise_drive_set_facts (drive, facts);
      return drive;
    }
  drive = valise_drive_new (facts);
  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, drive);
  g_hash_table_insert (self->known, g_strdup (facts->id), weak);
  return drive;
}

static void
remove_at (ValiseDriveList *self, guint position)
{
  g_autoptr (ValiseDrive) drive = g_object_ref (self->drives->pdata[position]);

  g_ptr_array_remove_index (self->drives, position);
  valise_drive_set_gone (drive);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

static gboolean
has_id (const GPtrArray *all, const char *id)
{
  for (guint i = 0; i < all->len; i++)
    if (g_str_equal (((ValiseDriveFacts *) all->pdata[i])->id, id))
      return TRUE;
  return FALSE;
}

static gint
find_id (ValiseDriveList *self, const char *id)
{
  for (guint i = 0; i < self->drives->len; i++)
    if (g_str_equal (get_id (self, i), id))
      return i;
  return -1;
}

/* Makes the list what @all is, step by step, and takes what is in it. */
static void
update (ValiseDriveList *self, GPtrArray *all)
{
  g_autofree gpointer *taken = NULL;
  gsize n;

  for (guint i = self->drives->len; i-- > 0;)
    if (!has_id (all, get_id (self, i)))
      remove_at (self, i);
  taken = g_ptr_array_steal (all, &n);
  for (gsize i = 0; i < n; i++)
    {
      ValiseDriveFacts *facts = taken[i];
      gint at = find_id (self, facts->id);

      if (at == (gint) i)
        {
          valise_drive_set_facts (self->drives->pdata[i], facts);
          continue;
        }
      /* It has another place now. */
      if (at >= 0)
        {
          g_autoptr (ValiseDrive) drive = g_object_ref (self->drives->pdata[at]);

          g_ptr_array_remove_index (self->drives, at);
          g_list_model_items_changed (G_LIST_MODEL (self), at, 1, 0);
          valise_drive_set_facts (drive, facts);
          g_ptr_array_insert (self->drives, i, g_steal_pointer (&drive));
        }
      else
        g_ptr_array_insert (self->drives, i, take_drive (self, facts));
      g_list_model_items_changed (G_LIST_MODEL (self), i, 0, 1);
    }
}

/* ---- udisks2 ---- */

static void read_anew (ValiseDriveList *self);

static gboolean
is_served (ValiseDriveList *self)
{
  GDBusObjectManager *manager = udisks_client_get_object_manager (self->client);
  g_autofree char *owner
      = g_dbus_object_manager_client_get_name_owner (G_DBUS_OBJECT_MANAGER_CLIENT (manager));

  return owner != NULL;
}

static void
set_unavailable (ValiseDriveList *self, const GError *cause)
{
  g_autoptr (GError) error = NULL;

  g_set_error (&error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: the reason, without a full stop. */
               _("The drives cannot be listed, because udisks2 does not answer: %s. Install it or "
                 "start it (“systemctl start udisks2”)."),
               cause != NULL ? cause->message : _("it is not running"));
  while (self->drives->len > 0)
    remove_at (self, self->drives->len - 1);
  set_state (self, VALISE_DRIVE_LIST_UNAVAILABLE, error);
}

static void
probe_in_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  valise_drive_probe_all (data, TRUE);
  g_task_return_boolean (task, TRUE);
}

static void
probed_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseDriveList) self = data;

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return;
  self->is_probing = FALSE;
  /* What has changed meanwhile would be shown as it was. */
  if (self->is_outdated)
    read_anew (self);
  else if (!is_served (self))
    set_unavailable (self, NULL);
  else
    {
      update (self, g_task_get_task_data (G_TASK (result)));
      set_state (self, VALISE_DRIVE_LIST_READY, NULL);
    }
}

static void
read_anew (ValiseDriveList *self)
{
  g_autoptr (GTask) task = NULL;

  self->is_outdated = self->is_probing;
  if (self->is_probing)
    return;
  if (!is_served (self))
    {
      set_unavailable (self, NULL);
      return;
    }
  self->is_probing = TRUE;
  /* Not the task's own: a task may be freed in its thread, and the list must not. */
  task = g_task_new (NULL, self->cancellable, probed_cb, g_object_ref (self));
  g_task_set_source_tag (task, read_anew);
  g_task_set_task_data (task, valise_udisks_facts_read (self->client, self->shared),
                        (GDestroyNotify) g_ptr_array_unref);
  g_task_run_in_thread (task, probe_in_thread);
}

static void
client_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseDriveList) self = data;
  g_autoptr (GError) error = NULL;
  UDisksClient *client = udisks_client_new_for_connection_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_clear_object (&client);
      return;
    }
  if (client == NULL)
    {
      set_unavailable (self, error);
      return;
    }
  self->client = client;
  g_signal_connect_object (client, "changed", G_CALLBACK (read_anew), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (udisks_client_get_object_manager (client), "notify::name-owner",
                           G_CALLBACK (read_anew), self, G_CONNECT_SWAPPED);
  read_anew (self);
}

static void
bus_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (ValiseDriveList) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (bus == NULL)
    {
      set_unavailable (self, error);
      return;
    }
  /* A bus that is restarted does not end the program. */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  udisks_client_new_for_connection (bus, self->cancellable, client_cb, g_object_ref (self));
}

/* ---- the object ---- */

static void
valise_drive_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ValiseDriveList *self = VALISE_DRIVE_LIST (object);

  if (id == PROP_STATE)
    g_value_set_enum (value, self->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
valise_drive_list_dispose (GObject *object)
{
  ValiseDriveList *self = VALISE_DRIVE_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (valise_drive_list_parent_class)->dispose (object);
}

static void
valise_drive_list_finalize (GObject *object)
{
  ValiseDriveList *self = VALISE_DRIVE_LIST (object);

  g_ptr_array_unref (self->drives);
  g_hash_table_unref (self->known);
  g_hash_table_unref (self->shared);
  g_object_unref (self->cancellable);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (valise_drive_list_parent_class)->finalize (object);
}

static void
valise_drive_list_class_init (ValiseDriveListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = valise_drive_list_get_property;
  object_class->dispose = valise_drive_list_dispose;
  object_class->finalize = valise_drive_list_finalize;

  /**
   * ValiseDriveList:state:
   *
   * Whether the list can be relied upon.
   */
  properties[PROP_STATE]
      = g_param_spec_enum ("state", NULL, NULL, VALISE_TYPE_DRIVE_LIST_STATE,
                           VALISE_DRIVE_LIST_STARTING,
                           G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
valise_drive_list_init (ValiseDriveList *self)
{
  self->drives = g_ptr_array_new_with_free_func (g_object_unref);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, weak_ref_free);
  self->shared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cancellable = g_cancellable_new ();
}

/**
 * valise_drive_list_new:
 *
 * Begins to list the drives; see #ValiseDriveList:state. Those that are refused are listed, too.
 *
 * Returns: (transfer full): a #GListModel of #ValiseDrive, empty at first
 */
ValiseDriveList *
valise_drive_list_new (void)
{
  ValiseDriveList *self = g_object_new (VALISE_TYPE_DRIVE_LIST, NULL);

  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, bus_cb, g_object_ref (self));
  return self;
}

/**
 * valise_drive_list_get_state:
 * @self: a list
 *
 * Returns: whether it can be relied upon
 */
ValiseDriveListState
valise_drive_list_get_state (ValiseDriveList *self)
{
  return self->state;
}

/**
 * valise_drive_list_get_error:
 * @self: a list
 *
 * Returns: (transfer none) (nullable): why it is %VALISE_DRIVE_LIST_UNAVAILABLE
 */
const GError *
valise_drive_list_get_error (ValiseDriveList *self)
{
  return self->error;
}

/* ---- names ---- */

/**
 * valise_drive_list_resolve:
 * @self: a list that is ready
 * @name: a node, one of its other names, a serial number, a model, an id
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * A name that fits two drives is refused. That it fits none is no error.
 *
 * Returns: (transfer full) (nullable): the drive that is called so
 */
ValiseDrive *
valise_drive_list_resolve (ValiseDriveList *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  guint position;

  for (guint i = 0; i < self->drives->len; i++)
    g_ptr_array_add (all, (gpointer) valise_drive_get_facts (self->drives->pdata[i]));
  if (!valise_drive_names_find (all, name, &position, error))
    return NULL;
  return g_object_ref (self->drives->pdata[position]);
}
