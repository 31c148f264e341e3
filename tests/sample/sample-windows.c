/* sample-windows.c: the tree of a sample Windows: folders and files that every image has.
 *
 * Responsible for what Valise looks for in an image: boot files, hives, the loader, and the usual
 * folders around them. Strange files are in sample-oddities.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sample-windows.h"

#include <string.h>

#define HIDDEN 0x02u
#define SYSTEM 0x04u
#define FOLDER 0x10u
#define ARCHIVE 0x20u
#define NOT_INDEXED 0x2000u

#define TAG_JUNCTION 0xa0000003u

static const struct
{
  const char *path;
  SampleSd sd;
  guint32 attributes;
  const char *short_name;
} folders[] = {
  { "", SAMPLE_SD_ROOT, HIDDEN | SYSTEM },
  { "Windows", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/EFI", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/EFI/en-US", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/EFI/de-DE", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/EFI_EX", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/PCAT", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/PCAT/en-US", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/PCAT/de-DE", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/Fonts", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/Fonts_EX", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/Resources", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Boot/Resources/en-US", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/Fonts", SAMPLE_SD_SYSTEM_FOLDER, SYSTEM | 0x01u },
  { "Windows/Logs", SAMPLE_SD_CONFIG },
  { "Windows/Panther", SAMPLE_SD_CONFIG },
  { "Windows/System32", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/System32/Boot", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/System32/Recovery", SAMPLE_SD_CONFIG },
  { "Windows/System32/config", SAMPLE_SD_CONFIG, NOT_INDEXED },
  { "Windows/System32/config/RegBack", SAMPLE_SD_CONFIG },
  { "Windows/System32/drivers", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/System32/en-US", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/SysWOW64", SAMPLE_SD_SYSTEM_FOLDER },
  { "Windows/WinSxS", SAMPLE_SD_SYSTEM_FOLDER },
  { "Program Files", SAMPLE_SD_SYSTEM_FOLDER, 0x01u, "PROGRA~1" },
  { "Program Files/Common Files", SAMPLE_SD_SYSTEM_FOLDER, 0, "COMMON~1" },
  { "Program Files (x86)", SAMPLE_SD_SYSTEM_FOLDER, 0x01u, "PROGRA~2" },
  { "ProgramData", SAMPLE_SD_USERS, HIDDEN | NOT_INDEXED, "PROGRA~3" },
  { "Users", SAMPLE_SD_USERS, 0x01u },
  { "Users/Default", SAMPLE_SD_USERS, HIDDEN | 0x01u },
  { "Users/Default/AppData", SAMPLE_SD_USERS, HIDDEN },
  { "Users/Default/AppData/Local", SAMPLE_SD_USERS },
  { "Users/Public", SAMPLE_SD_USERS, 0x01u },
  { "Users/Public/Documents", SAMPLE_SD_USERS, 0x01u, "DOCUME~1" },
};

/* Names as retail images have them; sizes are of the right order. */
static const struct
{
  const char *path;
  guint size;
  SampleFill fill;
} files[] = {
  { "Windows/Boot/EFI/memtest.efi", 1300000, SAMPLE_FILL_BINARY },
  { "Windows/Boot/EFI/boot.stl", 9577, SAMPLE_FILL_RANDOM },
  { "Windows/Boot/EFI/winsipolicy.p7b", 9926, SAMPLE_FILL_RANDOM },
  { "Windows/Boot/EFI/SkuSiPolicy.p7b", 46080, SAMPLE_FILL_RANDOM },
  { "Windows/Boot/EFI/kd_02_10df.dll", 290816, SAMPLE_FILL_BINARY },
  { "Windows/Boot/EFI/kdnet_uart16550.dll", 61440, SAMPLE_FILL_BINARY },
  { "Windows/Boot/EFI/kdstub.dll", 32768, SAMPLE_FILL_BINARY },
  { "Windows/Boot/EFI/en-US/bootmgfw.efi.mui", 78200, SAMPLE_FILL_TEXT },
  { "Windows/Boot/EFI/en-US/bootmgr.efi.mui", 78200, SAMPLE_FILL_TEXT },
  { "Windows/Boot/EFI/en-US/memtest.efi.mui", 45408, SAMPLE_FILL_TEXT },
  { "Windows/Boot/EFI/de-DE/bootmgfw.efi.mui", 82300, SAMPLE_FILL_TEXT },
  { "Windows/Boot/EFI/de-DE/memtest.efi.mui", 46432, SAMPLE_FILL_TEXT },
  { "Windows/Boot/PCAT/bootnxt", 1, SAMPLE_FILL_BINARY },
  { "Windows/Boot/PCAT/bootuwf.dll", 98304, SAMPLE_FILL_BINARY },
  { "Windows/Boot/PCAT/bootvhd.dll", 98304, SAMPLE_FILL_BINARY },
  { "Windows/Boot/PCAT/memtest.exe", 1010000, SAMPLE_FILL_BINARY },
  { "Windows/Boot/PCAT/en-US/bootmgr.exe.mui", 77000, SAMPLE_FILL_TEXT },
  { "Windows/Boot/PCAT/en-US/memtest.exe.mui", 45000, SAMPLE_FILL_TEXT },
  { "Windows/Boot/PCAT/de-DE/bootmgr.exe.mui", 81000, SAMPLE_FILL_TEXT },
  { "Windows/Boot/Fonts/wgl4_boot.ttf", 49088, SAMPLE_FILL_BINARY },
  { "Windows/Boot/Fonts/segoe_slboot.ttf", 86077, SAMPLE_FILL_BINARY },
  { "Windows/Boot/Fonts/segmono_boot.ttf", 44760, SAMPLE_FILL_BINARY },
  { "Windows/Boot/Fonts/jpn_boot.ttf", 198427, SAMPLE_FILL_RANDOM },
  { "Windows/Boot/Fonts_EX/wgl4_boot_EX.ttf", 49100, SAMPLE_FILL_BINARY },
  { "Windows/Boot/Fonts_EX/segoe_slboot_EX.ttf", 86100, SAMPLE_FILL_BINARY },
  { "Windows/Boot/Resources/bootres.dll", 93000, SAMPLE_FILL_BINARY },
  { "Windows/Boot/Resources/en-US/bootres.dll.mui", 11000, SAMPLE_FILL_TEXT },
  { "Windows/Fonts/arial.ttf", 915212, SAMPLE_FILL_BINARY },
  { "Windows/System32/winload.efi", 1900000, SAMPLE_FILL_BINARY },
  { "Windows/System32/winload.exe", 1800000, SAMPLE_FILL_BINARY },
  { "Windows/System32/winresume.efi", 1500000, SAMPLE_FILL_BINARY },
  { "Windows/System32/winresume.exe", 1400000, SAMPLE_FILL_BINARY },
  { "Windows/System32/Boot/winload.efi", 1900000, SAMPLE_FILL_BINARY },
  { "Windows/System32/Boot/winresume.efi", 1500000, SAMPLE_FILL_BINARY },
  { "Windows/System32/hal.dll", 40000, SAMPLE_FILL_BINARY },
  { "Windows/System32/drivers/partmgr.sys", 180000, SAMPLE_FILL_BINARY },
  { "Windows/System32/drivers/ntfs.sys", 3000000, SAMPLE_FILL_BINARY },
  { "Windows/System32/Recovery/Winre.wim", 3000000, SAMPLE_FILL_RANDOM },
  { "Windows/System32/Recovery/ReAgent.xml", 1076, SAMPLE_FILL_TEXT },
  { "Windows/explorer.exe", 1200000, SAMPLE_FILL_BINARY },
  { "Windows/win.ini", 92, SAMPLE_FILL_TEXT },
  { "Windows/Professional.xml", 32000, SAMPLE_FILL_TEXT },
  { "Users/Public/desktop.ini", 174, SAMPLE_FILL_TEXT },
};

static void
add_file (SampleVolume *volume, const char *path, const void *data, gsize size, SampleFill fill)
{
  const SampleFile file = {
    .path = path,
    .sd = SAMPLE_SD_SYSTEM_FILE,
    .attributes = ARCHIVE,
    .data = data,
    .size = size,
    .fill = fill,
  };

  sample_volume_add_file (volume, &file);
}

static void
add_bytes (SampleVolume *volume, const char *path, GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  add_file (volume, path, data, size, SAMPLE_FILL_ZERO);
}

/* Windows for ARM has nothing for a BIOS. */
static gboolean
is_in (const SampleWindows *windows, const char *path)
{
  return !g_str_equal (windows->arch, "arm64") || !g_str_has_prefix (path, "Windows/Boot/PCAT");
}

static void
add_folders (SampleVolume *volume, const SampleWindows *windows, const char *only_below)
{
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      const SampleFile folder = {
        .path = folders[i].path,
        .sd = folders[i].sd,
        .attributes = FOLDER | folders[i].attributes,
        .short_name = folders[i].short_name,
      };

      if (is_in (windows, folder.path)
          && (only_below == NULL || g_str_has_prefix (only_below, folder.path)
              || g_str_has_prefix (folder.path, only_below)))
        sample_volume_add_folder (volume, &folder);
    }
}

static void
add_files (SampleVolume *volume, const SampleWindows *windows, const char *only_below)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (is_in (windows, files[i].path)
        && (only_below == NULL || g_str_has_prefix (files[i].path, only_below)))
      add_file (volume, files[i].path, NULL, files[i].size, files[i].fill);
}

/* The boot manager for a BIOS: a small program, in a file as large as the real one. */
static void
add_bootmgr (SampleVolume *volume, const SampleWindows *windows)
{
  const gsize size = windows->bootmgr_size > 0 ? windows->bootmgr_size : 413738;
  g_autofree guint8 *data = g_malloc (size);
  gsize n = 0;

  if (!is_in (windows, "Windows/Boot/PCAT/bootmgr"))
    return;
  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 2654435761u >> 13);
  if (windows->bios_boot_manager != NULL)
    {
      gconstpointer program = g_bytes_get_data (windows->bios_boot_manager, &n);

      memcpy (data, program, MIN (n, size));
    }
  add_file (volume, "Windows/Boot/PCAT/bootmgr", data, size, SAMPLE_FILL_ZERO);
}

static void
add_boot_managers (SampleVolume *volume, const SampleWindows *windows)
{
  static const char made_up[] = "MZ: not a program, a stand-in of the sample\n";
  g_autoptr (GBytes) bytes = windows->boot_manager != NULL
                                 ? g_bytes_ref (windows->boot_manager)
                                 : g_bytes_new_static (made_up, sizeof made_up);
  g_autoptr (GByteArray) other = g_byte_array_new ();
  g_autoptr (GBytes) other_bytes = NULL;

  add_bytes (volume, "Windows/Boot/EFI/bootmgfw.efi", bytes);
  add_bytes (volume, "Windows/Boot/EFI/bootmgr.efi", bytes);
  /* The one signed in 2023 is the same program with a mark behind its end, which the firmware does
   * not load: so the two can be told apart, and both start. */
  g_byte_array_append (other, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_byte_array_append (other, (const guint8 *) "Windows UEFI CA 2023", 20);
  other_bytes = windows->boot_manager_ex != NULL
                    ? g_bytes_ref (windows->boot_manager_ex)
                    : g_byte_array_free_to_bytes (g_steal_pointer (&other));
  add_bytes (volume, "Windows/Boot/EFI_EX/bootmgfw_EX.efi", other_bytes);
  add_bytes (volume, "Windows/Boot/EFI_EX/bootmgr_EX.efi", other_bytes);
}

/* What each new user starts with. */
static void
add_user_hive (SampleVolume *volume, const SampleEdition *edition)
{
  g_autoptr (GBytes) hive = sample_hive_build ("NTUSER.DAT", edition, 0);
  const SampleFile file = {
    .path = "Users/Default/NTUSER.DAT",
    .sd = SAMPLE_SD_USER_FILE,
    .attributes = ARCHIVE | HIDDEN | NOT_INDEXED,
    .data = g_bytes_get_data (hive, NULL),
    .size = g_bytes_get_size (hive),
  };

  sample_volume_add_file (volume, &file);
}

/* Fills an empty volume with everything but what differs between editions. */
void
sample_windows_fill (SampleVolume *volume, const SampleWindows *windows)
{
  static const struct
  {
    const char *path, *target, *shown;
  } junctions[] = {
    { "Documents and Settings", "\\??\\C:\\Users", "C:\\Users" },
    { "Users/All Users", "\\??\\C:\\ProgramData", "C:\\ProgramData" },
    { "Users/Default User", "\\??\\C:\\Users\\Default", "C:\\Users\\Default" },
    { "ProgramData/Application Data", "\\??\\C:\\ProgramData", "C:\\ProgramData" },
  };
  const SampleEdition nothing = { "Core", "Windows 11 Home", windows->arch };

  add_folders (volume, windows, NULL);
  add_files (volume, windows, NULL);
  add_bootmgr (volume, windows);
  add_boot_managers (volume, windows);
  for (guint i = 0; i < G_N_ELEMENTS (junctions); i++)
    {
      const SampleFile file = {
        .path = junctions[i].path,
        .sd = SAMPLE_SD_DENY_LIST,
        .attributes = FOLDER | HIDDEN | SYSTEM | NOT_INDEXED,
        .short_name = i == 0 ? "DOCUME~1" : NULL,
      };
      sample_volume_add_reparse (volume, &file, TAG_JUNCTION, junctions[i].target,
                                 junctions[i].shown);
    }
  add_file (volume, "Windows/System32/ntoskrnl.exe", NULL, 5 << 20, SAMPLE_FILL_BINARY);
  for (guint i = 0; i < 5; i++)
    {
      static const char *const names[] = { "SYSTEM", "SOFTWARE", "DEFAULT", "SAM", "SECURITY" };
      g_autofree char *path = g_strconcat ("Windows/System32/config/", names[i], NULL);
      g_autoptr (GBytes) hive = sample_hive_build (names[i], &nothing, 400);
      const SampleFile file = {
        .path = path,
        .sd = SAMPLE_SD_CONFIG,
        .attributes = ARCHIVE | NOT_INDEXED,
        .data = g_bytes_get_data (hive, NULL),
        .size = g_bytes_get_size (hive),
      };
      sample_volume_add_file (volume, &file);
    }
  add_user_hive (volume, &nothing);
  sample_oddities_fill (volume, windows);
  sample_many_files (volume, windows);
}

/* Makes a filled volume into an edition: the hive that names it, and one file of its own. */
void
sample_windows_set_edition (SampleVolume *volume, const SampleEdition *edition)
{
  g_autoptr (GBytes) hive = sample_hive_build ("SOFTWARE", edition, 0);
  g_autofree char *own = g_strconcat ("Windows/", edition->id, "Edition.xml", NULL);

  sample_volume_replace (volume, "Windows/System32/config/SOFTWARE",
                         g_bytes_get_data (hive, NULL), g_bytes_get_size (hive));
  add_file (volume, own, NULL, 20000, SAMPLE_FILL_TEXT);
}

/* The small system that an installation medium starts (boot.wim). */
void
sample_setup_fill (SampleVolume *volume, const SampleWindows *windows)
{
  add_folders (volume, windows, "Windows/Boot/");
  add_files (volume, windows, "Windows/Boot/");
  add_bootmgr (volume, windows);
  add_boot_managers (volume, windows);
  add_file (volume, "setup.exe", NULL, 400000, SAMPLE_FILL_BINARY);
}
