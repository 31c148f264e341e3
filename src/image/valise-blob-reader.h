/* valise-blob-reader.h: reads pieces out of the middle of a source's blobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-source.h"

G_BEGIN_DECLS

/**
 * ValiseBlob:
 * @hash: its SHA-1
 * @size: in bytes
 * @is_solid: whether it is compressed together with others
 * @unit: how many bytes are compressed, and decompressed, at once; 1 where it is not compressed
 * @offset: where it begins in its resource, uncompressed, in bytes: 0 where it is alone in it
 *
 * What files have in them: once in a source, however many files have it.
 */
typedef struct
{
  guint8 hash[20];
  guint64 size;
  gboolean is_solid;
  gsize unit;
  guint64 offset;
  /*< private >*/
  gboolean is_compressed;
  guint part;
  guint64 resource_offset; /* in its file */
  guint64 resource_size;   /* in its file */
  guint64 resource_full_size;
} ValiseBlob;

/**
 * ValiseBlobReader:
 *
 * See valise-blob-reader.c. One thread at a time.
 */
typedef struct _ValiseBlobReader ValiseBlobReader;

ValiseBlobReader *valise_blob_reader_new (ValiseSource *source, GError **error);
void valise_blob_reader_free (ValiseBlobReader *self);

gboolean valise_blob_is_beside (const ValiseBlob *blob, const ValiseBlob *other);

guint valise_blob_reader_get_n_blobs (ValiseBlobReader *self);
const ValiseBlob *valise_blob_reader_get_blob (ValiseBlobReader *self, guint i);
gint valise_blob_reader_find (ValiseBlobReader *self, const guint8 *hash);
gboolean valise_blob_reader_get_ratio (ValiseBlobReader *self, const ValiseBlob *blob,
                                       guint64 at, guint64 size, gdouble *ratio, GError **error);
gboolean valise_blob_reader_read (ValiseBlobReader *self, const ValiseBlob *blob, guint64 at,
                                  guint8 *buffer, gsize size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBlobReader, valise_blob_reader_free)

G_END_DECLS
