/* valise-drive-lease.h: a drive that nobody else can use meanwhile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "valise-drive-contents.h"

G_BEGIN_DECLS

/**
 * ValiseLeaseMoment:
 * @VALISE_LEASE_MOMENT_BEFORE: nothing was done yet: the drive may be mounted, and encrypted
 *   volumes on it may be open
 * @VALISE_LEASE_MOMENT_STACKED: the same, asked of an open encrypted volume on the drive
 * @VALISE_LEASE_MOMENT_OPEN: the drive is open: nothing of it may be in use
 *
 * When the guard is asked.
 */
typedef enum
{
  VALISE_LEASE_MOMENT_BEFORE,
  VALISE_LEASE_MOMENT_STACKED,
  VALISE_LEASE_MOMENT_OPEN,
} ValiseLeaseMoment;

/**
 * ValiseLeaseFacts:
 * @is_block_device: whether it is one
 * @number: its device number
 * @size: its size in bytes
 * @read_only: whether it cannot be written
 *
 * What the kernel says of an open descriptor.
 */
typedef struct
{
  gboolean is_block_device;
  guint64 number;
  guint64 size;
  gboolean read_only;
} ValiseLeaseFacts;

/**
 * ValiseLeaseOps:
 * @look_at: finds the facts about a descriptor; %FALSE with errno where that cannot be done
 * @check: whether the running system allows that @device is erased. @closable are kernel names of
 *   what may be stacked on it.
 *
 * What a lease asks the kernel. Called in a thread of the lease's own.
 */
typedef struct
{
  gboolean (*look_at) (gpointer data, int fd, ValiseLeaseFacts *facts);
  gboolean (*check) (gpointer data,
                     const char *device,
                     ValiseLeaseMoment moment,
                     const char *const *closable,
                     GError **error);
} ValiseLeaseOps;

/**
 * ValiseDriveLeaseOptions:
 * @size: the size that the drive must have, in bytes; 0 where any will do
 * @ops: (nullable): what to ask instead of the kernel; for tests
 * @ops_data: (nullable): for @ops
 */
typedef struct
{
  guint64 size;
  const ValiseLeaseOps *ops;
  gpointer ops_data;
} ValiseDriveLeaseOptions;

/**
 * ValiseDriveSurvey:
 * @mounts: folders where the drive is mounted
 * @unlocked: nodes of its encrypted partitions that are open
 * @contents: what is on the drive, as udisks2 knows it
 *
 * What a lease would do, unmount and lock; and what would be lost with the drive.
 */
typedef struct
{
  GStrv mounts;
  GStrv unlocked;
  ValiseDriveContents *contents;
} ValiseDriveSurvey;

void valise_drive_survey_free (ValiseDriveSurvey *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseDriveSurvey, valise_drive_survey_free)

#define VALISE_TYPE_DRIVE_LEASE (valise_drive_lease_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDriveLease, valise_drive_lease, VALISE, DRIVE_LEASE, GObject)

void valise_drive_lease_survey_async (const char *device,
                                      const ValiseDriveLeaseOptions *options,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer data);
ValiseDriveSurvey *valise_drive_lease_survey_finish (GAsyncResult *result, GError **error);

void valise_drive_lease_acquire_async (const char *device,
                                       const ValiseDriveLeaseOptions *options,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer data);
ValiseDriveLease *valise_drive_lease_acquire_finish (GAsyncResult *result, GError **error);

int valise_drive_lease_dup_fd (ValiseDriveLease *self, GError **error);
int valise_drive_lease_steal_fd (ValiseDriveLease *self);

void valise_drive_lease_release_async (ValiseDriveLease *self,
                                       gboolean eject,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer data);
gboolean valise_drive_lease_release_finish (ValiseDriveLease *self,
                                            GAsyncResult *result,
                                            GError **error);

G_END_DECLS
