/* test-drive-contents.c: what is found on a drive, whatever the sectors its table is counted in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <unistd.h>

#include "core/valise-scratch.h"
#include "core/valise-units.h"
#include "devices/valise-drive-contents.h"
#include "volume/valise-fdisk.h"
#include "volume/valise-layout.h"

/* A file does not say what its sectors are: one of the two must be found out. */
static void
test_sectors (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (&error);
  g_autofree char *path = valise_scratch_build_path (scratch, "drive");
  g_autoptr (ValiseDriveContents) contents = NULL;
  ValiseLayout layout;

  g_assert_true (valise_layout_init_gpt (&layout, VALISE_GIB, GPOINTER_TO_UINT (data), 0, &error));
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_cmpint (truncate (path, VALISE_GIB), ==, 0);

  contents = valise_drive_contents_read (path);
  g_assert_true (contents->readable);
  g_assert_null (contents->table);
  g_assert_cmpuint (contents->parts->len, ==, 0);
  g_clear_pointer (&contents, valise_drive_contents_free);

  g_assert_true (valise_fdisk_make_table (path, &layout, &error));
  g_assert_no_error (error);
  contents = valise_drive_contents_read (path);
  g_assert_cmpstr (contents->table, ==, "gpt");
  g_assert_cmpuint (contents->parts->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const ValiseDriveContent *part = g_ptr_array_index (contents->parts, i);

      g_assert_cmpuint (part->number, ==, i + 1);
      g_assert_cmpuint (part->size, ==, layout.partitions[i].size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/devices/drive-contents/512", GUINT_TO_POINTER (512), test_sectors);
  g_test_add_data_func ("/devices/drive-contents/4096", GUINT_TO_POINTER (4096), test_sectors);
  return g_test_run ();
}
