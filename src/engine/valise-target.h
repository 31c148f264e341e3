/* valise-target.h: what a job writes to: a whole drive or a regular file, by descriptor.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <sys/uio.h>

#include "core/valise-units.h"
#include "volume/valise-backing.h"

G_BEGIN_DECLS

/**
 * ValiseTargetOps:
 * @write: as pwritev(): may write less than asked for; -1 and errno when it fails
 * @read: as pread(): likewise; 0 at the end
 * @flush: as fdatasync(); 0, or -1 and errno
 * @discard: (nullable): says that these bytes are not needed; 0, or -1 and errno
 * @drop_caches: (nullable): sees to it that the next read comes from the medium, if it can
 * @is_gone: (nullable): whether the medium was pulled out; asked after an error, may take a second
 * @rescan: (nullable): has the system look at the partition table again, if it can
 * @close: closes and frees the medium
 *
 * What a target does with its medium. @write, @read, @flush and @is_gone are called by several
 * threads at the same time.
 */
typedef struct
{
  gssize (*write) (gpointer medium, const struct iovec *parts, guint n_parts, guint64 offset);
  gssize (*read) (gpointer medium, gpointer data, gsize size, guint64 offset);
  int (*flush) (gpointer medium);
  int (*discard) (gpointer medium, guint64 offset, guint64 size);
  void (*drop_caches) (gpointer medium);
  gboolean (*is_gone) (gpointer medium);
  void (*rescan) (gpointer medium);
  void (*close) (gpointer medium);
} ValiseTargetOps;

/**
 * VALISE_TARGET_MAX_PIECE:
 *
 * The most that is written or read at once, in bytes.
 */
#define VALISE_TARGET_MAX_PIECE (4 * VALISE_MIB)

/**
 * ValiseTargetCounts:
 * @bytes_written: bytes of writes that have returned, those of blanking and committing included
 * @bytes_read: bytes of reads that have returned
 * @write_time: how long those writes took together, in µs
 */
typedef struct
{
  guint64 bytes_written;
  guint64 bytes_read;
  gint64 write_time;
} ValiseTargetCounts;

/**
 * ValiseTarget:
 *
 * An open drive or file, held exclusively as long as the object lives. Any thread may read, write
 * and ask.
 */
typedef struct _ValiseTarget ValiseTarget;

ValiseTarget *valise_target_open (const char *path, GError **error);
ValiseTarget *valise_target_open_for_reading (const char *path, GError **error);
ValiseTarget *valise_target_open_new (const char *path, guint64 size, GError **error);
ValiseTarget *valise_target_new_for_fd (int fd, const char *name, GError **error);
ValiseTarget *valise_target_new_for_fd_for_reading (int fd, const char *name, GError **error);
ValiseTarget *valise_target_new_with_ops (const ValiseTargetOps *ops,
                                          gpointer medium,
                                          const char *name,
                                          guint64 size,
                                          gboolean is_block_device);
void valise_target_close (ValiseTarget *self);
ValiseTarget *valise_target_hold (ValiseTarget *self);
void valise_target_let_go (ValiseTarget *self);
void valise_target_free (ValiseTarget *self);

const char *valise_target_get_name (ValiseTarget *self);
guint64 valise_target_get_size (ValiseTarget *self);
guint valise_target_get_sector_size (ValiseTarget *self);
void valise_target_set_sector_size (ValiseTarget *self, guint sector_size);
gboolean valise_target_is_block_device (ValiseTarget *self);
void valise_target_get_counts (ValiseTarget *self, ValiseTargetCounts *counts);
gsize valise_target_get_write_piece (ValiseTarget *self);
gsize valise_target_get_read_piece (ValiseTarget *self);

gboolean valise_target_write (ValiseTarget *self,
                              guint64 offset,
                              const ValiseWritePart *parts,
                              guint n_parts,
                              GError **error);
gboolean valise_target_write_full (
    ValiseTarget *self, guint64 offset, gconstpointer data, gsize size, GError **error);
gboolean valise_target_read_full (
    ValiseTarget *self, guint64 offset, gpointer data, gsize size, GError **error);
gboolean valise_target_flush (ValiseTarget *self, GError **error);
void valise_target_discard (ValiseTarget *self, guint64 offset, guint64 size);
void valise_target_drop_caches (ValiseTarget *self);
void valise_target_rescan (ValiseTarget *self);
void valise_target_set_stalled (ValiseTarget *self, guint seconds, GError **error);
void valise_target_set_crawling (ValiseTarget *self, guint64 rate, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseTarget, valise_target_free)

G_END_DECLS
