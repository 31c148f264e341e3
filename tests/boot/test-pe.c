/* test-pe.c: programs made by clang, lld and llvm-rc, and what is no program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-pe.h"
#include "test-tools.h"

static const struct
{
  const char *path;
  const char *architecture;
} programs[] = {
  { PROGRAM_AMD64, "amd64" },
  { PROGRAM_ARM64, "arm64" },
  { PROGRAM_X86, "x86" },
};

static void
test_program (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *version = NULL;
  g_autofree char *name = NULL;
  g_autofree char *none = NULL;
  guint16 numbers[4];
  gsize size;
  ValisePe pe;

  if (*programs[i].path == '\0')
    {
      g_test_skip ("there is no clang, lld-link or llvm-rc");
      return;
    }
  bytes = read_file (programs[i].path);
  size = g_bytes_get_size (bytes);
  g_assert_true (valise_pe_parse (&pe, g_bytes_get_data (bytes, NULL), size));
  g_assert_cmpstr (pe.architecture, ==, programs[i].architecture);
  g_assert_true (pe.is_efi);
  g_assert_cmpuint (pe.certificates, ==, 0);
  /* As efi-program.rc has it. */
  g_assert_true (valise_pe_get_version (&pe, numbers));
  g_assert_cmpuint (numbers[0], ==, 10);
  g_assert_cmpuint (numbers[1], ==, 0);
  g_assert_cmpuint (numbers[2], ==, 26100);
  g_assert_cmpuint (numbers[3], ==, 4202);
  version = valise_pe_dup_string (&pe, "FileVersion");
  g_assert_cmpstr (version, ==, "10.0.26100.4202 (WinBuild.160101.0800)");
  name = valise_pe_dup_string (&pe, "OriginalFilename");
  g_assert_cmpstr (name, ==, "bootmgr.exe");
  none = valise_pe_dup_string (&pe, "FileVersio");
  g_assert_null (none);
}

/* Where the directories begin in a header for 64 bits. */
#define DIRECTORIES (24 + 112)

static const struct
{
  const char *name;
  gssize at; /* from the header “PE”; negative: −1 − offset in the file */
  const char *bytes;
  gsize n;
  gsize cut; /* the file ends here, 0: it does not */
  gboolean parses;
} cases[] = {
  { "empty", .cut = 1 },
  { "short", .cut = 63 },
  { "dos-magic", -1, "ZM", 2 },
  { "head-past-end", -61, "\xff\xff\xff\x7f", 4 },
  { "head-at-end", -61, "\xf0\x0b\x00\x00", 4 },
  { "magic", 0, "PF", 2 },
  { "ends-in-head", .cut = 140 },
  { "optional-too-long", 20, "\xff\xff", 2 },
  { "optional-too-short", 20, "\x10\x00", 2 },
  { "optional-none", 20, "\x00\x00", 2 },
  { "optional-magic", 24, "\x07\x01", 2 },
  { "many-sections", 6, "\xff\xff", 2 },
  { "sections-past-end", 6, "\x60\x00", 2 },
  { "no-directories", 24 + 108, "\x00\x00\x00\x00", 4, .parses = TRUE },
  { "more-directories", 24 + 108, "\xff\xff\xff\xff", 4, .parses = TRUE },
  { "certificates-past-end", DIRECTORIES + 32, "\xff\xff\xff\xff\xff\xff\xff\xff", 8,
    .parses = TRUE },
  { "certificates-over-head", DIRECTORIES + 32, "\x10\x00\x00\x00\xff\xff\x00\x00", 8,
    .parses = TRUE },
  { "resources-nowhere", DIRECTORIES + 16, "\xff\xff\xff\xff", 4, .parses = TRUE },
  { "other-machine", 4, "\x02\x50", 2, .parses = TRUE },
  { "not-for-firmware", 24 + 68, "\x02\x00", 2, .parses = TRUE },
};

/* What can be asked of whatever parses must not crash. */
static void
ask_everything (const ValisePe *pe)
{
  guint16 version[4];
  guint8 digest[64];
  gsize size = sizeof digest, n;
  const guint8 *signature;

  valise_pe_get_version (pe, version);
  g_free (valise_pe_dup_string (pe, "FileVersion"));
  valise_pe_digest (pe, G_CHECKSUM_SHA256, digest, &size);
  valise_pe_get_signature (pe, &signature, &n);
}

static void
test_malformed (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree guint8 *exact = NULL;
  gsize at;
  ValisePe pe;

  if (*PROGRAM_AMD64 == '\0')
    {
      g_test_skip ("there is no clang, lld-link or llvm-rc");
      return;
    }
  bytes = g_bytes_unref_to_array (read_file (PROGRAM_AMD64));
  at = cases[i].at < 0 ? (gsize) (-1 - cases[i].at)
                       : bytes->data[60] + (gsize) bytes->data[61] * 256 + (gsize) cases[i].at;
  memcpy (bytes->data + at, cases[i].bytes != NULL ? cases[i].bytes : "", cases[i].n);
  if (cases[i].cut != 0)
    g_byte_array_set_size (bytes, cases[i].cut);
  exact = g_memdup2 (bytes->data, bytes->len);
  g_assert_cmpint (valise_pe_parse (&pe, exact, bytes->len), ==, cases[i].parses);
  if (!cases[i].parses)
    return;
  ask_everything (&pe);
  if (g_str_equal (cases[i].name, "other-machine"))
    g_assert_cmpstr (pe.architecture, ==, "unknown");
  if (g_str_equal (cases[i].name, "not-for-firmware"))
    g_assert_false (pe.is_efi);
}

/* A file that ends anywhere. */
static void
test_every_length (void)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize size;
  const guint8 *data;

  if (*PROGRAM_AMD64 == '\0')
    {
      g_test_skip ("there is no clang, lld-link or llvm-rc");
      return;
    }
  bytes = read_file (PROGRAM_AMD64);
  data = g_bytes_get_data (bytes, &size);
  for (gsize n = 0; n < size; n++)
    {
      g_autofree guint8 *exact = g_memdup2 (data, n);
      ValisePe pe;

      if (valise_pe_parse (&pe, exact, n))
        ask_everything (&pe);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *path = g_strconcat ("/pe/program/", programs[i].architecture, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_program);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/pe/malformed/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_malformed);
    }
  g_test_add_func ("/pe/every-length", test_every_length);
  return g_test_run ();
}
