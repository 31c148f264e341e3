/* valise-backing.h: what a volume cache stands on: something that takes writes in order and gives
 * bytes back.
 *
 * The engine implements it over the drives of a job; tests implement it over memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "core/valise-buffer.h"

G_BEGIN_DECLS

/**
 * VALISE_WRITE_MAX_PARTS:
 *
 * A write has at most this many buffers: 4 MiB in slabs of 256 KiB.
 */
#define VALISE_WRITE_MAX_PARTS 16

/**
 * ValiseWritePart:
 * @buffer: (owned): the memory
 * @start: where the bytes begin in @buffer; a multiple of %VALISE_ALIGNMENT
 * @size: how many bytes; a multiple of %VALISE_ALIGNMENT
 */
typedef struct
{
  ValiseBuffer *buffer;
  gsize start;
  gsize size;
} ValiseWritePart;

typedef struct _ValiseWrite ValiseWrite;

/**
 * ValiseWriteDone:
 * @write: the write; freed by the caller when this returns
 * @ok: whether the bytes are on (at least one of) the drives, as far as the drive has said
 * @data: as given in the write
 *
 * Called once for each write that was submitted, in any thread, in the order of submission. Must
 * not call back into the backing.
 */
typedef void (*ValiseWriteDone) (ValiseWrite *write, gboolean ok, gpointer data);

/**
 * ValiseWrite:
 * @offset: where the bytes go, in bytes from the start of the drive; aligned
 * @size: the sum of the parts' sizes, in bytes
 * @parts: the bytes, in order; must not be changed until @done was called
 * @n_parts: how many parts there are
 * @done: called when the write has ended
 * @data: for @done
 *
 * One contiguous write of up to a few MiB.
 */
struct _ValiseWrite
{
  guint64 offset;
  gsize size;
  ValiseWritePart parts[VALISE_WRITE_MAX_PARTS];
  guint n_parts;
  ValiseWriteDone done;
  gpointer data;
  /*< private >*/
  gatomicrefcount ref_count;
};

ValiseWrite *valise_write_new (guint64 offset, ValiseWriteDone done, gpointer data);
void valise_write_add (ValiseWrite *self, ValiseBuffer *buffer, gsize start, gsize size);
ValiseWrite *valise_write_ref (ValiseWrite *self);
void valise_write_free (ValiseWrite *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseWrite, valise_write_free)

/**
 * ValiseReadCheck:
 * @offset: from where the bytes are
 * @data: what was read
 * @size: how many bytes
 * @user_data: as given with the read
 * @error: where to put what is wrong with them
 *
 * Whether what a drive gave is what it should have given. Called in the thread that reads.
 *
 * Returns: whether the bytes may be used
 */
typedef gboolean (*ValiseReadCheck) (
    guint64 offset, gconstpointer data, gsize size, gpointer user_data, GError **error);

#define VALISE_TYPE_BACKING (valise_backing_get_type ())
G_DECLARE_INTERFACE (ValiseBacking, valise_backing, VALISE, BACKING, GObject)

/**
 * ValiseBackingInterface:
 * @get_size: size in bytes
 * @submit: queues a write, taking ownership, and returns; blocks while its queue is full. When it
 *   returns %FALSE, an earlier write has failed for good, or the job is cancelled: @done has been
 *   called with %FALSE.
 * @read: reads from the medium, not regarding writes that are still queued. Blocks. A drive whose
 *   bytes @check refuses has failed with the error of @check; where there is another, that one is
 *   asked.
 * @drain: blocks until every queued write has ended; returns the first error that there was.
 */
struct _ValiseBackingInterface
{
  GTypeInterface parent_iface;

  guint64 (*get_size) (ValiseBacking *self);
  gboolean (*submit) (ValiseBacking *self, ValiseWrite *write, GError **error);
  gboolean (*read) (ValiseBacking *self,
                    guint64 offset,
                    gpointer data,
                    gsize size,
                    ValiseReadCheck check,
                    gpointer check_data,
                    GError **error);
  gboolean (*drain) (ValiseBacking *self, GError **error);
};

guint64 valise_backing_get_size (ValiseBacking *self);
gboolean valise_backing_submit (ValiseBacking *self, ValiseWrite *write, GError **error);
gboolean valise_backing_read (ValiseBacking *self,
                              guint64 offset,
                              gpointer data,
                              gsize size,
                              ValiseReadCheck check,
                              gpointer check_data,
                              GError **error);
gboolean valise_backing_drain (ValiseBacking *self, GError **error);

G_END_DECLS
