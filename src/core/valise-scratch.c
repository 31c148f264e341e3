/* valise-scratch.c: a folder for this run's temporary files.
 *
 * Each folder holds a file "lock" on which its owner keeps a lock: the kernel drops it when the
 * process ends, however it ends. A folder whose lock can be taken has no owner and is removed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "valise-error.h"

struct _ValiseScratch
{
  char *path;
  int lock_fd;
};

static int
remove_cb (const char *path, const struct stat *st, int type, struct FTW *ftw)
{
  remove (path); /* a rest is found again at the next start */
  return 0;
}

/**
 * valise_remove_tree:
 * @path: a file or folder
 *
 * Removes @path and all below it, without following links and without leaving its file system.
 */
void
valise_remove_tree (const char *path)
{
  nftw (path, remove_cb, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Takes the lock of the folder at @path; -1 where somebody has it. */
static int
take_lock (const char *path)
{
  g_autofree char *lock = g_build_filename (path, "lock", NULL);
  int fd = open (lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static void
remove_abandoned (const char *parent)
{
  g_autoptr (GDir) dir = g_dir_open (parent, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = NULL;
      int fd;

      if (!g_str_has_prefix (name, "run-"))
        continue;
      path = g_build_filename (parent, name, NULL);
      fd = take_lock (path);
      if (fd < 0)
        continue;
      g_debug ("removing what an earlier run left: %s", path);
      valise_remove_tree (path);
      close (fd);
    }
}

/**
 * valise_scratch_new:
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Makes a new, empty folder `valise/run-XXXXXX` below the user's cache folder (or below
 * `$VALISE_SCRATCH`), and removes those of processes that are gone.
 *
 * Returns: (transfer full) (nullable): a new scratch folder
 */
ValiseScratch *
valise_scratch_new (GError **error)
{
  g_autofree char *parent = NULL;
  g_autofree char *path = NULL;
  g_autofree char *gate = NULL;
  ValiseScratch *self;
  int gate_fd;

  if (g_getenv ("VALISE_SCRATCH") != NULL)
    parent = g_strdup (g_getenv ("VALISE_SCRATCH"));
  else
    parent = g_build_filename (g_get_user_cache_dir (), "valise", NULL);
  path = g_build_filename (parent, "run-XXXXXX", NULL);
  gate = g_build_filename (parent, "gate", NULL);

  /* The gate keeps another process from removing our folder before we hold its lock. */
  if (g_mkdir_with_parents (parent, 0700) != 0
      || (gate_fd = open (gate, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                   _("The folder “%s” for temporary files cannot be used: %s. Set XDG_CACHE_HOME "
                     "to a folder that you can write to."),
                   parent, g_strerror (errno));
      return NULL;
    }
  flock (gate_fd, LOCK_EX);
  remove_abandoned (parent);
  if (g_mkdtemp_full (path, 0700) == NULL)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                   _("No folder for temporary files can be made in “%s”: %s."), parent,
                   g_strerror (errno));
      close (gate_fd);
      return NULL;
    }
  self = g_new0 (ValiseScratch, 1);
  self->path = g_steal_pointer (&path);
  self->lock_fd = take_lock (self->path);
  close (gate_fd);
  return self;
}

/**
 * valise_scratch_free:
 * @self: (transfer full): a scratch folder
 *
 * Removes the folder with all that is in it.
 */
void
valise_scratch_free (ValiseScratch *self)
{
  valise_remove_tree (self->path);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_free (self->path);
  g_free (self);
}

/**
 * valise_scratch_get_path:
 * @self: a scratch folder
 *
 * Returns: (transfer none): the folder's path
 */
const char *
valise_scratch_get_path (ValiseScratch *self)
{
  return self->path;
}

/**
 * valise_scratch_build_path:
 * @self: a scratch folder
 * @name: a file's name
 *
 * Returns: (transfer full): the path of @name in the folder; nothing is made
 */
char *
valise_scratch_build_path (ValiseScratch *self, const char *name)
{
  return g_build_filename (self->path, name, NULL);
}

/**
 * valise_scratch_check_space:
 * @self: a scratch folder
 * @bytes: how many bytes will be written there
 * @error: where to put %VALISE_SYSTEM_ERROR_NO_SPACE
 *
 * Returns: whether the file system has room for @bytes more
 */
gboolean
valise_scratch_check_space (ValiseScratch *self, guint64 bytes, GError **error)
{
  g_autofree char *need = NULL;
  g_autofree char *have = NULL;
  struct statvfs st;
  guint64 room;

  if (statvfs (self->path, &st) != 0)
    return TRUE; /* the write itself will tell */
  room = (guint64) st.f_bavail * st.f_frsize;
  if (room >= bytes)
    return TRUE;
  need = g_format_size (bytes);
  have = g_format_size (room);
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_SPACE,
               _("%s are needed for temporary files in “%s”, but only %s are free there. Free some "
                 "space, or set XDG_CACHE_HOME to a folder on another disk."),
               need, self->path, have);
  return FALSE;
}
