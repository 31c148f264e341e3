/* valise-job-container.h: the virtual disk that Windows is put into.
 *
 * Private to src/jobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-scratch.h"
#include "volume/valise-container.h"
#include "volume/valise-extent-map.h"
#include "volume/valise-ntfs-device.h"
#include "volume/valise-staging.h"

G_BEGIN_DECLS

/**
 * ValiseJobContainer:
 * @file: where the disk lies in its file
 * @layout: the virtual disk's partitions
 * @table: its partition table
 * @map: where the file lies, in bytes from the start of the drive's NTFS volume
 * @partition_map: where the volume of Windows lies, counted likewise
 * @ntfs_path: the empty volume of Windows, staged
 * @ntfs_serial: its serial number
 * @left: how many bytes are left free on the drive's NTFS volume
 *
 * The same on all drives of a job. Only the job's thread.
 */
typedef struct
{
  ValiseContainer file;
  ValiseLayout layout;
  ValiseStagedTable *table;
  ValiseExtentMap *map;
  ValiseExtentMap *partition_map;
  char *ntfs_path;
  guint64 ntfs_serial;
  guint64 left;
} ValiseJobContainer;

guint64 valise_job_container_get_needed (ValiseContainerKind kind,
                                         guint64 size,
                                         ValiseTableKind table,
                                         guint64 os_size);
ValiseJobContainer *valise_job_container_stage (ValiseScratch *scratch,
                                                const char *outer_path,
                                                ValiseContainerKind kind,
                                                guint64 size,
                                                ValiseTableKind table,
                                                guint64 os_size,
                                                GError **error);
void valise_job_container_free (ValiseJobContainer *self);

const ValisePartition *valise_job_container_get_partition (const ValiseJobContainer *self);
gboolean valise_job_container_feed (const ValiseJobContainer *self,
                                    ValiseVolumeCache *cache,
                                    guint64 start,
                                    GCancellable *cancellable,
                                    GError **error);
ValiseNtfsDevice *valise_job_container_make_device (const ValiseJobContainer *self,
                                                    ValiseVolumeCache *cache,
                                                    guint64 start);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseJobContainer, valise_job_container_free)

G_END_DECLS
