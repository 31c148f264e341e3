/* valise-lease-bus.h: calls to udisks2 from a lease's thread.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

#define VALISE_LEASE_INTERFACE(name) "org.freedesktop.UDisks2." name

/**
 * ValiseLeaseBus:
 *
 * A connection to the system bus, of one thread's own. Being closed when it is unused, it does not
 * end the program with the bus, as the shared one would.
 */
typedef struct _ValiseLeaseBus ValiseLeaseBus;

ValiseLeaseBus *valise_lease_bus_new (GCancellable *cancellable, GError **error);
void valise_lease_bus_free (ValiseLeaseBus *self);

GVariant *valise_lease_bus_get_objects (ValiseLeaseBus *self,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean valise_lease_bus_call (ValiseLeaseBus *self,
                                const char *object,
                                const char *interface,
                                const char *method,
                                gboolean may_ask,
                                GCancellable *cancellable,
                                GError **error);
int valise_lease_bus_open_device (ValiseLeaseBus *self,
                                  const char *object,
                                  const char *mode,
                                  int flags,
                                  GCancellable *cancellable,
                                  GError **error);

gboolean valise_lease_bus_is_busy (const GError *error);
gboolean valise_lease_bus_is_unknown (const GError *error);
gboolean valise_lease_bus_set_error (GError **error, const GError *why, const char *name);
gboolean valise_lease_bus_pause (guint milliseconds, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseLeaseBus, valise_lease_bus_free)

G_END_DECLS
