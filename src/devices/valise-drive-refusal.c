/* valise-drive-refusal.c: why a drive is refused, said once for all who refuse it.
 *
 * The guard, the list and the lease look at a drive by what different parts of the system say of
 * it, and may each find the same.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-refusal.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"

/**
 * valise_drive_refuse_partition:
 * @name: the drive, as it is shown
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * For a partition, where the whole drive is needed. Any thread.
 *
 * Returns: %FALSE
 */
gboolean
valise_drive_refuse_partition (const char *name, GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               _("“%s” is a partition. Windows needs a whole drive: name the drive that the "
                 "partition is on."),
               name);
  return FALSE;
}

/**
 * valise_drive_refuse_no_medium:
 * @name: the drive, as it is shown
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * For a drive without a medium. Any thread.
 *
 * Returns: %FALSE
 */
gboolean
valise_drive_refuse_no_medium (const char *name, GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_NO_MEDIUM,
               _("There is no medium in “%s”. Insert one."), name);
  return FALSE;
}

/**
 * valise_drive_refuse_read_only:
 * @name: the drive, as it is shown
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * For a drive that cannot be written. Any thread.
 *
 * Returns: %FALSE
 */
gboolean
valise_drive_refuse_read_only (const char *name, GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ_ONLY,
               _("“%s” cannot be written. Look for a switch on it, or use another drive."), name);
  return FALSE;
}

/**
 * valise_drive_refuse_system:
 * @name: the drive, as it is shown
 * @folder: a folder of the running system, as it is shown
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * For a drive that the system runs from. Any thread.
 *
 * Returns: %FALSE
 */
gboolean
valise_drive_refuse_system (const char *name, const char *folder, GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               /* Translators: a drive, and a folder such as “/”. */
               _("“%s” holds “%s” of the running system and is never erased. Choose "
                 "another drive."),
               name, folder);
  return FALSE;
}

/**
 * valise_drive_refuse_swap:
 * @name: the drive, as it is shown
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * For a drive that the system swaps to. Any thread.
 *
 * Returns: %FALSE
 */
gboolean
valise_drive_refuse_swap (const char *name, GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               _("“%s” is never erased: the running system swaps to it. Choose another drive."),
               name);
  return FALSE;
}
