/* valise-file-place.c: the block devices that a file lies on.
 *
 * A file system is on a partition, or on LVM, RAID or encryption that is stacked on partitions, or
 * on a loop device made of a file that lies somewhere itself. Who erases any of these loses the
 * file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-file-place.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Deeper than anything that is stacked for a reason, and an end for what is stacked on itself. */
#define MAX_DEPTH 16

typedef struct
{
  const char *sys;
  const char *mounts;
  GPtrArray *numbers; /* “MAJOR:MINOR” */
} Search;

static void add_device (Search *search, const char *number, guint depth);

static char *
format_number (dev_t device)
{
  return g_strdup_printf ("%u:%u", major (device), minor (device));
}

/* btrfs and its like have numbers of their own; what they are on is named in mountinfo:
 * id parent MAJ:MIN root mount-point options [optional …] - type source options. */
static void
add_sources (Search *search, const char *number, guint depth)
{
  g_auto (GStrv) lines = g_strsplit (search->mounts, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", 4);
      const char *tail = strstr (lines[i], " - ");
      g_auto (GStrv) rest = g_strsplit (tail != NULL ? tail + 3 : "", " ", 3);
      g_autofree char *source = NULL;
      struct stat status;

      if (g_strv_length (fields) < 4 || !g_str_equal (fields[2], number)
          || g_strv_length (rest) < 2)
        continue;
      source = g_strcompress (rest[1]);
      if (*source == '/' && stat (source, &status) == 0 && S_ISBLK (status.st_mode))
        {
          g_autofree char *below = format_number (status.st_rdev);

          add_device (search, below, depth + 1);
        }
    }
}

static void
add_slaves (Search *search, const char *folder, guint depth)
{
  g_autofree char *slaves = g_build_filename (folder, "slaves", NULL);
  g_autoptr (GDir) dir = g_dir_open (slaves, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (slaves, name, "dev", NULL);
      g_autofree char *number = NULL;

      if (g_file_get_contents (file, &number, NULL, NULL))
        add_device (search, g_strstrip (number), depth + 1);
    }
}

static void
add_loop (Search *search, const char *folder, guint depth)
{
  g_autofree char *file = g_build_filename (folder, "loop", "backing_file", NULL);
  g_autofree char *backing = NULL;
  struct stat status;

  if (g_file_get_contents (file, &backing, NULL, NULL)
      && stat (g_strstrip (backing), &status) == 0)
    {
      g_autofree char *number = format_number (status.st_dev);

      add_device (search, number, depth + 1);
    }
}

static void
add_device (Search *search, const char *number, guint depth)
{
  g_autofree char *folder = g_build_filename (search->sys, "dev", "block", number, NULL);

  if (depth > MAX_DEPTH
      || g_ptr_array_find_with_equal_func (search->numbers, number, g_str_equal, NULL))
    return;
  g_ptr_array_add (search->numbers, g_strdup (number));
  add_slaves (search, folder, depth);
  add_loop (search, folder, depth);
  add_sources (search, number, depth);
}

/**
 * valise_file_place_list:
 * @sys: where sysfs is mounted; another folder in tests
 * @mounts: what /proc/self/mountinfo says
 * @device: the number of a file's file system, or of a block device
 *
 * Any thread; blocks shortly.
 *
 * Returns: (transfer full): MAJOR:MINOR of @device, and of all that it lies on
 */
GStrv
valise_file_place_list (const char *sys, const char *mounts, dev_t device)
{
  g_autofree char *number = format_number (device);
  Search search = { sys, mounts, g_ptr_array_new () };

  add_device (&search, number, 0);
  g_ptr_array_add (search.numbers, NULL);
  return (GStrv) g_ptr_array_free (search.numbers, FALSE);
}
