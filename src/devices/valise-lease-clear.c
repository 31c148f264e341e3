/* valise-lease-clear.c: a lease unmounts the drive, and locks what is encrypted on it.
 *
 * Look, unmount, lock, look again, until nothing is left. Nothing is forced: what is busy stays,
 * and is named. An automounter, which mounts again what was unmounted, is outrun a few times.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-work-private.h"

#include <glib/gi18n-lib.h>
#include <udisks/udisks.h>

#include "core/valise-error.h"
#include "valise-drive-users.h"

/* How often the same file system may be mounted again. */
#define RETURNS_MOST 5

/* How often udisks2 may be found not to know yet what it has done. */
#define LAGS_MOST 50
#define LAG_PAUSE_MS 100

/* A program that only looks is done soon. */
#define BUSY_TRIES 4
#define BUSY_PAUSE_MS 500

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

/**
 * valise_lease_work_set_busy:
 * @self: work
 * @tree: how the drive was
 * @what: (nullable): the folder or device that is in use; %NULL for the whole drive
 * @error: where to put an error
 *
 * Says that the drive is in use, and by whom if that can be seen.
 *
 * Returns: %FALSE
 */
gboolean
valise_lease_work_set_busy (ValiseLeaseWork *self,
                            const ValiseLeaseTree *tree,
                            const char *what,
                            GError **error)
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

/**
 * valise_lease_work_explain:
 * @self: work that has begun
 * @why: an error of a call
 * @error: where to put an error
 *
 * What udisks2 could not do because the drive has changed is told by how it is now, better than by
 * what udisks2 said.
 *
 * Returns: %FALSE
 */
gboolean
valise_lease_work_explain (ValiseLeaseWork *self, const GError *why, GError **error)
{
  if (g_error_matches (why, UDISKS_ERROR, UDISKS_ERROR_FAILED))
    {
      g_autoptr (ValiseLeaseTree) tree = valise_lease_work_look (self, error);

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
        return valise_lease_work_explain (self, why, error);
      if (try >= BUSY_TRIES)
        return valise_lease_work_set_busy (self, tree, what, error);
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

/**
 * valise_lease_work_clear:
 * @self: work that has begun
 * @error: where to put an error
 *
 * Unmounts and locks until nothing is left. What lies on another comes first.
 *
 * Returns: (transfer full) (nullable): how the drive is then
 */
ValiseLeaseTree *
valise_lease_work_clear (ValiseLeaseWork *self, GError **error)
{
  for (;;)
    {
      g_autoptr (ValiseLeaseTree) tree = valise_lease_work_look (self, error);
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
