/* valise-ntfs-edit.c: changes to the files of an open NTFS volume, as Windows would make them.
 *
 * A file that is replaced stays the same file: only its unnamed data and its times change. A new
 * file gets the security descriptor that it would inherit in Windows.
 *
 * All functions must be called in the thread that uses the volume, and finish their work before
 * they return: nothing stays open. The volume may have compression held back (NVolCompression
 * cleared); it is let loose here only for a file that is compressed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-edit.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#include "valise-ntfs-path.h"

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/security.h>

#include "core/valise-error.h"
#include "valise-ntfs-security.h"

/* What a file is, not what it is marked as: these bits follow from other structures. */
#define STRUCTURAL_ATTRIBUTES                                                                      \
  (0x10 /* directory */ | 0x40 /* device */ | 0x80 /* normal */ | 0x200 /* sparse */               \
   | 0x400 /* reparse point */ | 0x800 /* compressed */ | 0x4000        /* encrypted */            \
   | 0xf0000000 /* NTFS' own marks of indexes */)

/* A changed file is looked at in pieces of this size. */
#define UPDATE_BLOCK 4096

/* Closes what may be closed only once everything else went well; keeps the first error. */
static gboolean
close_inode (ntfs_inode *ni, const char *path, gboolean ok, GError **error)
{
  if (ntfs_inode_close (ni) != 0 && ok)
    ok = valise_ntfs_error (error, path, errno);
  return ok;
}

static void
mark_dirty (ntfs_inode *ni)
{
  NInoFileNameSetDirty (ni);
  NInoSetDirty (ni);
}

/* Data that is kept elsewhere (compressed by WOF, in a cloud) or that is encrypted cannot be got
 * through the unnamed stream. */
static gboolean
check_plain_file (ntfs_inode *ni, const char *path, GError **error)
{
  if (ni->mrec->flags & MFT_RECORD_IS_DIRECTORY)
    return valise_ntfs_error (error, path, EISDIR);
  if (ni->flags & (FILE_ATTR_REPARSE_POINT | FILE_ATTR_ENCRYPTED))
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                   _ ("“%s” is a link, encrypted, or compressed in a way that Valise cannot "
                      "change. Try another image."),
                   path);
      return FALSE;
    }
  return TRUE;
}

static GBytes *
read_data (ntfs_inode *ni, const char *path, gsize max_size, GError **error)
{
  ntfs_attr *na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
  g_autofree guint8 *data = NULL;
  gsize done = 0;
  gsize size;

  if (na == NULL)
    {
      valise_ntfs_error (error, path, errno);
      return NULL;
    }
  if (na->data_size < 0 || (guint64)na->data_size > max_size)
    {
      ntfs_attr_close (na);
      valise_ntfs_error (error, path, EFBIG);
      return NULL;
    }

  size = na->data_size;
  data = g_malloc (MAX (size, 1));
  while (done < size)
    {
      s64 n = ntfs_attr_pread (na, done, size - done, data + done);

      if (n <= 0)
        {
          valise_ntfs_error (error, path, n < 0 ? errno : EIO);
          ntfs_attr_close (na);
          return NULL;
        }
      done += n;
    }
  ntfs_attr_close (na);
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

static gboolean
fill_attribute (ntfs_attr *na, const guint8 *data, gsize size)
{
  gsize done = 0;

  /* A stretch at once, where the library may choose it: the file stays in one piece. */
  if (!(na->data_flags & ATTR_COMPRESSION_MASK) && ntfs_attr_truncate_solid (na, size) != 0)
    return FALSE;
  while (done < size)
    {
      s64 n = ntfs_attr_pwrite (na, done, size - done, data + done);

      if (n <= 0)
        {
          if (n == 0)
            errno = EIO;
          return FALSE;
        }
      done += n;
    }
  return !(na->data_flags & ATTR_COMPRESSION_MASK) || ntfs_attr_pclose (na) == 0;
}

/* Empties the unnamed stream and fills it again. The library takes a stream's compression from the
 * file's mark only when it opens an empty one, and the mark from any other: hence the closing in
 * between, and the marking after it. */
static gboolean
write_data (ntfs_inode *ni, GBytes *contents, gboolean compressed, const char *path, GError **error)
{
  gboolean was_held_back = !NVolCompression (ni->vol);
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (contents, &size);
  ntfs_attr *na;
  gboolean ok;
  int error_number;

  if (compressed)
    NVolSetCompression (ni->vol);

  na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
  ok = na != NULL && ntfs_attr_truncate (na, 0) == 0;
  error_number = errno;
  if (na != NULL)
    ntfs_attr_close (na);

  if (compressed)
    ni->flags |= FILE_ATTR_COMPRESSED;
  else
    ni->flags &= ~FILE_ATTR_COMPRESSED;

  if (ok)
    {
      na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
      ok = na != NULL && fill_attribute (na, data, size);
      error_number = errno;
      if (na != NULL)
        ntfs_attr_close (na);
    }

  if (was_held_back)
    NVolClearCompression (ni->vol);
  mark_dirty (ni);
  return ok || valise_ntfs_error (error, path, error_number);
}

/**
 * valise_ntfs_edit_exists:
 * @vol: an open volume
 * @path: a path with backslashes, in any case
 * @is_folder: (out) (optional): where to put whether it is a folder
 *
 * Returns: whether there is such a file or folder, and it can be opened
 */
gboolean
valise_ntfs_edit_exists (ntfs_volume *vol, const char *path, gboolean *is_folder)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, NULL);

  if (ni == NULL)
    return FALSE;
  if (is_folder != NULL)
    *is_folder = (ni->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0;
  ntfs_inode_close (ni);
  return TRUE;
}

/**
 * valise_ntfs_edit_read:
 * @vol: an open volume
 * @path: a file's path with backslashes, in any case
 * @max_size: the most bytes to read: a larger file is an error
 * @error: where to put an error
 *
 * Returns: (transfer full) (nullable): the whole file
 */
GBytes *
valise_ntfs_edit_read (ntfs_volume *vol, const char *path, gsize max_size, GError **error)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, error);
  GBytes *contents = NULL;

  if (ni == NULL)
    return NULL;
  if (check_plain_file (ni, path, error))
    contents = read_data (ni, path, max_size, error);
  ntfs_inode_close (ni);
  return contents;
}

/**
 * valise_ntfs_edit_replace:
 * @vol: an open volume
 * @path: the path of a file that exists, with backslashes, in any case
 * @contents: what it shall contain
 * @mtime: when it shall have been changed last, in units of 100 ns since 1601; 0 for now
 * @error: where to put an error
 *
 * Gives a file other contents. Everything else of it stays: security descriptor, attributes,
 * compression, short name, links, named streams, the time of its creation. After an error the file
 * may be empty or cut.
 *
 * Returns: whether it was done
 */
gboolean
valise_ntfs_edit_replace (ntfs_volume *vol,
                          const char *path,
                          GBytes *contents,
                          guint64 mtime,
                          GError **error)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, error);
  gboolean ok;

  if (ni == NULL)
    return FALSE;

  ok = check_plain_file (ni, path, error) &&
       write_data (ni, contents, (ni->flags & FILE_ATTR_COMPRESSED) != 0, path, error);
  if (ok)
    {
      ntfs_inode_update_times (ni, NTFS_UPDATE_MCTIME);
      if (mtime != 0)
        ni->last_data_change_time = GUINT64_TO_LE (mtime);
    }
  return close_inode (ni, path, ok, error);
}

/* The number of bytes from @at on, in whole blocks, in which two files of @size bytes are equal, or
 * are not. */
static gsize
measure (const guint8 *a, const guint8 *b, gsize at, gsize size, gboolean equal)
{
  gsize end = at;

  while (end < size)
    {
      const gsize n = MIN (size - end, UPDATE_BLOCK);

      if ((memcmp (a + end, b + end, n) == 0) != equal)
        break;
      end += n;
    }
  return end - at;
}

static gboolean
write_range (ntfs_attr *na, const guint8 *data, gsize at, gsize size)
{
  while (size > 0)
    {
      s64 n = ntfs_attr_pwrite (na, at, size, data + at);

      if (n <= 0)
        {
          if (n == 0)
            errno = EIO;
          return FALSE;
        }
      at += n;
      size -= n;
    }
  return TRUE;
}

static gboolean
update_data (ntfs_attr *na, GBytes *before, GBytes *after)
{
  gsize size_before, size;
  const guint8 *old = g_bytes_get_data (before, &size_before);
  const guint8 *data = g_bytes_get_data (after, &size);
  const gsize common = MIN (size, size_before);
  gsize at = 0;

  while (at < common)
    {
      gsize n;

      at += measure (old, data, at, common, TRUE);
      n = measure (old, data, at, common, FALSE);
      if (!write_range (na, data, at, n))
        return FALSE;
      at += n;
    }
  return size < size_before ? ntfs_attr_truncate (na, size) == 0
                            : write_range (na, data, at, size - at);
}

/**
 * valise_ntfs_edit_update:
 * @vol: an open volume
 * @path: a file's path with backslashes, in any case
 * @before: what it contains
 * @after: what it shall contain
 * @error: where to put an error
 *
 * Like valise_ntfs_edit_replace(), for large files of which little changes: only that is written,
 * and the file stays where it is. A file that is compressed, or that has not the size of @before,
 * is replaced. After an error the file may be changed in part.
 *
 * Returns: whether it was done
 */
gboolean
valise_ntfs_edit_update (ntfs_volume *vol,
                         const char *path,
                         GBytes *before,
                         GBytes *after,
                         GError **error)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, error);
  ntfs_attr *na;
  gboolean ok, replace;
  int error_number = 0;

  if (ni == NULL)
    return FALSE;
  if (!check_plain_file (ni, path, error))
    return close_inode (ni, path, FALSE, error);

  na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
  replace = (ni->flags & FILE_ATTR_COMPRESSED)
            || (na != NULL && (guint64)na->data_size != g_bytes_get_size (before));
  ok = na != NULL && (replace || update_data (na, before, after));
  if (!ok)
    error_number = errno;
  if (na != NULL)
    ntfs_attr_close (na);
  if (!ok)
    valise_ntfs_error (error, path, error_number);
  else if (replace)
    ok = write_data (ni, after, (ni->flags & FILE_ATTR_COMPRESSED) != 0, path, error);
  if (ok)
    ntfs_inode_update_times (ni, NTFS_UPDATE_MCTIME);
  return close_inode (ni, path, ok, error);
}

/* Makes one file or folder in @folder. */
static ntfs_inode *
create_in (ntfs_inode *folder, const char *part, mode_t type, const char *path, GError **error)
{
  g_autofree void *descriptor = NULL;
  gsize descriptor_size = 0;
  le32 security_id = 0;
  ValiseNtfsName name;
  ntfs_inode *ni;

  valise_ntfs_name_init (&name, part);
  if (!valise_ntfs_security_inherit (folder, S_ISDIR (type), &security_id, &descriptor,
                                     &descriptor_size))
    {
      valise_ntfs_error (error, path, errno);
      return NULL;
    }

  ni = ntfs_create (folder, security_id, name.chars, name.length, type);
  if (ni == NULL)
    {
      valise_ntfs_error (error, path, errno);
      return NULL;
    }
  if (descriptor != NULL && !valise_ntfs_security_set (ni, descriptor, descriptor_size))
    {
      valise_ntfs_error (error, path, errno);
      ntfs_inode_close_in_dir (ni, folder);
      return NULL;
    }
  if (S_ISDIR (type))
    {
      /* The library marks everything new as changed since the last backup; Windows only files. */
      ni->flags &= ~FILE_ATTR_ARCHIVE;
      mark_dirty (ni);
    }
  ntfs_inode_update_times (folder, NTFS_UPDATE_MCTIME);
  return ni;
}

/* Opens the folder of the first @n_parts of @parts, and makes what of it is missing. */
static ntfs_inode *
open_folder (ntfs_volume *vol, char **parts, guint n_parts, const char *path, GError **error)
{
  ntfs_inode *folder = ntfs_inode_open (vol, FILE_root);

  if (folder == NULL)
    {
      valise_ntfs_error (error, path, errno);
      return NULL;
    }

  for (guint i = 0; i < n_parts; i++)
    {
      ValiseNtfsName name;
      ntfs_inode *child;
      gboolean ok = TRUE;

      valise_ntfs_name_init (&name, parts[i]);
      child = valise_ntfs_path_open_child (folder, &name);
      if (child == NULL && errno == ENOENT)
        {
          child = create_in (folder, parts[i], S_IFDIR, path, error);
          ok = child != NULL;
        }
      else if (child == NULL || !(child->mrec->flags & MFT_RECORD_IS_DIRECTORY) ||
               (child->flags & FILE_ATTR_REPARSE_POINT))
        {
          ok = valise_ntfs_error (error, path, child != NULL ? ENOTDIR : errno);
        }

      if (!close_inode (folder, path, ok, error))
        {
          if (child != NULL)
            ntfs_inode_close (child);
          return NULL;
        }
      folder = child;
    }
  return folder;
}

/**
 * valise_ntfs_edit_make_folder:
 * @vol: an open volume
 * @path: a folder's path with backslashes, in any case
 * @error: where to put an error
 *
 * Makes a folder, and those above it, where they are missing. They inherit security descriptors as
 * in Windows.
 *
 * Returns: whether there is such a folder now
 */
gboolean
valise_ntfs_edit_make_folder (ntfs_volume *vol, const char *path, GError **error)
{
  g_auto (GStrv) parts = valise_ntfs_path_split (path, error);
  ntfs_inode *folder;

  if (parts == NULL)
    return FALSE;
  folder = open_folder (vol, parts, g_strv_length (parts), path, error);
  return folder != NULL && close_inode (folder, path, TRUE, error);
}

/**
 * valise_ntfs_edit_create:
 * @vol: an open volume
 * @path: the path of a file that does not exist, with backslashes
 * @contents: what it shall contain
 * @error: where to put an error
 *
 * Makes a file, and the folders above it where they are missing. They inherit security descriptors
 * as in Windows.
 *
 * Returns: whether it was done
 */
gboolean
valise_ntfs_edit_create (ntfs_volume *vol, const char *path, GBytes *contents, GError **error)
{
  g_auto (GStrv) parts = valise_ntfs_path_split (path, error);
  guint n_parts = parts != NULL ? g_strv_length (parts) : 0;
  ValiseNtfsName name;
  ntfs_inode *folder;
  ntfs_inode *ni;
  gboolean ok;

  if (parts == NULL)
    return FALSE;
  if (n_parts == 0)
    return valise_ntfs_error (error, path, EISDIR);
  folder = open_folder (vol, parts, n_parts - 1, path, error);
  if (folder == NULL)
    return FALSE;

  valise_ntfs_name_init (&name, parts[n_parts - 1]);
  ni = valise_ntfs_path_open_child (folder, &name);
  if (ni != NULL || errno != ENOENT)
    {
      valise_ntfs_error (error, path, ni != NULL ? EEXIST : errno);
      if (ni != NULL)
        ntfs_inode_close (ni);
      ntfs_inode_close (folder);
      return FALSE;
    }

  ni = create_in (folder, parts[n_parts - 1], S_IFREG, path, error);
  ok =
      ni != NULL && write_data (ni, contents, (ni->flags & FILE_ATTR_COMPRESSED) != 0, path, error);
  if (ni != NULL && ntfs_inode_close_in_dir (ni, folder) != 0 && ok)
    ok = valise_ntfs_error (error, path, errno);
  return close_inode (folder, path, ok, error);
}

/**
 * valise_ntfs_edit_write:
 * @vol: an open volume
 * @path: a file's path with backslashes, in any case
 * @contents: what it shall contain
 * @error: where to put an error
 *
 * Replaces the file where there is one, and else creates it.
 *
 * Returns: whether it was done
 */
gboolean
valise_ntfs_edit_write (ntfs_volume *vol, const char *path, GBytes *contents, GError **error)
{
  if (valise_ntfs_edit_exists (vol, path, NULL))
    return valise_ntfs_edit_replace (vol, path, contents, 0, error);
  return valise_ntfs_edit_create (vol, path, contents, error);
}

/**
 * valise_ntfs_edit_get_attributes:
 * @vol: an open volume
 * @path: a path with backslashes, in any case
 * @attributes: (out): where to put Windows' FILE_ATTRIBUTE_ bits
 * @error: where to put an error
 *
 * Returns: whether @attributes is set
 */
gboolean
valise_ntfs_edit_get_attributes (ntfs_volume *vol,
                                 const char *path,
                                 guint32 *attributes,
                                 GError **error)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, error);
  gboolean ok;

  if (ni == NULL)
    return FALSE;
  ok = ntfs_get_ntfs_attrib (ni, (char *)attributes, sizeof *attributes) == sizeof *attributes ||
       valise_ntfs_error (error, path, errno);
  ntfs_inode_close (ni);
  return ok;
}

/**
 * valise_ntfs_edit_set_attributes:
 * @vol: an open volume
 * @path: a path with backslashes, in any case
 * @set: FILE_ATTRIBUTE_ bits to set
 * @clear: FILE_ATTRIBUTE_ bits to clear
 * @error: where to put an error
 *
 * Changes what a file is marked as. Bits that say what it is (directory, reparse point, sparse,
 * encrypted, compressed) are left alone. Bits that libntfs-3g does not know are stored in
 * $STANDARD_INFORMATION, which counts; its copy in the folder's index has only those that it knows.
 *
 * Returns: whether it was done
 */
gboolean
valise_ntfs_edit_set_attributes (ntfs_volume *vol,
                                 const char *path,
                                 guint32 set,
                                 guint32 clear,
                                 GError **error)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, error);

  if (ni == NULL)
    return FALSE;
  ni->flags &= ~GUINT32_TO_LE (clear & ~(guint32)STRUCTURAL_ATTRIBUTES);
  ni->flags |= GUINT32_TO_LE (set & ~(guint32)STRUCTURAL_ATTRIBUTES);
  mark_dirty (ni);
  return close_inode (ni, path, TRUE, error);
}

static gboolean
set_folder_compressed (ntfs_inode *ni, const char *path, GError **error)
{
  guint32 attributes = GUINT32_FROM_LE (ni->flags ^ FILE_ATTR_COMPRESSED);

  return ntfs_set_ntfs_attrib (ni, (const char *)&attributes, sizeof attributes, 0) == 0 ||
         valise_ntfs_error (error, path, errno);
}

static gboolean
set_file_compressed (ntfs_inode *ni, gboolean compressed, const char *path, GError **error)
{
  g_autoptr (GBytes) contents = NULL;

  if (!check_plain_file (ni, path, error))
    return FALSE;
  if (compressed && ni->vol->cluster_size > 4096) /* NTFS compresses in small clusters only */
    return valise_ntfs_error (error, path, EOPNOTSUPP);
  contents = read_data (ni, path, VALISE_NTFS_COMPRESS_MAX, error);
  if (contents == NULL)
    return FALSE;
  return write_data (ni, contents, compressed, path, error);
}

/**
 * valise_ntfs_edit_set_compressed:
 * @vol: an open volume
 * @path: a path with backslashes, in any case
 * @compressed: what the file or folder shall be
 * @error: where to put an error
 *
 * Makes a file or folder compressed, or not compressed, as it is in the image.
 *
 * A folder only gets the mark, which new files in it inherit. A file's mark must agree with the
 * flags of its data: libntfs-3g decides by the data's flags how to read, and Windows may write by
 * either. So the file's data is written again, compressed or not, in memory: a file of more than
 * %VALISE_NTFS_COMPRESS_MAX bytes is an error (EFBIG), and stays as it is. Times do not change, nor
 * do named streams.
 *
 * Returns: whether it was done
 */
gboolean
valise_ntfs_edit_set_compressed (ntfs_volume *vol,
                                 const char *path,
                                 gboolean compressed,
                                 GError **error)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, error);
  gboolean ok = TRUE;

  if (ni == NULL)
    return FALSE;
  if (!(ni->flags & FILE_ATTR_COMPRESSED) != !compressed)
    ok = (ni->mrec->flags & MFT_RECORD_IS_DIRECTORY)
             ? set_folder_compressed (ni, path, error)
             : set_file_compressed (ni, compressed, path, error);
  return close_inode (ni, path, ok, error);
}
