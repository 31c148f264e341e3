/* valise-drive-info.c: what a path that is to be written to stands for.
 *
 * Only stat() and sysfs are asked, which any user may read: nothing is opened, and nothing is
 * decided here (see valise-drive-guard.c). What sysfs does not have stays unknown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-info.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/valise-error.h"
#include "valise-file-place.h"

/* sysfs counts in these, whatever the drive's sectors are. */
#define SYSFS_SECTOR 512

static void
node_free (ValiseDriveNode *node)
{
  g_free (node->name);
  g_free (node->number);
  g_strfreev (node->holders);
  g_free (node);
}

static ValiseDriveInfo *
info_new (const char *path)
{
  ValiseDriveInfo *self = g_new0 (ValiseDriveInfo, 1);

  self->path = g_strdup (path);
  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_free);
  return self;
}

/**
 * valise_drive_info_free:
 * @self: (transfer full): a drive's information
 */
void
valise_drive_info_free (ValiseDriveInfo *self)
{
  g_free (self->path);
  g_free (self->vendor);
  g_free (self->model);
  g_free (self->serial);
  g_free (self->backing_file);
  g_ptr_array_unref (self->nodes);
  g_free (self);
}

/* An attribute without the blanks that pad it; NULL where it is not there, or empty. */
static char *
read_attribute (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  g_strstrip (text);
  return *text != '\0' ? g_utf8_make_valid (text, -1) : NULL;
}

static guint64
read_number (const char *folder, const char *name)
{
  g_autofree char *text = read_attribute (folder, name);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

static GStrv
list_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_strv_builder_add (names, name);
  return g_strv_builder_end (names);
}

static void
add_node (ValiseDriveInfo *self, const char *folder)
{
  g_autofree char *holders = g_build_filename (folder, "holders", NULL);
  ValiseDriveNode *node = g_new0 (ValiseDriveNode, 1);

  node->name = g_path_get_basename (folder);
  node->number = read_attribute (folder, "dev");
  node->holders = list_folder (holders);
  g_ptr_array_add (self->nodes, node);
}

/* A drive and its partitions, which are folders inside its own. */
static void
add_nodes (ValiseDriveInfo *self, const char *folder)
{
  g_auto (GStrv) names = list_folder (folder);

  add_node (self, folder);
  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *part = g_build_filename (folder, names[i], NULL);
      g_autofree char *mark = g_build_filename (part, "partition", NULL);

      if (g_file_test (mark, G_FILE_TEST_EXISTS))
        add_node (self, part);
    }
}

/* A USB drive's serial number is where the USB device is, some folders above the disk. */
static char *
find_serial (const char *sys, const char *folder)
{
  g_autofree char *devices = g_build_filename (sys, "devices", NULL);
  g_autofree char *device = g_build_filename (folder, "device", NULL);
  g_autofree char *at = realpath (device, NULL);
  char *serial = read_attribute (folder, "serial");

  while (serial == NULL && at != NULL && g_str_has_prefix (at, devices)
         && strlen (at) > strlen (devices))
    {
      char *parent = g_path_get_dirname (at);

      serial = read_attribute (at, "serial");
      g_free (at);
      at = parent;
    }
  return serial;
}

/**
 * valise_drive_info_read_sysfs:
 * @self: what is to be filled in
 * @sys: where sysfs is mounted; another folder in tests
 * @major: a block device's major number
 * @minor: its minor number
 *
 * Adds what sysfs knows of a block device.
 */
void
valise_drive_info_read_sysfs (ValiseDriveInfo *self, const char *sys, guint major, guint minor)
{
  g_autofree char *number = g_strdup_printf ("%u:%u", major, minor);
  g_autofree char *link = g_build_filename (sys, "dev", "block", number, NULL);
  g_autofree char *folder = realpath (link, NULL);
  g_autofree char *mark = NULL;

  if (folder == NULL)
    return;
  mark = g_build_filename (folder, "partition", NULL);
  self->is_partition = g_file_test (mark, G_FILE_TEST_EXISTS);
  self->size = read_number (folder, "size") * SYSFS_SECTOR;
  self->read_only = read_number (folder, "ro") != 0;
  self->sequence = read_number (folder, "diskseq");
  self->vendor = read_attribute (folder, "device/vendor");
  self->model = read_attribute (folder, "device/model");
  if (self->model == NULL)
    self->model = read_attribute (folder, "device/name"); /* memory cards */
  /* Virtual drives have the number of a PCI vendor there. */
  if (self->vendor != NULL && g_str_has_prefix (self->vendor, "0x"))
    g_clear_pointer (&self->vendor, g_free);
  self->serial = find_serial (sys, folder);
  self->backing_file = read_attribute (folder, "loop/backing_file");
  add_nodes (self, folder);
}

/**
 * valise_drive_info_read_loops:
 * @self: what is known of a regular file
 * @sys: where sysfs is mounted; another folder in tests
 *
 * Adds the loop devices that are made of the file.
 */
void
valise_drive_info_read_loops (ValiseDriveInfo *self, const char *sys)
{
  g_autofree char *blocks = g_build_filename (sys, "block", NULL);
  g_auto (GStrv) names = list_folder (blocks);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *folder = g_build_filename (blocks, names[i], NULL);
      g_autofree char *backing = read_attribute (folder, "loop/backing_file");
      struct stat status;

      if (backing != NULL && stat (backing, &status) == 0 && status.st_dev == self->device
          && status.st_ino == self->inode)
        add_nodes (self, folder);
    }
}

static void
read_block (ValiseDriveInfo *self, dev_t number)
{
  self->kind = VALISE_DRIVE_KIND_BLOCK;
  self->number = number;
  valise_drive_info_read_sysfs (self, "/sys", major (number), minor (number));
}

/* In a sandbox there are no nodes, but there is the sysfs that they are named after. */
static void
read_without_node (ValiseDriveInfo *self)
{
  g_autofree char *number = valise_file_place_find_number ("/sys", self->path);
  guint high;
  guint low;

  if (number != NULL && sscanf (number, "%u:%u", &high, &low) == 2)
    read_block (self, makedev (high, low));
}

/**
 * valise_drive_info_read:
 * @path: path of a drive or file
 * @error: where to put an error
 *
 * Looks at @path without opening it. That there is nothing is no error. Any thread; blocks shortly.
 *
 * Returns: (transfer full): what it stands for, or %NULL
 */
ValiseDriveInfo *
valise_drive_info_read (const char *path, GError **error)
{
  g_autoptr (ValiseDriveInfo) self = info_new (path);
  struct stat status;

  if (stat (path, &status) != 0)
    {
      int saved = errno;
      g_autofree char *name = g_filename_display_name (path);

      if (saved == ENOENT)
        {
          read_without_node (self);
          return g_steal_pointer (&self);
        }
      g_set_error (error, VALISE_SYSTEM_ERROR,
                   saved == EACCES ? VALISE_SYSTEM_ERROR_NOT_AUTHORIZED
                                   : VALISE_SYSTEM_ERROR_FAILED,
                   _("“%s” cannot be looked at: %s. Check the path and your rights."), name,
                   g_strerror (saved));
      return NULL;
    }
  if (S_ISREG (status.st_mode))
    {
      self->kind = VALISE_DRIVE_KIND_FILE;
      self->size = status.st_size;
      self->device = status.st_dev;
      self->inode = status.st_ino;
      valise_drive_info_read_loops (self, "/sys");
    }
  else if (S_ISBLK (status.st_mode))
    read_block (self, status.st_rdev);
  else
    self->kind = VALISE_DRIVE_KIND_OTHER;
  return g_steal_pointer (&self);
}

/**
 * valise_drive_info_is_same:
 * @a: what was there
 * @b: what is there now
 *
 * Whether it is the same drive still: another one may have been plugged in under the same name.
 *
 * Returns: whether kind, identity and size are the same
 */
gboolean
valise_drive_info_is_same (const ValiseDriveInfo *a, const ValiseDriveInfo *b)
{
  return a->kind == b->kind && a->size == b->size && a->device == b->device
         && a->inode == b->inode && a->number == b->number && a->sequence == b->sequence
         && g_strcmp0 (a->serial, b->serial) == 0;
}
