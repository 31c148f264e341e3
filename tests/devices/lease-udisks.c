/* lease-udisks.c: a udisks2 with one drive, which does what a script says.
 *
 * Made of libudisks2's own skeletons, in a thread of its own. It holds what the real one holds:
 * nothing is opened exclusively while anything is mounted or unlocked, and nothing is locked that
 * is mounted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "lease-udisks.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <udisks/udisks.h>
#include <unistd.h>

#define ROOT "/org/freedesktop/UDisks2"
#define BLOCKS ROOT "/block_devices/"
#define DRIVE ROOT "/drives/Stick_1"

struct _LeaseUdisks
{
  LeaseScript script; /* the thread's */
  GDBusConnection *connection;
  GDBusObjectManagerServer *manager;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  UDisksFilesystem *files;  /* of the first partition */
  UDisksFilesystem *secret; /* of the unlocked volume; NULL while it is locked */
  guint n_looks;

  GMutex lock; /* guards the rest */
  GString *calls;
};

/* ---- the objects ---- */

static UDisksObjectSkeleton *
add_object (LeaseUdisks *self, const char *path)
{
  UDisksObjectSkeleton *object = udisks_object_skeleton_new (path);

  g_object_set_data (G_OBJECT (object), "fake", self);
  return object;
}

static void
export (LeaseUdisks *self, UDisksObjectSkeleton *object)
{
  g_dbus_object_manager_server_export (self->manager, G_DBUS_OBJECT_SKELETON (object));
  g_object_unref (object);
}

static UDisksBlock *
block_new (LeaseUdisks *self, UDisksObjectSkeleton *object, const char *device)
{
  UDisksBlock *block = udisks_block_skeleton_new ();
  const char *const links[] = { "/dev/disk/by-id/fake", NULL };

  udisks_block_set_device (block, device);
  udisks_block_set_preferred_device (block, device);
  udisks_block_set_drive (block, self->script.no_drive ? "/" : DRIVE);
  udisks_block_set_size (block, self->script.size);
  udisks_block_set_crypto_backing_device (block, "/");
  udisks_block_set_mdraid (block, "/");
  udisks_block_set_mdraid_member (block, "/");
  if (g_str_equal (device, self->script.device))
    {
      udisks_block_set_device_number (block, self->script.number);
      udisks_block_set_symlinks (block, links);
    }
  else
    udisks_block_set_device_number (block, 1000000 + strlen (device));
  udisks_object_skeleton_set_block (object, block);
  g_object_unref (block);
  return block;
}

static UDisksFilesystem *add_files (LeaseUdisks *self, UDisksObjectSkeleton *object,
                                    const char *const *mounts);

static void
add_secret (LeaseUdisks *self)
{
  static const char *const mounts[] = { "/media/secret", NULL };
  UDisksObjectSkeleton *object = add_object (self, BLOCKS "dm_2d7");
  UDisksBlock *block = block_new (self, object, "/dev/dm-7");

  udisks_block_set_drive (block, "/");
  udisks_block_set_crypto_backing_device (block, BLOCKS "fake2");
  self->secret
      = add_files (self, object, self->script.luks == LUKS_MOUNTED ? mounts : mounts + 1);
  export (self, object);
}

static void
remove_secret (LeaseUdisks *self)
{
  self->secret = NULL;
  g_dbus_object_manager_server_unexport (self->manager, BLOCKS "dm_2d7");
}

static void
remove_all (LeaseUdisks *self)
{
  static const char *const paths[] = { "fake", "fake1", "fake2", "fake3", "dm_2d7", "md127" };

  self->files = self->secret = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path = g_strconcat (BLOCKS, paths[i], NULL);

      g_dbus_object_manager_server_unexport (self->manager, path);
    }
  g_dbus_object_manager_server_unexport (self->manager, DRIVE);
}

/* ---- what it is told ---- */

static void add_all (LeaseUdisks *self);

static gboolean
is_at (const char *wanted, const char *method)
{
  return wanted != NULL && g_str_equal (wanted, method);
}

/* Notes the call. Returns whether the script has answered it. */
static gboolean
arrive (LeaseUdisks *self, const char *method, GDBusMethodInvocation *invocation)
{
  g_autofree char *base
      = g_path_get_basename (g_dbus_method_invocation_get_object_path (invocation));
  g_autofree char *name = NULL;

  g_mutex_lock (&self->lock);
  g_string_append_printf (self->calls, "%s%s:%s", self->calls->len > 0 ? " " : "", method, base);
  g_mutex_unlock (&self->lock);
  if (is_at (self->script.cancel_at, method))
    g_cancellable_cancel (self->script.cancellable);
  if (is_at (self->script.remove_at, method))
    {
      remove_all (self);
      self->script.remove_at = NULL;
      if (self->script.replace)
        {
          self->script.size += 512;
          add_all (self);
        }
      /* The real one sees its ioctl fail. */
      g_dbus_method_invocation_return_error (invocation, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                                             "Error: %s", g_strerror (ENXIO));
      return TRUE;
    }
  if (!is_at (self->script.fail, method) || self->script.times == 0)
    return FALSE;
  self->script.times--;
  if (g_str_equal (self->script.error, "Silence"))
    {
      g_object_unref (invocation);
      return TRUE;
    }
  name = g_strconcat (g_str_has_prefix (self->script.error, "Unknown")
                          ? "org.freedesktop.DBus.Error."
                          : "org.freedesktop.UDisks2.Error.",
                      self->script.error, NULL);
  g_dbus_method_invocation_return_dbus_error (invocation, name, "as the script says");
  return TRUE;
}

static gboolean
return_busy (GDBusMethodInvocation *invocation)
{
  /* In the words of udisks2 2.9. */
  g_dbus_method_invocation_return_error (invocation, UDISKS_ERROR, UDISKS_ERROR_FAILED,
                                         "Error opening device /dev/fake: %s", g_strerror (EBUSY));
  return TRUE;
}

static void
check_may_ask (GVariant *options, gboolean expected)
{
  gboolean quiet = FALSE;

  g_variant_lookup (options, "auth.no_user_interaction", "b", &quiet);
  g_assert_cmpint (!quiet, ==, expected);
}

static gboolean
unmount_cb (UDisksFilesystem *files, GDBusMethodInvocation *invocation, GVariant *options,
            gpointer data)
{
  LeaseUdisks *self = data;
  const char *const *mounts = udisks_filesystem_get_mount_points (files);
  gboolean force = FALSE;

  check_may_ask (options, TRUE);
  g_variant_lookup (options, "force", "b", &force);
  g_assert_false (force);
  if (arrive (self, "Unmount", invocation))
    return TRUE;
  if (mounts == NULL || mounts[0] == NULL)
    {
      g_dbus_method_invocation_return_error_literal (invocation, UDISKS_ERROR,
                                                     UDISKS_ERROR_NOT_MOUNTED, "not mounted");
      return TRUE;
    }
  if (self->script.remounts > 0)
    self->script.remounts--;
  else
    {
      g_auto (GStrv) rest = g_strdupv ((GStrv) mounts + 1);

      udisks_filesystem_set_mount_points (files, (const char *const *) rest);
    }
  udisks_filesystem_complete_unmount (files, invocation);
  return TRUE;
}

static gboolean
is_mounted (UDisksFilesystem *files)
{
  const char *const *mounts = files != NULL ? udisks_filesystem_get_mount_points (files) : NULL;

  return mounts != NULL && mounts[0] != NULL;
}

static gboolean
lock_cb (UDisksEncrypted *encrypted, GDBusMethodInvocation *invocation, GVariant *options,
         gpointer data)
{
  LeaseUdisks *self = data;

  check_may_ask (options, TRUE);
  if (arrive (self, "Lock", invocation))
    return TRUE;
  if (is_mounted (self->secret))
    return return_busy (invocation);
  remove_secret (self);
  udisks_encrypted_complete_lock (encrypted, invocation);
  return TRUE;
}

static gboolean
open_cb (UDisksBlock *block, GDBusMethodInvocation *invocation, GUnixFDList *list,
         const char *mode, GVariant *options, gpointer data)
{
  LeaseUdisks *self = data;
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  g_autoptr (GError) error = NULL;
  static const char *const again[] = { "/media/again", NULL };
  gboolean reads = g_str_equal (mode, "r");
  int flags = 0, fd;

  check_may_ask (options, TRUE);
  g_assert_true (reads || g_str_equal (mode, "rw"));
  g_assert_true (g_variant_lookup (options, "flags", "i", &flags));
  g_assert_cmpint (flags, ==, (reads ? 0 : O_EXCL) | O_DIRECT | O_CLOEXEC);
  if (arrive (self, "OpenDevice", invocation))
    return TRUE;
  if (self->script.race)
    udisks_filesystem_set_mount_points (self->files, again);
  self->script.race = FALSE;
  if (!reads && (is_mounted (self->files) || self->secret != NULL))
    return return_busy (invocation);
  fd = open (self->script.file, (reads ? O_RDONLY : O_RDWR) | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (g_unix_fd_list_append (fds, fd, &error), ==, 0);
  close (fd);
  udisks_block_complete_open_device (block, invocation, fds, g_variant_new_handle (0));
  return TRUE;
}

static gboolean
rescan_cb (UDisksBlock *block, GDBusMethodInvocation *invocation, GVariant *options, gpointer data)
{
  check_may_ask (options, FALSE);
  if (!arrive (data, "Rescan", invocation))
    udisks_block_complete_rescan (block, invocation);
  return TRUE;
}

static gboolean
off_cb (UDisksDrive *drive, GDBusMethodInvocation *invocation, GVariant *options, gpointer data)
{
  LeaseUdisks *self = data;

  check_may_ask (options, TRUE);
  if (arrive (self, "PowerOff", invocation))
    return TRUE;
  if (is_mounted (self->files) || self->secret != NULL)
    return return_busy (invocation);
  udisks_drive_complete_power_off (drive, invocation);
  remove_all (self);
  return TRUE;
}

static gboolean
eject_cb (UDisksDrive *drive, GDBusMethodInvocation *invocation, GVariant *options, gpointer data)
{
  check_may_ask (options, TRUE);
  if (!arrive (data, "Eject", invocation))
    udisks_drive_complete_eject (drive, invocation);
  return TRUE;
}

/* ---- making it ---- */

static UDisksFilesystem *
add_files (LeaseUdisks *self, UDisksObjectSkeleton *object, const char *const *mounts)
{
  UDisksFilesystem *files = udisks_filesystem_skeleton_new ();

  udisks_filesystem_set_mount_points (files, mounts);
  g_signal_connect (files, "handle-unmount", G_CALLBACK (unmount_cb), self);
  udisks_object_skeleton_set_filesystem (object, files);
  g_object_unref (files);
  return files;
}

static UDisksObjectSkeleton *
partition_new (LeaseUdisks *self, guint number, UDisksBlock **block)
{
  g_autofree char *path = g_strdup_printf (BLOCKS "fake%u", number);
  g_autofree char *device = g_strdup_printf ("%s%u", self->script.device, number);
  g_autoptr (UDisksPartition) partition = udisks_partition_skeleton_new ();
  UDisksObjectSkeleton *object = add_object (self, path);

  *block = block_new (self, object, device);
  udisks_partition_set_table (partition, BLOCKS "fake");
  udisks_partition_set_number (partition, number);
  udisks_object_skeleton_set_partition (object, partition);
  return object;
}

static void
add_drive (LeaseUdisks *self)
{
  g_autoptr (UDisksDrive) drive = udisks_drive_skeleton_new ();
  UDisksObjectSkeleton *object = add_object (self, DRIVE);

  udisks_drive_set_can_power_off (drive, self->script.can_power_off);
  udisks_drive_set_ejectable (drive, self->script.ejectable);
  g_signal_connect (drive, "handle-power-off", G_CALLBACK (off_cb), self);
  g_signal_connect (drive, "handle-eject", G_CALLBACK (eject_cb), self);
  udisks_object_skeleton_set_drive (object, drive);
  export (self, object);
}

static void
add_whole (LeaseUdisks *self)
{
  UDisksObjectSkeleton *object = add_object (self, BLOCKS "fake");
  UDisksBlock *block = block_new (self, object, self->script.device);
  g_autoptr (UDisksPartitionTable) table = udisks_partition_table_skeleton_new ();
  g_autoptr (UDisksPartition) partition = udisks_partition_skeleton_new ();

  udisks_block_set_read_only (block, self->script.read_only);
  g_signal_connect (block, "handle-open-device", G_CALLBACK (open_cb), self);
  g_signal_connect (block, "handle-rescan", G_CALLBACK (rescan_cb), self);
  udisks_partition_set_table (partition, BLOCKS "other");
  udisks_partition_table_set_type_ (table, "dos");
  if (self->script.is_partition)
    udisks_object_skeleton_set_partition (object, partition);
  else
    udisks_object_skeleton_set_partition_table (object, table);
  export (self, object);
}

/* Another stick with the same serial number: one drive to udisks2, and none of ours. */
static void
add_twin (LeaseUdisks *self)
{
  static const char *const mounts[] = { "/media/twin", NULL };
  UDisksObjectSkeleton *object = add_object (self, BLOCKS "twin");

  block_new (self, object, "/dev/twin");
  add_files (self, object, mounts);
  export (self, object);
}

static void
add_third (LeaseUdisks *self)
{
  g_autoptr (UDisksSwapspace) swap = udisks_swapspace_skeleton_new ();
  UDisksBlock *block;
  UDisksObjectSkeleton *object = partition_new (self, 3, &block);

  udisks_swapspace_set_active (swap, self->script.swaps);
  udisks_object_skeleton_set_swapspace (object, swap);
  if (self->script.raid)
    {
      UDisksObjectSkeleton *array = add_object (self, BLOCKS "md127");

      udisks_block_set_mdraid_member (block, ROOT "/mdraid/1");
      udisks_block_set_mdraid (block_new (self, array, "/dev/md127"), ROOT "/mdraid/1");
      export (self, array);
    }
  export (self, object);
}

static void
add_all (LeaseUdisks *self)
{
  UDisksBlock *block;
  UDisksObjectSkeleton *object;

  if (!self->script.no_drive)
    add_drive (self);
  add_whole (self);
  object = partition_new (self, 1, &block);
  udisks_block_set_id_type (block, "vfat");
  udisks_block_set_id_label (block, "OLDSTICK");
  self->files = add_files (self, object, self->script.mounts);
  export (self, object);
  add_third (self);
  if (self->script.luks == LUKS_NONE)
    return;
  object = partition_new (self, 2, &block);
  udisks_block_set_id_type (block, "crypto_LUKS");
  {
    g_autoptr (UDisksEncrypted) encrypted = udisks_encrypted_skeleton_new ();

    g_signal_connect (encrypted, "handle-lock", G_CALLBACK (lock_cb), self);
    udisks_object_skeleton_set_encrypted (object, encrypted);
  }
  export (self, object);
  if (self->script.luks != LUKS_LOCKED)
    add_secret (self);
}

static gpointer
serve (gpointer data)
{
  LeaseUdisks *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static gboolean
remove_idle (gpointer data)
{
  remove_all (data);
  return G_SOURCE_REMOVE;
}

/* In GDBus's own thread, before the objects are listed. */
static GDBusMessage *
filter (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  LeaseUdisks *self = data;
  g_autofree char *look = NULL;

  if (!incoming || g_strcmp0 (g_dbus_message_get_member (message), "GetManagedObjects") != 0)
    return message;
  look = g_strdup_printf ("look %u", ++self->n_looks);
  /* Dispatched before the call, which takes the same way with a lower priority. */
  if (is_at (self->script.remove_at, look))
    g_main_context_invoke_full (self->context, G_PRIORITY_HIGH, remove_idle, self, NULL);
  if (is_at (self->script.cancel_at, look))
    g_cancellable_cancel (self->script.cancellable);
  return message;
}

/* A udisks2 on the bus at @bus_address. */
LeaseUdisks *
lease_udisks_new (const char *bus_address, const LeaseScript *script)
{
  LeaseUdisks *self = g_new0 (LeaseUdisks, 1);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  self->script = *script;
  self->calls = g_string_new (NULL);
  g_mutex_init (&self->lock);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_main_context_push_thread_default (self->context);
  self->connection = g_dbus_connection_new_for_address_sync (
      bus_address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_add_filter (self->connection, filter, self, NULL);
  self->manager = g_dbus_object_manager_server_new (ROOT);
  add_twin (self);
  add_all (self);
  g_dbus_object_manager_server_set_connection (self->manager, self->connection);
  g_main_context_pop_thread_default (self->context);
  self->thread = g_thread_new ("udisks", serve, self);
  reply = g_dbus_connection_call_sync (
      self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", "org.freedesktop.UDisks2", 0), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return self;
}

typedef struct
{
  LeaseUdisks *self;
  char *folder;
} Mount;

static gboolean
mount_idle (gpointer data)
{
  Mount *mount = data;
  const char *mounts[] = { mount->folder, NULL };

  if (mount->self->files != NULL)
    udisks_filesystem_set_mount_points (mount->self->files, mounts);
  g_free (mount->folder);
  g_free (mount);
  return G_SOURCE_REMOVE;
}

/* Mounts the first partition, as a desktop would; done before any later call is answered. */
void
lease_udisks_mount (LeaseUdisks *self, const char *folder)
{
  Mount *mount = g_new0 (Mount, 1);

  mount->self = self;
  mount->folder = g_strdup (folder);
  g_main_context_invoke_full (self->context, G_PRIORITY_HIGH, mount_idle, mount, NULL);
}

/* The methods that were called, each as NAME:OBJECT. */
char *
lease_udisks_dup_calls (LeaseUdisks *self)
{
  char *calls;

  g_mutex_lock (&self->lock);
  calls = g_strdup (self->calls->str);
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
lease_udisks_free (LeaseUdisks *self)
{
  /* From inside: a loop that its thread has not begun yet would forget that it was told to end. */
  g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, quit_idle, self->loop, NULL);
  g_thread_join (self->thread);
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_object_unref (self->manager);
  g_object_unref (self->connection);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  g_string_free (self->calls, TRUE);
  g_free (self);
}
