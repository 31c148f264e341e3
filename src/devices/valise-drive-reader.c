/* valise-drive-reader.c: opening a drive only to read it, through udisks2.
 *
 * Unlike a lease this keeps nobody out, and the drive may be mounted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-reader.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "valise-drive-refusal.h"
#include "valise-lease-bus.h"
#include "valise-lease-ops.h"
#include "valise-lease-tree.h"

typedef struct
{
  char *device;
  char *name; /* to be shown */
  ValiseDriveLeaseOptions options;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *self = data;

  g_free (self->device);
  g_free (self->name);
  g_free (self);
}

static gboolean
check_tree (Opening *self, const ValiseLeaseTree *tree, GError **error)
{
  if (tree == NULL)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS,
                 _("The service udisks2 does not know a drive “%s”. Plug it in again, or run "
                   "Valise as root."),
                 self->name);
  else if (tree->is_partition)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("“%s” is a partition. Name the drive that the partition is on."), self->name);
  else if (tree->size == 0)
    valise_drive_refuse_no_medium (self->name, error);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_descriptor (Opening *self, const ValiseLeaseTree *tree, int fd, GError **error)
{
  ValiseLeaseFacts facts = { 0 };

  if (self->options.ops->look_at (self->options.ops_data, fd, &facts) && facts.is_block_device
      && facts.number == tree->number && facts.size == tree->size)
    return TRUE;
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED,
               _("“%s” was pulled out, or another drive is there now. Look which drive it is, and "
                 "start again."),
               self->name);
  return FALSE;
}

static int
open_drive (Opening *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseLeaseBus) bus = valise_lease_bus_new (cancellable, error);
  g_autoptr (GVariant) objects
      = bus != NULL ? valise_lease_bus_get_objects (bus, cancellable, error) : NULL;
  g_autoptr (ValiseLeaseTree) tree
      = objects != NULL ? valise_lease_tree_find (objects, self->device) : NULL;
  g_autoptr (GError) why = NULL;
  int fd;

  if (objects == NULL || !check_tree (self, tree, error))
    return -1;
  fd = valise_lease_bus_open_device (bus, valise_lease_tree_get_whole (tree)->object, "r",
                                     O_DIRECT | O_CLOEXEC, cancellable, &why);
  if (fd < 0)
    valise_lease_bus_set_error (error, why, self->name);
  else if (!check_descriptor (self, tree, fd, error))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static void
open_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  int fd = open_drive (data, cancellable, &error);

  if (fd >= 0)
    g_task_return_int (task, fd);
  else
    g_task_return_error (task, error);
}

/**
 * valise_drive_open_for_reading_async:
 * @device: path of a drive's node
 * @options: (nullable): options; copied
 * @cancellable: (nullable): ends it
 * @callback: called in the thread's default main context
 * @data: for @callback
 *
 * Has udisks2 open the drive, with O_DIRECT and O_CLOEXEC. May wait for a password.
 */
void
valise_drive_open_for_reading_async (const char *device,
                                     const ValiseDriveLeaseOptions *options,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Opening *self = g_new0 (Opening, 1);

  self->device = g_strdup (device);
  self->name = g_filename_display_name (device);
  if (options != NULL)
    self->options = *options;
  if (self->options.ops == NULL)
    self->options.ops = &valise_lease_kernel_ops;
  g_task_set_source_tag (task, valise_drive_open_for_reading_async);
  g_task_set_task_data (task, self, opening_free);
  /* A descriptor must not be lost for a cancellation that came too late. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, open_thread);
}

/**
 * valise_drive_open_for_reading_finish:
 * @result: what the callback was given
 * @error: where to put an error as for valise_drive_lease_acquire_finish()
 *
 * Returns: a descriptor that is the caller's, or -1
 */
int
valise_drive_open_for_reading_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_int (G_TASK (result), error);
}
