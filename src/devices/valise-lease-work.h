/* valise-lease-work.h: what a lease does, step by step, in its thread.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-lease.h"
#include "valise-lease-bus.h"
#include "valise-lease-tree.h"

G_BEGIN_DECLS

/**
 * ValiseLeaseWork:
 *
 * One attempt to get a drive, or to let it go. Belongs to one thread at a time.
 */
typedef struct _ValiseLeaseWork ValiseLeaseWork;

ValiseLeaseWork *valise_lease_work_new (const char *device, const ValiseDriveLeaseOptions *options);
void valise_lease_work_free (ValiseLeaseWork *self);

ValiseDriveSurvey *valise_lease_work_survey (ValiseLeaseWork *self,
                                             GCancellable *cancellable,
                                             GError **error);
int valise_lease_work_acquire (ValiseLeaseWork *self, GCancellable *cancellable, GError **error);
gboolean valise_lease_work_release (ValiseLeaseWork *self,
                                    gboolean eject,
                                    GCancellable *cancellable,
                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLeaseWork, valise_lease_work_free)

G_END_DECLS
