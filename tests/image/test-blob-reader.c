/* test-blob-reader.c: pieces of blobs are what wimlib's own digests say, and damage is an error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "core/valise-error.h"
#include "image-tools.h"
#include "image/valise-blob-reader.h"

/* Not a divisor of any chunk's size. */
#define STEP 40000

static const char *const formats[] = {
  "sample.wim", "sample-xpress.wim", "sample-none.wim", "sample.esd", "sample.swm",
};

/* Reads a blob in pieces, the last one first; its SHA-1. */
static char *
read_blob (ValiseBlobReader *reader, const ValiseBlob *blob, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new (blob->size);

  g_byte_array_set_size (bytes, blob->size);
  for (guint64 i = (blob->size + STEP - 1) / STEP; i-- > 0;)
    if (!valise_blob_reader_read (reader, blob, i * STEP, bytes->data + i * STEP,
                                  MIN (STEP, blob->size - i * STEP), error))
      return NULL;
  return g_compute_checksum_for_data (G_CHECKSUM_SHA1, bytes->data, bytes->len);
}

static char *
format_hash (const ValiseBlob *blob)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < sizeof blob->hash; i++)
    g_string_append_printf (text, "%02x", blob->hash[i]);
  return g_string_free (text, FALSE);
}

static void
test_format (gconstpointer data)
{
  g_autoptr (ValiseSource) source = open_sample (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseBlobReader) reader = valise_blob_reader_new (source, &error);
  guint n_large = 0;
  gdouble best = 1;

  g_assert_no_error (error);
  g_assert_cmpuint (valise_blob_reader_get_n_blobs (reader), >, 50);
  for (guint i = 0; i < valise_blob_reader_get_n_blobs (reader); i++)
    {
      const ValiseBlob *blob = valise_blob_reader_get_blob (reader, i);
      g_autofree char *expected = format_hash (blob);
      g_autofree char *found = NULL;
      gdouble ratio;

      g_assert_cmpint (valise_blob_reader_find (reader, blob->hash), ==, i);
      n_large += blob->size > 2 * 32768;
      /* The largest ones take long, and are as the others. */
      if (blob->size > 16 * 1024 * 1024)
        continue;
      found = read_blob (reader, blob, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (found, ==, expected);
      g_assert_true (valise_blob_reader_get_ratio (reader, blob, 0, blob->size, &ratio, &error));
      g_assert_cmpfloat (ratio, >, 0);
      g_assert_cmpfloat (ratio, <=, 1);
      best = MIN (best, ratio);
    }
  g_assert_cmpuint (n_large, >, 0);
  if (g_str_equal (data, "sample-none.wim"))
    g_assert_cmpfloat (best, ==, 1);
  else
    g_assert_cmpfloat (best, <, 0.9);
  g_assert_cmpint (valise_blob_reader_find (reader, (const guint8 *) "twenty bytes of none"), ==,
                   -1);
}

/* Bytes are changed behind wimlib's back: in the data, and so in the tables between. Whatever they
 * say, there is an error, or other bytes, and nothing else. */
static void
test_damaged (gconstpointer data)
{
  g_autofree char *from = sample_path (data);
  g_autofree char *path = own_path (data);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint n_errors = 0;

  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (ValiseSource) source = NULL;
      g_autoptr (ValiseBlobReader) reader = NULL;
      g_autoptr (GError) error = NULL;
      const ValiseBlob *first;

      copy_part (from, path, -1);
      source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
      g_assert_no_error (error);
      reader = valise_blob_reader_new (source, &error);
      g_assert_no_error (error);
      first = valise_blob_reader_get_blob (reader, 0);
      for (guint i = 0; i < 64; i++)
        {
          guint8 byte = g_rand_int_range (rand, 0, 256);

          /* The header stays; in a solid resource, half go into its head and table. */
          write_own (path,
                     208 + (first->is_solid && i % 2 == 0 ? g_rand_int_range (rand, 0, 32)
                                                         : g_rand_int_range (rand, 0, 200000)),
                     &byte, 1);
        }
      if (first->is_solid)
        {
          /* What was read before is remembered; another reader sees the damage. */
          g_clear_pointer (&reader, valise_blob_reader_free);
          reader = valise_blob_reader_new (source, &error);
          if (reader == NULL)
            {
              g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT);
              n_errors++;
              continue;
            }
        }
      for (guint i = 0; i < MIN (40, valise_blob_reader_get_n_blobs (reader)); i++)
        {
          const ValiseBlob *blob = valise_blob_reader_get_blob (reader, i);
          g_autoptr (GError) cause = NULL;
          g_autofree char *found = NULL;

          if (blob->size > 16 * 1024 * 1024)
            continue;
          found = read_blob (reader, blob, &cause);
          if (found != NULL)
            continue;
          g_assert_error (cause, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT);
          n_errors++;
        }
    }
  g_assert_cmpuint (n_errors, >, 0);
}

/* The file became shorter. */
static void
test_cut (void)
{
  g_autofree char *from = sample_path ("sample.wim");
  g_autofree char *path = own_path ("cut.wim");
  g_autoptr (ValiseSource) source = NULL;
  g_autoptr (ValiseBlobReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  const ValiseBlob *last;
  guint8 byte;

  copy_part (from, path, -1);
  source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
  g_assert_no_error (error);
  copy_part (from, path, 4096);
  reader = valise_blob_reader_new (source, &error);
  g_assert_no_error (error);
  last = valise_blob_reader_get_blob (reader, valise_blob_reader_get_n_blobs (reader) - 1);
  g_assert_false (valise_blob_reader_read (reader, last, 0, &byte, 1, &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT);
}

static void
add_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *path = g_strdup_printf ("/image/blob-reader/%s", formats[i]);

      g_test_add_data_func (path, formats[i], test_format);
    }
  g_test_add_data_func ("/image/blob-reader/damaged-wim", "sample.wim", test_damaged);
  g_test_add_data_func ("/image/blob-reader/damaged-esd", "sample.esd", test_damaged);
  g_test_add_func ("/image/blob-reader/cut", test_cut);
}

int
main (int argc, char **argv)
{
  return image_tools_main (&argc, &argv, add_tests);
}
