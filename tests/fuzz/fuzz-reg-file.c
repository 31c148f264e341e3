/* fuzz-reg-file.c: a user's .reg file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-reg-file.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) file = g_bytes_new (data, size);
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  g_autoptr (GError) error = NULL;

  /* An error or changes that can be made: no empty names of keys, no values that are too large. */
  if (valise_reg_file_parse (file, "fuzz.reg", changes, &error))
    g_assert_no_error (error);
  else
    g_assert_nonnull (error);
  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseRegistryChange *change = g_ptr_array_index (changes, i);

      g_assert_true (g_utf8_validate (change->key, -1, NULL));
      g_assert_true (g_utf8_validate (change->name, -1, NULL));
      g_assert_null (g_strstr_len (change->key, -1, "\\\\"));
      if (change->action == VALISE_REGISTRY_SET_VALUE)
        g_assert_cmpuint (g_bytes_get_size (change->data), <=, VALISE_REGISTRY_MAX_DATA);
      if (change->action == VALISE_REGISTRY_DELETE_KEY)
        g_assert_cmpstr (change->key, !=, "");
    }
  return 0;
}
