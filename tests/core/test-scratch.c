/* test-scratch.c: temporary folders go with their owner, also after a kill.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-scratch.h"

static void
test_removed (void)
{
  g_autofree char *path = NULL;
  g_autofree char *file = NULL;
  ValiseScratch *scratch = valise_scratch_new (NULL);

  g_assert_nonnull (scratch);
  path = g_strdup (valise_scratch_get_path (scratch));
  file = valise_scratch_build_path (scratch, "file");
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  valise_scratch_free (scratch);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_after_kill (void)
{
  g_autoptr (ValiseScratch) mine = valise_scratch_new (NULL);
  g_autoptr (ValiseScratch) next = NULL;
  char path[4096] = "";
  int fds[2];
  pid_t pid;

  g_assert_no_errno (pipe (fds));
  pid = fork ();
  if (pid == 0)
    {
      ValiseScratch *theirs = valise_scratch_new (NULL);
      const char *p = valise_scratch_get_path (theirs);

      if (write (fds[1], p, strlen (p)) > 0)
        pause ();
      _exit (1);
    }
  g_assert_cmpint (read (fds[0], path, sizeof path - 1), >, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_DIR));

  next = valise_scratch_new (NULL);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (valise_scratch_get_path (mine), G_FILE_TEST_IS_DIR));
}

static void
test_space (void)
{
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_scratch_check_space (scratch, 1, &error));
  g_assert_no_error (error);
  g_assert_false (valise_scratch_check_space (scratch, G_MAXINT64, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_SPACE);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  int status;

  g_setenv ("VALISE_SCRATCH", folder, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/scratch/removed", test_removed);
  g_test_add_func ("/core/scratch/after-kill", test_after_kill);
  g_test_add_func ("/core/scratch/space", test_space);
  status = g_test_run ();
  valise_remove_tree (folder);
  return status;
}
