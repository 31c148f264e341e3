/* valise-profile-loader.c: reading a profile into the choices.
 *
 * A profile is a file of a few lines, but it may be on a disk that sleeps: a thread reads it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-profile-loader.h"

#include "jobs/valise-profile-file.h"

static void
free_profile (gpointer data)
{
  valise_profile_clear (data);
  g_free (data);
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseProfile *profile = g_new0 (ValiseProfile, 1);
  GError *error = NULL;

  valise_profile_init (profile);
  if (valise_profile_load_checked (profile, data, &error))
    {
      g_task_return_pointer (task, profile, free_profile);
      return;
    }
  free_profile (profile);
  g_task_return_error (task, error);
}

/**
 * valise_profile_loader_load_async:
 * @choices: (transfer none): choices
 * @path: a profile
 * @cancellable: (nullable): leaves the choices as they are
 * @callback: called when it was read
 * @data: for @callback
 *
 * Main thread.
 */
void
valise_profile_loader_load_async (ValiseChoices *choices,
                                  const char *path,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer data)
{
  g_autoptr (GTask) task = g_task_new (choices, cancellable, callback, data);

  g_task_set_source_tag (task, valise_profile_loader_load_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, load_thread);
}

/**
 * valise_profile_loader_load_finish:
 * @choices: choices, which get what the profile says
 * @result: what the callback got
 * @error: where to put an error of %VALISE_PLAN_ERROR, or %G_IO_ERROR_CANCELLED
 *
 * Returns: whether the profile was right; if not, the choices are as before
 */
gboolean
valise_profile_loader_load_finish (ValiseChoices *choices, GAsyncResult *result, GError **error)
{
  ValiseProfile *profile;

  g_return_val_if_fail (g_task_is_valid (result, choices), FALSE);

  profile = g_task_propagate_pointer (G_TASK (result), error);
  if (profile == NULL)
    return FALSE;
  valise_choices_load_profile (choices, profile);
  free_profile (profile);
  return TRUE;
}
