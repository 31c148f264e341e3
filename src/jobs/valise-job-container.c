/* valise-job-container.c: the virtual disk that Windows is put into.
 *
 * The drive's NTFS volume then holds one large file, a VHD or VHDX of fixed size. Before a drive is
 * touched, that volume is staged with the file in it: the file's clusters are chosen, its bytes are
 * not there. So it is known where on the drive each byte of the virtual disk belongs, and what is
 * in it goes there in the same stream as everything else: its partition table, an empty NTFS
 * volume, and into that the image. What the image does not fill is not written at all.
 *
 * Windows keeps its page file beside the virtual disk (Microsoft, “Deploy Windows with a VHDX
 * (Native Boot)”): room for that is left.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-job-container.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "volume/valise-extents.h"
#include "volume/valise-mbr.h"
#include "volume/valise-ntfs-reserve.h"

/* Where the file's runs begin, counted from the start of the volume, which is aligned so too. */
#define ALIGNMENT VALISE_MIB

/* What the drive's own volume has besides the file: its log (at most 64 MiB), room behind $MFT (64
 * MiB), and the ends of two stretches; and a bit for each cluster. */
#define OUTER_BYTES (160 * VALISE_MIB)
#define OUTER_SHARE 16384

/* Left for the page file where nobody chose a size: Windows lets it grow to an eighth of the volume
 * at most, and rarely to more than this. */
#define LEFT_SHARE 8
#define LEFT_MAX (16 * VALISE_GIB)

/* The smallest virtual disk that has room for Windows. */
static guint64
get_min_size (ValiseTableKind table, guint64 os_size)
{
  return VALISE_ROUND_UP (valise_layout_min_container_size (table, os_size),
                          VALISE_CONTAINER_GRANULE);
}

/* An MBR cannot describe as much as a VHDX may have. */
static guint64
get_max_size (ValiseContainerKind kind, ValiseTableKind table)
{
  guint64 size = valise_container_kind_get_max_size (kind);

  if (table == VALISE_TABLE_MBR)
    size = MIN (size, VALISE_LAYOUT_MBR_MAX_SIZE);
  return VALISE_ROUND_DOWN (size, VALISE_CONTAINER_GRANULE);
}

/**
 * valise_job_container_get_needed:
 * @kind: which format; not %VALISE_CONTAINER_NONE
 * @size: the virtual disk's size in bytes that was chosen; 0 if none was
 * @table: its partition table
 * @os_size: bytes that the volume of Windows must have at least
 *
 * Any thread.
 *
 * Returns: bytes that the drive's NTFS volume must have at least
 */
guint64
valise_job_container_get_needed (ValiseContainerKind kind,
                                 guint64 size,
                                 ValiseTableKind table,
                                 guint64 os_size)
{
  ValiseContainer container;
  guint64 min = get_min_size (table, os_size);

  size = VALISE_ROUND_UP (MAX (size, min), VALISE_CONTAINER_GRANULE);
  if (size > valise_container_kind_get_max_size (kind))
    return G_MAXUINT64;
  valise_container_init (&container, kind, size);
  return container.file_size + OUTER_BYTES + container.file_size / OUTER_SHARE;
}

static gboolean
check_size (guint64 size, guint64 min, guint64 max, guint64 room, GError **error)
{
  g_autofree char *has = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *least = g_format_size_full (min, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *most = g_format_size_full (MIN (room, max), G_FORMAT_SIZE_IEC_UNITS);

  if (size < min)
    /* Translators: both are sizes with their unit, such as “20.0 GiB”. */
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("A virtual disk of %s is too small for this Windows: choose at least %s."), has,
                 least);
  else if (size > max)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 /* Translators: both are sizes with their unit, such as “20.0 GiB”. */
                 _("A virtual disk of %s is more than this format and this layout can have: "
                   "choose at most %s."),
                 has, most);
  else if (size > room)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
                 /* Translators: both are sizes with their unit, such as “20.0 GiB”. */
                 _("A virtual disk of %s does not fit on the smallest drive: at most %s do. "
                   "Choose a smaller one, or use a larger drive."),
                 has, most);
  else
    return TRUE;
  return FALSE;
}

/* As large as was chosen; else as large as there is room, but for the page file's. */
static gboolean
choose_size (ValiseJobContainer *self,
             ValiseContainerKind kind,
             guint64 size,
             ValiseTableKind table,
             guint64 os_size,
             guint64 room,
             GError **error)
{
  const guint64 min = get_min_size (table, os_size);
  const guint64 max = get_max_size (kind, table);
  const guint64 largest = valise_container_fit (kind, room);

  if (size == 0)
    size = MAX (min, MIN (max, valise_container_fit (
                                   kind, room - MIN (room / LEFT_SHARE, LEFT_MAX))));
  if (!check_size (size, min, max, largest, error))
    return FALSE;
  size = VALISE_ROUND_UP (size, VALISE_CONTAINER_GRANULE);
  valise_container_init (&self->file, kind, MIN (size, MIN (largest, max)));
  self->left = room - MIN (room, self->file.file_size);
  return TRUE;
}

/* Nothing starts from the virtual disk's own MBR. */
static ValiseStagedTable *
make_mbr (const ValiseLayout *layout, GError **error)
{
  g_autoptr (GBytes) sector = g_bytes_new_take (g_malloc0 (layout->sector_size),
                                                layout->sector_size);
  g_autoptr (GBytes) rest = g_bytes_new_static ("", 1);
  const ValiseBootCode code = { sector, rest };

  return valise_staging_make_mbr (layout, &code, error);
}

static gboolean
stage_disk (ValiseJobContainer *self,
            ValiseScratch *scratch,
            ValiseTableKind table,
            GError **error)
{
  const ValisePartition *os;

  valise_layout_init_container (&self->layout, table, self->file.disk_size);
  self->table = table == VALISE_TABLE_MBR
                    ? make_mbr (&self->layout, error)
                    : valise_staging_make_table (scratch, "container-table.img", &self->layout,
                                                 error);
  if (self->table == NULL)
    return FALSE;
  os = valise_job_container_get_partition (self);
  self->partition_map
      = valise_extent_map_slice (self->map, self->file.data_offset + os->offset, os->size, 0);
  self->ntfs_path = valise_staging_make_ntfs (scratch, "container.img", os, NULL,
                                              &self->ntfs_serial, error);
  return self->ntfs_path != NULL;
}

/**
 * valise_job_container_stage:
 * @scratch: where to make files
 * @outer_path: (type filename): the drive's NTFS volume, staged and empty; gets the file
 * @kind: which format; not %VALISE_CONTAINER_NONE
 * @size: the virtual disk's size in bytes that was chosen; 0 for what is sensible
 * @table: its partition table
 * @os_size: bytes that the volume of Windows must have at least
 * @error: where to put an error
 *
 * Blocks. Only in the job's thread.
 *
 * Returns: (transfer full) (nullable): a virtual disk with all that is not from the image
 */
ValiseJobContainer *
valise_job_container_stage (ValiseScratch *scratch,
                            const char *outer_path,
                            ValiseContainerKind kind,
                            guint64 size,
                            ValiseTableKind table,
                            guint64 os_size,
                            GError **error)
{
  g_autoptr (ValiseJobContainer) self = g_new0 (ValiseJobContainer, 1);
  guint64 room = valise_ntfs_reserve_get_room (outer_path, ALIGNMENT, error);

  if (room == 0 || !choose_size (self, kind, size, table, os_size, room, error))
    return NULL;
  self->map = valise_ntfs_reserve_file (outer_path, valise_container_kind_get_path (kind),
                                        self->file.file_size, ALIGNMENT, error);
  if (self->map == NULL || !stage_disk (self, scratch, table, error))
    return NULL;
  g_debug ("virtual disk of %" G_GUINT64_FORMAT " bytes in %u runs", self->file.disk_size,
           valise_extent_map_get_n_runs (self->map));
  return g_steal_pointer (&self);
}

/**
 * valise_job_container_free:
 * @self: (transfer full): a virtual disk
 */
void
valise_job_container_free (ValiseJobContainer *self)
{
  g_clear_pointer (&self->table, valise_staged_table_free);
  g_clear_pointer (&self->map, valise_extent_map_free);
  g_clear_pointer (&self->partition_map, valise_extent_map_free);
  g_free (self->ntfs_path);
  g_free (self);
}

/**
 * valise_job_container_get_partition:
 * @self: a virtual disk
 *
 * Returns: (transfer none): the partition of Windows in it
 */
const ValisePartition *
valise_job_container_get_partition (const ValiseJobContainer *self)
{
  return valise_layout_find (&self->layout, VALISE_PARTITION_OS);
}

typedef struct
{
  const ValiseExtentMap *map;
  ValiseVolumeCache *cache;
  guint64 start;
  GCancellable *cancellable;
} Feed;

/* Writes bytes of what the map maps. */
static gboolean
feed (guint64 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  const Feed *to = user_data;

  while (size > 0)
    {
      guint64 run;
      guint64 place = valise_extent_map_find (to->map, offset, &run);
      gsize piece = MIN (size, run);

      if (g_cancellable_set_error_if_cancelled (to->cancellable, error)
          || !valise_volume_cache_write (to->cache, to->start + place, data, piece, error))
        return FALSE;
      offset += piece;
      data += piece;
      size -= piece;
    }
  return TRUE;
}

static gboolean
feed_bytes (guint64 offset, GBytes *bytes, Feed *to, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return feed (offset, data, size, to, error);
}

/**
 * valise_job_container_feed:
 * @self: a virtual disk
 * @cache: gets what the disk has before there is Windows on it
 * @start: where in @cache the drive's NTFS volume begins, in bytes
 * @cancellable: (nullable): a cancellable
 * @error: where to put an error
 *
 * The format's own structures, the partition table, and the empty volume. Blocks.
 *
 * Returns: whether all went into the cache
 */
gboolean
valise_job_container_feed (const ValiseJobContainer *self,
                           ValiseVolumeCache *cache,
                           guint64 start,
                           GCancellable *cancellable,
                           GError **error)
{
  const guint64 disk = self->file.data_offset;
  g_autoptr (GArray) pieces
      = valise_container_make_pieces (&self->file, g_get_real_time () / G_USEC_PER_SEC);
  g_autoptr (GArray) extents = valise_extents_of_ntfs (self->ntfs_path, error);
  Feed to = { self->map, cache, start, cancellable };

  if (extents == NULL)
    return FALSE;
  for (guint i = 0; i < pieces->len; i++)
    {
      const ValiseContainerPiece *piece = &g_array_index (pieces, ValiseContainerPiece, i);

      if (!feed_bytes (piece->offset, piece->bytes, &to, error))
        return FALSE;
    }
  if (!feed_bytes (disk, self->table->primary, &to, error)
      || (self->table->backup != NULL
          && !feed_bytes (disk + self->table->backup_offset, self->table->backup, &to, error)))
    return FALSE;
  to.map = self->partition_map;
  return valise_extents_foreach (self->ntfs_path, extents, feed, &to, error);
}

/**
 * valise_job_container_make_device:
 * @self: a virtual disk
 * @cache: holds the drive's bytes; must outlive the device
 * @start: where in @cache the drive's NTFS volume begins, in bytes
 *
 * Returns: (transfer full): the volume of Windows in the disk
 */
ValiseNtfsDevice *
valise_job_container_make_device (const ValiseJobContainer *self,
                                  ValiseVolumeCache *cache,
                                  guint64 start)
{
  const ValisePartition *os = valise_job_container_get_partition (self);

  return valise_ntfs_device_new_mapped (
      cache, valise_extent_map_slice (self->partition_map, 0, os->size, start), os->offset);
}
