/* valise-buffer.h: memory that a drive can be written from and read into directly.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * VALISE_ALIGNMENT:
 *
 * O_DIRECT wants buffers, offsets and lengths aligned to the logical sector size: 4096 bytes fit
 * every drive that there is.
 */
#define VALISE_ALIGNMENT 4096

/**
 * ValiseBuffer:
 * @data: the bytes, aligned to %VALISE_ALIGNMENT
 * @size: how many bytes there are
 *
 * Counted, aligned memory. Any thread may take and drop references.
 */
typedef struct
{
  guint8 *data;
  gsize size;
  /*< private >*/
  gatomicrefcount ref_count;
} ValiseBuffer;

ValiseBuffer *valise_buffer_new (gsize size);
ValiseBuffer *valise_buffer_ref (ValiseBuffer *self);
void valise_buffer_unref (ValiseBuffer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBuffer, valise_buffer_unref)

G_END_DECLS
