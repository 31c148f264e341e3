/* valise-lease-work-private.h: what the parts of a lease's work share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-lease-work.h"

G_BEGIN_DECLS

struct _ValiseLeaseWork
{
  char *device;
  char *name; /* to be shown */
  ValiseDriveLeaseOptions options;

  ValiseLeaseTree *first; /* as it was when the work began */
  GHashTable *unmounted;  /* folder, how often it was unmounted */
  guint n_lags;

  /* While a function runs. */
  ValiseLeaseBus *bus;
  GCancellable *cancellable;
};

gboolean valise_lease_work_begin (ValiseLeaseWork *self, GCancellable *cancellable, GError **error);
void valise_lease_work_end (ValiseLeaseWork *self);

ValiseLeaseTree *valise_lease_work_look (ValiseLeaseWork *self, GError **error);
ValiseLeaseTree *valise_lease_work_clear (ValiseLeaseWork *self, GError **error);

gboolean valise_lease_work_set_vanished (ValiseLeaseWork *self, GError **error);
gboolean valise_lease_work_set_busy (ValiseLeaseWork *self,
                                     const ValiseLeaseTree *tree,
                                     const char *what,
                                     GError **error);
gboolean valise_lease_work_explain (ValiseLeaseWork *self, const GError *why, GError **error);

G_END_DECLS
