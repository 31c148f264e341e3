/* valise-metadata.h: reads the metadata resource of an image: its tree of files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define VALISE_METADATA_HASH_SIZE 20

/**
 * ValiseMetadataEntry:
 * @attributes: as Windows numbers them
 * @descriptor: (nullable): the security descriptor, @descriptor_size bytes
 * @link_group: the same for all names of a file with several; 0 for none
 * @name_units: length of the name, in UTF-16 units
 * @short_name_units: length of the short name, or 0
 * @has_extended_attributes: whether there are some
 * @has_object_id: whether there is one
 * @main_hash: of the first stream
 * @streams: @n_streams further streams; see valise_metadata_next_stream()
 * @path_parts: for valise_metadata_dup_path()
 *
 * A file or folder; only there until the visit ends.
 */
typedef struct
{
  guint32 attributes;
  const guint8 *descriptor;
  gsize descriptor_size;
  guint64 link_group;
  guint name_units;
  guint short_name_units;
  gboolean has_extended_attributes;
  gboolean has_object_id;
  const guint8 *main_hash;
  const guint8 *streams;
  guint n_streams;
  /*< private >*/
  GArray *path_parts;
} ValiseMetadataEntry;

/**
 * ValiseMetadataVisit:
 *
 * Called for each entry, a folder before what is in it. Returns whether to go on.
 */
typedef gboolean (*ValiseMetadataVisit) (const ValiseMetadataEntry *entry, gpointer data);

gboolean valise_metadata_parse (const guint8 *bytes, gsize size, ValiseMetadataVisit visit,
                                gpointer data);
const guint8 *valise_metadata_next_stream (const guint8 *stream, const guint8 **hash,
                                           guint *name_units);
char *valise_metadata_dup_path (const ValiseMetadataEntry *entry);

G_END_DECLS
