/* valise-drive-guard.c: whether a drive may be erased.
 *
 * Policy only: the answer depends on what it is given, and it says no when in doubt. Refused are
 * parts of a drive, drives of which anything is mounted, swapped to, or stacked upon (LVM, RAID,
 * encryption, loop devices, overlays), and drives that hold the image itself. What lies on a drive
 * is found from above: valise-file-place.c follows each mount down to the partitions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-guard.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "core/valise-error.h"
#include "core/valise-sandbox.h"
#include "valise-drive-refusal.h"
#include "valise-file-place.h"
#include "valise-host-mounts.h"

/* What is mounted there makes the system itself. */
static const char *const system_folders[] = {
  "/", "/efi", "/home", "/opt", "/root", "/srv",
};

/* There, or anywhere below. In the last line is where systems that run from a stick or a disc have
 * what they run from: Debian, Ubuntu, Fedora, Arch. */
static const char *const system_trees[] = {
  "/boot", "/etc", "/gnu", "/nix", "/usr", "/var",
  "/run/live", "/lib/live/mount", "/cdrom", "/run/initramfs", "/run/archiso",
};

/* What is mounted here, and around the sandbox if this is one. */
static char *
read_mounts (GError **error)
{
  g_autofree char *host = valise_host_mounts_read (error);
  g_autofree char *here = NULL;

  if (host == NULL || !g_file_get_contents ("/proc/self/mountinfo", &here, NULL, error))
    return NULL;
  return g_strconcat (host, here, NULL);
}

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

  self->mounts = read_mounts (error);
  if (self->mounts == NULL)
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
  for (gsize i = 0; i < G_N_ELEMENTS (system_trees); i++)
    {
      gsize size = strlen (system_trees[i]);

      if (strncmp (folder, system_trees[i], size) == 0
          && (folder[size] == '\0' || folder[size] == '/'))
        return TRUE;
    }
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

static const char *
get_sys (const ValiseSystemState *state)
{
  return state->sys != NULL ? state->sys : "/sys";
}

/* Whether what has the device number @device lies on @drive, be it through LVM, RAID, encryption,
 * a loop device, or as one of several of a btrfs or an overlay. */
static gboolean
lies_on (const ValiseDriveInfo *drive, const ValiseSystemState *state, dev_t device)
{
  g_auto (GStrv) numbers = valise_file_place_list (get_sys (state), state->mounts, device);

  for (gsize i = 0; numbers[i] != NULL; i++)
    if (find_node (drive, numbers[i], NULL) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
number_lies_on (const ValiseDriveInfo *drive, const ValiseSystemState *state, const char *number)
{
  g_auto (GStrv) parts = g_strsplit (number, ":", 2);

  return g_strv_length (parts) == 2
         && lies_on (drive, state, makedev (g_ascii_strtoull (parts[0], NULL, 10),
                                            g_ascii_strtoull (parts[1], NULL, 10)));
}

/* ---- what is mounted ---- */

/* Where a file system of the drive is mounted. */
typedef struct
{
  char *folder;
  gboolean direct; /* on the drive or a partition, not on what is stacked on them */
  gboolean closable;
} Mount;

static void
mount_free (Mount *mount)
{
  g_free (mount->folder);
  g_free (mount);
}

/* The device numbers of what has these kernel names. */
static GStrv
list_numbers (const ValiseSystemState *state, const char *const *names)
{
  g_autoptr (GStrvBuilder) numbers = g_strv_builder_new ();

  for (gsize i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path
          = g_build_filename (get_sys (state), "class", "block", names[i], "dev", NULL);
      g_autofree char *number = NULL;

      if (g_file_get_contents (path, &number, NULL, NULL))
        g_strv_builder_add (numbers, g_strstrip (number));
    }
  return g_strv_builder_end (numbers);
}

/* mountinfo: id parent MAJ:MIN root mount-point options [optional …] - type source options.
 * btrfs has a device number of its own there, but names the drive as the source.
 * Returns: (element-type Mount): those of @drive */
static GPtrArray *
list_mounts (const ValiseDriveInfo *drive, const ValiseSystemState *state,
             const char *const *closable)
{
  GPtrArray *mounts = g_ptr_array_new_with_free_func ((GDestroyNotify) mount_free);
  g_auto (GStrv) lines = g_strsplit (state->mounts, "\n", -1);
  g_auto (GStrv) open = list_numbers (state, closable);
  g_autoptr (GHashTable) elsewhere
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", 6);
      const char *tail = strstr (lines[i], " - ");
      g_auto (GStrv) rest = g_strsplit (tail != NULL ? tail + 3 : "", " ", 3);
      const char *source = g_strv_length (rest) > 1 ? rest[1] : "";
      gboolean direct;
      Mount *mount;

      if (g_strv_length (fields) < 5)
        continue;
      direct = find_node (drive, fields[2], source) != NULL;
      if (!direct && g_hash_table_contains (elsewhere, fields[2]))
        continue;
      if (!direct && !number_lies_on (drive, state, fields[2]))
        {
          g_hash_table_add (elsewhere, g_strdup (fields[2]));
          continue;
        }
      mount = g_new0 (Mount, 1);
      mount->folder = g_strcompress (fields[4]);
      mount->direct = direct;
      mount->closable = g_strv_contains ((const char *const *) open, fields[2]);
      if (!mount->closable && open[0] != NULL)
        {
          g_autofree char *number
              = valise_file_place_find_number (get_sys (state), source);

          mount->closable
              = number != NULL && g_strv_contains ((const char *const *) open, number);
        }
      g_ptr_array_add (mounts, mount);
    }
  return mounts;
}

static gboolean
check_system (GPtrArray *mounts, const char *name, GError **error)
{
  for (guint i = 0; i < mounts->len; i++)
    {
      const Mount *mount = mounts->pdata[i];
      g_autofree char *shown = g_filename_display_name (mount->folder);

      if (!valise_drive_guard_is_system_folder (mount->folder))
        continue;
      return valise_drive_refuse_system (name, shown, error);
    }
  return TRUE;
}

/* @leasable: whether what is only mounted will be unmounted */
static gboolean
check_mounts (GPtrArray *mounts, const char *name, gboolean leasable, GError **error)
{
  for (guint i = 0; i < mounts->len; i++)
    {
      const Mount *mount = mounts->pdata[i];
      g_autofree char *shown = g_filename_display_name (mount->folder);

      if (leasable && (mount->direct || mount->closable))
        continue;
      if (mount->direct)
        g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                     _("“%s” is in use: it is mounted on “%s”. Unmount it first, if it is the "
                       "drive that you mean."),
                     name, shown);
      else
        g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                     _("“%s” is in use: what is mounted on “%s” lies on it, too. Unmount that "
                       "first, if it is the drive that you mean."),
                     name, shown);
      return FALSE;
    }
  return TRUE;
}

/* ---- what else uses it ---- */

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
      g_autofree char *number = NULL;
      struct stat status;
      gboolean is_file;

      if (path == NULL || *path != '/')
        continue;
      /* The drive itself, as a file; or a file that lies on it. */
      is_file = stat (path, &status) == 0 && S_ISREG (status.st_mode)
                && ((drive->kind == VALISE_DRIVE_KIND_FILE && status.st_dev == drive->device
                     && status.st_ino == drive->inode)
                    || lies_on (drive, state, status.st_dev));
      number = is_file ? NULL : valise_file_place_find_number (get_sys (state), path);
      if (!is_file && find_node (drive, "", path) == NULL
          && (number == NULL || !number_lies_on (drive, state, number)))
        continue;
      return valise_drive_refuse_swap (name, error);
    }
  return TRUE;
}

/* A loop device may be made of the drive itself, or of a file on it: what a system runs from that
 * was started from a stick is such a file. */
static gboolean
check_loops (const ValiseDriveInfo *drive, const char *name, const ValiseSystemState *state,
             GError **error)
{
  g_autofree char *blocks = g_build_filename (get_sys (state), "block", NULL);
  g_autoptr (GDir) dir = g_dir_open (blocks, 0, NULL);
  const char *loop;

  while (dir != NULL && (loop = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *mark = g_build_filename (blocks, loop, "loop", "backing_file", NULL);
      g_autofree char *path = g_build_filename (blocks, loop, "dev", NULL);
      g_autofree char *number = NULL;

      if (!g_file_test (mark, G_FILE_TEST_EXISTS)
          || !g_file_get_contents (path, &number, NULL, NULL)
          /* The drive may be a loop device, or a file that one is made of. */
          || find_node (drive, g_strstrip (number), NULL) != NULL
          || !number_lies_on (drive, state, number))
        continue;
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   /* Translators: a drive, and twice the kernel's name of what uses it, such as
                    * “loop0”. */
                   _("“%s” is in use: “/dev/%s” is made of it, or of a file on it. Detach that "
                     "first (“losetup -d /dev/%s”), if it is the drive that you mean."),
                   name, loop, loop);
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
    valise_drive_refuse_partition (name, error);
  else if (drive->kind == VALISE_DRIVE_KIND_BLOCK && drive->nodes->len == 0)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("Nothing is known of “%s” in /sys, so it cannot be made sure that the running "
                   "system does not use it. It is left alone."),
                 name);
  else if (drive->kind == VALISE_DRIVE_KIND_BLOCK && drive->size == 0)
    valise_drive_refuse_no_medium (name, error);
  else if (drive->read_only)
    valise_drive_refuse_read_only (name, error);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check (const ValiseDriveInfo *drive, const ValiseSystemState *state, const char *const *closable,
       gboolean leasable, GError **error)
{
  g_autofree char *name = g_filename_display_name (drive->path);
  g_autoptr (GPtrArray) mounts = NULL;

  if (!check_kind (drive, name, error))
    return FALSE;
  /* What weighs most is said. */
  mounts = list_mounts (drive, state, closable);
  return check_system (mounts, name, error) && check_swaps (drive, name, state, error)
         && check_mounts (mounts, name, leasable, error)
         && check_holders (drive, name, closable, error)
         && check_loops (drive, name, state, error);
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

  return check (drive, state, nothing, FALSE, error);
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
  return check (drive, state, closable, TRUE, error);
}

/* What the document portal shows is on no drive, but the file that it shows is. */
static gboolean
find_outside (const char *path, dev_t *device)
{
  g_autofree char *outside = valise_sandbox_dup_host_path (path);
  g_autofree char *host = outside != NULL ? valise_host_mounts_read (NULL) : NULL;

  return host != NULL && valise_host_mounts_find (host, outside, device);
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
  ValiseSystemState state = { 0 };
  struct stat status;
  struct stat backing;
  dev_t device;

  if (stat (path, &status) != 0)
    return FALSE;
  mounts = read_mounts (NULL);
  state.mounts = mounts != NULL ? mounts : (char *) "";
  if (valise_sandbox_is_inside () && find_outside (path, &device))
    return lies_on (drive, &state, device);
  if (S_ISBLK (status.st_mode))
    return lies_on (drive, &state, status.st_rdev);
  return (drive->kind == VALISE_DRIVE_KIND_FILE && status.st_dev == drive->device
          && status.st_ino == drive->inode)
         || lies_on (drive, &state, status.st_dev)
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
