/* valise-compact-estimate.c: how much an edition needs on a drive, compressed.
 *
 * The edition's list of files says which may be compressed, by the rules that writing goes by. Of
 * their bytes a sample is taken, spread evenly over the image as it lies there, always the same
 * one; it teaches a model, which then says of every single file what it would take. Reading and
 * compressing the sample has a bound, however large the image is: it takes a few seconds.
 *
 * In a solid image (ESD), bytes can only be had by decompressing a large chunk. There, the sample
 * comes from a few chunks, and says less.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-estimate.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "compact/valise-compact-model.h"
#include "compact/valise-compact.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "image/valise-blob-reader.h"
#include "image/valise-metadata-source.h"
#include "image/valise-metadata.h"
#include "valise-image-rules.h"

#define CLUSTER 4096

/* How much is compressed, and how much of one file at once. */
#define SAMPLE_BYTES (48 * VALISE_MIB)
#define SPOT_BYTES (128 * 1024)

/* How much is decompressed for that, and from how many places at least. */
#define DECOMPRESSED_BYTES (512 * VALISE_MIB)
#define MIN_PLACES 4

/* A file that is compressed has a little more in the volume's tables: 300 to 500 bytes. */
#define TABLE_BYTES 512

/* How wrong an estimate may be, in hundredths of what files take; where the sample came from a few
 * chunks of a solid image, it is less certain. */
#define MARGIN_PERCENT 4
#define MARGIN_PERCENT_ROUGH 10
#define MARGIN_BYTES (16 * VALISE_MIB)

#define CANCEL_EVERY 4096

#define ATTRIBUTE_DIRECTORY 0x10

/* A file, by whatever names. */
typedef struct
{
  gint blob; /* of the unnamed data */
  guint8 limit; /* ValiseCompactLimit */
} File;

typedef struct
{
  ValiseBlobReader *reader;
  ValiseCompactRules *rules;
  GArray *files;        /* of File */
  GHashTable *links;    /* link group → number in @files + 1 */
  GPtrArray *folders;   /* of ValiseCompactFolder, the rules': those above the entry */
  GCancellable *cancellable;
  guint64 n;
} Visitor;

/* ---- which files ---- */

static gint
find_blob (Visitor *self, const ValiseMetadataEntry *entry)
{
  gint blob = valise_blob_reader_find (self->reader, entry->main_hash);
  const guint8 *stream = entry->streams;

  for (guint i = 0; blob < 0 && i < entry->n_streams; i++)
    {
      const guint8 *hash;
      guint name_units;

      stream = valise_metadata_next_stream (stream, &hash, &name_units);
      if (name_units == 0)
        blob = valise_blob_reader_find (self->reader, hash);
    }
  return blob;
}

static void
visit_file (Visitor *self, const ValiseMetadataEntry *entry, ValiseCompactLimit limit)
{
  File file = { -1, limit };
  guint known = entry->link_group != 0
                    ? GPOINTER_TO_UINT (g_hash_table_lookup (self->links, &entry->link_group))
                    : 0;

  if (known > 0)
    {
      File *other = &g_array_index (self->files, File, known - 1);

      other->limit = MAX (other->limit, limit);
      return;
    }
  file.blob = find_blob (self, entry);
  if (file.blob < 0)
    return;
  g_array_append_val (self->files, file);
  if (entry->link_group != 0)
    g_hash_table_insert (self->links, g_memdup2 (&entry->link_group, sizeof (guint64)),
                         GUINT_TO_POINTER (self->files->len));
}

static gboolean
visit (const ValiseMetadataEntry *entry, gpointer data)
{
  Visitor *self = data;
  guint depth = entry->path_parts->len;
  const ValiseCompactFolder *folder;
  g_autofree char *path = NULL;
  const char *name;

  if (self->n++ % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (self->cancellable))
    return FALSE;
  if (depth <= 1)
    {
      g_ptr_array_add (self->folders, (gpointer) valise_compact_rules_get_root (self->rules));
      return TRUE;
    }
  g_ptr_array_set_size (self->folders, MIN (self->folders->len, depth - 1));
  folder = g_ptr_array_index (self->folders, self->folders->len - 1);
  path = valise_metadata_dup_path (entry);
  name = strrchr (path, '/') + 1;
  if ((entry->attributes & ATTRIBUTE_DIRECTORY) != 0)
    g_ptr_array_add (self->folders,
                     (gpointer) valise_compact_rules_enter (self->rules, folder, name));
  else
    visit_file (self, entry,
                (entry->attributes & VALISE_COMPACT_PLAIN_ATTRIBUTES) != 0
                    ? VALISE_COMPACT_PLAIN
                    : valise_compact_rules_judge (self->rules, folder, name));
  return TRUE;
}

static gboolean
can_compress (ValiseBlobReader *reader, const File *file)
{
  guint64 size = valise_blob_reader_get_blob (reader, file->blob)->size;

  return file->limit != VALISE_COMPACT_PLAIN && size > CLUSTER && size <= VALISE_COMPACT_MAX_FILE;
}

/* The files of an edition. */
static GArray *
read_files (ValiseSource *source, const ValiseEdition *edition, ValiseBlobReader *reader,
            ValiseScratch *scratch, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseCompactRules) rules
      = valise_image_rules_read (source, edition, scratch, cancellable, error);
  g_autoptr (GBytes) metadata
      = rules != NULL ? valise_source_read_metadata (source, edition, error) : NULL;
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (File));
  g_autoptr (GHashTable) links
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GPtrArray) folders = g_ptr_array_new ();
  Visitor visitor = { reader, rules, files, links, folders, cancellable, 0 };
  const guint8 *bytes;
  gsize size;

  if (metadata == NULL)
    return NULL;
  bytes = g_bytes_get_data (metadata, &size);
  if (valise_metadata_parse (bytes, size, visit, &visitor))
    return g_steal_pointer (&files);
  if (!g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                 _("The image is damaged: the list of files of “%s” does not make sense. Download "
                   "or copy it again."),
                 edition->name);
  return NULL;
}

/* ---- the sample ---- */

/* A blob that may be compressed; all of them, one behind the other, are a line. */
typedef struct
{
  const ValiseBlob *blob;
  guint64 start; /* on the line, in bytes */
} Stretch;

typedef struct
{
  ValiseBlobReader *reader;
  ValiseCompactModel *model;
  GArray *line; /* of Stretch */
  guint64 length;
  gsize unit;   /* the largest of the blobs' units */
  guint64 next; /* on the line: all before this is taken or passed */
  guint64 taken;
  GCancellable *cancellable;
  guint8 buffer[SPOT_BYTES];
} Sampler;

/* @lists: of GArrays of File */
static void
lay_line (Sampler *self, const GPtrArray *lists)
{
  const guint n_blobs = valise_blob_reader_get_n_blobs (self->reader);
  g_autofree gboolean *wanted = g_new0 (gboolean, n_blobs + 1);

  for (guint i = 0; i < lists->len; i++)
    {
      const GArray *files = g_ptr_array_index (lists, i);

      for (guint j = 0; j < files->len; j++)
        {
          const File *file = &g_array_index (files, File, j);

          wanted[file->blob] |= can_compress (self->reader, file);
        }
    }
  for (guint i = 0; i < n_blobs; i++)
    {
      Stretch stretch = { valise_blob_reader_get_blob (self->reader, i), self->length };

      if (!wanted[i])
        continue;
      g_array_append_val (self->line, stretch);
      self->length += stretch.blob->size;
      self->unit = MAX (self->unit, stretch.blob->unit);
    }
}

/* The number of the stretch that a position is on. */
static guint
find_stretch (Sampler *self, guint64 position)
{
  guint low = 0;
  guint high = self->line->len;

  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->line, Stretch, middle).start <= position)
        low = middle;
      else
        high = middle;
    }
  return low;
}

/* Where on the line the chunk begins and ends that @position is in. */
static void
find_chunk (Sampler *self, guint64 position, guint64 *start, guint64 *end)
{
  guint i = find_stretch (self, position);
  const Stretch *here = &g_array_index (self->line, Stretch, i);
  guint64 at = here->blob->offset + position - here->start;
  guint64 first = at - at % here->blob->unit;
  guint64 behind = first + here->blob->unit;

  *start = position;
  *end = position;
  for (guint j = i; j != G_MAXUINT; j--)
    {
      const Stretch *stretch = &g_array_index (self->line, Stretch, j);

      if (!valise_blob_is_beside (stretch->blob, here->blob)
          || stretch->blob->offset + stretch->blob->size <= first)
        break;
      *start = stretch->start + (first > stretch->blob->offset ? first - stretch->blob->offset : 0);
    }
  for (guint j = i; j < self->line->len; j++)
    {
      const Stretch *stretch = &g_array_index (self->line, Stretch, j);

      if (!valise_blob_is_beside (stretch->blob, here->blob) || stretch->blob->offset >= behind)
        break;
      *end = stretch->start + MIN (stretch->blob->size, behind - stretch->blob->offset);
    }
}

/* Shows @size bytes of a blob to the model. */
static gboolean
take_piece (Sampler *self, const Stretch *stretch, guint64 at, gsize size, GError **error)
{
  const ValiseBlob *blob = stretch->blob;
  gdouble ratio;
  gdouble piece_ratio;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
      || !valise_blob_reader_get_ratio (self->reader, blob, 0, blob->size, &ratio, error)
      || !valise_blob_reader_get_ratio (self->reader, blob, at, size, &piece_ratio, error)
      || !valise_blob_reader_read (self->reader, blob, at, self->buffer, size, error)
      || !valise_compact_model_add (self->model, ratio, piece_ratio, blob->size, self->buffer,
                                    size, error))
    return FALSE;
  self->taken += size;
  self->next = stretch->start + at + size;
  return TRUE;
}

/* Takes about @size bytes of the line between @position and @end, in whole pieces of files. */
static gboolean
take (Sampler *self, guint64 position, guint64 end, guint64 size, GError **error)
{
  const guint64 piece = VALISE_COMPACT_PIECE_SIZE;

  position = MAX (position, self->next);
  for (guint i = find_stretch (self, position); i < self->line->len && size > 0; i++)
    {
      const Stretch *stretch = &g_array_index (self->line, Stretch, i);
      const guint64 whole = stretch->blob->size;
      guint64 stop = end > stretch->start ? MIN (whole, end - stretch->start) : 0;
      guint64 at = position > stretch->start ? position - stretch->start : 0;

      /* A file in whose middle the place is: not back into what was taken, or another chunk. */
      at = stretch->start + at - at % piece >= self->next && self->unit <= SPOT_BYTES
               ? at - at % piece
               : VALISE_ROUND_UP (at, piece);
      while (at < stop && size > 0)
        {
          guint64 n = MIN (MIN (stop - at, size), SPOT_BYTES);

          if (at + n < whole)
            n = n >= piece ? n - n % piece : MIN (piece, whole - at);
          if (n > stop - at)
            break;
          if (!take_piece (self, stretch, at, n, error))
            return FALSE;
          at += n;
          size -= MIN (n, size);
        }
      if (stop < whole)
        break;
    }
  return TRUE;
}

static gboolean
take_sample (Sampler *self, GError **error)
{
  guint64 n_places = CLAMP (DECOMPRESSED_BYTES / self->unit, MIN_PLACES, SAMPLE_BYTES / SPOT_BYTES);
  guint64 share = SAMPLE_BYTES / n_places;

  /* All of a small image. */
  if (self->length <= SAMPLE_BYTES)
    {
      n_places = 1;
      share = self->length;
    }
  for (guint64 i = 0; i < n_places; i++)
    {
      guint64 position = self->length / (2 * n_places) * (2 * i + 1);
      guint64 n_spots = MAX (share / SPOT_BYTES, 1);
      guint64 start = position - MIN (position, share / 2);
      guint64 end = self->length;

      if (n_places > 1 && self->unit > SPOT_BYTES)
        find_chunk (self, position, &start, &end);
      else
        n_spots = 1;
      if (start < self->next)
        continue;
      for (guint64 j = 0; j < n_spots; j++)
        if (!take (self, n_spots > 1 ? start + (end - start) / n_spots * j : start, end,
                   share / n_spots, error))
          return FALSE;
      self->next = MAX (self->next, n_spots > 1 ? end : 0);
    }
  return valise_compact_model_finish (self->model, error);
}

/* ---- the sum ---- */

static gboolean
add_up (ValiseCompactEstimate *self, const GArray *files, ValiseBlobReader *reader,
        ValiseCompactModel *model, guint algorithms, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      const File *file = &g_array_index (files, File, i);
      const ValiseBlob *blob = valise_blob_reader_get_blob (reader, file->blob);
      gdouble ratio;

      if (!can_compress (reader, file))
        continue;
      if (!valise_blob_reader_get_ratio (reader, blob, 0, blob->size, &ratio, error))
        return FALSE;
      self->n_files++;
      self->file_bytes += VALISE_ROUND_UP (blob->size, CLUSTER);
      for (guint j = 0; j < VALISE_WOF_N_ALGORITHMS; j++)
        if ((algorithms & 1u << j) != 0)
          self->packed_bytes[j] += valise_compact_model_predict (
              model, file->limit == VALISE_COMPACT_XPRESS4K ? VALISE_WOF_XPRESS4K : j, ratio,
              blob->size);
    }
  return TRUE;
}

/**
 * valise_compact_estimate_make:
 * @source: a source
 * @editions: (array length=n_editions): some of its editions
 * @n_editions: how many
 * @algorithms: a bit (1 << number) for each algorithm that matters
 * @estimates: (out caller-allocates) (array length=n_editions): an estimate for each edition
 * @scratch: for temporary files
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Estimates what editions' files take, compressed, by one sample of all of them. The same question
 * always gets the same answer. The source's thread; blocks for some seconds, on all processors.
 *
 * Returns: whether it could be estimated
 */
gboolean
valise_compact_estimate_make (ValiseSource *source, const ValiseEdition *const *editions,
                              guint n_editions, guint algorithms,
                              ValiseCompactEstimate *estimates, ValiseScratch *scratch,
                              GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseBlobReader) reader = valise_blob_reader_new (source, error);
  /* Before Windows 10, 1903, some files can only have XPRESS4K. */
  g_autoptr (ValiseCompactModel) model
      = valise_compact_model_new (algorithms | 1u << VALISE_WOF_XPRESS4K, 0);
  g_autoptr (GArray) line = g_array_new (FALSE, FALSE, sizeof (Stretch));
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autofree Sampler *sampler = g_new0 (Sampler, 1);
  gint64 start = g_get_monotonic_time ();

  if (reader == NULL)
    return FALSE;
  for (guint i = 0; i < n_editions; i++)
    {
      g_autoptr (ValiseCheck) check
          = valise_check_edition (source, editions[i], cancellable, error);
      GArray *files = check != NULL ? read_files (source, editions[i], reader, scratch,
                                                  cancellable, error)
                                    : NULL;

      if (files == NULL)
        return FALSE;
      g_ptr_array_add (lists, files);
      estimates[i] = (ValiseCompactEstimate){ .plain_bytes = check->needed_bytes };
    }

  *sampler = (Sampler){
    .reader = reader, .model = model, .line = line, .unit = 1, .cancellable = cancellable
  };
  lay_line (sampler, lists);
  if (line->len > 0 && !take_sample (sampler, error))
    return FALSE;
  for (guint i = 0; i < n_editions; i++)
    {
      estimates[i].sample_bytes = sampler->taken;
      estimates[i].is_rough = sampler->taken < sampler->length && sampler->unit > SPOT_BYTES;
      if (!add_up (&estimates[i], g_ptr_array_index (lists, i), reader, model, algorithms, error))
        return FALSE;
    }
  g_debug ("compact: estimated in %.1f s from %" G_GUINT64_FORMAT " bytes",
           (g_get_monotonic_time () - start) / (gdouble) G_USEC_PER_SEC, sampler->taken);
  return TRUE;
}

/**
 * valise_compact_estimate_make_all:
 * @source: a source
 * @scratch: for temporary files
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * As valise_compact_estimate_make(), of all editions that can start, with all algorithms.
 *
 * Returns: (transfer full) (nullable): an estimate for each of the source's editions; zeroed for
 *   those that cannot start
 */
ValiseCompactEstimate *
valise_compact_estimate_make_all (ValiseSource *source, ValiseScratch *scratch,
                                  GCancellable *cancellable, GError **error)
{
  GPtrArray *editions = valise_source_get_editions (source);
  g_autoptr (GPtrArray) systems = g_ptr_array_new ();
  g_autofree ValiseCompactEstimate *found = g_new0 (ValiseCompactEstimate, editions->len + 1);
  ValiseCompactEstimate *estimates;

  for (guint i = 0; i < editions->len; i++)
    if (((const ValiseEdition *) editions->pdata[i])->is_system)
      g_ptr_array_add (systems, editions->pdata[i]);
  if (!valise_compact_estimate_make (source, (const ValiseEdition *const *) systems->pdata,
                                     systems->len, VALISE_COMPACT_ESTIMATE_ALL, found, scratch,
                                     cancellable, error))
    return NULL;
  estimates = g_new0 (ValiseCompactEstimate, editions->len + 1);
  for (guint i = 0, n = 0; n < systems->len && i < editions->len; i++)
    if (editions->pdata[i] == systems->pdata[n])
      estimates[i] = found[n++];
  return estimates;
}

/* How many bytes less the files take. */
static guint64
get_saved (const ValiseCompactEstimate *self, ValiseWofAlgorithm algorithm)
{
  const guint64 packed = self->packed_bytes[algorithm] + self->n_files * TABLE_BYTES;

  return self->file_bytes > packed ? self->file_bytes - packed : 0;
}

/**
 * valise_compact_estimate_get_bytes:
 * @self: an estimate
 * @algorithm: one of its algorithms
 *
 * Any thread.
 *
 * Returns: what the edition takes on a volume, compressed, in bytes; without the volume's own files
 */
guint64
valise_compact_estimate_get_bytes (const ValiseCompactEstimate *self, ValiseWofAlgorithm algorithm)
{
  return self->plain_bytes - get_saved (self, algorithm);
}

/**
 * valise_compact_estimate_get_needed:
 * @self: an estimate
 * @algorithm: one of its algorithms
 * @plain: what a volume must have at least, in bytes, without compression
 *
 * Any thread.
 *
 * Returns: what a volume must have at least, in bytes, with a margin for what an estimate is not;
 *   never more than @plain
 */
guint64
valise_compact_estimate_get_needed (const ValiseCompactEstimate *self,
                                    ValiseWofAlgorithm algorithm, guint64 plain)
{
  const guint64 saved = get_saved (self, algorithm);
  const guint64 margin
      = self->packed_bytes[algorithm] / 100
            * (self->is_rough ? MARGIN_PERCENT_ROUGH : MARGIN_PERCENT)
        + MARGIN_BYTES;

  return plain - (saved > margin ? MIN (plain, saved - margin) : 0);
}

/**
 * valise_compact_estimate_get_likely:
 * @self: an estimate that was wrong
 * @bytes: of how many bytes of files it is known by now what they take
 * @packed_bytes: what they take, in bytes
 *
 * Any thread.
 *
 * Returns: what the edition takes on a volume, in bytes, if the rest is as the files so far
 */
guint64
valise_compact_estimate_get_likely (const ValiseCompactEstimate *self, guint64 bytes,
                                    guint64 packed_bytes)
{
  const gdouble ratio = bytes > 0 ? MIN (1, (gdouble) packed_bytes / bytes) : 1;

  return self->plain_bytes - self->file_bytes + (guint64) (ratio * self->file_bytes);
}
