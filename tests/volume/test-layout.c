/* test-layout.c: the arithmetic of partitions. What sgdisk thinks of it, test-staging.c asks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "volume/valise-layout.h"

/* Worked out by hand: the last whole MiB in front of the last 33 sectors, less 317 MiB. */
static const struct
{
  const char *name;
  guint64 drive_size;
  guint64 os_mib;
} sizes[] = {
  { "smallest", 349 * VALISE_MIB + 16896, 32 },
  { "1-gib", 2097152 * G_GUINT64_CONSTANT (512), 706 },
  { "1-gib-and-32-sectors", 2097184 * G_GUINT64_CONSTANT (512), 706 },
  { "1-gib-and-33-sectors", 2097185 * G_GUINT64_CONSTANT (512), 707 },
  { "7.5-gib-less-a-sector", 15728639 * G_GUINT64_CONSTANT (512), 7362 },
  { "64-gb-stick", G_GUINT64_CONSTANT (64023257088), 60740 },
  { "2-tb-disk", G_GUINT64_CONSTANT (2000398934016), 1907412 },
  { "half-a-sector-more", G_GUINT64_CONSTANT (2000398934016) + 256, 1907412 },
  { "2-tib", G_GUINT64_CONSTANT (2199023255552), 2096834 },
  { "more-than-ntfs-can", G_GUINT64_CONSTANT (35184372088832), 16777215 },
};

static void
test_gpt (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  ValiseLayout layout;
  const ValisePartition *p = layout.partitions;

  g_assert_true (valise_layout_init_gpt (&layout, sizes[i].drive_size, 512, 0, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (layout.n_partitions, ==, 3);
  g_assert_cmpuint (p[0].index, ==, 1);
  g_assert_cmpint (p[0].kind, ==, VALISE_PARTITION_ESP);
  g_assert_cmpuint (p[0].offset, ==, 1048576);
  g_assert_cmpuint (p[0].size, ==, 314572800);
  g_assert_cmpuint (p[1].index, ==, 2);
  g_assert_cmpint (p[1].kind, ==, VALISE_PARTITION_MSR);
  g_assert_cmpuint (p[1].offset, ==, 315621376);
  g_assert_cmpuint (p[1].size, ==, 16777216);
  g_assert_cmpuint (p[2].index, ==, 3);
  g_assert_cmpint (p[2].kind, ==, VALISE_PARTITION_OS);
  g_assert_cmpuint (p[2].offset, ==, 332398592);
  g_assert_cmpuint (p[2].size, ==, sizes[i].os_mib * 1048576);
  g_assert_true (valise_layout_find (&layout, VALISE_PARTITION_OS) == &p[2]);

  g_assert_cmpuint (layout.drive_size, ==, sizes[i].drive_size / 512 * 512);
  g_assert_cmpuint (valise_layout_get_primary_size (&layout), ==, 1048576);
  g_assert_cmpuint (valise_layout_get_backup_offset (&layout) % 4096, ==, 0);
  g_assert_cmpuint (valise_layout_get_backup_offset (&layout), >=, p[2].offset + p[2].size);
  g_assert_cmpuint (layout.drive_size - valise_layout_get_backup_offset (&layout), >=, 33 * 512);
  g_assert_cmpuint (layout.drive_size - valise_layout_get_backup_offset (&layout), <,
                    33 * 512 + 4096);
}

/* The drive that just holds so many bytes of NTFS, worked out by hand. */
static const struct
{
  guint64 os_size;
  guint64 drive_size;
} needs[] = {
  { 0, G_GUINT64_CONSTANT (365969920) },
  { 1, G_GUINT64_CONSTANT (365969920) },
  { G_GUINT64_CONSTANT (33554432), G_GUINT64_CONSTANT (365969920) },
  { G_GUINT64_CONSTANT (33554433), G_GUINT64_CONSTANT (367018496) },
  { G_GUINT64_CONSTANT (21474836480), G_GUINT64_CONSTANT (21807251968) },
  { G_GUINT64_CONSTANT (21474836481), G_GUINT64_CONSTANT (21808300544) },
};

static void
test_one_sector_too_small (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (needs); i++)
    {
      g_autoptr (GError) error = NULL;
      ValiseLayout layout;

      g_assert_cmpuint (valise_layout_min_drive_size (needs[i].os_size, 512), ==,
                        needs[i].drive_size);
      g_assert_true (
          valise_layout_init_gpt (&layout, needs[i].drive_size, 512, needs[i].os_size, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (layout.partitions[2].size, >=, needs[i].os_size);

      g_assert_false (valise_layout_init_gpt (&layout, needs[i].drive_size - 512, 512,
                                              needs[i].os_size, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
      g_assert_cmpuint (layout.n_partitions, ==, 0);
    }
}

static void
test_too_small_message (void)
{
  g_autoptr (GError) error = NULL;
  ValiseLayout layout;

  g_assert_false (valise_layout_init_gpt (&layout, G_GUINT64_CONSTANT (16008609792), 512,
                                          G_GUINT64_CONSTANT (21474836480), &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
  g_assert_nonnull (strstr (error->message, "it needs 21.8\302\240GB"));
  g_assert_nonnull (strstr (error->message, "it has 16.0\302\240GB"));

  g_clear_error (&error);
  g_assert_false (valise_layout_init_gpt (&layout, 0, 512, 0, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);

  g_clear_error (&error);
  g_assert_false (valise_layout_init_gpt (&layout, 64 * VALISE_GIB, 512, G_MAXUINT64, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
}

/* The same for sectors of 4096 bytes: the backup takes 5 of them, 20,480 bytes. */
static void
test_large_sectors (void)
{
  static const struct
  {
    guint64 drive_size;
    guint64 os_mib;
  } drives[] = {
    { 349 * VALISE_MIB + 20480, 32 },
    { VALISE_GIB, 706 },
    { VALISE_GIB + 4 * 4096, 706 },
    { VALISE_GIB + 5 * 4096, 707 },
    { G_GUINT64_CONSTANT (64023257088), 60740 },
    { G_GUINT64_CONSTANT (64023257088) + 512, 60740 },
  };
  g_autoptr (GError) error = NULL;
  ValiseLayout layout;

  for (gsize i = 0; i < G_N_ELEMENTS (drives); i++)
    {
      g_assert_true (valise_layout_init_gpt (&layout, drives[i].drive_size, 4096, 0, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (layout.sector_size, ==, 4096);
      g_assert_cmpuint (layout.drive_size, ==, drives[i].drive_size / 4096 * 4096);
      g_assert_cmpuint (valise_layout_get_backup_offset (&layout), ==, layout.drive_size - 20480);
      g_assert_cmpuint (layout.partitions[2].size, ==, drives[i].os_mib * 1048576);
      for (guint p = 0; p < 3; p++)
        g_assert_cmpuint (layout.partitions[p].sector_size, ==, 4096);
    }

  g_assert_cmpuint (valise_layout_min_drive_size (0, 4096), ==, 365973504);
  g_assert_false (valise_layout_init_gpt (&layout, 365973503, 4096, 0, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
}

static void
test_sector_size (void)
{
  static const guint refused[] = { 0, 1, 511, 513, 520, 1024, 2048, 4095, 8192 };

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *words = g_strdup_printf ("sectors of %u bytes", refused[i]);
      ValiseLayout layout;

      g_assert_false (valise_layout_init_gpt (&layout, 64 * VALISE_GIB, refused[i], 0, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_SECTOR_SIZE);
      g_assert_nonnull (strstr (error->message, words));
    }
}

static void
test_limit (void)
{
  ValiseLayout layout;

  g_assert_true (valise_layout_init_gpt (&layout, 8 * VALISE_GIB, 512, 0, NULL));
  valise_layout_limit_os (&layout, 4 * VALISE_GIB);
  g_assert_cmpuint (layout.partitions[2].size, ==, 4 * VALISE_GIB);
  valise_layout_limit_os (&layout, 6 * VALISE_GIB);
  g_assert_cmpuint (layout.partitions[2].size, ==, 4 * VALISE_GIB);
  g_assert_cmpuint (layout.partitions[2].offset, ==, 317 * VALISE_MIB);
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *path = g_strconcat ("/layout/gpt/", sizes[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_gpt);
    }
  g_test_add_func ("/layout/one-sector-too-small", test_one_sector_too_small);
  g_test_add_func ("/layout/too-small-message", test_too_small_message);
  g_test_add_func ("/layout/large-sectors", test_large_sectors);
  g_test_add_func ("/layout/sector-size", test_sector_size);
  g_test_add_func ("/layout/limit", test_limit);
  return g_test_run ();
}
