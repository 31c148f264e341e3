/* valise-target.c: what a job writes to: a whole drive or a regular file, by descriptor.
 *
 * Here is what holds for every medium: bounds, short writes, interruptions, counting, and the words
 * for what went wrong. valise-target-fd.c opens descriptors and makes the system calls; tests bring
 * media of their own that fail on purpose.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-target.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "volume/valise-layout.h"

/* Bytes that are not aligned go through a buffer of this size. */
#define BOUNCE_SIZE VALISE_MIB

/* What is moved in one call cannot be broken off: on a slow drive it must not be much. Half a
 * second leaves enough of the two within which a job is stopped. */
#define PIECE_TIME (G_USEC_PER_SEC / 2)
#define MIN_PIECE (64 * VALISE_KIB)

/* Calls that move less than this say little of how fast a drive is. */
#define MIN_TIMED (64 * VALISE_KIB)

struct _ValiseTarget
{
  /* Set once. */
  ValiseTargetOps ops;
  gpointer medium;
  char *name;
  guint64 size;
  guint sector_size;
  gboolean is_block_device;

  GMutex lock; /* guards all below, which every thread changes */
  guint n_holds; /* threads that use the medium; the owner for one */
  gboolean is_closed;
  gboolean is_freed;
  ValiseTargetCounts counts;
  double write_cost; /* µs per byte, in the calls before; 0 for not known */
  double read_cost;
};

typedef enum
{
  ACTION_WRITE,
  ACTION_READ,
  ACTION_FLUSH,
} Action;

/**
 * valise_target_new_with_ops:
 * @ops: what to do with the medium; copied
 * @medium: (transfer full): for @ops
 * @name: what to call it in messages, such as `/dev/sdb`
 * @size: its size in bytes; what does not fill a sector of 512 bytes is left out
 * @is_block_device: whether it is a drive, and not a file
 *
 * Makes a target of any medium.
 *
 * Returns: (transfer full): a target
 */
ValiseTarget *
valise_target_new_with_ops (const ValiseTargetOps *ops,
                            gpointer medium,
                            const char *name,
                            guint64 size,
                            gboolean is_block_device)
{
  ValiseTarget *self = g_new0 (ValiseTarget, 1);

  self->n_holds = 1;
  self->ops = *ops;
  self->medium = medium;
  self->name = g_strdup (name);
  self->sector_size = VALISE_SECTOR_SIZE;
  self->size = VALISE_ROUND_DOWN (size, self->sector_size);
  self->is_block_device = is_block_device;
  g_mutex_init (&self->lock);
  return self;
}

/* Lets the medium go when nobody uses it any more, and the target with its owner. Takes the lock,
 * and gives it back. */
static void
settle (ValiseTarget *self)
{
  void (*close) (gpointer) = self->ops.close;
  gpointer medium = self->n_holds == 0 ? g_steal_pointer (&self->medium) : NULL;
  const gboolean is_last = self->n_holds == 0 && self->is_freed;

  g_mutex_unlock (&self->lock);
  if (medium != NULL)
    close (medium);
  if (!is_last)
    return;
  g_free (self->name);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * valise_target_hold:
 * @self: a target that is not closed
 *
 * For a thread that may be in the middle of a call when the owner lets the drive go: it goes when
 * that thread has called valise_target_let_go().
 *
 * Returns: @self
 */
ValiseTarget *
valise_target_hold (ValiseTarget *self)
{
  g_mutex_lock (&self->lock);
  self->n_holds++;
  g_mutex_unlock (&self->lock);
  return self;
}

/**
 * valise_target_let_go:
 * @self: a target that was held; not used any more by this thread
 *
 * Any thread.
 */
void
valise_target_let_go (ValiseTarget *self)
{
  g_mutex_lock (&self->lock);
  self->n_holds--;
  settle (self);
}

/**
 * valise_target_close:
 * @self: a target of which the caller uses only name, size and counts any more
 *
 * Lets the drive go, and keeps what is known of it; at once, or when the last thread that holds it
 * does not need it any more. Nothing is flushed by this: valise_target_flush() tells whether that
 * worked.
 */
void
valise_target_close (ValiseTarget *self)
{
  g_mutex_lock (&self->lock);
  if (!self->is_closed)
    self->n_holds--;
  self->is_closed = TRUE;
  settle (self);
}

/**
 * valise_target_free:
 * @self: (transfer full): a target
 *
 * Lets the drive go; see valise_target_close().
 */
void
valise_target_free (ValiseTarget *self)
{
  g_mutex_lock (&self->lock);
  if (!self->is_closed)
    self->n_holds--;
  self->is_closed = self->is_freed = TRUE;
  settle (self);
}

/**
 * valise_target_get_name:
 * @self: a target
 *
 * Returns: (transfer none): what to call it in messages; UTF-8
 */
const char *
valise_target_get_name (ValiseTarget *self)
{
  return self->name;
}

/**
 * valise_target_get_size:
 * @self: a target
 *
 * Returns: its size in bytes, whole sectors
 */
guint64
valise_target_get_size (ValiseTarget *self)
{
  return self->size;
}

/**
 * valise_target_get_sector_size:
 * @self: a target
 *
 * Returns: the size in bytes of its logical sectors: 512 or 4096; others are refused when it is
 *   opened
 */
guint
valise_target_get_sector_size (ValiseTarget *self)
{
  return self->sector_size;
}

/**
 * valise_target_set_sector_size:
 * @self: a target that was just made, and that no other thread knows
 * @sector_size: the size in bytes of its logical sectors: 512 or 4096
 *
 * A drive says itself what sectors it has. A file has none, and is taken for a drive with sectors
 * of 512 bytes, until this makes another of it. What does not fill a sector is left out.
 */
void
valise_target_set_sector_size (ValiseTarget *self, guint sector_size)
{
  g_return_if_fail (valise_sector_size_is_known (sector_size));

  self->sector_size = sector_size;
  self->size = VALISE_ROUND_DOWN (self->size, sector_size);
}

/**
 * valise_target_is_block_device:
 * @self: a target
 *
 * Returns: whether it is a drive, and not a file
 */
gboolean
valise_target_is_block_device (ValiseTarget *self)
{
  return self->is_block_device;
}

/**
 * valise_target_get_counts:
 * @self: a target
 * @counts: (out caller-allocates): where to put what was written and read so far
 */
void
valise_target_get_counts (ValiseTarget *self, ValiseTargetCounts *counts)
{
  g_mutex_lock (&self->lock);
  *counts = self->counts;
  g_mutex_unlock (&self->lock);
}

/* That a drive paused once is soon forgotten. */
static void
learn_cost (double *cost, gsize bytes, gint64 time)
{
  const double now = MAX (time, 1) / (double) bytes;

  if (bytes >= MIN_TIMED)
    *cost = *cost > 0 ? (*cost + now) / 2 : now;
}

/* A power of two, so that pieces end where what the drive is made of ends. */
static gsize
get_piece (double cost)
{
  gsize piece = VALISE_TARGET_MAX_PIECE;

  while (piece > MIN_PIECE && piece * cost > PIECE_TIME)
    piece /= 2;
  return piece;
}

static void
count_read (ValiseTarget *self, gsize bytes, gint64 since)
{
  g_mutex_lock (&self->lock);
  self->counts.bytes_read += bytes;
  learn_cost (&self->read_cost, bytes, g_get_monotonic_time () - since);
  g_mutex_unlock (&self->lock);
}

static void
count_written (ValiseTarget *self, gsize bytes, gint64 since)
{
  const gint64 time = g_get_monotonic_time () - since;

  g_mutex_lock (&self->lock);
  self->counts.bytes_written += bytes;
  self->counts.write_time += time;
  learn_cost (&self->write_cost, bytes, time);
  g_mutex_unlock (&self->lock);
}

/**
 * valise_target_get_write_piece:
 * @self: a target
 *
 * For those who want to look, between two pieces, whether to go on. Any thread.
 *
 * Returns: how many bytes it takes within half a second, as far as is known; a power of two, at
 *   most %VALISE_TARGET_MAX_PIECE
 */
gsize
valise_target_get_write_piece (ValiseTarget *self)
{
  gsize piece;

  g_mutex_lock (&self->lock);
  piece = get_piece (self->write_cost);
  g_mutex_unlock (&self->lock);
  return piece;
}

/**
 * valise_target_get_read_piece:
 * @self: a target
 *
 * As valise_target_get_write_piece(), for reading. Any thread.
 *
 * Returns: how many bytes it gives within half a second
 */
gsize
valise_target_get_read_piece (ValiseTarget *self)
{
  gsize piece;

  g_mutex_lock (&self->lock);
  piece = get_piece (self->read_cost);
  g_mutex_unlock (&self->lock);
  return piece;
}

/* ---- what went wrong ---- */

static gboolean
is_gone (ValiseTarget *self, int code)
{
  if (code == ENODEV || code == ENXIO || code == ENOMEDIUM || code == ESHUTDOWN)
    return TRUE;
  return self->ops.is_gone != NULL && self->ops.is_gone (self->medium);
}

static void
set_gone (ValiseTarget *self, Action action, guint64 offset, GError **error)
{
  switch (action)
    {
    case ACTION_WRITE:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED,
                   _("“%s” was disconnected while it was being written (at byte %" PRIu64
                     "). Plug it in firmly, in another port if it happens again, and write it "
                     "anew."),
                   self->name, offset);
      break;
    case ACTION_READ:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED,
                   _("“%s” was disconnected while it was being read (at byte %" PRIu64
                     "). Plug it in firmly, in another port if it happens again, and try again."),
                   self->name, offset);
      break;
    case ACTION_FLUSH:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED,
                   _("“%s” was disconnected before it had stored the last bytes. Plug it in "
                     "firmly, in another port if it happens again, and write it anew."),
                   self->name);
      break;
    }
}

static void
set_failed (ValiseTarget *self, Action action, guint64 offset, int code, GError **error)
{
  switch (action)
    {
    case ACTION_WRITE:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE,
                   _("“%s” could not be written at byte %" PRIu64
                     ": %s. Try another port; if it fails again, the drive is defective."),
                   self->name, offset, g_strerror (code));
      break;
    case ACTION_READ:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ,
                   _("“%s” could not be read at byte %" PRIu64
                     ": %s. Try another port; if it fails again, the drive is defective."),
                   self->name, offset, g_strerror (code));
      break;
    case ACTION_FLUSH:
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FLUSH,
                   _("“%s” did not store everything that it had taken: %s. Try another port; if it "
                     "fails again, the drive is defective."),
                   self->name, g_strerror (code));
      break;
    }
}

/* Says in words what @code means for the user. Always returns FALSE. */
static gboolean
fail (ValiseTarget *self, Action action, guint64 offset, int code, GError **error)
{
  /* A drive that was pulled out has a size of 0, and so says that it is full, too. */
  const gboolean is_full = code == ENOSPC || code == EDQUOT;

  if (is_gone (self, code))
    set_gone (self, action, offset, error);
  else if (is_full && self->is_block_device)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE,
                 _("“%s” took no more at byte %" PRIu64
                   ": it is smaller than it says. Use another drive."),
                 self->name, offset);
  else if (is_full)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE,
                 _("There is no space left where the file “%s” is (at byte %" PRIu64
                   " of it). Make space, or choose another folder, and write it anew."),
                 self->name, offset);
  else
    set_failed (self, action, offset, code, error);
  return FALSE;
}

/**
 * valise_target_set_stalled:
 * @self: a target that has done nothing for a while
 * @seconds: for how long
 * @error: where to put that in words
 *
 * Any thread.
 */
void
valise_target_set_stalled (ValiseTarget *self, guint seconds, GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_STALLED,
               /* Translators: a drive, and for how long. */
               g_dngettext (GETTEXT_PACKAGE,
                            "“%s” has stopped answering: it has done nothing for %u second, and "
                            "the other drives went on without it. Unplug it, and write it anew in "
                            "another port; if it stops again, it is defective.",
                            "“%s” has stopped answering: it has done nothing for %u seconds, and "
                            "the other drives went on without it. Unplug it, and write it anew in "
                            "another port; if it stops again, it is defective.",
                            seconds),
               self->name, seconds);
}

/**
 * valise_target_set_crawling:
 * @self: a target that is far slower than the others
 * @rate: bytes per second that it takes
 * @error: where to put that in words
 *
 * Any thread.
 */
void
valise_target_set_crawling (ValiseTarget *self, guint64 rate, GError **error)
{
  g_autofree char *size = g_format_size (rate);

  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_STALLED,
               /* Translators: a drive, and a size such as “0.1 MB”. */
               _("“%s” takes only %s a second, and the other drives went on without it. Write it "
                 "anew by itself, in another port; if it stays so slow, it is defective."),
               self->name, size);
}

static gboolean
check_range (ValiseTarget *self, guint64 offset, gsize size, GError **error)
{
  if (offset % self->sector_size == 0 && size % self->sector_size == 0 && size <= self->size
      && offset <= self->size - size)
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               _("Bytes beyond the end of “%s” were asked for (at byte %" PRIu64
                 "). This is a bug in Valise."),
               self->name, offset);
  return FALSE;
}

/* ---- reading and writing ---- */

static gboolean
write_vector (
    ValiseTarget *self, guint64 offset, struct iovec *vector, guint n, gsize size, GError **error)
{
  while (size > 0)
    {
      const gint64 start = g_get_monotonic_time ();
      gssize done = self->ops.write (self->medium, vector, n, offset);

      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        return fail (self, ACTION_WRITE, offset, done < 0 ? errno : EIO, error);

      count_written (self, done, start);
      offset += done;
      size -= done;
      while (n > 0 && (gsize)done >= vector->iov_len)
        {
          done -= vector->iov_len;
          vector++;
          n--;
        }
      if (n > 0)
        {
          vector->iov_base = (guint8 *)vector->iov_base + done;
          vector->iov_len -= done;
        }
    }
  return TRUE;
}

/**
 * valise_target_write:
 * @self: a target
 * @offset: where to, in bytes; whole sectors
 * @parts: (array length=n_parts): the bytes, in aligned memory
 * @n_parts: at most %VALISE_WRITE_MAX_PARTS
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Writes. Bytes count as written when the drive has taken them. Blocks; any thread.
 *
 * Returns: whether all bytes were written
 */
gboolean
valise_target_write (ValiseTarget *self,
                     guint64 offset,
                     const ValiseWritePart *parts,
                     guint n_parts,
                     GError **error)
{
  struct iovec vector[VALISE_WRITE_MAX_PARTS];
  gsize size = 0;

  g_return_val_if_fail (n_parts <= VALISE_WRITE_MAX_PARTS, FALSE);

  for (guint i = 0; i < n_parts; i++)
    {
      vector[i].iov_base = parts[i].buffer->data + parts[i].start;
      vector[i].iov_len = parts[i].size;
      size += parts[i].size;
    }
  return check_range (self, offset, size, error)
         && write_vector (self, offset, vector, n_parts, size, error);
}

static gboolean
is_aligned (gconstpointer data)
{
  return GPOINTER_TO_SIZE (data) % VALISE_ALIGNMENT == 0;
}

/**
 * valise_target_write_full:
 * @self: a target
 * @offset: where to, in bytes; whole sectors
 * @data: the bytes; copied first where they are not aligned
 * @size: how many; whole sectors
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * As valise_target_write(), for any memory. Up to 1 MiB goes out as one write.
 *
 * Returns: whether all bytes were written
 */
gboolean
valise_target_write_full (
    ValiseTarget *self, guint64 offset, gconstpointer data, gsize size, GError **error)
{
  g_autoptr (ValiseBuffer) bounce = NULL;
  const guint8 *from = data;

  if (!check_range (self, offset, size, error))
    return FALSE;
  if (!is_aligned (data))
    bounce = valise_buffer_new (MIN (size, BOUNCE_SIZE));
  while (size > 0)
    {
      gsize n = bounce != NULL ? MIN (size, bounce->size) : size;
      struct iovec vector = { bounce != NULL ? bounce->data : (guint8 *)from, n };

      if (bounce != NULL)
        memcpy (bounce->data, from, n);
      if (!write_vector (self, offset, &vector, 1, n, error))
        return FALSE;
      from += n;
      offset += n;
      size -= n;
    }
  return TRUE;
}

static gboolean
read_aligned (ValiseTarget *self, guint64 offset, guint8 *to, gsize size, GError **error)
{
  while (size > 0)
    {
      const gint64 start = g_get_monotonic_time ();
      gssize done = self->ops.read (self->medium, to, size, offset);

      if (done < 0 && errno == EINTR)
        continue;
      if (done <= 0)
        return fail (self, ACTION_READ, offset, done < 0 ? errno : EIO, error);
      count_read (self, done, start);
      to += done;
      offset += done;
      size -= done;
    }
  return TRUE;
}

/**
 * valise_target_read_full:
 * @self: a target
 * @offset: from where, in bytes; whole sectors
 * @data: where to put the bytes; aligned memory saves a copy
 * @size: how many; whole sectors
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Reads. From a drive, or from a file on a file system that can do it, the bytes come from the
 * medium and not from the system's cache. Blocks; any thread.
 *
 * Returns: whether all bytes were read
 */
gboolean
valise_target_read_full (
    ValiseTarget *self, guint64 offset, gpointer data, gsize size, GError **error)
{
  g_autoptr (ValiseBuffer) bounce = NULL;
  guint8 *to = data;

  if (!check_range (self, offset, size, error))
    return FALSE;
  if (is_aligned (data))
    return read_aligned (self, offset, to, size, error);
  bounce = valise_buffer_new (MIN (size, BOUNCE_SIZE));
  while (size > 0)
    {
      gsize n = MIN (size, bounce->size);

      if (!read_aligned (self, offset, bounce->data, n, error))
        return FALSE;
      memcpy (to, bounce->data, n);
      to += n;
      offset += n;
      size -= n;
    }
  return TRUE;
}

/**
 * valise_target_flush:
 * @self: a target
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Has the drive store what it has taken. The system tells a loss only once: an error here means
 * that the drive's contents are wrong, whatever later calls say. Blocks; any thread.
 *
 * Returns: whether everything is stored
 */
gboolean
valise_target_flush (ValiseTarget *self, GError **error)
{
  int result;

  do
    result = self->ops.flush (self->medium);
  while (result < 0 && errno == EINTR);
  return result == 0 || fail (self, ACTION_FLUSH, 0, errno, error);
}

/**
 * valise_target_discard:
 * @self: a target
 * @offset: the first byte; whole sectors
 * @size: how many bytes; whole sectors
 *
 * Tells the drive that these bytes are not needed: less for it to keep, and faster to write. What
 * they hold afterwards is up to the drive. One that cannot do this is none the worse. Blocks; any
 * thread.
 */
void
valise_target_discard (ValiseTarget *self, guint64 offset, guint64 size)
{
  if (offset >= self->size || self->ops.discard == NULL)
    return;
  size = MIN (size, self->size - offset);
  if (size > 0 && self->ops.discard (self->medium, offset, size) != 0)
    g_debug ("“%s” discards nothing: %s", self->name, g_strerror (errno));
}

/**
 * valise_target_drop_caches:
 * @self: a target that was flushed
 *
 * Makes the system forget what it knows of the drive's contents, as far as it lets us. Only files
 * on file systems without O_DIRECT need it. Any thread.
 */
void
valise_target_drop_caches (ValiseTarget *self)
{
  if (self->ops.drop_caches != NULL)
    self->ops.drop_caches (self->medium);
}

/**
 * valise_target_rescan:
 * @self: a target
 *
 * Asks the system to look at the partition table anew. It does so by itself where udev runs. Any
 * thread.
 */
void
valise_target_rescan (ValiseTarget *self)
{
  if (self->ops.rescan != NULL)
    self->ops.rescan (self->medium);
}
