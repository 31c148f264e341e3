/* valise-lease-wait.h: leases for a command that has nothing else to do meanwhile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "devices/valise-drive-lease.h"

G_BEGIN_DECLS

ValiseDriveSurvey *valise_lease_wait_survey (const char *device,
                                             GCancellable *cancellable,
                                             GError **error);
ValiseDriveLease *valise_lease_wait_acquire (const char *device,
                                             guint64 size,
                                             GCancellable *cancellable,
                                             GError **error);
int valise_lease_wait_open_for_reading (const char *device,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean valise_lease_wait_release (ValiseDriveLease *lease, gboolean eject, GError **error);

G_END_DECLS
