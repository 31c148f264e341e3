/* valise-writer.h: the thread that writes to one target.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-speed-curve.h"
#include "valise-target.h"

G_BEGIN_DECLS

/**
 * ValiseWriter:
 *
 * A thread, and a bounded queue of writes in front of it.
 */
typedef struct _ValiseWriter ValiseWriter;

/**
 * ValiseWriterActivity:
 * @is_live: whether it has not failed
 * @is_calling: whether the target is being written or flushed, and is not given up
 * @is_idle: whether there is nothing to do
 * @n_calls: how many writes and flushes have returned
 * @bytes: how many bytes are on the target
 *
 * What a writer does at a moment.
 */
typedef struct
{
  gboolean is_live;
  gboolean is_calling;
  gboolean is_idle;
  guint64 n_calls;
  guint64 bytes;
} ValiseWriterActivity;

/**
 * ValiseWriterDone:
 * @write: what was queued
 * @ok: whether the bytes are on the target
 * @tag: as given with the write
 * @data: as given to the writer
 *
 * Called in the writer's thread, or that which gives the writer up, once for each write.
 */
typedef void (*ValiseWriterDone) (const ValiseWrite *write,
                                  gboolean ok,
                                  gpointer tag,
                                  gpointer data);

ValiseWriter *valise_writer_new (ValiseTarget *target,
                                 guint64 queue_bytes,
                                 ValiseWriterDone done,
                                 gpointer data);
void valise_writer_free (ValiseWriter *self);

void valise_writer_push (ValiseWriter *self, ValiseWrite *write, gpointer tag);
void valise_writer_flush (ValiseWriter *self);
void valise_writer_wait (ValiseWriter *self);
void valise_writer_fail (ValiseWriter *self, const GError *error);
void valise_writer_give_up (ValiseWriter *self, const GError *error);

void valise_writer_get_activity (ValiseWriter *self, ValiseWriterActivity *activity);
ValiseTarget *valise_writer_get_target (ValiseWriter *self);
gboolean valise_writer_is_live (ValiseWriter *self);
GError *valise_writer_dup_error (ValiseWriter *self);
guint64 valise_writer_get_queued_bytes (ValiseWriter *self);
void valise_writer_get_curve (ValiseWriter *self, ValiseSpeedCurve *curve);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseWriter, valise_writer_free)

G_END_DECLS
