/* valise-error.c: the error domains; see the header for who is meant by each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-error.h"

G_DEFINE_QUARK (valise-source-error-quark, valise_source_error)
G_DEFINE_QUARK (valise-drive-error-quark, valise_drive_error)
G_DEFINE_QUARK (valise-system-error-quark, valise_system_error)
G_DEFINE_QUARK (valise-plan-error-quark, valise_plan_error)
