/* valise-mount.c: an ISO, mounted by udisks2.
 *
 * Saves the copy of an image file that is inside. Nobody is asked for a password: where udisks2
 * would have to ask, or is not there, a copy is what is left. Calls block; a job's thread.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-mount.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

#define NAME "org.freedesktop.UDisks2"
#define MANAGER "/org/freedesktop/UDisks2/Manager"
#define TIMEOUT_MS 20000

/* How long the file system may take to be found on the new loop device. */
#define PROBE_TRIES 50
#define PROBE_WAIT_US (100 * 1000)

struct _ValiseMount
{
  GDBusConnection *bus;
  char *loop; /* (nullable): object path of the loop device that was made */
  char *path; /* (nullable): where it is mounted */
};

static GVariant *
call (ValiseMount *self, const char *object, const char *interface, const char *method,
      GVariant *parameters, const char *reply, GUnixFDList *fds, GCancellable *cancellable,
      GError **error)
{
  return g_dbus_connection_call_with_unix_fd_list_sync (
      self->bus, NAME, object, interface, method, parameters, G_VARIANT_TYPE (reply),
      G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, fds, NULL, cancellable, error);
}

static GVariantBuilder *
options_new (void)
{
  GVariantBuilder *options = g_variant_builder_new (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (options, "{sv}", "auth.no_user_interaction", g_variant_new_boolean (TRUE));
  return options;
}

static gboolean
set_up_loop (ValiseMount *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr (GVariantBuilder) options = options_new ();
  g_autoptr (GVariant) reply = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  int index;

  if (fd < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return FALSE;
    }
  index = g_unix_fd_list_append (fds, fd, error);
  close (fd);
  if (index < 0)
    return FALSE;
  g_variant_builder_add (options, "{sv}", "read-only", g_variant_new_boolean (TRUE));
  g_variant_builder_add (options, "{sv}", "no-part-scan", g_variant_new_boolean (TRUE));
  reply = call (self, MANAGER, NAME ".Manager", "LoopSetup",
                g_variant_new ("(ha{sv})", index, options), "(o)", fds, cancellable, error);
  if (reply != NULL)
    g_variant_get (reply, "(o)", &self->loop);
  return reply != NULL;
}

/* Where something else, such as the desktop, has mounted the loop device already. */
static char *
get_mount_point (ValiseMount *self)
{
  g_autoptr (GVariant) reply
      = call (self, self->loop, "org.freedesktop.DBus.Properties", "Get",
              g_variant_new ("(ss)", NAME ".Filesystem", "MountPoints"), "(v)", NULL, NULL, NULL);
  g_autoptr (GVariant) points = NULL;
  g_autoptr (GVariant) first = NULL;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(v)", &points);
  if (!g_variant_is_of_type (points, G_VARIANT_TYPE ("aay")) || g_variant_n_children (points) == 0)
    return NULL;
  first = g_variant_get_child_value (points, 0);
  return g_strdup (g_variant_get_bytestring (first));
}

static gboolean
is_remote_error (const GError *error, const char *name)
{
  g_autofree char *remote = g_dbus_error_get_remote_error (error);

  return g_strcmp0 (remote, name) == 0;
}

static gboolean
mount (ValiseMount *self, GCancellable *cancellable, GError **error)
{
  for (guint try = 0;; try++)
    {
      g_autoptr (GVariantBuilder) options = options_new ();
      g_autoptr (GError) local_error = NULL;
      g_autoptr (GVariant) reply = NULL;

      g_variant_builder_add (options, "{sv}", "fstype", g_variant_new_string ("udf"));
      g_variant_builder_add (options, "{sv}", "options", g_variant_new_string ("ro"));
      reply = call (self, self->loop, NAME ".Filesystem", "Mount",
                    g_variant_new ("(a{sv})", options), "(s)", NULL, cancellable, &local_error);
      if (reply != NULL)
        {
          g_variant_get (reply, "(s)", &self->path);
          return TRUE;
        }
      if (is_remote_error (local_error, NAME ".Error.AlreadyMounted"))
        self->path = get_mount_point (self);
      if (self->path != NULL)
        return TRUE;
      /* Until udev has looked at the device, it has no such interface. */
      if (try < PROBE_TRIES
          && (g_error_matches (local_error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
              || g_error_matches (local_error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE)
              || g_error_matches (local_error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT)))
        {
          g_usleep (PROBE_WAIT_US);
          continue;
        }
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
}

/**
 * valise_mount_new:
 * @path: an ISO with a UDF file system
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %G_IO_ERROR or %G_DBUS_ERROR; for the log, not for users
 *
 * Has udisks2 mount an ISO, read-only.
 *
 * Returns: (transfer full) (nullable): the mount; %NULL also where there is no udisks2
 */
ValiseMount *
valise_mount_new (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseMount) self = g_new0 (ValiseMount, 1);
  g_autofree char *address
      = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, cancellable, error);

  if (address == NULL)
    return NULL;
  self->bus = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, cancellable, error);
  if (self->bus == NULL || !set_up_loop (self, path, cancellable, error)
      || !mount (self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * valise_mount_get_path:
 * @self: a mount
 *
 * Returns: (transfer none): the folder where it is mounted
 */
const char *
valise_mount_get_path (ValiseMount *self)
{
  return self->path;
}

/* Calls @method, once more with force where it fails. */
static void
undo (ValiseMount *self, const char *interface, const char *method, gboolean can_force)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariantBuilder) gently = options_new ();
  g_autoptr (GVariant) reply = call (self, self->loop, interface, method,
                                     g_variant_new ("(a{sv})", gently), "()", NULL, NULL, &error);

  if (reply != NULL)
    return;
  g_debug ("%s of %s: %s", method, self->loop, error->message);
  if (can_force)
    {
      g_autoptr (GVariantBuilder) options = options_new ();
      g_autoptr (GVariant) again = NULL;

      g_variant_builder_add (options, "{sv}", "force", g_variant_new_boolean (TRUE));
      again = call (self, self->loop, interface, method, g_variant_new ("(a{sv})", options), "()",
                    NULL, NULL, NULL);
    }
}

/**
 * valise_mount_free:
 * @self: (transfer full): a mount
 *
 * Unmounts the ISO and takes its loop device down.
 */
void
valise_mount_free (ValiseMount *self)
{
  if (self->path != NULL)
    undo (self, NAME ".Filesystem", "Unmount", TRUE);
  if (self->loop != NULL)
    undo (self, NAME ".Loop", "Delete", FALSE);
  if (self->bus != NULL)
    {
      g_dbus_connection_close_sync (self->bus, NULL, NULL);
      g_object_unref (self->bus);
    }
  g_free (self->path);
  g_free (self->loop);
  g_free (self);
}
