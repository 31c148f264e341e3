/* valise-buffer.c: memory that a drive can be written from and read into directly.
 *
 * Large buffers are mapped each on their own, so that memory that is given back is given back to
 * the system: the resident size is what the budget says.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-buffer.h"

#include <sys/mman.h>

#include "valise-units.h"

/**
 * valise_buffer_new:
 * @size: bytes wanted; rounded up to a multiple of %VALISE_ALIGNMENT
 *
 * Makes a buffer whose bytes are zero. Like g_malloc(), ends the program if there is no memory.
 *
 * Returns: (transfer full): a new buffer
 */
ValiseBuffer *
valise_buffer_new (gsize size)
{
  ValiseBuffer *self = g_new0 (ValiseBuffer, 1);

  self->size = VALISE_ROUND_UP (MAX (size, 1), VALISE_ALIGNMENT);
  self->data = mmap (NULL, self->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (self->data == MAP_FAILED)
    g_error ("no memory for a buffer of %" G_GSIZE_FORMAT " bytes", self->size);
  g_atomic_ref_count_init (&self->ref_count);
  return self;
}

/**
 * valise_buffer_ref:
 * @self: a buffer
 *
 * Returns: (transfer full): @self, with one more reference
 */
ValiseBuffer *
valise_buffer_ref (ValiseBuffer *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * valise_buffer_unref:
 * @self: (transfer full): a buffer
 *
 * Drops a reference; the last one gives the memory back to the system.
 */
void
valise_buffer_unref (ValiseBuffer *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  munmap (self->data, self->size);
  g_free (self);
}
