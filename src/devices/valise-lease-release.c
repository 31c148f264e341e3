/* valise-lease-release.c: a lease lets its drive go, and powers it off if that is wanted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-work-private.h"

#include <glib/gi18n-lib.h>
#include <udisks/udisks.h>

#include "core/valise-error.h"

/* A desktop that looks at what is new on the drive is done soon, or mounts it. */
#define POWER_OFF_TRIES 5
#define BUSY_PAUSE_MS 500

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
      g_autoptr (ValiseLeaseTree) tree = valise_lease_work_clear (self, error);
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
        valise_lease_work_explain (self, why, error);
      else if (try >= POWER_OFF_TRIES)
        valise_lease_work_set_busy (self, tree, NULL, error);
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
  gboolean ok = valise_lease_work_begin (self, cancellable, error);

  if (ok && should_eject)
    {
      ok = eject (self, error);
      if (!ok)
        rescan (self, NULL);
    }
  else if (ok)
    ok = rescan (self, error);
  valise_lease_work_end (self);
  return ok;
}
