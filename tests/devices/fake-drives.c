/* fake-drives.c: a udisks2 with the drives that a test wants.
 *
 * Made of libudisks2's own skeletons, in the main context of the thread that makes it. A drive that
 * really is there can be opened, unmounted, rescanned and switched off, which makes it vanish.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fake-drives.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT "/org/freedesktop/UDisks2"
#define NAME "org.freedesktop.UDisks2"

struct _FakeDrives
{
  GDBusConnection *bus;
  GDBusObjectManagerServer *server;
  UDisksObjectSkeleton *manager;
  GHashTable *objects; /* path to UDisksObjectSkeleton: those that are exported */
  guint64 clock;
  int answer;   /* a UDisksError that opening a drive ends with, or -1 */
  char *asking; /* the only drive that it is about, or NULL */
};

static char *
block_path (const char *device)
{
  g_autofree char *name = g_path_get_basename (device);

  g_strdelimit (name, "-.", '_');
  return g_strconcat (ROOT "/block_devices/", name, NULL);
}

/* As udisksd does: by model and serial number, so that two equal ones share it. */
static char *
drive_path (const FakeDrive *drive)
{
  g_autofree char *node = g_path_get_basename (drive->device);
  g_autofree char *name
      = drive->serial != NULL
            ? g_strdup_printf ("%s_%s", drive->model != NULL ? drive->model : "", drive->serial)
            : g_strdup (node);

  for (char *at = name; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at))
      *at = '_';
  return g_strconcat (ROOT "/drives/", name, NULL);
}

static const char *
text (const char *value)
{
  return value != NULL ? value : "";
}

static UDisksObjectSkeleton *
find (FakeDrives *self, const char *path)
{
  return g_hash_table_lookup (self->objects, path);
}

static void
export (FakeDrives *self, UDisksObjectSkeleton *object)
{
  g_dbus_object_manager_server_export (self->server, G_DBUS_OBJECT_SKELETON (object));
  g_hash_table_insert (self->objects,
                       g_strdup (g_dbus_object_get_object_path (G_DBUS_OBJECT (object))), object);
}

static void
unexport (FakeDrives *self, const char *path)
{
  g_dbus_object_manager_server_unexport (self->server, path);
  g_hash_table_remove (self->objects, path);
}

/* ---- methods ---- */

static gboolean
open_device_cb (UDisksBlock *block, GDBusMethodInvocation *invocation, GUnixFDList *none,
                const char *mode, GVariant *options, gpointer data)
{
  g_autoptr (GUnixFDList) fds = g_unix_fd_list_new ();
  const FakeDrives *self = data;
  int flags = 0;
  int fd;

  if (self->answer >= 0
      && (self->asking == NULL || g_str_equal (self->asking, udisks_block_get_device (block))))
    {
      g_dbus_method_invocation_return_error (invocation, UDISKS_ERROR, self->answer,
                                             "Not authorized");
      return TRUE;
    }
  g_variant_lookup (options, "flags", "i", &flags);
  flags |= g_str_equal (mode, "rw") ? O_RDWR : g_str_equal (mode, "w") ? O_WRONLY : O_RDONLY;
  fd = open (udisks_block_get_device (block), flags | O_CLOEXEC);
  if (fd < 0)
    {
      g_dbus_method_invocation_return_error (invocation, UDISKS_ERROR,
                                             errno == EBUSY ? UDISKS_ERROR_DEVICE_BUSY
                                                            : UDISKS_ERROR_FAILED,
                                             "Error opening %s: %s",
                                             udisks_block_get_device (block), g_strerror (errno));
      return TRUE;
    }
  g_unix_fd_list_append (fds, fd, NULL);
  close (fd);
  udisks_block_complete_open_device (block, invocation, fds, g_variant_new_handle (0));
  return TRUE;
}

static gboolean
rescan_cb (UDisksBlock *block, GDBusMethodInvocation *invocation, GVariant *options, gpointer data)
{
  udisks_block_complete_rescan (block, invocation);
  return TRUE;
}

static gboolean
unmount_cb (UDisksFilesystem *files, GDBusMethodInvocation *invocation, GVariant *options,
            gpointer data)
{
  static const char *const nowhere[] = { NULL };

  udisks_filesystem_set_mount_points (files, nowhere);
  udisks_filesystem_complete_unmount (files, invocation);
  return TRUE;
}

static gboolean
eject_cb (UDisksDrive *drive, GDBusMethodInvocation *invocation, GVariant *options, gpointer data)
{
  udisks_drive_complete_eject (drive, invocation);
  return TRUE;
}

static gboolean
power_off_cb (UDisksDrive *drive, GDBusMethodInvocation *invocation, GVariant *options,
              gpointer data)
{
  FakeDrives *self = data;
  g_autofree char *path = g_strdup (g_object_get_data (G_OBJECT (drive), "fake-device"));

  udisks_drive_complete_power_off (drive, invocation);
  fake_drives_remove (self, path, FAKE_REMOVE_BLOCK_FIRST);
  return TRUE;
}

/* ---- objects ---- */

static UDisksBlock *
make_block (FakeDrives *self, const char *device, guint64 size)
{
  UDisksBlock *block = udisks_block_skeleton_new ();
  const char *links[] = { NULL, NULL };
  g_autofree char *name = g_path_get_basename (device);
  g_autofree char *link = g_strconcat ("/dev/disk/by-id/fake-", name, NULL);
  struct stat status;

  links[0] = link;
  udisks_block_set_device (block, device);
  udisks_block_set_preferred_device (block, device);
  udisks_block_set_symlinks (block, links);
  udisks_block_set_size (block, size);
  udisks_block_set_drive (block, "/");
  udisks_block_set_mdraid (block, "/");
  udisks_block_set_mdraid_member (block, "/");
  udisks_block_set_crypto_backing_device (block, "/");
  if (stat (device, &status) == 0 && S_ISBLK (status.st_mode))
    udisks_block_set_device_number (block, status.st_rdev);
  g_signal_connect (block, "handle-open-device", G_CALLBACK (open_device_cb), self);
  g_signal_connect (block, "handle-rescan", G_CALLBACK (rescan_cb), self);
  return block;
}

static void
add_filesystem (FakeDrives *self, UDisksObjectSkeleton *object, const char *mounts)
{
  g_autoptr (GObject) files = G_OBJECT (udisks_filesystem_skeleton_new ());
  g_auto (GStrv) folders = g_strsplit (text (mounts), ":", -1);

  udisks_filesystem_set_mount_points (UDISKS_FILESYSTEM (files), (const char *const *) folders);
  g_signal_connect (files, "handle-unmount", G_CALLBACK (unmount_cb), self);
  udisks_object_skeleton_set_filesystem (object, UDISKS_FILESYSTEM (files));
}

void
fake_drives_add_drive_only (FakeDrives *self, const FakeDrive *spec)
{
  g_autofree char *path = drive_path (spec);
  g_autoptr (UDisksObjectSkeleton) object = NULL;
  g_autoptr (GObject) drive = NULL;
  const char *media[] = { spec->media, NULL };
  g_autofree char *sort_key = NULL;

  if (find (self, path) != NULL)
    return;
  object = udisks_object_skeleton_new (path);
  drive = G_OBJECT (udisks_drive_skeleton_new ());
  sort_key = g_strdup_printf ("01hotplug/%06" G_GUINT64_FORMAT, ++self->clock);
  g_object_set (drive, "vendor", text (spec->vendor), "model", text (spec->model), "serial",
                text (spec->serial), "wwn", text (spec->wwn), "connection-bus",
                spec->bus != NULL ? spec->bus : "usb", "size", spec->size, "media",
                text (spec->media), "media-compatibility", media, "media-available",
                spec->size > 0, "media-removable", !spec->internal, "removable", !spec->internal,
                "ejectable", !spec->fixed, "can-power-off", !spec->fixed, "optical",
                spec->media != NULL && g_str_has_prefix (spec->media, "optical"), "sort-key",
                sort_key, "time-detected", self->clock, NULL);
  g_object_set_data_full (drive, "fake-device", g_strdup (spec->device), g_free);
  g_signal_connect (drive, "handle-eject", G_CALLBACK (eject_cb), self);
  g_signal_connect (drive, "handle-power-off", G_CALLBACK (power_off_cb), self);
  udisks_object_skeleton_set_drive (object, UDISKS_DRIVE (drive));
  export (self, object);
}

void
fake_drives_add_block_only (FakeDrives *self, const FakeDrive *spec)
{
  g_autofree char *path = block_path (spec->device);
  g_autofree char *drive = drive_path (spec);
  g_autoptr (UDisksObjectSkeleton) object = udisks_object_skeleton_new (path);
  g_autoptr (GObject) block = G_OBJECT (make_block (self, spec->device, spec->size));

  udisks_block_set_drive (UDISKS_BLOCK (block), drive);
  udisks_block_set_read_only (UDISKS_BLOCK (block), spec->read_only);
  udisks_object_skeleton_set_block (object, UDISKS_BLOCK (block));
  export (self, object);
}

void
fake_drives_add (FakeDrives *self, const FakeDrive *spec)
{
  fake_drives_add_drive_only (self, spec);
  fake_drives_add_block_only (self, spec);
}

/* The open form of what is encrypted in @object. */
static void
add_opened (FakeDrives *self, const char *backing, const FakePart *part)
{
  g_autofree char *path = block_path (part->opened);
  g_autoptr (UDisksObjectSkeleton) object = udisks_object_skeleton_new (path);
  g_autoptr (GObject) block = G_OBJECT (make_block (self, part->opened, part->size));

  udisks_block_set_crypto_backing_device (UDISKS_BLOCK (block), backing);
  udisks_block_set_id_usage (UDISKS_BLOCK (block), "filesystem");
  udisks_block_set_id_type (UDISKS_BLOCK (block), "ext4");
  udisks_object_skeleton_set_block (object, UDISKS_BLOCK (block));
  add_filesystem (self, object, part->mounts);
  export (self, object);
}

static void
add_raid (FakeDrives *self, UDisksBlock *member, const char *name)
{
  g_autofree char *raid = g_strconcat (ROOT "/mdraid/", name, NULL);
  g_autofree char *device = g_strconcat ("/dev/", name, NULL);
  g_autofree char *path = block_path (device);

  udisks_block_set_mdraid_member (member, raid);
  if (find (self, path) == NULL)
    {
      g_autoptr (UDisksObjectSkeleton) object = udisks_object_skeleton_new (path);
      g_autoptr (GObject) block = G_OBJECT (make_block (self, device, 1 << 20));

      udisks_block_set_mdraid (UDISKS_BLOCK (block), raid);
      udisks_object_skeleton_set_block (object, UDISKS_BLOCK (block));
      export (self, object);
    }
}

static char *
part_device (const char *device, guint number)
{
  return g_strdup_printf (g_ascii_isdigit (device[strlen (device) - 1]) ? "%sp%u" : "%s%u", device,
                          number);
}

/* What a partition, or a drive without any, is used for. */
static void
fill_part (FakeDrives *self, UDisksObjectSkeleton *object, const FakePart *part)
{
  UDisksBlock *block = udisks_object_peek_block (UDISKS_OBJECT (object));

  udisks_block_set_id_usage (block, part->type == NULL     ? ""
                                    : part->opened != NULL ? "crypto"
                                                           : "filesystem");
  udisks_block_set_id_type (block, text (part->type));
  udisks_block_set_id_label (block, text (part->label));
  if (part->swap)
    {
      g_autoptr (GObject) swap = G_OBJECT (udisks_swapspace_skeleton_new ());

      udisks_swapspace_set_active (UDISKS_SWAPSPACE (swap), TRUE);
      udisks_object_skeleton_set_swapspace (object, UDISKS_SWAPSPACE (swap));
    }
  else if (part->opened == NULL)
    add_filesystem (self, object, part->mounts);
  if (part->raid != NULL)
    add_raid (self, block, part->raid);
}

void
fake_drives_add_part (FakeDrives *self, const char *device, const FakePart *part)
{
  g_autofree char *whole_path = block_path (device);
  UDisksObjectSkeleton *whole = find (self, whole_path);
  g_autofree char *node = part_device (device, part->number);
  g_autofree char *path = block_path (part->number > 0 ? node : device);
  UDisksBlock *drive = udisks_object_peek_block (UDISKS_OBJECT (whole));

  if (part->number == 0)
    fill_part (self, whole, part);
  else
    {
      g_autoptr (UDisksObjectSkeleton) object = udisks_object_skeleton_new (path);
      g_autoptr (GObject) block = G_OBJECT (make_block (self, node, part->size));
      g_autoptr (GObject) partition = G_OBJECT (udisks_partition_skeleton_new ());

      if (udisks_object_peek_partition_table (UDISKS_OBJECT (whole)) == NULL)
        {
          g_autoptr (GObject) table = G_OBJECT (udisks_partition_table_skeleton_new ());

          udisks_partition_table_set_type_ (UDISKS_PARTITION_TABLE (table), "gpt");
          udisks_object_skeleton_set_partition_table (whole, UDISKS_PARTITION_TABLE (table));
        }
      udisks_block_set_drive (UDISKS_BLOCK (block), udisks_block_get_drive (drive));
      udisks_partition_set_number (UDISKS_PARTITION (partition), part->number);
      udisks_partition_set_table (UDISKS_PARTITION (partition), whole_path);
      udisks_object_skeleton_set_block (object, UDISKS_BLOCK (block));
      udisks_object_skeleton_set_partition (object, UDISKS_PARTITION (partition));
      fill_part (self, object, part);
      export (self, object);
    }
  if (part->opened != NULL)
    add_opened (self, path, part);
}

void
fake_drives_mount (FakeDrives *self, const char *device, guint number, const char *mounts)
{
  g_autofree char *node = part_device (device, number);
  g_autofree char *path = block_path (number > 0 ? node : device);
  UDisksFilesystem *files = udisks_object_peek_filesystem (UDISKS_OBJECT (find (self, path)));
  g_auto (GStrv) folders = g_strsplit (text (mounts), ":", -1);

  udisks_filesystem_set_mount_points (files, (const char *const *) folders);
}

UDisksBlock *
fake_drives_get_block (FakeDrives *self, const char *device)
{
  g_autofree char *path = block_path (device);
  UDisksObjectSkeleton *object = find (self, path);

  return object != NULL ? udisks_object_peek_block (UDISKS_OBJECT (object)) : NULL;
}

/* A medium comes into a card reader, or, with a size of 0, goes. */
void
fake_drives_set_medium (FakeDrives *self, const char *device, guint64 size)
{
  UDisksBlock *block = fake_drives_get_block (self, device);
  UDisksDrive *drive
      = udisks_object_peek_drive (UDISKS_OBJECT (find (self, udisks_block_get_drive (block))));

  udisks_block_set_size (block, size);
  udisks_drive_set_size (drive, size);
  udisks_drive_set_media_available (drive, size > 0);
}

/* What polkit says when a drive is to be opened, whichever where @device is NULL: a UDisksError, or
 * -1 for yes. */
void
fake_drives_set_answer (FakeDrives *self, const char *device, int code)
{
  self->answer = code;
  g_free (self->asking);
  self->asking = g_strdup (device);
}

/* Those with the same serial number share a drive. */
static gboolean
is_shared (FakeDrives *self, const char *drive, const char *prefix)
{
  GHashTableIter iter;
  gpointer path, object;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, &path, &object))
    {
      UDisksBlock *other = udisks_object_peek_block (object);

      if (other != NULL && !g_str_has_prefix (path, prefix)
          && g_strcmp0 (udisks_block_get_drive (other), drive) == 0)
        return TRUE;
    }
  return FALSE;
}

void
fake_drives_remove (FakeDrives *self, const char *device, FakeRemoval order)
{
  UDisksBlock *block = fake_drives_get_block (self, device);
  g_autofree char *prefix = block_path (device);
  const char *path_of_drive = block != NULL ? udisks_block_get_drive (block) : NULL;
  g_autofree char *drive
      = block != NULL && !is_shared (self, path_of_drive, prefix) ? g_strdup (path_of_drive) : NULL;
  g_autoptr (GList) paths = NULL;

  if (order == FAKE_REMOVE_DRIVE_FIRST && drive != NULL)
    unexport (self, drive);
  paths = g_list_sort (g_hash_table_get_keys (self->objects), (GCompareFunc) strcmp);
  for (GList *at = g_list_last (paths); at != NULL; at = at->prev)
    if (g_str_has_prefix (at->data, prefix))
      {
        g_autofree char *path = g_strdup (at->data);

        unexport (self, path);
      }
  if (order != FAKE_REMOVE_DRIVE_FIRST && drive != NULL)
    unexport (self, drive);
}

/* ---- serving ---- */

/* Owns the name of udisks2 on the bus, or gives it up as a daemon that ends. */
void
fake_drives_serve (FakeDrives *self, gboolean serve)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      self->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      serve ? "RequestName" : "ReleaseName",
      serve ? g_variant_new ("(su)", NAME, 4) : g_variant_new ("(s)", NAME), NULL,
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  g_assert_nonnull (reply);
}

FakeDrives *
fake_drives_new (GDBusConnection *bus)
{
  FakeDrives *self = g_new0 (FakeDrives, 1);
  g_autoptr (GObject) manager = G_OBJECT (udisks_manager_skeleton_new ());

  self->answer = -1;
  self->bus = g_object_ref (bus);
  self->server = g_dbus_object_manager_server_new (ROOT);
  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  udisks_manager_set_version (UDISKS_MANAGER (manager), "2.9.4");
  self->manager = udisks_object_skeleton_new (ROOT "/Manager");
  udisks_object_skeleton_set_manager (self->manager, UDISKS_MANAGER (manager));
  g_dbus_object_manager_server_export (self->server, G_DBUS_OBJECT_SKELETON (self->manager));
  g_dbus_object_manager_server_set_connection (self->server, bus);
  fake_drives_serve (self, TRUE);
  return self;
}

void
fake_drives_free (FakeDrives *self)
{
  fake_drives_serve (self, FALSE);
  g_object_unref (self->server);
  g_object_unref (self->manager);
  g_hash_table_unref (self->objects);
  g_object_unref (self->bus);
  g_free (self->asking);
  g_free (self);
}
