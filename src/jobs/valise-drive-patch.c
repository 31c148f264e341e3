/* valise-drive-patch.c: a few bytes of a written drive, made its own.
 *
 * The drives of a batch get one stream. What differs on them is changed afterwards, in whole blocks
 * that are read, compared with their digests, and written with new ones: what was wrong already is
 * not made right by this.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-patch.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/valise-buffer.h"
#include "core/valise-error.h"
#include "core/valise-units.h"

static gboolean
patch_block (ValiseTarget *target,
             ValiseDigestMap *digests,
             guint64 block,
             gsize skip,
             gconstpointer data,
             gsize size,
             ValiseBuffer *buffer,
             GError **error)
{
  const guint64 offset = block * VALISE_BLOCK_SIZE;
  const gsize length = valise_digest_map_get_block_length (digests, block);

  if (!valise_target_read_full (target, offset, buffer->data, length, error))
    return FALSE;
  if (!valise_digest_map_check (digests, block, buffer->data))
    {
      /* Translators: a place on the drive, in bytes. */
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH,
                   _("The drive gives back other data than was written to it, at byte "
                     "%" PRIu64 ". It is faulty, or smaller than it claims to be. Do "
                     "not use it."),
                   offset);
      return FALSE;
    }
  memcpy (buffer->data + skip, data, size);
  if (!valise_target_write_full (target, offset, buffer->data, length, error))
    return FALSE;
  valise_digest_map_record (digests, block, buffer->data);
  return TRUE;
}

/**
 * valise_drive_patch:
 * @target: a drive
 * @digests: what is on it; gets the digests of what is changed
 * @offset: the first byte to change
 * @data: what shall be there
 * @size: how many bytes
 * @error: where to put an error
 *
 * Only where something was written before. Blocks; the thread that works on the drive.
 *
 * Returns: whether the drive took it
 */
gboolean
valise_drive_patch (ValiseTarget *target,
                    ValiseDigestMap *digests,
                    guint64 offset,
                    gconstpointer data,
                    gsize size,
                    GError **error)
{
  g_autoptr (ValiseBuffer) buffer = valise_buffer_new (VALISE_BLOCK_SIZE);
  const guint8 *at = data;

  while (size > 0)
    {
      const gsize skip = offset % VALISE_BLOCK_SIZE;
      const gsize piece = MIN (size, VALISE_BLOCK_SIZE - skip);

      if (!patch_block (target, digests, offset / VALISE_BLOCK_SIZE, skip, at, piece, buffer,
                        error))
        return FALSE;
      offset += piece;
      at += piece;
      size -= piece;
    }
  return TRUE;
}
