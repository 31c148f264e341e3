/* valise-damaged-file.c: which file of a drive that was just written is damaged.
 *
 * The drive has given back something else than was written. Its volume of Windows is opened once
 * more, through a cache that trusts no block whose digest is not right, to say which file the place
 * belongs to. Nothing is flushed from that cache: the drive is going to be blanked anyway.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-damaged-file.h"

#include "engine/valise-fanout.h"
#include "volume/valise-ntfs-device.h"
#include "volume/valise-ntfs-owner.h"
#include "volume/valise-volume-cache.h"

/**
 * valise_find_damaged_file:
 * @target: a drive
 * @digests: what was written to it
 * @os: its partition of Windows
 * @offset: the damaged place, in bytes from the start of the drive; inside @os
 * @cancellable: (nullable): a cancellable
 *
 * Blocks; only in the thread that may use libntfs-3g.
 *
 * Returns: (transfer full) (nullable): the file's path with backslashes, if it can be found
 */
char *
valise_find_damaged_file (ValiseTarget *target,
                          const ValiseDigestMap *digests,
                          const ValisePartition *os,
                          guint64 offset,
                          GCancellable *cancellable)
{
  g_autoptr (ValiseFanout) fanout
      = valise_fanout_new (&target, 1, VALISE_FANOUT_QUEUE_BYTES, cancellable);
  g_autoptr (ValiseVolumeCache) cache
      = valise_volume_cache_new_for_drive (VALISE_BACKING (fanout), 0, digests);
  g_autoptr (ValiseNtfsDevice) device = valise_ntfs_device_new (cache, os->offset, os->size);
  g_autoptr (GError) error = NULL;
  struct _ntfs_volume *volume = valise_ntfs_device_mount (device, &error);
  char *path;

  if (volume == NULL)
    {
      g_debug ("the damaged file was not found: %s", error->message);
      return NULL;
    }
  path = valise_ntfs_owner_find (volume, offset - os->offset, cancellable);
  valise_ntfs_device_unmount (device, NULL);
  return path;
}
