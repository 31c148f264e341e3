/* test-drive-guard.c: what is known of drives, and which may be erased.
 *
 * sysfs is a folder that the test makes; what the kernel would say is in tables. What is on a
 * virtual drive is compared with what sgdisk and mkfs.fat were told to put there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "devices/valise-drive-contents.h"
#include "devices/valise-drive-guard.h"
#include "devices/valise-drive-info.h"
#include "devices/valise-file-place.h"

typedef struct
{
  char *root;
  char *sys;
} Fixture;

static void
put (Fixture *f, const char *path, const char *text)
{
  g_autofree char *full = g_build_filename (f->sys, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

static void
put_link (Fixture *f, const char *path, const char *to)
{
  g_autofree char *full = g_build_filename (f->sys, path, NULL);
  g_autofree char *folder = g_path_get_dirname (full);
  g_autofree char *target = g_build_filename (f->sys, to, NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_cmpint (symlink (target, full), ==, 0);
}

/* A USB stick, a PCI drive with RAID on a partition, and a memory card. */
static void
setup (Fixture *f, gconstpointer data)
{
  const char *usb = "devices/pci0/usb1/1-2";
  const char *scsi = "devices/pci0/usb1/1-2/1-2:1.0/host4/target4:0:0/4:0:0:0";
  g_autofree char *sda = g_strconcat (scsi, "/block/sda", NULL);
  struct
  {
    const char *folder;
    const char *name;
    const char *text;
  } files[] = {
    { usb, "serial", "001CC0EC34D8\n" },
    { scsi, "vendor", "Kingston\n" },
    { scsi, "model", "DataTraveler 3.0\n" },
    { sda, "size", "120845312\n" },
    { sda, "ro", "0\n" },
    { sda, "dev", "8:0\n" },
    { sda, "diskseq", "17\n" },
    { sda, "sda1/partition", "1\n" },
    { sda, "sda1/dev", "8:1\n" },
    { sda, "sda1/size", "2048\n" },
    { sda, "sda2/partition", "2\n" },
    { sda, "sda2/dev", "8:2\n" },
    { "devices/pci0/nvme0", "model", "Samsung SSD 970\n" },
    { "devices/pci0/nvme0", "serial", "  S4EV  \n" },
    { "devices/pci0/nvme0/nvme0n1", "size", "2000\n" },
    { "devices/pci0/nvme0/nvme0n1", "ro", "1\n" },
    { "devices/pci0/nvme0/nvme0n1", "dev", "259:0\n" },
    { "devices/pci0/nvme0/nvme0n1", "nvme0n1p1/partition", "1\n" },
    { "devices/pci0/nvme0/nvme0n1", "nvme0n1p1/dev", "259:1\n" },
    { "devices/pci0/nvme0/nvme0n1", "nvme0n1p1/holders/md127", "\n" },
    { "devices/pci0/card", "name", "SD32G\n" },
    { "devices/pci0/card", "serial", "0x1234\n" },
    { "devices/pci0/card/mmcblk0", "dev", "179:0\n" },
    { "devices/pci0/card/mmcblk0", "size", "0\n" },
  };

  f->root = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  g_assert_nonnull (f->root);
  f->sys = g_build_filename (f->root, "sys", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (files[i].folder, files[i].name, NULL);

      put (f, path, files[i].text);
    }
  {
    g_autofree char *part = g_strconcat (sda, "/sda1", NULL);
    g_autofree char *device = g_strconcat (sda, "/device", NULL);

    put_link (f, "dev/block/8:0", sda);
    put_link (f, "dev/block/8:1", part);
    put_link (f, device, scsi);
  }
  put_link (f, "dev/block/259:0", "devices/pci0/nvme0/nvme0n1");
  put_link (f, "devices/pci0/nvme0/nvme0n1/device", "devices/pci0/nvme0");
  put_link (f, "dev/block/179:0", "devices/pci0/card/mmcblk0");
  put_link (f, "devices/pci0/card/mmcblk0/device", "devices/pci0/card");
}

static void
teardown (Fixture *f, gconstpointer data)
{
  valise_remove_tree (f->root);
  g_free (f->sys);
  g_free (f->root);
}

/* What valise_drive_info_read() would begin with, for a device that this computer need not have. */
static ValiseDriveInfo *
read_block (Fixture *f, const char *path, guint major, guint minor)
{
  ValiseDriveInfo *info = valise_drive_info_read ("/nonexistent/valise", NULL);

  g_assert_cmpint (info->kind, ==, VALISE_DRIVE_KIND_NONE);
  g_free (info->path);
  info->path = g_strdup (path);
  info->kind = VALISE_DRIVE_KIND_BLOCK;
  info->number = makedev (major, minor);
  valise_drive_info_read_sysfs (info, f->sys, major, minor);
  return info;
}

static void
test_sysfs (Fixture *f, gconstpointer data)
{
  g_autoptr (ValiseDriveInfo) stick = read_block (f, "/dev/sda", 8, 0);
  g_autoptr (ValiseDriveInfo) part = read_block (f, "/dev/sda1", 8, 1);
  g_autoptr (ValiseDriveInfo) nvme = read_block (f, "/dev/nvme0n1", 259, 0);
  g_autoptr (ValiseDriveInfo) card = read_block (f, "/dev/mmcblk0", 179, 0);
  g_autoptr (ValiseDriveInfo) none = read_block (f, "/dev/none", 7, 7);

  g_assert_cmpstr (stick->vendor, ==, "Kingston");
  g_assert_cmpstr (stick->model, ==, "DataTraveler 3.0");
  g_assert_cmpstr (stick->serial, ==, "001CC0EC34D8");
  g_assert_cmpuint (stick->size, ==, G_GUINT64_CONSTANT (61872799744));
  g_assert_cmpuint (stick->sequence, ==, 17);
  g_assert_cmpuint (stick->nodes->len, ==, 3);
  g_assert_false (stick->is_partition);
  g_assert_false (stick->read_only);

  g_assert_true (part->is_partition);

  g_assert_null (nvme->vendor);
  g_assert_cmpstr (nvme->model, ==, "Samsung SSD 970");
  g_assert_cmpstr (nvme->serial, ==, "S4EV");
  g_assert_true (nvme->read_only);

  g_assert_cmpstr (card->model, ==, "SD32G");
  g_assert_cmpstr (card->serial, ==, "0x1234");
  g_assert_cmpuint (none->nodes->len, ==, 0);
}

static void
test_same (Fixture *f, gconstpointer data)
{
  g_autoptr (ValiseDriveInfo) before = read_block (f, "/dev/sda", 8, 0);
  g_autoptr (ValiseDriveInfo) after = read_block (f, "/dev/other-name", 8, 0);

  g_assert_true (valise_drive_info_is_same (before, after));
  after->sequence++;
  g_assert_false (valise_drive_info_is_same (before, after));
  after->sequence--;
  after->size += 512;
  g_assert_false (valise_drive_info_is_same (before, after));
}

#define MOUNTS_OTHER                                                                               \
  "22 27 0:21 / /proc rw,relatime - proc proc rw\n"                                                \
  "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
#define SWAPS_HEAD "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

static void
test_guard (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *path;
    guint major, minor;
    const char *mounts;
    const char *swaps;
    int code;           /* -1: may be erased */
    const char *words;  /* of the message */
  } cases[] = {
    { "/dev/sda", 8, 0, MOUNTS_OTHER, SWAPS_HEAD, -1, NULL },
    { "/dev/sda", 8, 0, "", "", -1, NULL },
    { "/dev/sda", 8, 0, MOUNTS_OTHER "30 27 8:2 / /media/A\\040B rw - vfat /dev/sda2 rw\n",
      SWAPS_HEAD, VALISE_DRIVE_ERROR_REFUSED, "mounted on “/media/A B”" },
    { "/dev/sda", 8, 0, MOUNTS_OTHER "30 27 8:0 / /mnt rw - vfat /dev/sda rw\n", SWAPS_HEAD,
      VALISE_DRIVE_ERROR_REFUSED, "mounted on “/mnt”" },
    { "/dev/sda", 8, 0, MOUNTS_OTHER "30 27 8:1 / / rw - ext4 /dev/root rw\n", SWAPS_HEAD,
      VALISE_DRIVE_ERROR_REFUSED, "“/” of the running system" },
    { "/dev/sda", 8, 0, MOUNTS_OTHER "30 27 0:40 /@ /home rw shared:2 - btrfs /dev/sda2 rw\n",
      SWAPS_HEAD, VALISE_DRIVE_ERROR_REFUSED, "“/home” of the running system" },
    { "/dev/sda", 8, 0, MOUNTS_OTHER "30 27 8:16 / /mnt rw - vfat /dev/sdb rw\n", SWAPS_HEAD, -1,
      NULL },
    { "/dev/sda", 8, 0, MOUNTS_OTHER "30 27 8:10 / /mnt rw - vfat /dev/sda10 rw\n", SWAPS_HEAD, -1,
      NULL },
    { "/dev/sda", 8, 0, MOUNTS_OTHER, SWAPS_HEAD "/dev/sda2 partition\t8\t0\t-2\n",
      VALISE_DRIVE_ERROR_REFUSED, "swaps to it" },
    { "/dev/sda", 8, 0, MOUNTS_OTHER, SWAPS_HEAD "/dev/sdb2 partition\t8\t0\t-2\n", -1, NULL },
    { "/dev/sda1", 8, 1, MOUNTS_OTHER, SWAPS_HEAD, VALISE_DRIVE_ERROR_REFUSED, "is a partition" },
    { "/dev/nvme0n1", 259, 0, MOUNTS_OTHER, SWAPS_HEAD, VALISE_DRIVE_ERROR_READ_ONLY,
      "cannot be written" },
    { "/dev/mmcblk0", 179, 0, MOUNTS_OTHER, SWAPS_HEAD, VALISE_DRIVE_ERROR_NO_MEDIUM,
      "no medium" },
    { "/dev/none", 7, 7, MOUNTS_OTHER, SWAPS_HEAD, VALISE_DRIVE_ERROR_REFUSED, "left alone" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseDriveInfo) drive
          = read_block (f, cases[i].path, cases[i].major, cases[i].minor);
      const ValiseSystemState state
          = { (char *) cases[i].mounts, (char *) cases[i].swaps, f->sys };
      g_autoptr (GError) error = NULL;
      gboolean ok = valise_drive_guard_check (drive, &state, &error);

      g_test_message ("%zu: %s", i, error != NULL ? error->message : "may be erased");
      if (cases[i].code < 0)
        {
          g_assert_no_error (error);
          g_assert_true (ok);
          continue;
        }
      g_assert_false (ok);
      g_assert_error (error, VALISE_DRIVE_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].words));
      g_assert_nonnull (strstr (error->message, cases[i].path));
    }
}

static void
test_guard_holders (Fixture *f, gconstpointer data)
{
  g_autoptr (ValiseDriveInfo) drive = read_block (f, "/dev/nvme0n1", 259, 0);
  const ValiseSystemState state = { (char *) MOUNTS_OTHER, (char *) "", f->sys };
  g_autoptr (GError) error = NULL;

  drive->read_only = FALSE;
  g_assert_false (valise_drive_guard_check (drive, &state, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "“nvme0n1p1” is part of “md127”"));
}

/* What a lease would unmount and lock first. */
static void
test_guard_leasable (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *path;
    guint major, minor;
    const char *mounts;
    const char *swaps;
    const char *closable;
    int code; /* -1: may be leased */
  } cases[] = {
    { "/dev/sda", 8, 0, MOUNTS_OTHER "30 27 8:2 / /media/A rw - vfat /dev/sda2 rw\n", "", NULL,
      -1 },
    { "/dev/sda", 8, 0,
      MOUNTS_OTHER "30 27 8:2 / /media/A rw - vfat /dev/sda2 rw\n"
                   "31 27 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n",
      "", NULL, VALISE_DRIVE_ERROR_REFUSED },
    { "/dev/sda", 8, 0, MOUNTS_OTHER, SWAPS_HEAD "/dev/sda2 partition\t8\t0\t-2\n", NULL,
      VALISE_DRIVE_ERROR_REFUSED },
    { "/dev/sda1", 8, 1, MOUNTS_OTHER, "", NULL, VALISE_DRIVE_ERROR_REFUSED },
    { "/dev/nvme0n1", 259, 0, MOUNTS_OTHER, "", NULL, VALISE_DRIVE_ERROR_REFUSED },
    { "/dev/nvme0n1", 259, 0, MOUNTS_OTHER, "", "dm-0", VALISE_DRIVE_ERROR_REFUSED },
    { "/dev/nvme0n1", 259, 0, MOUNTS_OTHER, "", "md127", -1 },
    { "/dev/nvme0n1", 259, 0, MOUNTS_OTHER "30 27 259:1 / /usr rw - ext4 /dev/nvme0n1p1 rw\n", "",
      "md127", VALISE_DRIVE_ERROR_REFUSED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ValiseDriveInfo) drive
          = read_block (f, cases[i].path, cases[i].major, cases[i].minor);
      const ValiseSystemState state
          = { (char *) cases[i].mounts, (char *) cases[i].swaps, f->sys };
      const char *closable[] = { cases[i].closable, NULL };
      g_autoptr (GError) error = NULL;
      gboolean ok;

      drive->read_only = FALSE;
      ok = valise_drive_guard_check_leasable (drive, &state, closable, &error);
      g_test_message ("%zu: %s", i, error != NULL ? error->message : "may be leased");
      g_assert_cmpint (ok, ==, cases[i].code < 0);
      if (!ok)
        g_assert_error (error, VALISE_DRIVE_ERROR, cases[i].code);
    }
}

static const char *const no_names[] = { NULL };

static char *
make_file (Fixture *f, const char *name, goffset size)
{
  char *path = g_build_filename (f->root, name, NULL);
  int fd = g_open (path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, size), ==, 0);
  close (fd);
  return path;
}

/* What is stacked how: encryption with LVM in it over two drives, a RAID, a loop device. */
static void
test_place (Fixture *f, gconstpointer data)
{
  const struct
  {
    const char *name;
    const char *text;
  } files[] = {
    { "dev/block/253:1/slaves/dm-0/dev", "253:0\n" }, /* LVM */
    { "dev/block/253:1/slaves/sdb1/dev", "8:17\n" },
    { "dev/block/253:0/slaves/sda2/dev", "8:2\n" }, /* encryption */
    { "dev/block/9:127/slaves/sda1/dev", "8:1\n" }, /* RAID */
    { "dev/block/9:127/slaves/sdb1/dev", "8:17\n" },
    { "dev/block/250:0/slaves/self/dev", "250:0\n" },
    { "dev/block/7:3/loop/backing_file", "/proc/self/exe\n" },
  };
  const struct
  {
    guint major, minor;
    const char *first, *further; /* which must be in the list */
  } cases[] = {
    { 8, 1, "8:1", "8:1" },     { 253, 0, "253:0", "8:2" },  { 253, 1, "253:1", "8:2" },
    { 253, 1, "253:1", "8:17" }, { 9, 127, "9:127", "8:17" }, { 9, 127, "9:127", "8:1" },
    { 250, 0, "250:0", "250:0" },
  };
  struct stat status;
  g_autofree char *exe = NULL;
  g_auto (GStrv) loop = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    put (f, files[i].name, files[i].text);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) list = valise_file_place_list (f->sys, MOUNTS_OTHER,
                                                    makedev (cases[i].major, cases[i].minor));

      g_assert_cmpstr (list[0], ==, cases[i].first);
      g_assert_true (g_strv_contains ((const char *const *) list, cases[i].further));
      g_assert_false (g_strv_contains ((const char *const *) list, "8:0"));
    }
  /* A loop device leads to where its file lies. */
  g_assert_cmpint (stat ("/proc/self/exe", &status), ==, 0);
  exe = g_strdup_printf ("%u:%u", major (status.st_dev), minor (status.st_dev));
  loop = valise_file_place_list (f->sys, MOUNTS_OTHER, makedev (7, 3));
  g_assert_true (g_strv_contains ((const char *const *) loop, exe));
}

/* A swap file on a mounted drive keeps it from being erased, and so does the image, also where what
 * it is on has a number of its own, as btrfs has. */
static void
test_guard_on_drive (Fixture *f, gconstpointer data)
{
  g_autofree char *file = make_file (f, "file", 1000);
  g_autofree char *swaps = g_strdup_printf (SWAPS_HEAD "%s file\t8\t0\t-2\n", file);
  const ValiseSystemState swapping = { (char *) "", swaps, f->sys };
  const ValiseSystemState idle = { (char *) "", (char *) SWAPS_HEAD, f->sys };
  g_autoptr (ValiseDriveInfo) drive = read_block (f, "/dev/sda", 8, 0);
  ValiseDriveNode *node = g_ptr_array_index (drive->nodes, 1);
  g_autoptr (GError) error = NULL;
  struct stat status;

  g_assert_true (valise_drive_guard_check_leasable (drive, &swapping, no_names, &error));
  g_assert_true (valise_drive_guard_check_source (drive, file, &error));
  g_assert_no_error (error);
  /* Now the file system that the file is on is the drive's. */
  g_assert_cmpint (stat (file, &status), ==, 0);
  g_free (node->number);
  node->number = g_strdup_printf ("%u:%u", major (status.st_dev), minor (status.st_dev));
  g_assert_true (valise_drive_guard_check_leasable (drive, &idle, no_names, &error));
  g_assert_false (valise_drive_guard_check_leasable (drive, &swapping, no_names, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "swaps"));
  g_clear_error (&error);
  g_assert_false (valise_drive_guard_check_source (drive, file, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
}

/* What the system has stacked on /dev/sda keeps it from being erased, and how that is said. */
static void
test_guard_stacked (Fixture *f, gconstpointer data)
{
  const struct
  {
    const char *name;
    const char *text;
  } files[] = {
    { "dev/block/253:0/slaves/sda2/dev", "8:2\n" }, /* encryption, called dm-0 */
    { "class/block/dm-0/dev", "253:0\n" },
    { "dev/block/253:1/slaves/dm-0/dev", "253:0\n" }, /* LVM in it, called dm-1 */
    { "class/block/dm-1/dev", "253:1\n" },
    { "class/block/mapper/valise-lv/dev", "253:1\n" },
    { "class/block/mapper/valise-luks/dev", "253:0\n" },
    { "dev/block/9:127/slaves/sda1/dev", "8:1\n" }, /* RAID */
    { "dev/block/9:127/slaves/sdvalise1/dev", "250:1\n" },
    { "class/block/sdvalise2/dev", "250:2\n" }, /* btrfs on two drives, and on another one */
    { "fs/btrfs/1111/devices/sdvalise2/dev", "250:2\n" },
    { "fs/btrfs/1111/devices/sda1/dev", "8:1\n" },
    { "fs/btrfs/2222/devices/sdvalise3/dev", "250:3\n" },
    { "class/block/sdvalise3/dev", "250:3\n" },
    { "fs/btrfs/features/raid1c34", "0\n" },
  };
  const struct
  {
    const char *mounts;
    const char *swaps;
    const char *closable;
    const char *words;   /* NULL: may be erased */
    const char *leased;  /* the same, when it is to be unmounted and locked first */
  } cases[] = {
    { "30 1 253:1 / / rw - ext4 /dev/mapper/valise-lv rw\n", "", "dm-0", "“/” of the running",
      "“/” of the running" },
    /* A plain mount does not hide what is worse. */
    { "29 1 8:1 / /mnt rw - ext4 /dev/sda1 rw\n30 1 253:0 / /usr/lib rw - ext4 /dev/dm-0 rw\n",
      "", "dm-0", "“/usr/lib” of the running", "“/usr/lib” of the running" },
    { "30 1 9:127 / /home rw - ext4 /dev/md127 rw\n", "", NULL, "“/home” of the running",
      "“/home” of the running" },
    { "30 1 253:1 / /mnt rw - ext4 /dev/dm-1 rw\n", "", "dm-0", "mounted on “/mnt” lies on it",
      "mounted on “/mnt” lies on it" },
    { "30 1 253:0 / /media/x rw - ext4 /dev/mapper/valise-luks rw\n", "", "dm-0",
      "mounted on “/media/x” lies on it", NULL },
    { "30 1 0:40 /@ /media/x rw - btrfs /dev/mapper/valise-luks rw\n", "", "dm-0",
      "mounted on “/media/x” lies on it", NULL },
    { "30 1 253:0 / /media/x rw - ext4 /dev/mapper/valise-luks rw\n", "", NULL,
      "mounted on “/media/x” lies on it", "mounted on “/media/x” lies on it" },
    { "30 1 0:40 /@ / rw - btrfs /dev/sdvalise2 rw\n", "", NULL, "“/” of the running",
      "“/” of the running" },
    { "30 1 0:40 /@ /data rw - btrfs /dev/sdvalise2 rw\n", "", NULL,
      "mounted on “/data” lies on it", "mounted on “/data” lies on it" },
    { "30 1 0:40 /@ / rw - btrfs /dev/sdvalise3 rw\n", "", NULL, NULL, NULL },
    { MOUNTS_OTHER, SWAPS_HEAD "/dev/dm-1 partition\t8\t0\t-2\n", "dm-0", "swaps to it",
      "swaps to it" },
    { MOUNTS_OTHER, SWAPS_HEAD "/dev/sdvalise3 partition\t8\t0\t-2\n", NULL, NULL, NULL },
    { "30 1 8:1 / /run/live/medium ro - vfat /dev/sda1 ro\n", "", NULL, "“/run/live/medium”",
      "“/run/live/medium”" },
    { "30 1 8:1 / /run/liver rw - vfat /dev/sda1 rw\n", "", NULL, "mounted on “/run/liver”", NULL },
    { "30 1 8:1 / /var/lib/machines rw - ext4 /dev/sda1 rw\n", "", NULL, "“/var/lib/machines” of",
      "“/var/lib/machines” of" },
    { "30 1 8:1 / /home/me/stick rw - vfat /dev/sda1 rw\n", "", NULL, "“/home/me/stick”", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    put (f, files[i].name, files[i].text);
  for (gsize i = 0; i < 2 * G_N_ELEMENTS (cases); i++)
    {
      const gboolean leasable = i % 2 == 1;
      const char *words = leasable ? cases[i / 2].leased : cases[i / 2].words;
      const char *closable[] = { cases[i / 2].closable, NULL };
      const ValiseSystemState state
          = { (char *) cases[i / 2].mounts, (char *) cases[i / 2].swaps, f->sys };
      g_autoptr (ValiseDriveInfo) drive = read_block (f, "/dev/sda", 8, 0);
      g_autoptr (GError) error = NULL;
      gboolean ok = leasable ? valise_drive_guard_check_leasable (drive, &state, closable, &error)
                             : valise_drive_guard_check (drive, &state, &error);

      g_test_message ("%zu: %s", i / 2, error != NULL ? error->message : "may be erased");
      g_assert_cmpint (ok, ==, words == NULL);
      if (ok)
        continue;
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, words));
      g_assert_nonnull (strstr (error->message, "/dev/sda"));
    }
}

/* Systems that were started from a stick: a loop device made of a file there, and an overlay. */
static void
test_guard_live (Fixture *f, gconstpointer data)
{
  g_autofree char *file = make_file (f, "filesystem.squashfs", 1000);
  g_autofree char *loop = g_strdup_printf ("%s\n", file);
  g_autofree char *gone = g_strdup_printf ("%s-gone (deleted)\n", file);
  g_autofree char *overlay = g_strdup_printf (
      "30 1 0:50 / / rw - overlay overlay rw,lowerdir=/nonexistent/valise:%s,upperdir=/nowhere\n",
      f->root);
  const ValiseSystemState idle = { (char *) "", (char *) "", f->sys };
  const ValiseSystemState live = { overlay, (char *) "", f->sys };
  const char *const backing[] = { loop, gone, "/dev/sda1\n" };
  g_autoptr (ValiseDriveInfo) drive = read_block (f, "/dev/sda", 8, 0);
  ValiseDriveNode *node = g_ptr_array_index (drive->nodes, 1);
  struct stat status;
  g_autoptr (GError) error = NULL;

  put (f, "block/loop9/dev", "7:9\n");
  put (f, "block/loop9/loop/backing_file", "/nonexistent/valise/file\n");
  put (f, "dev/block/7:9/loop/backing_file", "/nonexistent/valise/file\n");
  put (f, "block/sdx/dev", "65:112\n");
  g_assert_true (valise_drive_guard_check_leasable (drive, &idle, no_names, &error));
  g_assert_true (valise_drive_guard_check_leasable (drive, &live, no_names, &error));
  g_assert_no_error (error);

  /* From here on the test's folder is on a partition of the drive. */
  g_assert_cmpint (stat (f->root, &status), ==, 0);
  g_free (node->number);
  node->number = g_strdup_printf ("%u:%u", major (status.st_dev), minor (status.st_dev));
  g_assert_false (valise_drive_guard_check_leasable (drive, &live, no_names, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "“/” of the running"));
  g_clear_error (&error);

  put (f, "class/block/sda1/dev", node->number);
  for (gsize i = 0; i < G_N_ELEMENTS (backing); i++)
    {
      put (f, "block/loop9/loop/backing_file", backing[i]);
      put (f, "dev/block/7:9/loop/backing_file", backing[i]);
      g_assert_false (valise_drive_guard_check_leasable (drive, &idle, no_names, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, "/dev/loop9"));
      g_clear_error (&error);
    }
}

static void
test_guard_files (Fixture *f, gconstpointer data)
{
  g_autofree char *image = make_file (f, "drive.img", 1000);
  g_autofree char *link = g_build_filename (f->root, "link.img", NULL);
  g_autofree char *swaps = g_strdup_printf (SWAPS_HEAD "%s file\t8\t0\t-2\n", image);
  g_autofree char *loop = g_strdup_printf ("%s\n", image);
  const ValiseSystemState idle = { (char *) MOUNTS_OTHER, (char *) SWAPS_HEAD, f->sys };
  const ValiseSystemState swapping = { (char *) MOUNTS_OTHER, swaps, f->sys };
  const ValiseSystemState mounted
      = { (char *) "30 27 7:3 / /mnt/x rw - vfat /dev/loop3 rw\n", (char *) SWAPS_HEAD, f->sys };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDriveInfo) drive = valise_drive_info_read (image, &error);

  g_assert_no_error (error);
  g_assert_cmpint (drive->kind, ==, VALISE_DRIVE_KIND_FILE);
  g_assert_cmpuint (drive->size, ==, 1000);
  g_assert_true (valise_drive_guard_check (drive, &idle, &error));
  g_assert_no_error (error);

  g_assert_false (valise_drive_guard_check (drive, &swapping, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_clear_error (&error);

  put (f, "block/loop3/loop/backing_file", loop);
  put (f, "block/loop3/dev", "7:3\n");
  put (f, "block/sda/dev", "8:0\n");
  valise_drive_info_read_loops (drive, f->sys);
  g_assert_cmpuint (drive->nodes->len, ==, 1);
  g_assert_true (valise_drive_guard_check (drive, &idle, &error));
  g_assert_no_error (error);
  g_assert_false (valise_drive_guard_check (drive, &mounted, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "/mnt/x"));
  g_clear_error (&error);

  /* The image must not be what is erased, under whatever name. */
  g_assert_cmpint (symlink (image, link), ==, 0);
  g_assert_false (valise_drive_guard_check_source (drive, link, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_true (valise_drive_guard_check_source (drive, "/proc/self/exe", &error));
  g_assert_true (valise_drive_guard_check_source (drive, "/nonexistent", &error));
  g_assert_no_error (error);
}

static void
test_guard_source (Fixture *f, gconstpointer data)
{
  g_autofree char *image = make_file (f, "sample.wim", 1000);
  g_autoptr (ValiseDriveInfo) drive = read_block (f, "/dev/sda", 8, 0);
  g_autoptr (GError) error = NULL;
  ValiseDriveNode *node = g_ptr_array_index (drive->nodes, 1);
  struct stat status;

  g_assert_true (valise_drive_guard_check_source (drive, image, &error));

  /* The image lies on a file system of the drive. */
  g_assert_cmpint (stat (image, &status), ==, 0);
  g_free (node->number);
  node->number = g_strdup_printf ("%u:%u", major (status.st_dev), minor (status.st_dev));
  g_assert_false (valise_drive_guard_check_source (drive, image, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "/dev/sda"));
  g_clear_error (&error);

  /* The drive is made of the image. */
  g_free (node->number);
  node->number = NULL;
  g_assert_true (valise_drive_guard_check_source (drive, image, &error));
  drive->backing_file = g_strdup (image);
  g_assert_false (valise_drive_guard_check_source (drive, image, &error));
}

static void
test_guard_kinds (Fixture *f, gconstpointer data)
{
  static const char *const paths[] = { "/", "/dev/null" };
  const ValiseSystemState idle = { (char *) MOUNTS_OTHER, (char *) SWAPS_HEAD, f->sys };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseDriveInfo) drive = valise_drive_info_read (paths[i], &error);

      g_assert_no_error (error);
      g_assert_cmpint (drive->kind, ==, VALISE_DRIVE_KIND_OTHER);
      g_assert_false (valise_drive_guard_check (drive, &idle, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
    }
}

/* The drive that this computer runs from is refused, whatever it is called. */
static void
test_guard_here (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseSystemState) state = valise_system_state_read (&error);
  g_autoptr (ValiseDriveInfo) drive = valise_drive_info_read ("/nonexistent/valise", NULL);
  struct stat status;

  g_assert_no_error (error);
  g_assert_cmpint (stat ("/", &status), ==, 0);
  drive->kind = VALISE_DRIVE_KIND_BLOCK;
  valise_drive_info_read_sysfs (drive, "/sys", major (status.st_dev), minor (status.st_dev));
  if (drive->nodes->len == 0)
    {
      g_test_skip ("/ is not on a block device of its own number here (overlay, btrfs, tmpfs)");
      return;
    }
  g_assert_false (valise_drive_guard_check (drive, state, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED);
}

static void
run (const char *format, const char *path)
{
  g_autofree char *quoted = g_shell_quote (path);
  /* The formats are the test's own. */
  g_auto (GStrv) parts = g_strsplit (format, "@", -1);
  g_autofree char *command = g_strjoinv (quoted, parts);
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) (const char *[]) { "/bin/sh", "-c", command, NULL }, NULL, 0, NULL,
                NULL, &output, &errors, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  if (error != NULL)
    g_test_message ("%s: %s%s", command, output, errors);
  g_assert_no_error (error);
}

static void
test_contents (Fixture *f, gconstpointer data)
{
  g_autofree char *drive = make_file (f, "drive.img", 64 << 20);
  g_autofree char *plain = make_file (f, "plain.img", 16 << 20);
  g_autofree char *blank = make_file (f, "blank.img", 1 << 20);
  g_autofree char *none = g_build_filename (f->root, "none.img", NULL);
  g_autoptr (ValiseDriveContents) found = NULL;
  const ValiseDriveContent *part;

  g_setenv ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  run ("sgdisk -n 1:2048:+32M -n 3:0:+8M @ && mkfs.fat -n STICK --offset=2048 @ 32768", drive);
  found = valise_drive_contents_read (drive);
  g_assert_true (found->readable);
  g_assert_cmpstr (found->table, ==, "gpt");
  g_assert_cmpuint (found->parts->len, ==, 2);
  part = g_ptr_array_index (found->parts, 0);
  g_assert_cmpuint (part->number, ==, 1);
  g_assert_cmpuint (part->size, ==, 32 << 20);
  g_assert_cmpstr (part->type, ==, "vfat");
  g_assert_cmpstr (part->label, ==, "STICK");
  part = g_ptr_array_index (found->parts, 1);
  g_assert_cmpuint (part->number, ==, 3);
  g_assert_cmpuint (part->size, ==, 8 << 20);
  g_assert_null (part->type);
  g_clear_pointer (&found, valise_drive_contents_free);

  run ("mkfs.fat -n WHOLE @", plain);
  found = valise_drive_contents_read (plain);
  g_assert_null (found->table);
  g_assert_cmpuint (found->parts->len, ==, 1);
  part = g_ptr_array_index (found->parts, 0);
  g_assert_cmpuint (part->number, ==, 0);
  g_assert_cmpstr (part->label, ==, "WHOLE");
  g_clear_pointer (&found, valise_drive_contents_free);

  found = valise_drive_contents_read (blank);
  g_assert_true (found->readable);
  g_assert_cmpuint (found->parts->len, ==, 0);
  g_clear_pointer (&found, valise_drive_contents_free);

  found = valise_drive_contents_read (none);
  g_assert_false (found->readable);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, setup, func, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/devices/info/sysfs", test_sysfs);
  ADD ("/devices/info/same", test_same);
  ADD ("/devices/guard/table", test_guard);
  ADD ("/devices/guard/holders", test_guard_holders);
  ADD ("/devices/guard/leasable", test_guard_leasable);
  ADD ("/devices/guard/files", test_guard_files);
  ADD ("/devices/guard/source", test_guard_source);
  ADD ("/devices/guard/kinds", test_guard_kinds);
  ADD ("/devices/guard/place", test_place);
  ADD ("/devices/guard/on-drive", test_guard_on_drive);
  ADD ("/devices/guard/stacked", test_guard_stacked);
  ADD ("/devices/guard/live", test_guard_live);
  g_test_add_func ("/devices/guard/here", test_guard_here);
  ADD ("/devices/contents", test_contents);
  return g_test_run ();
}
