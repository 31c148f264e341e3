/* valise-mtools.c: files put into a FAT file system in a file, with mtools.
 *
 * Responsible for how the programs are run: without a shell, without the user's settings, with a
 * given clock, so that the same files give the same file system.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-mtools.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"

static GSubprocessLauncher *
make_launcher (const ValiseMtools *self)
{
  GSubprocessLauncher *launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autofree char *folder = g_path_get_dirname (self->image);
  g_autofree char *seconds = g_strdup_printf ("%" G_GINT64_FORMAT, self->time);
  const char *const variables[][2] = {
    { "MTOOLS_SKIP_CHECK", "1" }, /* or 1 KiB clusters on a large partition look wrong to it */
    { "MTOOLSRC", "/dev/null" },      { "HOME", self->home },
    { "LC_ALL", "C.UTF-8" },          { "TZ", "UTC" },
    { "SOURCE_DATE_EPOCH", seconds },
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_subprocess_launcher_setenv (launcher, variables[i][0], variables[i][1], TRUE);
  /* The image is named without its folder: “@@” in a path would be taken for an offset. */
  g_subprocess_launcher_set_cwd (launcher, folder);
  return launcher;
}

static void
set_failed (const char *program, const char *said, GError **error)
{
  if (strstr (said, "Disk full") != NULL || strstr (said, "No directory slots") != NULL)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_SPACE,
                 _ ("The image’s boot files do not fit in the EFI partition. Use an image with "
                    "fewer languages in its folder “Windows\\Boot”."));
  else if (strstr (said, "No space left on device") != NULL)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_SPACE,
                 _ ("There is no space left for the EFI partition’s temporary file. Free some "
                    "space, or set XDG_CACHE_HOME to a folder on another disk."));
  else
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                 /* Translators: a program's name, and what it said, in English. */
                 _ ("The EFI partition’s files cannot be put together: “%s” says “%s”."), program,
                 said);
}

/* Called in the thread that cancels. */
static void
on_cancelled (GCancellable *cancellable, GSubprocess *process)
{
  g_subprocess_force_exit (process);
}

/* Runs @argv, whose first is the program. */
static gboolean
run (const ValiseMtools *self, GPtrArray *argv, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) cause = NULL;
  g_autoptr (GBytes) output = NULL;
  const char *program = argv->pdata[0];
  g_autofree char *found = g_find_program_in_path (program);
  g_autofree char *said = NULL;
  gulong id = 0;
  gboolean ok;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (found == NULL)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_PROGRAM_MISSING,
                   _ ("The program “%s” is missing. Install the package mtools and try again."),
                   program);
      return FALSE;
    }

  launcher = make_launcher (self);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv->pdata, &cause);
  if (process == NULL)
    {
      set_failed (program, cause->message, error);
      return FALSE;
    }
  /* Without the cancellable: the source that GLib 2.74 makes for it is destroyed after its context
   * is gone, and now and then that waits forever. */
  if (self->cancellable != NULL)
    id = g_cancellable_connect (self->cancellable, G_CALLBACK (on_cancelled), process, NULL);
  ok = g_subprocess_communicate (process, NULL, NULL, &output, NULL, &cause);
  g_cancellable_disconnect (self->cancellable, id);
  if (!ok)
    {
      set_failed (program, cause->message, error);
      return FALSE;
    }
  if (g_subprocess_get_successful (process))
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;

  said = g_utf8_make_valid (g_bytes_get_data (output, NULL), g_bytes_get_size (output));
  set_failed (program, g_strstrip (said), error);
  return FALSE;
}

static GPtrArray *
make_argv (const ValiseMtools *self, const char *program)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (argv, g_strdup (program));
  g_ptr_array_add (argv, g_strdup ("-i"));
  g_ptr_array_add (argv, g_path_get_basename (self->image));
  return argv;
}

/**
 * valise_mtools_make_folder:
 * @self: what to work on
 * @folder: its path in the file system, with `/`, from the root; must not be there yet
 * @error: where to put an error of %VALISE_SYSTEM_ERROR or %G_IO_ERROR_CANCELLED
 *
 * Makes a folder. Blocks. Any thread.
 *
 * Returns: whether the folder is there
 */
gboolean
valise_mtools_make_folder (const ValiseMtools *self, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) argv = make_argv (self, "mmd");

  g_ptr_array_add (argv, g_strconcat ("::", folder, NULL));
  g_ptr_array_add (argv, NULL);
  return run (self, argv, error);
}

/**
 * valise_mtools_copy:
 * @self: what to work on
 * @sources: (array zero-terminated=1): absolute paths of files
 * @target: where to, with `/`, from the root: a folder's path with `/` at its end, or, for one
 *     file, its own path
 * @keep_time: whether the copies get the dates of the files
 * @error: where to put an error of %VALISE_SYSTEM_ERROR or %G_IO_ERROR_CANCELLED
 *
 * Copies files. Blocks. Any thread.
 *
 * Returns: whether all are there
 */
gboolean
valise_mtools_copy (const ValiseMtools *self,
                    const char *const *sources,
                    const char *target,
                    gboolean keep_time,
                    GError **error)
{
  g_autoptr (GPtrArray) argv = make_argv (self, "mcopy");

  g_ptr_array_add (argv, g_strdup (keep_time ? "-mo" : "-o"));
  for (guint i = 0; sources[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (sources[i]));
  g_ptr_array_add (argv, g_strconcat ("::", target, NULL));
  g_ptr_array_add (argv, NULL);
  return run (self, argv, error);
}
