/* valise-interrupt.h: signals that ask the program to stop.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseInterrupt:
 *
 * While it exists, SIGINT, SIGTERM and SIGHUP cancel instead of ending the program.
 */
typedef struct _ValiseInterrupt ValiseInterrupt;

ValiseInterrupt *valise_interrupt_new (GCancellable *cancellable);
void valise_interrupt_free (ValiseInterrupt *self);
gboolean valise_interrupt_check (ValiseInterrupt *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseInterrupt, valise_interrupt_free)

G_END_DECLS
