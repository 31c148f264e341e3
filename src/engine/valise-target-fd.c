/* valise-target-fd.c: targets that are descriptors: how they are opened, locked and used.
 *
 * What is refused is refused here, on the open descriptor and not by name: a name may stand for
 * another drive a moment later.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-target.h"
#include "volume/valise-layout.h"

/* udev locks a drive for a moment whenever it looks at it. */
#define LOCK_TRIES 20
#define LOCK_PAUSE (100 * G_TIME_SPAN_MILLISECOND)

/* How long an error may come before the news that the drive is gone: two seconds. */
#define GONE_TRIES 40
#define GONE_PAUSE (50 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  /* Set once. */
  int fd;
  gboolean is_block_device;
  char *sysfs; /* the drive's folder in sysfs; NULL for files and where there is none */

  int direct; /* atomic: whether O_DIRECT is set */
} FdMedium;

/* ---- system calls ---- */

/* Some file systems take O_DIRECT when a file is opened, and refuse it when it is used. */
static gboolean
fall_back (FdMedium *self)
{
  int flags = fcntl (self->fd, F_GETFL);

  if (self->is_block_device || !g_atomic_int_get (&self->direct) || flags < 0
      || fcntl (self->fd, F_SETFL, flags & ~O_DIRECT) != 0)
    return FALSE;
  g_atomic_int_set (&self->direct, FALSE);
  g_debug ("no O_DIRECT here: going through the system's cache");
  return TRUE;
}

static gssize
fd_write (gpointer medium, const struct iovec *parts, guint n_parts, guint64 offset)
{
  FdMedium *self = medium;
  gssize done = pwritev (self->fd, parts, n_parts, offset);

  if (done < 0 && errno == EINVAL && fall_back (self))
    done = pwritev (self->fd, parts, n_parts, offset);
  return done;
}

static gssize
fd_read (gpointer medium, gpointer data, gsize size, guint64 offset)
{
  FdMedium *self = medium;
  gssize done = pread (self->fd, data, size, offset);

  if (done < 0 && errno == EINVAL && fall_back (self))
    done = pread (self->fd, data, size, offset);
  return done;
}

static int
fd_flush (gpointer medium)
{
  return fdatasync (((FdMedium *)medium)->fd);
}

static int
fd_discard (gpointer medium, guint64 offset, guint64 size)
{
  FdMedium *self = medium;
  guint64 range[2] = { offset, size };

  if (self->is_block_device)
    return ioctl (self->fd, BLKDISCARD, range);
  return fallocate (self->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
}

static void
fd_drop_caches (gpointer medium)
{
  FdMedium *self = medium;

  if (self->is_block_device && ioctl (self->fd, BLKFLSBUF, 0) != 0)
    g_debug ("no BLKFLSBUF: %s", g_strerror (errno));
  posix_fadvise (self->fd, 0, 0, POSIX_FADV_DONTNEED);
}

static gboolean
has_left (FdMedium *self)
{
  guint64 size = 0;

  return ioctl (self->fd, BLKGETSIZE64, &size) != 0 || size == 0
         || (self->sysfs != NULL && g_access (self->sysfs, F_OK) != 0);
}

/* When a stick is pulled out, what is under way fails some tenths of a second before the kernel
 * knows why: the hub tells it in its own time. */
static gboolean
fd_is_gone (gpointer medium)
{
  FdMedium *self = medium;

  if (!self->is_block_device)
    return FALSE;
  for (guint try = 0; try < GONE_TRIES; try++)
    {
      if (has_left (self))
        return TRUE;
      g_usleep (GONE_PAUSE);
    }
  return has_left (self);
}

static void
fd_rescan (gpointer medium)
{
  FdMedium *self = medium;

  if (self->is_block_device && ioctl (self->fd, BLKRRPART, 0) != 0)
    g_debug ("no BLKRRPART: %s", g_strerror (errno));
}

static void
fd_close (gpointer medium)
{
  FdMedium *self = medium;

  close (self->fd);
  g_free (self->sysfs);
  g_free (self);
}

static const ValiseTargetOps fd_ops = {
  .write = fd_write,
  .read = fd_read,
  .flush = fd_flush,
  .discard = fd_discard,
  .drop_caches = fd_drop_caches,
  .is_gone = fd_is_gone,
  .rescan = fd_rescan,
  .close = fd_close,
};

/* ---- opening ---- */

static gboolean
refuse_open (const char *name, int code, GError **error)
{
  switch (code)
    {
    case ENOENT:
    case ENOTDIR:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                   _("There is no drive or file “%s”. Check the name, and that the drive is "
                     "plugged in."),
                   name);
      break;
    case EACCES:
    case EPERM:
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NOT_AUTHORIZED,
                   _("You may not open “%s” for writing. Ask its owner or the administrator to "
                     "let you."),
                   name);
      break;
    case EROFS:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ_ONLY,
                   _("“%s” is read-only. Move its write protection switch, or use another drive."),
                   name);
      break;
    case EBUSY:
    case ETXTBSY:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
                   _("“%s” is in use. Unmount what is on it, end the programs that use it, and try "
                     "again."),
                   name);
      break;
    case ENOMEDIUM:
    case ENXIO:
    case ENODEV:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_NO_MEDIUM,
                   _("There is no medium in “%s”. Insert one, or plug the drive in again."), name);
      break;
    default:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                   _("“%s” cannot be opened: %s."), name, g_strerror (code));
    }
  return FALSE;
}

static char *
sysfs_folder (dev_t device)
{
  g_autofree char *path
      = g_strdup_printf ("/sys/dev/block/%u:%u", major (device), minor (device));

  return g_access (path, F_OK) == 0 ? g_steal_pointer (&path) : NULL;
}

/* Writing into a partition would leave the drive's own table as it is. */
static gboolean
check_is_whole (const char *name, dev_t device, GError **error)
{
  g_autofree char *sysfs = sysfs_folder (device);
  g_autofree char *mark = sysfs != NULL ? g_build_filename (sysfs, "partition", NULL) : NULL;
  g_autofree char *real = NULL;
  g_autofree char *parent = NULL;
  g_autofree char *drive = NULL;

  if (mark == NULL || g_access (mark, F_OK) != 0)
    return TRUE;
  real = realpath (sysfs, NULL);
  parent = g_path_get_dirname (real != NULL ? real : sysfs);
  drive = g_path_get_basename (parent);
  /* sysfs writes “!” where a device's name has “/”. */
  g_strdelimit (drive, "!", '/');
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               _("“%s” is a partition. Windows needs the whole drive: name “/dev/%s” if all that "
                 "is on it may be erased."),
               name, drive);
  return FALSE;
}

static gboolean
lock (int fd, gboolean is_block_device, int kind)
{
  for (guint i = 1; flock (fd, kind | LOCK_NB) != 0; i++)
    {
      if (errno == EINTR)
        continue;
      if (errno != EWOULDBLOCK || !is_block_device || i >= LOCK_TRIES)
        return FALSE;
      g_usleep (LOCK_PAUSE);
    }
  return TRUE;
}

static gboolean
check_device (int fd,
              const char *name,
              gboolean for_reading,
              guint64 *size,
              int *sector_size,
              GError **error)
{
  int is_read_only = 0;

  if (ioctl (fd, BLKGETSIZE64, size) != 0)
    return refuse_open (name, errno, error);
  if (*size == 0)
    return refuse_open (name, ENOMEDIUM, error);
  if (ioctl (fd, BLKSSZGET, sector_size) != 0)
    return refuse_open (name, errno, error);
  if (!valise_sector_size_is_known (*sector_size))
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_SECTOR_SIZE,
                   _("“%s” has sectors of %d bytes. Windows starts only from drives with sectors "
                     "of 512 or 4096 bytes. Use another drive."),
                   name, *sector_size);
      return FALSE;
    }
  if (!for_reading && ioctl (fd, BLKROGET, &is_read_only) == 0 && is_read_only)
    return refuse_open (name, EROFS, error);
  return TRUE;
}

/* Takes @fd. */
static ValiseTarget *
target_for_fd (int fd, const char *name, gboolean for_reading, GError **error)
{
  FdMedium *self = g_new0 (FdMedium, 1);
  int sector_size = VALISE_SECTOR_SIZE;
  ValiseTarget *target;
  guint64 size = 0;
  struct stat st;
  gboolean ok;
  int flags;

  self->fd = fd;
  flags = fcntl (fd, F_GETFL);
  if (flags < 0 || fstat (fd, &st) != 0)
    ok = refuse_open (name, errno, error);
  else if (!S_ISBLK (st.st_mode) && !S_ISREG (st.st_mode))
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   _("“%s” is neither a drive nor a file. Name a whole drive, such as “/dev/sdb”, "
                     "or a file."),
                   name);
      ok = FALSE;
    }
  else if (!for_reading && (flags & O_ACCMODE) != O_RDWR)
    ok = refuse_open (name, EROFS, error);
  else if (!lock (fd, S_ISBLK (st.st_mode), for_reading ? LOCK_SH : LOCK_EX))
    ok = refuse_open (name, errno == EWOULDBLOCK ? EBUSY : errno, error);
  else if (S_ISBLK (st.st_mode))
    {
      self->is_block_device = TRUE;
      self->sysfs = sysfs_folder (st.st_rdev);
      ok = check_is_whole (name, st.st_rdev, error)
           && check_device (fd, name, for_reading, &size, &sector_size, error);
    }
  else
    {
      /* Nobody else may have changed it before it was locked, so look again. */
      ok = fstat (fd, &st) == 0 || refuse_open (name, errno, error);
      size = st.st_size;
    }
  if (!ok)
    {
      fd_close (self);
      return NULL;
    }

  flags &= ~O_NONBLOCK;
  self->direct = fcntl (fd, F_SETFL, flags | O_DIRECT) == 0;
  if (!self->direct && fcntl (fd, F_SETFL, flags & ~O_DIRECT) == 0)
    g_debug ("“%s”: no O_DIRECT here: going through the system's cache", name);
  target = valise_target_new_with_ops (&fd_ops, self, name, size, self->is_block_device);
  valise_target_set_sector_size (target, sector_size);
  return target;
}

static ValiseTarget *
open_path (const char *path, gboolean for_reading, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  int flags = (for_reading ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  struct stat st;
  int fd;

  /* Looked at first, so that nothing is opened that minds being opened, and so that a partition in
   * use is called a partition. It is all checked again on the descriptor. */
  if (stat (path, &st) != 0)
    {
      refuse_open (name, errno, error);
      return NULL;
    }
  if (S_ISBLK (st.st_mode))
    {
      if (!check_is_whole (name, st.st_rdev, error))
        return NULL;
      flags |= for_reading ? 0 : O_EXCL;
    }
  else if (!S_ISREG (st.st_mode))
    flags |= O_PATH;

  do
    fd = open (path, flags);
  while (fd < 0 && errno == EINTR);
  if (fd < 0)
    {
      refuse_open (name, errno, error);
      return NULL;
    }
  return target_for_fd (fd, name, for_reading, error);
}

/**
 * valise_target_open:
 * @path: a drive's node, or a regular file
 * @error: where to put an error of %VALISE_DRIVE_ERROR, or of %VALISE_SYSTEM_ERROR where permission
 *   is missing
 *
 * Opens a drive or file for writing, so that nobody else can: a drive that is mounted, and one that
 * another Valise writes to, is in use. Refused are partitions, what is read-only and sectors of
 * other than 512 or 4096 bytes. May wait for up to two seconds.
 *
 * Returns: (transfer full) (nullable): a target
 */
ValiseTarget *
valise_target_open (const char *path, GError **error)
{
  return open_path (path, FALSE, error);
}

/**
 * valise_target_open_for_reading:
 * @path: a drive's node, or a regular file
 * @error: as for valise_target_open()
 *
 * Opens a drive or file that nobody is writing to through Valise, only to read it. It may be
 * mounted. Writing to the target fails.
 *
 * Returns: (transfer full) (nullable): a target
 */
ValiseTarget *
valise_target_open_for_reading (const char *path, GError **error)
{
  return open_path (path, TRUE, error);
}

/**
 * valise_target_open_new:
 * @path: a file that does not exist yet
 * @size: its size in bytes; whole sectors
 * @error: as for valise_target_open()
 *
 * Makes a virtual drive: a sparse file.
 *
 * Returns: (transfer full) (nullable): a target
 */
ValiseTarget *
valise_target_open_new (const char *path, guint64 size, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  ValiseTarget *self;
  int fd;

  g_return_val_if_fail (size % VALISE_SECTOR_SIZE == 0, NULL);

  fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0 && errno == EEXIST)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("There is a file “%s” already. Choose another name, or remove the file first."),
                 name);
  else if (fd < 0)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                 _("The file “%s” cannot be made: %s. Choose another folder."), name,
                 g_strerror (errno));
  if (fd < 0)
    return NULL;

  if (size > G_MAXINT64 || ftruncate (fd, size) != 0)
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                   _("The file “%s” cannot be made %" PRIu64
                     " bytes long: %s. Choose another folder, or a smaller size."),
                   name, size, g_strerror (size > G_MAXINT64 ? EFBIG : errno));
      close (fd);
      g_unlink (path);
      return NULL;
    }
  self = target_for_fd (fd, name, FALSE, error);
  if (self == NULL)
    g_unlink (path);
  return self;
}

/**
 * valise_target_new_for_fd:
 * @fd: (transfer full): an open drive or regular file; closed also when this fails
 * @name: what to call it in messages; UTF-8
 * @error: as for valise_target_open()
 *
 * Takes a descriptor that somebody else opened, udisks2 for one, and checks and locks it as
 * valise_target_open() does. Whoever opened it saw to O_EXCL.
 *
 * Returns: (transfer full) (nullable): a target
 */
ValiseTarget *
valise_target_new_for_fd (int fd, const char *name, GError **error)
{
  return target_for_fd (fd, name, FALSE, error);
}

/**
 * valise_target_new_for_fd_for_reading:
 * @fd: (transfer full): an open drive or regular file; closed also when this fails
 * @name: what to call it in messages; UTF-8
 * @error: as for valise_target_open()
 *
 * valise_target_new_for_fd() for what is only read, as valise_target_open_for_reading() has it.
 *
 * Returns: (transfer full) (nullable): a target
 */
ValiseTarget *
valise_target_new_for_fd_for_reading (int fd, const char *name, GError **error)
{
  return target_for_fd (fd, name, TRUE, error);
}
