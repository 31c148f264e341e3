/* valise-lease-work.c: how a drive is now, and whether it may be leased.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-work-private.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "valise-drive-guard.h"
#include "valise-drive-refusal.h"
#include "valise-lease-ops.h"

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

static gboolean
is_same (const ValiseLeaseTree *a, const ValiseLeaseTree *b)
{
  return a->number == b->number && a->size == b->size && g_strcmp0 (a->drive, b->drive) == 0
         && g_str_equal (valise_lease_tree_get_whole (a)->object,
                         valise_lease_tree_get_whole (b)->object);
}

/**
 * valise_lease_work_set_vanished:
 * @self: work
 * @error: where to put an error
 *
 * Says that the drive is not there any more, or is another one.
 *
 * Returns: %FALSE
 */
gboolean
valise_lease_work_set_vanished (ValiseLeaseWork *self, GError **error)
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
    return valise_lease_work_set_vanished (self, error);
  if (tree->is_partition)
    valise_drive_refuse_partition (self->name, error);
  else if (tree->size == 0)
    valise_drive_refuse_no_medium (self->name, error);
  else if (tree->read_only)
    valise_drive_refuse_read_only (self->name, error);
  else if (self->options.size != 0 && tree->size != self->options.size)
    return valise_lease_work_set_vanished (self, error);
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
          return valise_drive_refuse_system (self->name, part->mounts[j], error);
      if (part->swaps)
        valise_drive_refuse_swap (self->name, error);
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

/**
 * valise_lease_work_look:
 * @self: work that has begun
 * @error: where to put an error
 *
 * Asks udisks2 and the guard anew.
 *
 * Returns: (transfer full) (nullable): how the drive is now; %NULL if it has gone or may not be
 *   erased
 */
ValiseLeaseTree *
valise_lease_work_look (ValiseLeaseWork *self, GError **error)
{
  g_autoptr (GVariant) objects
      = valise_lease_bus_get_objects (self->bus, self->cancellable, error);
  g_autoptr (ValiseLeaseTree) tree = NULL;

  if (objects == NULL)
    return NULL;
  tree = valise_lease_tree_find (objects, self->device);
  if (tree == NULL && self->first != NULL)
    valise_lease_work_set_vanished (self, error);
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

/**
 * valise_lease_work_begin:
 * @self: work
 * @cancellable: (nullable): ends it
 * @error: where to put an error
 *
 * To be followed by valise_lease_work_end(), also when it fails.
 *
 * Returns: whether there is a bus
 */
gboolean
valise_lease_work_begin (ValiseLeaseWork *self, GCancellable *cancellable, GError **error)
{
  self->cancellable = cancellable;
  self->bus = valise_lease_bus_new (cancellable, error);
  return self->bus != NULL;
}

/**
 * valise_lease_work_end:
 * @self: work
 *
 * Lets the bus go.
 */
void
valise_lease_work_end (ValiseLeaseWork *self)
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
  g_autoptr (ValiseLeaseTree) tree = valise_lease_work_begin (self, cancellable, error)
                                         ? valise_lease_work_look (self, error)
                                         : NULL;
  ValiseDriveSurvey *survey = NULL;

  valise_lease_work_end (self);
  if (tree == NULL)
    return NULL;
  survey = g_new0 (ValiseDriveSurvey, 1);
  survey->mounts = valise_lease_tree_dup_mounts (tree);
  survey->unlocked = valise_lease_tree_dup_unlocked (tree, FALSE);
  survey->contents = valise_lease_tree_dup_contents (tree);
  return survey;
}
