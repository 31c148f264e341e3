/* valise-make-sample.c: makes a sample Windows image set, without Windows and without root.
 *
 *   valise-make-sample --output FOLDER --format FORMAT [--format …] [--small | --files N] …
 *
 * An NTFS volume in a sparse file is filled through libntfs-3g (sample-windows.c and
 * sample-oddities.c say with what) and captured by wimlib, twice: Windows 11 Pro and Windows 11
 * Enterprise, which share all but two files. The same options always give the same bytes. What was
 * made is printed, and with --manifest written as JSON.
 *
 * Formats and the files they make in FOLDER:
 *   wim-lzx     sample.wim
 *   wim-xpress  sample-xpress.wim
 *   wim-none    sample-none.wim
 *   esd         sample.esd                (solid, LZMS)
 *   swm         sample.swm, sample2.swm … (LZX)
 *   boot        boot.wim                  (Windows PE and Setup)
 *   iso         sample.iso                (UDF; sources/install.wim in LZX, sources/boot.wim)
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>
#include <wimlib.h>

#include "sample-image.h"
#include "sample-windows.h"

static char **opt_formats, *opt_output, *opt_manifest, *opt_boot_manager, *opt_arch;
static char *opt_boot_manager_ex;
static char *opt_keep_volume;
static gboolean opt_small, opt_big, opt_check_table;
static int opt_files = -1, opt_mean_size = 8192, opt_level = 20, opt_editions = 2;
static int opt_bootmgr_size;

static const GOptionEntry options[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &opt_output, "Folder for the files", "FOLDER" },
  { "format", 'f', 0, G_OPTION_ARG_STRING_ARRAY, &opt_formats,
    "wim-lzx, wim-xpress, wim-none, esd, swm, boot or iso; may be repeated", "FORMAT" },
  { "small", 0, 0, G_OPTION_ARG_NONE, &opt_small, "300 small files (the default)", NULL },
  { "files", 0, 0, G_OPTION_ARG_INT, &opt_files, "Number of small files", "N" },
  { "mean-size", 0, 0, G_OPTION_ARG_INT, &opt_mean_size, "Their mean size (8192)", "BYTES" },
  { "big", 0, 0, G_OPTION_ARG_NONE, &opt_big, "Add a sparse file over 4 GiB", NULL },
  { "editions", 0, 0, G_OPTION_ARG_INT, &opt_editions, "Number of editions, 1 to 3 (2)", "N" },
  { "arch", 0, 0, G_OPTION_ARG_STRING, &opt_arch, "amd64 (default), arm64 or x86", "ARCH" },
  { "level", 0, 0, G_OPTION_ARG_INT, &opt_level, "Compression level (20)", "N" },
  { "integrity", 0, 0, G_OPTION_ARG_NONE, &opt_check_table, "Add integrity tables", NULL },
  { "boot-manager-ex", 0, 0, G_OPTION_ARG_FILENAME, &opt_boot_manager_ex,
    "EFI program that becomes bootmgfw_EX.efi", "FILE" },
  { "boot-manager", 0, 0, G_OPTION_ARG_FILENAME, &opt_boot_manager,
    "EFI program that becomes bootmgfw.efi", "FILE" },
  { "bootmgr-size", 0, 0, G_OPTION_ARG_INT, &opt_bootmgr_size,
    "Size of the boot manager for BIOS (413738)", "BYTES" },
  { "manifest", 0, 0, G_OPTION_ARG_FILENAME, &opt_manifest, "Say as JSON what was made", "FILE" },
  { "keep-volume", 0, 0, G_OPTION_ARG_FILENAME, &opt_keep_volume,
    "Keep the first edition's NTFS volume as FILE", "FILE" },
  { NULL },
};

static SampleEdition editions[] = {
  { "Professional", "Windows 11 Pro", NULL },
  { "Enterprise", "Windows 11 Enterprise", NULL },
  { "Education", "Windows 11 Education", NULL },
};

static void
run (const char *const *arguments)
{
  g_autoptr (GError) error = NULL;
  int status;

  if (!g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                     &status, &error)
      || !g_spawn_check_wait_status (status, &error))
    sample_fail ("%s: %s", arguments[0], error->message);
}

static void
copy_sparse (const char *from, const char *to)
{
  run ((const char *[]) { "cp", "--sparse=always", "--reflink=auto", "--", from, to, NULL });
}

/* The boot manager that the build made for @arch, where the build could. */
static GBytes *
load_boot_manager (const char *given)
{
  g_autofree char *built
      = g_strconcat (SAMPLE_FIRMWARE_DIR, "/valise-bootmgr-", opt_arch, ".efi", NULL);
  const char *path = given != NULL ? given : built;
  g_autoptr (GError) error = NULL;
  char *data;
  gsize size;

  if (g_file_get_contents (path, &data, &size, &error))
    return g_bytes_new_take (data, size);
  if (given != NULL)
    sample_fail ("%s", error->message);
  return NULL;
}

/* Likewise the one for a BIOS. */
static GBytes *
load_bios_boot_manager (void)
{
  char *data;
  gsize size;

  if (!g_file_get_contents (SAMPLE_FIRMWARE_DIR "/valise-bootmgr-bios.bin", &data, &size, NULL))
    return NULL;
  return g_bytes_new_take (data, size);
}

static void
write_manifest (const SampleCounts *counts, GPtrArray *made, gboolean has_boot_manager)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  const struct
  {
    const char *name;
    guint64 value;
  } numbers[] = {
    { "files", counts->files },
    { "folders", counts->folders },
    { "extraLinks", counts->extra_links },
    { "shortNames", counts->short_names },
    { "namedStreams", counts->streams },
    { "reparsePoints", counts->reparse_points },
    { "objectIds", counts->object_ids },
    { "sparse", counts->sparse },
    { "compressed", counts->compressed },
    { "bytes", counts->bytes },
  };

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "arch");
  json_builder_add_string_value (builder, opt_arch);
  json_builder_set_member_name (builder, "bootManager");
  json_builder_add_boolean_value (builder, has_boot_manager);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      json_builder_set_member_name (builder, numbers[i].name);
      json_builder_add_int_value (builder, numbers[i].value);
    }
  json_builder_set_member_name (builder, "editions");
  json_builder_begin_array (builder);
  for (int i = 0; i < opt_editions; i++)
    json_builder_add_string_value (builder, editions[i].id);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "outputs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < made->len; i++)
    {
      const char *path = g_ptr_array_index (made, i);
      GStatBuf st = { 0 };

      g_stat (path, &st);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "path");
      json_builder_add_string_value (builder, path);
      json_builder_set_member_name (builder, "size");
      json_builder_add_int_value (builder, st.st_size);
      json_builder_end_object (builder);
      g_print ("%s: %" G_GUINT64_FORMAT " bytes\n", path, (guint64) st.st_size);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (opt_manifest == NULL)
    return;
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  if (!json_generator_to_file (generator, opt_manifest, &error))
    sample_fail ("%s", error->message);
}

static void
add_made (GPtrArray *made, GPtrArray *more)
{
  for (guint i = 0; i < more->len; i++)
    g_ptr_array_add (made, g_strdup (g_ptr_array_index (more, i)));
  g_ptr_array_unref (more);
}

/* Makes boot.wim in @folder from a small volume of its own. */
static GPtrArray *
make_setup (const SampleWindows *windows, const char *work, const char *folder)
{
  g_autofree char *path = g_build_filename (work, "setup.ntfs", NULL);
  SampleVolume *volume = sample_volume_new (path, G_GUINT64_CONSTANT (1) << 30);
  SampleImage *image = sample_image_new ();
  GPtrArray *made;

  sample_setup_fill (volume, windows);
  sample_volume_close (volume);
  sample_image_add_setup (image, path, windows->arch);
  made = sample_image_write (image, "boot", folder, opt_level, opt_check_table);
  sample_image_free (image);
  return made;
}

static char *
make_iso (SampleImage *image, const SampleWindows *windows, const char *work)
{
  g_autofree char *staging = g_build_filename (work, "iso", NULL);
  g_autofree char *sources = g_build_filename (staging, "sources", NULL);
  g_autofree char *from = g_build_filename (sources, "sample.wim", NULL);
  g_autofree char *to = g_build_filename (sources, "install.wim", NULL);

  if (g_mkdir_with_parents (sources, 0755) != 0)
    sample_fail ("cannot make “%s”: %s", sources, g_strerror (errno));
  g_ptr_array_unref (make_setup (windows, work, sources));
  g_ptr_array_unref (sample_image_write (image, "wim-lzx", sources, opt_level, opt_check_table));
  if (g_rename (from, to) != 0)
    sample_fail ("cannot rename “%s”: %s", from, g_strerror (errno));
  return sample_image_make_iso (opt_output, staging, windows->arch);
}

/* Makes the volume of each edition and captures it; counts what is on the first. */
static SampleImage *
capture_editions (const SampleWindows *windows, const char *work, SampleCounts *counts)
{
  guint64 expected = (guint64) windows->n_files * (windows->mean_size * 2 + 8192);
  g_autofree char *base = g_build_filename (work, "base.ntfs", NULL);
  SampleVolume *volume = sample_volume_new (
      base, (G_GUINT64_CONSTANT (2) << 30) + (windows->big ? G_GUINT64_CONSTANT (2) << 30 : 0)
                + expected);
  SampleImage *image = sample_image_new ();

  sample_windows_fill (volume, windows);
  *counts = *sample_volume_get_counts (volume);
  sample_volume_close (volume);
  for (int i = 0; i < opt_editions; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/edition-%d.ntfs", work, i);

      if (i == opt_editions - 1)
        {
          if (g_rename (base, path) != 0)
            sample_fail ("cannot rename “%s”: %s", base, g_strerror (errno));
        }
      else
        copy_sparse (base, path);
      volume = sample_volume_open (path);
      sample_windows_set_edition (volume, &editions[i]);
      sample_volume_close (volume);
      sample_image_add_edition (image, path, &editions[i]);
      if (i == 0 && opt_keep_volume != NULL)
        copy_sparse (path, opt_keep_volume);
    }
  return image;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *work = NULL;
  g_autoptr (GBytes) boot_manager = NULL;
  g_autoptr (GBytes) boot_manager_ex = NULL;
  g_autoptr (GBytes) bios_boot_manager = NULL;
  SampleWindows windows = { 0 };
  SampleCounts counts = { 0 };
  SampleImage *image = NULL;

  setlocale (LC_ALL, "C.UTF-8");
  g_option_context_set_summary (context, "Makes a sample Windows image set for tests.");
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    sample_fail ("%s", error->message);
  if (opt_output == NULL || opt_formats == NULL || argc > 1)
    sample_fail ("--output and --format are needed; see --help");
  if (opt_arch == NULL)
    opt_arch = g_strdup ("amd64");
  if (opt_editions < 1 || opt_editions > (int) G_N_ELEMENTS (editions) || opt_mean_size < 16)
    sample_fail ("that number of editions or that size cannot be made");

  boot_manager = load_boot_manager (opt_boot_manager);
  if (opt_boot_manager_ex != NULL)
    boot_manager_ex = load_boot_manager (opt_boot_manager_ex);
  bios_boot_manager = load_bios_boot_manager ();
  windows.arch = opt_arch;
  windows.n_files = opt_files >= 0 ? opt_files : 300;
  windows.mean_size = opt_mean_size;
  windows.big = opt_big;
  windows.boot_manager = boot_manager;
  windows.boot_manager_ex = boot_manager_ex;
  windows.bios_boot_manager = bios_boot_manager;
  windows.bootmgr_size = MAX (opt_bootmgr_size, 0);
  for (guint i = 0; i < G_N_ELEMENTS (editions); i++)
    editions[i].arch = opt_arch;

  if (g_mkdir_with_parents (opt_output, 0755) != 0)
    sample_fail ("cannot make “%s”: %s", opt_output, g_strerror (errno));
  work = g_build_filename (opt_output, ".work-XXXXXX", NULL);
  if (g_mkdtemp (work) == NULL)
    sample_fail ("cannot make a folder in “%s”: %s", opt_output, g_strerror (errno));

  for (char **format = opt_formats; *format != NULL; format++)
    {
      if (g_str_equal (*format, "boot"))
        {
          add_made (made, make_setup (&windows, work, opt_output));
          continue;
        }
      if (image == NULL)
        image = capture_editions (&windows, work, &counts);
      if (g_str_equal (*format, "iso"))
        g_ptr_array_add (made, make_iso (image, &windows, work));
      else
        add_made (made,
                  sample_image_write (image, *format, opt_output, opt_level, opt_check_table));
    }

  if (image != NULL)
    sample_image_free (image);
  wimlib_global_cleanup ();
  run ((const char *[]) { "rm", "-rf", "--", work, NULL });
  write_manifest (&counts, made, boot_manager != NULL);
  g_print ("%" G_GUINT64_FORMAT " files, %" G_GUINT64_FORMAT " folders, %" G_GUINT64_FORMAT
           " more links, %" G_GUINT64_FORMAT " streams, %" G_GUINT64_FORMAT " bytes\n",
           counts.files, counts.folders, counts.extra_links, counts.streams, counts.bytes);
  return 0;
}
