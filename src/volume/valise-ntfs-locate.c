/* valise-ntfs-locate.c: where on an NTFS volume the data of a file is.
 *
 * For what differs between drives that get the same volume: a file that has its place is changed on
 * each drive, without the volume being written twice.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-locate.h"

#include <errno.h>

#include "valise-ntfs-path.h"

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/runlist.h>

static GArray *
list_runs (ntfs_attr *na)
{
  GArray *extents = g_array_new (FALSE, FALSE, sizeof (ValiseExtent));
  const guint cluster_size = na->ni->vol->cluster_size;
  guint64 left = na->allocated_size;

  for (const runlist_element *run = na->rl; run->length > 0 && left > 0; run++)
    {
      ValiseExtent extent = { (guint64) run->lcn * cluster_size,
                              MIN (left, (guint64) run->length * cluster_size) };

      if (run->lcn < 0)
        {
          g_array_unref (extents);
          return NULL;
        }
      g_array_append_val (extents, extent);
      left -= extent.size;
    }
  return extents;
}

/**
 * valise_ntfs_locate:
 * @vol: an open volume
 * @path: a file's path with backslashes, in any case
 * @error: where to put an error: EOPNOTSUPP where the data is not on clusters of its own as it is
 *   (too small, compressed, with holes)
 *
 * Returns: (transfer full) (nullable) (element-type ValiseExtent): the clusters of the file's
 *   unnamed data, in its order, from the start of the volume
 */
GArray *
valise_ntfs_locate (ntfs_volume *vol, const char *path, GError **error)
{
  ntfs_inode *ni = valise_ntfs_path_open (vol, path, error);
  ntfs_attr *na;
  GArray *extents = NULL;
  int error_number = EOPNOTSUPP;

  if (ni == NULL)
    return NULL;
  na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
  if (na == NULL)
    error_number = errno;
  else if (NAttrNonResident (na) && !NAttrEncrypted (na) && !NAttrSparse (na)
           && !(na->data_flags & ATTR_COMPRESSION_MASK))
    {
      if (ntfs_attr_map_whole_runlist (na) == 0)
        extents = list_runs (na);
      else
        error_number = errno;
    }
  if (na != NULL)
    ntfs_attr_close (na);
  ntfs_inode_close (ni);
  if (extents == NULL)
    valise_ntfs_error (error, path, error_number);
  return extents;
}
