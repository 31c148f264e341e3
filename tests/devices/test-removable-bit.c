/* test-removable-bit.c: what sysfs says of a drive's medium.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <string.h>

#include "devices/valise-removable-bit.h"

static const struct
{
  const char *text; /* NULL: no file */
  gboolean expected;
} cases[] = { { "1\n", TRUE }, { "0\n", FALSE }, { "", FALSE }, { NULL, FALSE } };

static void
test_sysfs (void)
{
  g_autofree char *sys = g_dir_make_tmp ("valise-sys-XXXXXX", NULL);
  g_autofree char *folder = g_build_filename (sys, "dev", "block", "8:16", NULL);
  g_autofree char *path = g_build_filename (folder, "removable", NULL);

  g_assert_no_errno (g_mkdir_with_parents (folder, 0700));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (cases[i].text != NULL)
        g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      else
        g_assert_no_errno (g_unlink (path));
      g_assert_cmpint (valise_removable_bit_read (sys, 8, 16), ==, cases[i].expected);
      g_assert_false (valise_removable_bit_read (sys, 8, 0));
    }
  for (guint i = 0; i < 4; i++)
    {
      g_rmdir (folder);
      *strrchr (folder, '/') = '\0';
    }
}

static void
test_no_drive (void)
{
  g_assert_false (valise_removable_bit_is_set ("/dev/null"));
  g_assert_false (valise_removable_bit_is_set ("/nonexistent"));
  g_assert_false (valise_removable_bit_is_set ("/"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/removable-bit/sysfs", test_sysfs);
  g_test_add_func ("/removable-bit/no-drive", test_no_drive);
  return g_test_run ();
}
