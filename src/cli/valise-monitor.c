/* valise-monitor.c: shows how far a job is, to people or to programs.
 *
 * Programs get events on standard output. People get a line that is drawn anew on standard error;
 * where that is no terminal, a line when a stage begins, and now and then. Of several drives, the
 * one that is the furthest behind counts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-monitor.h"

#include "jobs/valise-time-left.h"
#include "valise-json.h"
#include "valise-output.h"
#include "valise-progress-line.h"

#define TICK_MS 250
#define JSON_INTERVAL (G_USEC_PER_SEC / 2)
#define LINE_INTERVAL (10 * G_USEC_PER_SEC)

struct _ValiseMonitor
{
  ValiseProgress *progress;
  ValiseMonitorFunc func;
  gpointer job;
  guint n_drives;
  gboolean read_back;
  ValiseMonitorMode mode;
  gboolean draw;
  guint source;

  const char *stage;
  gint64 last_json;
  gint64 last_line;
  ValiseTimeLeft time_left;
  gint64 seconds; /* as it says */
};

static void
get_drive (ValiseMonitor *self, guint i, ValiseMonitorDrive *drive)
{
  *drive = (ValiseMonitorDrive) { 0 };
  self->func (self->job, i, drive);
  if (drive->rate < 0)
    drive->rate = valise_time_left_get_rate (&self->time_left);
}

static void
print_event (ValiseMonitor *self, const ValiseProgressState *state, guint i)
{
  ValiseMonitorDrive drive;
  JsonBuilder *builder = valise_json_begin_event ("progress");
  gboolean verify = g_strcmp0 (state->step, "verify") == 0;

  get_drive (self, i, &drive);
  valise_json_add_string (builder, "target", drive.name);
  valise_json_add_string (builder, "stage", state->step);
  valise_json_add_int (builder, "done", verify && drive.reading ? drive.read : state->done);
  valise_json_add_int (builder, "total", state->total);
  valise_json_add_int (builder, "rate", (guint64) drive.rate);
  valise_json_add_int (builder, "written", drive.written);
  valise_json_add_double (builder, "fraction", state->fraction);
  valise_json_print (builder);
}

static void
fill_line (ValiseMonitor *self, const ValiseProgressState *state, ValiseProgressLine *line)
{
  guint64 least = G_MAXUINT64;

  *line = (ValiseProgressLine) { .stage = state->step, .fraction = state->fraction };
  for (guint i = 0; i < self->n_drives; i++)
    {
      ValiseMonitorDrive drive;
      guint64 bytes;

      get_drive (self, i, &drive);
      bytes = drive.reading ? drive.read : drive.written;
      if (bytes >= least)
        continue;
      least = bytes;
      line->bytes = bytes;
      line->reading = drive.reading;
      line->rate = drive.rate;
    }
  line->seconds = self->seconds;
}

static gboolean
tick_cb (gpointer data)
{
  ValiseMonitor *self = data;
  gint64 now = g_get_monotonic_time ();
  ValiseProgressState state;
  ValiseProgressLine line;
  gboolean new_stage;

  valise_progress_get_state (self->progress, &state);
  if (state.step == NULL)
    return G_SOURCE_CONTINUE;
  new_stage = state.step != self->stage;
  self->stage = state.step;
  self->seconds = valise_time_left_update (&self->time_left, now, &state, self->read_back);

  if (self->mode == VALISE_MONITOR_PROGRAMS
      && (new_stage || now - self->last_json >= JSON_INTERVAL))
    {
      self->last_json = now;
      for (guint i = 0; i < self->n_drives; i++)
        print_event (self, &state, i);
    }
  if (!self->draw
      && !(self->mode == VALISE_MONITOR_PEOPLE
           && (new_stage || now - self->last_line >= LINE_INTERVAL)))
    return G_SOURCE_CONTINUE;

  fill_line (self, &state, &line);
  self->last_line = now;
  if (self->draw)
    {
      /* The last column stays free: some terminals begin a new line behind it. */
      guint width = MAX (valise_output_get_width (stderr), 2) - 1;
      g_autofree char *text = valise_progress_line_format (&line, width);

      valise_output_status (text);
    }
  else
    {
      g_autofree char *text = valise_progress_line_format (&line, 0);

      valise_output_note (text);
    }
  return G_SOURCE_CONTINUE;
}

static void
changed_cb (ValiseProgress *progress, gpointer data)
{
  ValiseMonitor *self = data;
  ValiseProgressState state;

  /* Stages can be shorter than a tick. */
  valise_progress_get_state (progress, &state);
  if (state.step != self->stage)
    tick_cb (self);
}

/**
 * valise_monitor_new:
 * @progress: the job's progress
 * @mode: for whom it is shown
 *
 * Shows @progress until it is freed. Main thread only.
 *
 * Returns: (transfer full): a monitor
 */
ValiseMonitor *
valise_monitor_new (ValiseProgress *progress, ValiseMonitorMode mode)
{
  ValiseMonitor *self = g_new0 (ValiseMonitor, 1);

  self->progress = g_object_ref (progress);
  self->mode = mode;
  /* Both on one terminal would be a mess. */
  self->draw
      = valise_output_is_terminal (stderr)
        && !(mode == VALISE_MONITOR_PROGRAMS && valise_output_is_terminal (stdout));
  g_signal_connect (progress, "changed", G_CALLBACK (changed_cb), self);
  self->source = g_timeout_add (TICK_MS, tick_cb, self);
  return self;
}

/**
 * valise_monitor_set_drives:
 * @self: a monitor
 * @n_drives: how many drives the job has
 * @read_back: whether they are read back after they were written
 * @func: says how far each is
 * @job: for @func; must outlive the monitor
 */
void
valise_monitor_set_drives (
    ValiseMonitor *self, guint n_drives, gboolean read_back, ValiseMonitorFunc func, gpointer job)
{
  self->n_drives = n_drives;
  self->read_back = read_back;
  self->func = func;
  self->job = job;
}

/**
 * valise_monitor_free:
 * @self: (transfer full): a monitor
 *
 * Removes the line that was drawn.
 */
void
valise_monitor_free (ValiseMonitor *self)
{
  g_signal_handlers_disconnect_by_data (self->progress, self);
  g_source_remove (self->source);
  if (self->draw)
    valise_output_status (NULL);
  g_object_unref (self->progress);
  g_free (self);
}
