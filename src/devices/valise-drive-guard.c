/* valise-drive-guard.c: whether a drive may be erased.
 *
 * Policy only: the answer depends on what it is given, and it says no when in doubt. Refused are
 * parts of a drive, drives of which anything is mounted, swapped to, or stacked upon (LVM, RAID,
 * encryption), and drives that hold the image itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-guard.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/valise-error.h"
#include "valise-file-place.h"

/* What is mounted there makes the system itself. */
static const char *const system_folders[] = {
  "/", "/boot", "/boot/efi", "/efi", "/etc", "/home", "/opt", "/root", "/srv", "/usr", "/var",
};

/**
 * valise_system_state_read:
 * @error: where to put an error
 *
 * Any thread; blocks shortly.
 *
 * Returns: (transfer full): what the system uses now, or %NULL
 */
ValiseSystemState *
valise_system_state_read (GError **error)
{
  g_autoptr (ValiseSystemState) self = g_new0 (ValiseSystemState, 1);
  struct stat root;

  if (!g_file_get_contents ("/proc/self/mountinfo", &self->mounts, NULL, error))
    {
      g_prefix_error_literal (
          error, _("What this system has mounted cannot be read, so no drive is safe to erase. "));
      return NULL;
    }
  /* In a chroot, what "/" is on is not among the mounts. */
  if (stat ("/", &root) == 0)
    {
      g_autofree char *listed = g_steal_pointer (&self->mounts);

      self->mounts = g_strdup_printf ("0 0 %u:%u / / rw - unknown unknown rw\n%s",
                                      major (root.st_dev), minor (root.st_dev), listed);
    }
  /* A kernel without swap has no such file. */
  if (!g_file_get_contents ("/proc/swaps", &self->swaps, NULL, NULL))
    self->swaps = g_strdup ("");
  return g_steal_pointer (&self);
}

/**
 * valise_system_state_free:
 * @self: (transfer full): a state
 */
void
valise_system_state_free (ValiseSystemState *self)
{
  g_free (self->mounts);
  g_free (self->swaps);
  g_free (self);
}

/**
 * valise_drive_guard_is_system_folder:
 * @folder: where something is mounted
 *
 * Returns: whether that makes the system itself
 */
gboolean
valise_drive_guard_is_system_folder (const char *folder)
{
  for (gsize i = 0; i < G_N_ELEMENTS (system_folders); i++)
    if (g_str_equal (folder, system_folders[i]))
      return TRUE;
  return FALSE;
}

/* @path: (nullable): by its name below /dev too */
static gboolean
is_node (const ValiseDriveNode *node, const char *number, const char *path)
{
  return g_strcmp0 (node->number, number) == 0
         || (path != NULL && g_str_has_prefix (path, "/dev/")
             && g_str_equal (path + strlen ("/dev/"), node->name));
}

static const ValiseDriveNode *
find_node (const ValiseDriveInfo *drive, const char *number, const char *path)
{
  for (guint i = 0; i < drive->nodes->len; i++)
    {
      const ValiseDriveNode *node = g_ptr_array_index (drive->nodes, i);

      if (is_node (node, number, path))
        return node;
    }
  return NULL;
}

/* Whether what has the device number @device lies on @drive, be it through LVM, RAID, encryption or
 * a loop device. */
static gboolean
lies_on (const ValiseDriveInfo *drive, const char *mounts, dev_t device)
{
  g_auto (GStrv) numbers = valise_file_place_list ("/sys", mounts, device);

  for (gsize i = 0; numbers[i] != NULL; i++)
    if (find_node (drive, numbers[i], NULL) != NULL)
      return TRUE;
  return FALSE;
}

/* mountinfo: id parent MAJ:MIN root mount-point options [optional …] - type source options.
 * btrfs has a device number of its own there, but names the drive as the source. */
static gboolean
check_mounts (const ValiseDriveInfo *drive, const char *name, const char *mounts,
              gboolean may_be_mounted, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (mounts, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", -1);
      const char *tail = strstr (lines[i], " - ");
      g_auto (GStrv) rest = g_strsplit (tail != NULL ? tail + 3 : "", " ", -1);
      g_autofree char *folder = NULL;
      g_autofree char *shown = NULL;

      if (g_strv_length (fields) < 5
          || find_node (drive, fields[2], g_strv_length (rest) > 1 ? rest[1] : "") == NULL)
        continue;
      folder = g_strcompress (fields[4]);
      shown = g_filename_display_name (folder);
      if (valise_drive_guard_is_system_folder (folder))
        {
          g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                       /* Translators: a drive, and a folder such as “/”. */
                       _("“%s” holds “%s” of the running system and is never erased. Choose "
                         "another drive."),
                       name, shown);
          return FALSE;
        }
      if (may_be_mounted)
        continue;
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   _("“%s” is in use: it is mounted on “%s”. Unmount it first, if it is the drive "
                     "that you mean."),
                   name, shown);
      return FALSE;
    }
  return TRUE;
}

/* swaps: a line of headings, then path, kind, size … */
static gboolean
check_swaps (const ValiseDriveInfo *drive,
             const char *name,
             const ValiseSystemState *state,
             GError **error)
{
  g_auto (GStrv) lines = g_strsplit (state->swaps, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", 2);
      g_autofree char *path = fields[0] != NULL ? g_strcompress (fields[0]) : NULL;
      struct stat status;
      gboolean is_file;

      if (path == NULL || *path != '/')
        continue;
      /* The drive itself, as a file; or a file that lies on it. */
      is_file = stat (path, &status) == 0 && S_ISREG (status.st_mode)
                && ((drive->kind == VALISE_DRIVE_KIND_FILE && status.st_dev == drive->device
                     && status.st_ino == drive->inode)
                    || lies_on (drive, state->mounts, status.st_dev));
      if (!is_file && find_node (drive, "", path) == NULL)
        continue;
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   _("“%s” is never erased: the running system swaps to it. Choose another drive."),
                   name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_holders (const ValiseDriveInfo *drive, const char *name, const char *const *closable,
               GError **error)
{
  for (guint i = 0; i < drive->nodes->len; i++)
    {
      const ValiseDriveNode *node = g_ptr_array_index (drive->nodes, i);
      const char *holder = NULL;

      for (gsize j = 0; holder == NULL && node->holders != NULL && node->holders[j] != NULL; j++)
        if (!g_strv_contains (closable, node->holders[j]))
          holder = node->holders[j];
      if (holder == NULL)
        continue;
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   /* Translators: a drive, and the kernel's names of a partition and of what
                    * uses it, such as “sda2” and “dm-0”. */
                   _("“%s” is in use: “%s” is part of “%s” (LVM, RAID or encryption). Close that "
                     "first, if it is the drive that you mean."),
                   name, node->name, holder);
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_kind (const ValiseDriveInfo *drive, const char *name, GError **error)
{
  if (drive->kind == VALISE_DRIVE_KIND_OTHER)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("“%s” is neither a drive nor a file. Name a drive, such as /dev/sdx, or a file "
                   "that serves as one."),
                 name);
  else if (drive->is_partition)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("“%s” is a partition. Windows needs a whole drive: name the drive that the "
                   "partition is on."),
                 name);
  else if (drive->kind == VALISE_DRIVE_KIND_BLOCK && drive->nodes->len == 0)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("Nothing is known of “%s” in /sys, so it cannot be made sure that the running "
                   "system does not use it. It is left alone."),
                 name);
  else if (drive->kind == VALISE_DRIVE_KIND_BLOCK && drive->size == 0)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_NO_MEDIUM,
                 _("There is no medium in “%s”. Insert one."), name);
  else if (drive->read_only)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ_ONLY,
                 _("“%s” cannot be written. Look for a switch on it, or use another drive."), name);
  else
    return TRUE;
  return FALSE;
}

/**
 * valise_drive_guard_check:
 * @drive: a drive
 * @state: what the system uses
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Whether @drive may be erased as far as the system is concerned. What is not there yet may.
 *
 * Any thread.
 *
 * Returns: whether it may
 */
gboolean
valise_drive_guard_check (const ValiseDriveInfo *drive,
                          const ValiseSystemState *state,
                          GError **error)
{
  static const char *const nothing[] = { NULL };
  g_autofree char *name = g_filename_display_name (drive->path);

  return check_kind (drive, name, error) && check_mounts (drive, name, state->mounts, FALSE, error)
         && check_swaps (drive, name, state, error)
         && check_holders (drive, name, nothing, error);
}

/**
 * valise_drive_guard_check_leasable:
 * @drive: a drive, or what is stacked on one
 * @state: what the system uses
 * @closable: (array zero-terminated=1): kernel names of what may be stacked on @drive, because it
 *   will be closed: unlocked encrypted volumes
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Like valise_drive_guard_check(), for a drive that is going to be leased: it may be mounted, but
 * not where the running system is.
 *
 * Any thread.
 *
 * Returns: whether it may be erased when it was unmounted
 */
gboolean
valise_drive_guard_check_leasable (const ValiseDriveInfo *drive,
                                   const ValiseSystemState *state,
                                   const char *const *closable,
                                   GError **error)
{
  g_autofree char *name = g_filename_display_name (drive->path);

  return check_kind (drive, name, error) && check_mounts (drive, name, state->mounts, TRUE, error)
         && check_swaps (drive, name, state, error)
         && check_holders (drive, name, closable, error);
}

/**
 * valise_drive_guard_is_on:
 * @drive: a drive
 * @path: path of a file, folder or device
 *
 * Whether @path is the drive, or lies on it: through LVM, RAID or encryption, too. What does not
 * exist lies nowhere.
 *
 * Any thread; blocks shortly.
 *
 * Returns: whether it does
 */
gboolean
valise_drive_guard_is_on (const ValiseDriveInfo *drive, const char *path)
{
  g_autofree char *mounts = NULL;
  struct stat status;
  struct stat backing;

  if (stat (path, &status) != 0)
    return FALSE;
  g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL);
  if (S_ISBLK (status.st_mode))
    return lies_on (drive, mounts != NULL ? mounts : "", status.st_rdev);
  return (drive->kind == VALISE_DRIVE_KIND_FILE && status.st_dev == drive->device
          && status.st_ino == drive->inode)
         || lies_on (drive, mounts != NULL ? mounts : "", status.st_dev)
         || (drive->backing_file != NULL && stat (drive->backing_file, &backing) == 0
             && status.st_dev == backing.st_dev && status.st_ino == backing.st_ino);
}

/**
 * valise_drive_guard_check_source:
 * @drive: a drive that is to be written
 * @source: path of what is to be written to it
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Whether @source would survive that @drive is erased: it must not be the drive, nor lie on it. A
 * source that does not exist is somebody else's error.
 *
 * Any thread; blocks shortly.
 *
 * Returns: whether it would
 */
gboolean
valise_drive_guard_check_source (const ValiseDriveInfo *drive, const char *source, GError **error)
{
  g_autofree char *name = g_filename_display_name (drive->path);

  if (!valise_drive_guard_is_on (drive, source))
    return TRUE;
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               _("The image is on “%s”, which is to be erased. Copy the image elsewhere, or choose "
                 "another drive."),
               name);
  return FALSE;
}
