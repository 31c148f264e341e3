/* valise-signature.c: who signed a program for the firmware, and whether it is still that program.
 *
 * A signature is PKCS#7 data (GnuTLS reads it) about a digest of the program. Three things must
 * fit: the digest and the program, the signature and the signer's certificate, this and the
 * certificate of who issued it, where the file has that one. Whom to trust is the firmware's
 * business: a name is all that is learnt here, and whoever likes can have a certificate with any
 * name.
 *
 * “Windows Authenticode Portable Executable Signature Format” (Microsoft, 2008).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-signature.h"

#include <gnutls/pkcs7.h>
#include <gnutls/x509.h>
#include <string.h>

#include "core/valise-text.h"

#define OID_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"

/* More is nobody's. */
#define NAME_MAX_BYTES 256
#define COMMON_NAME GNUTLS_OID_X520_COMMON_NAME
#define MAX_NAMES 32
#define MAX_CERTIFICATES 16

#define TAG_OCTETS 0x04
#define TAG_OID 0x06
#define TAG_BMP 0x1e
#define TAG_SEQUENCE 0x30

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pkcs7_t, gnutls_pkcs7_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (gnutls_pkcs7_signature_info_st,
                                  gnutls_pkcs7_signature_info_deinit)

typedef struct
{
  const guint8 *at;
  gsize left;
} Der;

static const struct
{
  const char *name;
  ValiseSigningCa ca;
} authorities[] = {
  { "Microsoft Windows Production PCA 2011", VALISE_SIGNING_CA_2011 },
  { "Windows UEFI CA 2023", VALISE_SIGNING_CA_2023 },
};

/* The digests that Authenticode is made with: the last bytes of their OIDs' encoding. */
static const struct
{
  const guint8 oid[9];
  gsize n_oid;
  GChecksumType type;
} digests[] = {
  { { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 }, 9, G_CHECKSUM_SHA256 },
  { { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 }, 9, G_CHECKSUM_SHA384 },
  { { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 }, 9, G_CHECKSUM_SHA512 },
  { { 0x2b, 0x0e, 0x03, 0x02, 0x1a }, 5, G_CHECKSUM_SHA1 },
};

/* Takes the next element, which must have @tag, and its contents. */
static gboolean
take (Der *der, guint8 tag, Der *contents)
{
  gsize length, n = 0;

  if (der->left < 2 || der->at[0] != tag)
    return FALSE;
  length = der->at[1];
  if (length >= 0x80)
    {
      n = length & 0x7f;
      if (n < 1 || n > 3 || der->left < 2 + n)
        return FALSE;
      length = 0;
      for (gsize i = 0; i < n; i++)
        length = length << 8 | der->at[2 + i];
    }
  if (length > der->left - 2 - n)
    return FALSE;
  *contents = (Der) { der->at + 2 + n, length };
  der->at += 2 + n + length;
  der->left -= 2 + n + length;
  return TRUE;
}

/* SpcIndirectDataContent: SEQUENCE { about what, DigestInfo: SEQUENCE { algorithm, digest } }.
 * GnuTLS may hand it over with or without the outer SEQUENCE. */
static gboolean
parse_digest (const gnutls_datum_t *data, Der *algorithm, Der *digest)
{
  Der der = { data->data, data->size };
  Der about, info, sequence, first;
  Der inner;

  if (!take (&der, TAG_SEQUENCE, &inner))
    return FALSE;
  first = inner;
  if (first.left > 0 && first.at[0] == TAG_OID)
    {
      /* What was taken is what it is about; DigestInfo comes next. */
      about = inner;
      inner = der;
    }
  else if (!take (&inner, TAG_SEQUENCE, &about))
    return FALSE;
  return take (&inner, TAG_SEQUENCE, &info) && take (&info, TAG_SEQUENCE, &sequence)
         && take (&sequence, TAG_OID, algorithm) && take (&info, TAG_OCTETS, digest);
}

/* Whether the program is the one that the signature is about. */
static ValiseSignatureState
check_digest (const ValisePe *pe, const gnutls_datum_t *data)
{
  Der algorithm, digest;

  if (!parse_digest (data, &algorithm, &digest))
    return VALISE_SIGNATURE_DAMAGED;
  for (guint i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      guint8 own[64];
      gsize size = sizeof own;

      if (algorithm.left != digests[i].n_oid
          || memcmp (algorithm.at, digests[i].oid, algorithm.left) != 0)
        continue;
      return valise_pe_digest (pe, digests[i].type, own, &size) && size == digest.left
                     && memcmp (own, digest.at, size) == 0
                 ? VALISE_SIGNATURE_GOOD
                 : VALISE_SIGNATURE_DAMAGED;
    }
  return VALISE_SIGNATURE_UNSUPPORTED;
}

static gnutls_x509_crt_t
get_certificate (gnutls_pkcs7_t pkcs7, guint i)
{
  g_auto (gnutls_x509_crt_t) certificate = NULL;
  gnutls_datum_t raw = { NULL, 0 };
  int code;

  if (gnutls_pkcs7_get_crt_raw2 (pkcs7, i, &raw) != 0)
    return NULL;
  code = gnutls_x509_crt_init (&certificate);
  if (code == 0)
    code = gnutls_x509_crt_import (certificate, &raw, GNUTLS_X509_FMT_DER);
  gnutls_free (raw.data);
  return code == 0 ? g_steal_pointer (&certificate) : NULL;
}

static gboolean
equal (const gnutls_datum_t *a, const gnutls_datum_t *b)
{
  return a->size == b->size && memcmp (a->data, b->data, a->size) == 0;
}

static gboolean
is_signer (gnutls_x509_crt_t certificate, const gnutls_pkcs7_signature_info_st *info)
{
  guint8 serial[128];
  gnutls_datum_t own = { serial, 0 };
  gnutls_datum_t issuer = { NULL, 0 };
  size_t n = sizeof serial;
  gboolean is_it;

  if (gnutls_x509_crt_get_serial (certificate, serial, &n) != 0
      || gnutls_x509_crt_get_raw_issuer_dn (certificate, &issuer) != 0)
    return FALSE;
  own.size = n;
  is_it = equal (&own, &info->signer_serial) && equal (&issuer, &info->issuer_dn);
  gnutls_free (issuer.data);
  return is_it;
}

static gnutls_x509_crt_t
find_signer (gnutls_pkcs7_t pkcs7, const gnutls_pkcs7_signature_info_st *info)
{
  const int n = gnutls_pkcs7_get_crt_count (pkcs7);

  for (int i = 0; i < MIN (n, MAX_CERTIFICATES); i++)
    {
      g_auto (gnutls_x509_crt_t) certificate = get_certificate (pkcs7, i);

      if (certificate != NULL && is_signer (certificate, info))
        return g_steal_pointer (&certificate);
    }
  return NULL;
}

/* The certificate of who issued @certificate, if the file has it. */
static gnutls_x509_crt_t
find_issuer (gnutls_pkcs7_t pkcs7, gnutls_x509_crt_t certificate)
{
  const int n = gnutls_pkcs7_get_crt_count (pkcs7);

  for (int i = 0; i < MIN (n, MAX_CERTIFICATES); i++)
    {
      g_auto (gnutls_x509_crt_t) other = get_certificate (pkcs7, i);

      if (other != NULL && gnutls_x509_crt_check_issuer (certificate, other) == 1
          && gnutls_x509_crt_equals (certificate, other) == 0)
        return g_steal_pointer (&other);
    }
  return NULL;
}

/* Whether @issuer signed @certificate; whether both were valid then or are now is not asked. */
static gboolean
is_issued_by (gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer)
{
  const guint flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS
                      | GNUTLS_VERIFY_DISABLE_CRL_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN
                      | GNUTLS_VERIFY_DO_NOT_ALLOW_SAME;
  guint result = 0;

  return gnutls_x509_crt_verify (certificate, &issuer, 1, flags, &result) == 0
         && (result & GNUTLS_CERT_SIGNATURE_FAILURE) == 0;
}

/* The common name as it stands there, or what can be read of it: GnuTLS' own text has escapes. */
static char *
dup_raw_name (gnutls_x509_dn_t dn)
{
  gnutls_x509_ava_st ava;

  for (int i = 0; i < MAX_NAMES; i++)
    {
      if (gnutls_x509_dn_get_rdn_ava (dn, i, 0, &ava) != 0)
        break;
      /* In figures, and its size may count the NUL. */
      if (strnlen ((const char *) ava.oid.data, ava.oid.size) != strlen (COMMON_NAME)
          || memcmp (ava.oid.data, COMMON_NAME, strlen (COMMON_NAME)) != 0)
        continue;
      if (ava.value_tag == TAG_BMP)
        return g_convert ((const char *) ava.value.data, ava.value.size, "UTF-8", "UTF-16BE", NULL,
                          NULL, NULL);
      return g_utf8_make_valid ((const char *) ava.value.data,
                                MIN (ava.value.size, NAME_MAX_BYTES));
    }
  return NULL;
}

static ValiseSigningCa
find_authority (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (authorities); i++)
    if (g_str_equal (name, authorities[i].name))
      return authorities[i].ca;
  return VALISE_SIGNING_CA_OTHER;
}

/* The common name, fit to be shown, and whether it is exactly that of an authority. */
static char *
dup_name (gnutls_x509_crt_t certificate, gboolean of_issuer, ValiseSigningCa *ca)
{
  gnutls_x509_dn_t dn;
  const int code = of_issuer ? gnutls_x509_crt_get_issuer (certificate, &dn)
                             : gnutls_x509_crt_get_subject (certificate, &dn);
  g_autofree char *raw = code == 0 ? dup_raw_name (dn) : NULL;

  if (ca != NULL)
    *ca = raw != NULL ? find_authority (raw) : VALISE_SIGNING_CA_OTHER;
  return valise_text_clean (raw != NULL ? raw : "");
}

/* From the signer up to the last one that the file has. FALSE if one is not what it says. */
static gboolean
follow_chain (ValiseSignature *self, gnutls_pkcs7_t pkcs7, gnutls_x509_crt_t signer)
{
  g_auto (gnutls_x509_crt_t) above = find_issuer (pkcs7, signer);
  gnutls_x509_crt_t last = signer;

  for (guint i = 0; above != NULL && i < MAX_CERTIFICATES; i++)
    {
      g_auto (gnutls_x509_crt_t) below = last != signer ? last : NULL;

      if (!is_issued_by (last, above))
        return FALSE;
      last = g_steal_pointer (&above);
      above = find_issuer (pkcs7, last);
    }
  self->root = dup_name (last, TRUE, NULL);
  if (last != signer)
    gnutls_x509_crt_deinit (last);
  return TRUE;
}

static ValiseSignatureState
read_signer (ValiseSignature *self, gnutls_pkcs7_t pkcs7)
{
  g_auto (gnutls_pkcs7_signature_info_st) info = { 0 };
  g_auto (gnutls_x509_crt_t) signer = NULL;
  int code;

  if (gnutls_pkcs7_get_signature_info (pkcs7, 0, &info) != 0)
    return VALISE_SIGNATURE_DAMAGED;
  signer = find_signer (pkcs7, &info);
  if (signer == NULL)
    return VALISE_SIGNATURE_DAMAGED;
  /* SHA-1 was in use when the oldest boot managers for UEFI were made. */
  code = gnutls_pkcs7_verify_direct (pkcs7, signer, 0, NULL, GNUTLS_VERIFY_ALLOW_BROKEN);
  if (code == GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM || code == GNUTLS_E_UNKNOWN_PK_ALGORITHM
      || code == GNUTLS_E_UNKNOWN_HASH_ALGORITHM)
    return VALISE_SIGNATURE_UNSUPPORTED;
  if (code != 0 || !follow_chain (self, pkcs7, signer))
    return VALISE_SIGNATURE_DAMAGED;
  self->subject = dup_name (signer, FALSE, NULL);
  self->issuer = dup_name (signer, TRUE, &self->ca);
  self->not_before = gnutls_x509_crt_get_activation_time (signer);
  self->not_after = gnutls_x509_crt_get_expiration_time (signer);
  return VALISE_SIGNATURE_GOOD;
}

/* Cuts what only fills the table up to eight bytes: GnuTLS takes nothing behind the data. */
static gboolean
cut (gnutls_datum_t *data)
{
  Der der = { data->data, data->size }, contents;

  if (!take (&der, TAG_SEQUENCE, &contents) || der.left > 7)
    return FALSE;
  data->size -= der.left;
  return TRUE;
}

static ValiseSignatureState
read_signature (ValiseSignature *self, const ValisePe *pe)
{
  g_auto (gnutls_pkcs7_t) pkcs7 = NULL;
  gnutls_datum_t raw, data = { NULL, 0 };
  ValiseSignatureState state;
  const guint8 *signature;
  gsize size;
  const char *oid;

  if (pe->certificates == 0)
    return VALISE_SIGNATURE_NONE;
  if (!valise_pe_get_signature (pe, &signature, &size) || size > G_MAXUINT)
    return VALISE_SIGNATURE_DAMAGED;
  raw = (gnutls_datum_t) { (guint8 *) signature, size };
  if (!cut (&raw) || gnutls_pkcs7_init (&pkcs7) != 0
      || gnutls_pkcs7_import (pkcs7, &raw, GNUTLS_X509_FMT_DER) != 0)
    return VALISE_SIGNATURE_DAMAGED;
  oid = gnutls_pkcs7_get_embedded_data_oid (pkcs7);
  if (g_strcmp0 (oid, OID_INDIRECT_DATA) != 0)
    return VALISE_SIGNATURE_UNSUPPORTED;
  if (gnutls_pkcs7_get_embedded_data (pkcs7, 0, &data) != 0)
    return VALISE_SIGNATURE_DAMAGED;
  state = check_digest (pe, &data);
  gnutls_free (data.data);
  return state == VALISE_SIGNATURE_GOOD ? read_signer (self, pkcs7) : state;
}

/**
 * valise_signature_read:
 * @self: (out caller-allocates): where to put what was found; clear it with
 *   valise_signature_clear()
 * @pe: a program
 *
 * Looks at the first signature, which is the one that firmware of all ages looks at. Any thread.
 */
void
valise_signature_read (ValiseSignature *self, const ValisePe *pe)
{
  memset (self, 0, sizeof *self);
  self->state = read_signature (self, pe);
}

/**
 * valise_signature_clear:
 * @self: a signature
 *
 * Frees what is in it.
 */
void
valise_signature_clear (ValiseSignature *self)
{
  g_free (self->subject);
  g_free (self->issuer);
  g_free (self->root);
  memset (self, 0, sizeof *self);
}
