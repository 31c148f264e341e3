/* test-from-image.c: EFI partition and registry out of a sample Windows, extracted by
 * wimlib-imagex, against copies made with cp.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "boot/valise-esp.h"
#include "boot/valise-offline-registry.h"
#include "boot/valise-windows-settings.h"
#include "core/valise-units.h"
#include "test-tools.h"

/* Prints a hive's values, one a line. */
static const char dump_program[] = "import hivex, sys\n"
                                   "h = hivex.Hivex(sys.argv[1])\n"
                                   "def walk(node, path):\n"
                                   "    print(path)\n"
                                   "    for v in h.node_values(node):\n"
                                   "        t, data = h.value_value(v)\n"
                                   "        print(path, h.value_key(v), t, data.hex())\n"
                                   "    for c in h.node_children(node):\n"
                                   "        walk(c, path + '\\\\' + h.node_name(c))\n"
                                   "walk(h.root(), '')\n";

static ValiseScratch *scratch;

static char *
in_scratch (const char *name)
{
  return valise_scratch_build_path (scratch, name);
}

/* What must be on the partition, put together without looking at any name. */
static void
make_expected (const char *windows_boot, const char *expected, gboolean is_2023)
{
  g_autofree char *script = g_strdup_printf (
      "set -e; mkdir -p \"$2/EFI/Boot\" \"$2/EFI/Microsoft\"; cd \"$2/EFI/Microsoft\"\n"
      "cp -r \"$1/EFI\" Boot; rm Boot/SkuSiPolicy.p7b; cp -r \"$1/Fonts\" \"$1/Resources\" Boot\n"
      "%s\n"
      "cp Boot/bootmgfw.efi ../Boot/bootx64.efi; printf store > Boot/BCD\n",
      is_2023 ? "cp \"$1/EFI_EX/bootmgfw_EX.efi\" Boot/bootmgfw.efi\n"
                "cp \"$1/EFI_EX/bootmgr_EX.efi\" Boot/bootmgr.efi\n"
                "cp \"$1/Fonts_EX/wgl4_boot_EX.ttf\" Boot/Fonts/wgl4_boot.ttf\n"
                "cp \"$1/Fonts_EX/segoe_slboot_EX.ttf\" Boot/Fonts/segoe_slboot.ttf\n"
              : "");

  g_free (RUN ("sh", "-c", script, "sh", windows_boot, expected));
}

static void
test_esp (gconstpointer data)
{
  const gboolean is_2023 = data != NULL;
  g_autofree char *folder = in_scratch (is_2023 ? "2023" : "2011");
  g_autofree char *windows_boot = g_build_filename (folder, "Windows", "Boot", NULL);
  g_autofree char *expected = g_build_filename (folder, "expected", NULL);
  g_autofree char *found = g_build_filename (folder, "found", NULL);
  g_autofree char *esp = g_build_filename (folder, "esp", NULL);
  g_autofree char *files = NULL;
  g_autoptr (GBytes) bcd = g_bytes_new_static ("store", 5);
  g_autoptr (GError) error = NULL;
  int fd;

  g_mkdir_with_parents (found, 0700);
  fd = g_open (esp, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  g_assert_cmpint (ftruncate (fd, 300 * VALISE_MIB), ==, 0);
  close (fd);
  g_free (RUN ("mkfs.fat", "-F", "32", "-s", "2", esp));
  g_free (RUN ("wimlib-imagex", "extract", SAMPLE, "1", "/Windows/Boot", "--preserve-dir-structure",
               "--no-acls", "--dest-dir", folder));
  make_expected (windows_boot, expected, is_2023);

  valise_esp_compose (esp, windows_boot, "amd64",
                      is_2023 ? VALISE_BOOT_MANAGER_2023 : VALISE_BOOT_MANAGER_2011, bcd, NULL,
                      scratch, NULL, &error);
  g_assert_no_error (error);
  g_free (RUN ("mcopy", "-s", "-i", esp, "::EFI", found));
  g_free (RUN ("diff", "-r", expected, found));
  g_free (RUN ("fsck.fat", "-n", esp));
  files = RUN ("find", found, "-type", "f");
  g_assert_nonnull (strstr (files, "EFI/Boot/bootx64.efi\n"));
  g_assert_null (strstr (files, "SkuSiPolicy"));
}

static void
test_registry (void)
{
  g_autofree char *folder = in_scratch ("registry");
  g_autofree char *hive = g_build_filename (folder, "SYSTEM", NULL);
  g_autofree char *before = g_build_filename (folder, "before", NULL);
  g_autofree char *after = g_build_filename (folder, "after", NULL);
  g_autofree char *text = NULL;
  g_autofree char *changed = NULL;
  g_autofree char *differences = NULL;
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  g_autoptr (GError) error = NULL;

  valise_windows_settings_add_changes (&(ValiseWindowsSettings){ 0 }, 22631, FALSE, changes);
  g_free (RUN ("wimlib-imagex", "extract", SAMPLE, "1", "/Windows/System32/config/SYSTEM",
               "--no-acls", "--dest-dir", folder));
  text = RUN (PYTHON, "-c", dump_program, hive);
  write_file (before, text, strlen (text));
  valise_offline_registry_apply (hive, VALISE_REGISTRY_SYSTEM, changes, &error);
  g_assert_no_error (error);
  changed = RUN (PYTHON, "-c", dump_program, hive);
  write_file (after, changed, strlen (changed));
  differences =
      RUN ("sh", "-c", "diff -U0 \"$1\" \"$2\" | grep '^[-+][^-+]' | sort", "sh", before, after);
  g_assert_cmpstr (differences, ==,
                   "+\\ControlSet001\\Control\\BitLocker\n"
                   "+\\ControlSet001\\Control\\BitLocker PreventDeviceEncryption 4 01000000\n"
                   "+\\ControlSet001\\Control\\Session Manager\\Power HiberbootEnabled 4 00000000\n"
                   "+\\ControlSet001\\Services\\partmgr\\Parameters SanPolicy 4 04000000\n"
                   "-\\ControlSet001\\Control\\Session Manager\\Power HiberbootEnabled 4 01000000\n"
                   "-\\ControlSet001\\Services\\partmgr\\Parameters SanPolicy 4 01000000\n");
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

  g_test_add_data_func ("/from-image/esp/2011", NULL, test_esp);
  g_test_add_data_func ("/from-image/esp/2023", "2023", test_esp);
  g_test_add_func ("/from-image/registry", test_registry);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
