/* test-check.c: what an edition's metadata says is told as wimlib-imagex does, and nothing crashes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "image-tools.h"
#include "image/valise-apply.h"
#include "image/valise-check.h"
#include "image/valise-metadata.h"

static guint64
get_le (const char *bytes, guint n)
{
  guint64 value = 0;

  while (n-- > 0)
    value = value << 8 | (guint8) bytes[n];
  return value;
}

/* The paths that wimlib-imagex says are compressed, one a line. */
static char *
list_compressed (const char *path, const char *ref)
{
  return run_tool ("sh", "-c",
                   "wimlib-imagex dir --detailed \"$0\" 1 --ref=\"$1\" "
                   "| sed -n -e 's/^Full Path *= \"\\(.*\\)\"$/\\1/; t keep' "
                   "-e '/FILE_ATTRIBUTE_COMPRESSED is set/ { x; p; x }; b' -e ': keep' -e h "
                   "| LC_ALL=C sort",
                   path, ref, NULL);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
test_format (gconstpointer data)
{
  g_autoptr (ValiseSource) source = open_sample (data);
  const ValiseEdition *edition = valise_source_find_edition (source, "1", NULL);
  g_autofree char *path = sample_path (data);
  g_autofree char *all = sample_path ("sample*.swm");
  g_autofree char *expected = list_compressed (path, g_str_has_suffix (data, "swm") ? all : path);
  g_autoptr (GString) compressed = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseCheck) check = valise_check_edition (source, edition, NULL, &error);

  g_assert_no_error (error);
  g_ptr_array_sort (check->compressed_paths, compare);
  for (guint i = 0; i < check->compressed_paths->len; i++)
    g_string_append_printf (compressed, "%s\n",
                            (char *) g_ptr_array_index (check->compressed_paths, i));
  g_assert_cmpuint (check->compressed_paths->len, >, 3);
  g_assert_cmpstr (compressed->str, ==, expected);

  g_assert_cmpuint (check->n_encrypted, ==, 0);
  g_assert_cmpuint (check->n_bad_security, ==, 0);
  g_assert_cmpuint (check->data_bytes, ==, edition->bytes - edition->hard_link_bytes);
}

/* The volume that an edition is applied to takes what was said, or a little less. */
static void
test_needed (gconstpointer data)
{
  g_autoptr (ValiseSource) source = open_sample ("sample.wim");
  const ValiseEdition *edition = valise_source_find_edition (source, "1", NULL);
  g_autoptr (ValiseCheck) check = valise_check_edition (source, edition, NULL, NULL);
  const char *sector_size = data;
  const guint64 needed
      = valise_check_get_needed_bytes (check, g_ascii_strtoull (sector_size, NULL, 10));
  g_autofree char *volume = own_path ("needed.ntfs");
  g_autofree char *made = run_tool ("truncate", "-s", "200M", volume, NULL);
  g_autofree char *formatted
      = run_tool ("mkntfs", "-q", "-F", "-f", "-c", "4096", "-s", sector_size, "-p", "0", "-H",
                  "255", "-S", "63", volume, NULL);
  const char *command = "ntfsinfo -fm \"$0\" | sed -n 's/.*Free Clusters: *\\([0-9]*\\).*/\\1/p'";
  g_autofree char *before = run_tool ("sh", "-c", command, volume, NULL);
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  guint64 used;

  g_assert_true (valise_source_apply (source, edition, volume, NULL, NULL, &error));
  g_assert_no_error (error);
  after = run_tool ("sh", "-c", command, volume, NULL);
  used = (g_ascii_strtoull (before, NULL, 10) - g_ascii_strtoull (after, NULL, 10)) * 4096;
  g_test_message ("used %" G_GUINT64_FORMAT ", needed %" G_GUINT64_FORMAT, used, needed);
  g_assert_cmpuint (used, >, 10 * VALISE_MIB);
  g_assert_cmpuint (used, <=, needed);
  g_assert_cmpuint (needed, <=, used + used / 8);
  /* Sparse and compressed files take less; what comes on top of the data must be there. */
  g_assert_cmpuint (check->metadata_bytes, >=, (check->n_files + check->n_folders) * 1024);
  g_assert_cmpuint (check->needed_bytes + check->n_files * 700, >=,
                    check->data_bytes + check->metadata_bytes);
}

/* The metadata of image 1 in the uncompressed sample, and its blob's entry in the table. */
static gsize
find_metadata (const char *bytes, gsize *size, gsize *blob)
{
  guint64 table = get_le (bytes + 56, 8), table_size = get_le (bytes + 48, 7);

  for (*blob = table; *blob < table + table_size; *blob += 50)
    if (bytes[*blob + 7] == 2)
      {
        *size = get_le (bytes + *blob, 7);
        return get_le (bytes + *blob + 8, 8);
      }
  g_assert_not_reached ();
}

/* Where the entry of the file called @name is. */
static gsize
find_entry (const char *metadata, gsize size, const char *name)
{
  gsize n;
  g_autofree char *wide = g_convert (name, -1, "UTF-16LE", "UTF-8", NULL, &n, NULL);
  const char *found = memmem (metadata, size, wide, n);

  g_assert_nonnull (found);
  return found - metadata - 102;
}

/* Changes the metadata of image 1 in a copy of the sample, and its digest with it. */
static char *
make_changed (const char *name, void (*change) (char *metadata, gsize size))
{
  g_autofree char *whole = sample_path ("sample-none.wim");
  char *path = own_path (name);
  g_autoptr (GMappedFile) file = g_mapped_file_new (whole, FALSE, NULL);
  const char *bytes = g_mapped_file_get_contents (file);
  gsize size, blob, at = find_metadata (bytes, &size, &blob);
  g_autofree char *metadata = g_memdup2 (bytes + at, size);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize digest_size = sizeof digest;

  change (metadata, size);
  g_checksum_update (checksum, (const guint8 *) metadata, size);
  g_checksum_get_digest (checksum, digest, &digest_size);
  copy_part (whole, path, -1);
  write_own (path, at, metadata, size);
  write_own (path, blob + 30, digest, sizeof digest);
  return path;
}

static void
change_attributes (char *metadata, gsize size)
{
  gsize hive = find_entry (metadata, size, "SOFTWARE");
  gsize kernel = find_entry (metadata, size, "ntoskrnl.exe");

  metadata[hive + 8 + 1] |= 0x40;   /* encrypted */
  metadata[kernel + 8 + 2] |= 0x0a; /* pinned, no scrubbing */
}

static void
test_attributes (void)
{
  g_autofree char *path = make_changed ("attributes.wim", change_attributes);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseSource) source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
  g_autoptr (ValiseCheck) check = NULL;

  g_assert_no_error (error);
  check = valise_check_edition (source, valise_source_find_edition (source, "1", NULL), NULL,
                                &error);
  g_assert_no_error (error);
  g_assert_cmpuint (check->n_encrypted, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (check->encrypted_paths, 0), ==,
                   "/Windows/System32/config/SOFTWARE");
  g_assert_cmpuint (check->n_dropped_attributes, >=, 1);
  g_assert_cmphex (check->dropped_attributes & 0xa0000, ==, 0xa0000);
}

/* Takes the owner out of the descriptor that the kernel has. */
static void
change_owner (char *metadata, gsize size)
{
  gsize kernel = find_entry (metadata, size, "ntoskrnl.exe");
  guint id = get_le (metadata + kernel + 12, 4), n = get_le (metadata + 4, 4);
  gsize at = 8 + 8 * (gsize) n;

  g_assert_cmpuint (id, <, n);
  for (guint i = 0; i < id; i++)
    at += get_le (metadata + 8 + 8 * i, 8);
  memset (metadata + at + 4, 0, 4);
}

/* What is found is what libntfs-3g refuses. */
static void
test_security (void)
{
  g_autofree char *path = make_changed ("owner.wim", change_owner);
  g_autofree char *volume = own_path ("owner.ntfs");
  g_autofree char *made = run_tool ("truncate", "-s", "200M", volume, NULL);
  g_autofree char *formatted = run_tool ("mkntfs", "-q", "-F", "-f", "-s", "512", "-p", "0", "-H",
                                         "255", "-S", "63", volume, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseSource) source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
  const ValiseEdition *edition;
  g_autoptr (ValiseCheck) check = NULL;
  const char *first;

  g_assert_no_error (error);
  edition = valise_source_find_edition (source, "1", NULL);
  check = valise_check_edition (source, edition, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (check->n_bad_security, >, 0);
  first = g_ptr_array_index (check->bad_security_paths, 0);
  g_test_message ("%" G_GUINT64_FORMAT " files, first %s", check->n_bad_security, first);
  g_assert_cmpuint (check->bad_security_paths->len, ==,
                    MIN (check->n_bad_security, VALISE_CHECK_MAX_PATHS));

  g_assert_false (valise_source_apply (source, edition, volume, NULL, NULL, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY);
  g_assert_nonnull (strstr (error->message, "security descriptor"));
}

static void
test_cancelled (void)
{
  g_autoptr (ValiseSource) source = open_sample ("sample.wim");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (valise_check_edition (source, valise_source_find_edition (source, "1", NULL),
                                       cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
fuzz_visit (const ValiseMetadataEntry *entry, gpointer data)
{
  guint64 *sum = data;
  const guint8 *stream = entry->streams;

  for (guint i = 0; i < entry->n_streams; i++)
    {
      const guint8 *hash;
      guint units;

      stream = valise_metadata_next_stream (stream, &hash, &units);
      *sum += hash[0] + hash[19] + units;
    }
  for (gsize i = 0; i < entry->descriptor_size; i++)
    *sum += entry->descriptor[i];
  *sum += entry->main_hash[19];
  if ((*sum & 0xf) == 0)
    {
      g_autofree char *path = valise_metadata_dup_path (entry);

      g_assert_true (g_utf8_validate (path, -1, NULL));
    }
  return TRUE;
}

/* The bytes are in memory of their very size: the sanitizers see each step beyond. */
static void
test_fuzz (void)
{
  g_autofree char *whole = sample_path ("sample-none.wim");
  g_autoptr (GMappedFile) file = g_mapped_file_new (whole, FALSE, NULL);
  const char *bytes = g_mapped_file_get_contents (file);
  gsize size, blob, at = find_metadata (bytes, &size, &blob);
  gint64 end = g_get_monotonic_time () + 4 * G_TIME_SPAN_SECOND;
  g_autoptr (GRand) random = g_rand_new_with_seed (20240609);
  guint64 sum = 0;
  guint n_good = 0, n_bad = 0;

  g_assert_true (valise_metadata_parse ((const guint8 *) bytes + at, size, fuzz_visit, &sum));
  for (guint round = 0; round < 20000 && g_get_monotonic_time () < end; round++)
    {
      gsize n = g_rand_int (random) % 4 == 0 ? g_rand_int (random) % size : size;
      g_autofree guint8 *copy = g_memdup2 (bytes + at, MAX (n, 1));

      for (guint i = g_rand_int_range (random, 0, 8); i > 0 && n > 0; i--)
        {
          static const guint8 values[] = { 0, 1, 0x7f, 0x80, 0xff };
          gsize where = g_rand_boolean (random) ? g_rand_int_range (random, 0, n)
                                                : g_rand_int_range (random, 0, MIN (n, 8192));

          copy[where] = g_rand_boolean (random) ? values[g_rand_int_range (random, 0, 5)]
                                                : g_rand_int (random);
        }
      valise_metadata_parse (copy, n, fuzz_visit, &sum) ? n_good++ : n_bad++;
    }
  g_test_message ("%u good, %u bad, %" G_GUINT64_FORMAT, n_good, n_bad, sum);
  g_assert_cmpuint (n_good, >, 0);
  g_assert_cmpuint (n_bad, >, 0);
}

/* A folder that is in itself. */
static void
test_loop (void)
{
  guint8 bytes[8 + 2 * 112 + 8] = { 8 };
  guint64 sum = 0;

  bytes[8] = 112;
  bytes[8 + 8] = 0x10;
  bytes[8 + 16] = 8 + 112;
  bytes[120] = 112;
  bytes[120 + 8] = 0x10;
  g_assert_true (valise_metadata_parse (bytes, sizeof bytes, fuzz_visit, &sum));
  bytes[120 + 16] = 120;
  g_assert_false (valise_metadata_parse (bytes, sizeof bytes, fuzz_visit, &sum));
}

/* Forty folders deep, two in each, which are the same: a visit of all would never end. */
static void
test_shared (void)
{
  enum { LEVEL = 2 * 112 + 8, LEVELS = 40 };
  guint8 bytes[8 + 112 + 8 + LEVELS * LEVEL] = { 8 };
  guint64 sum = 0;

  bytes[8] = 112;
  bytes[8 + 8] = 0x10;
  bytes[8 + 16] = 128;
  for (guint i = 0; i < LEVELS; i++)
    for (guint j = 0; j < 2; j++)
      {
        guint8 *entry = bytes + 128 + i * LEVEL + j * 112;
        guint next = i + 1 < LEVELS ? 128 + (i + 1) * LEVEL : 0;

        entry[0] = 112;
        entry[8] = 0x10;
        entry[16] = next & 0xff;
        entry[17] = next >> 8;
      }
  g_assert_false (valise_metadata_parse (bytes, sizeof bytes, fuzz_visit, &sum));
}

static void
add_tests (void)
{
  g_test_add_data_func ("/image/check/format/lzx", "sample.wim", test_format);
  g_test_add_data_func ("/image/check/format/none", "sample-none.wim", test_format);
  g_test_add_data_func ("/image/check/format/esd", "sample.esd", test_format);
  g_test_add_data_func ("/image/check/format/swm", "sample.swm", test_format);
  g_test_add_data_func ("/image/check/needed", "512", test_needed);
  g_test_add_data_func ("/image/check/needed-large-sectors", "4096", test_needed);
  g_test_add_func ("/image/check/attributes", test_attributes);
  g_test_add_func ("/image/check/security", test_security);
  g_test_add_func ("/image/check/cancelled", test_cancelled);
  g_test_add_func ("/image/check/fuzz", test_fuzz);
  g_test_add_func ("/image/check/loop", test_loop);
  g_test_add_func ("/image/check/shared", test_shared);
}

int
main (int argc, char **argv)
{
  return image_tools_main (&argc, &argv, add_tests);
}
