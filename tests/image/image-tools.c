/* image-tools.c: what tests of src/image share: samples, and other people's programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "image-tools.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-error.h"

ImageTools tools;

/* main() for a test program. */
int
image_tools_main (int *argc, char ***argv, void (*add_tests) (void))
{
  g_autofree char *path = g_strconcat (g_getenv ("PATH"), ":/usr/sbin:/sbin", NULL);
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (argc, argv, NULL);
  g_setenv ("PATH", path, TRUE);
  tools.folder = g_dir_make_tmp ("valise-test-XXXXXX", &error);
  g_assert_no_error (error);
  g_setenv ("VALISE_SCRATCH", tools.folder, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", tools.folder, TRUE);
  /* Nobody's udisks2 shall answer but the one that a test makes. */
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  tools.scratch = valise_scratch_new (&error);
  g_assert_no_error (error);
  add_tests ();
  status = g_test_run ();
  valise_scratch_free (tools.scratch);
  valise_remove_tree (tools.folder);
  g_free (tools.folder);
  return status;
}

char *
sample_path (const char *name)
{
  return g_build_filename (SAMPLES, name, NULL);
}

char *
own_path (const char *name)
{
  return g_build_filename (tools.folder, name, NULL);
}

/* Runs a program and returns what it wrote. The test fails when it ends otherwise than with 0. */
char *
run_tool (const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) out = NULL;
  const char *text;
  gsize size = 0;
  va_list args;

  g_ptr_array_add (argv, (char *) program);
  va_start (args, program);
  do
    g_ptr_array_add (argv, va_arg (args, char *));
  while (argv->pdata[argv->len - 1] != NULL);
  va_end (args);
  process = g_subprocess_newv ((const char *const *) argv->pdata,
                               G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate (process, NULL, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  text = g_bytes_get_data (out, &size);
  if (!g_subprocess_get_successful (process))
    g_error ("%s failed: %.*s", program, (int) size, text);
  return g_strndup (text != NULL ? text : "", size);
}

ValiseSource *
open_sample (const char *name)
{
  g_autofree char *path = sample_path (name);
  g_autoptr (GError) error = NULL;
  ValiseSource *source = valise_source_open (path, tools.scratch, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (source);
  return source;
}

/* Makes @to the first @size bytes of @from; all of it for -1. */
void
copy_part (const char *from, const char *to, goffset size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (from, FALSE, &error);

  g_assert_no_error (error);
  if (size < 0)
    size = g_mapped_file_get_length (file);
  g_unlink (to); /* a longer file would keep its size */
  g_file_set_contents_full (to, g_mapped_file_get_contents (file), size,
                            G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

/* Overwrites bytes of a file, or makes it. */
void
write_own (const char *path, goffset at, const void *bytes, gsize size)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_no_errno (fd);
  g_assert_cmpint (pwrite (fd, bytes, size, at), ==, size);
  close (fd);
}

/* Opening @path must fail with @code of %VALISE_SOURCE_ERROR, and a message with @words in it. */
void
assert_refused (const char *path, int code, const char *words)
{
  g_autoptr (GError) error = NULL;
  ValiseSource *source = valise_source_open (path, tools.scratch, NULL, NULL, &error);

  g_assert_null (source);
  g_assert_nonnull (error);
  g_test_message ("%s", error->message);
  g_assert_error (error, VALISE_SOURCE_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in: %s", words, error->message);
  g_assert_true (g_str_has_suffix (error->message, "."));
}
