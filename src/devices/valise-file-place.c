/* valise-file-place.c: the block devices that a file lies on.
 *
 * A file system is on a partition, or on LVM, RAID or encryption that is stacked on partitions, or
 * on a loop device made of a file that lies somewhere itself. A btrfs may be on several devices,
 * and an overlay lies where its folders lie. Who erases any of these loses the file.
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

/**
 * valise_file_place_find_number:
 * @sys: where sysfs is mounted; another folder in tests
 * @device: path of a node, which need not be seen from here
 *
 * Any thread; blocks shortly.
 *
 * Returns: (transfer full) (nullable): MAJOR:MINOR of the block device; %NULL if it is none
 */
char *
valise_file_place_find_number (const char *sys, const char *device)
{
  g_autofree char *path = NULL;
  g_autofree char *number = NULL;
  struct stat status;

  if (*device != '/')
    return NULL;
  if (stat (device, &status) == 0)
    return S_ISBLK (status.st_mode) ? format_number (status.st_rdev) : NULL;
  if (!g_str_has_prefix (device, "/dev/"))
    return NULL;
  path = g_build_filename (sys, "class", "block", device + strlen ("/dev/"), "dev", NULL);
  return g_file_get_contents (path, &number, NULL, NULL) ? g_strdup (g_strstrip (number)) : NULL;
}

/* Where the file @path lies, or would, if it was deleted and is only open still. */
static void
add_file (Search *search, const char *path, guint depth)
{
  g_autofree char *number = valise_file_place_find_number (search->sys, path);
  g_autofree char *folder = NULL;
  struct stat status;

  if (number == NULL && *path == '/')
    {
      folder = g_path_get_dirname (path);
      if (stat (path, &status) == 0 || stat (folder, &status) == 0)
        number = format_number (status.st_dev);
    }
  if (number != NULL)
    add_device (search, number, depth);
}

/* The folders of an overlay are among its options: lowerdir=/a:/b,upperdir=/c. */
static void
add_overlay (Search *search, const char *options, guint depth)
{
  static const char *const keys[] = { "lowerdir=", "lowerdir+=", "datadir+=", "upperdir=" };
  g_auto (GStrv) all = g_strsplit (options, ",", -1);

  for (gsize i = 0; all[i] != NULL; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (keys); j++)
      if (g_str_has_prefix (all[i], keys[j]))
        {
          g_auto (GStrv) folders = g_strsplit (all[i] + strlen (keys[j]), ":", -1);

          for (gsize k = 0; folders[k] != NULL; k++)
            {
              g_autofree char *folder = g_strcompress (folders[k]);

              /* What cannot be found from here says nothing: its parent would be “/” mostly. */
              if (g_file_test (folder, G_FILE_TEST_EXISTS))
                add_file (search, folder, depth);
            }
        }
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
      g_autofree char *below = NULL;

      if (g_strv_length (fields) < 4 || !g_str_equal (fields[2], number)
          || g_strv_length (rest) < 2)
        continue;
      source = g_strcompress (rest[1]);
      below = valise_file_place_find_number (search->sys, source);
      if (below != NULL)
        add_device (search, below, depth + 1);
      if (g_str_equal (rest[0], "overlay") && rest[2] != NULL)
        add_overlay (search, rest[2], depth + 1);
    }
}

/* A btrfs that is mounted has a folder with a link for each of its devices; mountinfo has only one
 * of them. */
static void
add_pool (Search *search, const char *number, guint depth)
{
  g_autofree char *pools = g_build_filename (search->sys, "fs", "btrfs", NULL);
  g_autoptr (GDir) dir = g_dir_open (pools, 0, NULL);
  const char *pool;

  while (dir != NULL && (pool = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (pools, pool, "devices", NULL);
      g_autoptr (GDir) devices = g_dir_open (folder, 0, NULL);
      g_autoptr (GPtrArray) numbers = g_ptr_array_new_with_free_func (g_free);
      const char *name;

      while (devices != NULL && (name = g_dir_read_name (devices)) != NULL)
        {
          g_autofree char *file = g_build_filename (folder, name, "dev", NULL);
          char *text = NULL;

          if (g_file_get_contents (file, &text, NULL, NULL))
            g_ptr_array_add (numbers, g_strstrip (text));
        }
      if (!g_ptr_array_find_with_equal_func (numbers, number, g_str_equal, NULL))
        continue;
      for (guint i = 0; i < numbers->len; i++)
        add_device (search, numbers->pdata[i], depth + 1);
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

  if (!g_file_get_contents (file, &backing, NULL, NULL))
    return;
  g_strchomp (backing);
  /* So the kernel calls what has no name any more. */
  if (g_str_has_suffix (backing, " (deleted)"))
    backing[strlen (backing) - strlen (" (deleted)")] = '\0';
  add_file (search, backing, depth + 1);
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
  add_pool (search, number, depth);
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
