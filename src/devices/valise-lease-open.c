/* valise-lease-open.c: a lease opens the drive, locks out udev, and looks at what was opened.
 *
 * The exclusive descriptor keeps others from mounting the drive, the lock on it keeps udev from
 * looking at it (systemd's BLOCK_DEVICE_LOCKING), so that no desktop hears of what is half written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-work-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "valise-drive-refusal.h"

/* Each may ask for a password where the rules do not let it be remembered. */
#define OPEN_TRIES 4
#define OPEN_PAUSE_MS 300

/* udev locks a drive for a moment whenever it looks at it. */
#define LOCK_TRIES 30
#define LOCK_PAUSE_MS 100

static int
open_drive (ValiseLeaseWork *self, GError **error)
{
  for (guint try = 1;; try++)
    {
      g_autoptr (ValiseLeaseTree) tree = valise_lease_work_clear (self, error);
      g_autoptr (GError) why = NULL;
      int fd;

      if (tree == NULL)
        return -1;
      fd = valise_lease_bus_open_device (self->bus, valise_lease_tree_get_whole (tree)->object,
                                         "rw", O_EXCL | O_DIRECT | O_CLOEXEC, self->cancellable,
                                         &why);
      if (fd >= 0)
        return fd;
      g_debug ("OpenDevice: %s", why->message);
      if (!valise_lease_bus_is_busy (why) && !valise_lease_bus_is_unknown (why))
        valise_lease_work_explain (self, why, error);
      else if (try < OPEN_TRIES)
        {
          /* Perhaps an automounter was faster; then it shows. */
          if (valise_lease_bus_pause (OPEN_PAUSE_MS, self->cancellable, error))
            continue;
        }
      else if (valise_lease_bus_is_busy (why))
        valise_lease_work_set_busy (self, tree, NULL, error);
      else
        valise_lease_work_set_vanished (self, error);
      return -1;
    }
}

static gboolean
lock (ValiseLeaseWork *self, int fd, GError **error)
{
  for (guint try = 1; flock (fd, LOCK_EX | LOCK_NB) != 0; try++)
    {
      int saved = errno;

      if (saved == EINTR)
        continue;
      if (saved != EWOULDBLOCK)
        {
          g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                       _("“%s” cannot be locked: %s. Plug it in again, and try once more."),
                       self->name, g_strerror (saved));
          return FALSE;
        }
      if (try >= LOCK_TRIES)
        return valise_lease_work_set_busy (self, self->first, NULL, error);
      if (!valise_lease_bus_pause (LOCK_PAUSE_MS, self->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* A name may stand for another drive than a moment ago; a descriptor cannot. */
static gboolean
check_descriptor (ValiseLeaseWork *self, int fd, GError **error)
{
  ValiseLeaseFacts facts = { 0 };

  if (!self->options.ops->look_at (self->options.ops_data, fd, &facts)
      || (facts.is_block_device && facts.number == self->first->number && facts.size == 0))
    return valise_lease_work_set_vanished (self, error);
  if (!facts.is_block_device || facts.number != self->first->number)
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   _("udisks2 opened another device than “%s”. It is left alone; plug the drive in "
                     "again, and try once more."),
                   self->name);
      return FALSE;
    }
  if (facts.size != self->first->size)
    {
      g_autofree char *said = g_format_size_full (self->first->size, G_FORMAT_SIZE_LONG_FORMAT);
      g_autofree char *is = g_format_size_full (facts.size, G_FORMAT_SIZE_LONG_FORMAT);

      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   /* Translators: a drive and two sizes. */
                   _("“%s” should have %s, but has %s: another drive may be there now. Look which "
                     "drive it is, and start again."),
                   self->name, said, is);
      return FALSE;
    }
  if (facts.read_only)
    return valise_drive_refuse_read_only (self->name, error);
  return TRUE;
}

static int
acquire (ValiseLeaseWork *self, GError **error)
{
  static const char *const nothing[] = { NULL };
  int fd;

  self->first = valise_lease_work_look (self, error);
  fd = self->first != NULL ? open_drive (self, error) : -1;
  if (fd < 0)
    return -1;
  if (lock (self, fd, error) && check_descriptor (self, fd, error)
      && self->options.ops->check (self->options.ops_data, self->device, VALISE_LEASE_MOMENT_OPEN,
                                   nothing, error))
    return fd;
  close (fd);
  return -1;
}

/**
 * valise_lease_work_acquire:
 * @self: new work
 * @cancellable: (nullable): ends it
 * @error: where to put an error
 *
 * Returns: a descriptor that is the caller's, or -1
 */
int
valise_lease_work_acquire (ValiseLeaseWork *self, GCancellable *cancellable, GError **error)
{
  int fd = valise_lease_work_begin (self, cancellable, error) ? acquire (self, error) : -1;

  valise_lease_work_end (self);
  return fd;
}
