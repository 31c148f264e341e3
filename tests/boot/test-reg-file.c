/* test-reg-file.c: files of the registry editor: what they say, what is refused, and that the hive
 * comes out as hivexregedit makes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-hive-template.h"
#include "boot/valise-offline-registry.h"
#include "boot/valise-reg-file.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

#define V5 "Windows Registry Editor Version 5.00\r\n\r\n"
#define SW "[HKEY_LOCAL_MACHINE\\SOFTWARE\\K]\r\n"

static ValiseScratch *scratch;

/* The changes, a line each: hive, what is done, key, name, type, bytes. */
static char *
describe (const GPtrArray *changes)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseRegistryChange *change = g_ptr_array_index (changes, i);

      g_string_append_printf (out, "%c%c %s", "sSDU"[change->hive], "=-+!"[change->action],
                              change->key);
      if (change->action <= VALISE_REGISTRY_DELETE_VALUE)
        g_string_append_printf (out, "|%s", change->name);
      if (change->action == VALISE_REGISTRY_SET_VALUE)
        {
          gsize size;
          const guint8 *data = g_bytes_get_data (change->data, &size);

          g_string_append_printf (out, "|%x|", change->type);
          for (gsize j = 0; j < size; j++)
            g_string_append_printf (out, "%02x", data[j]);
        }
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static const struct
{
  const char *name;
  const char *text;
  const char *changes;
} cases[] = {
  { "empty", V5, "" },
  { "header-only", "REGEDIT4", "" },
  { "blank-before", "\r\n ; x\r\n" V5, "" },
  { "keys", V5 "[HKLM\\system\\A]\n[hku\\.default\\B]\n[HKEY_CURRENT_USER]\n[HKCR\\.txt]\n"
            "[HKEY_USERS\\S-1-5-18\\C]\n[HKCU\\Software\\D] ; x\n[HKEY_LOCAL_MACHINE\\Software]\n",
    "s+ A\nD+ B\nU+ \nS+ Classes\\.txt\nD+ C\nU+ Software\\D\nS+ \n" },
  { "bracket-in-name", V5 "[HKLM\\SOFTWARE\\a]b[c]\n", "S+ a]b[c\n" },
  { "delete-key", V5 "[-HKLM\\SOFTWARE\\A\\B]\r\n[-HKCR\\.x]", "S! A\\B\nS! Classes\\.x\n" },
  { "text", V5 SW "\"a\"=\"b\"\r\n@=\"\"\r\n\"q\\\"\\\\\"=\"C:\\\\x\\\"\"",
    "S+ K\nS= K|a|1|62000000\nS= K||1|0000\nS= K|q\"\\|1|43003a005c00780022000000\n" },
  { "other-letters", V5 SW "\"ä\"=\"€𝄞\"", "S+ K\nS= K|ä|1|ac2034d81edd0000\n" },
  { "lines-in-text", V5 SW "\"a\"=\"1\r\n2\"\r\n\"b\"=\"3\"",
    "S+ K\nS= K|a|1|31000d000a0032000000\nS= K|b|1|33000000\n" },
  { "dword", V5 SW "\"a\"=dword:0000002A\n\"b\" = DWORD:1 ; x\n\"c\"=dword:ffffffff",
    "S+ K\nS= K|a|4|2a000000\nS= K|b|4|01000000\nS= K|c|4|ffffffff\n" },
  { "qword", V5 SW "\"a\"=qword:0102030405060708\n\"b\"=hex(b):01,02,03,04,05,06,07,08",
    "S+ K\nS= K|a|b|0807060504030201\nS= K|b|b|0102030405060708\n" },
  { "hex", V5 SW "\"a\"=hex:\n\"b\"=hex:0,1, fF,\\\r\n  02,\\ ; x\r\n\t03\n\"c\"=hex(0):\n"
              "\"d\"=hex(4):01\n\"e\"=hex(ffff0001):aa\n\"f\"=HEX(7):61,00,00,00,00,00\n"
              "\"g\"=hex:01,\\\n",
    "S+ K\nS= K|a|3|\nS= K|b|3|0001ff0203\nS= K|c|0|\nS= K|d|4|01\nS= K|e|ffff0001|aa\n"
    "S= K|f|7|610000000000\nS= K|g|3|01\n" },
  { "delete-value", V5 SW "\"a\"=-\n@=-\n\"b\"= - ;x", "S+ K\nS- K|a\nS- K|\nS- K|b\n" },
  { "regedit4", "REGEDIT4\n[HKLM\\SOFTWARE\\K]\n\"\xe4\"=\"\x80\"\n\"e\"=hex(2):80,00\n"
                "\"m\"=hex(7):61,00,00\n\"b\"=hex:80\n\"z\"=hex(1):",
    "S+ K\nS= K|ä|1|ac200000\nS= K|e|2|ac200000\nS= K|m|7|610000000000\nS= K|b|3|80\nS= K|z|1|\n" },
  { "two-files-in-one", V5 SW "\"a\"=dword:1\n" V5 "[HKLM\\SOFTWARE\\L]",
    "S+ K\nS= K|a|4|01000000\nS+ L\n" },
  { "old-mac-lines", "REGEDIT4\r[HKLM\\SOFTWARE\\K]\r\"a\"=\"b\"\r", "S+ K\nS= K|a|1|62000000\n" },
};

static char *
parse (GBytes *file)
{
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  g_autoptr (GError) error = NULL;

  valise_reg_file_parse (file, "x.reg", changes, &error);
  g_assert_no_error (error);
  return describe (changes);
}

/* Each text in all the ways in which its letters may be written. */
static void
test_case (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  static const char *const forms[] = { "UTF-8", "\xef\xbb\xbf", "UTF-16LE", "UTF-16BE" };

  for (guint form = 0; form < G_N_ELEMENTS (forms); form++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      g_autoptr (GBytes) file = NULL;
      g_autofree char *found = NULL;
      g_autofree char *wide = NULL;
      gsize size = strlen (cases[i].text);

      if (!g_utf8_validate (cases[i].text, -1, NULL) && form > 0)
        break;
      if (form == 1)
        g_byte_array_append (bytes, (const guint8 *)forms[1], 3);
      if (form >= 2)
        {
          wide = g_convert (cases[i].text, -1, forms[form], "UTF-8", NULL, &size, NULL);
          g_byte_array_append (bytes, (const guint8 *)(form == 2 ? "\xff\xfe" : "\xfe\xff"), 2);
        }
      g_byte_array_append (bytes, (const guint8 *)(wide != NULL ? wide : cases[i].text), size);
      file = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
      found = parse (file);
      g_assert_cmpstr (found, ==, cases[i].changes);
    }
}

static const struct
{
  const char *text;
  guint line; /* 0: not a matter of one line */
  const char *words;
} refusals[] = {
  { "", 1, "registry editor" },
  { "[HKLM\\SOFTWARE\\K]", 1, "registry editor" },
  { "REGEDIT\n", 1, "registry editor" },
  { "MZ\x90\xff\xfe\xdd", 0, "UTF-16 or UTF-8" },
  { V5 "x", 3, "expected" },
  { V5 "\"a\"=dword:1", 3, "without a key" },
  { V5 "[-HKLM\\SOFTWARE\\K]\n\"a\"=dword:1", 4, "without a key" },
  { V5 "[HKLM\\SOFTWARE\\K", 3, "bracket" },
  { V5 "[HKLM\\SOFTWARE\\K] x", 3, "behind the key" },
  { V5 "[HKEY_LOCAL_MACHINES\\x]", 3, "root" },
  { V5 "[]", 3, "root" },
  { V5 "[HKLM]", 3, "cannot be changed" },
  { V5 "\n[HKEY_LOCAL_MACHINE\\SAM\\x]", 4, "cannot be changed" },
  { V5 "[HKLM\\SYSTEMX\\x]", 3, "cannot be changed" },
  { V5 "[HKEY_USERS\\S-1-5-21-1\\x]", 3, "cannot be changed" },
  { V5 "[HKEY_CURRENT_CONFIG\\x]", 3, "cannot be changed" },
  { V5 "[HKCU\\software\\classes\\x]", 3, "HKEY_CLASSES_ROOT" },
  { V5 "[-HKLM\\SOFTWARE]", 3, "does not start" },
  { V5 "[-HKCR]", 3, "does not start" },
  { V5 "[-HKCU]", 3, "does not start" },
  { V5 "[-HKLM\\SYSTEM\\CurrentControlSet]", 3, "does not start" },
  { V5 "[-HKLM\\SYSTEM\\controlset001]", 3, "does not start" },
  { V5 "[-HKLM\\SYSTEM\\select]", 3, "does not start" },
  { V5 "[HKLM\\SOFTWARE\\a\\\\b]", 3, "no name" },
  { V5 "[HKLM\\SOFTWARE\\a\\]", 3, "no name" },
  { V5 SW "\"a", 4, "not closed" },
  { V5 SW "\"a\"=\"b\n\n", 4, "not closed" },
  { V5 SW "\"a\"=\"b\\", 4, "not closed" },
  { V5 SW "\"a\"", 4, "“=”" },
  { V5 SW "\"a\"=", 4, "Behind" },
  { V5 SW "\"a\"=b", 4, "Behind" },
  { V5 SW "\"a\"=dword:", 4, "digits" },
  { V5 SW "\"a\"=dword:123456789", 4, "digits" },
  { V5 SW "\"a\"=dword:x", 4, "digits" },
  { V5 SW "\"a\"=dword:1 2", 4, "behind the value" },
  { V5 SW "\"a\"=\"b\" c", 4, "behind the value" },
  { V5 SW "\"a\"=- c", 4, "behind the value" },
  { V5 SW "\"a\"=hex", 4, "colon" },
  { V5 SW "\"a\"=hex():", 4, "type" },
  { V5 SW "\"a\"=hex(g):", 4, "type" },
  { V5 SW "\"a\"=hex(123456789):", 4, "type" },
  { V5 SW "\"a\"=hex:01 02", 4, "commas" },
  { V5 SW "\"a\"=hex:,01", 4, "two hexadecimal" },
  { V5 SW "\"a\"=hex:012", 4, "two hexadecimal" },
  { V5 SW "\"a\"=hex:01,\\\n02,\\\nxx", 6, "two hexadecimal" },
  { V5 SW "\"a\"=hex:01,\\ x\n02", 4, "behind the value" },
  { "\xff\xfe\x41", 0, "UTF-16" },
  { "\xff\xfe\x00\xd8\x41\x00", 0, "UTF-16" },
};

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
      const char *text = refusals[i].text;
      /* Two of them have a NUL. */
      const gsize size = g_str_has_prefix (text, "\xff\xfe") ? strlen (text + 2) > 0 ? 3 : 6
                                                             : strlen (text);
      g_autoptr (GBytes) file = g_bytes_new (text, size);
      g_autofree char *line = g_strdup_printf ("line %u:", refusals[i].line);
      g_autoptr (GError) error = NULL;

      if (valise_reg_file_parse (file, "x.reg", changes, &error))
        g_error ("not refused: %s", text);
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      if (strstr (error->message, "x.reg") == NULL
          || strstr (error->message, refusals[i].words) == NULL
          || (refusals[i].line > 0 && strstr (error->message, line) == NULL))
        g_error ("“%s”: no %s or “%s” in: %s", text, line, refusals[i].words, error->message);
    }
}

/* The limits of Windows, and of hivex. */
static void
test_limits (void)
{
  for (guint i = 0; i < 8; i++)
    {
      const gboolean too_much = i % 2;
      g_autoptr (GString) text = g_string_new (V5 "[HKLM\\SOFTWARE\\");
      g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
      g_autoptr (GBytes) file = NULL;
      g_autoptr (GError) error = NULL;
      const guint counts[] = { 255, 512, 16383, 16344 };
      const guint n = counts[i / 2] + too_much;

      for (guint j = 0; i / 2 == 0 && j < n; j++)
        g_string_append (text, "ä");
      for (guint j = 0; i / 2 == 1 && j < n; j++)
        g_string_append (text, j > 0 ? "\\a" : "a");
      if (i / 2 >= 2)
        g_string_append_c (text, 'K');
      g_string_append (text, "]\n");
      if (i / 2 == 2)
        {
          g_autofree char *name = g_strnfill (n, 'n');

          g_string_append_printf (text, "\"%s\"=dword:1\n", name);
        }
      if (i / 2 == 3)
        {
          g_string_append (text, "\"a\"=hex:00");
          for (guint j = 1; j < n; j++)
            g_string_append (text, ",00");
        }
      file = g_bytes_new (text->str, text->len);
      g_assert_true (valise_reg_file_parse (file, "x.reg", changes, &error) == !too_much);
    }
}

static void
test_load (void)
{
  g_autofree char *path = valise_scratch_build_path (scratch, "settings.reg");
  g_autofree char *missing = valise_scratch_build_path (scratch, "missing.reg");
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  const ValiseRegistryChange *change;
  g_autoptr (GError) error = NULL;

  write_file (path, V5 SW "\"a\"=dword:1\n", strlen (V5 SW "\"a\"=dword:1\n"));
  valise_reg_file_load (path, changes, &error);
  g_assert_no_error (error);
  change = g_ptr_array_index (changes, 1);
  g_assert_cmpstr (change->origin, ==, "settings.reg:4");

  g_assert_false (valise_reg_file_load (missing, changes, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (valise_reg_file_load (valise_scratch_get_path (scratch), changes, &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
}

/* What hivexregedit understands as Windows does: it makes one key at a time, and knows no deletion
 * of what comes earlier in the same file. */
static const char both[] =
    "Windows Registry Editor Version 5.00\n\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\n@=\"the key's own\"\n\"text\"=\"C:\\\\x\\\\\\\"y\\\"\"\n"
    "\"number\"=dword:0000002a\n\"long\"=hex(b):01,02,03,04,05,06,07,08\n"
    "\"bytes\"=hex:de,ad,be,\\\n  ef,00,\\\n  01\n\"expand\"=hex(2):25,00,50,00,00,00\n"
    "\"multi\"=hex(7):61,00,00,00,62,00,00,00,00,00\n\"none\"=hex(0):\n\"odd\"=hex(12345):01\n\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\_B]\n\"x\"=dword:00000001\n\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\b]\n\n"
    "[-HKEY_LOCAL_MACHINE\\SOFTWARE\\Old]\n\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Keep]\n\"gone\"=-\n\"changed\"=\"new\"\n@=-\n";

static char *
make_hive (const char *name)
{
  g_autoptr (GBytes) empty = valise_hive_template_build ();
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  char *path = valise_scratch_build_path (scratch, name);
  g_autoptr (GError) error = NULL;

  write_file (path, g_bytes_get_data (empty, NULL), g_bytes_get_size (empty));
  valise_registry_changes_set_string (changes, VALISE_REGISTRY_SOFTWARE, "Keep", "gone", "x");
  valise_registry_changes_set_string (changes, VALISE_REGISTRY_SOFTWARE, "Keep", "CHANGED", "old");
  valise_registry_changes_set_string (changes, VALISE_REGISTRY_SOFTWARE, "Keep", "stays", "y");
  valise_registry_changes_set_string (changes, VALISE_REGISTRY_SOFTWARE, "Keep", "", "own");
  valise_registry_changes_set_dword (changes, VALISE_REGISTRY_SOFTWARE, "Old\\Below", "z", 1);
  valise_offline_registry_apply (path, VALISE_REGISTRY_SOFTWARE, changes, &error);
  g_assert_no_error (error);
  return path;
}

static void
test_as_hivexregedit (void)
{
  g_autofree char *ours = make_hive ("ours");
  g_autofree char *theirs = make_hive ("theirs");
  g_autofree char *path = valise_scratch_build_path (scratch, "both.reg");
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  g_autofree char *ours_text = NULL;
  g_autofree char *theirs_text = NULL;
  g_autofree char *tool = g_find_program_in_path ("hivexregedit");
  g_autofree char *reader = g_find_program_in_path ("reglookup");
  g_autoptr (GError) error = NULL;
  char *at;

  if (tool == NULL)
    {
      g_test_skip ("no hivexregedit");
      return;
    }
  write_file (path, both, strlen (both));
  valise_reg_file_load (path, changes, &error);
  g_assert_no_error (error);
  valise_offline_registry_apply (ours, VALISE_REGISTRY_SOFTWARE, changes, &error);
  g_assert_no_error (error);
  g_free (
      RUN ("hivexregedit", "--merge", "--prefix", "HKEY_LOCAL_MACHINE\\SOFTWARE", theirs, path));

  ours_text = RUN (PYTHON, READ_HIVE, "--lost", ours);
  g_assert_null (strstr (ours_text, "WRONG"));
  theirs_text = RUN (PYTHON, READ_HIVE, "--lost", theirs);
  /* The empty list that hivex leaves would be no fault here; Windows' name for a value stays. */
  at = strstr (ours_text, "|CHANGED|");
  g_assert_nonnull (at);
  memcpy (at, "|changed|", 9);
  g_assert_cmpstr (ours_text, ==, theirs_text);

  /* A third reader, which is neither hivex nor ours. */
  if (reader != NULL)
    {
      g_autofree char *listed = RUN ("reglookup", ours);

      g_assert_nonnull (strstr (listed, "/A/number,DWORD,0x0000002A"));
      g_assert_nonnull (strstr (listed, "/A/_B/x,DWORD,0x00000001"));
      g_assert_null (strstr (listed, "/Old"));
      g_assert_nonnull (strstr (listed, "/Keep/stays,SZ,y"));
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *cache = g_dir_make_tmp ("valise-test-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;
  int result;

  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
  scratch = valise_scratch_new (&error);
  g_assert_no_error (error);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/reg-file/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/reg-file/refused", test_refused);
  g_test_add_func ("/reg-file/limits", test_limits);
  g_test_add_func ("/reg-file/load", test_load);
  g_test_add_func ("/reg-file/as-hivexregedit", test_as_hivexregedit);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
