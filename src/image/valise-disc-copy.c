/* valise-disc-copy.c: copies image files out of an ISO.
 *
 * Responsible for the way that costs least: sharing the ISO's own blocks where the file system can,
 * else letting the kernel copy, else reading and writing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-disc.h"

#define PIECE (4 * VALISE_MIB)
/* What file systems that can share blocks want them aligned to. */
#define SHARED_BLOCK 4096

typedef struct
{
  ValiseScratch *scratch;
  ValiseProgress *progress;
  GCancellable *cancellable;
  const char *path; /* the file that is made */
  int in, out;
  guint64 done; /* bytes of all files */
  gboolean by_hand; /* the kernel will not copy */
  guint8 *buffer;
} Copy;

static gboolean
set_failed (Copy *copy, int code, gboolean is_read, GError **error)
{
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_SPACE,
                 _("The image file could not be copied out of its ISO to “%s”: %s. Free some "
                   "space, or set XDG_CACHE_HOME to a folder on another disk."),
                 copy->path, g_strerror (code));
  else if (is_read)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
                 _("The ISO cannot be read: %s. Check the disk that it is on, or copy it to "
                   "another."),
                 g_strerror (code));
  else
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                 _("The image file could not be copied out of its ISO to “%s”: %s. Set "
                   "XDG_CACHE_HOME to a folder that you can write to."),
                 copy->path, g_strerror (code));
  return FALSE;
}

/* Shares as many bytes as can be; returns how many. */
static guint64
share (Copy *copy, guint64 from, guint64 to, guint64 size)
{
  struct file_clone_range range = {
    .src_fd = copy->in,
    .src_offset = from,
    .src_length = VALISE_ROUND_DOWN (size, SHARED_BLOCK),
    .dest_offset = to,
  };

  if (range.src_length == 0 || from % SHARED_BLOCK != 0 || to % SHARED_BLOCK != 0
      || ioctl (copy->out, FICLONERANGE, &range) != 0)
    return 0;
  return range.src_length;
}

/* Copies a piece; returns how many bytes, 0 where the ISO has ended, -1 with an error. */
static gssize
copy_piece (Copy *copy, guint64 from, guint64 to, gsize size, GError **error)
{
  goffset in_at = from, out_at = to;
  gssize n, written = 0;

  if (!copy->by_hand)
    {
      n = copy_file_range (copy->in, &in_at, copy->out, &out_at, size, 0);
      if (n > 0 || (n < 0 && errno == EINTR))
        return n > 0 ? n : copy_piece (copy, from, to, size, error);
      if (n < 0 && (errno == ENOSPC || errno == EDQUOT))
        return set_failed (copy, errno, FALSE, error) ? 0 : -1;
      copy->by_hand = TRUE; /* whatever it is: the other way tells better */
    }
  if (copy->buffer == NULL)
    copy->buffer = g_malloc (PIECE);
  do
    n = pread (copy->in, copy->buffer, size, from);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return set_failed (copy, errno, TRUE, error) ? 0 : -1;
  while (written < n)
    {
      gssize m = pwrite (copy->out, copy->buffer + written, n - written, to + written);

      if (m < 0 && errno == EINTR)
        continue;
      if (m < 0)
        return set_failed (copy, errno, FALSE, error) ? 0 : -1;
      written += m;
    }
  return n;
}

static gboolean
copy_extent (Copy *copy, guint64 from, guint64 to, guint64 size, GError **error)
{
  guint64 shared = share (copy, from, to, size);

  copy->done += shared;
  /* Only what is not shared takes space; and who has shared once needs little more. */
  if (shared == 0 && !valise_scratch_check_space (copy->scratch, size, error))
    return FALSE;
  for (guint64 at = shared; at < size;)
    {
      gssize n;

      if (g_cancellable_set_error_if_cancelled (copy->cancellable, error))
        return FALSE;
      n = copy_piece (copy, from + at, to + at, MIN (size - at, PIECE), error);
      if (n == 0)
        g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_TRUNCATED,
                     _("The ISO became shorter while it was read. Wait until it is complete, and "
                       "try again."));
      if (n <= 0)
        return FALSE;
      at += n;
      copy->done += n;
      if (copy->progress != NULL)
        valise_progress_set_done (copy->progress, copy->done);
    }
  return TRUE;
}

static gboolean
copy_file (Copy *copy, const ValiseDiscFile *file, GError **error)
{
  guint64 to = 0;

  for (guint i = 0; i < file->extents->len; i++)
    {
      const ValiseDiscExtent *extent = &g_array_index (file->extents, ValiseDiscExtent, i);

      if (!copy_extent (copy, extent->offset, to, extent->size, error))
        return FALSE;
      to += extent->size;
    }
  return TRUE;
}

/**
 * valise_disc_copy:
 * @self: a disc
 * @folder: an empty folder below that of @scratch
 * @scratch: tells whether there is space
 * @progress: (nullable): gets a step `open`
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SYSTEM_ERROR or %VALISE_SOURCE_ERROR
 *
 * Copies all files of a disc to @folder, under their own names. What was made before a failure is
 * left to the caller. Blocks; any thread.
 *
 * Returns: whether that was done
 */
gboolean
valise_disc_copy (ValiseDisc *self, const char *folder, ValiseScratch *scratch,
                  ValiseProgress *progress, GCancellable *cancellable, GError **error)
{
  Copy copy = { scratch, progress, cancellable, NULL, self->fd, -1, 0, FALSE, NULL };
  guint64 total = 0;
  gboolean ok = TRUE;

  for (guint i = 0; i < self->files->len; i++)
    total += ((ValiseDiscFile *) g_ptr_array_index (self->files, i))->size;
  if (progress != NULL)
    valise_progress_begin (progress, "open", total);
  for (guint i = 0; ok && i < self->files->len; i++)
    {
      const ValiseDiscFile *file = g_ptr_array_index (self->files, i);
      g_autofree char *path = g_build_filename (folder, file->name, NULL);

      copy.path = path;
      copy.out = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (copy.out < 0)
        return set_failed (&copy, errno, FALSE, error);
      ok = copy_file (&copy, file, error);
      if (close (copy.out) != 0 && ok)
        ok = set_failed (&copy, errno, FALSE, error);
    }
  g_free (copy.buffer);
  return ok;
}
