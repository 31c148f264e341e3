/* fuzz-bcd-store.c: a BCD store.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-bcd-reader.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBcdStore) store = valise_bcd_store_parse (bytes, &error);

  g_assert_true ((store == NULL) == (error != NULL));
  return 0;
}
