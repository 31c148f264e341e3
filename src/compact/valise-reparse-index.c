/* valise-reparse-index.c: room for an NTFS volume's index of reparse points.
 *
 * Each compressed file has an entry in $Extend\$Reparse. That index grows with them, block by
 * block, and libntfs-3g would put each block behind the file that was stored last: all over the
 * data, where it is written again and again, so that the data around it cannot leave for the drive
 * before the end. So the index gets its clusters beforehand, in one piece, and what it did not need
 * is given back. Between the two, its attribute is allocated for more than it holds, as the
 * library's own functions know it from files.
 *
 * Only in the thread of the volume, while nobody has the index open.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-reparse-index.h"

#include <errno.h>

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/dir.h>
#include <ntfs-3g/inode.h>

/* What an entry takes: 32 bytes, in blocks that are half full, since the keys of new ones are
 * mostly the largest (libntfs-3g, struct REPARSE_INDEX and ntfs_ib_split()). */
#define ENTRY_SIZE 64

/* Not more than this part of what is free: on a full volume there are better uses. */
#define MAX_SHARE 64

static ntfschar index_name[] = { const_cpu_to_le16 ('$'), const_cpu_to_le16 ('R') };

static ntfs_inode *
open_index_file (ntfs_volume *vol)
{
  ntfs_inode *folder = ntfs_inode_open (vol, FILE_Extend);
  u64 number;

  if (folder == NULL)
    return NULL;
  number = ntfs_inode_lookup_by_mbsname (folder, "$Reparse");
  ntfs_inode_close (folder);
  return number != (u64) -1 ? ntfs_inode_open (vol, MREF (number)) : NULL;
}

/* What the index holds, whatever is allocated for it. */
static int
set_data_size (ntfs_attr *na, s64 size)
{
  ntfs_attr_search_ctx *context = ntfs_attr_get_search_ctx (na->ni, NULL);
  int result = -1;

  if (context == NULL)
    return -1;
  if (ntfs_attr_lookup (na->type, na->name, na->name_len, CASE_SENSITIVE, 0, NULL, 0, context)
      == 0)
    {
      na->data_size = size;
      context->attr->data_size = cpu_to_sle64 (size);
      ntfs_inode_mark_dirty (context->ntfs_ino);
      result = 0;
    }
  ntfs_attr_put_search_ctx (context);
  return result;
}

static int
reserve (ntfs_attr *na, guint64 n_entries)
{
  const ntfs_volume *vol = na->ni->vol;
  const s64 n_free = ntfs_attr_get_free_bits (vol->lcnbmp_na);
  const s64 n_wanted = n_entries * ENTRY_SIZE >> vol->cluster_size_bits;
  const s64 size = MIN (n_wanted, n_free / MAX_SHARE) << vol->cluster_size_bits;
  const s64 held = na->data_size;

  if (n_free < 0)
    return -1;
  if (size <= na->allocated_size)
    return 0;
  if (ntfs_attr_truncate (na, size) != 0)
    return -1;
  return set_data_size (na, held);
}

static int
trim (ntfs_attr *na)
{
  const ntfs_volume *vol = na->ni->vol;
  const s64 held = na->data_size;

  if (na->allocated_size - held < vol->cluster_size)
    return 0;
  /* The library gives back clusters only where the size becomes smaller. */
  if (ntfs_attr_truncate (na, na->allocated_size) != 0)
    return -1;
  return ntfs_attr_truncate (na, held);
}

/**
 * valise_reparse_index_reserve:
 * @vol: an open volume
 * @n_entries: how many reparse points it may get
 *
 * Gives the index clusters for so many entries, as far as the volume has them to spare. An index
 * with few entries lies in its file's record, and cannot get any yet. That there is no room is no
 * error: all works without.
 *
 * Returns: whether this was done or is of no use; %FALSE: try again when there are more entries
 */
gboolean
valise_reparse_index_reserve (ntfs_volume *vol, guint64 n_entries)
{
  ntfs_inode *ni = open_index_file (vol);
  gboolean done = TRUE;

  if (ni != NULL)
    {
      ntfs_attr *na = ntfs_attr_open (ni, AT_INDEX_ALLOCATION, index_name,
                                      G_N_ELEMENTS (index_name));

      if (na != NULL)
        {
          if (reserve (na, n_entries) != 0)
            g_debug ("the index of reparse points gets no room beforehand: %s",
                     g_strerror (errno));
          ntfs_attr_close (na);
        }
      else
        done = FALSE;
      ntfs_inode_close (ni);
    }
  return done;
}

/**
 * valise_reparse_index_trim:
 * @vol: an open volume
 *
 * Gives back what the index was given and did not need.
 *
 * Returns: 0, or -1 with errno set
 */
int
valise_reparse_index_trim (ntfs_volume *vol)
{
  ntfs_inode *ni = open_index_file (vol);
  ntfs_attr *na;
  int result = 0;
  int saved;

  if (ni == NULL)
    return 0;
  na = ntfs_attr_open (ni, AT_INDEX_ALLOCATION, index_name, G_N_ELEMENTS (index_name));
  if (na != NULL)
    {
      result = trim (na);
      saved = errno;
      ntfs_attr_close (na);
      errno = saved;
    }
  if (ntfs_inode_close (ni) != 0)
    result = -1;
  return result;
}
