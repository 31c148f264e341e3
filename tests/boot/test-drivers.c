/* test-drivers.c: which drivers are found in a folder, what they are, and whether they fit.
 *
 * The INFs are written after the examples of Microsoft's reference.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "boot/valise-driver-set.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

#define VERSION "[Version]\nSignature=\"$WINDOWS NT$\"\nClass=Net\nCatalogFile=a.cat\n"
#define DEVICE(section) "[" section "]\n%d%=i,PCI\\VEN_1\n"
#define MAKER(more) VERSION "[Manufacturer]\nx=M" more "\n"

static char *folder;

static void
put (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  write_file (path, text, strlen (text));
}

static GPtrArray *
scan (const char *architecture, guint build)
{
  GPtrArray *packages = valise_driver_set_new ();
  g_autoptr (GError) error = NULL;

  valise_driver_set_scan (packages, folder, architecture, build, &error);
  g_assert_no_error (error);
  return packages;
}

static const struct
{
  const char *name;
  const char *text;
  const char *problem_amd64; /* on build 19045; NULL: it fits */
  const char *problem_arm64;
  const char *problem_x86;
} cases[] = {
  { "amd64", MAKER (",NTamd64") DEVICE ("M.NTamd64"), NULL, "processors: amd64", "processors" },
  { "all", MAKER (",NTx86,NTamd64,NTarm64") DEVICE ("M.NTamd64") DEVICE ("m.ntarm64")
               DEVICE ("M.NTX86"), NULL, NULL, NULL },
  { "undecorated", MAKER ("") DEVICE ("M"), "processors: x86", "processors: x86", NULL },
  { "nt", MAKER (",NT") DEVICE ("M.NT"), "processors: x86", "processors", NULL },
  { "older", MAKER (",NTamd64.6.1") DEVICE ("M.NTamd64.6.1"), NULL, "processors", "processors" },
  { "same-build", MAKER (",NTamd64.10.0...19045") DEVICE ("M.NTamd64.10.0...19045"), NULL,
    "processors", "processors" },
  { "newer-build", MAKER (",NTamd64.10.0...19046") DEVICE ("M.NTamd64.10.0...19046"),
    "build 19046", "processors", "processors" },
  { "one-of-two", MAKER (",NTamd64.10.0...22000,NTamd64.10.0...16299")
                      DEVICE ("M.NTamd64.10.0...22000") DEVICE ("M.NTamd64.10.0...16299"),
    NULL, "processors", "processors" },
  { "no-models", MAKER (",NTamd64") DEVICE ("M.NTarm64"), "no device", "no device", "no device" },
  { "ia64", MAKER (",NTia64") DEVICE ("M.NTia64"), "no device", "no device", "no device" },
  { "no-catalogue", "[Version]\nSignature=$CHICAGO$\n[Manufacturer]\nx=M,NTamd64\n"
                    DEVICE ("M.NTamd64"), "names no catalogue", "processors", "processors" },
  { "own-catalogue", "[Version]\nSignature=\"$Windows NT$\"\nCatalogFile=none.cat\n"
                     "CatalogFile.NTamd64=A.CAT\n[Manufacturer]\nx=M,NTamd64,NTarm64\n"
                     DEVICE ("M.NTamd64") DEVICE ("M.NTarm64"),
    NULL, "“none.cat” is missing", "processors" },
  { "file", MAKER (",NTamd64") DEVICE ("M.NTamd64") "[SourceDisksNames]\n1=d,,,\\SUB\n"
            "[SourceDisksFiles]\nA.SYS=1\n", NULL, "processors", "processors" },
  { "file-in-folder", MAKER (",NTamd64") DEVICE ("M.NTamd64") "[SourceDisksNames]\n1=d\n"
                      "[SourceDisksFiles]\nA.SYS=1,Sub\n", NULL, "processors", "processors" },
  { "file-of-others", MAKER (",NTamd64,NTarm64") DEVICE ("M.NTamd64") DEVICE ("M.NTarm64")
                      "[SourceDisksFiles.arm64]\nb.sys=1\n",
    NULL, "“b.sys” is missing", "processors" },
  { "packed", MAKER (",NTamd64") DEVICE ("M.NTamd64") "[SourceDisksFiles]\nc.dll=1\n", NULL,
    "processors", "processors" },
  { "linked", MAKER (",NTamd64") DEVICE ("M.NTamd64") "[SourceDisksFiles]\nlink.sys=1\n",
    "“link.sys” is missing, or is a link", "processors", "processors" },
  { "outside", MAKER (",NTamd64") DEVICE ("M.NTamd64") "[SourceDisksFiles]\na.cat=1,..\\x\n",
    "is missing", "processors", "processors" },
  { "no-driver", "[Version]\nClass=Net\n", "not a driver", "not a driver", "not a driver" },
  { "no-text", "\xff\xfe\x01", "not a driver", "not a driver", "not a driver" },
};

static void
check (const char *name, GPtrArray *packages, const char *problem)
{
  const ValiseDriverPackage *package = g_ptr_array_index (packages, 0);

  g_assert_cmpuint (packages->len, ==, 1);
  g_assert_cmpuint (valise_driver_set_count_usable (packages), ==, problem == NULL);
  if ((package->problem == NULL) != (problem == NULL)
      || (problem != NULL && strstr (package->problem, problem) == NULL))
    g_error ("%s: “%s” instead of “%s”", name, package->problem, problem);
}

static void
test_case (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *link = g_build_filename (folder, "Drivers", "link.sys", NULL);

  valise_remove_tree (folder);
  put ("Drivers/x.INF", cases[i].text);
  put ("Drivers/a.cat", "catalogue");
  put ("Drivers/sub/a.sys", "driver");
  put ("Drivers/C.DL_", "packed");
  put ("Drivers/autorun.inf", "[autorun]\n");
  g_assert_cmpint (symlink ("a.cat", link), ==, 0);
  for (guint j = 0; j < 3; j++)
    {
      g_autoptr (GPtrArray) packages
          = scan (j == 0 ? "amd64" : j == 1 ? "arm64" : "x86", 19045);

      check (cases[i].name, packages, j == 0   ? cases[i].problem_amd64
                                      : j == 1 ? cases[i].problem_arm64
                                               : cases[i].problem_x86);
    }
}

/* The example in the fuzzers' corpus: what it says, and exactly its files. */
static void
test_whole (void)
{
  g_autoptr (GBytes) file = read_file (EXAMPLE);
  g_autofree char *text = g_strndup (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
  g_autoptr (GPtrArray) packages = NULL;
  g_autoptr (GString) files = g_string_new (NULL);
  const ValiseDriverPackage *package;

  valise_remove_tree (folder);
  put ("a/net.inf", text);
  put ("a/Net64.cat", "123");
  put ("a/x64/NET.sys", "12345");
  put ("a/docs/Net Help.txt", "1");
  put ("a/other.exe", "not a part of it");
  packages = scan ("amd64", 22631);
  check ("whole", packages, NULL);
  package = g_ptr_array_index (packages, 0);
  g_assert_cmpstr (package->name, ==, "a/net.inf");
  g_assert_cmpstr (package->inf->provider, ==, "Some \"Maker\", Inc.");
  g_assert_cmpstr (package->inf->class_name, ==, "Net");
  g_assert_cmpstr (package->inf->version, ==, "1.2.3.4, 06/21/2024");
  g_assert_false (valise_inf_is_boot_critical (package->inf));
  g_assert_cmpuint (package->bytes, ==, strlen (text) + 9);
  for (guint i = 0; i < package->files->len; i++)
    g_string_append_printf (files, "%s\n",
                            ((ValiseDriverFile *)g_ptr_array_index (package->files, i))->name);
  g_assert_cmpstr (files->str, ==, "net.inf\nNet64.cat\nx64\\NET.sys\ndocs\\Net Help.txt\n");
}

/* The same text in all the ways in which its letters may be written. */
static void
test_letters (void)
{
  static const char text[] = "[Version]\r\nSignature=\"$Windows NT$\"\r\nProvider=\"Müller\"\r\n";
  static const char *const charsets[] = { "UTF-8", "UTF-16LE", "UTF-16BE", "WINDOWS-1252" };
  static const char *const marks[] = { "\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", "" };

  for (guint i = 0; i < G_N_ELEMENTS (charsets); i++)
    {
      gsize size;
      g_autofree char *converted = g_convert (text, -1, charsets[i], "UTF-8", NULL, &size, NULL);
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GBytes) file = NULL;
      g_autoptr (ValiseInf) inf = NULL;

      g_byte_array_append (bytes, (const guint8 *)marks[i], strlen (marks[i]));
      g_byte_array_append (bytes, (const guint8 *)converted, size);
      file = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
      inf = valise_inf_parse (file);
      g_assert_nonnull (inf);
      g_assert_cmpstr (inf->provider, ==, "Müller");
    }
}

static void
test_folders (void)
{
  g_autoptr (GPtrArray) packages = valise_driver_set_new ();
  g_autofree char *link = g_build_filename (folder, "loop", NULL);
  g_autoptr (GError) error = NULL;

  valise_remove_tree (folder);
  g_assert_false (valise_driver_set_scan (packages, folder, "amd64", 1, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
  g_clear_error (&error);
  put ("readme.txt", "nothing");
  /* A link to a folder would lead round and round. */
  g_assert_cmpint (symlink (".", link), ==, 0);
  g_assert_false (valise_driver_set_scan (packages, folder, "amd64", 1, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "no driver"));
}

int
main (int argc, char **argv)
{
  g_autofree char *parent = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_build_filename (parent, "drivers", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/drivers/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/drivers/whole", test_whole);
  g_test_add_func ("/drivers/letters", test_letters);
  g_test_add_func ("/drivers/folders", test_folders);
  result = g_test_run ();
  valise_remove_tree (parent);
  g_free (folder);
  return result;
}
