/* valise-command-write.c: `valise write`: an image onto drives.
 *
 * Options become a plan, names become drives that were judged, the user agrees, and a job does the
 * rest. What came of each drive is told at the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-command.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-text.h"
#include "core/valise-units.h"
#include "image/valise-apply.h"
#include "jobs/valise-write-job.h"
#include "valise-interrupt.h"
#include "valise-json.h"
#include "valise-monitor.h"
#include "valise-output.h"
#include "valise-profile-options.h"
#include "valise-question.h"
#include "valise-resume.h"
#include "valise-target-list.h"
#include "valise-write-notices.h"
#include "valise-write-reports.h"
#include "volume/valise-layout.h"
#include "volume/valise-ntfs-device.h"

typedef struct
{
  char **sources;
  char **targets;
  char *image;
  char *layout;
  char *container;
  char *container_size;
  char *size;
  int sector_size; /* of files; 0 where nothing was said */
  char *boot_manager;
  char *compact;
  char *cache;
  char *report;
  char *resume;
  gboolean no_verify;
  gboolean allow_encrypted;
  gboolean eject;
  gboolean json;
  gboolean yes;

  ValiseProfileOptions profile_options;
  ValiseProfile profile;
  ValisePlan *plan;
  guint64 new_size;
  ValiseSourceOpening opening; /* before the question, then the job has it */
  gboolean told;               /* what is to be known of the image */

  ValiseWriteReports *reports;
} Options;

static void
options_clear (Options *options)
{
  g_clear_pointer (&options->sources, g_strfreev);
  g_clear_pointer (&options->targets, g_strfreev);
  g_clear_pointer (&options->image, g_free);
  g_clear_pointer (&options->layout, g_free);
  g_clear_pointer (&options->container, g_free);
  g_clear_pointer (&options->container_size, g_free);
  g_clear_pointer (&options->size, g_free);
  g_clear_pointer (&options->boot_manager, g_free);
  g_clear_pointer (&options->compact, g_free);
  g_clear_pointer (&options->cache, g_free);
  g_clear_pointer (&options->report, g_free);
  g_clear_pointer (&options->resume, g_free);
  valise_profile_options_clear (&options->profile_options);
  valise_profile_clear (&options->profile);
  g_clear_pointer (&options->plan, valise_plan_unref);
  g_clear_pointer (&options->reports, valise_write_reports_free);
  valise_source_opening_clear (&options->opening);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* ---- the plan ---- */

static gboolean
parse (char **arguments, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->targets,
      N_ ("Drive or file to write to; may be repeated"), N_ ("TARGET") },
    { "image", 0, 0, G_OPTION_ARG_FILENAME, &options->image,
      N_ ("Edition, by number or name"), N_ ("EDITION") },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &options->layout,
      N_ ("Partition table: gpt, or mbr for old PCs, too"), N_ ("LAYOUT") },
    { "container", 0, 0, G_OPTION_ARG_STRING, &options->container,
      N_ ("Put Windows into a virtual disk in a file: vhdx, vhd, or none"), N_ ("FORMAT") },
    { "container-size", 0, 0, G_OPTION_ARG_STRING, &options->container_size,
      N_ ("Size of that virtual disk"), N_ ("SIZE") },
    { "size", 0, 0, G_OPTION_ARG_STRING, &options->size,
      N_ ("Size of a virtual drive that is made"), N_ ("SIZE") },
    { "sector-size", 0, 0, G_OPTION_ARG_INT, &options->sector_size,
      N_ ("Size of the sectors of a virtual drive: 512 or 4096"), N_ ("BYTES") },
    { "boot-manager", 0, 0, G_OPTION_ARG_STRING, &options->boot_manager,
      N_ ("Boot manager signed with the certificate of 2011 or 2023"), N_ ("YEAR") },
    { "compact", 0, 0, G_OPTION_ARG_STRING, &options->compact,
      N_ ("Compress Windows: off, xpress4k, xpress8k, xpress16k, lzx or auto"), N_ ("ALGORITHM") },
    { "allow-encrypted", 0, 0, G_OPTION_ARG_NONE, &options->allow_encrypted,
      N_ ("Go on although encrypted files come out empty"), NULL },
    { "no-verify", 0, 0, G_OPTION_ARG_NONE, &options->no_verify,
      N_ ("Do not read the drive back"), NULL },
    { "cache", 0, 0, G_OPTION_ARG_STRING, &options->cache,
      N_ ("Memory for the cache (128M)"), N_ ("SIZE") },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &options->report,
      N_ ("File to write the report to"), N_ ("FILE") },
    { "resume", 0, 0, G_OPTION_ARG_FILENAME, &options->resume,
      N_ ("Write what is not finished of the batch with this report"), N_ ("REPORT") },
    { "eject", 0, 0, G_OPTION_ARG_NONE, &options->eject,
      N_ ("Power finished drives off, to be unplugged"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print JSON, one object a line"), NULL },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &options->yes,
      N_ ("Do not ask before a drive is erased"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->sources, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_("SOURCE --to TARGET"));

  g_option_context_set_summary (
      context, _("Erases each target and writes a Windows edition to it, so that it starts."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  valise_profile_options_add (&options->profile_options, context);
  if (valise_command_parse (context, arguments, error))
    return TRUE;
  /* A program that reads events wants this error as one, too. */
  options->json = g_strv_contains ((const char *const *) arguments, "--json");
  return FALSE;
}

static gboolean
parse_layout (const char *text, ValisePlanLayout *layout, GError **error)
{
  *layout = VALISE_PLAN_LAYOUT_GPT;
  if (text == NULL || g_str_equal (text, "gpt"))
    return TRUE;
  *layout = VALISE_PLAN_LAYOUT_MBR;
  if (g_str_equal (text, "mbr"))
    return TRUE;
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("“%s” is not a layout. Use “gpt” or “mbr”."), text);
  return FALSE;
}

static gboolean
parse_container (const char *text, ValiseContainerKind *kind, GError **error)
{
  if (valise_container_kind_from_name (text, kind))
    return TRUE;
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("“%s” is not a format for virtual disks. Use “vhdx”, “vhd” or “none”."), text);
  return FALSE;
}

static gboolean
parse_boot_manager (const char *text, ValiseBootManager *boot_manager, GError **error)
{
  *boot_manager = VALISE_BOOT_MANAGER_2011;
  if (text == NULL || g_str_equal (text, "2011"))
    return TRUE;
  *boot_manager = VALISE_BOOT_MANAGER_2023;
  if (g_str_equal (text, "2023"))
    return TRUE;
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("There is no boot manager of “%s”. Use 2011 or 2023."), text);
  return FALSE;
}

static gboolean
check_targets (Options *options, GError **error)
{
  if (g_strv_length (options->targets) <= VALISE_WRITE_JOB_MAX_TARGETS)
    return TRUE;
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("That are too many drives. %u can be written at once."),
               VALISE_WRITE_JOB_MAX_TARGETS);
  return FALSE;
}

/* The plan and the drives that a batch's report stands for. */
static gboolean
resume_plan (Options *options, GError **error)
{
  const ValiseResumeOptions given = {
    .image = options->image,
    .layout = options->layout,
    .container = options->container,
    .container_size = options->container_size,
    .size = options->size,
    .sector_size = options->sector_size,
    .boot_manager = options->boot_manager,
    .compact = options->compact,
    .cache = options->cache,
    .report = options->report,
    .no_verify = options->no_verify,
    .allow_encrypted = options->allow_encrypted,
  };
  ValisePlanOptions plan;
  ValiseBatchReport *batch;
  char **targets;

  if (options->sources != NULL && g_strv_length (options->sources) > 1)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                           _("Name at most one source: where the image of the batch is now."));
      return FALSE;
    }
  batch = valise_batch_report_load (options->resume, error);
  if (batch == NULL)
    return FALSE;
  options->reports = valise_write_reports_new_for_batch (options->resume, batch);
  if (!valise_resume_check (batch, options->resume, &given, error)
      || !valise_resume_check_setup (batch, &options->profile.setup, error))
    return FALSE;
  targets = valise_resume_choose (batch, (const char *const *) options->targets,
                                  options->reports->entries, error);
  if (targets == NULL)
    return FALSE;
  g_strfreev (options->targets);
  options->targets = targets;
  if (!check_targets (options, error))
    return FALSE;

  if (options->sources == NULL)
    options->sources = g_strdupv ((char *[]) { batch->source, NULL });
  g_free (options->report);
  options->report = g_strdup (options->resume);
  options->new_size = batch->new_size;
  if (batch->sector_size != VALISE_SECTOR_SIZE)
    options->sector_size = batch->sector_size;
  options->no_verify = !batch->verify;
  valise_batch_report_get_options (batch, &plan);
  plan.setup = &options->profile.setup;
  plan.source = options->sources[0];
  if (*targets != NULL && !valise_batch_report_check_source (batch, plan.source, error))
    return FALSE;
  options->plan = valise_plan_new (&plan, error);
  return options->plan != NULL;
}

/* What options say beside the profile belongs into a saved one, too. */
static gboolean
save_profile (Options *options, GError **error)
{
  const ValisePlanOptions *plan = valise_plan_get_options (options->plan);
  ValiseProfile *profile = &options->profile;

  if (options->profile_options.save_profile == NULL)
    return TRUE;
  if (options->image != NULL
      && !valise_profile_set (profile, "image.edition", options->image, NULL))
    {
      g_clear_pointer (&profile->edition, g_free);
      valise_output_note (_("The edition's number is not in the saved profile: it is another one "
                            "in each image. Name the edition by its id there."));
    }
  profile->layout = plan->layout;
  profile->container = plan->container;
  profile->container_size = plan->container_size;
  profile->boot_manager = plan->boot_manager;
  profile->compact = plan->compact;
  profile->no_verify = !plan->verify;
  profile->allow_encrypted = plan->allow_encrypted;
  if (options->cache != NULL)
    profile->cache_size = plan->cache_size;
  return valise_profile_options_save (&options->profile_options, profile, error);
}

/* What is wrong with the user's own files is said before anybody is asked to agree. */
static gboolean
check_files (const ValisePlan *plan, GError **error)
{
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();

  return valise_setup_load_registry (valise_plan_get_options (plan)->setup, changes, error);
}

static guint
get_sector_size (const Options *options)
{
  return options->sector_size != 0 ? options->sector_size : VALISE_SECTOR_SIZE;
}

static gboolean
check_sectors (const Options *options, GError **error)
{
  if (options->sector_size != 0
      && (options->sector_size < 0 || !valise_sector_size_is_known (options->sector_size)))
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _("Sectors have 512 or 4096 bytes: Windows starts from no others. Choose "
                           "another --sector-size."));
  else if (options->new_size % get_sector_size (options) != 0)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("A drive has whole sectors of %u bytes, and “%s” is not a multiple of that. "
                   "Choose another --size."),
                 get_sector_size (options), options->size);
  else
    return TRUE;
  return FALSE;
}

static gboolean
make_plan (Options *options, GError **error)
{
  ValisePlanOptions plan;

  valise_profile_init (&options->profile);
  if (!valise_profile_options_apply (&options->profile_options, &options->profile, error))
    return FALSE;
  valise_profile_get_options (&options->profile, &plan);
  plan.verify = plan.verify && !options->no_verify;
  plan.allow_encrypted = plan.allow_encrypted || options->allow_encrypted;
  if (options->image != NULL)
    plan.edition = options->image;
  if (options->resume != NULL)
    return resume_plan (options, error);
  options->no_verify = !plan.verify;
  options->reports = valise_write_reports_new (options->report);
  if (options->sources == NULL || g_strv_length (options->sources) != 1)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                           _("Name one ISO, WIM, ESD or SWM file: “valise write SOURCE --to "
                             "TARGET”."));
      return FALSE;
    }
  if (options->targets == NULL || g_strv_length (options->targets) == 0)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                           _("Name the drive to write to: “--to /dev/sdx”, or a file that serves "
                             "as one."));
      return FALSE;
    }
  if (!check_targets (options, error))
    return FALSE;
  if (options->image != NULL && !g_utf8_validate (options->image, -1, NULL))
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                           _("The edition's name is not valid UTF-8. Give its number instead."));
      return FALSE;
    }
  plan.source = options->sources[0];
  if ((options->layout != NULL && !parse_layout (options->layout, &plan.layout, error))
      || (options->container != NULL
          && !parse_container (options->container, &plan.container, error))
      || (options->container_size != NULL
          && !valise_parse_size (options->container_size, &plan.container_size, error))
      || (options->boot_manager != NULL
          && !parse_boot_manager (options->boot_manager, &plan.boot_manager, error))
      || (options->compact != NULL
          && !valise_compact_mode_parse (options->compact, &plan.compact, error))
      || (options->size != NULL && !valise_parse_size (options->size, &options->new_size, error))
      || (options->cache != NULL && !valise_parse_size (options->cache, &plan.cache_size, error)))
    return FALSE;
  if (!check_sectors (options, error))
    return FALSE;
  options->plan = valise_plan_new (&plan, error);
  return options->plan != NULL && check_files (options->plan, error)
         && save_profile (options, error);
}

/* ---- before the job ---- */

/* What can be found out about the image without opening it. */
static gboolean
check_source (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  if (g_access (path, R_OK) == 0)
    return TRUE;
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
               _("“%s” cannot be read: %s. Check the name and your rights."), name,
               g_strerror (errno));
  return FALSE;
}

static gboolean
agree (Options *options, ValiseTargetList *list, GCancellable *cancellable, GError **error)
{
  guint n_drives = 0;
  g_autofree char *losses = NULL;
  g_autofree char *question = NULL;

  if (options->yes)
    return options->json
           || valise_write_notices_tell_drivers (options->plan, &options->opening, error);
  losses = valise_target_list_describe_losses (list, &n_drives);
  if (n_drives == 0)
    return TRUE;
  options->told = valise_question_is_possible ();
  if (options->told
      && !valise_write_notices_tell (options->plan, list, &options->opening, error))
    return FALSE;
  question = g_strdup_printf (
      "%s\n%s\n%s",
      g_dngettext (NULL, "Everything on this drive will be lost:",
                   "Everything on these drives will be lost:", n_drives),
      losses, _("Type “yes” in full to erase it, anything else to leave it alone: "));
  switch (valise_question_ask (question, cancellable))
    {
    case VALISE_ANSWER_YES:
      return TRUE;
    case VALISE_ANSWER_NOBODY:
      g_set_error_literal (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                           _("There is no terminal to ask on whether the drive may be erased. "
                             "Nothing was changed; add --yes if you are sure."));
      return FALSE;
    case VALISE_ANSWER_NO:
    case VALISE_ANSWER_CANCELLED:
    default:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The answer was not “yes”."));
      return FALSE;
    }
}

static ValiseWriteJob *
make_job (Options *options, ValiseTargetList *list, GError **error)
{
  g_autoptr (ValiseWriteJob) job = valise_write_job_new (options->plan);

  if (options->opening.source != NULL)
    valise_write_job_take_source (job, g_steal_pointer (&options->opening.scratch),
                                  g_steal_pointer (&options->opening.source));

  if (options->resume != NULL && options->reports->batch->source_sha256 != NULL)
    valise_write_job_expect_source (job, options->reports->batch->source_sha256);
  for (guint i = 0; i < valise_target_list_get_n (list); i++)
    {
      const ValiseDriveInfo *info = valise_target_list_get_info (list, i);
      ValiseTarget *target = valise_target_list_open (list, i, error);

      if (target == NULL)
        return NULL;
      valise_write_job_add_target (job, target, info->model, info->serial);
      if (options->resume != NULL)
        valise_write_job_set_target_number (
            job, i, g_array_index (options->reports->entries, guint, i) + 1);
    }
  return g_steal_pointer (&job);
}

/* ---- the job ---- */

typedef struct
{
  GMainLoop *loop;
  GAsyncResult *result;
} Run;

static void
finished_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  run->result = g_object_ref (result);
  g_main_loop_quit (run->loop);
}

static void
get_drive (gpointer data, guint index, ValiseMonitorDrive *drive)
{
  ValiseWriteJob *job = data;
  ValiseDriveState state;

  valise_write_job_get_target_state (job, index, &state);
  drive->name = valise_write_job_get_target_name (job, index);
  drive->written = state.written;
  drive->reading = state.verifying;
  drive->read = state.read;
  drive->rate = state.rate;
}

static gboolean
run_job (ValiseWriteJob *job, Options *options, GCancellable *cancellable, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (ValiseMonitor) monitor = valise_monitor_new (
      valise_write_job_get_progress (job),
      options->json ? VALISE_MONITOR_PROGRAMS : VALISE_MONITOR_PEOPLE);
  Run run = { loop, NULL };
  gboolean ok;

  valise_monitor_set_drives (monitor, valise_write_job_get_n_targets (job), !options->no_verify,
                             get_drive, job);
  valise_write_job_run_async (job, cancellable, finished_cb, &run);
  g_main_loop_run (loop);
  ok = valise_write_job_run_finish (job, run.result, error);
  g_object_unref (run.result);
  return ok;
}

/* ---- what came of it ---- */

static void
print_finished (ValiseWriteJob *job, guint i, gboolean told)
{
  const ValiseReport *report = valise_write_job_get_target_report (job, i);
  g_autofree char *name = valise_text_clean (valise_write_job_get_target_name (job, i));
  g_autofree char *size = valise_text_size (report->write.bytes);
  guint64 seconds = (guint64) (report->write.seconds + report->verify.seconds) + 1;
  g_autofree char *duration = valise_text_duration (seconds);
  g_autofree char *edition = valise_text_clean (report->edition);

  for (guint j = 0; j < report->warnings->len; j++)
    valise_output_note (g_ptr_array_index (report->warnings, j));
  for (guint j = 0; !told && j < report->notices->len; j++)
    valise_output_note (g_ptr_array_index (report->notices, j));
  /* Translators: a drive, an edition of Windows, a size, a duration. */
  valise_output_print (stdout,
                       report->verified ? _("%s: “%s” was written and read back: %s in %s.\n")
                                        : _("%s: “%s” was written, but not read back: %s in %s.\n"),
                       name, edition, size, duration);
}

static gboolean
is_shared (ValiseWriteJob *job, guint index)
{
  const GError *error = valise_write_job_get_target_error (job, index);

  for (guint i = 0; i < valise_write_job_get_n_targets (job); i++)
    {
      const GError *other = valise_write_job_get_target_error (job, i);

      if (i != index && other != NULL && g_str_equal (other->message, error->message))
        return TRUE;
    }
  return FALSE;
}

/* What stops the whole job is every drive's error, and said once. Others are said with the drive
 * that they are about. */
static void
print_errors (ValiseWriteJob *job, const GError *error)
{
  g_autoptr (GHashTable) said = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = valise_write_job_get_n_targets (job);

  for (guint i = 0; i < n; i++)
    {
      const GError *one = valise_write_job_get_target_error (job, i);
      const char *name = valise_write_job_get_target_name (job, i);
      g_autofree char *text = NULL;

      if (one == NULL || g_error_matches (one, G_IO_ERROR, G_IO_ERROR_CANCELLED)
          || !g_hash_table_add (said, one->message))
        continue;
      if (n > 1 && !is_shared (job, i) && strstr (one->message, name) == NULL)
        text = g_strdup_printf ("%s: %s", name, one->message);
      valise_output_error (text != NULL ? text : one->message);
    }
  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_hash_table_contains (said, error->message))
    valise_output_error (error->message);
}

static void
free_error (gpointer error)
{
  if (error != NULL)
    g_error_free (error);
}

/* What is not finished stays where it is, so that nobody takes it for finished. */
static GPtrArray *
release (Options *options, ValiseTargetList *list, ValiseWriteJob *job)
{
  GPtrArray *errors = g_ptr_array_new_with_free_func (free_error);

  for (guint i = 0; i < valise_target_list_get_n (list); i++)
    {
      gboolean eject
          = options->eject && valise_write_job_get_target_report (job, i) != NULL;
      GError *error = NULL;

      valise_target_list_release (list, i, eject, &error);
      g_ptr_array_add (errors, error);
    }
  return errors;
}

static void
add_target (JsonBuilder *builder, ValiseWriteJob *job, guint i, const char *report_path,
            const GError *release_error)
{
  const ValiseReport *report = valise_write_job_get_target_report (job, i);
  const GError *error = valise_write_job_get_target_error (job, i);
  ValiseExit status = error != NULL ? valise_command_get_exit (error) : VALISE_EXIT_OK;
  ValiseDriveState state;

  valise_write_job_get_target_state (job, i, &state);
  json_builder_begin_object (builder);
  valise_json_add_string (builder, "target", valise_write_job_get_target_name (job, i));
  valise_json_add_string (builder, "status", valise_command_get_status (status));
  valise_json_add_int (builder, "written", state.written);
  valise_json_add_boolean (builder, "verified", report != NULL && report->verified);
  if (report != NULL)
    {
      valise_json_add_string (builder, "edition", report->edition);
      valise_json_add_double (builder, "seconds", report->write.seconds + report->verify.seconds);
      valise_json_add_string (builder, "report", report_path);
      json_builder_set_member_name (builder, "notices");
      json_builder_begin_array (builder);
      for (guint j = 0; j < report->notices->len; j++)
        json_builder_add_string_value (builder, g_ptr_array_index (report->notices, j));
      json_builder_end_array (builder);
      json_builder_set_member_name (builder, "warnings");
      json_builder_begin_array (builder);
      for (guint j = 0; j < report->warnings->len; j++)
        json_builder_add_string_value (builder, g_ptr_array_index (report->warnings, j));
      if (release_error != NULL)
        json_builder_add_string_value (builder, release_error->message);
      json_builder_end_array (builder);
    }
  valise_json_add_error (builder, error);
  json_builder_end_object (builder);
}

static void
print_result (Options *options, ValiseWriteJob *job, GPtrArray *release_errors, ValiseExit status,
              const GError *error)
{
  guint n = valise_write_job_get_n_targets (job);
  JsonBuilder *builder = valise_json_begin_event ("result");

  valise_json_add_string (builder, "status", valise_command_get_status (status));
  json_builder_set_member_name (builder, "targets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *path = valise_write_reports_get_path (options->reports, i);

      add_target (builder, job, i, path, g_ptr_array_index (release_errors, i));
    }
  json_builder_end_array (builder);
  if (options->reports->batch != NULL)
    valise_json_add_string (builder, "batchReport", options->report);
  valise_json_add_error (builder, error);
  valise_json_print (builder);
}

/* A batch of which there is nothing left to do. */
static ValiseExit
tell_finished (Options *options)
{
  if (options->json)
    {
      JsonBuilder *builder = valise_json_begin_event ("result");

      valise_json_add_string (builder, "status", valise_command_get_status (VALISE_EXIT_OK));
      json_builder_set_member_name (builder, "targets");
      json_builder_begin_array (builder);
      json_builder_end_array (builder);
      valise_json_add_string (builder, "batchReport", options->report);
      valise_json_print (builder);
    }
  else
    valise_output_print (stdout, _("All drives of this batch are finished.\n"));
  return VALISE_EXIT_OK;
}

/* @error is the job's; every drive may have one of its own. */
static ValiseExit
tell (Options *options, ValiseTargetList *list, ValiseWriteJob *job, const GError *error)
{
  guint n = valise_write_job_get_n_targets (job);
  guint n_good = 0;
  g_autoptr (GPtrArray) release_errors = release (options, list, job);
  g_autoptr (GError) report_error = NULL;
  ValiseExit status = error != NULL ? valise_command_get_exit (error) : VALISE_EXIT_OK;

  for (guint i = 0; i < n; i++)
    {
      if (valise_write_job_get_target_report (job, i) != NULL)
        n_good++;
      else
        valise_target_list_remove_new (list, i);
    }
  for (guint i = 0; !options->json && i < n; i++)
    if (valise_write_job_get_target_report (job, i) != NULL)
      {
        print_finished (job, i, options->told);
        /* Once for all drives: they have the same image. */
        options->told = TRUE;
      }
  for (guint i = 0; i < n; i++)
    if (g_ptr_array_index (release_errors, i) != NULL)
      valise_output_note (((GError *) g_ptr_array_index (release_errors, i))->message);
  print_errors (job, error);
  if (status != VALISE_EXIT_OK && status != VALISE_EXIT_CANCELLED && n_good > 0)
    status = VALISE_EXIT_SOME_FAILED;
  if (status == VALISE_EXIT_CANCELLED)
    valise_output_error (_("Cancelled. What is not finished has no partition table."));
  if (!valise_write_reports_save (options->reports, job, &report_error))
    {
      valise_output_error (report_error->message);
      if (status == VALISE_EXIT_OK)
        status = VALISE_EXIT_FAILED;
    }
  if (options->json)
    print_result (options, job, release_errors, status, error != NULL ? error : report_error);
  return status;
}

static gboolean
prepare (char **arguments, Options *options, GError **error)
{
  return parse (arguments, options, error) && make_plan (options, error)
         && valise_ntfs_check_interposed (valise_source_probe_ntfs, error)
         && (*options->targets == NULL || check_source (options->sources[0], error));
}

/**
 * valise_command_write:
 * @arguments: `write` and what stands behind it
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_write (char **arguments)
{
  g_auto (Options) options = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ValiseInterrupt) interrupt = valise_interrupt_new (cancellable);
  g_autoptr (ValiseTargetList) list = NULL;
  g_autoptr (ValiseWriteJob) job = NULL;
  g_autoptr (GError) error = NULL;

  if (!prepare (arguments, &options, &error))
    return valise_command_fail (error, options.json);
  if (*options.targets == NULL)
    return tell_finished (&options);
  list = valise_target_list_new ((const char *const *) options.targets, options.new_size,
                                 options.sector_size, options.sources[0], cancellable, &error);
  if (list == NULL || !valise_target_list_check_report (list, options.report, &error)
      || !valise_write_reports_begin (options.reports, options.plan, options.new_size,
                                      get_sector_size (&options), list, &error)
      || !valise_write_reports_check (options.reports, options.sources[0],
                                      (const char *const *) options.targets, &error))
    return valise_command_fail (error, options.json);
  if (!agree (&options, list, cancellable, &error)
      || !valise_interrupt_check (interrupt, &error))
    return valise_command_fail (error, options.json);
  job = make_job (&options, list, &error);
  if (job == NULL || !valise_write_reports_save_start (options.reports, list, &error))
    {
      for (guint i = 0; i < valise_target_list_get_n (list); i++)
        valise_target_list_remove_new (list, i);
      return valise_command_fail (error, options.json);
    }
  run_job (job, &options, cancellable, &error);
  return tell (&options, list, job, error);
}
