/* valise-setup-files.c: the files and folders of this computer that were chosen for Windows.
 *
 * The job opens them before it touches a drive. What is wrong with them can also be told earlier,
 * while they are chosen: by the same code, in the same words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-setup-files.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "boot/valise-answer-file.h"
#include "boot/valise-driver-set.h"
#include "core/valise-error.h"
#include "valise-copies.h"

/**
 * valise_setup_read_answer_file:
 * @self: what was chosen, with an answer file
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Blocks. Any thread.
 *
 * Returns: (transfer full) (nullable): what is in the answer file
 */
GBytes *
valise_setup_read_answer_file (const ValiseSetup *self, GError **error)
{
  const char *path = self->answer_file;
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GError) cause = NULL;
  GStatBuf st;
  char *data;
  gsize size;

  if (g_stat (path, &st) == 0 && S_ISREG (st.st_mode) && st.st_size > VALISE_ANSWER_FILE_MAX)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("“%s” is larger than 1 MiB, which no answer file is. Choose another file."),
                 name);
  else if (g_stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("“%s” is not a file. Choose an answer file."), name);
  else if (g_file_get_contents (path, &data, &size, &cause))
    return g_bytes_new_take (data, size);
  else
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 /* Translators: a file's name, and what the system said. */
                 _("The answer file “%s” cannot be read: %s. Check the name and your rights."),
                 name, cause->message);
  return NULL;
}

/**
 * valise_setup_find_drivers:
 * @self: what was chosen
 * @edition: the Windows that drivers are for
 * @packages: (out) (transfer full) (nullable) (element-type ValiseDriverPackage): all that was
 *   found, also where none can be used; %NULL where no folder was chosen or read
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Blocks. Any thread.
 *
 * Returns: whether no folder was chosen, or there is a driver that can be used
 */
gboolean
valise_setup_find_drivers (const ValiseSetup *self,
                           const ValiseEdition *edition,
                           GPtrArray **packages,
                           GError **error)
{
  g_autoptr (GPtrArray) found = valise_driver_set_new ();
  const ValiseDriverPackage *first;

  *packages = NULL;
  if (self->driver_folders == NULL || *self->driver_folders == NULL)
    return TRUE;
  for (guint i = 0; self->driver_folders[i] != NULL; i++)
    if (!valise_driver_set_scan (found, self->driver_folders[i], edition->architecture,
                                 edition->build, error))
      return FALSE;
  *packages = g_ptr_array_ref (found);
  if (valise_driver_set_count_usable (found) > 0)
    return TRUE;
  first = g_ptr_array_index (found, 0);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               /* Translators: a driver's file, and a sentence. */
               _("None of the drivers can be used with this Windows. “%s”: %s “valise drivers” "
                 "tells of all of them."),
               first->name, first->problem);
  return FALSE;
}

static gboolean
check_answer_file (const ValiseSetup *self, const char *architecture, GError **error)
{
  g_autoptr (GBytes) contents = valise_setup_read_answer_file (self, error);
  g_autoptr (ValiseAnswerFile) file
      = contents != NULL ? valise_answer_file_parse (contents, architecture, error) : NULL;

  return file != NULL;
}

/**
 * valise_setup_check_files:
 * @self: what was chosen; valise_setup_check() was content with it
 * @edition: (nullable): the Windows that it is for; without one, drivers are not looked at
 * @packages: (out) (transfer full) (nullable) (element-type ValiseDriverPackage): the drivers that
 *   were found
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Opens every file that was chosen, as a job does before it touches a drive. Blocks. Any thread.
 *
 * Returns: whether all of them can be used
 */
gboolean
valise_setup_check_files (const ValiseSetup *self,
                          const ValiseEdition *edition,
                          GPtrArray **packages,
                          GError **error)
{
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  g_autoptr (GPtrArray) files = valise_setup_files_new ();
  g_autoptr (GPtrArray) copies = NULL;
  guint64 bytes = 0;

  *packages = NULL;
  if (!valise_setup_load_registry (self, changes, error)
      || (edition != NULL
          && !valise_policies_check_edition (&self->policies, edition->edition_id, error))
      || !valise_policies_add_files (&self->policies, files, error)
      || (self->answer_file != NULL
          && !check_answer_file (self, edition != NULL ? edition->architecture : "amd64", error)))
    return FALSE;
  copies = valise_copies_list (self->copies, &bytes, error);
  return copies != NULL
         && (edition == NULL || valise_setup_find_drivers (self, edition, packages, error));
}
