/* test-block-device.c: real block devices are opened as drives are. Needs root, for loop devices.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-commit.h"
#include "engine/valise-fanout.h"
#include "engine/valise-verifier.h"
#include "test-folder.h"
#include "volume/test-tools.h"

#define SIZE (1100 * VALISE_MIB + 7 * 512)

typedef struct
{
  ValiseScratch *scratch;
  char *file;
  char *device; /* NULL: the test was skipped */
} Fixture;

/* NULL where there are no loop devices for us. */
static char *
attach (const char *file, const char *option)
{
  g_autofree char *command
      = g_strdup_printf ("losetup --find --show %s '%s' 2>/dev/null || true", option, file);
  char *device = run_tool ("sh", "-c", command, NULL);

  g_strchomp (device);
  if (*device == '\0')
    g_clear_pointer (&device, g_free);
  return device;
}

static void
detach (char *device)
{
  g_autofree char *out = run_tool ("losetup", "--detach", device, NULL);

  g_free (device);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->scratch = valise_scratch_new (&error);
  g_assert_no_error (error);
  f->file = make_drive (valise_scratch_get_path (f->scratch), "drive", SIZE, 0);
  if (geteuid () != 0)
    g_test_skip ("only root can make loop devices");
  else if ((f->device = attach (f->file, data)) == NULL)
    g_test_skip ("this system has no loop devices to spare");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->device, detach);
  valise_scratch_free (f->scratch);
  g_free (f->file);
}

static void
assert_refused (const char *path, int code, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_target_open (path, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, code);
  if (strstr (error->message, word) == NULL)
    g_error ("no “%s” in “%s”", word, error->message);
}

static void
test_open (Fixture *f, gconstpointer data)
{
  g_autoptr (ValiseTarget) target = NULL;
  g_autoptr (GError) error = NULL;
  int fd;

  if (f->device == NULL)
    return;
  target = valise_target_open (f->device, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (valise_target_get_size (target), ==, SIZE);
  g_assert_true (valise_target_is_block_device (target));
  assert_refused (f->device, VALISE_DRIVE_ERROR_IN_USE, "Unmount");

  /* O_EXCL is ours, and so is the lock that udev respects. */
  g_assert_cmpint (open (f->device, O_RDWR | O_EXCL | O_CLOEXEC), ==, -1);
  fd = open (f->device, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  g_assert_null (valise_target_new_for_fd (dup (fd), "given", NULL));
  close (fd);
  fd = open (f->device, O_RDWR | O_CLOEXEC);
  g_assert_null (valise_target_new_for_fd (fd, "given", &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE);
}

static void
test_read_only (Fixture *f, gconstpointer data)
{
  if (f->device == NULL)
    return;
  assert_refused (f->device, VALISE_DRIVE_ERROR_READ_ONLY, "read-only");
}

static void
test_sector_size (Fixture *f, gconstpointer data)
{
  if (f->device == NULL)
    return;
  assert_refused (f->device, VALISE_DRIVE_ERROR_SECTOR_SIZE, "sectors of 1024 bytes");
}

/* Whoever looks at new devices, such as udev, may have it open for a moment. */
static void
remove_partition (Fixture *f)
{
  const char *arguments[] = { "delpart", f->device, "1", NULL };
  gint status = -1;

  for (guint i = 0; status != 0 && i < 100; i++)
    {
      g_assert_true (g_spawn_sync (NULL, (char **) arguments, NULL,
                                   G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                                   NULL, NULL, &status, NULL));
      if (status != 0)
        g_usleep (100 * G_TIME_SPAN_MILLISECOND);
    }
  g_assert_cmpint (status, ==, 0);
}

static void
test_partition (Fixture *f, gconstpointer data)
{
  g_autofree char *node = NULL;
  g_autofree char *sysfs = NULL;
  g_autofree char *numbers = NULL;
  g_autofree char *name = NULL;
  g_autofree char *command = NULL;
  g_autofree char *out = NULL;
  guint major_number, minor_number;

  if (f->device == NULL)
    return;
  /* The kernel is told of a partition, whether it knows any tables or not. */
  command = g_strdup_printf ("addpart %s 1 2048 204800 2>&1 || true", f->device);
  out = run_tool ("sh", "-c", command, NULL);
  name = g_path_get_basename (f->device);
  sysfs = g_strdup_printf ("/sys/block/%s/%sp1/dev", name, name);
  if (!g_file_get_contents (sysfs, &numbers, NULL, NULL))
    {
      g_test_skip ("loop devices have no partitions here");
      return;
    }
  /* Without udev there may be no node for it. */
  g_assert_cmpint (sscanf (numbers, "%u:%u", &major_number, &minor_number), ==, 2);
  node = valise_scratch_build_path (f->scratch, "node");
  g_assert_cmpint (mknod (node, S_IFBLK | 0600, makedev (major_number, minor_number)), ==, 0);
  assert_refused (node, VALISE_DRIVE_ERROR_REFUSED, "is a partition");
  assert_refused (node, VALISE_DRIVE_ERROR_REFUSED, f->device); /* and says what to name */
  remove_partition (f);
}

static void
test_mounted (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autofree char *command = NULL;
  g_autofree char *made = NULL;
  g_autofree char *mounted = NULL;
  g_autofree char *unmounted = NULL;
  g_autoptr (ValiseTarget) target = NULL;

  if (f->device == NULL)
    return;
  made = run_tool ("mkfs.ext4", "-q", "-F", f->device, NULL);
  folder = valise_scratch_build_path (f->scratch, "mount");
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  command = g_strdup_printf ("mount -t ext4 %s '%s' 2>&1 || true", f->device, folder);
  mounted = run_tool ("sh", "-c", command, NULL);
  if (*mounted != '\0')
    {
      g_test_skip ("nothing can be mounted here");
      return;
    }
  assert_refused (f->device, VALISE_DRIVE_ERROR_IN_USE, "in use");
  unmounted = run_tool ("umount", folder, NULL);
  target = valise_target_open (f->device, NULL);
  g_assert_nonnull (target);
}

static void
on_done (ValiseWrite *write, gboolean ok, gpointer data)
{
  g_assert_true (ok);
}

/* The whole way: discard, blank, write, flush, verify, commit. */
static void
test_way (Fixture *f, gconstpointer data)
{
  g_autoptr (ValiseTarget) target = NULL;
  g_autoptr (ValiseFanout) fanout = NULL;
  g_autoptr (ValiseStagedTable) table = NULL;
  g_autoptr (ValiseDigestMap) map = valise_digest_map_new (SIZE);
  g_autoptr (ValiseBuffer) bytes = valise_buffer_new (4 * VALISE_MIB);
  g_autoptr (GError) error = NULL;
  g_autofree char *verified = NULL;
  guint64 boundaries[VALISE_MAX_BOUNDARIES];
  const guint64 wrong = 7 * VALISE_MIB + 5;
  const char *option = data;
  ValiseLayout layout;
  guint64 bad = 0;
  guint n;

  if (f->device == NULL)
    return;
  target = valise_target_open (f->device, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (valise_target_get_sector_size (target), ==, *option == '\0' ? 512 : 4096);
  g_assert_true (valise_layout_init_gpt (&layout, SIZE, valise_target_get_sector_size (target), 0,
                                         &error));
  table = valise_staging_make_table (f->scratch, "table", &layout, &error);
  g_assert_no_error (error);
  n = valise_layout_list_boundaries (&layout, boundaries);
  valise_target_discard (target, 0, SIZE);
  g_assert_true (valise_target_blank (target, boundaries, n, NULL, &error));

  fanout = valise_fanout_new (&target, 1, 0, NULL);
  for (gsize i = 0; i < bytes->size; i++)
    bytes->data[i] = i * 31 + i / 251;
  for (guint i = 1; i < 20; i++)
    {
      ValiseWrite *write = valise_write_new (i * bytes->size, on_done, NULL);

      for (gsize at = 0; at < bytes->size; at += VALISE_BLOCK_SIZE)
        valise_digest_map_record (map, (i * bytes->size + at) / VALISE_BLOCK_SIZE,
                                  bytes->data + at);
      valise_write_add (write, bytes, 0, bytes->size);
      g_assert_true (valise_backing_submit (VALISE_BACKING (fanout), write, &error));
    }
  g_assert_true (valise_fanout_flush (fanout, &error));
  g_assert_true (valise_verify_target (target, map, NULL, NULL, NULL, &error));

  g_assert_true (valise_target_commit (target, table, boundaries, n, NULL, &error));
  g_assert_no_error (error);
  g_clear_object (&fanout);
  g_clear_pointer (&target, valise_target_free);
  verified = run_tool ("sgdisk", "-v", f->device, NULL);
  g_assert_nonnull (strstr (verified, "No problems found"));

  /* One byte is changed below the device: what is read back is what the medium holds. */
  target = valise_target_open (f->device, &error);
  g_assert_no_error (error);
  write_drive (f->file, wrong, "", 1);
  g_assert_false (valise_verify_target (target, map, NULL, &bad, NULL, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  g_assert_cmpuint (bad, ==, VALISE_ROUND_DOWN (wrong, VALISE_BLOCK_SIZE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, option, function) \
  g_test_add ("/engine/block-device/" name, Fixture, option, set_up, function, tear_down)
  ADD ("open", "", test_open);
  ADD ("read-only", "--read-only", test_read_only);
  ADD ("sector-size", "--sector-size=1024", test_sector_size);
  ADD ("partition", "", test_partition);
  ADD ("mounted", "", test_mounted);
  ADD ("way", "", test_way);
  ADD ("way-4096", "--sector-size=4096", test_way);
  return g_test_run ();
}
