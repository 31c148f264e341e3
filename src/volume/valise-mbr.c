/* valise-mbr.c: the first MiB of a drive that starts by BIOS: MBR and boot loader.
 *
 * The MBR is 512 bytes and has been the same for forty years: it is put together here. What it
 * says is Windows' own: the disk signature at 0x1b8 (“MBR disk signature” of Microsoft's
 * DRIVE_LAYOUT_INFORMATION_MBR page), four entries at 0x1be, 0x55 0xaa at the end. An entry has the
 * sectors' numbers twice: as cylinder, head and sector, which end at 1023/254/63, and in 32 bits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-mbr.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/random.h>

#include "core/valise-bytes.h"
#include "core/valise-error.h"

#define SIGNATURE_OFFSET 0x1b8
#define ENTRIES_OFFSET 0x1be
#define ENTRY_SIZE 16
#define ACTIVE 0x80

#define HEADS 255
#define SECTORS 63

static void
put_chs (guint8 *at, guint64 sector)
{
  guint64 cylinder = sector / (HEADS * SECTORS);
  guint head = sector / SECTORS % HEADS;

  if (cylinder > 1023)
    {
      memcpy (at, "\xfe\xff\xff", 3);
      return;
    }
  at[0] = head;
  at[1] = (sector % SECTORS + 1) | (cylinder >> 8) << 6;
  at[2] = cylinder & 0xff;
}

static void
put_entry (guint8 *at, const ValisePartition *partition, guint sector_size)
{
  const guint64 first = partition->offset / sector_size;
  const guint64 n = partition->size / sector_size;

  at[0] = partition->kind == VALISE_PARTITION_ESP ? ACTIVE : 0;
  put_chs (at + 1, first);
  at[4] = partition->mbr_type;
  put_chs (at + 5, first + n - 1);
  valise_put_le32 (at + 8, first);
  valise_put_le32 (at + 12, n);
}

/* Windows takes 0 for a disk without a signature, and gives it another: then nothing starts. */
static gboolean
make_signature (guint32 *signature, GError **error)
{
  do
    {
      if (getrandom (signature, sizeof *signature, 0) != sizeof *signature)
        {
          g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                       _ ("The system gives no random numbers: %s."), g_strerror (errno));
          return FALSE;
        }
    }
  while (*signature == 0);
  return TRUE;
}

/**
 * valise_staging_make_mbr:
 * @layout: the drive's partitions, with an MBR
 * @code: what the BIOS starts
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Makes the partition table of one drive, with a random disk signature, and with what the BIOS
 * starts in front of the first partition. It has no backup. Any thread.
 *
 * Returns: (transfer full) (nullable): the table
 */
ValiseStagedTable *
valise_staging_make_mbr (const ValiseLayout *layout, const ValiseBootCode *code, GError **error)
{
  g_autoptr (ValiseStagedTable) self = g_new0 (ValiseStagedTable, 1);
  const gsize size = valise_layout_get_primary_size (layout);
  g_autofree guint8 *data = g_malloc0 (size);
  gsize sector_size, rest_size;
  const guint8 *sector = g_bytes_get_data (code->sector, &sector_size);
  const guint8 *rest = g_bytes_get_data (code->rest, &rest_size);

  g_return_val_if_fail (layout->table == VALISE_TABLE_MBR && layout->n_partitions <= 4, NULL);
  g_return_val_if_fail (sector_size >= SIGNATURE_OFFSET, NULL);
  g_return_val_if_fail (rest_size <= size - layout->sector_size, NULL);

  if (!make_signature (&self->signature, error))
    return NULL;
  memcpy (data, sector, SIGNATURE_OFFSET);
  valise_put_le32 (data + SIGNATURE_OFFSET, self->signature);
  for (guint i = 0; i < layout->n_partitions; i++)
    put_entry (data + ENTRIES_OFFSET + i * ENTRY_SIZE, &layout->partitions[i],
               layout->sector_size);
  data[510] = 0x55;
  data[511] = 0xaa;
  if (rest_size > 0)
    memcpy (data + layout->sector_size, rest, rest_size);

  self->primary = g_bytes_new_take (g_steal_pointer (&data), size);
  self->backup_offset = layout->drive_size;
  return g_steal_pointer (&self);
}
