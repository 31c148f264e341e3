/* model.h: what a command costs on a modelled flash drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The grain at which the model knows which bytes of the drive were ever written. */
#define VALISE_MODEL_PAGE 4096

/**
 * ValiseModelParams:
 * @size: bytes on the drive
 * @write_rate: bytes per second
 * @read_rate: bytes per second
 * @command_ns: what every command costs before its first byte, nanoseconds
 * @merge_ns: what a merge costs, nanoseconds
 * @unit_size: bytes of an allocation unit; units start at multiples of it
 * @n_units: how many units the drive can keep open, at least 1
 * @max_request: the size at which the system splits a command; 0: it never does
 * @join_ns: how long after the end of such a part the next one still belongs to it, nanoseconds
 *
 * The constants of a drive.
 */
typedef struct
{
  guint64 size;
  guint64 write_rate;
  guint64 read_rate;
  gint64 command_ns;
  gint64 merge_ns;
  guint64 unit_size;
  guint n_units;
  guint64 max_request;
  gint64 join_ns;
} ValiseModelParams;

/**
 * ValiseModelStats:
 * @writes: write commands; joined parts are one command
 * @write_bytes: bytes of them
 * @distinct_pages: pages of %VALISE_MODEL_PAGE bytes that were written at least once
 * @reads: read commands
 * @read_bytes: bytes of them
 * @merges: units that had to be merged
 * @syncs: requests to flush
 * @joined: requests that were counted as part of the command before them
 * @busy_ns: how long the drive was at work, nanoseconds
 *
 * What a drive has done since it was made or reset.
 */
typedef struct
{
  guint64 writes;
  guint64 write_bytes;
  guint64 distinct_pages;
  guint64 reads;
  guint64 read_bytes;
  guint64 merges;
  guint64 syncs;
  guint64 joined;
  gint64 busy_ns;
} ValiseModelStats;

typedef struct _ValiseModel ValiseModel;

ValiseModel            *valise_model_new       (const ValiseModelParams *params);
void                    valise_model_free      (ValiseModel             *self);
gint64                  valise_model_write     (ValiseModel             *self,
                                                guint64                  offset,
                                                guint64                  length,
                                                gint64                   now);
gint64                  valise_model_read      (ValiseModel             *self,
                                                guint64                  offset,
                                                guint64                  length,
                                                gint64                   now);
gint64                  valise_model_sync      (ValiseModel             *self,
                                                gint64                   now);
void                    valise_model_reset     (ValiseModel             *self);
const ValiseModelStats *valise_model_get_stats (ValiseModel             *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseModel, valise_model_free)

G_END_DECLS
