/* valise-compact-file.c: the bytes of a file on their way from wimlib to a volume, compressed.
 *
 * They are cut into blocks, which go to the pool as soon as they are full. All functions belong to
 * the thread of the volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h> /* without it, libntfs-3g's headers define struct timespec anew */

#include <ntfs-3g/types.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/volume.h>

static gboolean
is_full (const ValiseCompactBlock *block)
{
  return block->size == block->capacity;
}

/**
 * valise_compact_file_new:
 * @pool: (transfer none): compresses the blocks
 * @algorithm: how
 * @size: how many bytes will come; not 0
 *
 * Returns: (transfer full): a file without bytes
 */
ValiseCompactFile *
valise_compact_file_new (ValiseCompactPool *pool, ValiseWofAlgorithm algorithm, guint64 size)
{
  ValiseCompactFile *self = g_new0 (ValiseCompactFile, 1);

  self->pool = pool;
  self->algorithm = algorithm;
  self->size = size;
  self->records = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_queue_init (&self->blocks);
  return self;
}

/**
 * valise_compact_file_free:
 * @self: (transfer full): a file
 *
 * Waits for its blocks.
 */
void
valise_compact_file_free (ValiseCompactFile *self)
{
  ValiseCompactBlock *block;

  while ((block = g_queue_pop_head (&self->blocks)) != NULL)
    {
      if (is_full (block))
        valise_compact_pool_wait (self->pool, block, NULL);
      valise_compact_block_free (block);
    }
  g_array_unref (self->records);
  g_free (self);
}

/**
 * valise_compact_file_append:
 * @self: a file that is not filled
 * @bytes: the next bytes of it
 * @size: how many; not more than are missing
 */
void
valise_compact_file_append (ValiseCompactFile *self, const guint8 *bytes, gsize size)
{
  g_return_if_fail (size <= self->size - self->filled);

  while (size > 0)
    {
      ValiseCompactBlock *block = g_queue_peek_tail (&self->blocks);
      gsize n;

      if (block == NULL || is_full (block))
        {
          block = valise_compact_block_new (
              self->algorithm, MIN (self->size - self->filled, VALISE_COMPACT_BLOCK_SIZE));
          g_queue_push_tail (&self->blocks, block);
        }
      n = MIN (size, block->capacity - block->size);
      memcpy (block->data + block->size, bytes, n);
      block->size += n;
      self->filled += n;
      bytes += n;
      size -= n;
      if (is_full (block))
        valise_compact_pool_push (self->pool, block);
    }
}

/**
 * valise_compact_file_is_done:
 * @self: a filled file
 *
 * Returns: whether all its blocks are done
 */
gboolean
valise_compact_file_is_done (ValiseCompactFile *self)
{
  /* Blocks are taken in order, but need not end in order. */
  for (GList *l = self->blocks.tail; l != NULL; l = l->prev)
    if (!valise_compact_pool_is_done (self->pool, l->data))
      return FALSE;
  return TRUE;
}

/**
 * valise_compact_file_wait:
 * @self: a file whose last block is full
 * @error: where to put an error of the pool
 *
 * Waits for all its blocks.
 *
 * Returns: whether they were compressed
 */
gboolean
valise_compact_file_wait (ValiseCompactFile *self, GError **error)
{
  for (GList *l = self->blocks.head; l != NULL; l = l->next)
    if (!valise_compact_pool_wait (self->pool, l->data, error))
      return FALSE;
  return TRUE;
}

/**
 * valise_compact_file_take_block:
 * @self: a file
 * @wait: whether to wait for the first block
 * @error: where to put an error of the pool
 *
 * Returns: (transfer full) (nullable): the first block, if it is full and done; %NULL without
 *   @error if there is none
 */
ValiseCompactBlock *
valise_compact_file_take_block (ValiseCompactFile *self, gboolean wait, GError **error)
{
  ValiseCompactBlock *block = g_queue_peek_head (&self->blocks);

  if (block == NULL || !is_full (block)
      || (!wait && !valise_compact_pool_is_done (self->pool, block))
      || !valise_compact_pool_wait (self->pool, block, error))
    return NULL;
  self->time += block->time;
  return g_queue_pop_head (&self->blocks);
}

static guint64
sum_packed (ValiseCompactFile *self)
{
  guint64 sum = 0;

  for (GList *l = self->blocks.head; l != NULL; l = l->next)
    sum += ((ValiseCompactBlock *) l->data)->packed_size;
  return sum;
}

/**
 * valise_compact_file_saves:
 * @self: a file with blocks that are all done
 * @unit: a cluster's size in bytes
 *
 * Returns: whether the blocks that it has, compressed, take fewer clusters than as they are
 */
gboolean
valise_compact_file_saves (ValiseCompactFile *self, gsize unit)
{
  guint64 size = 0;

  for (GList *l = self->blocks.head; l != NULL; l = l->next)
    size += ((ValiseCompactBlock *) l->data)->size;
  return valise_wof_saves (self->algorithm, size, sum_packed (self), unit);
}

/**
 * valise_compact_file_store_plain:
 * @self: a file
 * @na: the empty unnamed data of a file on the volume
 *
 * Writes the blocks that are there, as they are; room is made for the whole file.
 *
 * Returns: 0, or -1 with errno set
 */
int
valise_compact_file_store_plain (ValiseCompactFile *self, ntfs_attr *na)
{
  guint64 at = 0;

  if (ntfs_attr_truncate_solid (na, self->size) != 0)
    return -1;
  for (GList *l = self->blocks.head; l != NULL; l = l->next)
    {
      const ValiseCompactBlock *block = l->data;

      for (gsize done = 0; done < block->size;)
        {
          s64 n = ntfs_attr_pwrite (na, at + done, block->size - done, block->data + done);

          if (n <= 0)
            {
              if (n == 0)
                errno = EIO;
              return -1;
            }
          done += n;
        }
      at += block->size;
    }
  return 0;
}

static int
store_packed (ValiseCompactFile *self, ntfs_inode *ni, ntfs_attr *na)
{
  g_autoptr (ValiseCompactStream) stream
      = valise_compact_stream_new (ni, self->algorithm, self->size, &self->blocks);
  int result = stream != NULL ? 0 : -1;

  for (GList *l = self->blocks.head; result == 0 && l != NULL; l = l->next)
    result = valise_compact_stream_append (stream, l->data);
  if (result == 0)
    result = valise_compact_stream_finish (stream);
  if (result == 0)
    self->packed_size = valise_compact_stream_get_length (stream);
  return result != 0 ? result
                     : valise_compact_stream_replace_data (ni, na, self->algorithm, self->size);
}

/**
 * valise_compact_file_store:
 * @self: a filled file with all its blocks, all of them done
 * @ni: an open file on the volume, empty
 *
 * Gives a file of the volume its bytes: compressed, or as they are where that saves no cluster.
 *
 * Returns: 0, or -1 with errno set
 */
int
valise_compact_file_store (ValiseCompactFile *self, ntfs_inode *ni)
{
  ntfs_attr *na = ntfs_attr_open (ni, AT_DATA, AT_UNNAMED, 0);
  int result;
  int saved;

  if (na == NULL)
    return -1;
  self->is_plain = !valise_compact_file_saves (self, ni->vol->cluster_size);
  if (self->is_plain)
    {
      self->packed_size = self->size;
      result = valise_compact_file_store_plain (self, na);
    }
  else
    result = store_packed (self, ni, na);
  saved = errno;
  ntfs_attr_close (na);
  errno = saved;
  return result;
}
