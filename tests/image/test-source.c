/* test-source.c: every kind of source says what wimlib-imagex says of it, and gives the same files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "core/valise-error.h"
#include "image-tools.h"
#include "image/valise-apply.h"
#include "volume/valise-ntfs-device.h"

static const struct
{
  const char *name, *file, *format;
} formats[] = {
  { "lzx", "sample.wim", "wim" },      { "xpress", "sample-xpress.wim", "wim" },
  { "none", "sample-none.wim", "wim" }, { "esd", "sample.esd", "esd" },
  { "swm", "sample.swm", "swm" },      { "swm-by-another-part", "sample3.swm", "swm" },
};

/* The value of a line “key: value” of wimlib-imagex info. */
static char *
get_field (const char *text, const char *key)
{
  g_autofree char *pattern = g_strdup_printf ("^%s: +(.*)$", key);
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  if (!g_regex_match (regex, text, 0, &match))
    g_error ("no “%s” in: %s", key, text);
  return g_strstrip (g_match_info_fetch (match, 1));
}

static void
assert_field (const char *text, const char *key, const char *value)
{
  g_autofree char *expected = get_field (text, key);

  g_assert_cmpstr (value, ==, expected);
}

static void
assert_number (const char *text, const char *key, guint64 value)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  assert_field (text, key, number);
}

static void
check_editions (ValiseSource *source, const char *path)
{
  GPtrArray *editions = valise_source_get_editions (source);

  g_assert_cmpuint (editions->len, ==, 2);
  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (editions, i);
      g_autofree char *number = g_strdup_printf ("%u", edition->index);
      g_autofree char *info = run_tool ("wimlib-imagex", "info", path, number, NULL);
      g_auto (GStrv) languages = NULL;
      g_autofree char *field = NULL;
      g_autofree char *version = NULL;
      g_autofree char *major = get_field (info, "Major Version");
      g_autofree char *minor = get_field (info, "Minor Version");
      g_autofree char *build = get_field (info, "Build");
      g_autofree char *sp_build = get_field (info, "Service Pack Build");

      assert_number (info, "Index", edition->index);
      assert_field (info, "Display Name", edition->name);
      assert_field (info, "Display Description", edition->description);
      assert_field (info, "Edition ID", edition->edition_id);
      assert_number (info, "Build", edition->build);
      assert_field (info, "Default Language", edition->default_language);
      assert_number (info, "Total Bytes", edition->bytes);
      assert_number (info, "Hard Link Bytes", edition->hard_link_bytes);
      assert_number (info, "File Count", edition->n_files);
      assert_number (info, "Directory Count", edition->n_folders);
      version = g_strjoin (".", major, minor, build, sp_build, NULL);
      g_assert_cmpstr (edition->version, ==, version);
      field = get_field (info, "Languages");
      languages = g_strsplit (field, " ", 0);
      g_assert_true (g_strv_equal ((const char *const *) edition->languages,
                                   (const char *const *) languages));
      assert_field (info, "Architecture", "x86_64");
      g_assert_cmpstr (edition->architecture, ==, "amd64");
      g_assert_true (edition->is_system && edition->boots_uefi && edition->boots_bios
                     && edition->boots_ca2023);
    }
}

static void
extract_and_compare (ValiseSource *source, const char *path, const char *name)
{
  static const char *const wanted[] = { "windows/boot", "/Windows/System32/config/SYSTEM",
                                        "Windows/nothing like this", NULL };
  g_autofree char *ours = g_strconcat (tools.folder, "/ours-", name, NULL);
  g_autofree char *theirs = g_strconcat (tools.folder, "/theirs-", name, NULL);
  g_autofree char *ref = g_str_has_suffix (path, ".swm") ? g_strdup_printf ("%.*s*.swm",
                                                              (int) strlen (path) - 4, path)
                                                         : g_strdup (path);
  g_autofree char *ref_option = g_strconcat ("--ref=", ref, NULL);
  g_autofree char *dest = g_strconcat ("--dest-dir=", theirs, NULL);
  g_autofree char *differs = NULL;
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_source_extract (source, valise_source_find_edition (source, "1", NULL),
                                        wanted, ours, NULL, &error));
  g_assert_no_error (error);
  said = run_tool ("wimlib-imagex", "extract", path, "1", "/Windows/Boot",
                   "/Windows/System32/config/SYSTEM", dest, ref_option, "--preserve-dir-structure",
                   "--no-acls", NULL);
  differs = run_tool ("diff", "-r", ours, theirs, NULL);
  g_assert_cmpstr (differs, ==, "");
}

static void
test_format (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (ValiseSource) source = open_sample (formats[i].file);
  g_autofree char *path = sample_path (formats[i].file);
  g_autofree char *first = sample_path (g_str_has_prefix (formats[i].name, "swm")
                                            ? "sample.swm" : formats[i].file);

  g_assert_cmpstr (valise_source_get_path (source), ==, path);
  g_assert_cmpstr (valise_source_get_format (source), ==, formats[i].format);
  g_assert_false (valise_source_is_iso (source));
  check_editions (source, first);
  extract_and_compare (source, first, formats[i].name);
}

static void
test_hash (gconstpointer data)
{
  gboolean split = GPOINTER_TO_INT (data);
  g_autoptr (ValiseSource) source = open_sample (split ? "sample2.swm" : "sample.esd");
  g_autofree char *command
      = split ? g_strdup ("cd \"$0\" && cat sample.swm sample2.swm sample3.swm sample4.swm "
                          "| sha256sum")
              : g_strdup ("sha256sum < \"$0\"/sample.esd");
  g_autofree char *sum = run_tool ("sh", "-c", command, SAMPLES, NULL);
  g_autofree char *size = run_tool ("sh", "-c", split ? "cat \"$0\"/sample*.swm | wc -c"
                                                      : "wc -c < \"$0\"/sample.esd",
                                    SAMPLES, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = valise_source_hash (source, cancellable, &error);

  g_assert_no_error (error);
  g_assert_cmpint (strlen (hash), ==, 64);
  g_assert_true (g_str_has_prefix (sum, hash));
  g_assert_cmpuint (valise_source_get_size (source), ==, g_ascii_strtoull (size, NULL, 10));

  g_cancellable_cancel (cancellable);
  g_assert_null (valise_source_hash (source, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_find_edition (void)
{
  static const struct
  {
    const char *wanted;
    guint index; /* 0: none */
  } cases[] = {
    { "1", 1 },       { "2", 2 },     { "Professional", 1 }, { "enterprise", 2 },
    { "Windows 11 Pro", 1 },          { "windows 11 ENTERPRISE", 2 },
    { "0", 0 },       { "3", 0 },     { "", 0 },             { "Home", 0 },
    { "99999999999999999999999", 0 }, { "Windows 11", 0 },   { NULL, 0 },
  };
  g_autoptr (ValiseSource) source = open_sample ("sample.wim");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      const ValiseEdition *edition = valise_source_find_edition (source, cases[i].wanted, &error);

      if (cases[i].index != 0)
        {
          g_assert_no_error (error);
          g_assert_cmpuint (edition->index, ==, cases[i].index);
          continue;
        }
      g_assert_null (edition);
      g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NO_SUCH_EDITION);
      g_assert_nonnull (strstr (error->message, "1 (Windows 11 Pro), 2 (Windows 11 Enterprise)"));
    }
}

static char *
make_volume (const char *name)
{
  char *path = own_path (name);
  g_autofree char *made = run_tool ("truncate", "-s", "200M", path, NULL);
  g_autofree char *formatted = run_tool ("mkntfs", "-q", "-F", "-f", "-s", "512", "-p", "0", "-H",
                                         "255", "-S", "63", path, NULL);

  return path;
}

/* What a volume holds, captured again, without what the capture itself adds. */
static char *
list_volume (const char *volume)
{
  g_autofree char *wim = g_strconcat (volume, ".wim", NULL);
  g_autofree char *said
      = run_tool ("wimlib-imagex", "capture", volume, wim, "--compress=none", NULL);
  g_autofree char *list = run_tool ("sh", "-c", "wimlib-imagex dir --detailed \"$0\" 1 "
                                    "| grep -v -e 'Link Group ID' -e 'Creation Time' "
                                    "-e 'Last .* Time' -e 'Raw Resource' -e 'Reference Count' "
                                    "-e 'Part Number' -e Offset",
                                    wim, NULL);

  return g_steal_pointer (&list);
}

static void
test_apply (void)
{
  g_autoptr (ValiseSource) source = open_sample ("sample.wim");
  g_autofree char *image = sample_path ("sample.wim");
  g_autofree char *ours = make_volume ("ours.ntfs");
  g_autofree char *theirs = make_volume ("theirs.ntfs");
  g_autofree char *said = NULL;
  g_autofree char *our_list = NULL;
  g_autofree char *their_list = NULL;
  g_autoptr (ValiseProgress) progress = valise_progress_new ();
  static const ValiseProgressStep step = { "apply", 1 };
  ValiseProgressState state;
  g_autoptr (GError) error = NULL;

  valise_progress_set_steps (progress, &step, 1);
  valise_progress_begin (progress, "apply", 0);
  g_assert_true (valise_source_apply (source, valise_source_find_edition (source, "2", NULL),
                                      ours, progress, NULL, &error));
  g_assert_no_error (error);
  valise_progress_get_state (progress, &state);
  g_assert_cmpuint (state.done, >, 30000000);
  g_assert_cmpuint (state.done, ==, state.total);

  said = run_tool ("wimlib-imagex", "apply", image, "2", theirs, NULL);
  our_list = list_volume (ours);
  their_list = list_volume (theirs);
  g_assert_cmpint (strlen (our_list), >, 100000);
  g_assert_true (g_str_equal (our_list, their_list));
}

static void
test_apply_fails (void)
{
  g_autoptr (ValiseSource) source = open_sample ("sample.wim");
  const ValiseEdition *edition = valise_source_find_edition (source, "1", NULL);
  g_autofree char *volume = make_volume ("fails.ntfs");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (valise_source_apply (source, edition, "/nonexistent", NULL, NULL, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "No such file"));
  g_clear_error (&error);

  g_cancellable_cancel (cancellable);
  g_assert_false (valise_source_apply (source, edition, volume, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The self-check at the start needs somebody who makes wimlib open a volume. */
static void
test_probe (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (valise_ntfs_check_interposed (valise_source_probe_ntfs, &error));
  g_assert_no_error (error);
}

static void
cancel_cb (ValiseProgress *progress, GCancellable *cancellable)
{
  ValiseProgressState state;

  valise_progress_get_state (progress, &state);
  if (state.done > 0)
    g_cancellable_cancel (cancellable);
}

static gpointer
apply_thread (gpointer data)
{
  gpointer *args = data;
  GError **error = args[4];

  return GINT_TO_POINTER (valise_source_apply (args[0], valise_source_find_edition (args[0], "1",
                                               NULL), args[1], args[2], args[3], error));
}

/* Cancelled while wimlib is at work, the source remains usable. */
static void
test_apply_cancelled (void)
{
  g_autoptr (ValiseSource) source = open_sample ("sample.wim");
  g_autofree char *volume = make_volume ("cancelled.ntfs");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ValiseProgress) progress = valise_progress_new ();
  g_autoptr (GError) error = NULL;
  gpointer args[] = { source, volume, progress, cancellable, &error };
  static const ValiseProgressStep step = { "apply", 1 };
  GThread *thread;

  valise_progress_set_steps (progress, &step, 1);
  g_signal_connect (progress, "changed", G_CALLBACK (cancel_cb), cancellable);
  thread = g_thread_new ("apply", apply_thread, args);
  while (!g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (GPOINTER_TO_INT (g_thread_join (thread)));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  g_clear_pointer (&volume, g_free);
  volume = make_volume ("again.ntfs");
  g_assert_true (valise_source_apply (source, valise_source_find_edition (source, "1", NULL),
                                      volume, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
add_tests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *name = g_strconcat ("/image/source/format/", formats[i].name, NULL);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_format);
    }
  g_test_add_data_func ("/image/source/hash", GINT_TO_POINTER (FALSE), test_hash);
  g_test_add_data_func ("/image/source/hash/split", GINT_TO_POINTER (TRUE), test_hash);
  g_test_add_func ("/image/source/find-edition", test_find_edition);
  g_test_add_func ("/image/source/probe", test_probe);
  g_test_add_func ("/image/source/apply", test_apply);
  g_test_add_func ("/image/source/apply/fails", test_apply_fails);
  g_test_add_func ("/image/source/apply/cancelled", test_apply_cancelled);
}

int
main (int argc, char **argv)
{
  return image_tools_main (&argc, &argv, add_tests);
}
