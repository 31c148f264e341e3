/* fake-udisks.c: a udisks2 that sets up no loop device and mounts nothing.
 *
 * It answers on a bus of its own, in a thread of its own, with the methods that valise-mount.c
 * calls, and says that @folder is where the disc is mounted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fake-udisks.h"

#include <string.h>

#define LOOP "/org/freedesktop/UDisks2/block_devices/loop7"

struct _FakeUdisks
{
  FakeUdisksMode mode;
  char *folder;
  GTestDBus *bus;
  GDBusConnection *connection;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GMutex lock; /* guards the rest */
  GString *calls;
  guint n_mounts;
};

static const char interfaces[]
    = "<node>"
      "<interface name='org.freedesktop.UDisks2.Manager'>"
      "<method name='LoopSetup'><arg type='h' direction='in'/><arg type='a{sv}' direction='in'/>"
      "<arg type='o' direction='out'/></method></interface>"
      "<interface name='org.freedesktop.UDisks2.Filesystem'>"
      "<method name='Mount'><arg type='a{sv}' direction='in'/><arg type='s' direction='out'/>"
      "</method><method name='Unmount'><arg type='a{sv}' direction='in'/></method>"
      "<property name='MountPoints' type='aay' access='read'/></interface>"
      "<interface name='org.freedesktop.UDisks2.Loop'>"
      "<method name='Delete'><arg type='a{sv}' direction='in'/></method></interface>"
      "</node>";

gboolean
fake_udisks_available (void)
{
  g_autofree char *program = g_find_program_in_path ("dbus-daemon");

  return program != NULL;
}

static void
note (FakeUdisks *self, const char *call)
{
  g_mutex_lock (&self->lock);
  g_string_append_printf (self->calls, "%s ", call);
  g_mutex_unlock (&self->lock);
}

static void
method_call (GDBusConnection *connection, const char *sender, const char *object,
             const char *interface, const char *method, GVariant *parameters,
             GDBusMethodInvocation *invocation, gpointer data)
{
  FakeUdisks *self = data;
  GUnixFDList *fds
      = g_dbus_message_get_unix_fd_list (g_dbus_method_invocation_get_message (invocation));
  g_autoptr (GVariant) options
      = g_variant_get_child_value (parameters, g_variant_n_children (parameters) - 1);
  gboolean read_only = FALSE, quiet = FALSE;

  note (self, method);
  g_assert_true (g_variant_lookup (options, "auth.no_user_interaction", "b", &quiet) && quiet);
  if (g_str_equal (method, "LoopSetup"))
    {
      g_assert_true (g_variant_lookup (options, "read-only", "b", &read_only) && read_only);
      g_assert_nonnull (fds);
      if (self->mode == FAKE_UDISKS_REFUSES)
        g_dbus_method_invocation_return_dbus_error (
            invocation, "org.freedesktop.UDisks2.Error.NotAuthorizedCanObtain", "no");
      else
        g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", LOOP));
      return;
    }
  if (!g_str_equal (method, "Mount"))
    {
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  self->n_mounts++;
  if (self->mode == FAKE_UDISKS_SLOW && self->n_mounts < 3)
    g_dbus_method_invocation_return_dbus_error (
        invocation, "org.freedesktop.DBus.Error.UnknownMethod", "not yet");
  else if (self->mode == FAKE_UDISKS_ALREADY_MOUNTED)
    g_dbus_method_invocation_return_dbus_error (
        invocation, "org.freedesktop.UDisks2.Error.AlreadyMounted", "already");
  else if (self->mode == FAKE_UDISKS_MOUNT_REFUSED)
    g_dbus_method_invocation_return_dbus_error (
        invocation, "org.freedesktop.UDisks2.Error.NotAuthorized", "no");
  else
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", self->folder));
}

static GVariant *
get_property (GDBusConnection *connection, const char *sender, const char *object,
              const char *interface, const char *property, GError **error, gpointer data)
{
  FakeUdisks *self = data;
  const char *points[] = { self->folder, NULL };

  note (self, "Get");
  return g_variant_new_bytestring_array (points, -1);
}

static gpointer
serve (gpointer data)
{
  FakeUdisks *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

FakeUdisks *
fake_udisks_new (FakeUdisksMode mode, const char *folder)
{
  static const GDBusInterfaceVTable vtable = { method_call, get_property, NULL, { 0 } };
  FakeUdisks *self = g_new0 (FakeUdisks, 1);
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (interfaces, NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  self->mode = mode;
  self->folder = g_strdup (folder);
  self->calls = g_string_new (NULL);
  g_mutex_init (&self->lock);
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", g_test_dbus_get_bus_address (self->bus), TRUE);

  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_main_context_push_thread_default (self->context);
  self->connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (self->bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; info->interfaces[i] != NULL; i++)
    {
      g_dbus_connection_register_object (
          self->connection, i == 0 ? "/org/freedesktop/UDisks2/Manager" : LOOP,
          info->interfaces[i], &vtable, self, NULL, &error);
      g_assert_no_error (error);
    }
  g_main_context_pop_thread_default (self->context);
  self->thread = g_thread_new ("udisks", serve, self);
  reply = g_dbus_connection_call_sync (
      self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", "org.freedesktop.UDisks2", 0), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return self;
}

/* The names of the methods that were called, each followed by a blank. */
const char *
fake_udisks_get_calls (FakeUdisks *self)
{
  const char *calls;

  g_mutex_lock (&self->lock);
  calls = self->calls->str;
  g_mutex_unlock (&self->lock);
  return calls;
}

static gboolean
quit_idle (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

void
fake_udisks_free (FakeUdisks *self)
{
  /* From inside: a loop that its thread has not begun yet would forget that it was told to end. */
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, quit_idle, self->loop, NULL);
  g_thread_join (self->thread);
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_object_unref (self->connection);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_test_dbus_down (self->bus);
  g_object_unref (self->bus);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  g_mutex_clear (&self->lock);
  g_string_free (self->calls, TRUE);
  g_free (self->folder);
  g_free (self);
}
