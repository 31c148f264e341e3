/* valise-sandbox.c: whether this runs in a Flatpak, and where files are outside of it.
 *
 * A Flatpak has no device nodes, sees its own mounts instead of the system's, and gets the files
 * that a user chooses through the document portal, whose paths say nothing of where they lie.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-sandbox.h"

#include <sys/xattr.h>

/* See xdg-desktop-portal's document-portal-fuse.c. */
#define HOST_PATH "user.document-portal.host-path"
#define MAX_PATH_SIZE (64 * 1024)

/* Where newer Flatpaks have it, beside the user's own folder for running programs. */
#define DOCUMENTS "/run/flatpak/doc"

/**
 * valise_sandbox_is_inside:
 *
 * Any thread.
 *
 * Returns: whether the program runs in a Flatpak
 */
gboolean
valise_sandbox_is_inside (void)
{
  return g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);
}

/**
 * valise_sandbox_dup_host_path:
 * @path: path of a file or folder
 *
 * Any thread; blocks shortly.
 *
 * Returns: (transfer full) (nullable): where the document portal has it from; %NULL where it does
 *   not say so, or the file is none of its own
 */
char *
valise_sandbox_dup_host_path (const char *path)
{
  g_autofree char *value = g_malloc0 (MAX_PATH_SIZE + 1);
  gssize size = getxattr (path, HOST_PATH, value, MAX_PATH_SIZE);

  return size > 0 && *value == '/' ? g_strdup (value) : NULL;
}

/**
 * valise_sandbox_dup_shown:
 * @path: path of a file or folder
 *
 * Any thread; blocks shortly.
 *
 * Returns: (transfer full): the path to show to the user, in UTF-8: where the document portal has
 *   it from, if it says so
 */
char *
valise_sandbox_dup_shown (const char *path)
{
  g_autofree char *outside = valise_sandbox_dup_host_path (path);

  return g_filename_display_name (outside != NULL ? outside : path);
}

/**
 * valise_sandbox_dup_documents:
 * @path: path of a file
 *
 * The document portal shows each file as the only one in a folder of its own. Any thread.
 *
 * Returns: (transfer full) (nullable): the folder with all of these folders; %NULL where @path is
 *   not a file that was chosen by itself
 */
char *
valise_sandbox_dup_documents (const char *path)
{
  g_autofree char *own = g_build_filename (g_get_user_runtime_dir (), "doc", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *documents = g_path_get_dirname (folder);

  if (g_str_equal (documents, own) || g_str_equal (documents, DOCUMENTS))
    return g_steal_pointer (&documents);
  return NULL;
}
