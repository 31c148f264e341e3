/* fuzz-wim-header.c: a file that may be a WIM, a disc or anything: what it is, and its header.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fuzz-input.h"
#include "image/valise-recognize.h"
#include "image/valise-wim-header.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *path = fuzz_file (data, size);
  g_autoptr (GError) error = NULL;
  ValiseWimHeader header;
  ValiseFileKind kind;
  guint64 file_size;

  kind = valise_recognize (path, &file_size, &error);
  g_assert_cmpuint (file_size, ==, size);
  g_assert_true ((kind == VALISE_FILE_OTHER) == (error != NULL));
  g_clear_error (&error);
  if (!valise_wim_header_read (path, "x.wim", &header, &error))
    g_assert_nonnull (error);
  else
    g_assert_true (valise_wim_header_parse (data, size, &header));
  return 0;
}
