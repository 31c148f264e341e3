/* valise-lease-ops.h: what a lease asks the kernel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-lease.h"

G_BEGIN_DECLS

extern const ValiseLeaseOps valise_lease_kernel_ops;

G_END_DECLS
