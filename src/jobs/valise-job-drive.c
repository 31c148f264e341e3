/* valise-job-drive.c: one drive of a write job, and what is its own on it.
 *
 * The drives of a batch share the volume of Windows, which goes to all of them in one stream. Each
 * has its own partition table, EFI partition (with a BCD store that names its partitions), and
 * serial number of the volume. What is its own is written by a thread of the drive's own, before
 * and after that stream.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-job-drive.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-commit.h"
#include "engine/valise-size-check.h"
#include "engine/valise-verifier.h"
#include "valise-damaged-file.h"
#include "valise-drive-patch.h"
#include "volume/valise-extents.h"

/* The EFI partition is written in pieces of at most this many bytes. */
#define PIECE_SIZE VALISE_TARGET_MAX_PIECE

/* And discarded, which cannot be broken off either. */
#define DISCARD_SIZE (4 * VALISE_GIB)

/* How often the rate is measured, in µs. */
#define RATE_INTERVAL (G_USEC_PER_SEC / 2)

/* Whether a drive gets its table is decided once: a drive that the job has given up must not get
 * it later, when it answers again. */
enum
{
  FATE_OPEN,
  FATE_COMMIT,
  FATE_GIVEN_UP,
};

/**
 * valise_job_drive_new:
 * @target: (transfer full): where the bytes go
 * @model: (nullable): the drive's model
 * @serial: (nullable): its serial number
 *
 * Returns: (transfer full): a drive to which nothing has happened
 */
ValiseJobDrive *
valise_job_drive_new (ValiseTarget *target, const char *model, const char *serial)
{
  ValiseJobDrive *self = g_new0 (ValiseJobDrive, 1);

  self->target = target;
  self->model = g_strdup (model);
  self->serial = g_strdup (serial);
  self->cancellable = g_cancellable_new ();
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  return self;
}

/**
 * valise_job_drive_ref:
 * @self: a drive
 *
 * For a thread that may be in the middle of a call when the job is over. Any thread.
 *
 * Returns: (transfer full): @self
 */
ValiseJobDrive *
valise_job_drive_ref (ValiseJobDrive *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * valise_job_drive_free:
 * @self: (transfer full): a drive
 *
 * Gives up a reference; the last one frees it. Any thread.
 */
void
valise_job_drive_free (ValiseJobDrive *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->target, valise_target_free);
  g_clear_pointer (&self->table, valise_staged_table_free);
  g_clear_pointer (&self->digests, valise_digest_map_free);
  g_clear_pointer (&self->answers, g_bytes_unref);
  g_clear_pointer (&self->answer_extents, g_array_unref);
  g_clear_pointer (&self->report, valise_report_free);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_free (self->model);
  g_free (self->serial);
  g_free (self->computer_name);
  g_free (self->esp_path);
  g_free (self);
}

/**
 * valise_job_drive_get_state:
 * @self: a drive
 * @state: (out caller-allocates): how far it is
 *
 * Any thread.
 */
void
valise_job_drive_get_state (ValiseJobDrive *self, ValiseDriveState *state)
{
  ValiseTargetCounts counts;
  gint64 now = g_get_monotonic_time ();
  guint64 moved;

  valise_target_get_counts (self->target, &counts);
  moved = counts.bytes_written + counts.bytes_read;
  g_mutex_lock (&self->lock);
  if (self->rate_time == 0)
    {
      self->rate_time = now;
      self->rate_bytes = moved;
    }
  else if (now - self->rate_time >= RATE_INTERVAL)
    {
      double rate = (moved - self->rate_bytes) * (double) G_USEC_PER_SEC / (now - self->rate_time);

      self->rate = self->rate > 0 ? 0.6 * self->rate + 0.4 * rate : rate;
      self->rate_time = now;
      self->rate_bytes = moved;
    }
  state->rate = self->rate;
  state->busy = counts.write_time;
  state->finished = self->finished;
  state->written = counts.bytes_written;
  state->verifying = self->verifying;
  state->waiting = self->flushed;
  state->read = self->verifying ? counts.bytes_read - self->read_before : 0;
  g_mutex_unlock (&self->lock);
}

/**
 * valise_job_drive_take_error:
 * @self: a drive
 * @error: (transfer full) (nullable): why nothing more is done with it
 *
 * The first error is kept. Only whoever works on the drive.
 */
void
valise_job_drive_take_error (ValiseJobDrive *self, GError *error)
{
  g_mutex_lock (&self->lock);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_mutex_unlock (&self->lock);
  g_clear_error (&error);
}

/**
 * valise_job_drive_dup_error:
 * @self: a drive
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): why nothing more is done with it
 */
GError *
valise_job_drive_dup_error (ValiseJobDrive *self)
{
  GError *error;

  g_mutex_lock (&self->lock);
  error = self->error != NULL ? g_error_copy (self->error) : NULL;
  g_mutex_unlock (&self->lock);
  return error;
}

/* ---- before the stream ---- */

/* Marks the blocks that @extents touch, of a file of @size bytes. */
static guint8 *
touched_blocks (GArray *extents, guint64 size)
{
  guint8 *blocks = g_malloc0 (size / VALISE_BLOCK_SIZE);

  for (guint i = 0; i < extents->len; i++)
    {
      const ValiseExtent *extent = &g_array_index (extents, ValiseExtent, i);

      for (guint64 b = extent->offset / VALISE_BLOCK_SIZE;
           b < size / VALISE_BLOCK_SIZE && b * VALISE_BLOCK_SIZE < extent->offset + extent->size;
           b++)
        blocks[b] = 1;
    }
  return blocks;
}

static gboolean
write_blocks (
    ValiseJobDrive *self, guint64 offset, ValiseBuffer *buffer, gsize size, GError **error)
{
  if (!valise_target_write_full (self->target, offset, buffer->data, size, error))
    return FALSE;
  for (gsize at = 0; at < size; at += VALISE_BLOCK_SIZE)
    valise_digest_map_record (self->digests, (offset + at) / VALISE_BLOCK_SIZE, buffer->data + at);
  return TRUE;
}

/* Writes the EFI partition's blocks, as large runs, from the staged file. */
static gboolean
write_esp (ValiseJobDrive *self, GError **error)
{
  const ValisePartition *esp = valise_layout_find (&self->layout, VALISE_PARTITION_ESP);
  guint64 n_blocks = esp->size / VALISE_BLOCK_SIZE;
  g_autoptr (ValiseBuffer) buffer = valise_buffer_new (PIECE_SIZE);
  g_autoptr (GArray) extents = NULL;
  g_autoptr (GMappedFile) file = NULL;
  g_autofree guint8 *touched = NULL;

  extents = valise_extents_of_fat (self->esp_path, error);
  if (extents == NULL)
    return FALSE;
  file = g_mapped_file_new (self->esp_path, FALSE, error);
  if (file == NULL)
    return FALSE;
  g_return_val_if_fail (g_mapped_file_get_length (file) == esp->size, FALSE);

  touched = touched_blocks (extents, esp->size);
  for (guint64 b = 0; b < n_blocks;)
    {
      const gsize piece = valise_target_get_write_piece (self->target);
      guint64 end = b;
      gsize size;

      while (end < n_blocks && touched[end] && (end - b) * VALISE_BLOCK_SIZE < piece)
        end++;
      if (end == b)
        {
          b++;
          continue;
        }
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      size = (end - b) * VALISE_BLOCK_SIZE;
      memcpy (buffer->data, g_mapped_file_get_contents (file) + b * VALISE_BLOCK_SIZE, size);
      if (!write_blocks (self, esp->offset + b * VALISE_BLOCK_SIZE, buffer, size, error))
        return FALSE;
      b = end;
    }
  return TRUE;
}

static gboolean
discard_all (ValiseJobDrive *self, GError **error)
{
  const guint64 size = valise_target_get_size (self->target);

  for (guint64 at = 0; at < size; at += DISCARD_SIZE)
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      valise_target_discard (self->target, at, DISCARD_SIZE);
    }
  return TRUE;
}

/**
 * valise_job_drive_begin:
 * @self: a drive with everything staged
 * @error: where to put an error
 *
 * Blanks the drive, which ends whatever it carried, looks whether it is as large as it claims, and
 * writes its EFI partition. Blocks.
 *
 * Returns: whether the drive is ready for the stream
 */
gboolean
valise_job_drive_begin (ValiseJobDrive *self, GError **error)
{
  guint64 boundaries[VALISE_MAX_BOUNDARIES];
  guint n = valise_layout_list_boundaries (&self->layout, boundaries);
  g_autoptr (GError) cause = NULL;
  gboolean ok;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  self->start = g_get_monotonic_time ();
  self->touched = TRUE;
  self->digests = valise_digest_map_new (self->layout.drive_size);
  ok = valise_target_blank (self->target, boundaries, n, self->cancellable, &cause);
  self->blanked = ok || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (!ok)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  /* A file is as large as it is. */
  if (valise_target_is_block_device (self->target))
    {
      if (!valise_target_check_size (self->target, NULL, error))
        return FALSE;
      self->size_checked = TRUE;
    }
  return discard_all (self, error) && write_esp (self, error);
}

/* ---- behind the stream ---- */

/* Gives the NTFS volume its own serial number, in the boot sector and its copy: two volumes with
 * the same one must not meet in one computer. */
static gboolean
give_serial (ValiseJobDrive *self, GError **error)
{
  const ValisePartition *os = valise_layout_find (&self->layout, VALISE_PARTITION_OS);
  const guint64 sectors[] = { os->offset, os->offset + os->size - os->sector_size };
  const guint64 little = GUINT64_TO_LE (self->ntfs_serial);

  for (guint i = 0; i < G_N_ELEMENTS (sectors); i++)
    if (!valise_drive_patch (self->target, self->digests, sectors[i] + VALISE_NTFS_SERIAL_OFFSET,
                             &little, sizeof little, error))
      return FALSE;
  return TRUE;
}

/* Puts the drive's own answer file in the place of the shared one, which is as long. */
static gboolean
give_answers (ValiseJobDrive *self, GError **error)
{
  const ValisePartition *os = valise_layout_find (&self->layout, VALISE_PARTITION_OS);
  gsize left;
  const guint8 *data = g_bytes_get_data (self->answers, &left);

  for (guint i = 0; i < self->answer_extents->len && left > 0; i++)
    {
      const ValiseExtent *extent = &g_array_index (self->answer_extents, ValiseExtent, i);
      const gsize size = MIN (left, extent->size);

      if (!valise_drive_patch (self->target, self->digests, os->offset + extent->offset, data,
                               size, error))
        return FALSE;
      data += size;
      left -= size;
    }
  return TRUE;
}

/**
 * valise_job_drive_flush:
 * @self: a drive whose volume has been written, with its digests in @self->digests
 * @error: where to put an error
 *
 * Writes what is the drive's own inside the volume, and has everything go to the medium. Blocks.
 *
 * Returns: whether the drive says that it has everything
 */
gboolean
valise_job_drive_flush (ValiseJobDrive *self, GError **error)
{
  ValiseTargetCounts counts;

  if ((self->own_ntfs_serial && !give_serial (self, error))
      || (self->answer_extents != NULL && !give_answers (self, error))
      || !valise_target_flush (self->target, error))
    return FALSE;
  valise_target_get_counts (self->target, &counts);
  self->write.bytes = counts.bytes_written;
  self->write.seconds = (g_get_monotonic_time () - self->start) / (double) G_USEC_PER_SEC;
  g_mutex_lock (&self->lock);
  self->flushed = TRUE;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/* libntfs-3g is for one thread at a time, and this may be one of several drives' threads. */
static GMutex ntfs_lock;

static char *
find_file (ValiseJobDrive *self, const ValisePartition *os, guint64 offset)
{
  char *path;

  g_mutex_lock (&ntfs_lock);
  path = valise_find_damaged_file (self->target, self->digests, os, offset,
                                   self->cancellable);
  g_mutex_unlock (&ntfs_lock);
  return path;
}

/* Says what is at @offset, where the drive gave back something else. */
static void
explain_mismatch (ValiseJobDrive *self, guint64 offset, GError **error)
{
  for (guint i = 0; i < self->layout.n_partitions; i++)
    {
      const ValisePartition *partition = &self->layout.partitions[i];
      g_autofree char *file = NULL;

      if (offset < partition->offset || offset - partition->offset >= partition->size)
        continue;
      if (partition->kind == VALISE_PARTITION_OS)
        file = find_file (self, partition, offset);
      if (file != NULL)
        /* Translators: the text that follows is a whole sentence; %s are a file and a partition. */
        g_prefix_error (error, _("In “%s” (partition %u, %s): "), file, partition->index,
                        partition->name);
      else
        /* Translators: the text that follows is a whole sentence; %s is a partition's name. */
        g_prefix_error (error, _("In partition %u (%s): "), partition->index, partition->name);
      return;
    }
}

/**
 * valise_job_drive_verify:
 * @self: a drive that was flushed
 * @error: where to put an error
 *
 * Reads back from the medium everything that was written, and compares. Blocks.
 *
 * Returns: whether all is as it was written
 */
gboolean
valise_job_drive_verify (ValiseJobDrive *self, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  ValiseTargetCounts counts;
  guint64 offset = 0;

  valise_target_get_counts (self->target, &counts);
  g_mutex_lock (&self->lock);
  self->read_before = counts.bytes_read;
  self->verifying = TRUE;
  self->flushed = FALSE;
  g_mutex_unlock (&self->lock);
  if (!valise_verify_target (self->target, self->digests, NULL, &offset, self->cancellable,
                             error))
    {
      if (error != NULL
          && g_error_matches (*error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH))
        explain_mismatch (self, offset, error);
      return FALSE;
    }
  valise_target_get_counts (self->target, &counts);
  self->verify.bytes = counts.bytes_read - self->read_before;
  self->verify.seconds = (g_get_monotonic_time () - start) / (double) G_USEC_PER_SEC;
  return TRUE;
}

/* Puts the table's blocks into the digests. What lies between the last partition and the backup
 * table is zero: the drive was blanked. */
static void
record_table (ValiseJobDrive *self)
{
  gsize size;
  const guint8 *primary = g_bytes_get_data (self->table->primary, &size);
  guint64 at = self->table->backup_offset;
  const guint8 *backup;
  gsize left;

  for (gsize block = 0; block < size / VALISE_BLOCK_SIZE; block++)
    valise_digest_map_record (self->digests, block, primary + block * VALISE_BLOCK_SIZE);

  if (self->table->backup == NULL)
    return;
  backup = g_bytes_get_data (self->table->backup, &left);
  while (left > 0)
    {
      g_autofree guint8 *bytes = g_malloc0 (VALISE_BLOCK_SIZE);
      guint64 block = at / VALISE_BLOCK_SIZE;
      gsize skip = at % VALISE_BLOCK_SIZE;
      gsize piece = MIN (left, VALISE_BLOCK_SIZE - skip);

      memcpy (bytes + skip, backup, piece);
      valise_digest_map_record (self->digests, block, bytes);
      backup += piece;
      left -= piece;
      at += piece;
    }
}

/**
 * valise_job_drive_commit:
 * @self: a drive that was flushed, and verified if that was asked for
 * @error: where to put an error
 *
 * Writes the partition table, which makes the drive one that starts. Blocks.
 *
 * Returns: whether the drive is finished
 */
gboolean
valise_job_drive_commit (ValiseJobDrive *self, GError **error)
{
  guint64 boundaries[VALISE_MAX_BOUNDARIES];
  guint n = valise_layout_list_boundaries (&self->layout, boundaries);

  if (!g_atomic_int_compare_and_exchange (&self->fate, FATE_OPEN, FATE_COMMIT))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The work was cancelled."));
      return FALSE;
    }
  g_mutex_lock (&self->lock);
  self->flushed = FALSE;
  g_mutex_unlock (&self->lock);
  if (!valise_target_commit (self->target, self->table, boundaries, n, self->cancellable, error))
    return FALSE;
  record_table (self);
  g_mutex_lock (&self->lock);
  self->finished = TRUE;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

/**
 * valise_job_drive_give_up:
 * @self: a drive whose thread does not come back
 *
 * Sees to it that the thread goes on with nothing when it does, and that the drive does not get its
 * table any more. Any thread.
 *
 * Returns: whether that was in time; %FALSE when the drive is just getting its table
 */
gboolean
valise_job_drive_give_up (ValiseJobDrive *self)
{
  if (!g_atomic_int_compare_and_exchange (&self->fate, FATE_OPEN, FATE_GIVEN_UP))
    return FALSE;
  g_cancellable_cancel (self->cancellable);
  return TRUE;
}
