/* valise-drive-wait.c: the drives, for a command that has nothing else to do meanwhile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-wait.h"

#include "devices/valise-drive-names.h"
#include "devices/valise-drive-probe.h"

static void
state_cb (ValiseDriveList *list, GParamSpec *spec, gpointer loop)
{
  g_main_loop_quit (loop);
}

/**
 * valise_drive_wait_list:
 *
 * Waits until it is known which drives there are, or that udisks2 does not answer. Main thread
 * only.
 *
 * Returns: (transfer full): the drives
 */
ValiseDriveList *
valise_drive_wait_list (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  ValiseDriveList *list = valise_drive_list_new ();
  gulong handler = g_signal_connect (list, "notify::state", G_CALLBACK (state_cb), loop);

  if (valise_drive_list_get_state (list) == VALISE_DRIVE_LIST_STARTING)
    g_main_loop_run (loop);
  g_signal_handler_disconnect (list, handler);
  return list;
}

static gboolean
is_path (const char *name)
{
  return *name == '/' || g_str_has_prefix (name, "./") || g_str_has_prefix (name, "../")
         || g_file_test (name, G_FILE_TEST_EXISTS) || !g_utf8_validate (name, -1, NULL);
}

/**
 * valise_drive_wait_resolve:
 * @name: what was named on the command line
 * @error: where to put an error: the name fits two drives
 *
 * What exists, or begins like a path, is one. Else it may be a drive's serial number, model or id,
 * as udisks2 has it or, where that does not answer, the kernel. Main thread only.
 *
 * Returns: (transfer full): the path that is meant; @name where it is no drive's name, or %NULL
 */
char *
valise_drive_wait_resolve (const char *name, GError **error)
{
  g_autoptr (ValiseDriveList) list = NULL;
  g_autoptr (ValiseDrive) drive = NULL;
  g_autoptr (GPtrArray) without = NULL;
  g_autoptr (GError) local_error = NULL;
  const char *device = name;
  guint position;

  if (is_path (name))
    return g_strdup (name);
  list = valise_drive_wait_list ();
  if (valise_drive_list_get_state (list) == VALISE_DRIVE_LIST_UNAVAILABLE)
    {
      without = valise_drive_probe_sysfs ();
      if (valise_drive_names_find (without, name, &position, &local_error))
        device = ((ValiseDriveFacts *) without->pdata[position])->device;
    }
  else
    {
      drive = valise_drive_list_resolve (list, name, &local_error);
      if (drive != NULL)
        device = valise_drive_get_facts (drive)->device;
    }
  if (local_error == NULL)
    return g_strdup (device);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}
