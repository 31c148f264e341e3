/* fuzz-drive-contents.c: a drive of 16 MiB, of which the input holds some sectors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-units.h"
#include "devices/valise-drive-contents.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *path = fuzz_sparse_file (data, size, 512, 16 * VALISE_MIB);
  g_autoptr (ValiseDriveContents) contents = valise_drive_contents_read (path);

  g_assert_true (contents->readable);
  for (guint i = 0; i < contents->parts->len; i++)
    {
      const ValiseDriveContent *part = contents->parts->pdata[i];

      g_assert_true (part->type == NULL || g_utf8_validate (part->type, -1, NULL));
      g_assert_true (part->label == NULL || g_utf8_validate (part->label, -1, NULL));
    }
  return 0;
}
