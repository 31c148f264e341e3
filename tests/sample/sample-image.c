/* sample-image.c: image files made of sample volumes.
 *
 * Responsible for capturing volumes with wimlib, for the XML that Windows setup would have written,
 * and for the kinds of files that images come in. Made-up times and ids stand where wimlib and
 * genisoimage would put today's, so that the same options give the same bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sample-image.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wimlib.h>

#include "sample-data.h"

#define GUID_OFFSET 24 /* in the WIM header */

struct _SampleImage
{
  WIMStruct *wim;
  int n_images;
};

static void
check (int code, const char *what)
{
  if (code != 0)
    sample_fail ("%s: %s", what, wimlib_get_error_string (code));
}

SampleImage *
sample_image_new (void)
{
  SampleImage *self = g_new0 (SampleImage, 1);

  wimlib_set_print_errors (true);
  check (wimlib_create_new_wim (WIMLIB_COMPRESSION_TYPE_LZX, &self->wim), "making an image");
  return self;
}

void
sample_image_free (SampleImage *self)
{
  wimlib_free (self->wim);
  g_free (self);
}

static void
set (SampleImage *self, const char *name, const char *value)
{
  check (wimlib_set_image_property (self->wim, self->n_images, name, value), name);
}

static void
capture (SampleImage *self, const char *volume, const char *name, const char *arch)
{
  check (wimlib_add_image (self->wim, volume, name, NULL, WIMLIB_ADD_FLAG_NTFS),
         "capturing the volume");
  self->n_images++;
  set (self, "DESCRIPTION", name);
  set (self, "DISPLAYNAME", name);
  set (self, "DISPLAYDESCRIPTION", name);
  set (self, "CREATIONTIME/HIGHPART", "0x01DA3B00");
  set (self, "CREATIONTIME/LOWPART", "0x12345678");
  set (self, "WINDOWS/ARCH",
       g_str_equal (arch, "amd64") ? "9" : g_str_equal (arch, "arm64") ? "12" : "0");
  set (self, "WINDOWS/PRODUCTNAME", "Microsoft® Windows® Operating System");
  set (self, "WINDOWS/PRODUCTTYPE", "WinNT");
  set (self, "WINDOWS/LANGUAGES/LANGUAGE", "en-US");
  set (self, "WINDOWS/LANGUAGES/DEFAULT", "en-US");
  set (self, "WINDOWS/VERSION/MAJOR", "10");
  set (self, "WINDOWS/VERSION/MINOR", "0");
  set (self, "WINDOWS/VERSION/BUILD", "22631");
  set (self, "WINDOWS/VERSION/SPBUILD", "2428");
  set (self, "WINDOWS/VERSION/SPLEVEL", "0");
  set (self, "WINDOWS/VERSION/BRANCH", "ni_release");
  set (self, "WINDOWS/SYSTEMROOT", "WINDOWS");
}

/* Captures the volume in the file @volume as the next image. */
void
sample_image_add_edition (SampleImage *self, const char *volume, const SampleEdition *edition)
{
  capture (self, volume, edition->product, edition->arch);
  set (self, "FLAGS", edition->id);
  set (self, "WINDOWS/EDITIONID", edition->id);
  set (self, "WINDOWS/INSTALLATIONTYPE", "Client");
  set (self, "WINDOWS/SERVICINGDATA/GDRDUREVISION", "20231101");
  set (self, "WINDOWS/HAL", "acpiapic");
  set (self, "WINDOWS/PRODUCTSUITE", "Terminal Server");
}

/* Captures the two images of a boot.wim. */
void
sample_image_add_setup (SampleImage *self, const char *volume, const char *arch)
{
  static const char *const names[] = { "Microsoft Windows PE (%s)",
                                       "Microsoft Windows Setup (%s)" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto (GStrv) halves = g_strsplit (names[i], "%s", 2);
      g_autofree char *name = g_strconcat (halves[0], arch, halves[1], NULL);

      capture (self, volume, name, arch);
      set (self, "FLAGS", i == 0 ? "9" : "2");
      set (self, "WINDOWS/EDITIONID", "WindowsPE");
      set (self, "WINDOWS/INSTALLATIONTYPE", "WindowsPE");
    }
}

static guint64
get_le (const guint8 *bytes, guint n)
{
  guint64 value = 0;

  while (n-- > 0)
    value = value << 8 | bytes[n];
  return value;
}

/* wimlib puts a random id into the header and the present time into the XML; this puts the same
 * ones into every sample. Every part of a set carries the same id. Neither is under a checksum:
 * the integrity table ends before the XML. Header layout: wimlib's documentation of the format,
 * "WIM header" (the XML's place is the resource entry at 72). */
static void
set_fixed_marks (const char *path)
{
  static const guint8 guid[16] = { 'V', 'a', 'l', 'i', 's', 'e', ' ', 0x42,
                                   0x9a, 's', 'a', 'm', 'p', 'l', 'e', 0 };
  static const char mark[] = "<LASTMODIFICATIONTIME><HIGHPART>0x01DA3B01</HIGHPART><LOWPART>";
  static const char low[] = "0x9ABCDEF0";
  const gsize high_at = strlen ("<LASTMODIFICATIONTIME><HIGHPART>");
  guint8 header[96];
  guint64 offset, size;
  g_autofree guint8 *xml = NULL;
  int fd = open (path, O_RDWR | O_CLOEXEC);

  if (fd < 0 || pread (fd, header, sizeof header, 0) != sizeof header)
    sample_fail ("cannot read “%s”: %s", path, g_strerror (errno));
  size = get_le (header + 72, 7);
  offset = get_le (header + 80, 8);
  g_assert (size < 1 << 24);
  xml = g_malloc (size);
  if (pread (fd, xml, size, offset) != (gssize) size)
    sample_fail ("cannot read the XML of “%s”: %s", path, g_strerror (errno));
  for (gsize at = 0; at + 2 * (strlen (mark) + strlen (low)) <= size; at += 2)
    {
      gsize i = 0;

      while (i < high_at && xml[at + 2 * i] == mark[i] && xml[at + 2 * i + 1] == 0)
        i++;
      if (i < high_at)
        continue;
      for (; i < strlen (mark); i++)
        xml[at + 2 * i] = mark[i];
      for (i = 0; i < strlen (low); i++)
        xml[at + 2 * (strlen (mark) + i)] = low[i];
    }
  if (pwrite (fd, xml, size, offset) != (gssize) size
      || pwrite (fd, guid, sizeof guid, GUID_OFFSET) != sizeof guid || close (fd) != 0)
    sample_fail ("cannot write to “%s”: %s", path, g_strerror (errno));
}

static const struct
{
  const char *format, *file;
  enum wimlib_compression_type type;
  guint flags;
} formats[] = {
  { "wim-lzx", "sample.wim", WIMLIB_COMPRESSION_TYPE_LZX, 0 },
  { "wim-xpress", "sample-xpress.wim", WIMLIB_COMPRESSION_TYPE_XPRESS, 0 },
  { "wim-none", "sample-none.wim", WIMLIB_COMPRESSION_TYPE_NONE, 0 },
  { "esd", "sample.esd", WIMLIB_COMPRESSION_TYPE_LZMS, WIMLIB_WRITE_FLAG_SOLID },
  { "swm", "sample.swm", WIMLIB_COMPRESSION_TYPE_LZX, 0 },
  { "boot", "boot.wim", WIMLIB_COMPRESSION_TYPE_LZX, 0 },
};

static void
split (const char *path, const char *whole, GPtrArray *made)
{
  WIMStruct *wim;
  GStatBuf st;

  check (wimlib_open_wim (whole, 0, &wim), whole);
  if (g_stat (whole, &st) != 0)
    sample_fail ("cannot read “%s”: %s", whole, g_strerror (errno));
  check (wimlib_split (wim, path, MAX (st.st_size / 3, 1), 0), "splitting");
  wimlib_free (wim);
  for (guint part = 1;; part++)
    {
      g_autofree char *base = g_strndup (path, strlen (path) - strlen (".swm"));
      g_autofree char *name
          = part == 1 ? g_strdup (path) : g_strdup_printf ("%s%u.swm", base, part);

      if (!g_file_test (name, G_FILE_TEST_EXISTS))
        break;
      set_fixed_marks (name);
      g_ptr_array_add (made, g_steal_pointer (&name));
    }
}

/**
 * sample_image_write:
 * @format: one of the names in the table above
 * @level: how hard to compress, 1 to 100; 50 is wimlib's own choice
 * @check_table: whether to add an integrity table
 *
 * Returns: (transfer full) (element-type filename): the files made in @folder
 */
GPtrArray *
sample_image_write (SampleImage *self, const char *format, const char *folder, guint level,
                    gboolean check_table)
{
  GPtrArray *made = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = NULL;
  g_autofree char *whole = NULL;
  gboolean is_split = g_str_equal (format, "swm");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (formats); i++)
    if (g_str_equal (formats[i].format, format))
      break;
  if (i == G_N_ELEMENTS (formats))
    sample_fail ("there is no format “%s”", format);

  path = g_build_filename (folder, formats[i].file, NULL);
  whole = is_split ? g_strconcat (path, ".whole", NULL) : g_strdup (path);
  check (wimlib_set_default_compression_level (-1, level), "setting the level");
  check (wimlib_set_output_compression_type (self->wim, formats[i].type), format);
  if (formats[i].flags & WIMLIB_WRITE_FLAG_SOLID)
    {
      check (wimlib_set_output_pack_compression_type (self->wim, formats[i].type), format);
      check (wimlib_set_output_pack_chunk_size (self->wim, 8 << 20), format);
    }
  check (wimlib_write (self->wim, whole, WIMLIB_ALL_IMAGES,
                       formats[i].flags | WIMLIB_WRITE_FLAG_RECOMPRESS
                           | (check_table ? WIMLIB_WRITE_FLAG_CHECK_INTEGRITY : 0),
                       0),
         path);
  set_fixed_marks (whole);
  if (is_split)
    {
      split (path, whole, made);
      g_unlink (whole);
    }
  else
    g_ptr_array_add (made, g_steal_pointer (&path));
  return made;
}

static void
put_file (const char *staging, const char *name, gsize size)
{
  g_autofree char *path = g_build_filename (staging, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree guint8 *data = g_malloc (size);
  SampleRandom random = sample_hash (name);

  sample_fill (data, size, SAMPLE_FILL_BINARY, &random);
  if (g_mkdir_with_parents (parent, 0755) != 0
      || !g_file_set_contents (path, (const char *) data, size, NULL))
    sample_fail ("cannot write “%s”", path);
}

/* Gives all below @path one fixed time: genisoimage copies it into the ISO. */
static void
set_fixed_times (const char *path)
{
  const struct timespec times[2] = { { 1700000000, 0 }, { 1700000000, 0 } };
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);
      set_fixed_times (child);
    }
  utimensat (AT_FDCWD, path, times, 0);
}

/**
 * sample_image_make_iso:
 * @folder: where sample.iso goes
 * @staging: a folder with what the ISO shall hold; install.wim and boot.wim are in its sources/
 *
 * Returns: (transfer full): the path of an ISO 9660 image with UDF beside it, as genisoimage
 *   makes it; what Windows' installation media are like, but for the ISO 9660 half, which is
 *   empty there.
 */
char *
sample_image_make_iso (const char *folder, const char *staging, const char *arch)
{
  static const struct
  {
    const char *name;
    guint size;
  } others[] = {
    { "autorun.inf", 128 },           { "bootmgr", 413738 },
    { "bootmgr.efi", 1500000 },       { "setup.exe", 90000 },
    { "boot/bcd", 16384 },            { "boot/boot.sdi", 3170304 },
    { "boot/etfsboot.com", 4096 },    { "efi/microsoft/boot/bcd", 16384 },
    { "efi/boot/bootx64.efi", 1500000 }, { "sources/ei.cfg", 60 },
    { "sources/lang.ini", 120 },      { "sources/setup.exe", 300000 },
    { "support/logging/readme.txt", 50 },
  };
  g_autofree char *path = g_build_filename (folder, "sample.iso", NULL);
  g_autofree char *label
      = g_strconcat ("CCCOMA_", g_str_equal (arch, "amd64") ? "X64" : "OTHER", "FRE_EN-US", NULL);
  const char *arguments[] = { "genisoimage", "-quiet", "-udf", "-iso-level", "3", "-J",
                              "-allow-limited-size", "-V", label, "-o", path, staging, NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "LD_PRELOAD", SAMPLE_CLOCK,
                                                 TRUE);
  g_autoptr (GError) error = NULL;
  g_autofree char *messages = NULL;
  int status;

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    put_file (staging, others[i].name, others[i].size);
  set_fixed_times (staging);
  if (!g_spawn_sync (NULL, (char **) arguments, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                     &messages, &status, &error)
      || !g_spawn_check_wait_status (status, &error))
    sample_fail ("genisoimage: %s %s", error->message, messages != NULL ? messages : "");
  return g_steal_pointer (&path);
}
