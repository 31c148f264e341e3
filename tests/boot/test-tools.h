/* test-tools.h: other people's programs, run by tests of src/boot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* mkfs.fat and fsck.fat are where a user's PATH may not lead. For main(). */
static inline void
complete_path (void)
{
  g_autofree char *path = g_strconcat (g_getenv ("PATH"), ":/usr/sbin:/sbin", NULL);

  g_setenv ("PATH", path, TRUE);
}

/* Runs @argv and returns what it wrote, standard error included. The test fails when the program
 * is missing, or ends otherwise than with 0. */
static inline char *
run_tool (const char *const *argv)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) out = NULL;
  gsize size = 0;
  const char *text;

  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "MTOOLS_SKIP_CHECK", "1", TRUE);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  text = g_bytes_get_data (out, &size);
  if (!g_subprocess_get_successful (process))
    g_error ("%s failed: %.*s", argv[0], (int)size, text);
  return g_strndup (text != NULL ? text : "", size);
}

#define RUN(...) run_tool ((const char *const[]){ __VA_ARGS__, NULL })

/* python3-hivex, a reader that is not ours, with the program that comes before its arguments. */
#define PYTHON "/usr/bin/python3"

static inline void
write_file (const char *path, gconstpointer data, gsize size)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, data, size, &error);
  g_assert_no_error (error);
}

static inline GBytes *
read_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *data;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, size);
}
