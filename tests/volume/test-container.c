/* test-container.c: virtual disks as qemu-img and libvhdi see them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-units.h"
#include "test-tools.h"
#include "volume/valise-container.h"
#include "volume/valise-vhd.h"

typedef struct
{
  char *folder;
  char *file; /* the container */
  char *raw;  /* the same disk without one */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("valise-container-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->file = g_build_filename (fixture->folder, "file", NULL);
  fixture->raw = g_build_filename (fixture->folder, "raw", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->file);
  g_unlink (fixture->raw);
  g_rmdir (fixture->folder);
  g_free (fixture->file);
  g_free (fixture->raw);
  g_free (fixture->folder);
}

static void
put (const char *path, guint64 offset, gconstpointer data, gsize size)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, data, size, offset), ==, size);
  close (fd);
}

static void
make_sparse (const char *path, guint64 size)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, size), ==, 0);
  close (fd);
}

static void
make (Fixture *fixture, ValiseContainerKind kind, guint64 size)
{
  ValiseContainer container;
  g_autoptr (GArray) pieces = NULL;
  const guint64 places[] = { 0, size / 3 / 4096 * 4096, size - 4096 };

  valise_container_init (&container, kind, size);
  make_sparse (fixture->file, container.file_size);
  make_sparse (fixture->raw, size);
  pieces = valise_container_make_pieces (&container, g_get_real_time () / G_USEC_PER_SEC);
  for (guint i = 0; i < pieces->len; i++)
    {
      const ValiseContainerPiece *piece = &g_array_index (pieces, ValiseContainerPiece, i);
      gsize n;
      gconstpointer bytes = g_bytes_get_data (piece->bytes, &n);

      g_assert_cmpuint (piece->offset + n, <=, container.file_size);
      put (fixture->file, piece->offset, bytes, n);
    }
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      guint32 words[1024];

      for (guint w = 0; w < G_N_ELEMENTS (words); w++)
        words[w] = g_test_rand_int ();
      put (fixture->file, container.data_offset + places[i], words, sizeof words);
      put (fixture->raw, places[i], words, sizeof words);
    }
}

static guint64
qemu_size (const char *format, const char *path)
{
  g_autofree char *text
      = run_tool ("qemu-img", "info", "--output=json", "-f", format, path, NULL);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return json_object_get_int_member (json_node_get_object (node), "virtual-size");
}

/* qemu-img reads the holes of a VHDX, too. */
#define MAX_COMPARED (300 * VALISE_MIB)

/* In units of the granule. */
static const struct
{
  const char *name;
  guint64 size;
} sizes[] = {
  { "one-block", 1 },      { "nine-blocks", 9 },     { "a-chunk", 128 },
  { "over-a-chunk", 129 }, { "three-chunks", 384 }, { "large", 20001 },
};

/* Compares one of the written places. */
static void
compare_page (Fixture *fixture, const char *format, guint64 page)
{
  g_autofree char *skip = g_strdup_printf ("skip=%" G_GUINT64_FORMAT, page);
  /* It counts from the start of what it reads. */
  g_autofree char *count = g_strdup_printf ("count=%" G_GUINT64_FORMAT, page + 1);
  g_autofree char *from = g_strconcat ("if=", fixture->file, NULL);
  g_autofree char *path = g_build_filename (fixture->folder, "page", NULL);
  g_autofree char *to = g_strconcat ("of=", path, NULL);
  g_autofree char *out = run_tool ("qemu-img", "dd", "-f", format, "-O", "raw", "bs=4096",
                                   count, skip, from, to, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *seen = NULL;
  guint8 expected[4096];
  gsize n;
  int fd = open (fixture->raw, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pread (fd, expected, sizeof expected, page * 4096), ==, sizeof expected);
  close (fd);
  g_file_get_contents (path, &seen, &n, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (seen, n, expected, sizeof expected);
  g_unlink (path);
}

static void
test_qemu (Fixture *fixture, ValiseContainerKind kind, const char *format, guint64 size)
{
  g_autofree char *out = NULL;

  make (fixture, kind, size);
  g_assert_cmpuint (qemu_size (format, fixture->file), ==, size);
  if (size > MAX_COMPARED)
    {
      compare_page (fixture, format, 0);
      compare_page (fixture, format, size / 3 / 4096);
      compare_page (fixture, format, size / 4096 - 1);
      return;
    }
  out = run_tool ("qemu-img", "compare", "-f", format, "-F", "raw", fixture->file, fixture->raw,
                  NULL);
  g_assert_nonnull (strstr (out, "Images are identical"));
}

static void
test_vhd (Fixture *fixture, gconstpointer data)
{
  test_qemu (fixture, VALISE_CONTAINER_VHD, "vpc", GPOINTER_TO_UINT (data) * (guint64)
                                                       VALISE_CONTAINER_GRANULE);
}

static void
test_vhdx (Fixture *fixture, gconstpointer data)
{
  g_autofree char *out = NULL;

  test_qemu (fixture, VALISE_CONTAINER_VHDX, "vhdx", GPOINTER_TO_UINT (data) * (guint64)
                                                         VALISE_CONTAINER_GRANULE);
  out = run_tool ("qemu-img", "check", "-f", "vhdx", fixture->file, NULL);
  g_assert_nonnull (strstr (out, "No errors were found on the image."));
}

/* Another reader, which checks the checksums too. */
static void
test_libvhdi (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("vhdiinfo");
  const guint64 size = G_GUINT64_CONSTANT (5) * VALISE_GIB;
  g_autofree char *bytes = g_strdup_printf ("(%" G_GUINT64_FORMAT " bytes)", size);

  if (program == NULL)
    {
      g_test_skip ("no vhdiinfo (package libvhdi-utils)");
      return;
    }
  for (ValiseContainerKind kind = VALISE_CONTAINER_VHD; kind <= VALISE_CONTAINER_VHDX; kind++)
    {
      g_autofree char *out = NULL;

      make (fixture, kind, size);
      out = run_tool ("vhdiinfo", fixture->file, NULL);
      g_test_message ("%s", out);
      g_assert_nonnull (strstr (out, bytes));
      g_assert_true (g_regex_match_simple ("Disk type\\s*:\\s*Fixed", out, 0, 0));
    }
}

/* qemu-img rounds a VHD's size up to what its geometry has; of that size, it must be ours too. */
static void
test_geometry (Fixture *fixture, gconstpointer data)
{
  static const char *const asked[]
      = { "1M", "8M", "66M", "100M", "503M", "505M", "2G", "31G", "31.6G", "64G", "127G" };

  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autofree char *out = run_tool ("qemu-img", "create", "-f", "vpc", "-o", "subformat=fixed",
                                       fixture->file, asked[i], NULL);
      g_autofree guint8 *footer = g_malloc0 (VALISE_VHD_FOOTER_SIZE);
      int fd = open (fixture->file, O_RDONLY | O_CLOEXEC);
      ValiseVhdGeometry geometry;
      guint64 size;

      g_assert_cmpint (fd, >=, 0);
      size = lseek (fd, -VALISE_VHD_FOOTER_SIZE, SEEK_END);
      g_assert_cmpint (read (fd, footer, VALISE_VHD_FOOTER_SIZE), ==, VALISE_VHD_FOOTER_SIZE);
      close (fd);
      valise_vhd_compute_geometry (size, &geometry);
      g_test_message ("%s: %u, %u, %u", asked[i], geometry.cylinders, geometry.heads,
                      geometry.sectors);
      g_assert_cmpuint (geometry.cylinders, ==, footer[56] << 8 | footer[57]);
      g_assert_cmpuint (geometry.heads, ==, footer[58]);
      g_assert_cmpuint (geometry.sectors, ==, footer[59]);
    }
}

/* RFC 3720, B.4, has these. */
static void
test_checksum (void)
{
  guint8 data[32];

  memset (data, 0, sizeof data);
  g_assert_cmphex (valise_vhdx_checksum (data, sizeof data), ==, 0x8a9136aa);
  memset (data, 0xff, sizeof data);
  g_assert_cmphex (valise_vhdx_checksum (data, sizeof data), ==, 0x62a8ab43);
  for (guint i = 0; i < sizeof data; i++)
    data[i] = i;
  g_assert_cmphex (valise_vhdx_checksum (data, sizeof data), ==, 0x46dd794e);
}

static void
test_fit (void)
{
  for (ValiseContainerKind kind = VALISE_CONTAINER_VHD; kind <= VALISE_CONTAINER_VHDX; kind++)
    {
      const guint64 max = valise_container_kind_get_max_size (kind);
      const guint64 sizes_to_fit[]
          = { VALISE_CONTAINER_GRANULE, 7 * VALISE_GIB, 4096 * VALISE_GIB + 17, max, 2 * max };
      ValiseContainerKind found;

      g_assert_true (
          valise_container_kind_from_name (valise_container_kind_get_name (kind), &found));
      g_assert_cmpint (found, ==, kind);
      g_assert_cmpuint (valise_container_fit (kind, VALISE_CONTAINER_GRANULE - 1), ==, 0);
      for (guint i = 1; i < G_N_ELEMENTS (sizes_to_fit); i++)
        {
          guint64 size = valise_container_fit (kind, sizes_to_fit[i]);
          ValiseContainer container;

          g_assert_cmpuint (size, <=, max);
          valise_container_init (&container, kind, size);
          g_assert_cmpuint (container.file_size, <=, sizes_to_fit[i]);
          if (size == max)
            continue;
          valise_container_init (&container, kind, size + VALISE_CONTAINER_GRANULE);
          g_assert_cmpuint (container.file_size, >, sizes_to_fit[i]);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *vhd = g_strconcat ("/container/vhd/", sizes[i].name, NULL);
      g_autofree char *vhdx = g_strconcat ("/container/vhdx/", sizes[i].name, NULL);
      gpointer size = GUINT_TO_POINTER (sizes[i].size);

      g_test_add (vhd, Fixture, size, set_up, test_vhd, tear_down);
      g_test_add (vhdx, Fixture, size, set_up, test_vhdx, tear_down);
    }
  g_test_add ("/container/libvhdi", Fixture, NULL, set_up, test_libvhdi, tear_down);
  g_test_add ("/container/geometry", Fixture, NULL, set_up, test_geometry, tear_down);
  g_test_add_func ("/container/checksum", test_checksum);
  g_test_add_func ("/container/fit", test_fit);
  return g_test_run ();
}
