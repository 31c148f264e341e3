/* test-wrong-files.c: files that are not what they should be get the right words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <wimlib.h>

#include "core/valise-error.h"
#include "image-tools.h"
#include "image/valise-apply.h"

/* Made by the programs that such files are from, where the machine has them. */
static const struct
{
  const char *command; /* makes "$0" */
  const char *words;
} made[] = {
  { "truncate -s 0 \"$0\"", "an empty file" },
  { "mkdir \"$0\"", "a folder" },
  { "mkfifo \"$0\"", "a device or something else that is no file" },
  { "ln -s /dev/null \"$0\"", "a device or something else that is no file" },
  { "echo text | gzip > \"$0\"", "a file packed with gzip" },
  { "echo text | xz > \"$0\"", "a file packed with xz" },
  { "echo text | bzip2 > \"$0\"", "a file packed with bzip2" },
  { "tar -cf \"$0\" /etc/hostname", "a tar archive" },
  { "python3 -c 'import sys, zipfile; "
    "zipfile.ZipFile (sys.argv[1], \"w\").write (\"/etc/hostname\")' \"$0\"",
    "a ZIP archive" },
  { "qemu-img create -q -f qcow2 \"$0\" 1M", "a virtual disk of QEMU (QCOW2)" },
  { "qemu-img create -q -f vmdk \"$0\" 1M", "a virtual disk of VMware (VMDK)" },
  { "qemu-img create -q -f vhdx \"$0\" 8M", "a virtual disk of Hyper-V (VHDX)" },
  { "qemu-img create -q -f vpc \"$0\" 8M", "a virtual disk of Hyper-V (VHD)" },
  { "qemu-img create -q -f vpc -o subformat=fixed \"$0\" 8M", "a virtual disk of Hyper-V (VHD)" },
  { "qemu-img create -q -f vdi \"$0\" 1M", "a virtual disk of VirtualBox (VDI)" },
  { "truncate -s 64M \"$0\" && sgdisk -n 1 \"$0\"", "a copy of a whole disk (with a GPT)" },
  { "truncate -s 64M \"$0\" && echo ,,7 | sfdisk -q -X dos \"$0\"",
    "a copy of a whole disk (with an MBR)" },
  { "truncate -s 8M \"$0\" && mkntfs -q -F -f -s 512 -p 0 -H 255 -S 63 \"$0\"",
    "a copy of an NTFS volume" },
  { "truncate -s 64M \"$0\" && mkfs.fat -F 32 \"$0\"", "a copy of a FAT volume" },
  { "truncate -s 32M \"$0\" && mkfs.fat -F 16 \"$0\"", "a copy of a FAT volume" },
  { "cp -L /bin/sh \"$0\"", "a program for Linux" },
  { "truncate -s 5M \"$0\"", "a file that begins with nothing but zeros" },
  { "printf '\\n<!DOCTYPE html><html><body>Sorry' > \"$0\"", "a web page" },
  { "printf '<HTML>' > \"$0\"", "a web page" },
  { "printf '%%PDF-1.7\\n%%\\0' > \"$0\"", "a PDF document" },
  { "printf 'MZ\\220\\0\\3\\0\\0\\0' > \"$0\"", "a program for Windows (EXE)" },
  { "printf '7z\\274\\257\\047\\034\\0\\4' > \"$0\"", "a 7z archive" },
  { "printf 'Rar!\\032\\007\\001\\0' > \"$0\"", "a RAR archive" },
  { "printf 'MSCF\\0\\0\\0\\0x' > \"$0\"", "a cabinet (CAB) archive" },
  { "printf 'f\\303\\274r Windows\\n' > \"$0\"", "a text" },
  { "printf '\\001\\002\\003\\0' > \"$0\"", "nor anything else that Valise knows" },
  { "printf M > \"$0\"", "a text" },
};

static void
test_kinds (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    {
      g_autofree char *name = g_strdup_printf ("kind-%u.iso", i);
      g_autofree char *path = own_path (name);
      g_auto (GStrv) words = g_strsplit (made[i].command, " ", 2);
      g_autofree char *program = g_find_program_in_path (words[0]);
      g_autofree char *said = NULL;

      if (program == NULL && !g_str_equal (words[0], "echo") && !g_str_equal (words[0], "printf"))
        {
          g_test_message ("%s is not installed: not tested", words[0]);
          continue;
        }
      said = run_tool ("sh", "-c", made[i].command, path, NULL);
      assert_refused (path, VALISE_SOURCE_ERROR_NOT_AN_IMAGE, made[i].words);
    }
}

static void
test_unreadable (void)
{
  g_autofree char *path = own_path ("nothing.iso");

  assert_refused (path, VALISE_SOURCE_ERROR_UNREADABLE, "No such file");
}

/* Wherever an image is cut, the words are the right ones. */
static void
test_cut (gconstpointer data)
{
  g_autofree char *whole = sample_path (data);
  g_autofree char *path = own_path (data);
  GStatBuf st;

  g_assert_no_errno (g_stat (whole, &st));
  for (guint i = 0; i < 20; i++)
    {
      goffset size = i == 0 ? 8 : i == 1 ? 207 : i == 2 ? 208 : i == 19 ? st.st_size - 1
                                                                       : st.st_size * i / 20;

      copy_part (whole, path, size);
      assert_refused (path, VALISE_SOURCE_ERROR_TRUNCATED, "not complete");
    }
}

/* A set whose second part is cut, missing, of another set, or another part. */
static void
test_set (void)
{
  g_autofree char *folder = own_path ("set");
  char *paths[5] = { NULL };
  g_autofree char *second = sample_path ("sample2.swm");
  g_autofree char *fourth = sample_path ("sample4.swm");
  g_autofree char *other_name = own_path ("set/renamed.swm");
  GStatBuf st;

  g_assert_no_errno (g_mkdir (folder, 0700));
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *name
          = i == 1 ? g_strdup ("sample.swm") : g_strdup_printf ("sample%u.swm", i);
      g_autofree char *from = sample_path (name);

      paths[i] = g_build_filename (folder, name, NULL);
      copy_part (from, paths[i], -1);
    }
  g_assert_no_errno (g_unlink (paths[2]));
  assert_refused (paths[1], VALISE_SOURCE_ERROR_PART_MISSING, "“sample2.swm”");
  g_assert_no_errno (g_unlink (paths[4]));
  assert_refused (paths[1], VALISE_SOURCE_ERROR_PART_MISSING, "“sample2.swm”, “sample4.swm”");
  assert_refused (paths[3], VALISE_SOURCE_ERROR_PART_MISSING, "“sample2.swm”, “sample4.swm”");
  copy_part (fourth, paths[4], -1);
  copy_part (paths[3], paths[2], -1);
  assert_refused (paths[1], VALISE_SOURCE_ERROR_PART_MISSING, "“sample2.swm” is not part 2");
  copy_part (second, paths[2], -1);
  write_own (paths[2], 24, "another set's id", 16);
  assert_refused (paths[1], VALISE_SOURCE_ERROR_PART_MISSING, "“sample2.swm” is not part 2");
  g_assert_no_errno (g_stat (second, &st));
  copy_part (second, paths[2], st.st_size - 100);
  assert_refused (paths[1], VALISE_SOURCE_ERROR_TRUNCATED, "“sample2.swm” is not complete");
  copy_part (second, other_name, -1);
  assert_refused (other_name, VALISE_SOURCE_ERROR_PART_MISSING, "does not end with 2");
  for (guint i = 1; i <= 4; i++)
    g_free (paths[i]);
}

/* What newer portals tell of a file, the user is told. */
static void
test_host_path (void)
{
  static const char outside[] = "/home/anna/Windows/install.swm";
  g_autofree char *sample = sample_path ("sample.swm");
  g_autofree char *path = own_path ("install.swm");

  copy_part (sample, path, -1);
  assert_refused (path, VALISE_SOURCE_ERROR_PART_MISSING, path);
  if (setxattr (path, "user.document-portal.host-path", outside, strlen (outside), 0) != 0)
    g_test_skip ("the file system here keeps no attributes of users");
  else
    assert_refused (path, VALISE_SOURCE_ERROR_PART_MISSING, outside);
}

/* Makes file @name of document @id from a sample's file; returns its path. */
static char *
make_document (const char *id, const char *name, const char *sample)
{
  g_autofree char *folder = g_build_filename (tools.folder, "doc", id, NULL);
  g_autofree char *from = sample_path (sample);
  char *path = g_build_filename (folder, name, NULL);

  g_assert_no_errno (g_mkdir_with_parents (folder, 0700));
  copy_part (from, path, -1);
  return path;
}

/* A set as the document portal shows it: each part that was chosen in a folder of its own, beside
 * files that were chosen for something else. */
static void
test_documents (void)
{
  g_autofree char *first = make_document ("c0ffee", "Sample.swm", "sample.swm");
  g_autofree char *third = make_document ("0ff1ce", "Sample3.SWM", "sample3.swm");
  g_autofree char *other = make_document ("facade", "sample2.swm", "sample4.swm");
  g_autofree char *unread = NULL;
  g_autofree char *second = NULL;
  g_autofree char *fourth = NULL;
  g_autoptr (GError) error = NULL;
  ValiseSource *source;
  GStatBuf st;

  assert_refused (first, VALISE_SOURCE_ERROR_PART_MISSING,
                  "is part 1 of 4. Valise runs in a sandbox, and sees only files that were chosen; "
                  "these were not: “Sample2.swm”, “Sample4.swm”. Choose all parts together");
  assert_refused (third, VALISE_SOURCE_ERROR_PART_MISSING, "not: “Sample2.SWM”, “Sample4.SWM”. Ch");
  fourth = make_document ("decade", "sample4.swm", "sample4.swm");
  unread = make_document ("0b501e", "sample2.swm", "sample2.swm");
  g_assert_no_errno (g_stat (unread, &st));
  copy_part (unread, other, st.st_size - 100);
  g_assert_no_errno (g_unlink (unread));
  assert_refused (first, VALISE_SOURCE_ERROR_TRUNCATED, "“sample2.swm” is not complete");
  second = make_document ("5eed", "sample2.swm", "sample2.swm");
  source = valise_source_open (first, tools.scratch, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (valise_source_get_format (source), ==, "swm");
  valise_source_free (source);
}

static void
test_boot_wim (void)
{
  g_autofree char *path = sample_path ("boot.wim");

  assert_refused (path, VALISE_SOURCE_ERROR_NOT_A_SYSTEM, "Windows PE");
}

/* An image of any folder is none of Windows; an image of nothing neither. */
static void
test_no_windows (void)
{
  g_autofree char *path = own_path ("folder.wim");
  g_autofree char *empty = own_path ("empty.wim");
  g_autofree char *said
      = run_tool ("wimlib-imagex", "capture", "/etc/default", path, "--no-acls", NULL);
  WIMStruct *wim;

  assert_refused (path, VALISE_SOURCE_ERROR_NOT_A_SYSTEM, "no Windows in it");
  g_assert_cmpint (wimlib_create_new_wim (WIMLIB_COMPRESSION_TYPE_NONE, &wim), ==, 0);
  g_assert_cmpint (wimlib_write (wim, empty, WIMLIB_ALL_IMAGES, 0, 1), ==, 0);
  wimlib_free (wim);
  assert_refused (empty, VALISE_SOURCE_ERROR_NOT_A_SYSTEM, "no Windows in it");
}

static guint64
get_le (const char *bytes, guint n)
{
  guint64 value = 0;

  while (n-- > 0)
    value = value << 8 | (guint8) bytes[n];
  return value;
}

/* Replaces the XML of an image, which stands uncompressed in it, by a longer or shorter one. */
static void
set_xml (const char *path, const char *text)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  gsize size = g_mapped_file_get_length (file);
  g_autofree char *xml = NULL;
  guint8 entry[24] = { 0 };
  gsize n;

  xml = g_convert (text, -1, "UTF-16LE", "UTF-8", NULL, &n, NULL);
  for (guint i = 0; i < 7; i++)
    {
      entry[i] = (guint64) n >> 8 * i;
      entry[8 + i] = (guint64) size >> 8 * i;
      entry[16 + i] = (guint64) n >> 8 * i;
    }
  write_own (path, size, xml, n);
  write_own (path, 72, entry, sizeof entry);
}

static char *
get_xml (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  const char *bytes = g_mapped_file_get_contents (file);

  return g_convert (bytes + get_le (bytes + 80, 8), get_le (bytes + 72, 7), "UTF-8", "UTF-16LE",
                    NULL, NULL, NULL);
}

static void
test_encrypted (void)
{
  g_autofree char *whole = sample_path ("sample.esd");
  g_autofree char *path = own_path ("encrypted.esd");
  g_autofree char *xml = get_xml (whole);
  g_autofree char *new_xml = NULL;

  *strstr (xml, "</WIM>") = '\0';
  new_xml = g_strconcat (xml, "<ESD><ENCRYPTED><KEY>x</KEY></ENCRYPTED></ESD></WIM>", NULL);
  copy_part (whole, path, -1);
  set_xml (path, new_xml);
  assert_refused (path, VALISE_SOURCE_ERROR_ENCRYPTED, "encrypted ESD");
}

static void
test_bad_xml (void)
{
  g_autofree char *whole = sample_path ("sample.wim");
  g_autofree char *path = own_path ("xml.wim");
  g_autofree char *xml = get_xml (whole);
  ValiseSource *source;
  const ValiseEdition *edition;
  g_autoptr (GError) error = NULL;

  copy_part (whole, path, -1);
  set_xml (path, "<WIM><IMAGE INDEX=\"1\">");
  assert_refused (path, VALISE_SOURCE_ERROR_CORRUPT, "damaged");
  copy_part (whole, path, -1);
  set_xml (path, "<WIM></WIM>");
  assert_refused (path, VALISE_SOURCE_ERROR_CORRUPT, "damaged");

  /* Nobody reserves 2 TiB for it. */
  copy_part (whole, path, -1);
  write_own (path, 72 + 16 + 5, "\2", 1);
  assert_refused (path, VALISE_SOURCE_ERROR_CORRUPT, "too large");

  /* CSI, which terminals obey, and a mark that turns the direction of what follows. */
  copy_part (whole, path, -1);
  memcpy (strstr (xml, "<DISPLAYNAME>") + strlen ("<DISPLAYNAME>"), "\xc2\x9b" "2J\xe2\x80\xae", 7);
  set_xml (path, xml);
  source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
  g_assert_no_error (error);
  edition = g_ptr_array_index (valise_source_get_editions (source), 0);
  g_assert_cmpstr (edition->name, ==, "2J  11 Pro");
  valise_source_free (source);
}

/* With an integrity table, a wrong byte anywhere is found, and a wrong table told as such. */
static void
test_integrity (void)
{
  g_autofree char *whole = sample_path ("sample.wim");
  g_autofree char *path = own_path ("table.wim");
  g_autofree char *said = NULL;
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) error = NULL;
  const char *bytes;
  guint64 table;
  ValiseSource *source;

  copy_part (whole, path, -1);
  said = run_tool ("wimlib-imagex", "optimize", path, "--check", NULL);
  source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
  g_assert_no_error (error);
  valise_source_free (source);

  file = g_mapped_file_new (path, FALSE, NULL);
  bytes = g_mapped_file_get_contents (file);
  table = get_le (bytes + 124 + 8, 8);
  g_assert_cmpuint (table, >, 208);
  {
    const char wrong = bytes[1000000] ^ 1;
    const char right = bytes[1000000];

    write_own (path, 1000000, &wrong, 1);
    assert_refused (path, VALISE_SOURCE_ERROR_CORRUPT, "do not fit its integrity table");
    write_own (path, 1000000, &right, 1);
  }
  write_own (path, table + 4, "\xff\xff\xff\xff", 4);
  assert_refused (path, VALISE_SOURCE_ERROR_CORRUPT, "integrity table is not valid");
}

/* Damage that only shows when the files are read. */
static void
test_damaged_data (void)
{
  g_autofree char *whole = sample_path ("sample-none.wim");
  g_autofree char *path = own_path ("damaged.wim");
  g_autofree char *folder = own_path ("damaged");
  const char *const all[] = { "/", NULL };
  g_autoptr (GMappedFile) file = g_mapped_file_new (whole, FALSE, NULL);
  g_autoptr (GError) error = NULL;
  ValiseSource *source;
  char wrong;

  copy_part (whole, path, -1);
  wrong = g_mapped_file_get_contents (file)[5000000] ^ 1;
  write_own (path, 5000000, &wrong, 1);
  source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (valise_source_extract (source, valise_source_find_edition (source, "1", NULL),
                                         all, folder, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT);
  valise_source_free (source);
}

/* Whatever header, table and XML say, nothing crashes. */
static void
test_fuzz (void)
{
  g_autofree char *whole = sample_path ("boot.wim");
  g_autofree char *path = own_path ("fuzz.wim");
  g_autoptr (GMappedFile) file = g_mapped_file_new (whole, FALSE, NULL);
  const char *good = g_mapped_file_get_contents (file);
  gsize size = g_mapped_file_get_length (file);
  gint64 end = g_get_monotonic_time () + 4 * G_TIME_SPAN_SECOND;
  g_autoptr (GRand) random = g_rand_new_with_seed (20240608);
  guint n_codes[16] = { 0 };

  copy_part (whole, path, -1);
  for (guint round = 0; round < 3000 && g_get_monotonic_time () < end; round++)
    {
      guint n = g_rand_int_range (random, 1, 5);
      goffset at[5];
      g_autoptr (GError) error = NULL;
      ValiseSource *source;

      for (guint i = 0; i < n; i++)
        {
          guint8 value = g_rand_int (random);

          at[i] = g_rand_boolean (random) ? g_rand_int_range (random, 8, 208)
                                          : g_rand_int_range (random, size - 20000, size);
          write_own (path, at[i], &value, 1);
        }
      source = valise_source_open (path, tools.scratch, NULL, NULL, &error);
      if (source != NULL)
        valise_source_free (source);
      else if (error->domain == VALISE_SOURCE_ERROR)
        n_codes[MIN (error->code, 15)]++;
      else
        g_test_message ("%s", error->message);
      for (guint i = 0; i < n; i++)
        write_own (path, at[i], good + at[i], 1);
    }
  g_assert_cmpuint (n_codes[VALISE_SOURCE_ERROR_CORRUPT], >, 0);
  g_assert_cmpuint (n_codes[VALISE_SOURCE_ERROR_TRUNCATED], >, 0);
}

static void
add_tests (void)
{
  static const char *const cut[]
      = { "sample.wim", "sample-xpress.wim", "sample-none.wim", "sample.esd", "sample.swm" };

  g_test_add_func ("/image/wrong-files/kinds", test_kinds);
  g_test_add_func ("/image/wrong-files/unreadable", test_unreadable);
  for (guint i = 0; i < G_N_ELEMENTS (cut); i++)
    {
      g_autofree char *name = g_strconcat ("/image/wrong-files/cut/", cut[i], NULL);

      g_test_add_data_func (name, cut[i], test_cut);
    }
  g_test_add_func ("/image/wrong-files/set", test_set);
  g_test_add_func ("/image/wrong-files/host-path", test_host_path);
  g_test_add_func ("/image/wrong-files/documents", test_documents);
  g_test_add_func ("/image/wrong-files/boot-wim", test_boot_wim);
  g_test_add_func ("/image/wrong-files/no-windows", test_no_windows);
  g_test_add_func ("/image/wrong-files/encrypted", test_encrypted);
  g_test_add_func ("/image/wrong-files/bad-xml", test_bad_xml);
  g_test_add_func ("/image/wrong-files/integrity", test_integrity);
  g_test_add_func ("/image/wrong-files/damaged-data", test_damaged_data);
  g_test_add_func ("/image/wrong-files/fuzz", test_fuzz);
}

int
main (int argc, char **argv)
{
  return image_tools_main (&argc, &argv, add_tests);
}
