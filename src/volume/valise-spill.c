/* valise-spill.c: a temporary file for what has no room in memory for a while.
 *
 * The file is made when it is first needed, in the folder for temporary files, and has no name from
 * then on: whatever happens to the process, nothing of it stays.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-spill.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-error.h"

struct _ValiseSpill
{
  char *folder;
  gsize slot_size;
  guint n_slots;
  int fd; /* -1 until it is needed */
};

/**
 * valise_spill_new:
 * @folder: where the file may be
 * @slot_size: the size of a slot in bytes
 *
 * Returns: (transfer full): a spill without slots; there is no file yet
 */
ValiseSpill *
valise_spill_new (const char *folder, gsize slot_size)
{
  ValiseSpill *self = g_new0 (ValiseSpill, 1);

  self->folder = g_strdup (folder);
  self->slot_size = slot_size;
  self->fd = -1;
  return self;
}

/**
 * valise_spill_free:
 * @self: (transfer full): a spill; its file is gone with it
 */
void
valise_spill_free (ValiseSpill *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->folder);
  g_free (self);
}

/**
 * valise_spill_take_slot:
 * @self: a spill
 *
 * Returns: the number of a new slot
 */
guint
valise_spill_take_slot (ValiseSpill *self)
{
  return self->n_slots++;
}

static gboolean
fail (ValiseSpill *self, int number, GError **error)
{
  g_set_error (error, VALISE_SYSTEM_ERROR,
               number == ENOSPC || number == EDQUOT ? VALISE_SYSTEM_ERROR_NO_SPACE
                                                    : VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a folder, and what the system said. */
               _("The temporary file in “%s” cannot be used: %s. Look after the disk that holds "
                 "it, or set VALISE_SCRATCH to a folder on another."),
               self->folder, g_strerror (number));
  return FALSE;
}

static gboolean
open_file (ValiseSpill *self, GError **error)
{
  g_autofree char *path = NULL;

  if (self->fd >= 0)
    return TRUE;
  path = g_build_filename (self->folder, "spill-XXXXXX", NULL);
  self->fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (self->fd < 0)
    return fail (self, errno, error);
  g_unlink (path);
  return TRUE;
}

/**
 * valise_spill_write:
 * @self: a spill
 * @slot: a slot of it
 * @at: where in the slot, in bytes
 * @data: what to keep
 * @size: how many bytes
 * @error: where to put an error
 *
 * Returns: whether all bytes can be read again
 */
gboolean
valise_spill_write (
    ValiseSpill *self, guint slot, gsize at, gconstpointer data, gsize size, GError **error)
{
  const char *from = data;

  g_return_val_if_fail (slot < self->n_slots && size <= self->slot_size
                            && at <= self->slot_size - size, FALSE);

  if (!open_file (self, error))
    return FALSE;
  for (gsize done = 0; done < size;)
    {
      ssize_t n = pwrite (self->fd, from + done, size - done,
                          (off_t)slot * self->slot_size + at + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail (self, n < 0 ? errno : ENOSPC, error);
      done += n;
    }
  return TRUE;
}

/**
 * valise_spill_read:
 * @self: a spill
 * @slot: a slot of it
 * @at: where in the slot, in bytes
 * @data: where to put what was written there
 * @size: how many bytes
 * @error: where to put an error
 *
 * Returns: whether all bytes were read
 */
gboolean
valise_spill_read (
    ValiseSpill *self, guint slot, gsize at, gpointer data, gsize size, GError **error)
{
  char *to = data;

  g_return_val_if_fail (slot < self->n_slots && size <= self->slot_size
                            && at <= self->slot_size - size, FALSE);

  for (gsize done = 0; done < size;)
    {
      ssize_t n = pread (self->fd, to + done, size - done,
                         (off_t)slot * self->slot_size + at + done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail (self, n < 0 ? errno : EIO, error);
      done += n;
    }
  return TRUE;
}
