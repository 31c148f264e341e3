/* test-hive-template.c: the empty hive, as hivex and Windows' own hives have it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <hivex.h>
#include <string.h>

#include "boot/valise-hive-template.h"
#include "core/valise-scratch.h"
#include "fixtures.h"
#include "test-tools.h"

static ValiseScratch *scratch;

static guint32
get (const guint8 *data, gsize at, gsize size)
{
  guint32 value = 0;

  for (gsize i = 0; i < size; i++)
    value |= (guint32)data[at + i] << (8 * i);
  return value;
}

/* What is true of every hive of one root key and its security descriptor; of the template as of a
 * store that Windows made. Returns the descriptor. */
static GBytes *
assert_structure (GBytes *hive)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (hive, &size);
  guint32 checksum = 0, root, sk, sk_size, sd_size;

  g_assert_cmpuint (size, >=, 8192);
  g_assert_cmpmem (data, 4, "regf", 4);
  g_assert_cmpuint (get (data, 4, 4), ==, get (data, 8, 4));
  g_assert_cmpuint (get (data, 20, 4), ==, 1);
  g_assert_cmpuint (get (data, 24, 4), >=, 3);
  g_assert_cmpuint (get (data, 24, 4), <=, 6);
  g_assert_cmpuint (get (data, 28, 4), ==, 0);
  g_assert_cmpuint (get (data, 32, 4), ==, 1);
  g_assert_cmpuint (get (data, 36, 4), ==, 0x20);
  g_assert_cmpuint (get (data, 40, 4) % 4096, ==, 0);
  g_assert_cmpuint (get (data, 40, 4) + 4096, <=, size);
  g_assert_cmpuint (get (data, 44, 4), ==, 1);
  for (gsize i = 0; i < 508; i += 4)
    checksum ^= get (data, i, 4);
  g_assert_cmphex (get (data, 508, 4), ==, checksum);

  g_assert_cmpmem (data + 4096, 4, "hbin", 4);
  g_assert_cmpuint (get (data, 4096 + 4, 4), ==, 0);
  g_assert_cmpuint (get (data, 4096 + 8, 4) % 4096, ==, 0);

  root = 4096 + get (data, 36, 4);
  g_assert_cmpmem (data + root + 4, 2, "nk", 2);
  g_assert_cmphex (get (data, root + 6, 2), ==, 0x2c);
  g_assert_cmphex (get (data, root + 52, 4), ==, G_MAXUINT32);
  g_assert_cmpint (-(gint32)get (data, root, 4), ==,
                   (76 + 4 + get (data, root + 76, 2) + 7) / 8 * 8);

  sk = 4096 + get (data, root + 48, 4);
  g_assert_cmpmem (data + sk + 4, 2, "sk", 2);
  sk_size = -(gint32)get (data, sk, 4);
  sd_size = get (data, sk + 20, 4);
  g_assert_cmpuint (sk + sk_size, <=, size);
  g_assert_cmpuint (sd_size + 24, <=, sk_size);
  return g_bytes_new_from_bytes (hive, sk + 24, sd_size);
}

/* Every byte of the bin belongs to a cell, and the last one is free. */
static void
test_cells (void)
{
  g_autoptr (GBytes) hive = valise_hive_template_build ();
  g_autoptr (GBytes) sd = assert_structure (hive);
  gsize size;
  const guint8 *data = g_bytes_get_data (hive, &size);
  gint32 cell = 0;
  guint n = 0;

  g_assert_cmpuint (size, ==, 8192);
  for (gsize at = 4096 + 32; at < size; at += ABS (cell), n++)
    {
      cell = get (data, at, 4);
      g_assert_cmpint (cell % 8, ==, 0);
      g_assert_cmpint (cell, !=, 0);
      g_assert_cmpuint (at + ABS (cell), <=, size);
    }
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (cell, >, 0);
}

static void
test_same_bytes (void)
{
  g_autoptr (GBytes) first = valise_hive_template_build ();
  g_autoptr (GBytes) second = valise_hive_template_build ();

  g_assert_true (g_bytes_equal (first, second));
}

/* Our checks hold for a hive of Windows', and so does our security descriptor. */
static void
test_like_real (void)
{
  g_autofree char *path = find_fixture ("windows10-uefi.bcd");
  g_autoptr (GBytes) hive = valise_hive_template_build ();
  g_autoptr (GBytes) sd = assert_structure (hive);
  g_autoptr (GBytes) real = NULL;
  g_autoptr (GBytes) real_sd = NULL;

  if (path == NULL)
    return;
  real = read_file (path);
  real_sd = assert_structure (real);
  g_assert_cmpmem (g_bytes_get_data (sd, NULL), g_bytes_get_size (sd),
                   g_bytes_get_data (real_sd, NULL), g_bytes_get_size (real_sd));
}

static char *
write_template (const char *name)
{
  g_autoptr (GBytes) hive = valise_hive_template_build ();
  char *path = valise_scratch_build_path (scratch, name);

  write_file (path, g_bytes_get_data (hive, NULL), g_bytes_get_size (hive));
  return path;
}

static void
test_hivexsh (void)
{
  g_autofree char *path = write_template ("sh");
  g_autofree char *commands = valise_scratch_build_path (scratch, "commands");
  g_autofree char *found = NULL;
  const char *text = "ls\nadd First\nadd second\nls\ncd First\nsetval 1\nName\nstring:text\nlsval\n"
                     "commit\n";

  write_file (commands, text, strlen (text));
  found = RUN ("hivexsh", "-w", "-f", commands, path);
  g_assert_cmpstr (found, ==, "First\nsecond\n\"Name\"=\"text\"\n");
  g_free (found);
  found = RUN ("hivexget", path, "First", "Name");
  g_assert_cmpstr (found, ==, "text\n");
}

/* Grows far beyond its one bin. */
static void
test_hivex (void)
{
  g_autofree char *path = write_template ("grown");
  hive_h *hive = hivex_open (path, HIVEX_OPEN_WRITE);
  hive_node_h root;

  g_assert_nonnull (hive);
  root = hivex_root (hive);
  g_assert_cmpuint (hivex_node_nr_children (hive, root), ==, 0);
  g_assert_cmpuint (hivex_node_nr_values (hive, root), ==, 0);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("key%03u", i);
      g_autofree char *data = g_strnfill (500, 'a' + i % 26);
      const hive_set_value value = { (char *)"value", hive_t_binary, 500, data };
      hive_node_h node = hivex_node_add_child (hive, root, name);

      g_assert_cmpuint (node, !=, 0);
      g_assert_cmpint (hivex_node_set_values (hive, node, 1, &value, 0), ==, 0);
    }
  g_assert_cmpint (hivex_commit (hive, NULL, 0), ==, 0);
  hivex_close (hive);

  hive = hivex_open (path, 0);
  g_assert_nonnull (hive);
  g_assert_cmpuint (hivex_node_nr_children (hive, hivex_root (hive)), ==, 200);
  hivex_close (hive);
}

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  int result;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  scratch = valise_scratch_new (&error);
  g_assert_no_error (error);

  g_test_add_func ("/hive-template/cells", test_cells);
  g_test_add_func ("/hive-template/same-bytes", test_same_bytes);
  g_test_add_func ("/hive-template/like-real", test_like_real);
  g_test_add_func ("/hive-template/hivexsh", test_hivexsh);
  g_test_add_func ("/hive-template/hivex", test_hivex);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
