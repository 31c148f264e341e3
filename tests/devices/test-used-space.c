/* test-used-space.c: how full file systems are, and that nobody waits for one that hangs.
 *
 * What should come out is asked of df.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/valise-used-space.h"

/* Long enough for any answer that comes at all. */
#define LONG (60 * G_TIME_SPAN_SECOND)

static ValiseDriveFacts *
new_facts (const char *device, const char *folder, const char *type)
{
  ValiseDriveFacts *facts = valise_drive_facts_new ();
  ValiseDrivePart *part = valise_drive_facts_add_part (facts);

  part->device = g_strdup (device);
  part->type = g_strdup (type);
  part->mounts = g_new0 (char *, 2);
  part->mounts[0] = g_strdup (folder);
  return facts;
}

static guint64
read_used (ValiseDriveFacts *facts, gint64 patience)
{
  valise_used_space_read (facts->parts, patience);
  return ((ValiseDrivePart *) facts->parts->pdata[0])->used;
}

static guint64
ask_df (const char *folder)
{
  const char *argv[] = { "df", "--block-size=1", "--output=used", folder, NULL };
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL,
                &error);
  g_assert_no_error (error);
  lines = g_strsplit (output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), >=, 2);
  return g_ascii_strtoull (lines[1], NULL, 10);
}

/* The test's folder is on a file system with a number of its own, or on a device. */
static void
test_known (void)
{
  g_autofree char *folder = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  g_autoptr (ValiseDriveFacts) own = new_facts ("/dev/null", folder, "btrfs");
  g_autoptr (ValiseDriveFacts) other = new_facts ("/dev/null", folder, "ext4");
  g_autoptr (ValiseDriveFacts) none = new_facts ("/dev/null", "/nonexistent/valise", "btrfs");
  guint64 before, used, after;
  guint tries = 0;

  /* Others write there meanwhile. */
  do
    {
      before = ask_df (folder);
      used = read_used (own, LONG);
      after = ask_df (folder);
    }
  while ((used < MIN (before, after) || used > MAX (before, after)) && ++tries < 100);
  g_assert_cmpuint (tries, <, 100);
  /* What is in that folder is not on that device. */
  g_assert_cmpuint (read_used (other, LONG), ==, VALISE_DRIVE_UNKNOWN);
  g_assert_cmpuint (read_used (none, LONG), ==, VALISE_DRIVE_UNKNOWN);
  g_rmdir (folder);
}

static guint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* A file system whose program never says a word. */
static void
test_silent (void)
{
  g_autofree char *folder = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  g_autofree char *options = NULL;
  g_autoptr (ValiseDriveFacts) silent = new_facts ("/dev/null", folder, "btrfs");
  g_autoptr (ValiseDriveFacts) fine = new_facts ("/dev/null", g_get_tmp_dir (), "btrfs");
  g_autoptr (GPtrArray) both = g_ptr_array_new ();
  int fd = open ("/dev/fuse", O_RDWR | O_CLOEXEC);
  guint n_threads;

  options = g_strdup_printf ("fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
  if (fd < 0 || mount ("valise-test", folder, "fuse", MS_NOSUID | MS_NODEV, options) != 0)
    {
      g_autofree char *why = g_strdup_printf ("no file system can be mounted here: %s",
                                              g_strerror (errno));

      g_test_skip (why);
      g_rmdir (folder);
      return;
    }
  g_ptr_array_add (both, silent->parts->pdata[0]);
  g_ptr_array_add (both, fine->parts->pdata[0]);
  /* Without an end, this would never come back. */
  valise_used_space_read (both, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (((ValiseDrivePart *) both->pdata[0])->used, ==, VALISE_DRIVE_UNKNOWN);

  /* It is not asked a second time while the first question is open. */
  n_threads = count_threads ();
  g_assert_cmpuint (read_used (silent, LONG), ==, VALISE_DRIVE_UNKNOWN);
  g_assert_cmpuint (count_threads (), <=, n_threads);
  g_assert_cmpuint (read_used (fine, LONG), !=, VALISE_DRIVE_UNKNOWN);

  /* Now it says that it is dead. */
  close (fd);
  umount2 (folder, MNT_DETACH);
  while (read_used (silent, LONG) == VALISE_DRIVE_UNKNOWN)
    g_usleep (10000); /* until the folder itself is asked */
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/devices/used-space/known", test_known);
  g_test_add_func ("/devices/used-space/silent", test_silent);
  return g_test_run ();
}
