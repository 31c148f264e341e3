/* valise-compact.h: compresses the files that wimlib writes to a volume, as Windows would.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-compact-rules.h"
#include "valise-wof.h"
#include "volume/valise-ntfs-device.h"

G_BEGIN_DECLS

/**
 * VALISE_COMPACT_MAX_FILE:
 *
 * The largest file that is compressed, in bytes.
 */
#define VALISE_COMPACT_MAX_FILE G_GUINT64_CONSTANT (4200000000)

/**
 * VALISE_COMPACT_MAX_SMALL:
 *
 * Files up to this, in bytes, are judged as a whole: whether compression saves a cluster.
 */
#define VALISE_COMPACT_MAX_SMALL (8 * 1024 * 1024)

/**
 * VALISE_COMPACT_TRIAL_SIZE:
 *
 * A larger file is judged by so many of its first bytes.
 */
#define VALISE_COMPACT_TRIAL_SIZE (1024 * 1024)

/**
 * VALISE_COMPACT_TRIAL_UNIT:
 *
 * Of these, so many bytes must be saved: a little more than one cluster.
 */
#define VALISE_COMPACT_TRIAL_UNIT (VALISE_COMPACT_TRIAL_SIZE / 32)

/**
 * VALISE_COMPACT_PLAIN_ATTRIBUTES:
 *
 * Attributes of Windows: sparse, reparse point, compressed, encrypted, directory. What has one of
 * them stays plain.
 */
#define VALISE_COMPACT_PLAIN_ATTRIBUTES (0x200 | 0x400 | 0x800 | 0x4000 | 0x10)

/**
 * ValiseCompactStats:
 * @n_files: files that were compressed, by algorithm
 * @bytes: their sizes in bytes, by algorithm
 * @packed_bytes: what they take, in bytes, by algorithm
 * @n_plain: files that stayed as they are, although they could have been compressed
 * @plain_bytes: their sizes in bytes
 * @time: how long the threads compressed, in µs of processor time, by algorithm
 *
 * What was done.
 */
typedef struct
{
  guint64 n_files[VALISE_WOF_N_ALGORITHMS];
  guint64 bytes[VALISE_WOF_N_ALGORITHMS];
  guint64 packed_bytes[VALISE_WOF_N_ALGORITHMS];
  gint64 time[VALISE_WOF_N_ALGORITHMS];
  guint64 n_plain;
  guint64 plain_bytes;
} ValiseCompactStats;

/**
 * ValiseCompactChoose:
 * @stats: what was done so far
 * @size: of the next file, in bytes
 * @algorithm: (out): what to compress the next file with
 * @data: user data
 *
 * Called in the volume's thread before each file.
 *
 * Returns: whether to compress it
 */
typedef gboolean (*ValiseCompactChoose) (const ValiseCompactStats *stats,
                                         guint64 size,
                                         ValiseWofAlgorithm *algorithm,
                                         gpointer data);

/**
 * ValiseCompact:
 *
 * See valise-compact.c.
 */
typedef struct _ValiseCompact ValiseCompact;

ValiseCompact *valise_compact_new (ValiseCompactRules *rules,
                                   ValiseCompactChoose choose,
                                   gpointer data,
                                   guint n_threads,
                                   GCancellable *cancellable);
void valise_compact_free (ValiseCompact *self);
void valise_compact_attach (ValiseCompact *self, ValiseNtfsDevice *device);
gboolean valise_compact_check (ValiseCompact *self, GError **error);
void valise_compact_get_stats (ValiseCompact *self, ValiseCompactStats *stats);

gboolean valise_compact_choose_one (const ValiseCompactStats *stats,
                                    guint64 size,
                                    ValiseWofAlgorithm *algorithm,
                                    gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseCompact, valise_compact_free)

G_END_DECLS
