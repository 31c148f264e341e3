/* fuzz-policy-file.c: a file of a company's policies: AppLocker, a Wi-Fi profile, a certificate.
 *
 * The first byte says what it should be. Certificates with keys are left out: how long it takes to
 * open them is said in them, and is for GnuTLS to bound.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-policy-files.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const ValisePolicyKind kinds[] = {
    VALISE_POLICY_APPLOCKER, VALISE_POLICY_WIFI, VALISE_POLICY_ROOT_CERTIFICATE,
    VALISE_POLICY_APP_CONTROL,
  };
  g_autoptr (GBytes) contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *summary = NULL;

  if (size == 0)
    return 0;
  contents = valise_policy_file_load (kinds[data[0] % G_N_ELEMENTS (kinds)],
                                      fuzz_file (data + 1, size - 1), NULL, &summary, &error);
  g_assert_true ((contents == NULL) == (error != NULL));
  if (contents != NULL)
    g_assert_true (summary != NULL && g_utf8_validate (summary, -1, NULL));
  return 0;
}
