/* test-signature.c: programs for the firmware, signed by osslsigncode and sbsign, and what
 * osslsigncode and openssl say of them, against what we read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-signature.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

#define CA_2011 "Microsoft Windows Production PCA 2011"
#define CA_2023 "Windows UEFI CA 2023"

static ValiseScratch *scratch;
static gboolean have_tools;

/* Whether a program ends with 0. */
static gboolean
succeeds (const char *const *argv)
{
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);

  g_assert_nonnull (process);
  g_subprocess_wait (process, NULL, NULL);
  return g_subprocess_get_successful (process);
}

/* osslsigncode's word on whether @path is what was signed. */
static gboolean
others_accept (const char *path, const char *ca)
{
  const char *const argv[] = { "osslsigncode", "verify", "-CAfile", ca, "-in", path, NULL };

  return succeeds (argv);
}

static const struct
{
  const char *name;
  const char *program;
  const char *tool;
  const char *ca;
  const char *with_ca; /* or something harmless */
  const char *digest;
  const char *architecture;
  ValiseSigningCa expected;
} good[] = {
  { "2011", PROGRAM_AMD64, "osslsigncode", CA_2011, "--with-ca", "sha256", "amd64",
    VALISE_SIGNING_CA_2011 },
  { "2011-alone", PROGRAM_AMD64, "osslsigncode", CA_2011, "--days=5000", "sha256", "amd64",
    VALISE_SIGNING_CA_2011 },
  { "2023", PROGRAM_ARM64, "osslsigncode", CA_2023, "--with-ca", "sha256", "arm64",
    VALISE_SIGNING_CA_2023 },
  { "sbsign", PROGRAM_AMD64, "sbsign", CA_2023, "--with-ca", "sha256", "amd64",
    VALISE_SIGNING_CA_2023 },
  { "sbsign-alone", PROGRAM_AMD64, "sbsign", CA_2011, "--days=5000", "sha256", "amd64",
    VALISE_SIGNING_CA_2011 },
  { "sha1", PROGRAM_AMD64, "osslsigncode", CA_2011, "--with-ca", "sha1", "amd64",
    VALISE_SIGNING_CA_2011 },
  { "sha384", PROGRAM_X86, "osslsigncode", CA_2011, "--with-ca", "sha384", "x86",
    VALISE_SIGNING_CA_2011 },
  { "sha512", PROGRAM_X86, "osslsigncode", CA_2011, "--with-ca", "sha512", "x86",
    VALISE_SIGNING_CA_2011 },
  { "somebody", PROGRAM_AMD64, "osslsigncode", "Somebody’s CA 2023", "--with-ca", "sha256", "amd64",
    VALISE_SIGNING_CA_OTHER },
  { "similar", PROGRAM_AMD64, "osslsigncode", CA_2023 " ", "--with-ca", "sha256", "amd64",
    VALISE_SIGNING_CA_OTHER },
};

static void
read_signature (ValiseSignature *self, const char *path, const char **architecture)
{
  g_autoptr (GBytes) bytes = read_file (path);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  ValisePe pe;

  g_assert_true (valise_pe_parse (&pe, data, size));
  g_assert_true (pe.is_efi);
  if (architecture != NULL)
    *architecture = pe.architecture;
  valise_signature_read (self, &pe);
}

/* @which is startdate or enddate: as openssl shows it, in seconds. */
static gint64
read_date (const char *certificate, const char *which)
{
  g_autofree char *out = RUN (
      PYTHON, "-c",
      "import ssl, subprocess, sys\n"
      "out = subprocess.check_output(['openssl', 'x509', '-noout', '-' + sys.argv[2],\n"
      "                               '-in', sys.argv[1]], text=True)\n"
      "print(ssl.cert_time_to_seconds(out.split('=')[1].strip()))",
      certificate, which);

  return g_ascii_strtoll (out, NULL, 10);
}

static void
test_good (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *path = valise_scratch_build_path (scratch, good[i].name);
  g_autofree char *signer = g_strconcat (path, ".pem", NULL);
  g_autofree char *ca = g_strconcat (path, "-ca.pem", NULL);
  g_auto (ValiseSignature) signature = { 0 };
  g_autofree char *trimmed = g_strdup (good[i].ca);
  const char *architecture;

  if (!have_tools || *good[i].program == '\0')
    {
      g_test_skip ("no program to sign, or nothing to sign it with");
      return;
    }
  g_free (RUN (PYTHON, SIGN, "--tool", good[i].tool, "--ca", good[i].ca, good[i].with_ca,
               "--digest", good[i].digest, "--signer", "Somebody", "--save-signer",
               signer, "--save-ca", ca, good[i].program, path));
  g_assert_true (others_accept (path, ca));
  if (g_str_equal (good[i].digest, "sha256")) /* sbverify knows no other */
    g_free (RUN ("sbverify", "--cert", ca, path));
  read_signature (&signature, path, &architecture);
  g_assert_cmpint (signature.state, ==, VALISE_SIGNATURE_GOOD);
  g_assert_cmpstr (architecture, ==, good[i].architecture);
  g_assert_cmpstr (signature.subject, ==, "Somebody");
  g_assert_cmpstr (signature.issuer, ==, g_strstrip (trimmed));
  g_assert_cmpstr (signature.root, ==, trimmed);
  g_assert_cmpint (signature.ca, ==, good[i].expected);
  g_assert_cmpint (signature.not_before, ==, read_date (signer, "startdate"));
  g_assert_cmpint (signature.not_after, ==, read_date (signer, "enddate"));
}

static void
test_unsigned (void)
{
  g_auto (ValiseSignature) signature = { 0 };

  if (*PROGRAM_AMD64 == '\0')
    {
      g_test_skip ("there is no program");
      return;
    }
  read_signature (&signature, PROGRAM_AMD64, NULL);
  g_assert_cmpint (signature.state, ==, VALISE_SIGNATURE_NONE);
  g_assert_null (signature.issuer);
}

/* What is done to a signed program. */
typedef enum
{
  TEXT,       /* a letter in the middle of the program */
  HEADER,     /* the time in the header */
  CHECKSUM,   /* which is not signed */
  LAST,       /* the last byte of the signature itself */
  NAME,       /* a letter in the signer's name */
  CONTENT,    /* it is about something else */
  ALGORITHM,  /* a digest that nobody knows */
  STATED,     /* the digest that is stated to be the program's */
  CUT,        /* the file ends too early */
  GONE,       /* the whole signature is gone, but is said to be there */
  MORE,       /* something behind the signature */
  NOT_A_LIST, /* the table's entry is none */
  PAST_END,   /* the entry is longer than the table */
  REMOVED,    /* as if it had never been signed */
} Damage;

static const struct
{
  const char *name;
  Damage damage;
  ValiseSignatureState expected;
} damaged[] = {
  { "text", TEXT, VALISE_SIGNATURE_DAMAGED },
  { "header", HEADER, VALISE_SIGNATURE_DAMAGED },
  { "checksum", CHECKSUM, VALISE_SIGNATURE_GOOD },
  { "last", LAST, VALISE_SIGNATURE_DAMAGED },
  { "name", NAME, VALISE_SIGNATURE_DAMAGED },
  { "content", CONTENT, VALISE_SIGNATURE_UNSUPPORTED },
  { "algorithm", ALGORITHM, VALISE_SIGNATURE_UNSUPPORTED },
  { "stated", STATED, VALISE_SIGNATURE_DAMAGED },
  { "cut", CUT, VALISE_SIGNATURE_DAMAGED },
  { "gone", GONE, VALISE_SIGNATURE_DAMAGED },
  { "more", MORE, VALISE_SIGNATURE_DAMAGED },
  { "not-a-list", NOT_A_LIST, VALISE_SIGNATURE_DAMAGED },
  { "past-end", PAST_END, VALISE_SIGNATURE_DAMAGED },
  { "removed", REMOVED, VALISE_SIGNATURE_NONE },
};

static guint32
get32 (const GByteArray *bytes, gsize at)
{
  guint32 value;

  memcpy (&value, bytes->data + at, sizeof value);
  return GUINT32_FROM_LE (value);
}

static gsize
find (const GByteArray *bytes, gsize from, const void *what, gsize n)
{
  const guint8 *found = memmem (bytes->data + from, bytes->len - from, what, n);

  g_assert_nonnull (found);
  return found - bytes->data;
}

static void
do_damage (GByteArray *bytes, Damage damage)
{
  const gsize head = get32 (bytes, 60);
  const gsize entry = head + 24 + 112 + 4 * 8; /* of PE32+ */
  const gsize table = get32 (bytes, entry);
  const gsize length = get32 (bytes, table);

  switch (damage)
    {
    case TEXT:
      bytes->data[find (bytes, 0, "Nothing is done", 15)] ^= 1;
      break;
    case HEADER:
      bytes->data[head + 8] ^= 1;
      break;
    case CHECKSUM:
      bytes->data[head + 24 + 64] ^= 1;
      break;
    case LAST:
      {
        /* Before what fills it up to 8 bytes. */
        gsize at = table + 8 + 4 + (bytes->data[table + 10] << 8 | bytes->data[table + 11]) - 1;

        bytes->data[at] ^= 1;
      }
      break;
    case NAME:
      /* In the last certificate, which is the signer's or the authority's. */
      bytes->data[find (bytes, table, "Somebody", 8)] ^= 1;
      break;
    case CONTENT:
      bytes->data[find (bytes, table, "\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04", 10) + 9] = 99;
      break;
    case ALGORITHM:
      bytes->data[find (bytes, table, "\x04\x02\x01\x05\x00\x04\x20", 7) + 2] = 99;
      break;
    case STATED:
      bytes->data[find (bytes, table, "\x04\x02\x01\x05\x00\x04\x20", 7) + 7] ^= 1;
      break;
    case CUT:
      g_byte_array_set_size (bytes, bytes->len - 8);
      break;
    case GONE:
      g_byte_array_set_size (bytes, table);
      break;
    case MORE:
      g_byte_array_append (bytes, (const guint8 *) "something", 9);
      break;
    case NOT_A_LIST:
      bytes->data[table + 6] = 9;
      break;
    case PAST_END:
      bytes->data[table + 1] = (length + 256) >> 8;
      break;
    case REMOVED:
      memset (bytes->data + entry, 0, 8);
      g_byte_array_set_size (bytes, table);
      break;
    }
}

static void
test_damaged (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *name = g_strconcat ("damaged-", damaged[i].name, NULL);
  g_autofree char *path = valise_scratch_build_path (scratch, name);
  g_autofree char *whole = valise_scratch_build_path (scratch, "whole");
  g_autofree char *ca = valise_scratch_build_path (scratch, "whole.pem");
  g_autoptr (GByteArray) bytes = NULL;
  g_auto (ValiseSignature) signature = { 0 };

  if (!have_tools || *PROGRAM_AMD64 == '\0')
    {
      g_test_skip ("no program to sign, or nothing to sign it with");
      return;
    }
  if (!g_file_test (whole, G_FILE_TEST_EXISTS))
    g_free (RUN (PYTHON, SIGN, "--ca", CA_2011, "--with-ca", "--signer", "Somebody", "--save-ca",
                 ca, PROGRAM_AMD64, whole));
  g_assert_true (others_accept (whole, ca));
  bytes = g_bytes_unref_to_array (read_file (whole));
  do_damage (bytes, damaged[i].damage);
  write_file (path, bytes->data, bytes->len);
  read_signature (&signature, path, NULL);
  g_assert_cmpint (signature.state, ==, damaged[i].expected);
  if (damaged[i].expected != VALISE_SIGNATURE_GOOD)
    {
      g_assert_false (others_accept (path, ca));
      g_assert_null (signature.issuer);
      g_assert_cmpint (signature.ca, ==, VALISE_SIGNING_CA_OTHER);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  complete_path ();
  scratch = valise_scratch_new (&error);
  g_assert_no_error (error);
  have_tools = TRUE;
  for (guint i = 0; i < 4; i++)
    {
      static const char *const programs[] = { "openssl", "osslsigncode", "sbsign", "sbverify" };
      g_autofree char *found = g_find_program_in_path (programs[i]);

      have_tools &= found != NULL;
    }
  g_test_add_func ("/signature/unsigned", test_unsigned);
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/signature/good/", good[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_good);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autofree char *path = g_strconcat ("/signature/damaged/", damaged[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_damaged);
    }
  status = g_test_run ();
  valise_scratch_free (scratch);
  return status;
}
