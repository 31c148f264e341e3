/* test-bios.c: what a BIOS starts, and what must be on the partition for it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "boot/valise-bios.h"
#include "boot/valise-esp.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "test-tools.h"

static ValiseScratch *scratch;

/* An image's boot folder; what is in a file is its own path. */
static const char *const boot_files[] = {
  "EFI/bootmgfw.efi",
  "PCAT/bootmgr",
  "PCAT/bootnxt",
  "PCAT/bootvhd.dll",
  "PCAT/memtest.exe",
  "PCAT/de-DE/bootmgr.exe.mui",
  "Fonts/wgl4_boot.ttf",
  "Fonts_EX/wgl4_boot_EX.ttf",
  "Resources/bootres.dll",
  "Resources/en-US/bootres.dll.mui",
};

/* bcdboot's own folders, and the root with what the BIOS starts. */
static const char *const files[][2] = {
  { "/bootmgr", "PCAT/bootmgr" },
  { "/BOOTNXT", "PCAT/bootnxt" },
  { "/Boot/BCD", "for BIOS" },
  { "/Boot/bootvhd.dll", "PCAT/bootvhd.dll" },
  { "/Boot/memtest.exe", "PCAT/memtest.exe" },
  { "/Boot/de-DE/bootmgr.exe.mui", "PCAT/de-DE/bootmgr.exe.mui" },
  { "/Boot/Fonts/wgl4_boot.ttf", "Fonts/wgl4_boot.ttf" },
  { "/Boot/Resources/bootres.dll", "Resources/bootres.dll" },
  { "/Boot/Resources/en-US/bootres.dll.mui", "Resources/en-US/bootres.dll.mui" },
  { "/EFI/Boot/bootx64.efi", "EFI/bootmgfw.efi" },
  { "/EFI/Microsoft/Boot/BCD", "for UEFI" },
  { "/EFI/Microsoft/Boot/Fonts/wgl4_boot.ttf", "Fonts/wgl4_boot.ttf" },
  { "/EFI/Microsoft/Boot/Resources/bootres.dll", "Resources/bootres.dll" },
  { "/EFI/Microsoft/Boot/Resources/en-US/bootres.dll.mui", "Resources/en-US/bootres.dll.mui" },
  { "/EFI/Microsoft/Boot/bootmgfw.efi", "EFI/bootmgfw.efi" },
};

static char *
make_folder (void)
{
  char *folder = valise_scratch_build_path (scratch, "Boot");

  for (guint i = 0; i < G_N_ELEMENTS (boot_files); i++)
    {
      g_autofree char *path = g_build_filename (folder, boot_files[i], NULL);
      g_autofree char *parent = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
      write_file (path, boot_files[i], strlen (boot_files[i]));
    }
  return folder;
}

static gboolean
compose (const char *folder, const char *architecture, char **system, GError **error)
{
  g_autoptr (GBytes) bcd = g_bytes_new_static ("for UEFI", 8);
  g_autoptr (GBytes) bios_bcd = g_bytes_new_static ("for BIOS", 8);
  int fd;

  *system = valise_scratch_build_path (scratch, "system");
  fd = g_open (*system, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_assert_cmpint (ftruncate (fd, 350 * VALISE_MIB), ==, 0);
  close (fd);
  g_free (RUN ("mkfs.fat", "-F", "32", "-s", "2", *system));
  return valise_esp_compose (*system, folder, architecture, VALISE_BOOT_MANAGER_2011, bcd,
                             bios_bcd, scratch, NULL, error);
}

static void
test_files (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *system = NULL;
  g_autofree char *list = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  compose (folder, "amd64", &system, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat ("::", files[i][0], NULL);
      g_autofree char *contents = RUN ("mtype", "-i", system, path);

      g_assert_cmpstr (contents, ==, files[i][1]);
    }
  list = RUN ("mdir", "-i", system, "-/", "-b", "-a", "::");
  lines = g_strsplit (list, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    n += *lines[i] != '\0' && !g_str_has_suffix (lines[i], "/");
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (files));
  g_free (RUN ("fsck.fat", "-n", system));
  valise_remove_tree (folder);
}

static void
assert_refused (const char *folder, const char *architecture, const char *words)
{
  g_autofree char *system = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (compose (folder, architecture, &system, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
  if (strstr (error->message, words) == NULL)
    g_error ("no “%s” in: %s", words, error->message);
}

static void
test_refused (void)
{
  g_autofree char *folder = make_folder ();
  g_autofree char *manager = g_build_filename (folder, "PCAT", "bootmgr", NULL);
  g_autofree char *system = NULL;
  g_autoptr (GError) error = NULL;

  assert_refused (folder, "arm64", "for ARM");
  g_assert_cmpint (truncate (manager, 523201), ==, 0);
  assert_refused (folder, "amd64", "has 523201 bytes, and no more than 523200");
  g_assert_cmpint (truncate (manager, 523200), ==, 0);
  compose (folder, "x86", &system, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (manager), ==, 0);
  assert_refused (folder, "amd64", "PCAT\\bootmgr");
  valise_remove_tree (folder);
}

/* What GRUB's own installer says of a drive that it has made, from its boot.S and diskboot.S. */
static void
test_code (void)
{
  ValiseBootCode code, again;
  g_autoptr (GError) error = NULL;
  const guint8 *sector, *rest;
  gsize n;

  if (!valise_bios_get_boot_code (&code, &error))
    {
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      g_test_skip ("this build has no GRUB");
      return;
    }
  g_assert_true (valise_bios_get_boot_code (&again, NULL));
  g_assert_true (code.rest == again.rest);
  sector = g_bytes_get_data (code.sector, &n);
  g_assert_cmpuint (n, ==, 512);
  g_assert_cmpmem (sector + 0x5c, 8, "\1\0\0\0\0\0\0\0", 8); /* core.img: the second sector */
  g_assert_cmpmem (sector + 0x66, 2, "\x90\x90", 2);
  rest = g_bytes_get_data (code.rest, &n);
  g_assert_cmpuint (n, >, 16384);
  g_assert_cmpuint (n, <, VALISE_MIB - 512);
  /* Its first sector loads the others, from the third of the drive on, to 0820:0000. */
  g_assert_cmpmem (rest + 500, 8, "\2\0\0\0\0\0\0\0", 8);
  g_assert_cmpuint (rest[508] | rest[509] << 8, ==, (n - 512 + 511) / 512);
  g_assert_cmpmem (rest + 510, 2, "\x20\x08", 2);
}

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  int result;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  complete_path ();
  g_test_init (&argc, &argv, NULL);
  scratch = valise_scratch_new (&error);
  g_assert_no_error (error);

  g_test_add_func ("/bios/files", test_files);
  g_test_add_func ("/bios/refused", test_refused);
  g_test_add_func ("/bios/code", test_code);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
