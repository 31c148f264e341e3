/* valise-write-drives.c: the part of a write job in which drives are written.
 *
 * Each drive is blanked and gets its EFI partition; then the volume of Windows goes to all of them
 * in one stream: the image is decompressed once. Each drive is then read back and gets its
 * partition table. A drive that fails is left behind, the others go on. What the drives have in
 * common is in this file, what is one drive's own in valise-job-drive.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-job-private.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-fanout.h"
#include "image/valise-apply.h"
#include "valise-background-hash.h"
#include "valise-write-compact.h"
#include "volume/valise-extents.h"
#include "volume/valise-ntfs-device.h"
#include "volume/valise-ntfs-edit.h"

/* Flushing and discarding move no bytes that could be counted, and take their time: drives are so
 * many times more patient with another one then than while it is written. */
#define STAGE_PATIENCE 5

/* ---- the shared volume ---- */

typedef struct
{
  ValiseVolumeCache *cache;
  guint64 start;
  GCancellable *cancellable;
} Feed;

static gboolean
feed_extent (guint64 offset, const guint8 *data, gsize size, gpointer user_data, GError **error)
{
  Feed *feed = user_data;

  return !g_cancellable_set_error_if_cancelled (feed->cancellable, error)
         && valise_volume_cache_write (feed->cache, feed->start + offset, data, size, error);
}

static gboolean
feed_empty_volume (ValiseWriteJob *self, ValiseVolumeCache *cache, guint64 start, GError **error)
{
  g_autoptr (GArray) extents = valise_extents_of_ntfs (self->ntfs_path, error);
  Feed feed = { cache, start, self->cancellable };

  if (extents != NULL && self->container != NULL)
    {
      g_autoptr (GArray) all = g_steal_pointer (&extents);

      extents = valise_extent_map_subtract (self->container->map, all);
    }
  return extents != NULL
         && valise_extents_foreach (self->ntfs_path, extents, feed_extent, &feed, error)
         && (self->container == NULL
             || valise_job_container_feed (self->container, cache, start, self->cancellable,
                                           error));
}

/* Gives files and folders the compression that they have in the image. What cannot be done is
 * harmless: told, not fatal. */
static void
restore_compression (ValiseWriteJob *self, struct _ntfs_volume *volume)
{
  const GPtrArray *paths = self->check->compressed_paths;

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autoptr (GError) error = NULL;

      if (g_cancellable_is_cancelled (self->cancellable))
        return;
      if (!valise_ntfs_edit_set_compressed (volume, path, TRUE, &error))
        g_ptr_array_add (self->warnings,
                         /* Translators: a file's path, and the reason. */
                         g_strdup_printf (_("“%s” is compressed in the image, but not here: %s"),
                                          path, error->message));
    }
}

static gboolean
customise (ValiseWriteJob *self, ValiseNtfsDevice *device, GError **error)
{
  struct _ntfs_volume *volume = valise_ntfs_device_mount (device, error);
  g_autoptr (GError) cause = NULL;
  gboolean ok;

  if (volume == NULL)
    return FALSE;
  ok = valise_write_job_put_registry (self, volume, &cause);
  if (ok)
    restore_compression (self, volume);
  ok = ok && valise_write_job_put_answers (self, volume, &cause)
       && valise_write_job_put_files (self, volume, &cause)
       && valise_write_job_put_drivers (self, volume, &cause);
  if (ok)
    return valise_ntfs_device_unmount (device, error);
  valise_ntfs_device_unmount (device, NULL);
  /* The library only knows that a write failed; the device knows why. */
  if (valise_ntfs_device_check (device, error))
    g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

/* Brings Windows to an empty volume. */
static gboolean
fill_volume (ValiseWriteJob *self,
             ValiseNtfsDevice *device,
             ValiseWriteCompact *compact,
             GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (compact != NULL)
    valise_compact_attach (valise_write_compact_get (compact), device);
  if (!valise_source_apply (self->source, self->edition, valise_ntfs_device_get_name (device),
                            self->progress, self->cancellable, &cause))
    {
      /* wimlib only knows that a write failed; the device knows why. */
      if (valise_ntfs_device_check (device, error)
          && (compact == NULL || g_cancellable_is_cancelled (self->cancellable)
              || valise_compact_check (valise_write_compact_get (compact), error)))
        g_propagate_error (error, g_steal_pointer (&cause));
      return FALSE;
    }
  g_debug ("dense allocation: %" G_GUINT64_FORMAT " skips taken back, %" G_GUINT64_FORMAT " left",
           valise_ntfs_device_get_n_taken_back (device), valise_ntfs_device_get_n_left (device));
  if (compact != NULL && !valise_write_compact_finish (compact, error))
    return FALSE;
  valise_ntfs_device_set_filter (device, NULL, NULL);
  return customise (self, device, error);
}

/* Puts the volume into the cache, from which it flows to the drives. */
static gboolean
make_volume (ValiseWriteJob *self,
             ValiseVolumeCache *cache,
             const ValisePartition *os,
             GError **error)
{
  g_autoptr (ValiseWriteCompact) compact = NULL;
  g_autoptr (ValiseNtfsDevice) device = NULL;

  valise_progress_begin (self->progress, "apply", self->edition->bytes);
  if (!feed_empty_volume (self, cache, os->offset, error))
    return FALSE;
  if (self->options->compact != VALISE_COMPACT_MODE_OFF)
    {
      compact = valise_write_compact_new (self, error);
      if (compact == NULL)
        return FALSE;
    }
  device = self->container != NULL
               ? valise_job_container_make_device (self->container, cache, os->offset)
               : valise_ntfs_device_new (cache, os->offset, os->size);
  if (!fill_volume (self, device, compact, error))
    {
      if (compact != NULL)
        valise_write_compact_explain (
            compact,
            self->container != NULL ? valise_job_container_get_partition (self->container)->size
                                    : os->size,
            error);
      return FALSE;
    }
  g_mutex_lock (&self->lock);
  self->is_streamed = TRUE;
  g_mutex_unlock (&self->lock);
  valise_progress_begin (self->progress, "flush", 0);
  return valise_volume_cache_flush (cache, error);
}

/* A solid image takes memory of its own, and half a cache is as fast. */
static guint64
get_cache_size (ValiseWriteJob *self)
{
  if (self->options->cache_size != 0)
    return self->options->cache_size;
  return valise_source_is_solid (self->source) ? VALISE_VOLUME_CACHE_DEFAULT_BUDGET / 2
                                               : VALISE_VOLUME_CACHE_DEFAULT_BUDGET;
}

static void
debug_cache (ValiseVolumeCache *cache)
{
  ValiseVolumeCacheStats stats;

  valise_volume_cache_get_stats (cache, &stats);
  g_debug ("cache: %" G_GUINT64_FORMAT " writes, %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT
           " loads, %" G_GUINT64_FORMAT " streamed, %" G_GUINT64_FORMAT " evicted, %"
           G_GUINT64_FORMAT " spilled, %" G_GUINT64_FORMAT " recalled",
           stats.writes, stats.bytes_written, stats.loads, stats.streamed, stats.evicted,
           stats.spilled, stats.recalled);
}

/* The drives that are still in the game, in the order of the fan-out's targets. */
static GPtrArray *
get_alive (ValiseWriteJob *self)
{
  GPtrArray *alive = g_ptr_array_new ();

  for (guint i = 0; i < self->drives->len; i++)
    {
      ValiseJobDrive *drive = g_ptr_array_index (self->drives, i);

      if (drive->error == NULL)
        g_ptr_array_add (alive, drive);
    }
  return alive;
}

/* While the volume is written, only the fan-out knows which drives have failed. */
static void
show_fanout (ValiseWriteJob *self, ValiseFanout *fanout, GPtrArray *drives)
{
  g_mutex_lock (&self->lock);
  self->fanout = fanout;
  self->fanned_out = drives;
  g_mutex_unlock (&self->lock);
}

/* Streams the volume to all drives that are left. */
static gboolean
write_volume (ValiseWriteJob *self, GError **error)
{
  g_autoptr (GPtrArray) alive = get_alive (self);
  ValiseTarget *targets[VALISE_WRITE_JOB_MAX_TARGETS];
  const ValisePartition *os;
  g_autoptr (ValiseFanout) fanout = NULL;
  g_autoptr (ValiseVolumeCache) cache = NULL;
  gboolean ok;

  for (guint i = 0; i < alive->len; i++)
    targets[i] = ((ValiseJobDrive *) alive->pdata[i])->target;
  os = valise_layout_find (&((ValiseJobDrive *) alive->pdata[0])->layout, VALISE_PARTITION_OS);
  fanout = valise_fanout_new (targets, alive->len, VALISE_FANOUT_QUEUE_BYTES, self->cancellable);
  valise_fanout_set_patience (fanout, &self->patience);
  cache = valise_volume_cache_new (VALISE_BACKING (fanout), get_cache_size (self));
  valise_volume_cache_set_folder (cache, valise_scratch_get_path (self->scratch));
  show_fanout (self, fanout, alive);
  ok = make_volume (self, cache, os, error);
  debug_cache (cache);

  for (guint i = 0; i < alive->len; i++)
    {
      ValiseJobDrive *drive = alive->pdata[i];

      valise_fanout_get_curve (fanout, i, &drive->curve);
      valise_job_drive_take_error (drive, valise_fanout_dup_error (fanout, i));
      if (drive->error == NULL && ok)
        valise_digest_map_merge (drive->digests, valise_volume_cache_get_digests (cache));
    }
  show_fanout (self, NULL, NULL);
  valise_job_drives_set_stage (self->drives, "apply");
  return ok;
}

/* ---- each drive ---- */

static gboolean
begin_drive (ValiseJobDrive *drive, gpointer data, GError **error)
{
  return valise_job_drive_begin (drive, error);
}

static gboolean
flush_drive (ValiseJobDrive *drive, gpointer data, GError **error)
{
  return valise_job_drive_flush (drive, error);
}

/* A drive that is verified gets its table at once: it need not wait for slower ones. */
static gboolean
finish_drive (ValiseJobDrive *drive, gpointer data, GError **error)
{
  const ValiseWriteJob *self = data;
  const gboolean verify = self->options->verify;

  return (!verify || valise_job_drive_verify (drive, error))
         && valise_job_drive_commit (drive, error);
}

/* The job is as far as the drive that has read back the least. */
static void
tick_verify (gpointer data)
{
  ValiseWriteJob *self = data;
  guint64 done = G_MAXUINT64;

  for (guint i = 0; i < self->drives->len; i++)
    {
      ValiseJobDrive *drive = self->drives->pdata[i];
      ValiseDriveState state;

      valise_job_drive_get_state (drive, &state);
      if (state.verifying && drive->error == NULL)
        done = MIN (done, state.read);
    }
  if (done != G_MAXUINT64)
    valise_progress_set_done (self->progress, done);
}

/* How much the drive that has the most will read back. */
static guint64
bytes_to_verify (ValiseWriteJob *self)
{
  guint64 bytes = 0;

  for (guint i = 0; i < self->drives->len; i++)
    {
      const ValiseJobDrive *drive = self->drives->pdata[i];

      if (drive->error == NULL)
        bytes = MAX (bytes, valise_digest_map_get_written_bytes (drive->digests));
    }
  return bytes;
}

/* After each stage: whether anybody is left to go on with. */
static gboolean
run_stage (ValiseWriteJob *self, ValiseJobDriveFunc func, void (*tick) (gpointer), GError **error)
{
  ValiseProgressState state;

  valise_job_drives_run (self->drives, func, tick, self,
                         self->patience.stall * STAGE_PATIENCE);
  valise_progress_get_state (self->progress, &state);
  valise_job_drives_set_stage (self->drives, state.step);
  if (valise_job_drives_count_alive (self->drives) > 0)
    return TRUE;
  g_propagate_error (error, valise_job_drives_dup_error (self->drives));
  return FALSE;
}

static gboolean
finish (ValiseWriteJob *self, GError **error)
{
  valise_progress_begin (self->progress, "flush", 0);
  if (!run_stage (self, flush_drive, NULL, error))
    return FALSE;
  if (self->options->verify)
    valise_progress_begin (self->progress, "verify", bytes_to_verify (self));
  else
    valise_progress_begin (self->progress, "commit", 0);
  return run_stage (self, finish_drive, tick_verify, error);
}

/**
 * valise_write_job_write:
 * @self: a job that was prepared
 * @error: where to put an error
 *
 * Writes, verifies and finishes the drives. Those that fail on the way have their error; @error is
 * set when one has. Only in the job's thread; blocks.
 *
 * Returns: whether all drives are finished
 */
gboolean
valise_write_job_write (ValiseWriteJob *self, GError **error)
{
  g_autoptr (ValiseBackgroundHash) hash = NULL;
  gboolean ok;

  valise_progress_begin (self->progress, "blank", 0);
  if (!run_stage (self, begin_drive, NULL, error))
    return FALSE;
  if (self->sha256 == NULL)
    hash = valise_background_hash_start (self->source);
  ok = write_volume (self, error);
  if (ok)
    valise_write_job_give_answers (self);
  ok = ok && finish (self, error);
  if (!ok)
    return FALSE;

  /* Reading back takes longer than the digest of the source; nobody waits for it otherwise. */
  if (hash != NULL)
    self->sha256
        = valise_background_hash_finish (g_steal_pointer (&hash), self->options->verify);
  for (guint i = 0; i < self->drives->len; i++)
    {
      ValiseJobDrive *drive = self->drives->pdata[i];

      if (drive->finished)
        drive->report = valise_write_job_make_report (self, drive, self->sha256);
    }
  if (valise_job_drives_count_alive (self->drives) == self->drives->len)
    return TRUE;
  g_propagate_error (error, valise_job_drives_dup_error (self->drives));
  return FALSE;
}
