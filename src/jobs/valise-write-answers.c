/* valise-write-answers.c: the part of a write job that answers what Windows asks at first.
 *
 * Each drive may have a computer name of its own, and everything else on the volume is shared. So
 * the answer files of a batch are made equally long, with space behind them; the first drive's goes
 * into the shared volume, and the others are put in its place on their drives afterwards. A file of
 * two clusters or more is never inside the MFT.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-job-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "boot/valise-answer-file.h"
#include "boot/valise-computer-name.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-pc-region.h"
#include "valise-report-windows.h"
#include "valise-setup-files.h"
#include "volume/valise-ntfs-edit.h"
#include "volume/valise-ntfs-locate.h"

#define PATH "\\Windows\\Panther\\unattend.xml"
/* Windows looks here first. */
#define EARLIER_PATH "\\Windows\\Panther\\Unattend\\Unattend.xml"

#define SMALLEST_FILE 8192
#define CLUSTER 4096

/* One drive's answers, as a file that is not as long as it will be. */
static ValiseAnswerFile *
make_file (ValiseWriteJob *self,
           const ValiseSetup *setup,
           GBytes *own,
           const char *computer_name,
           GError **error)
{
  const char *architecture = self->edition->architecture;
  g_autoptr (ValiseAnswerFile) file = own != NULL
                                          ? valise_answer_file_parse (own, architecture, error)
                                          : valise_answer_file_new (architecture);
  ValiseAnswers answers = setup->answers; /* the strings stay the setup's */
  g_auto (GStrv) commands = valise_write_job_add_commands (self, answers.specialize_commands);

  answers.specialize_commands = commands;
  answers.computer_name = (char *) computer_name;
  if (file == NULL || !valise_answers_check (&answers, error)
      || !valise_answer_file_apply (file, &answers, error))
    return NULL;
  return g_steal_pointer (&file);
}

/* A name for each drive that is alive; none for the others. */
static gboolean
name_computers (ValiseWriteJob *self, const char *pattern, char **names, GError **error)
{
  const guint n = self->drives->len;
  g_autofree ValiseNamedDrive *named = g_new0 (ValiseNamedDrive, n);
  g_autofree guint *indexes = g_new0 (guint, n);
  g_auto (GStrv) found = NULL;
  guint n_named = 0;

  for (guint i = 0; i < n; i++)
    {
      const ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);

      if (drive->error != NULL)
        continue;
      named[n_named] = (ValiseNamedDrive) { valise_target_get_name (drive->target), drive->serial,
                                            drive->number };
      indexes[n_named++] = i;
    }
  found = valise_computer_name_expand (pattern, named, n_named, error);
  for (guint i = 0; found != NULL && i < n_named; i++)
    names[indexes[i]] = g_steal_pointer (&found[i]);
  return found != NULL;
}

static gboolean
has_language (ValiseWriteJob *self, const char *language)
{
  for (guint i = 0; self->edition->languages[i] != NULL; i++)
    if (g_ascii_strcasecmp (self->edition->languages[i], language) == 0)
      return TRUE;
  return *self->edition->languages == NULL; /* the image does not say */
}

/* What was not chosen is this computer's, where that was chosen. */
static void
fill_region (ValiseWriteJob *self, ValiseSetup *setup)
{
  g_auto (ValisePcRegion) region = { 0 };

  if (!setup->pc_region)
    return;
  valise_pc_region_read_this (&region);
  if (region.language != NULL && !has_language (self, region.language))
    g_clear_pointer (&region.language, g_free);
  valise_pc_region_fill (&region, &setup->answers);
}

/* What policies have Windows run comes behind what the user has it run. */
static void
append (char ***commands, const char *command)
{
  const guint n = *commands != NULL ? g_strv_length (*commands) : 0;

  if (command == NULL)
    return;
  *commands = g_renew (char *, *commands, n + 2);
  (*commands)[n] = g_strdup (command);
  (*commands)[n + 1] = NULL;
}

static void
add_commands (ValiseSetup *setup)
{
  append (&setup->answers.specialize_commands,
          valise_policies_get_system_command (&setup->policies));
  append (&setup->answers.first_logon_commands,
          valise_policies_get_logon_command (&setup->policies));
}

/* Windows cannot show a language that is not in it, and stops at its first start. */
static gboolean
check_language (ValiseWriteJob *self, const ValiseSetup *setup, GError **error)
{
  const char *language = setup->answers.language;
  g_autofree char *list = NULL;

  if (language == NULL || has_language (self, language))
    return TRUE;
  list = g_strjoinv (", ", self->edition->languages);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               /* Translators: an edition, a language such as “de-DE”, a list of languages. */
               _("“%s” cannot show the language “%s”: the image has %s. Choose one of these, or "
                 "another image."),
               self->edition->name, language, list);
  return FALSE;
}

static void
take_notes (ValiseWriteJob *self, ValiseAnswerFile *file)
{
  GPtrArray *notes = valise_answer_file_get_notes (file);

  for (guint i = 0; i < notes->len; i++)
    g_ptr_array_add (self->warnings, g_strdup (g_ptr_array_index (notes, i)));
}

/* All files get one length: the longest's, in whole clusters. */
static gboolean
take_files (ValiseWriteJob *self, GPtrArray *files, GError **error)
{
  gsize size = SMALLEST_FILE;

  for (guint i = 0; i < files->len; i++)
    {
      ValiseAnswerFile *file = g_ptr_array_index (files, i);
      g_autoptr (GBytes) contents = NULL;

      if (file == NULL)
        continue;
      contents = valise_answer_file_to_bytes (file, 0, error);
      if (contents == NULL)
        return FALSE;
      size = MAX (size, VALISE_ROUND_UP (g_bytes_get_size (contents), CLUSTER));
    }
  for (guint i = 0; i < files->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);
      ValiseAnswerFile *file = g_ptr_array_index (files, i);

      if (file == NULL)
        continue;
      drive->answers = valise_answer_file_to_bytes (file, size, error);
      if (drive->answers == NULL)
        return FALSE;
      if (self->answers == NULL)
        {
          self->answers = g_bytes_ref (drive->answers);
          take_notes (self, file);
        }
    }
  return TRUE;
}

static void
free_file (gpointer file)
{
  if (file != NULL)
    valise_answer_file_free (file);
}

/**
 * valise_write_job_prepare_answers:
 * @self: a job whose drives are laid out
 * @error: where to put an error
 *
 * Makes every drive's answer file. Only in the job's thread.
 *
 * Returns: whether Windows takes the answers, and all computers have names that are possible
 */
gboolean
valise_write_job_prepare_answers (ValiseWriteJob *self, GError **error)
{
  g_auto (ValiseSetup) setup = { 0 };
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (free_file);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) own = NULL;

  if (g_str_equal (self->edition->architecture, "unknown"))
    {
      g_ptr_array_add (self->warnings,
                       g_strdup (_("The image does not say for which processor it is. It got no "
                                   "answer file: Windows asks everything at its first start.")));
      return TRUE;
    }
  valise_setup_copy (self->options->setup, &setup);
  fill_region (self, &setup);
  self->windows = valise_report_windows_describe (&setup, self->packages);
  add_commands (&setup);
  g_ptr_array_set_size (names, self->drives->len);
  if (!check_language (self, &setup, error)
      || (setup.answers.computer_name != NULL
          && !name_computers (self, setup.answers.computer_name, (char **) names->pdata, error)))
    return FALSE;
  if (setup.answer_file != NULL)
    {
      own = valise_setup_read_answer_file (&setup, error);
      if (own == NULL)
        return FALSE;
    }

  for (guint i = 0; i < self->drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);
      ValiseAnswerFile *file = NULL;

      if (drive->error == NULL)
        {
          drive->computer_name = g_strdup (g_ptr_array_index (names, i));
          file = make_file (self, &setup, own, g_ptr_array_index (names, i), error);
          if (file == NULL)
            return FALSE;
        }
      g_ptr_array_add (files, file);
    }
  return take_files (self, files, error);
}

/**
 * valise_write_job_put_answers:
 * @self: a job
 * @volume: the shared volume, with Windows on it
 * @error: where to put an error
 *
 * Writes the first drive's answers into the volume, and notes where. Only in the job's thread.
 *
 * Returns: whether they are there
 */
gboolean
valise_write_job_put_answers (ValiseWriteJob *self, struct _ntfs_volume *volume, GError **error)
{
  const char *path = valise_ntfs_edit_exists (volume, EARLIER_PATH, NULL) ? EARLIER_PATH : PATH;

  if (self->answers == NULL)
    return TRUE;
  if (valise_ntfs_edit_exists (volume, path, NULL))
    g_ptr_array_add (self->warnings,
                     g_strdup_printf (_("The image had an answer file of its own, “%s”. It was "
                                        "replaced."),
                                      path));
  if (!valise_ntfs_edit_write (volume, path, self->answers, error)
      || !valise_ntfs_edit_set_compressed (volume, path, FALSE, error))
    return FALSE;
  self->answer_extents = valise_ntfs_locate (volume, path, error);
  if (self->answer_extents != NULL && self->container != NULL)
    {
      g_autoptr (GArray) inside = g_steal_pointer (&self->answer_extents);

      self->answer_extents
          = valise_extent_map_translate (self->container->partition_map, inside);
    }
  return self->answer_extents != NULL;
}

/**
 * valise_write_job_give_answers:
 * @self: a job whose shared volume was written
 *
 * Tells each drive what is to be changed on it, if its answers are not those of the shared volume.
 */
void
valise_write_job_give_answers (ValiseWriteJob *self)
{
  for (guint i = 0; i < self->drives->len && self->answer_extents != NULL; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);

      if (drive->answers != NULL && !g_bytes_equal (drive->answers, self->answers))
        drive->answer_extents = g_array_ref (self->answer_extents);
    }
}
