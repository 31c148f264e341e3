/* valise-ntfs-path.c: files of an open NTFS volume by their Windows paths.
 *
 * Windows does not care for case; libntfs-3g and what wimlib writes do. A name that fits exactly is
 * taken, and else one that fits by the volume's own table of capital letters. libntfs-3g's own
 * functions for paths depend on the process's locale and keep caches; these do not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-path.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include <ntfs-3g/dir.h>

#include "core/valise-error.h"

/**
 * valise_ntfs_error:
 * @error: where to put the error
 * @path: a file's path on the volume
 * @error_number: an errno
 *
 * Makes an error of a failed call of libntfs-3g: the drive is too small, the image lacks the file,
 * or this computer failed. Any thread.
 *
 * Returns: %FALSE
 */
gboolean
valise_ntfs_error (GError **error, const char *path, int error_number)
{
  if (error_number == ENOSPC)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
                 _ ("There is no room left on the drive for “%s”. Use a larger drive."), path);
  else if (error_number == ENOENT || error_number == ENOTDIR)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_FAILED,
                 /* Translators: a file's path, and what the system said. */
                 _ ("“%s” is missing in this Windows: %s. Try another image."), path,
                 g_strerror (error_number));
  else
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                 /* Translators: a file's path, and what the system said. */
                 _ ("“%s” on the new drive cannot be read or changed: %s."), path,
                 g_strerror (error_number != 0 ? error_number : EIO));
  return FALSE;
}

/**
 * valise_ntfs_path_split:
 * @path: a path with backslashes, from the volume's root: `\Windows\System32`
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): its parts; none for the root
 */
char **
valise_ntfs_path_split (const char *path, GError **error)
{
  g_auto (GStrv) raw = g_strsplit_set (path, "\\/", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (char **part = raw; *part != NULL; part++)
    {
      ValiseNtfsName name;

      if (**part == '\0')
        continue;
      if (!valise_ntfs_name_init (&name, *part))
        {
          g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       _ ("“%s” is no path that Windows can have."), path);
          return NULL;
        }
      g_strv_builder_add (builder, *part);
    }
  return g_strv_builder_end (builder);
}

/**
 * valise_ntfs_name_init:
 * @self: (out caller-allocates): where to put the name
 * @utf8: one part of a path
 *
 * Any thread.
 *
 * Returns: whether Windows allows such a name
 */
gboolean
valise_ntfs_name_init (ValiseNtfsName *self, const char *utf8)
{
  g_autofree gunichar2 *utf16 = NULL;
  glong length = 0;

  if (g_str_equal (utf8, ".") || g_str_equal (utf8, "..") || strpbrk (utf8, "\\/:*?\"<>|") != NULL)
    return FALSE;
  for (const char *at = utf8; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      return FALSE;

  utf16 = g_utf8_to_utf16 (utf8, -1, NULL, &length, NULL);
  if (utf16 == NULL || length < 1 || length > (glong)G_N_ELEMENTS (self->chars))
    return FALSE;
  for (glong i = 0; i < length; i++)
    self->chars[i] = GUINT16_TO_LE (utf16[i]);
  self->length = length;
  return TRUE;
}

/**
 * valise_ntfs_path_open_child:
 * @folder: an open folder
 * @name: a name in it, in any case
 *
 * The volume's thread.
 *
 * Returns: (nullable): the open file, to be closed with ntfs_inode_close(); on failure errno is
 *   set, to ENOENT where there is none
 */
ntfs_inode *
valise_ntfs_path_open_child (ntfs_inode *folder, const ValiseNtfsName *name)
{
  ntfs_volume *vol = folder->vol;
  gboolean was_sensitive = NVolCaseSensitive (vol) != 0;
  u64 reference;

  if (!(folder->mrec->flags & MFT_RECORD_IS_DIRECTORY))
    {
      errno = ENOTDIR;
      return NULL;
    }

  NVolSetCaseSensitive (vol);
  reference = ntfs_inode_lookup_by_name (folder, name->chars, name->length);
  if (reference == (u64)-1 && errno == ENOENT)
    {
      NVolClearCaseSensitive (vol);
      reference = ntfs_inode_lookup_by_name (folder, name->chars, name->length);
    }
  if (was_sensitive)
    NVolSetCaseSensitive (vol);
  else
    NVolClearCaseSensitive (vol);

  return reference != (u64)-1 ? ntfs_inode_open (vol, MREF (reference)) : NULL;
}

/**
 * valise_ntfs_path_open:
 * @vol: an open volume
 * @path: a path with backslashes, from the volume's root, in any case
 * @error: where to put an error
 *
 * Opens the file or folder at @path. Links on the way are not followed: they are not folders.
 * The volume's thread.
 *
 * Returns: (nullable): the open file, to be closed with ntfs_inode_close()
 */
ntfs_inode *
valise_ntfs_path_open (ntfs_volume *vol, const char *path, GError **error)
{
  g_auto (GStrv) parts = valise_ntfs_path_split (path, error);
  ntfs_inode *ni;

  if (parts == NULL)
    return NULL;

  ni = ntfs_inode_open (vol, FILE_root);
  for (char **part = parts; ni != NULL && *part != NULL; part++)
    {
      ntfs_inode *folder = ni;
      ValiseNtfsName name;
      int error_number = ENOTDIR;

      ni = NULL;
      valise_ntfs_name_init (&name, *part);
      if (!(folder->flags & FILE_ATTR_REPARSE_POINT))
        {
          ni = valise_ntfs_path_open_child (folder, &name);
          error_number = errno;
        }
      ntfs_inode_close (folder);
      errno = error_number;
    }
  if (ni == NULL)
    valise_ntfs_error (error, path, errno);
  return ni;
}
