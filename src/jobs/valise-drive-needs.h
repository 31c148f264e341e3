/* valise-drive-needs.h: how large a drive must be.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-compact-estimate.h"
#include "valise-plan.h"

G_BEGIN_DECLS

/**
 * ValiseDriveNeeds:
 * @bytes: what a volume must have at least to hold Windows, and what is added to it, as they are
 * @compact: how much Windows is compressed
 * @estimate: (nullable): what is expected of that; %NULL where it is not known, or does not matter
 * @layout: the drive's partition table
 * @container: the virtual disk that Windows is put into, or none
 * @container_size: that disk's size in bytes; 0 for what is sensible
 *
 * Begins zeroed. A plain value: nothing in it is owned.
 */
typedef struct
{
  guint64 bytes;
  ValiseCompactMode compact;
  const ValiseCompactEstimate *estimate;
  ValisePlanLayout layout;
  ValiseContainerKind container;
  guint64 container_size;
} ValiseDriveNeeds;

guint64 valise_drive_needs_get_inside (const ValiseDriveNeeds *self);
guint64 valise_drive_needs_get_volume (const ValiseDriveNeeds *self);
guint64 valise_drive_needs_get_drive (const ValiseDriveNeeds *self, guint sector_size);

G_END_DECLS
