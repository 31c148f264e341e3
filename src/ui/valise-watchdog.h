/* valise-watchdog.h: says when the main loop was blocked, and by what; in debug builds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * VALISE_WATCHDOG_LIMIT:
 *
 * As long may one turn of the main loop take, in µs.
 */
#define VALISE_WATCHDOG_LIMIT 50000

/**
 * VALISE_WATCHDOG_LAYOUT:
 *
 * Before the definition of a function that measures or places widgets for GTK: the time it takes is
 * GTK's.
 */
#define VALISE_WATCHDOG_LAYOUT __attribute__ ((section ("valise_layout"), noinline))

#ifndef NDEBUG
void valise_watchdog_start (void);
void valise_watchdog_stop (void);
gint64 valise_watchdog_get_longest (void);
#else
#define valise_watchdog_start() G_STMT_START { } G_STMT_END
#define valise_watchdog_stop() G_STMT_START { } G_STMT_END
#define valise_watchdog_get_longest() G_GINT64_CONSTANT (0)
#endif

G_END_DECLS
