/* valise-ntfs-reserve.c: a large file on an NTFS volume whose bytes come later.
 *
 * A virtual disk is a file that is as large as the disk, on a volume that is empty but for it. Here
 * it gets its clusters, and no bytes: they are written to their places by whoever knows them. So
 * that Windows does not read zeros instead, all of the file counts as written (its initialized
 * size is its size).
 *
 * libntfs-3g's own allocator would take the clusters as its search comes upon them. Here the
 * largest free stretches are taken, and their beginnings are aligned as partitions are: a partition
 * in the virtual disk then is aligned on the drive too. The volume has two such stretches: mkntfs
 * puts the log and the copy of $MFT's beginning into the middle. Behind $MFT some room is left,
 * where it can grow in one piece.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-reserve.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <ntfs-3g/types.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/bitmap.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/device_io.h>
#include <ntfs-3g/runlist.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/volume.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-ntfs-edit.h"
#include "valise-ntfs-path.h"

/* For 65,536 more files on the outer volume. */
#define MFT_ROOM (64 * VALISE_MIB)

#define BITMAP_CHUNK VALISE_MIB

typedef struct
{
  LCN lcn;
  s64 length;
} Stretch;

static ntfs_volume *
open_volume (const char *volume_path, unsigned long flags, GError **error)
{
  struct ntfs_device *device
      = ntfs_device_alloc (volume_path, 0, &ntfs_device_default_io_ops, NULL);
  ntfs_volume *vol = device != NULL ? ntfs_device_mount (device, flags) : NULL;

  if (vol == NULL)
    {
      valise_ntfs_error (error, volume_path, errno);
      if (device != NULL)
        ntfs_device_free (device);
    }
  return vol;
}

static void
add_stretch (GArray *stretches, LCN first, LCN end, LCN align)
{
  Stretch stretch = { VALISE_ROUND_UP (first, align), 0 };

  stretch.length = VALISE_ROUND_DOWN (end, align) - stretch.lcn;
  if (end > stretch.lcn && stretch.length > 0)
    g_array_append_val (stretches, stretch);
}

static gint
compare_lengths (gconstpointer a, gconstpointer b)
{
  const Stretch *first = a, *second = b;

  return first->length > second->length ? -1 : first->length < second->length;
}

/* All free stretches, in whole multiples of @align clusters, the largest first. */
static GArray *
find_stretches (ntfs_volume *vol, LCN align)
{
  g_autoptr (GArray) stretches = g_array_new (FALSE, FALSE, sizeof (Stretch));
  g_autofree guint8 *bits = g_malloc (BITMAP_CHUNK);
  const LCN mft_end = vol->mft_lcn + (vol->mft_na->allocated_size >> vol->cluster_size_bits);
  const LCN kept_end = mft_end + (MFT_ROOM >> vol->cluster_size_bits);
  LCN first_free = -1;

  for (LCN lcn = 0; lcn < vol->nr_clusters;)
    {
      s64 wanted = MIN ((s64) BITMAP_CHUNK, (vol->nr_clusters - lcn + 7) / 8);

      errno = EIO;
      if (ntfs_attr_pread (vol->lcnbmp_na, lcn / 8, wanted, bits) != wanted)
        return NULL;
      for (s64 i = 0; i < wanted * 8 && lcn < vol->nr_clusters; i++, lcn++)
        {
          gboolean is_free = (bits[i / 8] >> (i % 8) & 1) == 0
                             && (lcn < mft_end || lcn >= kept_end);

          if (is_free && first_free < 0)
            first_free = lcn;
          else if (!is_free && first_free >= 0)
            {
              add_stretch (stretches, first_free, lcn, align);
              first_free = -1;
            }
        }
    }
  if (first_free >= 0)
    add_stretch (stretches, first_free, vol->nr_clusters, align);
  g_array_sort (stretches, compare_lengths);
  return g_steal_pointer (&stretches);
}

/**
 * valise_ntfs_reserve_get_room:
 * @volume_path: (type filename): a file with an NTFS volume
 * @alignment: as in valise_ntfs_reserve_file()
 * @error: where to put an error
 *
 * Only in the thread that uses libntfs-3g.
 *
 * Returns: the size in bytes of the largest file that valise_ntfs_reserve_file() can make; 0 on
 *   failure
 */
guint64
valise_ntfs_reserve_get_room (const char *volume_path, guint64 alignment, GError **error)
{
  ntfs_volume *vol = open_volume (volume_path, NTFS_MNT_RDONLY, error);
  g_autoptr (GArray) stretches = NULL;
  guint64 room = 0;

  if (vol == NULL)
    return 0;
  stretches = find_stretches (vol, alignment >> vol->cluster_size_bits);
  if (stretches == NULL)
    valise_ntfs_error (error, volume_path, errno);
  for (guint i = 0; stretches != NULL && i < stretches->len; i++)
    room += g_array_index (stretches, Stretch, i).length << vol->cluster_size_bits;
  ntfs_umount (vol, FALSE);
  return room;
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const Stretch *first = a, *second = b;

  return first->lcn < second->lcn ? -1 : first->lcn > second->lcn;
}

/* As few stretches as hold @n_clusters, in the order in which they lie; NULL if there is no
 * room. */
static GArray *
choose_stretches (ntfs_volume *vol, s64 n_clusters, LCN align)
{
  g_autoptr (GArray) stretches = find_stretches (vol, align);
  s64 left = n_clusters;
  guint n = 0;

  if (stretches == NULL)
    return NULL;
  while (n < stretches->len && left > 0)
    left -= g_array_index (stretches, Stretch, n++).length;
  if (left > 0)
    {
      errno = ENOSPC;
      return NULL;
    }
  g_array_set_size (stretches, n);
  g_array_sort (stretches, compare_places);
  /* What is too much is left free at the end of the last one. */
  g_array_index (stretches, Stretch, n - 1).length += left;
  if (g_array_index (stretches, Stretch, n - 1).length <= 0)
    {
      errno = ENOSPC;
      return NULL;
    }
  return g_steal_pointer (&stretches);
}

/* In memory of malloc(), which libntfs-3g will free. */
static runlist *
make_runlist (GArray *stretches)
{
  runlist *rl = calloc (stretches->len + 1, sizeof *rl);
  VCN vcn = 0;

  for (guint i = 0; i < stretches->len; i++)
    {
      const Stretch *stretch = &g_array_index (stretches, Stretch, i);

      rl[i] = (runlist_element){ .vcn = vcn, .lcn = stretch->lcn, .length = stretch->length };
      vcn += stretch->length;
    }
  rl[stretches->len] = (runlist_element){ .vcn = vcn, .lcn = LCN_ENOENT };
  return rl;
}

/* Writes the sizes into the attribute's record. */
static gboolean
set_sizes (ntfs_attr *na)
{
  ntfs_attr_search_ctx *ctx = ntfs_attr_get_search_ctx (na->ni, NULL);
  gboolean ok = ctx != NULL
                && ntfs_attr_lookup (AT_DATA, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, ctx) == 0;

  if (ok)
    {
      ctx->attr->allocated_size = cpu_to_sle64 (na->allocated_size);
      ctx->attr->data_size = cpu_to_sle64 (na->data_size);
      ctx->attr->initialized_size = cpu_to_sle64 (na->initialized_size);
      ntfs_inode_mark_dirty (ctx->ntfs_ino);
    }
  if (ctx != NULL)
    ntfs_attr_put_search_ctx (ctx);
  return ok;
}

static gboolean
give_clusters (ntfs_attr *na, GArray *stretches, guint64 size)
{
  ntfs_volume *vol = na->ni->vol;
  s64 n_clusters = 0;

  if (ntfs_attr_force_non_resident (na) != 0)
    return FALSE;
  if (na->allocated_size != 0)
    {
      errno = EIO;
      return FALSE;
    }
  for (guint i = 0; i < stretches->len; i++)
    {
      const Stretch *stretch = &g_array_index (stretches, Stretch, i);

      if (ntfs_bitmap_set_run (vol->lcnbmp_na, stretch->lcn, stretch->length) != 0)
        return FALSE;
      vol->free_clusters -= stretch->length;
      n_clusters += stretch->length;
    }
  free (na->rl);
  na->rl = make_runlist (stretches);
  na->allocated_size = n_clusters << vol->cluster_size_bits;
  na->data_size = na->initialized_size = size;
  if (ntfs_attr_update_mapping_pairs (na, 0) != 0 || !set_sizes (na))
    return FALSE;
  na->ni->allocated_size = na->allocated_size;
  na->ni->data_size = na->data_size;
  NInoFileNameSetDirty (na->ni);
  NInoSetDirty (na->ni);
  return TRUE;
}

static gboolean
reserve (ntfs_volume *vol, const char *path, GArray *stretches, guint64 size, GError **error)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  ntfs_inode *ni;
  ntfs_attr *na;
  gboolean ok;

  if (!valise_ntfs_edit_create (vol, path, nothing, error))
    return FALSE;
  ni = valise_ntfs_path_open (vol, path, error);
  if (ni == NULL)
    return FALSE;
  na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
  ok = na != NULL && give_clusters (na, stretches, size);
  if (!ok)
    valise_ntfs_error (error, path, errno);
  if (na != NULL)
    ntfs_attr_close (na);
  if (ntfs_inode_close (ni) != 0 && ok)
    ok = valise_ntfs_error (error, path, errno);
  return ok;
}

/* The places in bytes. */
static ValiseExtentMap *
make_map (ntfs_volume *vol, GArray *stretches)
{
  ValiseExtentMap *map = valise_extent_map_new ();

  for (guint i = 0; i < stretches->len; i++)
    {
      const Stretch *stretch = &g_array_index (stretches, Stretch, i);

      valise_extent_map_add (map, (guint64) stretch->lcn << vol->cluster_size_bits,
                             (guint64) stretch->length << vol->cluster_size_bits);
    }
  return map;
}

/**
 * valise_ntfs_reserve_file:
 * @volume_path: (type filename): a file with an NTFS volume, whose size is a multiple of @alignment
 * @path: the new file's path on that volume, with backslashes; its folder exists
 * @size: the new file's size in bytes; not 0
 * @alignment: where its runs begin, in bytes from the start of the volume; a multiple of the
 *   clusters' size
 * @error: where to put an error
 *
 * Makes a file that has its clusters, but none of its bytes: they are whatever lies there. Blocks.
 * Only in the thread that uses libntfs-3g.
 *
 * Returns: (transfer full) (nullable): where the file lies, in bytes from the start of the volume;
 *   whole clusters, so that it may be a little longer than the file
 */
ValiseExtentMap *
valise_ntfs_reserve_file (const char *volume_path,
                          const char *path,
                          guint64 size,
                          guint64 alignment,
                          GError **error)
{
  g_autoptr (ValiseExtentMap) map = NULL;
  g_autoptr (GArray) stretches = NULL;
  ntfs_volume *vol = open_volume (volume_path, 0, error);
  gboolean ok;

  if (vol == NULL)
    return NULL;
  if (ntfs_open_secure (vol) != 0)
    {
      valise_ntfs_error (error, volume_path, errno);
      ntfs_umount (vol, FALSE);
      return NULL;
    }
  stretches = choose_stretches (vol, (size + vol->cluster_size - 1) >> vol->cluster_size_bits,
                                alignment >> vol->cluster_size_bits);
  ok = stretches != NULL;
  if (ok)
    {
      map = make_map (vol, stretches);
      ok = reserve (vol, path, stretches, size, error);
    }
  else
    {
      valise_ntfs_error (error, path, errno);
    }
  ntfs_close_secure (vol);
  if (ntfs_umount (vol, FALSE) != 0 && ok)
    ok = valise_ntfs_error (error, volume_path, errno);
  return ok ? g_steal_pointer (&map) : NULL;
}
