/* memory-backing.h: a backing in memory that ends its writes late, in another thread, and can fail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "volume/valise-backing.h"

#define MEMORY_TYPE_BACKING (memory_backing_get_type ())
G_DECLARE_FINAL_TYPE (MemoryBacking, memory_backing, MEMORY, BACKING, GObject)

/**
 * MemoryBacking:
 * @bytes: what the drive holds
 * @size: how many
 * @writes: writes that have ended
 * @descents: writes that began below the end of the one before
 * @short_writes: writes of less than 1 MiB
 * @reads: how often it was read from
 * @fail_at: the number of the write that fails, and all behind it; 0 for never
 */
struct _MemoryBacking
{
  GObject parent_instance;

  guint8 *bytes;
  gsize size;
  guint64 writes;
  guint64 bytes_written;
  guint64 descents;
  guint64 short_writes;
  guint64 reads;
  guint64 fail_at;

  GThread *thread;
  GAsyncQueue *queue;
  GMutex lock;
  GCond idle;
  guint queued;
  guint64 last_end;
  gboolean failed;
};

MemoryBacking *memory_backing_new (gsize size, guint8 filler);
