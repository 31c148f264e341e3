/* valise-drive-needs.c: how large a drive must be.
 *
 * The one place that says so: the wizard asks here before, and the job when it lays out the drives.
 * What the automatic choice of compression does is known only when it is done, and may be nothing:
 * it counts as none.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-needs.h"

#include "valise-job-container.h"

/**
 * valise_drive_needs_get_inside:
 * @self: what a drive is for
 *
 * Any thread.
 *
 * Returns: what the volume of Windows must have at least, in bytes
 */
guint64
valise_drive_needs_get_inside (const ValiseDriveNeeds *self)
{
  ValiseWofAlgorithm algorithm;

  if (self->estimate == NULL || !valise_compact_mode_get_algorithm (self->compact, &algorithm))
    return self->bytes;
  return valise_compact_estimate_get_needed (self->estimate, algorithm, self->bytes);
}

/**
 * valise_drive_needs_get_volume:
 * @self: what a drive is for
 *
 * Any thread.
 *
 * Returns: what the drive's NTFS volume must have at least, in bytes: that of Windows, or one with
 *   a virtual disk around that
 */
guint64
valise_drive_needs_get_volume (const ValiseDriveNeeds *self)
{
  const guint64 inside = valise_drive_needs_get_inside (self);

  return self->container == VALISE_CONTAINER_NONE
             ? inside
             : valise_job_container_get_needed (self->container, self->container_size,
                                                self->layout == VALISE_PLAN_LAYOUT_MBR
                                                    ? VALISE_TABLE_MBR
                                                    : VALISE_TABLE_GPT,
                                                inside);
}

/**
 * valise_drive_needs_get_drive:
 * @self: what a drive is for
 * @sector_size: the drive's logical sector size in bytes
 *
 * Any thread.
 *
 * Returns: the smallest drive's size in bytes; %G_MAXUINT64 where none is large enough
 */
guint64
valise_drive_needs_get_drive (const ValiseDriveNeeds *self, guint sector_size)
{
  const guint64 volume = valise_drive_needs_get_volume (self);

  return self->layout == VALISE_PLAN_LAYOUT_MBR
             ? valise_layout_min_mbr_drive_size (volume)
             : valise_layout_min_drive_size (volume, sector_size);
}
