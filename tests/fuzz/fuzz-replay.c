/* fuzz-replay.c: runs a fuzz target over files, where there is no libFuzzer.
 *
 * So the seeds, and what was once found, are tried in every run of the tests, with any compiler.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fuzz-input.h"

#include <stdlib.h>

static guint n_run;

static void
run_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  g_autofree guint8 *exact = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error))
    g_error ("%s", error->message);
  /* Without the NUL that GLib puts after it: a sanitizer is to see what is read too far. */
  exact = g_memdup2 (data, size);
  if (getenv ("FUZZ_REPLAY_NAMES") != NULL)
    g_printerr ("%s\n", path);
  LLVMFuzzerTestOneInput (exact, size);
  n_run++;
}

static void
run_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      run_file (file);
    }
}

int
main (int argc, char **argv)
{
  LLVMFuzzerInitialize (&argc, &argv);
  for (int i = 1; i < argc; i++)
    {
      if (g_file_test (argv[i], G_FILE_TEST_IS_DIR))
        run_folder (argv[i]);
      else if (g_file_test (argv[i], G_FILE_TEST_EXISTS))
        run_file (argv[i]);
    }
  LLVMFuzzerTestOneInput ((const guint8 *) "", 0);
  g_print ("%u inputs\n", n_run);
  /* A target without seeds tries nothing. */
  return n_run > 0 ? 0 : 1;
}
