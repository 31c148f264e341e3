/* valise-commit.c: the first and the last thing a job does to a drive: blank it, give it its table.
 *
 * A drive is blank until it is finished. The table is written last, and of it the first 4096 bytes
 * (the protective MBR, the header and the first entries) in one write at the very end: before it
 * there is no MBR, so no firmware, kernel or library takes the drive for partitioned, whatever else
 * of the table is there already.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-commit.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

/* Partition tables, and file systems on the whole drive. */
#define WIPE_AT_ENDS VALISE_MIB

/* Around where a partition begins or ends: a backup boot sector in front; a boot sector, FAT's
 * backup of it in sector 6, the start of NTFS's file table, and others' superblocks behind. */
#define WIPE_BEFORE (64 * VALISE_KIB)
#define WIPE_BEHIND (256 * VALISE_KIB)

/* What is enough where nothing else comes after it: tables have up to 34 sectors, what others know
 * a whole drive by begins below 128 KiB, and a job's own file systems begin with the first of the
 * above. A job that is stopped shall not take longer. */
#define QUICK_AT_ENDS (128 * VALISE_KIB)
#define QUICK_BEFORE (4 * VALISE_KIB)
#define QUICK_BEHIND (32 * VALISE_KIB)

/* What goes last: the protective MBR. It is one sector, which a drive writes whole or not at all,
 * and without it neither systems nor firmware take the rest for a table. */
static gsize
get_key_size (ValiseTarget *self)
{
  return valise_target_get_sector_size (self);
}

/**
 * valise_layout_list_boundaries:
 * @layout: a drive's partitions
 * @boundaries: (out): where they begin and end, in bytes
 *
 * For valise_target_blank().
 *
 * Returns: how many there are
 */
guint
valise_layout_list_boundaries (const ValiseLayout *layout,
                               guint64 boundaries[VALISE_MAX_BOUNDARIES])
{
  guint n = 0;

  for (guint i = 0; i < layout->n_partitions; i++)
    {
      const ValisePartition *partition = &layout->partitions[i];

      if (n == 0 || boundaries[n - 1] != partition->offset)
        boundaries[n++] = partition->offset;
      boundaries[n++] = partition->offset + partition->size;
    }
  return n;
}

typedef struct
{
  ValiseTarget *target;
  ValiseBuffer *zeros;
  GCancellable *cancellable;
  GError *error; /* the first one */
} Wipe;

/* Writes zeros from @start to @end, as far as the drive reaches, or until that is not wanted. */
static void
wipe (Wipe *self, guint64 start, guint64 end)
{
  end = MIN (end, valise_target_get_size (self->target));
  while (start < end)
    {
      const gsize piece = MIN (valise_target_get_write_piece (self->target), self->zeros->size);
      const gsize n = MIN (end - start, piece);
      g_autoptr (GError) error = NULL;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, &error)
          || !valise_target_write_full (self->target, start, self->zeros->data, n, &error))
        {
          if (self->error == NULL)
            self->error = g_steal_pointer (&error);
          return;
        }
      start += n;
    }
}

static void
wipe_boundaries (Wipe *self, const guint64 *boundaries, guint n, guint64 before, guint64 behind)
{
  for (guint i = 0; i < n; i++)
    {
      const guint64 at = VALISE_ROUND_DOWN (boundaries[i], VALISE_ALIGNMENT);

      if (g_error_matches (self->error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED)
          || g_error_matches (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      wipe (self, at - MIN (at, before), at + behind);
    }
}

/* What matters most goes first, by itself: it shall not fail because of a neighbour. Returns where
 * at the drive's end it has begun. */
static guint64
wipe_ends (Wipe *self)
{
  const guint64 size = valise_target_get_size (self->target);
  const guint64 tail = VALISE_ROUND_DOWN (size - MIN (size, QUICK_AT_ENDS), VALISE_ALIGNMENT);

  wipe (self, 0, get_key_size (self->target));
  wipe (self, get_key_size (self->target), QUICK_AT_ENDS);
  wipe (self, tail, size);
  return tail;
}

static gboolean
end_wipe (Wipe *self, GError **error)
{
  valise_target_flush (self->target, self->error == NULL ? &self->error : NULL);
  valise_buffer_unref (self->zeros);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, self->error);
  return FALSE;
}

/**
 * valise_target_blank:
 * @self: a target
 * @boundaries: (array length=n_boundaries): where the partitions that it shall have, or was
 *   getting, begin and end, in bytes
 * @n_boundaries: how many there are
 * @cancellable: (nullable): stops it, with %G_IO_ERROR_CANCELLED; but not before neither a table
 *   nor its backup is left
 * @error: where to put the first error, of %VALISE_DRIVE_ERROR
 *
 * Makes the drive blank: neither a partition table, nor its backup, nor a file system's beginning
 * is left on it, and it is flushed. Where one place cannot be wiped, the others are all the same.
 * Blocks; any thread, but no other may write to the drive meanwhile.
 *
 * Returns: whether the drive is blank
 */
gboolean
valise_target_blank (ValiseTarget *self,
                     const guint64 *boundaries,
                     guint n_boundaries,
                     GCancellable *cancellable,
                     GError **error)
{
  const guint64 size = valise_target_get_size (self);
  Wipe state = { .target = self, .zeros = valise_buffer_new (WIPE_AT_ENDS) };
  const guint64 tail = wipe_ends (&state);

  state.cancellable = cancellable;
  wipe (&state, QUICK_AT_ENDS, WIPE_AT_ENDS);
  wipe (&state, VALISE_ROUND_DOWN (size - MIN (size, WIPE_AT_ENDS), VALISE_ALIGNMENT), tail);
  wipe_boundaries (&state, boundaries, n_boundaries, WIPE_BEFORE, WIPE_BEHIND);
  return end_wipe (&state, error);
}

/**
 * valise_target_blank_again:
 * @self: a target that valise_target_blank() was called for, with the same boundaries, before
 *   anything else was written
 * @boundaries: (array length=n_boundaries): as for valise_target_blank()
 * @n_boundaries: how many there are
 * @error: as for valise_target_blank()
 *
 * Takes back what was written since, as far as it makes a drive look as if there was something on
 * it. Less than half a megabyte, so that it is done at once on a slow drive, too. Blocks; any
 * thread, but no other may write to the drive meanwhile.
 *
 * Returns: whether the drive is blank
 */
gboolean
valise_target_blank_again (ValiseTarget *self,
                           const guint64 *boundaries,
                           guint n_boundaries,
                           GError **error)
{
  Wipe state = { .target = self, .zeros = valise_buffer_new (QUICK_AT_ENDS) };

  wipe_ends (&state);
  wipe_boundaries (&state, boundaries, n_boundaries, QUICK_BEFORE, QUICK_BEHIND);
  return end_wipe (&state, error);
}

/* Writes bytes, flushes, reads them back from the drive and compares. */
static gboolean
put (ValiseTarget *self, guint64 offset, const guint8 *data, gsize size, GError **error)
{
  g_autoptr (ValiseBuffer) buffer = valise_buffer_new (size);

  if (size == 0)
    return TRUE;
  if (!valise_target_write_full (self, offset, data, size, error)
      || !valise_target_flush (self, error))
    return FALSE;
  valise_target_drop_caches (self);
  if (!valise_target_read_full (self, offset, buffer->data, size, error))
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (buffer->data[i] != data[i])
      {
        g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH,
                     _("“%s” gives back another partition table than was written to it (at byte "
                       "%" PRIu64 "). It is worn out. Use another drive."),
                     valise_target_get_name (self), offset + i);
        return FALSE;
      }
  return TRUE;
}

static gboolean
put_table (ValiseTarget *self,
           const ValiseStagedTable *table,
           GCancellable *cancellable,
           GError **error)
{
  gsize primary_size, backup_size = 0;
  const guint8 *primary = g_bytes_get_data (table->primary, &primary_size);
  const guint8 *backup
      = table->backup != NULL ? g_bytes_get_data (table->backup, &backup_size) : NULL;
  const gsize key_size = MIN (primary_size, get_key_size (self));

  return !g_cancellable_set_error_if_cancelled (cancellable, error)
         && put (self, table->backup_offset, backup, backup_size, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error)
         && put (self, key_size, primary + key_size, primary_size - key_size, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error)
         && put (self, 0, primary, key_size, error);
}

/**
 * valise_target_commit:
 * @self: a target that was blanked and then got all else that it shall hold, flushed and verified
 * @table: its partition table
 * @boundaries: (array length=n_boundaries): as for valise_target_blank()
 * @n_boundaries: how many there are
 * @cancellable: (nullable): stops it, with %G_IO_ERROR_CANCELLED, as long as the drive is not
 *   finished
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Makes the drive a finished one: writes the backup table, then the primary one from its end to its
 * beginning, each flushed, read back and compared. When that does not succeed the drive is made
 * blank again, and the message says whether it is. Blocks; any thread.
 *
 * Returns: whether the drive is finished
 */
gboolean
valise_target_commit (ValiseTarget *self,
                      const ValiseStagedTable *table,
                      const guint64 *boundaries,
                      guint n_boundaries,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (put_table (self, table, cancellable, &cause))
    {
      valise_target_rescan (self);
      return TRUE;
    }

  if (valise_target_blank_again (self, boundaries, n_boundaries, NULL))
    g_set_error (error, cause->domain, cause->code,
                 /* Translators: %s is one or more whole sentences. */
                 _("%s The drive was made blank again."), cause->message);
  else
    g_set_error (error, cause->domain, cause->code,
                 /* Translators: %s is one or more whole sentences. */
                 _("%s The drive could not be made blank again: do not start a computer from it."),
                 cause->message);
  return FALSE;
}
