/* valise-copies.c: files and folders of this computer that are put into Windows.
 *
 * Each is written “path|\target”: a file or folder here, and what it is called there. All of them
 * are looked at before a drive is touched, so that what is missing, cannot be read, or has a name
 * that Windows does not know, is told in time; what is in them is read when it is written. They get
 * the access rights that they inherit in Windows, and nothing else of this computer. Links are not
 * followed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-copies.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "volume/valise-ntfs-edit.h"

/* A cluster, and a record of the MFT with what the folder's index has of it. */
#define FILE_OVERHEAD 8192
#define MAX_DEPTH 64

typedef struct
{
  char *source;
  char *target;
  gboolean is_folder;
} Copy;

static void
copy_free (gpointer data)
{
  Copy *copy = data;

  g_free (copy->source);
  g_free (copy->target);
  g_free (copy);
}

/* What Windows takes for a file's name. */
static gboolean
is_name (const char *name)
{
  const gsize length = strlen (name);

  if (length == 0 || !g_utf8_validate (name, -1, NULL) || g_utf8_strlen (name, -1) > 255
      || name[length - 1] == ' ' || name[length - 1] == '.')
    return FALSE;
  for (const char *at = name; *at != '\0'; at++)
    if ((guchar) *at < 0x20 || strchr ("<>:\"/\\|?*", *at) != NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_target (const char *target)
{
  g_auto (GStrv) parts = g_strsplit (target, "\\", -1);

  if (parts[0] == NULL || *parts[0] != '\0' || parts[1] == NULL)
    return FALSE;
  for (guint i = 1; parts[i] != NULL; i++)
    if (!is_name (parts[i]))
      return FALSE;
  return TRUE;
}

/* What starts Windows, and its registry, are changed in other ways. */
static gboolean
is_forbidden (const char *target)
{
  static const char *const folders[] = { "\\Windows\\System32\\config", "\\Windows\\Panther",
                                         "\\Windows\\Boot", "\\$Extend" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      const gsize length = strlen (folders[i]);

      if (g_ascii_strncasecmp (target, folders[i], length) == 0
          && (target[length] == '\\' || target[length] == '\0'))
        return TRUE;
    }
  return FALSE;
}

/**
 * valise_copies_check:
 * @copies: (nullable) (array zero-terminated=1): what is to be copied, “path|\target”
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether the targets are possible; nothing is opened
 */
gboolean
valise_copies_check (char **copies, GError **error)
{
  for (guint i = 0; copies != NULL && copies[i] != NULL; i++)
    {
      const char *bar = strrchr (copies[i], '|');

      if (bar == NULL || bar == copies[i] || !is_target (bar + 1))
        return valise_plan_refuse (error,
                                   _("“%s” does not say what to copy where. Write it as "
                                      "“picture.jpg|\\Users\\Public\\Pictures\\picture.jpg”."),
                                   copies[i]);
      if (is_forbidden (bar + 1))
        return valise_plan_refuse (
            error,
            _("Nothing can be copied to “%s”, which Windows itself uses. Choose "
               "another place."),
            bar + 1);
    }
  return TRUE;
}

static gboolean
refuse_source (GError **error, const char *source, int error_number)
{
  g_autofree char *name = g_filename_display_name (source);

  /* Translators: a file's name, and what the system said. */
  return valise_plan_refuse (error,
                             _("“%s” cannot be copied: %s. Check the name and your rights."), name,
                             g_strerror (error_number));
}

static gboolean add (GPtrArray *list,
                     const char *source,
                     const char *target,
                     guint depth,
                     guint64 *bytes,
                     GError **error);

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* In the order of the names: the same files make the same volume. */
static gboolean
add_folder (GPtrArray *list,
            const char *source,
            const char *target,
            guint depth,
            guint64 *bytes,
            GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (source, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL || depth >= MAX_DEPTH)
    return refuse_source (error, source, dir == NULL ? EACCES : ELOOP);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *child = NULL;
      g_autofree char *child_target = NULL;

      name = g_ptr_array_index (names, i);
      child = g_build_filename (source, name, NULL);
      if (!is_name (name))
        {
          g_autofree char *shown = g_filename_display_name (child);

          return valise_plan_refuse (
              error, _("“%s” has a name that Windows does not take. Rename it."), shown);
        }
      child_target = g_strconcat (target, "\\", name, NULL);
      if (!add (list, child, child_target, depth + 1, bytes, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add (GPtrArray *list,
     const char *source,
     const char *target,
     guint depth,
     guint64 *bytes,
     GError **error)
{
  struct stat st;
  Copy *copy;

  if (lstat (source, &st) != 0)
    return refuse_source (error, source, errno);
  if (!S_ISREG (st.st_mode) && !S_ISDIR (st.st_mode))
    {
      g_autofree char *name = g_filename_display_name (source);

      return valise_plan_refuse (
          error, _("“%s” is neither a file nor a folder. Copy what it leads to."), name);
    }
  if (access (source, R_OK) != 0)
    return refuse_source (error, source, errno);
  if (list->len >= VALISE_COPIES_MAX)
    return valise_plan_refuse (
        error, _("There are more than %u files to copy. Pack them into an archive."),
        VALISE_COPIES_MAX);
  copy = g_new (Copy, 1);
  copy->source = g_strdup (source);
  copy->target = g_strdup (target);
  copy->is_folder = S_ISDIR (st.st_mode);
  g_ptr_array_add (list, copy);
  *bytes += FILE_OVERHEAD + (copy->is_folder ? 0 : (guint64) st.st_size);
  return !copy->is_folder || add_folder (list, source, target, depth, bytes, error);
}

/**
 * valise_copies_list:
 * @copies: (nullable) (array zero-terminated=1): what is to be copied
 * @bytes: (inout): gets what that takes on the volume added, in bytes
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Blocks. Any thread.
 *
 * Returns: (transfer full) (nullable): every file and folder, for valise_copies_put()
 */
GPtrArray *
valise_copies_list (char **copies, guint64 *bytes, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (copy_free);

  for (guint i = 0; copies != NULL && copies[i] != NULL; i++)
    {
      const char *bar = strrchr (copies[i], '|');
      g_autofree char *source = g_strndup (copies[i], bar - copies[i]);

      if (!add (list, source, bar + 1, 0, bytes, error))
        return NULL;
    }
  return g_steal_pointer (&list);
}

/* As it is now; it may have changed since it was listed. */
static GBytes *
read_file (const char *source, GError **error)
{
  int fd = open (source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  g_autoptr (GMappedFile) file = fd >= 0 ? g_mapped_file_new_from_fd (fd, FALSE, error) : NULL;

  if (fd < 0)
    refuse_source (error, source, errno);
  else
    close (fd);
  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}

/**
 * valise_copies_put:
 * @list: what valise_copies_list() made
 * @volume: an open volume
 * @cancellable: (nullable): stops between two files
 * @error: where to put an error
 *
 * Files that are there already get other contents. Blocks; the thread that uses the volume.
 *
 * Returns: whether everything is there
 */
gboolean
valise_copies_put (const GPtrArray *list,
                   struct _ntfs_volume *volume,
                   GCancellable *cancellable,
                   GError **error)
{
  for (guint i = 0; i < list->len; i++)
    {
      const Copy *copy = g_ptr_array_index (list, i);
      g_autoptr (GBytes) contents = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (copy->is_folder)
        {
          if (!valise_ntfs_edit_make_folder (volume, copy->target, error))
            return FALSE;
          continue;
        }
      contents = read_file (copy->source, error);
      if (contents == NULL || !valise_ntfs_edit_write (volume, copy->target, contents, error))
        return FALSE;
    }
  return TRUE;
}
