/* valise-ntfs-owner.c: which file a place of an NTFS volume belongs to.
 *
 * For the words of an error: a drive that gives back something else than was written has damaged a
 * file, and the user wants to know which. NTFS has no table from clusters to files, so all records
 * of the MFT are looked through. The volume is one that a faulty drive gave back: what cannot be
 * read is passed over, loops are cut.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-owner.h"

#include <stdlib.h>
#include <string.h>

#include "valise-ntfs-path.h"

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/runlist.h>

/* A path in Windows has at most 32767 characters, so at most half as many folders. */
#define MAX_DEPTH 16384

static gboolean
runs_have (ntfs_volume *vol, const ATTR_RECORD *a, LCN lcn)
{
  runlist_element *runs = ntfs_mapping_pairs_decompress (vol, a, NULL);
  gboolean found = FALSE;

  for (const runlist_element *run = runs; run != NULL && run->length > 0 && !found; run++)
    found = run->lcn >= 0 && lcn >= run->lcn && lcn - run->lcn < run->length;
  free (runs);
  return found;
}

static gboolean
inode_has (ntfs_inode *ni, LCN lcn)
{
  ntfs_attr_search_ctx *context = ntfs_attr_get_search_ctx (ni, NULL);
  gboolean found = FALSE;

  if (context == NULL)
    return FALSE;
  while (!found && ntfs_attrs_walk (context) == 0)
    found = context->attr->non_resident && runs_have (ni->vol, context->attr, lcn);
  ntfs_attr_put_search_ctx (context);
  return found;
}

/* The inode's name that people know, and its folder. */
static char *
get_name (ntfs_inode *ni, MFT_REF *parent)
{
  ntfs_attr_search_ctx *context = ntfs_attr_get_search_ctx (ni, NULL);
  gunichar2 utf16[256]; /* the length is one byte */
  char *name = NULL;

  if (context == NULL)
    return NULL;
  while (name == NULL
         && ntfs_attr_lookup (AT_FILE_NAME, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, context)
                == 0)
    {
      gsize at = le16_to_cpu (context->attr->value_offset);
      const FILE_NAME_ATTR *fn
          = (const FILE_NAME_ATTR *) ((const guint8 *) context->attr + at);

      if (fn->file_name_type == FILE_NAME_DOS)
        continue;
      *parent = MREF_LE (fn->parent_directory);
      memcpy (utf16, (const guint8 *) fn + G_STRUCT_OFFSET (FILE_NAME_ATTR, file_name),
              fn->file_name_length * sizeof *utf16);
      name = g_utf16_to_utf8 (utf16, fn->file_name_length, NULL, NULL, NULL);
      if (name == NULL)
        name = g_strdup ("?");
    }
  ntfs_attr_put_search_ctx (context);
  return name;
}

static char *
get_path (ntfs_volume *vol, MFT_REF number)
{
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint depth = 0; number != FILE_root && depth < MAX_DEPTH; depth++)
    {
      ntfs_inode *ni = ntfs_inode_open (vol, number);
      g_autofree char *name = ni != NULL ? get_name (ni, &number) : NULL;

      if (ni != NULL)
        ntfs_inode_close (ni);
      g_string_prepend (path, name != NULL ? name : "?");
      g_string_prepend_c (path, '\\');
      if (name == NULL)
        break;
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

/**
 * valise_ntfs_owner_find:
 * @vol: an open volume
 * @offset: a place on it, in bytes from the volume's start
 * @cancellable: (nullable): a cancellable
 *
 * Looks for the file, folder or piece of metadata that has the cluster at @offset. Takes about as
 * long as reading the MFT. Only in the thread that uses the volume.
 *
 * Returns: (transfer full) (nullable): its path, with backslashes; %NULL if no file has it
 */
char *
valise_ntfs_owner_find (ntfs_volume *vol, guint64 offset, GCancellable *cancellable)
{
  LCN lcn = offset >> vol->cluster_size_bits;
  s64 n_records = vol->mft_na->initialized_size >> vol->mft_record_size_bits;

  for (s64 number = 0; number < n_records && !g_cancellable_is_cancelled (cancellable); number++)
    {
      ntfs_inode *ni = ntfs_inode_open (vol, number);
      gboolean found;

      if (ni == NULL)
        continue;
      found = inode_has (ni, lcn);
      ntfs_inode_close (ni);
      if (found)
        return get_path (vol, number);
    }
  return NULL;
}
