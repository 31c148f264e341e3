/* valise-wof.h: how a file looks that Windows' overlay filter has compressed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseWofAlgorithm:
 * @VALISE_WOF_XPRESS4K: XPRESS, chunks of 4 KiB: the fastest to read
 * @VALISE_WOF_LZX: LZX, chunks of 32 KiB: the smallest
 * @VALISE_WOF_XPRESS8K: XPRESS, chunks of 8 KiB
 * @VALISE_WOF_XPRESS16K: XPRESS, chunks of 16 KiB
 *
 * Numbered as FILE_PROVIDER_EXTERNAL_INFO_V1 in winioctl.h numbers them.
 */
typedef enum
{
  VALISE_WOF_XPRESS4K = 0,
  VALISE_WOF_LZX = 1,
  VALISE_WOF_XPRESS8K = 2,
  VALISE_WOF_XPRESS16K = 3,
} ValiseWofAlgorithm;

/**
 * VALISE_WOF_N_ALGORITHMS:
 *
 * How many algorithms there are.
 */
#define VALISE_WOF_N_ALGORITHMS 4

/**
 * VALISE_WOF_STREAM_NAME:
 *
 * The named stream that has the compressed data.
 */
#define VALISE_WOF_STREAM_NAME "WofCompressedData"

/**
 * VALISE_WOF_REPARSE_SIZE:
 *
 * Bytes of the reparse point, its head of 8 bytes included.
 */
#define VALISE_WOF_REPARSE_SIZE 24

gsize valise_wof_get_chunk_size (ValiseWofAlgorithm algorithm);
const char *valise_wof_get_name (ValiseWofAlgorithm algorithm);
guint64 valise_wof_count_chunks (ValiseWofAlgorithm algorithm, guint64 size);
guint valise_wof_get_entry_size (guint64 size);
guint64 valise_wof_get_table_size (ValiseWofAlgorithm algorithm, guint64 size);
gboolean valise_wof_saves (ValiseWofAlgorithm algorithm, guint64 size, guint64 packed_size,
                          gsize unit);
void valise_wof_pack_entry (guint8 *table, guint64 size, guint64 index, guint64 chunk_end);
void valise_wof_pack_reparse (ValiseWofAlgorithm algorithm, guint8 *bytes);

G_END_DECLS
