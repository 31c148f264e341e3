/* valise-compact-stream.c: the compressed stream of a file on an NTFS volume.
 *
 * The table stands before the chunks. Where all of them are there already, it is written with
 * them, in one go from the beginning to the end: what is written twice cannot leave for the drive
 * before all is done. Where chunks are appended while they come, the table is complete only behind
 * the last one. All functions belong to the thread of the volume, and return as libntfs-3g's do: 0,
 * or -1 with errno set.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-stream.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h> /* without it, libntfs-3g's headers define struct timespec anew */

#include <ntfs-3g/types.h>
#include <ntfs-3g/attrib.h>
#include <ntfs-3g/inode.h>
#include <ntfs-3g/reparse.h>
#include <ntfs-3g/volume.h>

#include "core/valise-units.h"

/* Chunks are gathered to that many bytes: each write of the library's costs. */
#define BUFFER_SIZE (1024 * 1024)

#define NAME_LENGTH (sizeof VALISE_WOF_STREAM_NAME - 1)

struct _ValiseCompactStream
{
  ValiseWofAlgorithm algorithm;
  guint64 size; /* of the file, in bytes */

  ntfs_attr *na;
  guint8 *table;
  gsize table_size;
  gboolean is_known;  /* the table was complete before the first chunk */
  guint64 n_chunks;   /* in the table, so far */
  guint64 chunks_end; /* bytes of them */
  guint64 at;         /* what of the stream was written, in bytes */
  GByteArray *buffer; /* what comes behind that */
};

static void
get_name (ntfschar *name)
{
  for (gsize i = 0; i < NAME_LENGTH; i++)
    name[i] = GUINT16_TO_LE ((guint16) VALISE_WOF_STREAM_NAME[i]);
}

static ntfs_attr *
add_stream (ntfs_inode *ni)
{
  ntfschar name[NAME_LENGTH];

  get_name (name);
  if (ntfs_attr_add (ni, AT_DATA, name, NAME_LENGTH, NULL, 0) != 0)
    return NULL;
  return ntfs_attr_open (ni, AT_DATA, name, NAME_LENGTH);
}

static int
write_all (ntfs_attr *na, guint64 at, const guint8 *bytes, gsize size)
{
  while (size > 0)
    {
      s64 n = ntfs_attr_pwrite (na, at, size, bytes);

      if (n <= 0)
        {
          if (n == 0)
            errno = EIO;
          return -1;
        }
      at += n;
      bytes += n;
      size -= n;
    }
  return 0;
}

/* Writes the first @size bytes of the buffer. */
static int
flush (ValiseCompactStream *self, gsize size)
{
  if (write_all (self->na, self->at, self->buffer->data, size) != 0)
    return -1;
  self->at += size;
  if (size > 0)
    g_byte_array_remove_range (self->buffer, 0, size);
  return 0;
}

static void
enter_chunks (ValiseCompactStream *self, const ValiseCompactBlock *block)
{
  const guint64 n_entries = valise_wof_count_chunks (self->algorithm, self->size) - 1;

  for (guint i = 0; i < block->n_chunks; i++)
    {
      self->chunks_end += block->chunk_sizes[i];
      if (self->n_chunks < n_entries)
        valise_wof_pack_entry (self->table, self->size, self->n_chunks, self->chunks_end);
      self->n_chunks++;
    }
}

/**
 * valise_compact_stream_new:
 * @ni: an open file without such a stream; it must stay open
 * @algorithm: how its chunks are compressed
 * @size: the file's size in bytes
 * @blocks: (nullable) (element-type ValiseCompactBlock): all its blocks, compressed, which will be
 *   appended; %NULL where they are still to come
 *
 * Adds the stream to a file. Where all blocks are there, it lies in one piece.
 *
 * Returns: (transfer full) (nullable): the stream; on failure errno is set
 */
ValiseCompactStream *
valise_compact_stream_new (ntfs_inode *ni, ValiseWofAlgorithm algorithm, guint64 size,
                           const GQueue *blocks)
{
  g_autoptr (ValiseCompactStream) self = g_new0 (ValiseCompactStream, 1);

  self->algorithm = algorithm;
  self->size = size;
  self->buffer = g_byte_array_sized_new (MIN (BUFFER_SIZE, size));
  self->table_size = valise_wof_get_table_size (algorithm, size);
  self->table = g_malloc0 (self->table_size + 1);
  self->na = add_stream (ni);
  if (self->na == NULL)
    return NULL;
  self->is_known = blocks != NULL;
  for (const GList *l = blocks != NULL ? blocks->head : NULL; l != NULL; l = l->next)
    enter_chunks (self, l->data);
  if (self->is_known
      && ntfs_attr_truncate_solid (self->na, self->table_size + self->chunks_end) != 0)
    return NULL;
  /* Where the table is not known, something must lie in its place all the same, or what comes
   * behind it leaves a hole there. */
  g_byte_array_append (self->buffer, self->table, self->table_size);
  return g_steal_pointer (&self);
}

/**
 * valise_compact_stream_free:
 * @self: (transfer full): a stream; its file is still open
 */
void
valise_compact_stream_free (ValiseCompactStream *self)
{
  if (self->na != NULL)
    ntfs_attr_close (self->na);
  g_byte_array_unref (self->buffer);
  g_free (self->table);
  g_free (self);
}

/**
 * valise_compact_stream_append:
 * @self: a stream
 * @block: the next block, compressed
 *
 * Returns: 0, or -1 with errno set
 */
int
valise_compact_stream_append (ValiseCompactStream *self, const ValiseCompactBlock *block)
{
  if (!self->is_known)
    enter_chunks (self, block);
  g_byte_array_append (self->buffer, block->packed, block->packed_size);
  /* The library writes whole clusters: one that is full is written once. */
  return self->buffer->len < BUFFER_SIZE
             ? 0
             : flush (self, VALISE_ROUND_DOWN (self->buffer->len, BUFFER_SIZE));
}

/**
 * valise_compact_stream_finish:
 * @self: a stream with all its chunks
 *
 * Writes what is left, and the table unless it was written in its place.
 *
 * Returns: 0, or -1 with errno set
 */
int
valise_compact_stream_finish (ValiseCompactStream *self)
{
  if (self->n_chunks != valise_wof_count_chunks (self->algorithm, self->size))
    {
      errno = EIO;
      return -1;
    }
  if (flush (self, self->buffer->len) != 0)
    return -1;
  return self->is_known ? 0 : write_all (self->na, 0, self->table, self->table_size);
}

/**
 * valise_compact_stream_copy:
 * @self: a stream that is finished
 * @ni: another open file
 *
 * Gives another file the same stream.
 *
 * Returns: 0, or -1 with errno set
 */
int
valise_compact_stream_copy (ValiseCompactStream *self, ntfs_inode *ni)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_SIZE);
  ntfs_attr *copy = add_stream (ni);
  int result = copy != NULL ? ntfs_attr_truncate_solid (copy, self->at) : -1;

  for (guint64 at = 0; result == 0 && at < self->at; at += BUFFER_SIZE)
    {
      gsize size = MIN (BUFFER_SIZE, self->at - at);
      s64 n = ntfs_attr_pread (self->na, at, size, buffer);

      if (n >= 0 && (gsize) n < size)
        errno = EIO;
      result = n >= 0 && (gsize) n == size ? write_all (copy, at, buffer, size) : -1;
    }
  if (copy != NULL)
    ntfs_attr_close (copy);
  return result;
}

/**
 * valise_compact_stream_get_length:
 * @self: a stream that is finished
 *
 * Returns: its length in bytes, with the table
 */
guint64
valise_compact_stream_get_length (ValiseCompactStream *self)
{
  return self->at;
}

/* The library calls a hole uninitialized; Windows would have it the other way round. */
static int
set_initialized (ntfs_inode *ni, ntfs_attr *na)
{
  ntfs_attr_search_ctx *context = ntfs_attr_get_search_ctx (ni, NULL);
  int result = -1;

  if (context == NULL)
    return -1;
  if (ntfs_attr_lookup (AT_DATA, AT_UNNAMED, 0, CASE_SENSITIVE, 0, NULL, 0, context) == 0)
    {
      if (context->attr->non_resident)
        {
          na->initialized_size = na->data_size;
          context->attr->initialized_size = context->attr->data_size;
          ntfs_inode_mark_dirty (context->ntfs_ino);
          result = 0;
        }
      else
        errno = EIO;
    }
  ntfs_attr_put_search_ctx (context);
  return result;
}

/**
 * valise_compact_stream_replace_data:
 * @ni: an open file that has the compressed stream
 * @na: its unnamed data, empty
 * @algorithm: how the stream is compressed
 * @size: the file's size in bytes
 *
 * Gives a file its size, without any data, and the reparse point by which the filter knows it.
 *
 * Returns: 0, or -1 with errno set
 */
int
valise_compact_stream_replace_data (ntfs_inode *ni, ntfs_attr *na, ValiseWofAlgorithm algorithm,
                                    guint64 size)
{
  guint8 reparse[VALISE_WOF_REPARSE_SIZE];

  if (ntfs_attr_truncate (na, size) != 0 || set_initialized (ni, na) != 0)
    return -1;
  valise_wof_pack_reparse (algorithm, reparse);
  if (ntfs_set_ntfs_reparse_data (ni, (const char *) reparse, sizeof reparse, 0) != 0)
    return -1;
  ni->flags |= FILE_ATTR_SPARSE_FILE;
  NInoFileNameSetDirty (ni);
  NInoSetDirty (ni);
  return 0;
}
