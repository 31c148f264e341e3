/* test-host-mounts.c: what udisks2 has mounted, told in the words of the kernel's mountinfo.
 *
 * What is expected is as proc(5) has it, and as a kernel said it of such mounts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <sys/sysmacros.h>

#include "core/valise-error.h"
#include "devices/valise-drive-guard.h"
#include "devices/valise-host-mounts.h"

/* A stick with two partitions, one of them mounted twice, and a volume on LVM. */
static GVariant *
make_objects (void)
{
  return g_variant_parse (
      G_VARIANT_TYPE ("a{oa{sa{sv}}}"),
      "{'/a': {'org.freedesktop.UDisks2.Block': {'DeviceNumber': <uint64 2049>,"
      "        'Device': <b'/dev/sda1'>, 'IdType': <'vfat'>},"
      "        'org.freedesktop.UDisks2.Filesystem':"
      "          {'MountPoints': <[b'/media/my stick', b'/mnt/a\\\\b']>}},"
      " '/b': {'org.freedesktop.UDisks2.Block': {'DeviceNumber': <uint64 2050>,"
      "        'Device': <b'/dev/sda2'>, 'IdType': <''>},"
      "        'org.freedesktop.UDisks2.Filesystem': {'MountPoints': <@aay []>}},"
      " '/c': {'org.freedesktop.UDisks2.Block': {'DeviceNumber': <uint64 64768>,"
      "        'Device': <b'/dev/dm-0'>, 'IdType': <'ext4'>},"
      "        'org.freedesktop.UDisks2.Filesystem': {'MountPoints': <[b'/']>}},"
      " '/d': {'org.freedesktop.UDisks2.Drive': {'Size': <uint64 1>}}}",
      NULL, NULL, NULL);
}

static void
test_describe (void)
{
  g_autoptr (GVariant) objects = make_objects ();
  g_autofree char *mounts = valise_host_mounts_describe (objects);

  g_assert_cmpstr (mounts, ==,
                   "0 0 8:1 / /media/my\\040stick rw - vfat /dev/sda1 rw\n"
                   "0 0 8:1 / /mnt/a\\134b rw - vfat /dev/sda1 rw\n"
                   "0 0 253:0 / / rw - ext4 /dev/dm-0 rw\n");
}

static void
test_find (void)
{
  static const struct
  {
    const char *path;
    guint major, minor;
  } cases[] = {
    { "/home/me/windows.iso", 253, 0 },
    { "/", 253, 0 },
    { "/media/my stick/windows.iso", 8, 1 },
    { "/media/my stick", 8, 1 },
    { "/media/my sticks/windows.iso", 253, 0 },
    { "/mnt/a\\b/c", 8, 1 },
  };
  g_autoptr (GVariant) objects = make_objects ();
  g_autofree char *mounts = valise_host_mounts_describe (objects);
  dev_t device = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].path);
      g_assert_true (valise_host_mounts_find (mounts, cases[i].path, &device));
      g_assert_cmpuint (device, ==, makedev (cases[i].major, cases[i].minor));
    }
  g_assert_false (valise_host_mounts_find ("", "/home", &device));
  g_assert_false (valise_host_mounts_find ("0 0 8:1 / /media rw - a b c\n", "/home", &device));
}

/* The guard understands these words: what LVM carries is the system's. */
static void
test_guard (void)
{
  g_autoptr (GVariant) objects = make_objects ();
  g_autofree char *mounts = valise_host_mounts_describe (objects);
  ValiseSystemState state = { mounts, (char *) "", "/nonexistent" };
  static const struct
  {
    const char *name, *number, *said;
  } cases[] = {
    { "dm-0", "253:0", "system" },
    { "sda1", "8:1", "/media/my stick" },
    { "sda2", "8:2", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ValiseDriveNode node = { (char *) cases[i].name, (char *) cases[i].number, NULL };
      ValiseDriveInfo drive = { .path = (char *) "/dev/x", .kind = VALISE_DRIVE_KIND_BLOCK,
                                .size = 1, .nodes = g_ptr_array_new () };
      g_autoptr (GError) error = NULL;
      gboolean ok;

      g_ptr_array_add (drive.nodes, &node);
      ok = valise_drive_guard_check (&drive, &state, &error);
      g_ptr_array_unref (drive.nodes);
      g_assert_true (ok == (cases[i].said == NULL));
      if (ok)
        continue;
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, cases[i].said));
    }
}

/* No test runs in a Flatpak: here the kernel itself is asked. */
static void
test_outside (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *mounts = valise_host_mounts_read (&error);

  g_assert_no_error (error);
  g_assert_cmpstr (mounts, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/host-mounts/describe", test_describe);
  g_test_add_func ("/host-mounts/find", test_find);
  g_test_add_func ("/host-mounts/guard", test_guard);
  g_test_add_func ("/host-mounts/outside", test_outside);
  return g_test_run ();
}
