/* valise-lease-work.c: what a lease does, step by step, in its thread.
 *
 * Look, unmount, lock, look again, until nothing is left; open; lock out udev; and compare what was
 * opened with what was looked at. Nothing is forced: what is busy stays, and is named. An
 * automounter, which mounts again what was unmounted, is outrun a few times.
 *
 * The exclusive descriptor keeps others from mounting the drive, the lock on it keeps udev from
 * looking at it (systemd's BLOCK_DEVICE_LOCKING), so that no desktop hears of what is half written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-work.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/file.h>
#include <udisks/udisks.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "valise-drive-guard.h"
#include "valise-drive-users.h"
#include "valise-lease-ops.h"

/* How often the same file system may be mounted again. */
#define RETURNS_MOST 5

/* How often udisks2 may be found not to know yet what it has done. */
#define LAGS_MOST 50
#define LAG_PAUSE_MS 100

/* A program that only looks is done soon. */
#define BUSY_TRIES 4
#define BUSY_PAUSE_MS 500

/* Each may ask for a password where the rules do not let it be remembered. */
#define OPEN_TRIES 4
#define OPEN_PAUSE_MS 300

/* udev locks a drive for a moment whenever it looks at it. */
#define LOCK_TRIES 30
#define LOCK_PAUSE_MS 100

#define POWER_OFF_TRIES 5

struct _ValiseLeaseWork
{
  char *device;
  char *name; /* to be shown */
  ValiseDriveLeaseOptions options;

  ValiseLeaseTree *first; /* as it was when the work began */
  GHashTable *unmounted;  /* folder, how often it was unmounted */
  guint n_lags;

  /* While a function runs. */
  ValiseLeaseBus *bus;
  GCancellable *cancellable;
};

/**
 * valise_lease_work_new:
 * @device: path of a drive's node
 * @options: (nullable): options; copied
 *
 * Returns: (transfer full): work to be done
 */
ValiseLeaseWork *
valise_lease_work_new (const char *device, const ValiseDriveLeaseOptions *options)
{
  ValiseLeaseWork *self = g_new0 (ValiseLeaseWork, 1);

  self->device = g_strdup (device);
  self->name = g_filename_display_name (device);
  if (options != NULL)
    self->options = *options;
  if (self->options.ops == NULL)
    self->options.ops = &valise_lease_kernel_ops;
  self->unmounted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * valise_lease_work_free:
 * @self: (transfer full): work
 */
void
valise_lease_work_free (ValiseLeaseWork *self)
{
  g_free (self->device);
  g_free (self->name);
  g_clear_pointer (&self->first, valise_lease_tree_free);
  g_hash_table_unref (self->unmounted);
  g_free (self);
}

/* ---- looking ---- */

static gboolean
is_same (const ValiseLeaseTree *a, const ValiseLeaseTree *b)
{
  return a->number == b->number && a->size == b->size && g_strcmp0 (a->drive, b->drive) == 0
         && g_str_equal (valise_lease_tree_get_whole (a)->object,
                         valise_lease_tree_get_whole (b)->object);
}

static gboolean
set_vanished (ValiseLeaseWork *self, GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED,
               _("“%s” was pulled out, or another drive is there now. Look which drive it is, and "
                 "start again."),
               self->name);
  return FALSE;
}

static gboolean
check_whole (ValiseLeaseWork *self, const ValiseLeaseTree *tree, GError **error)
{
  if (self->first != NULL && !is_same (self->first, tree))
    return set_vanished (self, error);
  if (tree->is_partition)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("“%s” is a partition. Windows needs a whole drive: name the drive that the "
                   "partition is on."),
                 self->name);
  else if (tree->size == 0)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_NO_MEDIUM,
                 _("There is no medium in “%s”. Insert one."), self->name);
  else if (tree->read_only)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ_ONLY,
                 _("“%s” cannot be written. Look for a switch on it, or use another drive."),
                 self->name);
  else if (self->options.size != 0 && tree->size != self->options.size)
    return set_vanished (self, error);
  else
    return TRUE;
  return FALSE;
}

/* What udisks2 knows to be in use other than by being mounted. Where it runs in another mount
 * namespace than we do, as with Flatpak, only it knows what the system's folders are on. */
static gboolean
check_parts (ValiseLeaseWork *self, const ValiseLeaseTree *tree, GError **error)
{
  for (guint i = 0; i < tree->parts->len; i++)
    {
      const ValiseLeasePart *part = g_ptr_array_index (tree->parts, i);

      for (gsize j = 0; part->mounts[j] != NULL; j++)
        if (valise_drive_guard_is_system_folder (part->mounts[j]))
          {
            g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                         _("“%s” holds “%s” of the running system and is never erased. Choose "
                           "another drive."),
                         self->name, part->mounts[j]);
            return FALSE;
          }
      if (part->swaps)
        g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                     _("“%s” is never erased: the running system swaps to it. Choose another "
                       "drive."),
                     self->name);
      else if (part->in_raid)
        g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                     /* Translators: a drive, and a partition such as “/dev/sda2”. */
                     _("“%s” is in use: “%s” is part of a RAID that runs. Stop the RAID first, if "
                       "it is the drive that you mean."),
                     self->name, part->device);
      else
        continue;
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_system (ValiseLeaseWork *self, const ValiseLeaseTree *tree, GError **error)
{
  g_auto (GStrv) names = valise_lease_tree_dup_unlocked (tree, TRUE);
  const char *const *closable = (const char *const *) names;
  const ValiseLeaseOps *ops = self->options.ops;

  if (!ops->check (self->options.ops_data, self->device, VALISE_LEASE_MOMENT_BEFORE, closable,
                   error))
    return FALSE;
  for (guint i = 1; i < tree->parts->len; i++)
    {
      const ValiseLeasePart *part = g_ptr_array_index (tree->parts, i);

      if (part->backing != NULL && part->device != NULL
          && !ops->check (self->options.ops_data, part->device, VALISE_LEASE_MOMENT_STACKED,
                          closable, error))
        return FALSE;
    }
  return TRUE;
}

/* How the drive is now, if it may be erased. */
static ValiseLeaseTree *
look (ValiseLeaseWork *self, GError **error)
{
  g_autoptr (GVariant) objects
      = valise_lease_bus_get_objects (self->bus, self->cancellable, error);
  g_autoptr (ValiseLeaseTree) tree = NULL;

  if (objects == NULL)
    return NULL;
  tree = valise_lease_tree_find (objects, self->device);
  if (tree == NULL && self->first != NULL)
    set_vanished (self, error);
  else if (tree == NULL)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS,
                 _("The service udisks2 does not know a drive “%s”. Plug it in again, or run "
                   "Valise as root."),
                 self->name);
  else if (check_whole (self, tree, error) && check_parts (self, tree, error)
           && check_system (self, tree, error))
    return g_steal_pointer (&tree);
  return NULL;
}

static gboolean
begin (ValiseLeaseWork *self, GCancellable *cancellable, GError **error)
{
  self->cancellable = cancellable;
  self->bus = valise_lease_bus_new (cancellable, error);
  return self->bus != NULL;
}

static void
end (ValiseLeaseWork *self)
{
  g_clear_pointer (&self->bus, valise_lease_bus_free);
  self->cancellable = NULL;
}

/**
 * valise_lease_work_survey:
 * @self: work
 * @cancellable: (nullable): ends it
 * @error: where to put an error
 *
 * Returns: (transfer full) (nullable): what acquiring would do; %NULL if the drive is refused
 */
ValiseDriveSurvey *
valise_lease_work_survey (ValiseLeaseWork *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseLeaseTree) tree = begin (self, cancellable, error) ? look (self, error) : NULL;
  ValiseDriveSurvey *survey = NULL;

  end (self);
  if (tree == NULL)
    return NULL;
  survey = g_new0 (ValiseDriveSurvey, 1);
  survey->mounts = valise_lease_tree_dup_mounts (tree);
  survey->unlocked = valise_lease_tree_dup_unlocked (tree, FALSE);
  survey->contents = valise_lease_tree_dup_contents (tree);
  return survey;
}

/* ---- unmounting and locking ---- */

/* udisks2 learns late of what it did itself. */
static gboolean
wait_for_udisks (ValiseLeaseWork *self, GError **error)
{
  if (self->n_lags++ < LAGS_MOST)
    return valise_lease_bus_pause (LAG_PAUSE_MS, self->cancellable, error);
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
               _("The state of “%s” does not settle. Plug it in again, and try once more."),
               self->name);
  return FALSE;
}

static gboolean
set_busy (ValiseLeaseWork *self, const ValiseLeaseTree *tree, const char *what, GError **error)
{
  g_auto (GStrv) mounts = valise_lease_tree_dup_mounts (tree);
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();
  g_autofree char *users = NULL;

  for (guint i = 0; i < tree->parts->len; i++)
    {
      const ValiseLeasePart *part = g_ptr_array_index (tree->parts, i);

      if (part->device != NULL)
        g_ptr_array_add (devices, part->device);
    }
  g_ptr_array_add (devices, NULL);
  users = valise_drive_users_describe ((const char *const *) mounts,
                                       (const char *const *) devices->pdata);
  if (what == NULL && users == NULL)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
                 _("Another program, perhaps another Valise, holds “%s” open. End that program, "
                   "and try again."),
                 self->name);
  else if (what == NULL)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
                 /* Translators: a drive, and a list of programs. */
                 _("“%s” is held open by %s. End that first, and try again."), self->name, users);
  else if (users == NULL)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
                 /* Translators: a drive, and a folder or device. */
                 _("“%s” is in use: a program has something open in “%s”. Close it, and try "
                   "again."),
                 self->name, what);
  else
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
                 /* Translators: a drive, a folder or device, and a list of programs. */
                 _("“%s” is in use: “%s” is held open by %s. End that first, and try again."),
                 self->name, what, users);
  return FALSE;
}

/* Why a call failed. What udisks2 could not do because the drive has changed is told by how it is
 * now better than by what udisks2 said. */
static gboolean
explain (ValiseLeaseWork *self, const GError *why, GError **error)
{
  if (g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_FAILED))
    {
      g_autoptr (ValiseLeaseTree) tree = look (self, error);

      if (tree == NULL)
        return FALSE;
    }
  return valise_lease_bus_set_error (error, why, self->name);
}

/* Never with force, which would take files away from programs that write to them. */
static gboolean
call_until_free (ValiseLeaseWork *self, const ValiseLeaseTree *tree, const char *object,
                 const char *interface, const char *method, const char *what, GError **error)
{
  for (guint try = 1;; try++)
    {
      g_autoptr (GError) why = NULL;

      if (valise_lease_bus_call (self->bus, object, interface, method, TRUE, self->cancellable,
                                 &why))
        return TRUE;
      g_debug ("%s of %s: %s", method, object, why->message);
      /* Somebody else did it, or it has gone: whoever calls looks again. */
      if (g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_NOT_MOUNTED)
          || g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_ALREADY_UNMOUNTING)
          || valise_lease_bus_is_unknown (why))
        return wait_for_udisks (self, error);
      if (!valise_lease_bus_is_busy (why))
        return explain (self, why, error);
      if (try >= BUSY_TRIES)
        return set_busy (self, tree, what, error);
      if (!valise_lease_bus_pause (BUSY_PAUSE_MS, self->cancellable, error))
        return FALSE;
    }
}

static gboolean
unmount (ValiseLeaseWork *self, const ValiseLeaseTree *tree, const ValiseLeasePart *part,
         GError **error)
{
  const char *folder = part->mounts[0];
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->unmounted, folder));
  g_autofree char *shown = g_filename_display_name (folder);

  if (n > RETURNS_MOST)
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE,
                   /* Translators: a drive, and a folder. */
                   _("“%s” is mounted on “%s” again whenever it was unmounted. End the program "
                     "that does so (an automounter), and try again."),
                   self->name, shown);
      return FALSE;
    }
  g_hash_table_insert (self->unmounted, g_strdup (folder), GUINT_TO_POINTER (n + 1));
  return call_until_free (self, tree, part->object, VALISE_LEASE_INTERFACE ("Filesystem"),
                          "Unmount", shown, error);
}

/* Unmounts and locks until nothing is left. What lies on another comes first. */
static ValiseLeaseTree *
clear (ValiseLeaseWork *self, GError **error)
{
  for (;;)
    {
      g_autoptr (ValiseLeaseTree) tree = look (self, error);
      gboolean ok = tree != NULL;
      gboolean is_clear = TRUE;

      for (guint i = ok ? tree->parts->len : 0; is_clear && i-- > 0;)
        {
          const ValiseLeasePart *part = g_ptr_array_index (tree->parts, i);

          if (part->mounts[0] != NULL)
            ok = unmount (self, tree, part, error);
          else if (part->backing != NULL && i > 0)
            ok = call_until_free (self, tree, part->backing, VALISE_LEASE_INTERFACE ("Encrypted"),
                                  "Lock", part->device, error);
          else
            continue;
          is_clear = FALSE;
        }
      if (!ok)
        return NULL;
      if (is_clear)
        return g_steal_pointer (&tree);
    }
}

/* ---- opening ---- */

static int
open_drive (ValiseLeaseWork *self, GError **error)
{
  for (guint try = 1;; try++)
    {
      g_autoptr (ValiseLeaseTree) tree = clear (self, error);
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
        explain (self, why, error);
      else if (try < OPEN_TRIES)
        {
          /* Perhaps an automounter was faster; then it shows. */
          if (valise_lease_bus_pause (OPEN_PAUSE_MS, self->cancellable, error))
            continue;
        }
      else if (valise_lease_bus_is_busy (why))
        set_busy (self, tree, NULL, error);
      else
        set_vanished (self, error);
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
        return set_busy (self, self->first, NULL, error);
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
    return set_vanished (self, error);
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
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ_ONLY,
                   _("“%s” cannot be written. Look for a switch on it, or use another drive."),
                   self->name);
      return FALSE;
    }
  return TRUE;
}

static int
acquire (ValiseLeaseWork *self, GError **error)
{
  static const char *const nothing[] = { NULL };
  int fd;

  self->first = look (self, error);
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
  int fd = begin (self, cancellable, error) ? acquire (self, error) : -1;

  end (self);
  return fd;
}

/* ---- letting go ---- */

static gboolean
prefix_eject (ValiseLeaseWork *self, GError **error)
{
  /* Translators: a sentence that says why follows. */
  g_prefix_error (error, _("“%s” was not ejected; what was written is not harmed. "), self->name);
  return FALSE;
}

static gboolean
eject (ValiseLeaseWork *self, GError **error)
{
  g_hash_table_remove_all (self->unmounted);
  for (guint try = 1;; try++)
    {
      /* With nobody locked out any more, the new file systems may have been mounted. */
      g_autoptr (ValiseLeaseTree) tree = clear (self, error);
      const char *method;
      g_autoptr (GError) why = NULL;

      if (tree == NULL)
        return prefix_eject (self, error);
      method = tree->can_power_off ? "PowerOff" : "Eject";
      if (tree->drive == NULL || (!tree->can_power_off && !tree->ejectable))
        {
          g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                       _("“%s” cannot be switched off by a program. It may be unplugged."),
                       self->name);
          return FALSE;
        }
      if (valise_lease_bus_call (self->bus, tree->drive, VALISE_LEASE_INTERFACE ("Drive"), method,
                                 TRUE, self->cancellable, &why))
        return TRUE;
      g_debug ("%s: %s", method, why->message);
      if (!valise_lease_bus_is_busy (why))
        explain (self, why, error);
      else if (try >= POWER_OFF_TRIES)
        set_busy (self, tree, NULL, error);
      else if (valise_lease_bus_pause (BUSY_PAUSE_MS, self->cancellable, error))
        continue;
      return prefix_eject (self, error);
    }
}

/* The kernel and udev have looked again by themselves: nobody is asked for a password for this, and
 * a drive that has gone needs it no more. */
static gboolean
rescan (ValiseLeaseWork *self, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (valise_lease_bus_call (self->bus, valise_lease_tree_get_whole (self->first)->object,
                             VALISE_LEASE_INTERFACE ("Block"), "Rescan", FALSE, self->cancellable,
                             &why))
    return TRUE;
  g_debug ("Rescan: %s", why->message);
  if (g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED)
      || g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_NOT_AUTHORIZED_CAN_OBTAIN)
      || valise_lease_bus_is_unknown (why))
    return TRUE;
  return valise_lease_bus_set_error (error, why, self->name);
}

/**
 * valise_lease_work_release:
 * @self: work that has acquired a drive, whose descriptors are closed now
 * @eject: whether to power the drive off, or eject its medium
 * @cancellable: (nullable): ends it
 * @error: where to put an error
 *
 * Returns: whether all was done
 */
gboolean
valise_lease_work_release (ValiseLeaseWork *self,
                           gboolean should_eject,
                           GCancellable *cancellable,
                           GError **error)
{
  gboolean ok = begin (self, cancellable, error);

  if (ok && should_eject)
    {
      ok = eject (self, error);
      if (!ok)
        rescan (self, NULL);
    }
  else if (ok)
    ok = rescan (self, error);
  end (self);
  return ok;
}
