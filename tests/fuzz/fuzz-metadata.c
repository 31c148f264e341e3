/* fuzz-metadata.c: the metadata of an image: its tree of files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fuzz-input.h"
#include "image/valise-metadata.h"

/* Everything that is handed over must be there to be read. */
static gboolean
visit (const ValiseMetadataEntry *entry, gpointer data)
{
  g_autofree char *path = valise_metadata_dup_path (entry);
  const guint8 *stream = entry->streams;
  guint *sum = data;

  g_assert_nonnull (path);
  for (gsize i = 0; entry->descriptor != NULL && i < entry->descriptor_size; i++)
    *sum += entry->descriptor[i];
  for (guint i = 0; i < VALISE_METADATA_HASH_SIZE; i++)
    *sum += entry->main_hash[i];
  for (guint i = 0; i < entry->n_streams; i++)
    {
      const guint8 *hash;
      guint name_units;

      stream = valise_metadata_next_stream (stream, &hash, &name_units);
      *sum += hash[0] + hash[VALISE_METADATA_HASH_SIZE - 1] + name_units;
    }
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  guint sum = 0;

  valise_metadata_parse (data, size, visit, &sum);
  return 0;
}
