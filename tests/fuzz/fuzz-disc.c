/* fuzz-disc.c: an ISO of 1 MiB, of which the input holds some sectors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-units.h"
#include "fuzz-input.h"
#include "image/valise-disc.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *path = fuzz_sparse_file (data, size, 2048, VALISE_MIB);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseDisc) disc = valise_disc_open (path, NULL, &error);

  g_assert_true ((disc == NULL) == (error != NULL));
  for (guint i = 0; disc != NULL && i < disc->files->len; i++)
    {
      const ValiseDiscFile *file = disc->files->pdata[i];
      guint64 sum = 0;

      for (guint j = 0; j < file->extents->len; j++)
        {
          const ValiseDiscExtent *extent = &g_array_index (file->extents, ValiseDiscExtent, j);

          g_assert_cmpuint (extent->offset + extent->size, <=, VALISE_MIB);
          sum += extent->size;
        }
      g_assert_cmpuint (sum, ==, file->size);
    }
  return 0;
}
