/* valise-container.c: a virtual disk of fixed size in a file: VHD or VHDX.
 *
 * Where the disk lies in the file, and what the file has besides. Arithmetic only; the formats are
 * in valise-vhd.c and valise-vhdx.c. Both have the disk in one piece, so that a partition in it
 * is one piece of the file too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-container.h"

#include "core/valise-units.h"
#include "valise-vhd.h"

G_STATIC_ASSERT (VALISE_CONTAINER_GRANULE == VALISE_VHDX_BLOCK_SIZE);

static const struct
{
  const char *name;
  const char *path;
  guint64 max_size;
} kinds[] = {
  [VALISE_CONTAINER_NONE] = { "none", NULL, 0 },
  [VALISE_CONTAINER_VHD] = { "vhd", "\\windows.vhd", VALISE_VHD_MAX_SIZE },
  [VALISE_CONTAINER_VHDX] = { "vhdx", "\\windows.vhdx", VALISE_VHDX_MAX_SIZE },
};

/**
 * valise_container_kind_get_name:
 * @kind: a kind
 *
 * Returns: (transfer none): what options and reports call it
 */
const char *
valise_container_kind_get_name (ValiseContainerKind kind)
{
  return kinds[kind].name;
}

/**
 * valise_container_kind_from_name:
 * @name: as an option or a report has it
 * @kind: (out): which it is
 *
 * Returns: whether there is a kind of that name
 */
gboolean
valise_container_kind_from_name (const char *name, ValiseContainerKind *kind)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (name, kinds[i].name) == 0)
      {
        *kind = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * valise_container_kind_get_path:
 * @kind: a kind
 *
 * Windows and its boot manager tell the formats by the ending of the name.
 *
 * Returns: (transfer none) (nullable): the file's path on the drive's NTFS volume, as Windows
 *   writes it, without a drive letter; %NULL for %VALISE_CONTAINER_NONE
 */
const char *
valise_container_kind_get_path (ValiseContainerKind kind)
{
  return kinds[kind].path;
}

/**
 * valise_container_kind_get_max_size:
 * @kind: a kind
 *
 * Returns: the size in bytes that a virtual disk of that kind can have
 */
guint64
valise_container_kind_get_max_size (ValiseContainerKind kind)
{
  return kinds[kind].max_size;
}

/**
 * valise_container_init:
 * @self: (out caller-allocates): the container to fill
 * @kind: which format; not %VALISE_CONTAINER_NONE
 * @disk_size: the virtual disk's size in bytes; a multiple of %VALISE_CONTAINER_GRANULE, not 0 and
 *   not more than valise_container_kind_get_max_size()
 *
 * Any thread.
 */
void
valise_container_init (ValiseContainer *self, ValiseContainerKind kind, guint64 disk_size)
{
  g_return_if_fail (kind != VALISE_CONTAINER_NONE);
  g_return_if_fail (disk_size > 0 && disk_size % VALISE_CONTAINER_GRANULE == 0);
  g_return_if_fail (disk_size <= kinds[kind].max_size);

  self->kind = kind;
  self->disk_size = disk_size;
  self->data_offset = kind == VALISE_CONTAINER_VHDX
                          ? VALISE_VHDX_BAT_OFFSET + valise_vhdx_get_bat_size (disk_size)
                          : 0;
  self->file_size = self->data_offset + disk_size
                    + (kind == VALISE_CONTAINER_VHD ? VALISE_VHD_FOOTER_SIZE : 0);
}

/**
 * valise_container_fit:
 * @kind: which format; not %VALISE_CONTAINER_NONE
 * @file_size: how many bytes the file may have
 *
 * Any thread.
 *
 * Returns: the size in bytes of the largest virtual disk whose file has no more; 0 for none
 */
guint64
valise_container_fit (ValiseContainerKind kind, guint64 file_size)
{
  guint64 size = VALISE_ROUND_DOWN (MIN (file_size, kinds[kind].max_size),
                                    VALISE_CONTAINER_GRANULE);

  for (; size > 0; size -= VALISE_CONTAINER_GRANULE)
    {
      ValiseContainer container;

      valise_container_init (&container, kind, size);
      if (container.file_size <= file_size)
        break;
    }
  return size;
}

static void
add_piece (GArray *pieces, guint64 offset, GBytes *bytes)
{
  ValiseContainerPiece piece = { offset, bytes };

  g_array_append_val (pieces, piece);
}

static void
clear_piece (gpointer data)
{
  ValiseContainerPiece *piece = data;

  g_clear_pointer (&piece->bytes, g_bytes_unref);
}

/**
 * valise_container_make_pieces:
 * @self: a container
 * @time: when it is made, in seconds since 1970
 *
 * What the file has besides the disk, with new random GUIDs. Any thread.
 *
 * Returns: (transfer full) (element-type ValiseContainerPiece): the pieces, ascending
 */
GArray *
valise_container_make_pieces (const ValiseContainer *self, gint64 time)
{
  GArray *pieces = g_array_new (FALSE, FALSE, sizeof (ValiseContainerPiece));
  ValiseGuid id, file_write, data_write;

  g_array_set_clear_func (pieces, clear_piece);
  valise_guid_random (&id);
  if (self->kind == VALISE_CONTAINER_VHD)
    {
      add_piece (pieces, self->disk_size, valise_vhd_make_footer (self->disk_size, time, &id));
      return pieces;
    }

  valise_guid_random (&file_write);
  valise_guid_random (&data_write);
  add_piece (pieces, 0,
             valise_vhdx_make_headers (&file_write, &data_write,
                                       valise_vhdx_get_bat_size (self->disk_size)));
  /* What an empty log holds is not looked at; old data of the drive has no business in it. */
  add_piece (pieces, VALISE_VHDX_LOG_OFFSET,
             g_bytes_new_take (g_malloc0 (VALISE_VHDX_LOG_SIZE), VALISE_VHDX_LOG_SIZE));
  add_piece (pieces, VALISE_VHDX_METADATA_OFFSET,
             valise_vhdx_make_metadata (self->disk_size, &id));
  add_piece (pieces, VALISE_VHDX_BAT_OFFSET,
             valise_vhdx_make_bat (self->disk_size, self->data_offset));
  return pieces;
}
