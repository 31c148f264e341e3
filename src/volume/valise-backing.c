/* valise-backing.c: what a volume cache stands on; see the header.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-backing.h"

/**
 * valise_write_new:
 * @offset: where the bytes will go, in bytes
 * @done: called when the write has ended
 * @data: for @done
 *
 * Returns: (transfer full): a write without bytes
 */
ValiseWrite *
valise_write_new (guint64 offset, ValiseWriteDone done, gpointer data)
{
  ValiseWrite *self = g_new0 (ValiseWrite, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->offset = offset;
  self->done = done;
  self->data = data;
  return self;
}

/**
 * valise_write_add:
 * @self: a write with fewer than %VALISE_WRITE_MAX_PARTS parts
 * @buffer: (transfer none): memory; the write takes a reference
 * @start: where in @buffer the bytes begin
 * @size: how many bytes
 *
 * Appends bytes to the write.
 */
void
valise_write_add (ValiseWrite *self, ValiseBuffer *buffer, gsize start, gsize size)
{
  g_return_if_fail (self->n_parts < VALISE_WRITE_MAX_PARTS);
  g_return_if_fail (size <= buffer->size && start <= buffer->size - size);

  self->parts[self->n_parts++]
      = (ValiseWritePart){ .buffer = valise_buffer_ref (buffer), .start = start, .size = size };
  self->size += size;
}

/**
 * valise_write_ref:
 * @self: a write
 *
 * For whoever still reads its bytes when it has ended for everybody else. Any thread.
 *
 * Returns: (transfer full): @self
 */
ValiseWrite *
valise_write_ref (ValiseWrite *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * valise_write_free:
 * @self: (transfer full): a write
 *
 * Gives up a reference; the last one frees it. Any thread.
 */
void
valise_write_free (ValiseWrite *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < self->n_parts; i++)
    valise_buffer_unref (self->parts[i].buffer);
  g_free (self);
}

G_DEFINE_INTERFACE (ValiseBacking, valise_backing, G_TYPE_OBJECT)

static void
valise_backing_default_init (ValiseBackingInterface *iface)
{
}

/**
 * valise_backing_get_size:
 * @self: a backing
 *
 * Returns: its size in bytes
 */
guint64
valise_backing_get_size (ValiseBacking *self)
{
  return VALISE_BACKING_GET_IFACE (self)->get_size (self);
}

/**
 * valise_backing_submit:
 * @self: a backing
 * @write: (transfer full): what to write
 * @error: where to put the first error that the backing had
 *
 * Queues a write. Writes are done in the order in which they are submitted.
 *
 * Returns: whether it was queued
 */
gboolean
valise_backing_submit (ValiseBacking *self, ValiseWrite *write, GError **error)
{
  return VALISE_BACKING_GET_IFACE (self)->submit (self, write, error);
}

/**
 * valise_backing_read:
 * @self: a backing
 * @offset: from where, in bytes; aligned
 * @data: where to put the bytes; aligned
 * @size: how many; aligned
 * @check: (nullable): says whether the bytes are right
 * @check_data: for @check
 * @error: where to put an error of %VALISE_DRIVE_ERROR, or that of @check
 *
 * Reads what the medium holds. Writes that are still queued are not seen. Of several drives, one
 * that cannot read, or gives bytes that @check refuses, is dropped, and the next one is asked.
 *
 * Returns: whether all bytes were read, and are right
 */
gboolean
valise_backing_read (ValiseBacking *self,
                     guint64 offset,
                     gpointer data,
                     gsize size,
                     ValiseReadCheck check,
                     gpointer check_data,
                     GError **error)
{
  return VALISE_BACKING_GET_IFACE (self)->read (self, offset, data, size, check, check_data, error);
}

/**
 * valise_backing_drain:
 * @self: a backing
 * @error: where to put the first error that the backing had
 *
 * Waits until all queued writes have ended. This is not a flush of the drive's own cache.
 *
 * Returns: whether all writes since the start were done
 */
gboolean
valise_backing_drain (ValiseBacking *self, GError **error)
{
  return VALISE_BACKING_GET_IFACE (self)->drain (self, error);
}
