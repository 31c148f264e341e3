/* valise-wof.c: how a file looks that Windows' overlay filter has compressed.
 *
 * The filter (wof.sys, file provider) keeps a file as a sparse unnamed stream without any data, a
 * stream “WofCompressedData”, and a reparse point that says which algorithm it is. The stream
 * begins with a table: for each chunk but the first, where it begins, counted from the table's
 * end. A chunk that compression does not make smaller is stored as it is.
 *
 * The reparse point is WOF_EXTERNAL_INFO followed by FILE_PROVIDER_EXTERNAL_INFO_V1, as winioctl.h
 * of the Windows SDK has them; the tag is IO_REPARSE_TAG_WOF ([MS-FSCC] 2.1.2.1). The stream's
 * format is not published; it is that of the resources of WIM files with the table's entries as
 * wide as the size of the file asks for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-wof.h"

#include <string.h>

#define TAG_WOF 0x80000017u
#define WOF_VERSION 1
#define WOF_PROVIDER_FILE 2
#define FILE_PROVIDER_VERSION 1

static const struct
{
  const char *name;
  gsize chunk_size;
} algorithms[VALISE_WOF_N_ALGORITHMS] = {
  [VALISE_WOF_XPRESS4K] = { "xpress4k", 4096 },
  [VALISE_WOF_LZX] = { "lzx", 32768 },
  [VALISE_WOF_XPRESS8K] = { "xpress8k", 8192 },
  [VALISE_WOF_XPRESS16K] = { "xpress16k", 16384 },
};

/**
 * valise_wof_get_chunk_size:
 * @algorithm: an algorithm
 *
 * Returns: how many bytes of a file are compressed at a time
 */
gsize
valise_wof_get_chunk_size (ValiseWofAlgorithm algorithm)
{
  return algorithms[algorithm].chunk_size;
}

/**
 * valise_wof_get_name:
 * @algorithm: an algorithm
 *
 * Returns: (transfer none): its name in lower case, as the command line has it; not translated
 */
const char *
valise_wof_get_name (ValiseWofAlgorithm algorithm)
{
  return algorithms[algorithm].name;
}

/**
 * valise_wof_count_chunks:
 * @algorithm: an algorithm
 * @size: a file's size in bytes
 *
 * Returns: how many chunks such a file has
 */
guint64
valise_wof_count_chunks (ValiseWofAlgorithm algorithm, guint64 size)
{
  gsize chunk = algorithms[algorithm].chunk_size;

  return size / chunk + (size % chunk != 0);
}

/**
 * valise_wof_get_entry_size:
 * @size: a file's size in bytes
 *
 * Returns: how many bytes an entry of its table has
 */
guint
valise_wof_get_entry_size (guint64 size)
{
  return size > G_MAXUINT32 ? 8 : 4;
}

/**
 * valise_wof_get_table_size:
 * @algorithm: an algorithm
 * @size: a file's size in bytes, not 0
 *
 * Returns: how many bytes its table has
 */
guint64
valise_wof_get_table_size (ValiseWofAlgorithm algorithm, guint64 size)
{
  return (valise_wof_count_chunks (algorithm, size) - 1) * valise_wof_get_entry_size (size);
}

/**
 * valise_wof_saves:
 * @algorithm: how a file is compressed
 * @size: its size in bytes
 * @packed_size: of its chunks, compressed, in bytes
 * @unit: a cluster's size in bytes
 *
 * Returns: whether it takes fewer clusters with its chunks compressed, and their table, than as it
 *   is
 */
gboolean
valise_wof_saves (ValiseWofAlgorithm algorithm, guint64 size, guint64 packed_size, gsize unit)
{
  packed_size += valise_wof_get_table_size (algorithm, size);
  return (packed_size + unit - 1) / unit < (size + unit - 1) / unit;
}

/**
 * valise_wof_pack_entry:
 * @table: the table
 * @size: the file's size in bytes
 * @index: a chunk's number, from 0; not that of the last one, which has no entry
 * @chunk_end: where that chunk ends, in bytes from the table's end
 *
 * Puts one entry into a table.
 */
void
valise_wof_pack_entry (guint8 *table, guint64 size, guint64 index, guint64 chunk_end)
{
  if (valise_wof_get_entry_size (size) == 8)
    {
      guint64 entry = GUINT64_TO_LE (chunk_end);

      memcpy (table + index * sizeof entry, &entry, sizeof entry);
    }
  else
    {
      guint32 entry = GUINT32_TO_LE ((guint32) chunk_end);

      memcpy (table + index * sizeof entry, &entry, sizeof entry);
    }
}

/**
 * valise_wof_pack_reparse:
 * @algorithm: an algorithm
 * @bytes: (out caller-allocates): %VALISE_WOF_REPARSE_SIZE bytes
 *
 * Makes the reparse point of a file.
 */
void
valise_wof_pack_reparse (ValiseWofAlgorithm algorithm, guint8 *bytes)
{
  const guint32 words[VALISE_WOF_REPARSE_SIZE / 4] = {
    GUINT32_TO_LE (TAG_WOF),
    GUINT32_TO_LE (VALISE_WOF_REPARSE_SIZE - 8), /* length of the data: 16 bits; 16 zero ones */
    GUINT32_TO_LE (WOF_VERSION),
    GUINT32_TO_LE (WOF_PROVIDER_FILE),
    GUINT32_TO_LE (FILE_PROVIDER_VERSION),
    GUINT32_TO_LE ((guint32) algorithm),
  };

  memcpy (bytes, words, sizeof words);
}
