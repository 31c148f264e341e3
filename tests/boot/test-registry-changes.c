/* test-registry-changes.c: changes in hives, as a reader sees them that is neither ours nor hivex.
 *
 * tests/boot/read-hive.py also finds what Windows would not accept: order, hashes, counts, cells.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-hive-template.h"
#include "boot/valise-offline-registry.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

static ValiseScratch *scratch;

/* Fills a list from lines: “= key|name|type|hex”, “- key|name”, “+ key”, “! key”. */
static GPtrArray *
make_changes (const char *text, ValiseRegistryHive hive)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GPtrArray *changes = valise_registry_changes_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (*lines[i] != '\0' ? lines[i] + 2 : "", "|", -1);
      g_autoptr (GByteArray) data = g_byte_array_new ();

      switch (*lines[i])
        {
        case '=':
          for (const char *at = parts[3]; *at != '\0'; at += 2)
            {
              guint8 byte = g_ascii_xdigit_value (at[0]) << 4 | g_ascii_xdigit_value (at[1]);

              g_byte_array_append (data, &byte, 1);
            }
          valise_registry_changes_set (changes, hive, parts[0], parts[1],
                                       g_ascii_strtoull (parts[2], NULL, 10), data->data,
                                       data->len);
          break;
        case '-':
          valise_registry_changes_delete_value (changes, hive, parts[0], parts[1]);
          break;
        case '+':
          valise_registry_changes_make_key (changes, hive, parts[0]);
          break;
        case '!':
          valise_registry_changes_delete_key (changes, hive, parts[0]);
          break;
        default:
          break;
        }
    }
  return changes;
}

static char *
make_hive (void)
{
  g_autoptr (GBytes) empty = valise_hive_template_build ();
  char *path = valise_scratch_build_path (scratch, "hive");

  write_file (path, g_bytes_get_data (empty, NULL), g_bytes_get_size (empty));
  return path;
}

static void
apply (const char *path, const char *text)
{
  g_autoptr (GPtrArray) changes = make_changes (text, VALISE_REGISTRY_SYSTEM);
  g_autoptr (GError) error = NULL;

  valise_offline_registry_apply (path, VALISE_REGISTRY_SYSTEM, changes, &error);
  g_assert_no_error (error);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Only the values, and the paths of the keys: what is wrong with the hive is printed, too. */
static char *
dump (const char *path)
{
  g_autofree char *text = RUN (PYTHON, READ_HIVE, "--lost", path);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "|", -1);

      if (*lines[i] != '\0')
        g_ptr_array_add (out, g_strdup (g_strv_length (parts) == 3 ? parts[0] : lines[i]));
    }
  g_ptr_array_sort (out, compare_lines);
  g_ptr_array_add (out, g_strdup (""));
  g_ptr_array_add (out, NULL);
  return g_strjoinv ("\n", (char **)out->pdata);
}

static const struct
{
  const char *name;
  const char *before;
  const char *changes;
  const char *after;
} cases[] = {
  { "make-keys", "", "+ A\\B\\C\n+ a\\b", "\nA\nA\\B\nA\\B\\C\n" },
  { "set-and-delete", "= K|one|4|01000000\n= K|two|1|61000000\n= K||3|0102",
    "- K|ONE\n- K|three\n- L|x\n= K|two|4|02000000",
    "\nK\nK|two|4|02000000\nK||3|0102\n" },
  { "empty-data", "", "= K|none|0|\n= K|five|3|0102030405\n= K|four|3|01020304\n= K|big|4|0102",
    "\nK\nK|big|4|0102\nK|five|3|0102030405\nK|four|3|01020304\nK|none|0|\n" },
  { "strange-type", "", "= K|x|123456|aabb\n= K|y|4294967295|cc",
    "\nK\nK|x|123456|aabb\nK|y|4294967295|cc\n" },
  { "root-value", "", "= ||1|61000000\n= |name|4|01000000", "\n|name|4|01000000\n||1|61000000\n" },
  { "delete-key", "+ A\\B\\C\n= A\\B|v|3|000102030405060708\n+ A\\D",
    "! A\\B\n! A\\missing\n! x\\y",
    "\nA\nA\\D\n" },
  { "delete-last-key", "+ A\\B", "! A\\B", "\nA\n" },
  { "delete-and-make", "= A\\B|v|3|01\n+ A\\B\\C", "! A\\B\n= A\\B|w|3|02",
    "\nA\nA\\B\nA\\B|w|3|02\n" },
  { "make-and-delete", "", "= A\\B|v|3|01\n! A", "\n" },
  { "make-delete-make", "", "= A\\B|v|3|01\n! A\n+ A\n! A\n+ a\\c", "\na\na\\c\n" },
  { "all-values-go", "= K|a|3|01\n= K|b|3|02", "- K|a\n- K|b", "\nK\n" },
  { "order", "+ AB\n+ A_\n+ Ab_\n+ AZ",
    "+ A_B\n+ AaB\n+ a^\n+ A[\n+ A`\n+ A0\n+ Az_\n+ aZa\n+ _\n+ Z\n+ {0}\n+ ~",
    "\nA0\nAB\nAZ\nA[\nA_\nA_B\nA`\nAaB\nAb_\nAz_\nZ\n_\naZa\na^\n{0}\n~\n" },
  { "other-letters", "+ Ä\n+ z",
    "+ ä\\1\n+ Ö\n+ ÿ\n+ 日本\n+ Ω\n+ ω\\2\n+ ß\n+ İ\n= ö|Größe|4|01000000\n= ö|GRÖßE|4|02000000",
    "\nz\nÄ\nÄ\\1\nÖ\nÖ|Größe|4|02000000\nß\nÿ\nİ\nΩ\nΩ\\2\n日本\n" },
  { "current-set", "= Select|Current|4|02000000\n+ ControlSet001\n+ ControlSet002",
    "= CurrentControlSet\\Services\\x|Start|4|04000000\n"
    "+ currentcontrolset\\A\n+ CurrentControlSetX",
    "\nControlSet001\nControlSet002\nControlSet002\\A\nControlSet002\\Services\n"
    "ControlSet002\\Services\\x\nControlSet002\\Services\\x|Start|4|04000000\nCurrentControlSetX\n"
    "Select\nSelect|Current|4|02000000\n" },
};

static void
test_case (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *path = make_hive ();
  g_autofree char *after = NULL;
  g_autoptr (GBytes) once = NULL;
  g_autoptr (GBytes) twice = NULL;

  apply (path, cases[i].before);
  apply (path, cases[i].changes);
  after = dump (path);
  g_assert_cmpstr (after, ==, cases[i].after);

  /* What is as it should be is not touched; where something is deleted first, it never is so. */
  if (strchr (cases[i].changes, '!') != NULL)
    return;
  once = read_file (path);
  apply (path, cases[i].changes);
  twice = read_file (path);
  g_assert_true (g_bytes_equal (once, twice));
}

/* As many subkeys as need more than one bin, in an order that is not theirs. */
static void
test_many (void)
{
  g_autofree char *path = make_hive ();
  g_autoptr (GString) changes = g_string_new (NULL);
  g_autoptr (GString) removals = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_keys = 0;

  for (guint i = 0; i < 700; i++)
    {
      g_string_append_printf (changes, "= Services\\%c%u_%c|ImagePath|2|%0*x\n", 'A' + i * 7 % 26,
                              i * 37 % 700, i % 2 ? 'x' : 'Y', 2 * (int)(i + 4), i);
      if (i % 3 == 0)
        g_string_append_printf (removals, "! services\\%c%u_%c\n", 'a' + i * 7 % 26,
                                i * 37 % 700, i % 2 ? 'X' : 'y');
    }
  apply (path, changes->str);
  apply (path, removals->str);
  text = dump (path);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], "WRONG"))
        g_error ("%s", lines[i]);
      if (strchr (lines[i], '|') == NULL && strchr (lines[i], '\\') != NULL)
        n_keys++;
    }
  g_assert_cmpuint (n_keys, ==, 466);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *before;
    const char *changes;
    int code;
    const char *words;
  } refusals[] = {
    { "= K|v|3|01", "= CurrentControlSet\\K|v|3|02", VALISE_SOURCE_ERROR_NOT_A_SYSTEM, "Select" },
    { "= K|v|3|01", "! |", VALISE_SOURCE_ERROR_UNSUPPORTED, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = make_hive ();
      g_autoptr (GPtrArray) changes = make_changes (refusals[i].changes, VALISE_REGISTRY_SYSTEM);
      g_autoptr (GError) error = NULL;

      apply (path, refusals[i].before);
      g_assert_false (
          valise_offline_registry_apply (path, VALISE_REGISTRY_SYSTEM, changes, &error));
      g_assert_error (error, VALISE_SOURCE_ERROR, refusals[i].code);
      g_assert_nonnull (strstr (error->message, refusals[i].words));
    }
}

/* Errors say which of the hives it is about. */
static void
test_names (void)
{
  for (guint i = 0; i < VALISE_REGISTRY_N_HIVES; i++)
    {
      g_autofree char *path = valise_scratch_build_path (scratch, "no-hive");
      g_autoptr (GPtrArray) changes = make_changes ("+ A", i);
      g_autofree char *zeros = g_malloc0 (8192);
      g_autoptr (GError) error = NULL;

      write_file (path, zeros, 8192);
      g_assert_true (valise_registry_changes_concern (changes, i));
      g_assert_false (valise_registry_changes_concern (changes, (i + 1) % 4));
      g_assert_false (valise_offline_registry_apply (path, i, changes, &error));
      g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT);
      g_assert_nonnull (strstr (error->message, valise_registry_hive_get_path (i) + 1));
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
      g_autofree char *path = g_strconcat ("/registry-changes/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/registry-changes/many", test_many);
  g_test_add_func ("/registry-changes/refused", test_refused);
  g_test_add_func ("/registry-changes/names", test_names);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
