/* valise-lease-ops.c: what a lease asks the kernel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-ops.h"

#include <glib/gi18n-lib.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "core/valise-error.h"
#include "valise-drive-guard.h"
#include "valise-drive-info.h"

static gboolean
look_at (gpointer data, int fd, ValiseLeaseFacts *facts)
{
  struct stat status;
  int read_only = 0;

  if (fstat (fd, &status) != 0)
    return FALSE;
  facts->is_block_device = S_ISBLK (status.st_mode);
  facts->number = status.st_rdev;
  if (!facts->is_block_device)
    return TRUE;
  if (ioctl (fd, BLKGETSIZE64, &facts->size) != 0 || ioctl (fd, BLKROGET, &read_only) != 0)
    return FALSE;
  facts->read_only = read_only != 0;
  return TRUE;
}

static gboolean
check (gpointer data, const char *device, ValiseLeaseMoment moment, const char *const *closable,
       GError **error)
{
  g_autoptr (ValiseDriveInfo) info = valise_drive_info_read (device, error);
  g_autoptr (ValiseSystemState) state = info != NULL ? valise_system_state_read (error) : NULL;

  if (state == NULL)
    return FALSE;
  if (info->kind != VALISE_DRIVE_KIND_BLOCK)
    {
      g_autofree char *name = g_filename_display_name (device);

      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   _("“%s” is no drive that can be seen from here, so it cannot be made sure that "
                     "the running system does not use it. It is left alone."),
                   name);
      return FALSE;
    }
  if (moment == VALISE_LEASE_MOMENT_OPEN)
    return valise_drive_guard_check (info, state, error);
  /* It is going to be locked, not written. */
  if (moment == VALISE_LEASE_MOMENT_STACKED)
    info->read_only = FALSE;
  return valise_drive_guard_check_leasable (info, state, closable, error);
}

const ValiseLeaseOps valise_lease_kernel_ops = { look_at, check };
