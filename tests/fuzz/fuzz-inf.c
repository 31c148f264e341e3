/* fuzz-inf.c: the information file of a driver.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-inf.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) file = g_bytes_new (data, size);
  g_autoptr (ValiseInf) inf = valise_inf_parse (file);

  if (inf == NULL)
    return 0;
  g_assert_cmpuint (inf->files->len % 2, ==, 0);
  for (guint i = 0; i < inf->files->len; i++)
    g_assert_true (g_utf8_validate (g_ptr_array_index (inf->files, i), -1, NULL));
  for (guint i = 0; i < inf->targets->len; i++)
    g_assert_cmpstr (g_array_index (inf->targets, ValiseInfTarget, i).architecture, !=, "");
  valise_inf_get_catalog (inf, "amd64");
  valise_inf_is_boot_critical (inf);
  return 0;
}
