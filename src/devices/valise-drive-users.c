/* valise-drive-users.c: which programs use a drive.
 *
 * Only links in /proc are read, and nothing that they lead to: a file system that hangs must not
 * stop whoever asks. A user sees what is the user's own, which is mostly what is meant: the
 * terminal that stands in a folder of the stick, the viewer that has a picture open.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-users.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

/* More would only hide the others. */
#define NAMES_MOST 5

typedef struct
{
  const char *proc;
  const char *const *folders;
  const char *const *devices;
} Search;

static gboolean
is_below (const char *path, const char *const *folders)
{
  for (gsize i = 0; folders[i] != NULL; i++)
    {
      gsize size = strlen (folders[i]);

      if (strncmp (path, folders[i], size) == 0 && (path[size] == '\0' || path[size] == '/'))
        return TRUE;
    }
  return FALSE;
}

static gboolean
leads_there (const Search *search, const char *link)
{
  g_autofree char *to = g_file_read_link (link, NULL);

  return to != NULL
         && (is_below (to, search->folders) || g_strv_contains (search->devices, to));
}

static gboolean
has_open (const Search *search, const char *process)
{
  g_autofree char *folder = g_build_filename (process, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (folder, name, NULL);

      if (leads_there (search, link))
        return TRUE;
    }
  return FALSE;
}

static gboolean
uses (const Search *search, const char *process)
{
  static const char *const links[] = { "cwd", "root", "exe" };

  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autofree char *link = g_build_filename (process, links[i], NULL);

      if (leads_there (search, link))
        return TRUE;
    }
  return has_open (search, process);
}

static char *
describe_process (const char *process, const char *id)
{
  g_autofree char *path = g_build_filename (process, "comm", NULL);
  g_autofree char *name = NULL;
  g_autofree char *shown = NULL;

  if (!g_file_get_contents (path, &name, NULL, NULL))
    return NULL;
  g_strchomp (name);
  shown = g_utf8_make_valid (name, -1);
  /* Translators: a program's name, and the number of its process. */
  return g_strdup_printf (_("“%s” (process %s)"), shown, id);
}

static void
find_processes (const Search *search, GPtrArray *found)
{
  g_autoptr (GDir) dir = g_dir_open (search->proc, 0, NULL);
  g_autofree char *self = g_strdup_printf ("%d", (int) getpid ());
  const char *id;

  while (dir != NULL && found->len <= NAMES_MOST && (id = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *process = g_build_filename (search->proc, id, NULL);
      char *text;

      if (!g_ascii_isdigit (*id) || g_str_equal (id, self) || !uses (search, process))
        continue;
      text = describe_process (process, id);
      if (text != NULL)
        g_ptr_array_add (found, text);
    }
}

/* An image on the stick that is itself mounted, through a loop device. */
static void
find_loops (const char *sys, const char *const *folders, GPtrArray *found)
{
  g_autofree char *blocks = g_build_filename (sys, "block", NULL);
  g_autoptr (GDir) dir = g_dir_open (blocks, 0, NULL);
  const char *name;

  while (dir != NULL && found->len <= NAMES_MOST && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (blocks, name, "loop", "backing_file", NULL);
      g_autofree char *file = NULL;
      g_autofree char *shown = NULL;

      if (!g_file_get_contents (path, &file, NULL, NULL))
        continue;
      g_strchomp (file);
      shown = g_filename_display_name (file);
      if (is_below (file, folders))
        /* Translators: a device such as “/dev/loop0”, and the file that it is made of. */
        g_ptr_array_add (found, g_strdup_printf (_("“/dev/%s” (made of “%s”)"), name, shown));
    }
}

/**
 * valise_drive_users_describe_in:
 * @proc: where proc is mounted
 * @sys: where sysfs is mounted
 * @folders: (array zero-terminated=1): as for valise_drive_users_describe()
 * @devices: (array zero-terminated=1): as for valise_drive_users_describe()
 *
 * valise_drive_users_describe(), for tests.
 *
 * Returns: (transfer full) (nullable): what to call them
 */
char *
valise_drive_users_describe_in (const char *proc,
                                const char *sys,
                                const char *const *folders,
                                const char *const *devices)
{
  const Search search = { proc, folders, devices };
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  find_processes (&search, found);
  find_loops (sys, folders, found);
  if (found->len == 0)
    return NULL;
  if (found->len > NAMES_MOST)
    {
      g_ptr_array_set_size (found, NAMES_MOST);
      g_ptr_array_add (found, g_strdup ("…"));
    }
  g_ptr_array_add (found, NULL);
  return g_strjoinv (", ", (char **) found->pdata);
}

/**
 * valise_drive_users_describe:
 * @folders: (array zero-terminated=1): where the drive is mounted
 * @devices: (array zero-terminated=1): its nodes, such as `/dev/sdb1`
 *
 * Finds the programs that hold files or folders of the drive open, or the drive itself. Those of
 * other users can be seen by root only. Any thread; blocks for some milliseconds.
 *
 * Returns: (transfer full) (nullable): what to call them, in one line; %NULL where none is found
 */
char *
valise_drive_users_describe (const char *const *folders, const char *const *devices)
{
  return valise_drive_users_describe_in ("/proc", "/sys", folders, devices);
}
