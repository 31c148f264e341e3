/* fuzz-pe.c: a program for the firmware: its version, its digest, and who signed it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-signature.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (ValiseSignature) signature = { 0 };
  g_autofree char *text = NULL;
  guint16 version[4];
  guint8 digest[64];
  gsize n = sizeof digest;
  ValisePe pe;

  if (!valise_pe_parse (&pe, data, size))
    return 0;
  valise_pe_get_version (&pe, version);
  text = valise_pe_dup_string (&pe, "FileVersion");
  g_assert_true (text == NULL || g_utf8_validate (text, -1, NULL));
  valise_pe_digest (&pe, G_CHECKSUM_SHA256, digest, &n);
  valise_signature_read (&signature, &pe);
  g_assert_true ((signature.state == VALISE_SIGNATURE_GOOD) == (signature.issuer != NULL));
  g_assert_true (signature.issuer == NULL || g_utf8_validate (signature.issuer, -1, NULL));
  return 0;
}
