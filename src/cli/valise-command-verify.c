/* valise-command-verify.c: `valise verify`: a finished drive against its report.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-command.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-text.h"
#include "devices/valise-drive-info.h"
#include "jobs/valise-verify-job.h"
#include "valise-drive-wait.h"
#include "valise-interrupt.h"
#include "valise-json.h"
#include "valise-lease-wait.h"
#include "valise-monitor.h"
#include "valise-output.h"
#include "valise-terminal-agent.h"

typedef struct
{
  char **targets;
  char *report;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_clear_pointer (&options->targets, g_strfreev);
  g_clear_pointer (&options->report, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

typedef struct
{
  ValiseProgress *progress;
  const char *name;
  GMainLoop *loop;
  GAsyncResult *result;
} Run;

static gboolean
parse (char **arguments, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &options->report,
      N_ ("The report that the write made"), N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print JSON, one object a line"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->targets, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_("TARGET --report FILE"));

  g_option_context_set_summary (
      context, _("Reads a finished drive back and compares it with the report of its write."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!valise_command_parse (context, arguments, error))
    {
      /* A program that reads events wants this error as one, too. */
      options->json = g_strv_contains ((const char *const *) arguments, "--json");
      return FALSE;
    }
  if (options->targets == NULL || g_strv_length (options->targets) != 1)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _("Name one drive or file: “valise verify TARGET --report FILE”."));
  else if (options->report == NULL)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _("Name the report that “valise write --report FILE” made of the drive: "
                           "without it, there is nothing to compare with."));
  else
    return TRUE;
  return FALSE;
}

static void
get_drive (gpointer data, guint index, ValiseMonitorDrive *drive)
{
  Run *run = data;
  ValiseProgressState state;

  valise_progress_get_state (run->progress, &state);
  drive->name = run->name;
  drive->reading = TRUE;
  drive->read = state.done;
  drive->rate = -1;
}

static void
finished_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  run->result = g_object_ref (result);
  g_main_loop_quit (run->loop);
}

static gboolean
run_job (ValiseVerifyJob *job,
         Options *options,
         const char *name,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  ValiseProgress *progress = valise_verify_job_get_progress (job);
  g_autoptr (ValiseMonitor) monitor = valise_monitor_new (
      progress, options->json ? VALISE_MONITOR_PROGRAMS : VALISE_MONITOR_PEOPLE);
  Run run = { progress, name, loop, NULL };
  gboolean ok;

  valise_monitor_set_drives (monitor, 1, FALSE, get_drive, &run);
  valise_verify_job_run_async (job, cancellable, finished_cb, &run);
  g_main_loop_run (loop);
  ok = valise_verify_job_run_finish (job, run.result, error);
  g_object_unref (run.result);
  return ok;
}

static ValiseExit
tell (Options *options,
      ValiseVerifyJob *job,
      const char *name,
      gint64 start,
      const GError *error)
{
  double seconds = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
  ValiseExit status = error != NULL ? valise_command_get_exit (error) : VALISE_EXIT_OK;
  ValiseProgressState state;

  valise_progress_get_state (valise_verify_job_get_progress (job), &state);
  if (options->json)
    {
      JsonBuilder *builder = valise_json_begin_event ("result");

      valise_json_add_string (builder, "status", valise_command_get_status (status));
      json_builder_set_member_name (builder, "targets");
      json_builder_begin_array (builder);
      json_builder_begin_object (builder);
      valise_json_add_string (builder, "target", name);
      valise_json_add_string (builder, "status", valise_command_get_status (status));
      valise_json_add_int (builder, "read", state.done);
      valise_json_add_double (builder, "seconds", seconds);
      valise_json_add_boolean (builder, "verified", error == NULL);
      valise_json_add_error (builder, error);
      json_builder_end_object (builder);
      json_builder_end_array (builder);
      valise_json_add_error (builder, error);
      valise_json_print (builder);
    }
  else if (error == NULL)
    {
      g_autofree char *clean = valise_text_clean (name);
      g_autofree char *size = valise_text_size (state.done);
      g_autofree char *duration = valise_text_duration ((guint64) seconds + 1);

      /* Translators: a drive, a size, a duration. */
      valise_output_print (stdout, _("%s is as it was written: %s read back in %s.\n"), clean, size,
                           duration);
    }
  if (status == VALISE_EXIT_CANCELLED)
    valise_output_error (_("Cancelled. The drive was only read."));
  else if (error != NULL)
    valise_output_error (error->message);
  return status;
}

/* Drives that the user may not open are opened by udisks2. */
static ValiseTarget *
open_target (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseTerminalAgent) agent = NULL;
  g_autofree char *name = NULL;
  g_autoptr (ValiseDriveInfo) info = valise_drive_info_read (path, NULL);
  int fd;

  if (info == NULL || info->kind != VALISE_DRIVE_KIND_BLOCK || g_access (path, R_OK) == 0)
    return valise_target_open_for_reading (path, error);
  agent = valise_terminal_agent_new ();
  name = g_filename_display_name (path);
  fd = valise_lease_wait_open_for_reading (path, cancellable, error);
  return fd >= 0 ? valise_target_new_for_fd_for_reading (fd, name, error) : NULL;
}

/**
 * valise_command_verify:
 * @arguments: `verify` and what stands behind it
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_verify (char **arguments)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ValiseInterrupt) interrupt = valise_interrupt_new (cancellable);
  g_autoptr (ValiseReport) report = NULL;
  g_autoptr (ValiseVerifyJob) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  gint64 start = g_get_monotonic_time ();
  ValiseTarget *target;

  if (!parse (arguments, &options, &error))
    return valise_command_fail (error, options.json);
  report = valise_report_load (options.report, &error);
  if (report == NULL)
    return valise_command_fail (error, options.json);
  path = valise_drive_wait_resolve (options.targets[0], &error);
  if (path == NULL)
    return valise_command_fail (error, options.json);
  target = open_target (path, cancellable, &error);
  if (target == NULL || !valise_interrupt_check (interrupt, &error))
    {
      g_clear_pointer (&target, valise_target_free);
      return valise_command_fail (error, options.json);
    }
  name = g_filename_display_name (path);
  job = valise_verify_job_new (g_steal_pointer (&report), target);
  run_job (job, &options, name, cancellable, &error);
  return tell (&options, job, name, start, error);
}
