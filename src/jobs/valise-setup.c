/* valise-setup.c: how the Windows on a drive is made its owner's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-setup.h"

#include <string.h>

#include "boot/valise-computer-name.h"
#include "boot/valise-reg-file.h"
#include "valise-copies.h"

/**
 * valise_setup_init:
 * @self: (out caller-allocates): gets what every portable Windows needs
 */
void
valise_setup_init (ValiseSetup *self)
{
  *self = (ValiseSetup) { 0 };
  valise_answers_init_portable (&self->answers);
}

/**
 * valise_setup_copy:
 * @self: what was chosen
 * @copy: (out caller-allocates): gets a copy of everything
 */
void
valise_setup_copy (const ValiseSetup *self, ValiseSetup *copy)
{
  *copy = *self;
  valise_answers_copy (&self->answers, &copy->answers);
  copy->reg_files = g_strdupv (self->reg_files);
  valise_policies_copy (&self->policies, &copy->policies);
  copy->copies = g_strdupv (self->copies);
  copy->driver_folders = g_strdupv (self->driver_folders);
  copy->answer_file = g_strdup (self->answer_file);
}

/**
 * valise_setup_clear:
 * @self: what was chosen
 */
void
valise_setup_clear (ValiseSetup *self)
{
  valise_answers_clear (&self->answers);
  g_clear_pointer (&self->reg_files, g_strfreev);
  valise_policies_clear (&self->policies);
  g_clear_pointer (&self->copies, g_strfreev);
  g_clear_pointer (&self->driver_folders, g_strfreev);
  g_clear_pointer (&self->answer_file, g_free);
}

/**
 * valise_setup_check:
 * @self: what was chosen
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Opens nothing: what depends on the image or on files is the job's to check.
 *
 * Returns: whether it fits together
 */
gboolean
valise_setup_check (const ValiseSetup *self, GError **error)
{
  ValiseAnswers answers = self->answers;
  gboolean is_pattern
      = answers.computer_name != NULL && strpbrk (answers.computer_name, "{}") != NULL;

  if (is_pattern && !valise_computer_name_check_pattern (answers.computer_name, error))
    return FALSE;
  /* The names that a pattern makes are compared with the accounts' when the drives are known. */
  if (is_pattern)
    answers.computer_name = NULL;
  return valise_answers_check (&answers, error)
         && valise_policies_check (&self->policies, error)
         && valise_copies_check (self->copies, error);
}

/**
 * valise_setup_load_registry:
 * @self: what was chosen
 * @changes: (element-type ValiseRegistryChange): where to add what the user's files say
 * @error: where to put an error of %VALISE_PLAN_ERROR, which names the file and line
 *
 * Blocks. Any thread.
 *
 * Returns: whether all files could be read and understood
 */
gboolean
valise_setup_load_registry (const ValiseSetup *self, GPtrArray *changes, GError **error)
{
  for (guint i = 0; self->reg_files != NULL && self->reg_files[i] != NULL; i++)
    if (!valise_reg_file_load (self->reg_files[i], changes, error))
      return FALSE;
  return TRUE;
}
