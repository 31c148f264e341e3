/* valise-lease-bus.c: calls to udisks2 from a lease's thread, and the words for what it answers.
 *
 * Whatever is read is asked for anew: what a client keeps of udisks2's objects is behind by as many
 * signals as nobody has looked at yet, and a lease has to know how things are now.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-bus.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <udisks/udisks.h>

#include "core/valise-error.h"

#define NAME "org.freedesktop.UDisks2"
#define ROOT "/org/freedesktop/UDisks2"

/* Behind a call may be somebody who looks for a password. */
#define NO_TIMEOUT G_MAXINT
#define READ_TIMEOUT_MS 25000

struct _ValiseLeaseBus
{
  GDBusConnection *connection;
};

static gboolean
is_cancelled (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* udisks2 is not there; see valise_lease_bus_set_error() for what goes wrong later. */
static void
set_no_udisks (GError **error, GError *why)
{
  if (is_cancelled (why))
    {
      g_propagate_error (error, g_error_copy (why));
      return;
    }
  g_debug ("no udisks2: %s", why->message);
  g_set_error_literal (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS,
                       _("The service udisks2, which opens drives for users, does not answer. "
                         "Install or start it (“systemctl start udisks2”), or run Valise as "
                         "root."));
}

/**
 * valise_lease_bus_new:
 * @cancellable: (nullable): ends it
 * @error: where to put an error: %VALISE_SYSTEM_ERROR_NO_UDISKS where there is no system bus
 *
 * Connects to the system bus. Blocks.
 *
 * Returns: (transfer full) (nullable): a connection
 */
ValiseLeaseBus *
valise_lease_bus_new (GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autofree char *address = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  ValiseLeaseBus *self;

  /* Makes GDBus know the names of udisks2's errors. */
  (void) UDISKS_ERROR;
  address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, cancellable, &why);
  if (address != NULL)
    connection = g_dbus_connection_new_for_address_sync (
        address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
            | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, cancellable, &why);
  if (connection == NULL)
    {
      set_no_udisks (error, why);
      return NULL;
    }
  self = g_new0 (ValiseLeaseBus, 1);
  self->connection = g_steal_pointer (&connection);
  return self;
}

/**
 * valise_lease_bus_free:
 * @self: (transfer full): a connection
 */
void
valise_lease_bus_free (ValiseLeaseBus *self)
{
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_object_unref (self->connection);
  g_free (self);
}

/**
 * valise_lease_bus_get_objects:
 * @self: a connection
 * @cancellable: (nullable): ends it
 * @error: where to put an error: %VALISE_SYSTEM_ERROR_NO_UDISKS
 *
 * Starts udisks2 where it does not run. Blocks.
 *
 * Returns: (transfer full) (nullable): all its objects, of the type `a{oa{sa{sv}}}`
 */
GVariant *
valise_lease_bus_get_objects (ValiseLeaseBus *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      self->connection, NAME, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
      G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NONE, READ_TIMEOUT_MS, cancellable,
      &why);

  if (reply != NULL)
    return g_variant_get_child_value (reply, 0);
  set_no_udisks (error, why);
  return NULL;
}

/* Only with the flag does polkit ask anybody, as far as udisks2 did not choose so itself. */
static GVariantBuilder *
options_new (gboolean may_ask)
{
  GVariantBuilder *options = g_variant_builder_new (G_VARIANT_TYPE_VARDICT);

  if (!may_ask)
    g_variant_builder_add (options, "{sv}", "auth.no_user_interaction",
                           g_variant_new_boolean (TRUE));
  return options;
}

/**
 * valise_lease_bus_call:
 * @self: a connection
 * @object: an object's path
 * @interface: an interface; see VALISE_LEASE_INTERFACE()
 * @method: a method that takes nothing but options, and returns nothing
 * @may_ask: whether the user may be asked for a password
 * @cancellable: (nullable): ends it
 * @error: where to put an error as GDBus has it; see valise_lease_bus_set_error()
 *
 * Blocks, for as long as somebody is being asked.
 *
 * Returns: whether it was done
 */
gboolean
valise_lease_bus_call (ValiseLeaseBus *self,
                       const char *object,
                       const char *interface,
                       const char *method,
                       gboolean may_ask,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GVariantBuilder) options = options_new (may_ask);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      self->connection, NAME, object, interface, method, g_variant_new ("(a{sv})", options),
      G_VARIANT_TYPE_UNIT,
      may_ask ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION : G_DBUS_CALL_FLAGS_NONE,
      NO_TIMEOUT, cancellable, error);

  return reply != NULL;
}

/**
 * valise_lease_bus_open_device:
 * @self: a connection
 * @object: a block device's path
 * @mode: `r` or `rw`
 * @flags: for open(), without the access mode
 * @cancellable: (nullable): ends it
 * @error: where to put an error as GDBus has it; see valise_lease_bus_set_error()
 *
 * Opens a block device. Blocks, for as long as somebody is being asked.
 *
 * Returns: a descriptor that is the caller's, or -1
 */
int
valise_lease_bus_open_device (ValiseLeaseBus *self,
                              const char *object,
                              const char *mode,
                              int flags,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (GVariantBuilder) options = options_new (TRUE);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) reply = NULL;
  int index = -1;

  g_variant_builder_add (options, "{sv}", "flags", g_variant_new_int32 (flags));
  reply = g_dbus_connection_call_with_unix_fd_list_sync (
      self->connection, NAME, object, VALISE_LEASE_INTERFACE ("Block"), "OpenDevice",
      g_variant_new ("(sa{sv})", mode, options), G_VARIANT_TYPE ("(h)"),
      G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, NO_TIMEOUT, NULL, &fds, cancellable,
      error);
  if (reply == NULL)
    return -1;
  g_variant_get (reply, "(h)", &index);
  if (fds == NULL || index < 0 || index >= g_unix_fd_list_get_length (fds))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("udisks2 handed over no descriptor"));
      return -1;
    }
  return g_unix_fd_list_get (fds, index, error);
}

/**
 * valise_lease_bus_is_busy:
 * @error: an error of a call
 *
 * Older udisks2 has no error of its own for this, only the system's words, in its own language.
 *
 * Returns: whether something uses the device
 */
gboolean
valise_lease_bus_is_busy (const GError *error)
{
  return g_error_matches (error, UDISKS_ERROR, UDISKS_ERROR_DEVICE_BUSY)
         || (g_error_matches (error, UDISKS_ERROR, UDISKS_ERROR_FAILED)
             && (strstr (error->message, g_strerror (EBUSY)) != NULL
                 || strstr (error->message, "resource busy") != NULL
                 || strstr (error->message, "target is busy") != NULL));
}

/**
 * valise_lease_bus_is_unknown:
 * @error: an error of a call
 *
 * Returns: whether the object is not there any more, or not what it was
 */
gboolean
valise_lease_bus_is_unknown (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT);
}

static gboolean
is_lost (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/**
 * valise_lease_bus_set_error:
 * @error: where to put an error
 * @why: an error of a call
 * @name: what to call the drive
 *
 * Says in words what udisks2 answered. What the user refused, what the rules refuse and what nobody
 * could be asked about are three errors.
 *
 * Returns: %FALSE
 */
gboolean
valise_lease_bus_set_error (GError **error, const GError *why, const char *name)
{
  g_autoptr (GError) plain = g_error_copy (why);

  g_dbus_error_strip_remote_error (plain);
  if (is_cancelled (why))
    g_propagate_error (error, g_steal_pointer (&plain));
  else if (g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED))
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NOT_AUTHORIZED,
                 _("You are not allowed to use “%s”: the rules of this computer forbid it, or the "
                   "password was wrong. Try again, ask the administrator, or run Valise as root."),
                 name);
  else if (g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED_DISMISSED))
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_DISMISSED,
                 _("The question for the password was closed without an answer, so “%s” is left "
                   "alone. Start again and answer it, or run Valise as root."),
                 name);
  else if (g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN))
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_AGENT,
                 _("A password is needed to use “%s”, and no program is there to ask for it (a "
                   "polkit agent). Start Valise from the desktop session, or from a terminal with "
                   "“pkttyagent” installed, or as root."),
                 name);
  else if (valise_lease_bus_is_busy (why))
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
                 _("“%s” is in use by another program. End that program, and try again."), name);
  else if (is_lost (why))
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS,
                 _("The service udisks2 ended or stopped answering while “%s” was being opened: "
                   "%s. Start it (“systemctl restart udisks2”), and try again."),
                 name, plain->message);
  else if (valise_lease_bus_is_unknown (why))
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED,
                 _("“%s” was pulled out. Plug it in and start again."), name);
  else
    /* Translators: a drive, and what udisks2 said. */
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                 _("udisks2 could not do its part with “%s”: %s. Plug the drive in again, and try "
                   "once more."),
                 name, plain->message);
  return FALSE;
}

/**
 * valise_lease_bus_pause:
 * @milliseconds: how long
 * @cancellable: (nullable): ends it
 * @error: where to put %G_IO_ERROR_CANCELLED
 *
 * Returns: whether it was not cancelled
 */
gboolean
valise_lease_bus_pause (guint milliseconds, GCancellable *cancellable, GError **error)
{
  GPollFD poll;

  if (g_cancellable_make_pollfd (cancellable, &poll))
    {
      g_poll (&poll, 1, milliseconds);
      g_cancellable_release_fd (cancellable);
    }
  else
    g_usleep ((gulong) milliseconds * 1000);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
