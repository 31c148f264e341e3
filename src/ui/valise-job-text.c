/* valise-job-text.c: a job and its drives in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-job-text.h"

#include <glib/gi18n.h>

#include "core/valise-text.h"
#include "jobs/valise-time-left.h"

/**
 * valise_job_text_rate:
 * @rate: bytes per second
 *
 * Returns: (transfer full): “45.3 MB/s”
 */
char *
valise_job_text_rate (double rate)
{
  g_autofree char *size = valise_text_size ((guint64) MAX (rate, 0));

  /* Translators: %s is a size such as “45.3 MB”; this is a speed. */
  return g_strdup_printf (_("%s/s"), size);
}

/**
 * valise_job_text_time_left:
 * @seconds: how long it will take; -1 where that cannot be said
 *
 * Returns: (transfer full): about how long, no more exact than an estimate is; or an empty string
 */
char *
valise_job_text_time_left (gint64 seconds)
{
  const guint minutes = (guint) ((seconds + 59) / 60);

  if (seconds < 0)
    return g_strdup ("");
  if (minutes <= 1)
    return g_strdup (_("Less than a minute left"));
  if (minutes < 60)
    return g_strdup_printf (ngettext ("About %u minute left", "About %u minutes left", minutes),
                            minutes);
  /* Translators: hours and minutes, such as “1:05”. */
  return g_strdup_printf (_("About %u:%02u hours left"), minutes / 60, minutes % 60);
}

/**
 * valise_job_text_stage:
 * @model: a job that runs
 *
 * Returns: (transfer none): what is being done
 */
const char *
valise_job_text_stage (ValiseJobModel *model)
{
  const char *stage = valise_job_model_get_stage (model);

  if (stage != NULL && g_list_model_get_n_items (G_LIST_MODEL (model)) > 1
      && g_str_equal (stage, "flush"))
    return _("Waiting for the drives");
  if (stage != NULL)
    return valise_stage_get_name (stage);
  return valise_job_model_count (model, VALISE_DRIVE_JOB_OPENING) > 0 ? _("Opening the drives")
                                                                       : _("Finishing");
}

/**
 * valise_job_text_bottleneck:
 * @model: a job that runs
 *
 * Returns: (transfer full): what the slowest part is; an empty string where there is none
 */
char *
valise_job_text_bottleneck (ValiseJobModel *model)
{
  ValiseDriveJob *drive;

  switch (valise_job_model_get_bottleneck (model, &drive))
    {
    case VALISE_BOTTLENECK_IMAGE:
      return g_strdup (_("The slowest part is reading the image."));
    case VALISE_BOTTLENECK_PROCESSOR:
      return g_strdup (_("The slowest part is this computer’s processor, which decompresses the "
                         "image."));
    case VALISE_BOTTLENECK_DRIVE:
      if (g_list_model_get_n_items (G_LIST_MODEL (model)) == 1)
        return g_strdup (_("The slowest part is the drive."));
      if (drive == NULL)
        return g_strdup (_("The slowest part is the drives: all of them are busy."));
      /* Translators: %s is a drive’s name. */
      return g_strdup_printf (_("The slowest part is the drive “%s”: the others wait for it."),
                              valise_drive_job_get_name (drive));
    case VALISE_BOTTLENECK_UNKNOWN:
    default:
      return g_strdup ("");
    }
}

/**
 * valise_job_text_state:
 * @drive: a drive
 *
 * Returns: (transfer none): what is done with it, in a word or two
 */
const char *
valise_job_text_state (ValiseDriveJob *drive)
{
  switch (valise_drive_job_get_state (drive))
    {
    case VALISE_DRIVE_JOB_OPENING:
      return _("Opening");
    case VALISE_DRIVE_JOB_ERASING:
      return valise_stage_get_name ("blank");
    case VALISE_DRIVE_JOB_WRITING:
      return _("Writing");
    case VALISE_DRIVE_JOB_WRITTEN:
      return _("Waiting for the other drives");
    case VALISE_DRIVE_JOB_VERIFYING:
      return _("Reading back");
    case VALISE_DRIVE_JOB_LETTING_GO:
    case VALISE_DRIVE_JOB_DONE:
      return _("Finished");
    case VALISE_DRIVE_JOB_FAILED:
      return _("Failed");
    case VALISE_DRIVE_JOB_CANCELLED:
      return _("Stopped");
    case VALISE_DRIVE_JOB_WAITING:
    default:
      return _("Waiting");
    }
}

/**
 * valise_job_text_icon:
 * @drive: a drive
 *
 * Returns: (transfer none) (nullable): the name of an icon that tells how it ended
 */
const char *
valise_job_text_icon (ValiseDriveJob *drive)
{
  switch (valise_drive_job_get_state (drive))
    {
    case VALISE_DRIVE_JOB_LETTING_GO:
    case VALISE_DRIVE_JOB_DONE:
      return "emblem-ok-symbolic";
    case VALISE_DRIVE_JOB_FAILED:
      return "dialog-error-symbolic";
    case VALISE_DRIVE_JOB_CANCELLED:
      return "process-stop-symbolic";
    case VALISE_DRIVE_JOB_WAITING:
    case VALISE_DRIVE_JOB_OPENING:
    case VALISE_DRIVE_JOB_ERASING:
    case VALISE_DRIVE_JOB_WRITING:
    case VALISE_DRIVE_JOB_WRITTEN:
    case VALISE_DRIVE_JOB_VERIFYING:
    default:
      return NULL;
    }
}

/**
 * valise_job_text_figures:
 * @drive: a drive
 *
 * Returns: (transfer full): how much is on it, its speed now and on average; an empty string where
 *   nothing of Windows is
 */
char *
valise_job_text_figures (ValiseDriveJob *drive)
{
  const ValiseDriveJobState state = valise_drive_job_get_state (drive);
  g_autofree char *bytes = valise_text_size (valise_drive_job_get_bytes (drive));
  g_autofree char *now = valise_job_text_rate (valise_drive_job_get_rate (drive));
  g_autofree char *average = valise_job_text_rate (valise_drive_job_get_average (drive));

  if (valise_drive_job_get_bytes (drive) == 0 || state == VALISE_DRIVE_JOB_ERASING)
    return g_strdup ("");
  if (valise_drive_job_has_ended (drive) || state == VALISE_DRIVE_JOB_WRITTEN
      || state == VALISE_DRIVE_JOB_LETTING_GO)
    /* Translators: a size, and a speed. */
    return g_strdup_printf (_("%s on the drive, %s on average"), bytes, average);
  if (state == VALISE_DRIVE_JOB_VERIFYING)
    /* Translators: a size, and two speeds. */
    return g_strdup_printf (_("%s read back, %s now, %s on average"), bytes, now, average);
  /* Translators: a size, and two speeds. */
  return g_strdup_printf (_("%s on the drive, %s now, %s on average"), bytes, now, average);
}

static char *
describe_finished (ValiseDriveJob *drive)
{
  const ValiseReport *report = valise_drive_job_get_report (drive);
  g_autofree char *size
      = valise_text_size (report->verified ? report->verify.bytes : report->write.bytes);
  g_autofree char *write = valise_text_duration ((guint64) (report->write.seconds + 0.5));
  g_autofree char *read = valise_text_duration ((guint64) (report->verify.seconds + 0.5));

  if (!report->verified)
    /* Translators: a size, and a time such as “12:30”. */
    return g_strdup_printf (_("%s were written in %s, but not read back."), size, write);
  /* Translators: a size, and two times such as “12:30”. */
  return g_strdup_printf (_("%s were written in %s, read back in %s, and are all right."), size,
                          write, read);
}

/**
 * valise_job_text_result:
 * @drive: a drive that has ended
 *
 * Returns: (transfer full): what came of it and what to do now, in whole sentences
 */
char *
valise_job_text_result (ValiseDriveJob *drive)
{
  const GError *warning = valise_drive_job_get_warning (drive);
  g_autofree char *finished = NULL;

  switch (valise_drive_job_get_state (drive))
    {
    case VALISE_DRIVE_JOB_DONE:
      finished = describe_finished (drive);
      if (valise_drive_job_is_safe (drive))
        return g_strdup_printf ("%s\n%s", finished, _("Safe to remove."));
      if (warning != NULL)
        return g_strdup_printf ("%s\n%s", finished, warning->message);
      return g_strdup_printf ("%s\n%s", finished, _("Eject it before you remove it."));
    case VALISE_DRIVE_JOB_CANCELLED:
      return g_strdup (_("It was stopped before it was finished. A drive that was written to "
                         "already is blank now: write it anew."));
    case VALISE_DRIVE_JOB_FAILED:
      return g_strdup (valise_drive_job_get_error (drive)->message);
    case VALISE_DRIVE_JOB_WAITING:
    case VALISE_DRIVE_JOB_OPENING:
    case VALISE_DRIVE_JOB_ERASING:
    case VALISE_DRIVE_JOB_WRITING:
    case VALISE_DRIVE_JOB_WRITTEN:
    case VALISE_DRIVE_JOB_VERIFYING:
    case VALISE_DRIVE_JOB_LETTING_GO:
    default:
      return g_strdup (valise_job_text_state (drive));
    }
}

/**
 * valise_job_text_summary:
 * @model: a job that has ended
 *
 * Returns: (transfer full): what came of it, in one line
 */
char *
valise_job_text_summary (ValiseJobModel *model)
{
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (model));
  const guint n_done = valise_job_model_count (model, VALISE_DRIVE_JOB_DONE);
  const guint n_failed = valise_job_model_count (model, VALISE_DRIVE_JOB_FAILED);

  if (n_done == n)
    return g_strdup_printf (ngettext ("%u Drive Is Finished", "%u Drives Are Finished", n), n);
  if (n_failed == 0 && n_done == 0)
    return g_strdup (_("Writing Was Stopped"));
  if (n_done == 0)
    return g_strdup (ngettext ("The Drive Was Not Finished", "No Drive Was Finished", n));
  /* Translators: how many drives are finished, and how many there are. */
  return g_strdup_printf (ngettext ("%u of %u Drive Is Finished", "%u of %u Drives Are Finished",
                                    n),
                          n_done, n);
}
