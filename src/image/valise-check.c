/* valise-check.c: what an edition's metadata says, before anything of it is written.
 *
 * Responsible for what wimlib's NTFS mode does otherwise than Windows would, or not at all: it is
 * found here, and named, while nothing has been touched yet. And for how much space is needed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-bytes.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-metadata-source.h"
#include "valise-metadata.h"
#include "valise-source-private.h"

#define HASH_SIZE VALISE_METADATA_HASH_SIZE
#define CANCEL_EVERY 4096

/* Sizes on NTFS: of a cluster, an MFT record, and of the parts of a record. */
#define CLUSTER 4096
#define RECORD 1024
#define RECORD_FIXED (56 + 96 + 8) /* header, $STANDARD_INFORMATION, end */
#define NAME_FIXED (24 + 66)       /* $FILE_NAME without the name */
#define INDEX_FIXED (16 + 66)      /* an index entry without the name */
#define STREAM_RESIDENT 24
#define STREAM_RUNS 88
/* Larger streams are not kept in the record. */
#define RESIDENT_MAX 700

/* Attribute bits that libntfs-3g drops. */
#define DROPPED (0x8000 | 0x20000 | 0x40000 | 0x80000 | 0x100000 | 0x400000)

typedef struct
{
  ValiseCheck *check;
  GHashTable *sizes; /* of blobs: hash to guint64 */
  GHashTable *links; /* set of guint64: link groups that were met */
  GHashTable *descriptors; /* set of pointers: those that were met */
  GCancellable *cancellable;
  guint64 n;
} Visitor;

typedef struct
{
  guint8 hash[HASH_SIZE];
  guint64 size;
} Blob;

static guint
blob_hash (gconstpointer key)
{
  guint hash;

  memcpy (&hash, key, sizeof hash);
  return hash;
}

static gboolean
blob_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, HASH_SIZE) == 0;
}

static int
add_blob_cb (const struct wimlib_resource_entry *resource, void *data)
{
  GHashTable *sizes = data;
  Blob *blob;

  if (resource->is_metadata)
    return 0;
  blob = g_new (Blob, 1);
  memcpy (blob->hash, resource->sha1_hash, HASH_SIZE);
  blob->size = resource->uncompressed_size;
  g_hash_table_replace (sizes, blob, blob);
  return 0;
}

/* Whether there is a SID at @at that libntfs-3g takes ([MS-DTYP] 2.4.2; it takes 1 to 8 parts). */
static gboolean
has_sid (const guint8 *bytes, gsize size, gsize at)
{
  guint n;

  if (at < 20 || at % 4 != 0 || at > size || size - at < 8)
    return FALSE;
  n = bytes[at + 1];
  return bytes[at] == 1 && n >= 1 && n <= 8 && size - at >= 8 + 4 * (gsize) n;
}

/* Whether the ACL at @at is inside, if there is any ([MS-DTYP] 2.4.5). */
static gboolean
has_acl_or_none (const guint8 *bytes, gsize size, gsize at)
{
  return at == 0 || (at >= 20 && at % 4 == 0 && at <= size && size - at >= 8);
}

static gboolean
is_valid_descriptor (const guint8 *bytes, gsize size)
{
  return size >= 20 && bytes[0] == 1 && has_sid (bytes, size, valise_get_le32 (bytes + 4))
         && has_sid (bytes, size, valise_get_le32 (bytes + 8))
         && has_acl_or_none (bytes, size, valise_get_le32 (bytes + 12))
         && has_acl_or_none (bytes, size, valise_get_le32 (bytes + 16));
}

static void
add_path (GPtrArray *paths, const ValiseMetadataEntry *entry, guint max)
{
  if (paths->len < max)
    g_ptr_array_add (paths, valise_metadata_dup_path (entry));
}

/* Adds what a stream takes; returns what it takes in the record. */
static guint64
add_stream (Visitor *self, const guint8 *hash, guint name_units, gboolean is_sparse)
{
  const Blob *blob = g_hash_table_lookup (self->sizes, hash);
  guint64 size = blob != NULL ? blob->size : 0, space;
  guint64 name = VALISE_ROUND_UP (2 * name_units, 8);

  size = MIN (size, G_MAXUINT64 >> 8);
  self->check->data_bytes += size;
  if (size <= RESIDENT_MAX)
    return STREAM_RESIDENT + name + VALISE_ROUND_UP (size, 8);
  space = VALISE_ROUND_UP (size, CLUSTER);
  self->check->needed_bytes += space;
  if (is_sparse)
    self->check->sparse_bytes += space;
  return STREAM_RUNS + name;
}

/* Adds what a file takes, with one name. */
static void
add_file (Visitor *self, const ValiseMetadataEntry *entry)
{
  ValiseCheck *check = self->check;
  gboolean is_folder = (entry->attributes & WIMLIB_FILE_ATTRIBUTE_DIRECTORY) != 0;
  gboolean is_sparse = (entry->attributes & WIMLIB_FILE_ATTRIBUTE_SPARSE_FILE) != 0;
  guint64 record = RECORD_FIXED + (entry->has_object_id ? 40 : 0);
  const guint8 *stream = entry->streams;

  record += add_stream (self, entry->main_hash, 0, is_sparse);
  for (guint i = 0; i < entry->n_streams; i++)
    {
      const guint8 *hash;
      guint name_units;

      stream = valise_metadata_next_stream (stream, &hash, &name_units);
      record += add_stream (self, hash, name_units, is_sparse);
    }
  if (is_folder)
    {
      check->n_folders++;
      record += 200; /* the index's root and runs */
      check->metadata_bytes += CLUSTER;
    }
  else
    check->n_files++;
  check->metadata_bytes += VALISE_ROUND_UP (record, RECORD);

  if ((entry->attributes & WIMLIB_FILE_ATTRIBUTE_ENCRYPTED) != 0 && !is_folder)
    {
      check->n_encrypted++;
      add_path (check->encrypted_paths, entry, VALISE_CHECK_MAX_PATHS);
    }
  if (entry->descriptor != NULL
      && !is_valid_descriptor (entry->descriptor, entry->descriptor_size))
    {
      check->n_bad_security++;
      add_path (check->bad_security_paths, entry, VALISE_CHECK_MAX_PATHS);
    }
  check->n_extended_attributes += entry->has_extended_attributes;
  check->n_dropped_attributes += (entry->attributes & DROPPED) != 0;
  check->dropped_attributes |= entry->attributes & DROPPED;
}

/* A name takes room in its file's record and in its folder's index, which is half full. */
static void
add_name (ValiseCheck *check, guint units)
{
  check->metadata_bytes += VALISE_ROUND_UP (NAME_FIXED + 2 * units, 8);
  check->metadata_bytes += 2 * VALISE_ROUND_UP (INDEX_FIXED + 2 * units, 8);
}

static gboolean
visit (const ValiseMetadataEntry *entry, gpointer data)
{
  Visitor *self = data;
  ValiseCheck *check = self->check;
  gboolean is_new = TRUE;

  if (self->n++ % CANCEL_EVERY == 0 && g_cancellable_is_cancelled (self->cancellable))
    return FALSE;
  if ((entry->attributes & WIMLIB_FILE_ATTRIBUTE_DIRECTORY) == 0 && entry->link_group != 0)
    is_new = g_hash_table_add (self->links, g_memdup2 (&entry->link_group, sizeof (guint64)));
  if (is_new)
    add_file (self, entry);
  add_name (check, entry->name_units);
  if (entry->short_name_units > 0)
    add_name (check, entry->short_name_units);
  if ((entry->attributes & WIMLIB_FILE_ATTRIBUTE_COMPRESSED) != 0)
    add_path (check->compressed_paths, entry, G_MAXUINT);
  /* In $Secure, each descriptor is there twice, and in two indexes. */
  if (entry->descriptor != NULL
      && g_hash_table_add (self->descriptors, (gpointer) entry->descriptor))
    check->metadata_bytes += 2 * (VALISE_ROUND_UP (entry->descriptor_size + 20, 16) + 100);
  return TRUE;
}

/**
 * valise_check_edition:
 * @source: a source
 * @edition: one of its editions
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Reads the metadata of an edition, and says what in it will need attention. What it finds is no
 * error here. Blocks, for less than a second; the source's thread.
 *
 * Returns: (transfer full) (nullable): what was found
 */
ValiseCheck *
valise_check_edition (ValiseSource *source, const ValiseEdition *edition, GCancellable *cancellable,
                      GError **error)
{
  g_autoptr (ValiseCheck) check = g_new0 (ValiseCheck, 1);
  g_autoptr (GBytes) metadata = NULL;
  g_autoptr (GHashTable) sizes = g_hash_table_new_full (blob_hash, blob_equal, g_free, NULL);
  g_autoptr (GHashTable) links
      = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GHashTable) descriptors = g_hash_table_new (NULL, NULL);
  Visitor visitor = { check, sizes, links, descriptors, cancellable, 0 };
  const guint8 *bytes;
  gsize size;

  g_return_val_if_fail (source != NULL && edition != NULL, NULL);

  check->encrypted_paths = g_ptr_array_new_with_free_func (g_free);
  check->bad_security_paths = g_ptr_array_new_with_free_func (g_free);
  check->compressed_paths = g_ptr_array_new_with_free_func (g_free);
  metadata = valise_source_read_metadata (source, edition, error);
  if (metadata == NULL)
    return NULL;
  wimlib_iterate_lookup_table (source->wim, 0, add_blob_cb, sizes);
  bytes = g_bytes_get_data (metadata, &size);
  if (!valise_metadata_parse (bytes, size, visit, &visitor))
    {
      if (!g_cancellable_set_error_if_cancelled (cancellable, error))
        g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                     _("“%s” is damaged: the list of files of “%s” does not make sense. Download "
                       "or copy it again."),
                     source->shown, edition->name);
      return NULL;
    }
  check->needed_bytes += check->metadata_bytes;
  return g_steal_pointer (&check);
}

/**
 * valise_check_get_needed_bytes:
 * @self: what was found
 * @sector_size: the size of a drive's logical sectors in bytes
 *
 * An MFT record takes at least a sector.
 *
 * Returns: @self's needed_bytes, for a volume in such sectors
 */
guint64
valise_check_get_needed_bytes (const ValiseCheck *self, guint sector_size)
{
  const guint64 more = sector_size > RECORD ? sector_size - RECORD : 0;

  return self->needed_bytes + (self->n_files + self->n_folders) * more;
}

/**
 * valise_check_free:
 * @self: (transfer full): what was found
 */
void
valise_check_free (ValiseCheck *self)
{
  g_clear_pointer (&self->encrypted_paths, g_ptr_array_unref);
  g_clear_pointer (&self->bad_security_paths, g_ptr_array_unref);
  g_clear_pointer (&self->compressed_paths, g_ptr_array_unref);
  g_free (self);
}
