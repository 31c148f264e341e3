/* memory-backing.c: a backing in memory that ends its writes late, in another thread, and can fail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "memory-backing.h"

#include <string.h>
#include <sys/mman.h>

#include "core/valise-error.h"

#define MAX_QUEUED 8

static void memory_backing_iface_init (ValiseBackingInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MemoryBacking,
                               memory_backing,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (VALISE_TYPE_BACKING,
                                                      memory_backing_iface_init))

static char stop;

static gpointer
writer_thread (gpointer data)
{
  MemoryBacking *self = data;
  gpointer item;

  while ((item = g_async_queue_pop (self->queue)) != &stop)
    {
      ValiseWrite *write = item;
      guint64 at = write->offset;
      gboolean ok = self->fail_at == 0 || self->writes + 1 < self->fail_at;

      g_assert_cmpuint (write->offset % VALISE_ALIGNMENT, ==, 0);
      g_assert_cmpuint (write->size % VALISE_ALIGNMENT, ==, 0);
      g_assert_cmpuint (write->offset + write->size, <=, self->size);
      if (self->writes % 3 == 0)
        g_usleep (200);
      for (guint p = 0; ok && p < write->n_parts; p++)
        {
          memcpy (self->bytes + at, write->parts[p].buffer->data + write->parts[p].start,
                  write->parts[p].size);
          at += write->parts[p].size;
        }
      self->writes++;
      self->bytes_written += write->size;
      self->descents += write->offset < self->last_end;
      self->short_writes += write->size < 1024 * 1024;
      self->last_end = write->offset + write->size;
      if (!ok)
        {
          g_mutex_lock (&self->lock);
          self->failed = TRUE;
          g_mutex_unlock (&self->lock);
        }
      write->done (write, ok, write->data);
      valise_write_free (write);

      g_mutex_lock (&self->lock);
      self->queued--;
      g_cond_broadcast (&self->idle);
      g_mutex_unlock (&self->lock);
    }
  return NULL;
}

static guint64
memory_backing_get_size (ValiseBacking *backing)
{
  return MEMORY_BACKING (backing)->size;
}

static gboolean
report (MemoryBacking *self, GError **error)
{
  if (self->failed)
    g_set_error_literal (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE, "the test says so");
  return !self->failed;
}

static gboolean
memory_backing_submit (ValiseBacking *backing, ValiseWrite *write, GError **error)
{
  MemoryBacking *self = MEMORY_BACKING (backing);
  gboolean ok;

  g_mutex_lock (&self->lock);
  while (self->queued >= MAX_QUEUED)
    g_cond_wait (&self->idle, &self->lock);
  ok = report (self, error);
  self->queued += ok;
  g_mutex_unlock (&self->lock);
  if (ok)
    g_async_queue_push (self->queue, write);
  else
    {
      write->done (write, FALSE, write->data);
      valise_write_free (write);
    }
  return ok;
}

static gboolean
memory_backing_read (ValiseBacking *backing,
                     guint64 offset,
                     gpointer data,
                     gsize size,
                     ValiseReadCheck check,
                     gpointer check_data,
                     GError **error)
{
  MemoryBacking *self = MEMORY_BACKING (backing);

  self->reads++;
  memcpy (data, self->bytes + offset, size);
  return check == NULL || check (offset, data, size, check_data, error);
}

static gboolean
memory_backing_drain (ValiseBacking *backing, GError **error)
{
  MemoryBacking *self = MEMORY_BACKING (backing);
  gboolean ok;

  g_mutex_lock (&self->lock);
  while (self->queued > 0)
    g_cond_wait (&self->idle, &self->lock);
  ok = report (self, error);
  g_mutex_unlock (&self->lock);
  return ok;
}

static void
memory_backing_iface_init (ValiseBackingInterface *iface)
{
  iface->get_size = memory_backing_get_size;
  iface->submit = memory_backing_submit;
  iface->read = memory_backing_read;
  iface->drain = memory_backing_drain;
}

static void
memory_backing_finalize (GObject *object)
{
  MemoryBacking *self = MEMORY_BACKING (object);

  g_async_queue_push (self->queue, &stop);
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  munmap (self->bytes, self->size);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->idle);
  G_OBJECT_CLASS (memory_backing_parent_class)->finalize (object);
}

static void
memory_backing_class_init (MemoryBackingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = memory_backing_finalize;
}

static void
memory_backing_init (MemoryBacking *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->idle);
  self->queue = g_async_queue_new ();
}

/* A drive of @size bytes. It holds @filler everywhere, as a used drive holds old data. */
MemoryBacking *
memory_backing_new (gsize size, guint8 filler)
{
  MemoryBacking *self = g_object_new (MEMORY_TYPE_BACKING, NULL);

  self->size = size;
  self->bytes = mmap (NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  g_assert_true (self->bytes != MAP_FAILED);
  if (filler != 0)
    memset (self->bytes, filler, size);
  self->thread = g_thread_new ("memory-backing", writer_thread, self);
  return self;
}
