/* valise-resume.c: which drives of a batch are written again, and how.
 *
 * Drives change their names when they are plugged in again, and names are given to other drives:
 * what is to be erased is found by the serial number where there is one. What is not there, or
 * might be another drive, is left alone and said.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-resume.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "core/valise-error.h"
#include "core/valise-text.h"
#include "core/valise-units.h"
#include "devices/valise-drive-info.h"
#include "jobs/valise-profile.h"
#include "valise-output.h"

/* ---- the settings ---- */

static gboolean
is_size (const char *text, guint64 size)
{
  guint64 given;

  return text == NULL || (valise_parse_size (text, &given, NULL) && given == size);
}

static gboolean
is_text (const char *text, const char *recorded)
{
  return text == NULL || g_strcmp0 (text, recorded) == 0;
}

static gboolean
is_same_file (const char *a, const char *b)
{
  g_autofree char *path_a = a != NULL ? g_canonicalize_filename (a, NULL) : NULL;
  g_autofree char *path_b = g_canonicalize_filename (b, NULL);

  return a == NULL || g_str_equal (path_a, path_b);
}

/**
 * valise_resume_check:
 * @report: a batch's report
 * @path: where it is
 * @options: what else was asked for
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * All drives of a batch are written alike. An option that says what the report says is fine.
 *
 * Returns: whether no option contradicts the report
 */
gboolean
valise_resume_check (const ValiseBatchReport *report,
                     const char *path,
                     const ValiseResumeOptions *options,
                     GError **error)
{
  const gboolean is_2023 = report->boot_manager == VALISE_BOOT_MANAGER_2023;
  const struct
  {
    const char *option;
    gboolean fits;
  } checks[] = {
    { "--image", is_text (options->image, report->image) },
    { "--layout",
      is_text (options->layout, report->layout == VALISE_PLAN_LAYOUT_GPT ? "gpt" : "mbr") },
    { "--container",
      is_text (options->container, valise_container_kind_get_name (report->container)) },
    { "--container-size", is_size (options->container_size, report->container_size) },
    { "--boot-manager", is_text (options->boot_manager, is_2023 ? "2023" : "2011") },
    { "--compact", is_text (options->compact, valise_compact_mode_names[report->compact]) },
    { "--no-verify", !options->no_verify || !report->verify },
    { "--allow-encrypted", !options->allow_encrypted || report->allow_encrypted },
    { "--cache", is_size (options->cache, report->cache_size) },
    { "--size", is_size (options->size, report->new_size) },
    { "--sector-size",
      options->sector_size == 0 || options->sector_size == (int) report->sector_size },
    { "--report", is_same_file (options->report, path) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    if (!checks[i].fits)
      {
        /* Translators: an option, such as “--layout”. */
        g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                     _("%s contradicts the report: the other drives of the batch were written "
                       "otherwise. Leave it out, or write a new batch without --resume."),
                     checks[i].option);
        return FALSE;
      }
  return TRUE;
}

/**
 * valise_resume_check_setup:
 * @report: a batch's report
 * @setup: how Windows is made its owner's, by the profile and the options
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Names and passwords are not in the report, only a digest of the choices without secrets.
 *
 * Returns: whether the choices are those of the batch
 */
gboolean
valise_resume_check_setup (const ValiseBatchReport *report,
                           const ValiseSetup *setup,
                           GError **error)
{
  g_autofree char *digest = valise_profile_digest_setup (setup);
  g_auto (ValiseSetup) portable = { 0 };
  g_autofree char *usual = NULL;

  valise_setup_init (&portable);
  usual = valise_profile_digest_setup (&portable);
  if (g_str_equal (digest, report->setup_digest != NULL ? report->setup_digest : usual))
    return TRUE;
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       _("The other drives of the batch were made with other choices for the first "
                         "start of Windows. Name the same profile and options again, beside "
                         "--resume."));
  return FALSE;
}

/* ---- the drives ---- */

static gboolean
is_drive (const ValiseBatchDrive *drive, const ValiseDriveInfo *info)
{
  return valise_batch_drive_is (drive, info->path, info->model, info->serial, info->size);
}

/* Cheap drives share their serial numbers: one that might be two of the batch is neither. */
static gboolean
is_unique (const ValiseBatchReport *report, const ValiseDriveInfo *info)
{
  guint n = 0;

  for (guint i = 0; i < report->drives->len; i++)
    n += is_drive (g_ptr_array_index (report->drives, i), info);
  return n == 1;
}

/* All block devices that are no partitions. */
static GPtrArray *
list_drives (void)
{
  GPtrArray *infos = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_drive_info_free);
  g_autoptr (GDir) dir = g_dir_open ("/sys/block", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/dev", name, NULL);
      ValiseDriveInfo *info = valise_drive_info_read (path, NULL);

      if (info != NULL && info->kind == VALISE_DRIVE_KIND_BLOCK && info->size > 0)
        g_ptr_array_add (infos, info);
      else if (info != NULL)
        valise_drive_info_free (info);
    }
  return infos;
}

/* Where a drive with a serial number is now; NULL where it is not there, or more than one is. */
static char *
find_by_serial (const ValiseBatchReport *report, const ValiseBatchDrive *drive)
{
  g_autoptr (GPtrArray) infos = list_drives ();
  char *found = NULL;
  guint n = 0;

  for (guint i = 0; i < infos->len; i++)
    {
      const ValiseDriveInfo *info = g_ptr_array_index (infos, i);

      if (!is_drive (drive, info))
        continue;
      n += is_unique (report, info) ? 1 : 2;
      g_free (found);
      found = g_strdup (info->path);
    }
  if (n > 1)
    g_clear_pointer (&found, g_free);
  return found;
}

/* What has no serial number must be under its name, and look as it did. A file that is not there
 * is made anew. */
static char *
find_by_name (const ValiseBatchReport *report, const ValiseBatchDrive *drive)
{
  g_autoptr (ValiseDriveInfo) info = valise_drive_info_read (drive->name, NULL);

  if (info == NULL || !is_drive (drive, info) || !is_unique (report, info))
    return NULL;
  if (info->kind == VALISE_DRIVE_KIND_NONE
      && (report->new_size == 0 || g_str_has_prefix (drive->name, "/dev/")))
    return NULL;
  if (info->kind == VALISE_DRIVE_KIND_BLOCK && drive->size == 0)
    return NULL;
  return g_strdup (drive->name);
}

static void
note_missing (const ValiseBatchDrive *drive)
{
  g_autofree char *name = valise_text_clean (drive->name);
  g_autofree char *serial = drive->serial != NULL ? valise_text_clean (drive->serial) : NULL;
  g_autofree char *text = NULL;

  if (serial != NULL)
    /* Translators: a drive's name and serial number. */
    text = g_strdup_printf (_("The drive that was “%s”, with the serial number %s, is not there, "
                              "or there is another one with the same number. It was left out; name "
                              "it with --to to write it."),
                            name, serial);
  else
    text = g_strdup_printf (_("“%s” is not there, or not the same drive any more. It was left out; "
                              "name it with --to to write it."),
                            name);
  valise_output_note (text);
}

/* All drives of the batch that are not finished, and are there. */
static void
choose_unfinished (ValiseBatchReport *report, GPtrArray *paths, GArray *entries)
{
  for (guint i = 0; i < report->drives->len; i++)
    {
      ValiseBatchDrive *drive = g_ptr_array_index (report->drives, i);
      char *path;

      if (drive->state == VALISE_BATCH_FINISHED)
        continue;
      path = drive->serial != NULL ? find_by_serial (report, drive)
                                    : find_by_name (report, drive);
      if (path == NULL)
        {
          note_missing (drive);
          continue;
        }
      g_ptr_array_add (paths, path);
      g_array_append_val (entries, i);
    }
}

/* The entry of a drive that was named: one that is not finished, if it is in the batch, else a new
 * one. A drive that is finished is not written over by a slip. */
static gboolean
choose_named (ValiseBatchReport *report, const char *path, guint *entry, GError **error)
{
  g_autoptr (ValiseDriveInfo) info = valise_drive_info_read (path, error);
  g_autofree char *name = g_filename_display_name (path);
  gboolean is_finished = FALSE;

  if (info == NULL)
    return FALSE;
  for (*entry = 0; *entry < report->drives->len; (*entry)++)
    {
      const ValiseBatchDrive *drive = g_ptr_array_index (report->drives, *entry);

      if (!is_drive (drive, info))
        continue;
      if (drive->state != VALISE_BATCH_FINISHED)
        return TRUE;
      is_finished = TRUE;
    }
  if (is_finished)
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _("“%s” is finished in this batch. Leave it out; to write it once more, write "
                     "it without --resume."),
                   name);
      return FALSE;
    }
  if (report->drives->len >= VALISE_BATCH_REPORT_MAX_DRIVES)
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _("This batch has %u drives, and takes no more. Begin a new one."),
                   report->drives->len);
      return FALSE;
    }
  valise_batch_report_add (report, path, info->model, info->serial,
                           info->kind == VALISE_DRIVE_KIND_NONE ? report->new_size : info->size);
  return TRUE;
}

/**
 * valise_resume_choose:
 * @report: a batch's report; drives that are named and not in it are added
 * @named: (nullable) (array zero-terminated=1): what was named with --to; without, all drives that
 *   are not finished are chosen
 * @entries: (element-type guint): for the index of each drive in the report
 * @error: where to put an error
 *
 * Chooses what is to be written. Drives of the batch that are not there are left out, and said.
 *
 * Returns: (transfer full) (array zero-terminated=1): where the drives are now, none where all are
 *   finished; or %NULL
 */
char **
valise_resume_choose (ValiseBatchReport *report,
                      const char *const *named,
                      GArray *entries,
                      GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  if (named == NULL)
    choose_unfinished (report, paths, entries);
  for (gsize i = 0; named != NULL && named[i] != NULL; i++)
    {
      guint entry;

      if (!choose_named (report, named[i], &entry, error))
        return NULL;
      g_ptr_array_add (paths, g_strdup (named[i]));
      g_array_append_val (entries, entry);
    }
  if (paths->len == 0 && valise_batch_report_count_unfinished (report) > 0)
    {
      g_set_error_literal (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
                           _("None of the drives that are not finished is there. Plug one in, or "
                             "name another one with --to."));
      return NULL;
    }
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}
