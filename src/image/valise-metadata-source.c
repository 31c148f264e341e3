/* valise-metadata-source.c: takes the metadata resource of an image out of a source.
 *
 * wimlib decompresses it: it is asked to write a WIM with this image and without any files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-metadata-source.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "valise-source-private.h"
#include "valise-wim-header.h"
#include "valise-wimlib.h"

/* A blob's entry in the table: resource, part, references, hash. */
#define BLOB_SIZE 50
#define RESOURCE_METADATA 2

static guint64
get_le (const guint8 *bytes, guint n)
{
  guint64 value = 0;

  while (n-- > 0)
    value = value << 8 | bytes[n];
  return value;
}

/* Finds the metadata in an uncompressed WIM with one image. */
static gboolean
find_metadata (const guint8 *bytes, gsize size, const guint8 **metadata, gsize *metadata_size)
{
  ValiseWimHeader header;

  if (!valise_wim_header_parse (bytes, size, &header) || header.blobs.offset > size
      || header.blobs.size > size - header.blobs.offset)
    return FALSE;
  for (guint64 at = 0; at + BLOB_SIZE <= header.blobs.size; at += BLOB_SIZE)
    {
      const guint8 *blob = bytes + header.blobs.offset + at;
      guint64 stored = get_le (blob, 7), offset = get_le (blob + 8, 8);

      if (blob[7] != RESOURCE_METADATA || get_le (blob + 16, 8) != stored || offset > size
          || stored > size - offset)
        continue;
      *metadata = bytes + offset;
      *metadata_size = stored;
      return TRUE;
    }
  return FALSE;
}

/* Has wimlib write an image's metadata, and nothing else, to @fd. */
static int
export_metadata (ValiseSource *source, guint index, int fd)
{
  WIMStruct *wim = NULL;
  int code = wimlib_create_new_wim (WIMLIB_COMPRESSION_TYPE_NONE, &wim);

  if (code == 0)
    code = wimlib_export_image (source->wim, index, wim, "", NULL, 0);
  if (code == 0)
    code = wimlib_write_to_fd (wim, fd, WIMLIB_ALL_IMAGES, WIMLIB_WRITE_FLAG_SKIP_EXTERNAL_WIMS, 1);
  if (wim != NULL)
    wimlib_free (wim);
  return code;
}

/**
 * valise_source_read_metadata:
 * @source: a source
 * @edition: one of its editions
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Blocks, for less than a second; the source's thread.
 *
 * Returns: (transfer full) (nullable): for valise_metadata_parse()
 */
GBytes *
valise_source_read_metadata (ValiseSource *source, const ValiseEdition *edition, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GBytes) all = NULL;
  const guint8 *bytes, *metadata;
  gsize size, metadata_size;
  int fd = memfd_create ("valise-metadata", MFD_CLOEXEC);
  int code;

  if (fd < 0)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_MEMORY,
                   _("There is no memory for the list of files: %s."), g_strerror (errno));
      return NULL;
    }
  code = export_metadata (source, edition->index, fd);
  if (code == 0)
    file = g_mapped_file_new_from_fd (fd, FALSE, NULL);
  close (fd);
  if (code != 0)
    {
      valise_wimlib_set_error (error, code, source->shown);
      return NULL;
    }
  all = file != NULL ? g_mapped_file_get_bytes (file) : g_bytes_new (NULL, 0);
  bytes = g_bytes_get_data (all, &size);
  if (!find_metadata (bytes, size, &metadata, &metadata_size))
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                   _("wimlib did not give the list of files of “%s”. Update wimlib."),
                   source->shown);
      return NULL;
    }
  return g_bytes_new_from_bytes (all, metadata - bytes, metadata_size);
}
