/* valise-blob-reader.c: reads pieces out of the middle of a source's blobs.
 *
 * wimlib gives only whole files, and in the order in which they lie; whoever wants a sample of an
 * image cannot wait for that. wimlib says where the blobs are and decompresses them; what lies
 * between is read here: the tables that say where each chunk of a resource begins. They are laid
 * out as in Microsoft’s “Windows Imaging File Format (WIM)”: one entry for each chunk but the
 * first, where it begins behind the table; of 8 bytes if the resource holds 4 GiB or more. A solid
 * resource begins with its size, the chunks' size and the algorithm, and has one entry of 4 bytes
 * for each chunk: what it takes (as wimlib documents it). A chunk that takes as much as it holds is
 * not compressed.
 *
 * All of that is foreign: each size is held against what the file has, and memory has a bound.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-blob-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-bytes.h"
#include "core/valise-error.h"
#include "valise-source-private.h"

/* Chunks have powers of two between these; the usual ones are 32 KiB, and 64 MiB in an ESD. */
#define MIN_UNIT 4096
#define MAX_UNIT (128 * 1024 * 1024)

/* Of the tables of all solid resources, at most so many entries are read. */
#define MAX_CHUNKS (1024 * 1024)

#define SOLID_HEAD 16

/* A solid resource whose table was read. */
typedef struct
{
  guint part;
  guint64 offset;
  enum wimlib_compression_type type;
  gsize unit;
  guint64 full_size;
  guint64 *ends; /* of the chunks in the file, counted from @data */
  guint64 n_chunks;
  guint64 data; /* where the first chunk begins in the file */
} Solid;

struct _ValiseBlobReader
{
  const char *shown;
  GArray *blobs;       /* of ValiseBlob, as they lie in the parts */
  GHashTable *by_hash; /* hash, in @blobs → number + 1 */
  GArray *fds;         /* of int: the parts' files */
  enum wimlib_compression_type type; /* of resources that are not solid */
  gsize unit;
  GPtrArray *solids; /* of Solid */
  guint64 n_chunks;  /* of all of them */

  /* The chunk that was read last. */
  guint8 *chunk;
  gsize chunk_capacity;
  gsize chunk_size;
  guint64 chunk_place; /* where it begins in its file; 0 for none */
  guint chunk_part;
  guint8 *packed;
  gsize packed_capacity;

  struct wimlib_decompressor *decompressor;
  enum wimlib_compression_type decompressor_type;
  gsize decompressor_unit;
};

/* ---- the list ---- */

static guint
hash_of (gconstpointer key)
{
  guint hash;

  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
is_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof ((ValiseBlob *) NULL)->hash) == 0;
}

static int
add_blob (const struct wimlib_resource_entry *entry, void *data)
{
  ValiseBlobReader *self = data;
  ValiseBlob blob = {
    .size = entry->uncompressed_size,
    .is_solid = entry->packed,
    .is_compressed = entry->packed || entry->is_compressed,
    .part = entry->part_number,
  };

  if (entry->is_metadata || entry->is_missing || entry->uncompressed_size == 0)
    return 0;
  memcpy (blob.hash, entry->sha1_hash, sizeof blob.hash);
  blob.unit = blob.is_compressed ? self->unit : 1;
  blob.offset = entry->packed ? entry->offset : 0;
  blob.resource_offset = entry->packed ? entry->raw_resource_offset_in_wim : entry->offset;
  blob.resource_size
      = entry->packed ? entry->raw_resource_compressed_size : entry->compressed_size;
  blob.resource_full_size
      = entry->packed ? entry->raw_resource_uncompressed_size : entry->uncompressed_size;
  g_array_append_val (self->blobs, blob);
  return 0;
}

/* As they lie; of what lies at one place, the order is certain, too. */
static gint
compare_blobs (gconstpointer a, gconstpointer b)
{
  const ValiseBlob *one = a;
  const ValiseBlob *other = b;

  if (one->part != other->part)
    return one->part < other->part ? -1 : 1;
  if (one->resource_offset != other->resource_offset)
    return one->resource_offset < other->resource_offset ? -1 : 1;
  if (one->offset != other->offset)
    return one->offset < other->offset ? -1 : 1;
  return memcmp (one->hash, other->hash, sizeof one->hash);
}

static gboolean
open_parts (ValiseBlobReader *self, ValiseSource *source, GError **error)
{
  for (guint i = 0; i < source->parts->len; i++)
    {
      int fd = g_open (source->parts->pdata[i], O_RDONLY | O_CLOEXEC, 0);

      if (fd < 0)
        {
          g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_FAILED,
                       _("“%s” cannot be read: %s."), self->shown, g_strerror (errno));
          return FALSE;
        }
      g_array_append_val (self->fds, fd);
    }
  return TRUE;
}

static gboolean
fail_corrupt (ValiseBlobReader *self, GError **error)
{
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
               _("“%s” is damaged: a part of it cannot be decompressed. Download or copy it "
                 "again."),
               self->shown);
  return FALSE;
}

static gboolean
read_at (ValiseBlobReader *self, guint part, guint64 offset, gpointer buffer, gsize size,
         GError **error)
{
  guint8 *to = buffer;

  if (part < 1 || part > self->fds->len || offset > G_MAXINT64 - size)
    return fail_corrupt (self, error);
  while (size > 0)
    {
      gssize n = pread (g_array_index (self->fds, int, part - 1), to, size, offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_FAILED,
                       _("“%s” cannot be read: %s."), self->shown, g_strerror (errno));
          return FALSE;
        }
      if (n == 0)
        return fail_corrupt (self, error);
      to += n;
      size -= n;
      offset += n;
    }
  return TRUE;
}

/* ---- solid resources ---- */

static void
solid_free (Solid *solid)
{
  g_free (solid->ends);
  g_free (solid);
}

static gboolean
is_unit (guint64 unit)
{
  return unit >= MIN_UNIT && unit <= MAX_UNIT && (unit & (unit - 1)) == 0;
}

static Solid *
read_solid (ValiseBlobReader *self, const ValiseBlob *blob, GError **error)
{
  Solid *solid = g_new0 (Solid, 1);
  g_autofree guint8 *table = NULL;
  guint8 head[SOLID_HEAD];
  guint64 end = 0;

  g_ptr_array_add (self->solids, solid);
  solid->part = blob->part;
  solid->offset = blob->resource_offset;
  solid->full_size = blob->resource_full_size;
  if (blob->resource_size < SOLID_HEAD
      || !read_at (self, blob->part, blob->resource_offset, head, sizeof head, error))
    return NULL;
  solid->unit = valise_get_le32 (head + 8);
  solid->type = valise_get_le32 (head + 12);
  if (!is_unit (solid->unit) || solid->type > WIMLIB_COMPRESSION_TYPE_LZMS)
    return NULL;
  solid->n_chunks = solid->full_size / solid->unit + (solid->full_size % solid->unit != 0);
  if (solid->n_chunks > MAX_CHUNKS - self->n_chunks
      || solid->n_chunks > (blob->resource_size - SOLID_HEAD) / sizeof (guint32))
    return NULL;
  table = g_malloc (solid->n_chunks * sizeof (guint32));
  if (!read_at (self, blob->part, blob->resource_offset + SOLID_HEAD, table,
                solid->n_chunks * sizeof (guint32), error))
    return NULL;
  solid->data = blob->resource_offset + SOLID_HEAD + solid->n_chunks * sizeof (guint32);
  self->n_chunks += solid->n_chunks;
  solid->ends = g_new (guint64, solid->n_chunks);
  for (guint64 i = 0; i < solid->n_chunks; i++)
    {
      end += valise_get_le32 (table + i * sizeof (guint32));
      solid->ends[i] = end;
    }
  return solid;
}

/* The table of the solid resource that a blob is in. */
static Solid *
find_solid (ValiseBlobReader *self, const ValiseBlob *blob, GError **error)
{
  Solid *solid = NULL;

  for (guint i = 0; solid == NULL && i < self->solids->len; i++)
    {
      Solid *known = g_ptr_array_index (self->solids, i);

      if (known->part == blob->part && known->offset == blob->resource_offset)
        solid = known->ends != NULL ? known : NULL;
    }
  if (solid == NULL)
    solid = read_solid (self, blob, error);
  if (solid == NULL && (error == NULL || *error == NULL))
    fail_corrupt (self, error);
  return solid;
}

/* Sets the blobs' units to those of their resources. */
static gboolean
read_units (ValiseBlobReader *self, GError **error)
{
  Solid *solid = NULL;

  for (guint i = 0; i < self->blobs->len; i++)
    {
      ValiseBlob *blob = &g_array_index (self->blobs, ValiseBlob, i);

      if (!blob->is_solid)
        continue;
      if (solid == NULL || solid->part != blob->part || solid->offset != blob->resource_offset)
        solid = find_solid (self, blob, error);
      if (solid == NULL)
        return FALSE;
      if (blob->offset > solid->full_size || blob->size > solid->full_size - blob->offset)
        return fail_corrupt (self, error);
      blob->unit = solid->unit;
    }
  return TRUE;
}

/* ---- chunks ---- */

static guint8 *
ensure (guint8 **buffer, gsize *capacity, gsize size)
{
  if (*capacity < size)
    {
      g_free (*buffer);
      *buffer = g_try_malloc (size);
      *capacity = *buffer != NULL ? size : 0;
    }
  return *buffer;
}

static gboolean
fail_memory (GError **error)
{
  g_set_error_literal (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_MEMORY,
                       _("There is too little memory to decompress a part of the image. Close "
                         "other programs."));
  return FALSE;
}

/* Where chunk @index of a blob's resource lies in the file, what it takes there, what it holds. */
static gboolean
locate (ValiseBlobReader *self, const ValiseBlob *blob, guint64 index, guint64 *place,
        guint64 *packed_size, gsize *size, enum wimlib_compression_type *type, GError **error)
{
  const guint64 full = blob->resource_full_size;
  const guint64 n_chunks = full / blob->unit + (full % blob->unit != 0);
  const guint entry = full > G_MAXUINT32 ? 8 : 4;
  const guint64 table = (n_chunks - 1) * entry;
  guint64 ends[2] = { 0, blob->resource_size - table };
  guint8 bytes[16];
  guint first = index > 0 ? 0 : 1;
  guint last = index + 1 < n_chunks ? 2 : 1;

  *size = MIN (blob->unit, full - index * blob->unit);
  if (blob->is_solid)
    {
      const Solid *solid = find_solid (self, blob, error);

      if (solid == NULL)
        return FALSE;
      *place = solid->data + (index > 0 ? solid->ends[index - 1] : 0);
      *packed_size = solid->ends[index] - (index > 0 ? solid->ends[index - 1] : 0);
      *type = solid->type;
      return *packed_size <= *size || fail_corrupt (self, error);
    }

  if (table > blob->resource_size)
    return fail_corrupt (self, error);
  if (last > first
      && !read_at (self, blob->part, blob->resource_offset + (index + first - 1) * entry,
                   bytes, (last - first) * entry, error))
    return FALSE;
  for (guint i = first; i < last; i++)
    {
      const guint8 *at = bytes + (i - first) * entry;

      ends[i] = valise_get_le32 (at);
      if (entry == 8)
        ends[i] |= (guint64) valise_get_le32 (at + 4) << 32;
    }
  if (ends[0] > ends[1] || ends[1] > blob->resource_size - table || ends[1] - ends[0] > *size)
    return fail_corrupt (self, error);
  *place = blob->resource_offset + table + ends[0];
  *packed_size = ends[1] - ends[0];
  *type = self->type;
  return TRUE;
}

static gboolean
ensure_decompressor (ValiseBlobReader *self, enum wimlib_compression_type type, gsize unit,
                     GError **error)
{
  if (self->decompressor != NULL && self->decompressor_type == type
      && self->decompressor_unit == unit)
    return TRUE;
  g_clear_pointer (&self->decompressor, wimlib_free_decompressor);
  self->decompressor_type = type;
  self->decompressor_unit = unit;
  return wimlib_create_decompressor (type, unit, &self->decompressor) == 0 || fail_memory (error);
}

/* Decompresses chunk @index of a blob's resource. */
static gboolean
load (ValiseBlobReader *self, const ValiseBlob *blob, guint64 index, GError **error)
{
  enum wimlib_compression_type type;
  guint64 place;
  guint64 packed_size;
  gsize size;

  if (!locate (self, blob, index, &place, &packed_size, &size, &type, error))
    return FALSE;
  if (self->chunk_place == place && self->chunk_part == blob->part && self->chunk_size == size)
    return TRUE;
  self->chunk_place = 0;
  if (ensure (&self->chunk, &self->chunk_capacity, size) == NULL)
    return fail_memory (error);
  if (packed_size == size)
    {
      if (!read_at (self, blob->part, place, self->chunk, size, error))
        return FALSE;
    }
  else
    {
      if (ensure (&self->packed, &self->packed_capacity, packed_size) == NULL)
        return fail_memory (error);
      if (!read_at (self, blob->part, place, self->packed, packed_size, error)
          || !ensure_decompressor (self, type, blob->unit, error))
        return FALSE;
      if (wimlib_decompress (self->packed, packed_size, self->chunk, size, self->decompressor)
          != 0)
        return fail_corrupt (self, error);
    }
  self->chunk_place = place;
  self->chunk_part = blob->part;
  self->chunk_size = size;
  return TRUE;
}

/* ---- the object ---- */

/**
 * valise_blob_reader_new:
 * @source: (transfer none): a source; must outlive the reader
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * The source's thread; blocks shortly.
 *
 * Returns: (transfer full) (nullable): a reader
 */
ValiseBlobReader *
valise_blob_reader_new (ValiseSource *source, GError **error)
{
  g_autoptr (ValiseBlobReader) self = g_new0 (ValiseBlobReader, 1);
  struct wimlib_wim_info info;

  wimlib_get_wim_info (source->wim, &info);
  self->shown = source->shown;
  self->type = info.compression_type;
  self->unit = info.chunk_size;
  self->blobs = g_array_new (FALSE, FALSE, sizeof (ValiseBlob));
  self->by_hash = g_hash_table_new (hash_of, is_equal);
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  self->solids = g_ptr_array_new_with_free_func ((GDestroyNotify) solid_free);
  if (info.pipable
      || (info.compression_type != WIMLIB_COMPRESSION_TYPE_NONE && !is_unit (info.chunk_size)))
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                   _("“%s” is an image of an unusual form, of which no sample can be taken. Export "
                     "it with wimlib-imagex export."),
                   self->shown);
      return NULL;
    }
  wimlib_iterate_lookup_table (source->wim, 0, add_blob, self);
  g_array_sort (self->blobs, compare_blobs);
  for (guint i = 0; i < self->blobs->len; i++)
    g_hash_table_insert (self->by_hash, g_array_index (self->blobs, ValiseBlob, i).hash,
                         GUINT_TO_POINTER (i + 1));
  if (!open_parts (self, source, error) || !read_units (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * valise_blob_reader_free:
 * @self: (transfer full): a reader
 */
void
valise_blob_reader_free (ValiseBlobReader *self)
{
  for (guint i = 0; i < self->fds->len; i++)
    close (g_array_index (self->fds, int, i));
  g_array_unref (self->fds);
  g_hash_table_unref (self->by_hash);
  g_array_unref (self->blobs);
  g_ptr_array_unref (self->solids);
  wimlib_free_decompressor (self->decompressor);
  g_free (self->chunk);
  g_free (self->packed);
  g_free (self);
}

/**
 * valise_blob_is_beside:
 * @blob: a blob
 * @other: the same one, or another one of its source
 *
 * Returns: whether both are compressed together
 */
gboolean
valise_blob_is_beside (const ValiseBlob *blob, const ValiseBlob *other)
{
  return blob->part == other->part && blob->resource_offset == other->resource_offset;
}

/**
 * valise_blob_reader_get_n_blobs:
 * @self: a reader
 *
 * Returns: how many blobs the source has, empty ones not counted
 */
guint
valise_blob_reader_get_n_blobs (ValiseBlobReader *self)
{
  return self->blobs->len;
}

/**
 * valise_blob_reader_get_blob:
 * @self: a reader
 * @i: a number
 *
 * Returns: (transfer none): a blob; they are numbered as they lie in the source
 */
const ValiseBlob *
valise_blob_reader_get_blob (ValiseBlobReader *self, guint i)
{
  return &g_array_index (self->blobs, ValiseBlob, i);
}

/**
 * valise_blob_reader_find:
 * @self: a reader
 * @hash: a SHA-1
 *
 * Returns: the number of the blob; -1 if there is none
 */
gint
valise_blob_reader_find (ValiseBlobReader *self, const guint8 *hash)
{
  return (gint) GPOINTER_TO_UINT (g_hash_table_lookup (self->by_hash, hash)) - 1;
}

/**
 * valise_blob_reader_get_ratio:
 * @self: a reader
 * @blob: one of its blobs
 * @at: where to begin in it, in bytes
 * @size: how many bytes, at least 1; not more than there are behind @at
 * @ratio: (out): how well they are compressed in the source: 1 for not at all
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * It is that of the units in which they lie. Blocks shortly.
 *
 * Returns: whether it can be said
 */
gboolean
valise_blob_reader_get_ratio (ValiseBlobReader *self, const ValiseBlob *blob, guint64 at,
                              guint64 size, gdouble *ratio, GError **error)
{
  guint64 full = 0;
  guint64 packed = 0;

  g_return_val_if_fail (size > 0 && at <= blob->size && size <= blob->size - at, FALSE);

  if (!blob->is_compressed)
    {
      *ratio = 1;
      return TRUE;
    }
  /* Of a blob that is alone, it is known without its table. */
  if (!blob->is_solid && size == blob->size)
    {
      *ratio = MIN (1, (gdouble) blob->resource_size / blob->size);
      return TRUE;
    }
  at += blob->offset;
  for (guint64 i = at / blob->unit; i <= (at + size - 1) / blob->unit; i++)
    {
      enum wimlib_compression_type type;
      guint64 place;
      guint64 packed_size;
      gsize unit;

      if (!locate (self, blob, i, &place, &packed_size, &unit, &type, error))
        return FALSE;
      full += unit;
      packed += packed_size;
    }
  *ratio = (gdouble) packed / full;
  return TRUE;
}

/**
 * valise_blob_reader_read:
 * @self: a reader
 * @blob: one of its blobs
 * @at: where to begin in it, in bytes
 * @buffer: (out caller-allocates): where the bytes go
 * @size: how many; not more than there are behind @at
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Whole units are decompressed, and the last one is kept. They are not compared with the hash.
 * Blocks.
 *
 * Returns: whether they could be read
 */
gboolean
valise_blob_reader_read (ValiseBlobReader *self, const ValiseBlob *blob, guint64 at,
                         guint8 *buffer, gsize size, GError **error)
{
  g_return_val_if_fail (at <= blob->size && size <= blob->size - at, FALSE);

  if (!blob->is_compressed)
    return read_at (self, blob->part, blob->resource_offset + at, buffer, size, error);
  at += blob->offset;
  while (size > 0)
    {
      guint64 index = at / blob->unit;
      gsize skip = at % blob->unit;
      gsize n = MIN (size, blob->unit - skip);

      if (!load (self, blob, index, error))
        return FALSE;
      memcpy (buffer, self->chunk + skip, n);
      buffer += n;
      at += n;
      size -= n;
    }
  return TRUE;
}
