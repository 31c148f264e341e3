/* valise-monitor.h: shows how far a job is, to people or to programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "core/valise-progress.h"

G_BEGIN_DECLS

/**
 * ValiseMonitorDrive:
 * @name: (nullable): the drive's name
 * @written: bytes that it has taken
 * @reading: whether it is being read back
 * @read: bytes that were read back
 * @rate: bytes per second; negative where the job does not say
 *
 * How far one drive is.
 */
typedef struct
{
  const char *name;
  guint64 written;
  gboolean reading;
  guint64 read;
  double rate;
} ValiseMonitorDrive;

/**
 * ValiseMonitorFunc:
 * @job: whatever has the drives
 * @index: a drive's index
 * @drive: where to say how far it is
 *
 * Called in the main thread.
 */
typedef void (*ValiseMonitorFunc) (gpointer job, guint index, ValiseMonitorDrive *drive);

/**
 * ValiseMonitorMode:
 * @VALISE_MONITOR_PEOPLE: a line that is drawn anew, or lines where there is no terminal
 * @VALISE_MONITOR_PROGRAMS: events on standard output
 * @VALISE_MONITOR_BRIEF: a line that is drawn anew, or nothing
 *
 * For whom the progress is.
 */
typedef enum
{
  VALISE_MONITOR_PEOPLE,
  VALISE_MONITOR_PROGRAMS,
  VALISE_MONITOR_BRIEF,
} ValiseMonitorMode;

/**
 * ValiseMonitor:
 *
 * See valise-monitor.c.
 */
typedef struct _ValiseMonitor ValiseMonitor;

ValiseMonitor *valise_monitor_new (ValiseProgress *progress, ValiseMonitorMode mode);
void valise_monitor_free (ValiseMonitor *self);
void valise_monitor_set_drives (
    ValiseMonitor *self, guint n_drives, gboolean read_back, ValiseMonitorFunc func, gpointer job);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseMonitor, valise_monitor_free)

G_END_DECLS
