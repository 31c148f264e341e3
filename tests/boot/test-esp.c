/* test-esp.c: the EFI partition, read again with mtools and fsck.fat.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot/valise-esp.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "test-tools.h"

/* A boot folder as an image has it, in mixed case; what is in a file is its own path. */
static const char *const boot_files[] = {
  "EFI/bootmgfw.efi",
  "EFI/bootmgr.efi",
  "EFI/memtest.efi",
  "EFI/boot.stl",
  "EFI/winsipolicy.p7b",
  "EFI/SKUSIPOLICY.p7b",
  "EFI/kd_02_10df.dll",
  "EFI/kd_02_8086.dll",
  "EFI/de-DE/bootmgfw.efi.mui",
  "EFI/de-DE/memtest.efi.mui",
  "EFI/qps-ploc/memtest.efi.mui",
  "efi_ex/bootmgfw_EX.efi",
  "efi_ex/bootmgr_ex.efi",
  "efi_ex/SkuSiPolicy.p7b",
  "PCAT/bootmgr",
  "FONTS/wgl4_boot.ttf",
  "FONTS/jpn_boot.ttf",
  "Fonts_EX/wgl4_boot_EX.ttf",
  "Fonts_EX/kor_boot_EX.ttf",
  "Resources/bootres.dll",
  "Resources/en-US/bootres.dll.mui",
};

#define MANY 300 /* more than fit into one call of mcopy */

typedef struct
{
  ValiseScratch *scratch;
  char *boot_folder;
  char *esp;
} Fixture;

static void
make_fat (const char *path, guint64 size, const char *sectors)
{
  int fd = g_open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  g_assert_cmpint (ftruncate (fd, size), ==, 0);
  close (fd);
  g_free (RUN ("mkfs.fat", "-F", "32", "-s", sectors, "-i", "12345678", path));
}

static void
add (Fixture *f, const char *name, const char *contents, gssize size)
{
  g_autofree char *path = g_build_filename (f->boot_folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  /* 2021-02-03 04:05:06 UTC */
  const struct timespec times[2] = { { 1612325106 }, { 1612325106 } };

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  write_file (path, contents, size < 0 ? strlen (contents) : (gsize)size);
  g_assert_cmpint (utimensat (AT_FDCWD, path, times, 0), ==, 0);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->scratch = valise_scratch_new (&error);
  g_assert_no_error (error);
  /* A name that mtools would take for an offset, and one that a shell would take apart. */
  f->boot_folder = valise_scratch_build_path (f->scratch, "Bo ot'$(x)@@1[a]");
  f->esp = valise_scratch_build_path (f->scratch, "esp");
  make_fat (f->esp, 300 * VALISE_MIB, "2");
  for (guint i = 0; i < G_N_ELEMENTS (boot_files); i++)
    add (f, boot_files[i], boot_files[i], -1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_free (f->boot_folder);
  g_free (f->esp);
  valise_scratch_free (f->scratch);
}

static gboolean
compose (Fixture *f, const char *architecture, ValiseBootManager manager, GError **error)
{
  g_autoptr (GBytes) bcd = g_bytes_new_static ("the store", 9);

  return valise_esp_compose (f->esp, f->boot_folder, architecture, manager, bcd, NULL, f->scratch,
                             NULL, error);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The paths of all files, sorted, one a line. */
static char *
list_files (const char *esp)
{
  g_autofree char *text = RUN ("mdir", "-i", esp, "-/", "-b", "-a", "::");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0' && !g_str_has_suffix (lines[i], "/"))
      g_ptr_array_add (files, lines[i]);
  g_ptr_array_sort (files, compare_strings);
  g_ptr_array_add (files, NULL);
  return g_strjoinv ("\n", (char **)files->pdata);
}

static void
assert_contents (Fixture *f, const char *file, const char *contents)
{
  g_autofree char *path = g_strconcat ("::", file, NULL);
  g_autofree char *found = RUN ("mtype", "-i", f->esp, path);

  g_assert_cmpstr (found, ==, contents);
}

#define M "::/EFI/Microsoft/Boot/"
#define FILES_2011(fallback)                                                                       \
  "::/EFI/Boot/" fallback "\n" M "BCD\n" M "Fonts/jpn_boot.ttf\n" M "Fonts/wgl4_boot.ttf\n" M      \
  "Resources/bootres.dll\n" M "Resources/en-US/bootres.dll.mui\n" M "boot.stl\n" M                 \
  "bootmgfw.efi\n" M "bootmgr.efi\n" M "de-DE/bootmgfw.efi.mui\n" M "de-DE/memtest.efi.mui\n" M    \
  "kd_02_10df.dll\n" M "kd_02_8086.dll\n" M "memtest.efi\n" M "qps-ploc/memtest.efi.mui\n" M       \
  "winsipolicy.p7b"
#define FILES_2023                                                                                 \
  "::/EFI/Boot/bootx64.efi\n" M "BCD\n" M "Fonts/jpn_boot.ttf\n" M "Fonts/kor_boot.ttf\n" M        \
  "Fonts/wgl4_boot.ttf\n" M "Resources/bootres.dll\n" M "Resources/en-US/bootres.dll.mui\n" M      \
  "boot.stl\n" M "bootmgfw.efi\n" M "bootmgr.efi\n" M "de-DE/bootmgfw.efi.mui\n" M                 \
  "de-DE/memtest.efi.mui\n" M "kd_02_10df.dll\n" M "kd_02_8086.dll\n" M "memtest.efi\n" M          \
  "qps-ploc/memtest.efi.mui\n" M "winsipolicy.p7b"

static const struct
{
  const char *name;
  const char *architecture;
  ValiseBootManager manager;
  const char *files;
  const char *contents[6][2]; /* file, what is in it */
} cases[] = {
  { "amd64-2011",
    "amd64",
    VALISE_BOOT_MANAGER_2011,
    FILES_2011 ("bootx64.efi"),
    {
        { "/EFI/Boot/bootx64.efi", "EFI/bootmgfw.efi" },
        { "/EFI/Microsoft/Boot/bootmgfw.efi", "EFI/bootmgfw.efi" },
        { "/EFI/Microsoft/Boot/bootmgr.efi", "EFI/bootmgr.efi" },
        { "/EFI/Microsoft/Boot/de-DE/bootmgfw.efi.mui", "EFI/de-DE/bootmgfw.efi.mui" },
        { "/EFI/Microsoft/Boot/Fonts/wgl4_boot.ttf", "FONTS/wgl4_boot.ttf" },
        { "/EFI/Microsoft/Boot/BCD", "the store" },
    } },
  { "arm64-2011", "arm64", VALISE_BOOT_MANAGER_2011, FILES_2011 ("bootaa64.efi"), { { NULL } } },
  { "x86-2011", "x86", VALISE_BOOT_MANAGER_2011, FILES_2011 ("bootia32.efi"), { { NULL } } },
  { "amd64-2023",
    "amd64",
    VALISE_BOOT_MANAGER_2023,
    FILES_2023,
    {
        { "/EFI/Boot/bootx64.efi", "efi_ex/bootmgfw_EX.efi" },
        { "/EFI/Microsoft/Boot/bootmgfw.efi", "efi_ex/bootmgfw_EX.efi" },
        { "/EFI/Microsoft/Boot/bootmgr.efi", "efi_ex/bootmgr_ex.efi" },
        { "/EFI/Microsoft/Boot/Fonts/wgl4_boot.ttf", "Fonts_EX/wgl4_boot_EX.ttf" },
        { "/EFI/Microsoft/Boot/Fonts/jpn_boot.ttf", "FONTS/jpn_boot.ttf" },
        { "/EFI/Microsoft/Boot/memtest.efi", "EFI/memtest.efi" },
    } },
};

static void
test_files (Fixture *f, gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *files = NULL;
  g_autofree char *date = NULL;

  compose (f, cases[i].architecture, cases[i].manager, &error);
  g_assert_no_error (error);
  files = list_files (f->esp);
  g_assert_cmpstr (files, ==, cases[i].files);
  for (guint j = 0; j < G_N_ELEMENTS (cases[i].contents) && cases[i].contents[j][0]; j++)
    assert_contents (f, cases[i].contents[j][0], cases[i].contents[j][1]);
  g_free (RUN ("fsck.fat", "-n", f->esp));
  date = RUN ("mdir", "-i", f->esp, "::/EFI/Microsoft/Boot/BCD");
  g_assert_nonnull (strstr (date, "2021-02-03   4:05"));
}

/* The same again, when other files are dated later. */
static void
test_deterministic (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;

  compose (f, "amd64", VALISE_BOOT_MANAGER_2011, &error);
  g_assert_no_error (error);
  first = read_file (f->esp);
  g_usleep (2100000); /* FAT counts in two seconds */
  make_fat (f->esp, 300 * VALISE_MIB, "2");
  compose (f, "amd64", VALISE_BOOT_MANAGER_2011, &error);
  g_assert_no_error (error);
  second = read_file (f->esp);
  g_assert_true (g_bytes_equal (first, second));
}

static void
test_many (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *files = NULL;
  g_auto (GStrv) lines = NULL;

  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *name =
          g_strdup_printf ("EFI/Sprache-%03u/Bootdatei mit Ä %u.mui", i % 40, i);

      add (f, name, name, -1);
    }
  for (guint i = 0; i < MANY; i++)
    {
      g_autofree char *name = g_strdup_printf ("FONTS/font%u.ttf", i);

      add (f, name, name, -1);
    }
  compose (f, "amd64", VALISE_BOOT_MANAGER_2011, &error);
  g_assert_no_error (error);
  files = list_files (f->esp);
  lines = g_strsplit (files, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 16 + 2 * MANY);
  assert_contents (f, "/EFI/Microsoft/Boot/Sprache-019/Bootdatei mit Ä 299.mui",
                   "EFI/Sprache-019/Bootdatei mit Ä 299.mui");
  assert_contents (f, "/EFI/Microsoft/Boot/Fonts/font299.ttf", "FONTS/font299.ttf");
  g_free (RUN ("fsck.fat", "-n", f->esp));
}

static void
remove_file (Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename (f->boot_folder, name, NULL);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
link_file (Fixture *f, const char *name, const char *target)
{
  g_autofree char *path = g_build_filename (f->boot_folder, name, NULL);

  g_unlink (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *remove, *link, *add, *architecture;
    ValiseBootManager manager;
    GQuark (*domain) (void);
    int code;
    const char *words;
  } refused[] = {
    { "EFI/bootmgfw.efi", NULL, NULL, "amd64", VALISE_BOOT_MANAGER_2011, valise_source_error_quark,
      VALISE_SOURCE_ERROR_UNSUPPORTED, "bootmgfw.efi" },
    { "efi_ex/bootmgfw_EX.efi", NULL, NULL, "amd64", VALISE_BOOT_MANAGER_2023,
      valise_plan_error_quark, VALISE_PLAN_ERROR_INVALID, "of 2023" },
    { NULL, "EFI/bootmgfw.efi", NULL, "amd64", VALISE_BOOT_MANAGER_2011, valise_source_error_quark,
      VALISE_SOURCE_ERROR_UNSUPPORTED, "bootmgfw.efi" },
    { NULL, "EFI/de-DE/link.mui", NULL, "amd64", VALISE_BOOT_MANAGER_2011,
      valise_source_error_quark, VALISE_SOURCE_ERROR_CORRUPT, "link.mui" },
    { NULL, NULL, "EFI/a:b", "amd64", VALISE_BOOT_MANAGER_2011, valise_source_error_quark,
      VALISE_SOURCE_ERROR_CORRUPT, "a:b" },
    { NULL, NULL, "EFI/star*.efi", "amd64", VALISE_BOOT_MANAGER_2011, valise_source_error_quark,
      VALISE_SOURCE_ERROR_CORRUPT, "star*" },
    { NULL, NULL, "FONTS/latin\xe4.ttf", "amd64", VALISE_BOOT_MANAGER_2011,
      valise_source_error_quark, VALISE_SOURCE_ERROR_CORRUPT, "latin" },
    { NULL, NULL, "EFI/1/2/3/4/5/6/7/8/9/deep", "amd64", VALISE_BOOT_MANAGER_2011,
      valise_source_error_quark, VALISE_SOURCE_ERROR_CORRUPT, "deep" },
    { NULL, NULL, NULL, "unknown", VALISE_BOOT_MANAGER_2011, valise_source_error_quark,
      VALISE_SOURCE_ERROR_UNSUPPORTED, "“unknown”" },
    { NULL, NULL, NULL, NULL, VALISE_BOOT_MANAGER_2011, valise_source_error_quark,
      VALISE_SOURCE_ERROR_UNSUPPORTED, "amd64" },
  };
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  make_fat (f->esp, 36 * VALISE_MIB, "1");
  before = read_file (f->esp);
  if (refused[i].remove != NULL)
    remove_file (f, refused[i].remove);
  if (refused[i].link != NULL)
    link_file (f, refused[i].link, "/etc/hostname");
  if (refused[i].add != NULL)
    add (f, refused[i].add, "", 0);
  g_assert_false (compose (f, refused[i].architecture, refused[i].manager, &error));
  g_assert_error (error, refused[i].domain (), refused[i].code);
  if (strstr (error->message, refused[i].words) == NULL)
    g_error ("no “%s” in: %s", refused[i].words, error->message);
  after = read_file (f->esp);
  g_assert_true (g_bytes_equal (before, after));
}

/* FAT32 begins at 65525 clusters, so a full one is made with large files. */
static void
test_full (Fixture *f, gconstpointer data)
{
  g_autofree char *zeros = g_malloc0 (20 * VALISE_MIB);
  g_autoptr (GError) error = NULL;

  make_fat (f->esp, 36 * VALISE_MIB, "1");
  add (f, "EFI/one.dll", zeros, 20 * VALISE_MIB);
  add (f, "EFI/two.dll", zeros, 20 * VALISE_MIB);
  g_assert_false (compose (f, "amd64", VALISE_BOOT_MANAGER_2011, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_SPACE);
  g_assert_nonnull (strstr (error->message, "do not fit"));
}

static void
test_no_mtools (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", f->boot_folder, TRUE);
  g_assert_false (compose (f, "amd64", VALISE_BOOT_MANAGER_2011, &error));
  g_setenv ("PATH", path, TRUE);
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_PROGRAM_MISSING);
  g_assert_nonnull (strstr (error->message, "mtools"));
}

static void
test_no_file_system (Fixture *f, gconstpointer data)
{
  g_autofree char *zeros = g_malloc0 (VALISE_MIB);
  g_autoptr (GError) error = NULL;

  write_file (f->esp, zeros, VALISE_MIB);
  g_assert_false (compose (f, "amd64", VALISE_BOOT_MANAGER_2011, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "mmd"));
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (30000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancelled (Fixture *f, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) bcd = g_bytes_new_static ("the store", 9);
  g_autofree char *programs = valise_scratch_build_path (f->scratch, "programs");
  g_autofree char *mmd = g_build_filename (programs, "mmd", NULL);
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *longer = g_strconcat (programs, ":", path, NULL);
  g_autoptr (GError) error = NULL;
  GThread *thread;
  gint64 start = g_get_monotonic_time ();

  /* An mmd that would hang: it must be ended, not waited for. */
  g_mkdir (programs, 0700);
  write_file (mmd, "#!/bin/sh\nexec sleep 60\n", 24);
  g_chmod (mmd, 0700);
  g_setenv ("PATH", longer, TRUE);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (valise_esp_compose (f->esp, f->boot_folder, "amd64", VALISE_BOOT_MANAGER_2011,
                                      bcd, NULL, f->scratch, cancellable, &error));
  g_thread_join (thread);
  g_setenv ("PATH", path, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
}

#define ADD(path, i, function)                                                                     \
  g_test_add (path, Fixture, GSIZE_TO_POINTER (i), set_up, function, tear_down)

int
main (int argc, char **argv)
{
  static const char *const refused[] = {
    "no-2011", "no-2023",      "linked-boot-manager", "link", "colon", "wildcard", "not-utf-8",
    "deep",    "architecture", "no-architecture",
  };
  g_autofree char *cache = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  int result;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  complete_path ();
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/esp/files/", cases[i].name, NULL);

      ADD (path, i, test_files);
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_strconcat ("/esp/refused/", refused[i], NULL);

      ADD (path, i, test_refused);
    }
  ADD ("/esp/deterministic", 0, test_deterministic);
  ADD ("/esp/many", 0, test_many);
  ADD ("/esp/full", 0, test_full);
  ADD ("/esp/no-mtools", 0, test_no_mtools);
  ADD ("/esp/no-file-system", 0, test_no_file_system);
  ADD ("/esp/cancelled", 0, test_cancelled);
  result = g_test_run ();
  valise_remove_tree (cache);
  return result;
}
