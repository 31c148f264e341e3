/* test-tools.h: other people's programs, run by tests of src/volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

/* Runs a program and returns what it wrote, standard error included. The test fails when the
 * program is missing, or ends otherwise than with 0. */
static inline char *
run_tool (const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strconcat (g_getenv ("PATH"), ":/usr/sbin:/sbin", NULL);
  g_autoptr (GBytes) out = NULL;
  gsize size = 0;
  const char *text;
  va_list args;

  g_ptr_array_add (argv, (char *)program);
  va_start (args, program);
  do
    g_ptr_array_add (argv, va_arg (args, char *));
  while (argv->pdata[argv->len - 1] != NULL);
  va_end (args);

  g_setenv ("PATH", path, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv->pdata, &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  text = g_bytes_get_data (out, &size);
  if (!g_subprocess_get_successful (process))
    g_error ("%s failed: %.*s", program, (int)size, text);
  return g_strndup (text != NULL ? text : "", size);
}

/* Fails where @text does not have a line with @key, any separator, @value. */
static inline void
assert_field (const char *text, const char *key, const char *value)
{
  g_autofree char *escaped_key = g_regex_escape_string (key, -1);
  g_autofree char *escaped_value = g_regex_escape_string (value, -1);
  g_autofree char *pattern = g_strdup_printf ("^\\s*%s[\\s:=]+%s\\s*$", escaped_key, escaped_value);

  if (!g_regex_match_simple (pattern, text, G_REGEX_MULTILINE, 0))
    g_error ("no “%s: %s” in: %s", key, value, text);
}
