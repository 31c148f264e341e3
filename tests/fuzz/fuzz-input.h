/* fuzz-input.h: what the fuzz targets share: foreign bytes as a file that has a path.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What libFuzzer (or fuzz-replay.c) calls; each target defines the second. */
int LLVMFuzzerInitialize (int *argc, char ***argv);
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

const char *fuzz_file (const guint8 *data, gsize size);
const char *fuzz_sparse_file (const guint8 *data, gsize size, gsize sector, guint64 file_size);

G_END_DECLS
