/* sample-volume.c: an NTFS volume in a file, filled through libntfs-3g.
 *
 * Responsible for every kind of thing that NTFS can hold and a Windows image does hold. Nothing is
 * mounted by the kernel, and no root is needed. What the tree looks like is sample-windows.c's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sample-volume.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/object_id.h>
#include <ntfs-3g/reparse.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/volume.h>

#define CHUNK (64u << 10)
#define ATTRIBUTE_COMPRESSED 0x800u

struct _SampleVolume
{
  ntfs_volume *vol;
  GHashTable *inodes; /* path → MFT number, for folders and for what is touched again */
  GPtrArray *folders; /* paths, to set their times at the end */
  GHashTable *times;  /* path → guint64[4], where they are not sample_times()' */
  SampleCounts counts;
};

static char *
get_parent (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash == NULL ? g_strdup ("") : g_strndup (path, slash - path);
}

static const char *
get_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash == NULL ? path : slash + 1;
}

static ntfschar *
to_utf16 (const char *text, gsize *length)
{
  glong n = 0;
  gunichar2 *units = g_utf8_to_utf16 (text, -1, NULL, &n, NULL);

  if (units == NULL)
    sample_fail ("“%s” is not UTF-8", text);
  *length = n;
  return (ntfschar *) units;
}

static ntfs_inode *
open_inode (SampleVolume *self, const char *path)
{
  gpointer number;
  ntfs_inode *ni;

  if (*path == '\0')
    ni = ntfs_inode_open (self->vol, FILE_root);
  else if (g_hash_table_lookup_extended (self->inodes, path, NULL, &number))
    ni = ntfs_inode_open (self->vol, GPOINTER_TO_SIZE (number));
  else
    {
      g_autofree char *parent = get_parent (path);
      ntfs_inode *dir = open_inode (self, parent);
      gsize length;
      g_autofree ntfschar *name = to_utf16 (get_name (path), &length);
      u64 found = ntfs_inode_lookup_by_name (dir, name, length);

      ntfs_inode_close (dir);
      ni = found == (u64) -1 ? NULL : ntfs_inode_open (self->vol, MREF (found));
    }
  if (ni == NULL)
    sample_fail ("cannot open “%s”: %s", path, g_strerror (errno));
  return ni;
}

static void
check (int result, const char *what, const char *path)
{
  if (result != 0)
    sample_fail ("cannot %s of “%s”: %s", what, path, g_strerror (errno));
}

static void
set_times (SampleVolume *self, ntfs_inode *ni, const char *path)
{
  const guint64 *special = g_hash_table_lookup (self->times, path);
  guint64 times[4];

  if (special != NULL)
    memcpy (times, special, sizeof times);
  else
    sample_times (path, times);
  check (ntfs_inode_set_times (ni, (const char *) times, sizeof times, 0), "set times", path);
}

static void
write_stream (ntfs_inode *ni, ntfschar *name, gsize name_length, const SampleFile *file)
{
  SampleRandom random = sample_hash (file->path);
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  ntfs_attr *na = ntfs_attr_open (ni, AT_DATA, name, name_length);

  if (na == NULL)
    sample_fail ("cannot open a stream of “%s”: %s", file->path, g_strerror (errno));
  if (file->is_sparse)
    check (ntfs_attr_truncate (na, file->size), "set size", file->path);
  for (guint64 at = 0; at < file->size;)
    {
      gsize n = MIN (CHUNK, file->size - at);
      const guint8 *from = buffer;

      if (file->data != NULL)
        from = (const guint8 *) file->data + at;
      else
        sample_fill (buffer, n, file->fill, &random);
      if (ntfs_attr_pwrite (na, at, n, from) != (s64) n)
        sample_fail ("cannot write to “%s”: %s", file->path, g_strerror (errno));
      at += n;
      if (file->is_sparse && at == n)
        at = file->size / 2 / CHUNK * CHUNK;
      else if (file->is_sparse && at < file->size - CHUNK)
        at = file->size - CHUNK;
    }
  if (NAttrCompressed (na))
    check (ntfs_attr_pclose (na), "finish compression", file->path);
  ntfs_attr_close (na);
}

static void
set_metadata (SampleVolume *self, ntfs_inode *ni, const SampleFile *file)
{
  struct SECURITY_CONTEXT context = { .vol = self->vol };
  guint32 attributes = GUINT32_TO_LE (file->attributes);
  gsize size;
  const guint8 *sd = sample_security_descriptor (file->sd, &size);

  check (ntfs_set_ntfs_attrib (ni, (const char *) &attributes, sizeof attributes, 0),
         "set attributes", file->path);
  check (ntfs_set_ntfs_acl (&context, ni, (const char *) sd, size, 0), "set security", file->path);
}

/* Gives the new file its 8.3 name; closes both, as the library's function does. */
static void
finish (SampleVolume *self, ntfs_inode *ni, ntfs_inode *dir, const SampleFile *file)
{
  u64 number = ni->mft_no;

  if (file->short_name != NULL)
    {
      check (ntfs_set_ntfs_dos_name (ni, dir, file->short_name, strlen (file->short_name), 0),
             "set short name", file->path);
      self->counts.short_names++;
      ni = ntfs_inode_open (self->vol, number);
      if (ni == NULL)
        sample_fail ("cannot open “%s” again: %s", file->path, g_strerror (errno));
      set_times (self, ni, file->path);
      check (ntfs_inode_close (ni), "close", file->path);
      return;
    }
  set_times (self, ni, file->path);
  check (ntfs_inode_close_in_dir (ni, dir), "close", file->path);
  check (ntfs_inode_close (dir), "close the folder", file->path);
}

static ntfs_inode *
create (SampleVolume *self, const char *path, mode_t type, ntfs_inode **dir_out)
{
  g_autofree char *parent = get_parent (path);
  ntfs_inode *dir = open_inode (self, parent);
  gsize length;
  g_autofree ntfschar *name = to_utf16 (get_name (path), &length);
  ntfs_inode *ni = ntfs_create (dir, const_cpu_to_le32 (0), name, length, type);

  if (ni == NULL)
    sample_fail ("cannot create “%s”: %s", path, g_strerror (errno));
  *dir_out = dir;
  return ni;
}

/* Makes a folder; the folder above it must exist. A path of "" gives the root its metadata. */
void
sample_volume_add_folder (SampleVolume *self, const SampleFile *folder)
{
  ntfs_inode *dir = NULL;
  ntfs_inode *ni = *folder->path == '\0' ? open_inode (self, "")
                                         : create (self, folder->path, S_IFDIR, &dir);

  set_metadata (self, ni, folder);
  g_ptr_array_add (self->folders, g_strdup (folder->path));
  if (dir == NULL)
    {
      check (ntfs_inode_close (ni), "close", folder->path);
      return;
    }
  g_hash_table_insert (self->inodes, g_strdup (folder->path), GSIZE_TO_POINTER (ni->mft_no));
  self->counts.folders++;
  finish (self, ni, dir, folder);
}

/* Makes a file. Its compression is what its attributes say, not its folder's. */
void
sample_volume_add_file (SampleVolume *self, const SampleFile *file)
{
  ntfs_inode *dir;
  ntfs_inode *ni = create (self, file->path, S_IFREG, &dir);

  if ((file->attributes & ATTRIBUTE_COMPRESSED) != 0)
    {
      ni->flags |= FILE_ATTR_COMPRESSED;
      self->counts.compressed++;
    }
  else
    ni->flags &= ~FILE_ATTR_COMPRESSED;
  if (file->is_sparse)
    self->counts.sparse++;
  write_stream (ni, AT_UNNAMED, 0, file);
  set_metadata (self, ni, file);
  self->counts.files++;
  self->counts.bytes += file->size;
  finish (self, ni, dir, file);
}

/* Gives an existing file other contents; times and all else stay. */
void
sample_volume_replace (SampleVolume *self, const char *path, const void *data, gsize size)
{
  const SampleFile file = { .path = path, .data = data, .size = size };
  ntfs_inode *ni = open_inode (self, path);
  ntfs_attr *na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);

  if (na == NULL)
    sample_fail ("cannot open “%s”: %s", path, g_strerror (errno));
  check (ntfs_attr_truncate (na, 0), "empty", path);
  ntfs_attr_close (na);
  write_stream (ni, AT_UNNAMED, 0, &file);
  set_times (self, ni, path);
  check (ntfs_inode_close (ni), "close", path);
}

/* An empty file whose name is given as UTF-16 units, which need not be valid. */
void
sample_volume_add_raw_name (SampleVolume *self, const char *folder, const gunichar2 *name,
                            gsize length)
{
  const SampleFile file = { .path = "raw name", .attributes = 0x20 };
  g_autofree ntfschar *units = g_memdup2 (name, length * sizeof *name);
  ntfs_inode *dir = open_inode (self, folder);
  ntfs_inode *ni;

  for (gsize i = 0; i < length; i++)
    units[i] = cpu_to_le16 (name[i]);
  ni = ntfs_create (dir, const_cpu_to_le32 (0), units, length, S_IFREG);
  if (ni == NULL)
    sample_fail ("cannot create a file with a raw name: %s", g_strerror (errno));
  set_metadata (self, ni, &file);
  self->counts.files++;
  finish (self, ni, dir, &file);
}

/* A second name for a file. */
void
sample_volume_add_link (SampleVolume *self, const char *path, const char *link)
{
  g_autofree char *parent = get_parent (link);
  ntfs_inode *ni = open_inode (self, path);
  ntfs_inode *dir = open_inode (self, parent);
  gsize length;
  g_autofree ntfschar *name = to_utf16 (get_name (link), &length);

  check (ntfs_link (ni, dir, name, length), "make a link", path);
  check (ntfs_inode_close (dir), "close the folder", link);
  set_times (self, ni, path);
  check (ntfs_inode_close (ni), "close", path);
  self->counts.extra_links++;
}

void
sample_volume_add_stream (SampleVolume *self, const char *path, const char *name, const void *data,
                          gsize size)
{
  const SampleFile file = { .path = path, .data = data, .size = size, .fill = SAMPLE_FILL_BINARY };
  ntfs_inode *ni = open_inode (self, path);
  gsize length;
  g_autofree ntfschar *units = to_utf16 (name, &length);

  check (ntfs_attr_add (ni, AT_DATA, units, length, NULL, 0), "add a stream", path);
  if (size > 0)
    write_stream (ni, units, length, &file);
  set_times (self, ni, path);
  check (ntfs_inode_close (ni), "close", path);
  self->counts.streams++;
  self->counts.bytes += size;
}

static void
put_u16 (GByteArray *bytes, guint16 value)
{
  value = GUINT16_TO_LE (value);
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof value);
}

/* A junction (0xa0000003) or symbolic link (0xa000000c; relative where @target does not begin with
 * a backslash), or with another @tag a reparse point with @target as its bytes. Layout:
 * [MS-FSCC] 2.1.2. */
void
sample_volume_add_reparse (SampleVolume *self, const SampleFile *file, guint32 tag,
                           const char *target, const char *shown)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  ntfs_inode *dir, *ni;
  gboolean is_folder = (file->attributes & 0x10) != 0;
  guint32 le_tag = GUINT32_TO_LE (tag);

  g_byte_array_append (data, (const guint8 *) &le_tag, sizeof le_tag);
  put_u16 (data, 0); /* length: below */
  put_u16 (data, 0);
  if (tag == 0xa0000003u || tag == 0xa000000cu)
    {
      gsize target_length, shown_length;
      g_autofree ntfschar *target_units = to_utf16 (target, &target_length);
      g_autofree ntfschar *shown_units = to_utf16 (shown, &shown_length);

      put_u16 (data, 0);
      put_u16 (data, target_length * 2);
      put_u16 (data, target_length * 2 + 2);
      put_u16 (data, shown_length * 2);
      if (tag == 0xa000000cu)
        {
          put_u16 (data, *target == '\\' ? 0 : 1);
          put_u16 (data, 0);
        }
      g_byte_array_append (data, (const guint8 *) target_units, target_length * 2 + 2);
      g_byte_array_append (data, (const guint8 *) shown_units, shown_length * 2 + 2);
    }
  else
    g_byte_array_append (data, (const guint8 *) target, strlen (target));
  data->data[4] = (data->len - 8) & 0xff;
  data->data[5] = (data->len - 8) >> 8;

  ni = create (self, file->path, is_folder ? S_IFDIR : S_IFREG, &dir);
  set_metadata (self, ni, file);
  check (ntfs_set_ntfs_reparse_data (ni, (const char *) data->data, data->len, 0),
         "set the reparse point", file->path);
  self->counts.reparse_points++;
  if (is_folder)
    self->counts.folders++;
  else
    self->counts.files++;
  finish (self, ni, dir, file);
}

/* An object id made up from the path; with @is_full also the birth ids. */
void
sample_volume_add_object_id (SampleVolume *self, const char *path, gboolean is_full)
{
  SampleRandom random = sample_hash (path);
  ntfs_inode *ni = open_inode (self, path);
  guint64 ids[8] = { 0 };

  for (guint i = 0; i < (is_full ? 6 : 2); i++)
    ids[i] = GUINT64_TO_LE (sample_next (&random));
  check (ntfs_set_ntfs_object_id (ni, (const char *) ids, is_full ? 64 : 16, 0), "set object id",
         path);
  set_times (self, ni, path);
  check (ntfs_inode_close (ni), "close", path);
  self->counts.object_ids++;
}

/* Times in units of 100 ns since 1601. */
void
sample_volume_set_times (SampleVolume *self, const char *path, guint64 creation, guint64 last_write,
                         guint64 last_access)
{
  const guint64 times[4] = { creation, last_write, last_access, last_access };
  ntfs_inode *ni = open_inode (self, path);

  g_hash_table_insert (self->times, g_strdup (path), g_memdup2 (times, sizeof times));
  set_times (self, ni, path);
  check (ntfs_inode_close (ni), "close", path);
}

const SampleCounts *
sample_volume_get_counts (SampleVolume *self)
{
  return &self->counts;
}

/* Opens an existing volume to change it. */
SampleVolume *
sample_volume_open (const char *path)
{
  SampleVolume *self = g_new0 (SampleVolume, 1);

  self->vol = ntfs_mount (path, NTFS_MNT_NONE);
  if (self->vol == NULL)
    sample_fail ("cannot open the volume “%s”: %s", path, g_strerror (errno));
  if (ntfs_open_secure (self->vol) != 0)
    sample_fail ("cannot open the security index of “%s”: %s", path, g_strerror (errno));
  NVolSetCompression (self->vol);
  self->inodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->times = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->folders = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/* Makes a sparse file of @size bytes with an empty NTFS and opens it. */
SampleVolume *
sample_volume_new (const char *path, guint64 size)
{
  const char *arguments[] = { "mkntfs", "-q", "-Q", "-F", "-c", "4096", "-s", "512",
                              "-p", "2048", "-H", "255", "-S", "63", path, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *messages = NULL;
  int status;
  FILE *file = g_fopen (path, "w");

  if (file == NULL || ftruncate (fileno (file), size) != 0 || fclose (file) != 0)
    sample_fail ("cannot make “%s”: %s", path, g_strerror (errno));
  if (!g_spawn_sync (NULL, (char **) arguments, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &messages,
                     &status, &error)
      || !g_spawn_check_wait_status (status, &error))
    sample_fail ("mkntfs: %s %s", error->message, messages);
  return sample_volume_open (path);
}

/* Sets the folders' times, which making their contents has changed, and closes the volume. */
void
sample_volume_close (SampleVolume *self)
{
  for (guint i = 0; i < self->folders->len; i++)
    {
      const char *path = g_ptr_array_index (self->folders, i);
      ntfs_inode *ni = open_inode (self, path);

      set_times (self, ni, path);
      check (ntfs_inode_close (ni), "close", path);
    }
  ntfs_close_secure (self->vol);
  if (ntfs_umount (self->vol, FALSE) != 0)
    sample_fail ("cannot close the volume: %s", g_strerror (errno));
  g_hash_table_unref (self->inodes);
  g_hash_table_unref (self->times);
  g_ptr_array_unref (self->folders);
  g_free (self);
}
