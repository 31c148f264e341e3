/* test-part-use.c: what the kernel says of who uses a part of a drive.
 *
 * sysfs is a folder that the test makes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-scratch.h"
#include "devices/valise-part-use.h"

static void
put (const char *sys, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (sys, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_use (void)
{
  const struct
  {
    const char *path;
    const char *text;
  } files[] = {
    { "class/block/sdvalise1/dev", "250:1\n" },
    { "class/block/sdvalise2/dev", "250:2\n" },
    { "class/block/sdvalise2/holders/dm-0/dev", "253:0\n" },
    { "class/block/dm-0/dm/uuid", "LVM-abc\n" },
    { "class/block/sdvalise3/dev", "250:3\n" },
    { "class/block/sdvalise3/holders/dm-1/dev", "253:1\n" },
    { "class/block/dm-1/dm/uuid", "CRYPT-LUKS2-abc\n" },
    { "class/block/sdvalise4/dev", "250:4\n" },
    { "class/block/sdvalise4/holders/md127/dev", "9:127\n" },
    { "class/block/sdvalise5/dev", "250:5\n" },
    { "class/block/sdvalise5/holders/bcache0/dev", "251:0\n" },
    { "class/block/sdvalise6/dev", "250:6\n" },
    { "class/block/loop9/loop/backing_file", "/dev/sdvalise6\n" },
    { "class/block/loop8/loop/backing_file", "/nonexistent/valise\n" },
    { "class/block/sdvalise7/dev", "250:7\n" },
    { "class/block/sdvalise8/dev", "250:8\n" },
    { "class/block/sdvalise9/dev", "250:9\n" },
  };
  const struct
  {
    const char *device;
    ValiseDriveUse use;
    const char *mount; /* the only one */
  } cases[] = {
    { "/dev/sdvalise1", VALISE_DRIVE_USE_MOUNTED, "/media/A B" },
    { "/dev/sdvalise2", VALISE_DRIVE_USE_LVM, NULL },
    { "/dev/sdvalise3", VALISE_DRIVE_USE_UNLOCKED, NULL },
    { "/dev/sdvalise4", VALISE_DRIVE_USE_RAID, NULL },
    { "/dev/sdvalise5", VALISE_DRIVE_USE_OTHER, NULL },
    { "/dev/sdvalise6", VALISE_DRIVE_USE_LOOP, NULL },
    { "/dev/sdvalise7", VALISE_DRIVE_USE_SWAP, NULL },
    { "/dev/sdvalise8", VALISE_DRIVE_USE_MOUNTED, "/data" }, /* btrfs */
    { "/dev/sdvalise9", VALISE_DRIVE_USE_NONE, NULL },
    { "/dev/sdvalise10", VALISE_DRIVE_USE_NONE, NULL }, /* pulled out */
  };
  g_autofree char *sys = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  const ValiseSystemState state = {
    (char *) "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
             "30 27 250:1 / /media/A\\040B rw - vfat /dev/sdvalise1 rw\n"
             "31 27 0:40 /@ /data rw shared:2 - btrfs /dev/sdvalise8 rw\n",
    (char *) "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
             "/dev/sdvalise7 partition\t8\t0\t-2\n",
    sys,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    put (sys, files[i].path, files[i].text);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseDriveFacts) facts = valise_drive_facts_new ();
      ValiseDrivePart *part = valise_drive_facts_add_part (facts);

      part->device = g_strdup (cases[i].device);
      part->mounts = g_new0 (char *, 1);
      valise_part_use_read (part, &state);
      g_test_message ("%s", part->device);
      g_assert_cmpint (part->use, ==, cases[i].use);
      g_assert_cmpstr (part->mounts[0], ==, cases[i].mount);
      g_assert_true (cases[i].mount == NULL || part->mounts[1] == NULL);
    }
  valise_remove_tree (sys);
}

/* What udisks2 knows is not put in question. */
static void
test_known (void)
{
  g_autoptr (ValiseDriveFacts) facts = valise_drive_facts_new ();
  ValiseDrivePart *part = valise_drive_facts_add_part (facts);
  const ValiseSystemState state = { (char *) "", (char *) "", "/nonexistent" };

  part->device = g_strdup ("/dev/sdvalise1");
  part->use = VALISE_DRIVE_USE_UNLOCKED;
  valise_part_use_read (part, &state);
  g_assert_cmpint (part->use, ==, VALISE_DRIVE_USE_UNLOCKED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/devices/part-use/table", test_use);
  g_test_add_func ("/devices/part-use/known", test_known);
  return g_test_run ();
}
