/* test-offline-registry.c: what is changed in a SYSTEM hive, and that nothing else is, as
 * python3-hivex sees it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <hivex.h>
#include <string.h>

#include "boot/valise-hive-template.h"
#include "boot/valise-offline-registry.h"
#include "boot/valise-windows-settings.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

#define PARTMGR "Services\\partmgr\\Parameters"
#define BITLOCKER "Control\\BitLocker"
#define POWER "Control\\Session Manager\\Power"

/* Makes a hive out of lines “key|value|type|hex”. */
static const char make_program[] =
    "import hivex, sys\n"
    "h = hivex.Hivex(sys.argv[1], write=True)\n"
    "for line in sys.argv[2].splitlines():\n"
    "    key, name, kind, data = line.split('|')\n"
    "    node = h.root()\n"
    "    for part in key.split('\\\\'):\n"
    "        child = h.node_get_child(node, part)\n"
    "        node = child if child else h.node_add_child(node, part)\n"
    "    if kind:\n"
    "        h.node_set_value(node, {'key': name, 't': int(kind), 'value': bytes.fromhex(data)})\n"
    "h.commit(None)\n";

/* Prints a hive in the same form, sorted. */
static const char dump_program[] =
    "import hivex, sys\n"
    "h = hivex.Hivex(sys.argv[1])\n"
    "lines = []\n"
    "def walk(node, path):\n"
    "    lines.append(path + '|||')\n"
    "    for v in h.node_values(node):\n"
    "        t, data = h.value_value(v)\n"
    "        lines.append('|'.join([path, h.value_key(v), str(t), data.hex()]))\n"
    "    for c in h.node_children(node):\n"
    "        walk(c, path + '\\\\' + h.node_name(c) if path else h.node_name(c))\n"
    "walk(h.root(), '')\n"
    "print('\\n'.join(sorted(lines)))\n";

/* What came and what went, of the lines of two dumps. */
static const char compare_program[] =
    "import sys\n"
    "old, new = (set(text.splitlines()) for text in sys.argv[1:3])\n"
    "for line in sorted(old - new): print('-' + line)\n"
    "for line in sorted(new - old): print('+' + line)\n";

#define SELECT_1 "Select|Current|4|01000000\nSelect|Default|4|01000000\n"
#define SET_1 "ControlSet001\\"

static const struct
{
  const char *name;
  const char *lines;
  const char *changes;
} cases[] = {
  { "as-in-an-image",
    SELECT_1 SET_1 PARTMGR "|SanPolicy|4|01000000\n" SET_1 POWER "|HiberbootEnabled|4|01000000\n",
    "-" SET_1 POWER "|HiberbootEnabled|4|01000000\n"
    "-" SET_1 PARTMGR "|SanPolicy|4|01000000\n"
    "+" SET_1 BITLOCKER "|PreventDeviceEncryption|4|01000000\n"
    "+" SET_1 BITLOCKER "|||\n"
    "+" SET_1 POWER "|HiberbootEnabled|4|00000000\n"
    "+" SET_1 PARTMGR "|SanPolicy|4|04000000\n" },
  { "empty-set", SELECT_1 "ControlSet001|||",
    "+" SET_1 "Control\\BitLocker|PreventDeviceEncryption|4|01000000\n"
    "+" SET_1 "Control\\BitLocker|||\n"
    "+" SET_1 "Control\\Session Manager\\Power|HiberbootEnabled|4|00000000\n"
    "+" SET_1 "Control\\Session Manager\\Power|||\n"
    "+" SET_1 "Control\\Session Manager|||\n"
    "+" SET_1 "Control|||\n"
    "+" SET_1 "Services\\partmgr\\Parameters|SanPolicy|4|04000000\n"
    "+" SET_1 "Services\\partmgr\\Parameters|||\n"
    "+" SET_1 "Services\\partmgr|||\n"
    "+" SET_1 "Services|||\n" },
  { "already",
    SELECT_1 SET_1 PARTMGR "|SanPolicy|4|04000000\n" SET_1 POWER
                           "|HiberbootEnabled|4|00000000\n" SET_1 BITLOCKER
                           "|PreventDeviceEncryption|4|01000000\n",
    "" },
  { "other-values",
    SELECT_1 SET_1 POWER
    "|HiberbootEnabled|4|01000000\n" SET_1 PARTMGR "||1|7400000000\n" /* the key's own value */
    SET_1 PARTMGR "|Größe|3|010203\n" SET_1 PARTMGR "|日本|1|610000000000\n" SET_1 PARTMGR
    "|Leer|3|\n" SET_1 PARTMGR "|Liste|7|61000000620000000000\n" SET_1 PARTMGR
    "|Lang|11|0102030405060708\n" SET_1 BITLOCKER "|PreventDeviceEncryption|4|01000000\n",
    "-" SET_1 POWER "|HiberbootEnabled|4|01000000\n"
    "+" SET_1 POWER "|HiberbootEnabled|4|00000000\n"
    "+" SET_1 PARTMGR "|SanPolicy|4|04000000\n" },
  { "wrong-types",
    SELECT_1 SET_1 PARTMGR "|SanPolicy|1|34000000\n" SET_1 POWER
                           "|HiberbootEnabled|3|00000000\n" SET_1 BITLOCKER
                           "|PreventDeviceEncryption|4|0100\n",
    "-" SET_1 BITLOCKER "|PreventDeviceEncryption|4|0100\n"
    "-" SET_1 POWER "|HiberbootEnabled|3|00000000\n"
    "-" SET_1 PARTMGR "|SanPolicy|1|34000000\n"
    "+" SET_1 BITLOCKER "|PreventDeviceEncryption|4|01000000\n"
    "+" SET_1 POWER "|HiberbootEnabled|4|00000000\n"
    "+" SET_1 PARTMGR "|SanPolicy|4|04000000\n" },
/* From here on there is nothing missing but SanPolicy, in one control set. */
#define REST(set)                                                                                  \
  set "\\" POWER "|HiberbootEnabled|4|00000000\n" set "\\" BITLOCKER                               \
      "|PreventDeviceEncryption|4|01000000\n" set "\\" PARTMGR "|||\n"
  { "current-is-2",
    "Select|Current|4|02000000\nSelect|Default|4|01000000\n" REST ("ControlSet001")
        REST ("ControlSet002"),
    "+ControlSet002\\" PARTMGR "|SanPolicy|4|04000000\n" },
  { "default-without-current",
    "Select|Default|4|02000000\n" REST ("ControlSet001") REST ("ControlSet002"),
    "+ControlSet002\\" PARTMGR "|SanPolicy|4|04000000\n" },
  { "default-with-current-gone",
    "Select|Current|4|03000000\nSelect|Default|4|02000000\n" REST ("ControlSet001")
        REST ("ControlSet002"),
    "+ControlSet002\\" PARTMGR "|SanPolicy|4|04000000\n" },
  { "default-with-current-0",
    "Select|Current|4|00000000\nSelect|Default|4|01000000\n" REST ("ControlSet001"),
    "+" SET_1 PARTMGR "|SanPolicy|4|04000000\n" },
  { "other-case",
    "SELECT|current|4|01000000\n"
    "CONTROLSET001\\services\\PartMgr\\PARAMETERS|sanpolicy|4|01000000\n"
    "CONTROLSET001\\control\\bitlocker|preventdeviceencryption|4|01000000\n"
    "CONTROLSET001\\control\\session manager\\power|HIBERBOOTENABLED|4|00000000\n",
    "-CONTROLSET001\\services\\PartMgr\\PARAMETERS|sanpolicy|4|01000000\n"
    "+CONTROLSET001\\services\\PartMgr\\PARAMETERS|sanpolicy|4|04000000\n" },
};

static ValiseScratch *scratch;

static gboolean
make_portable (const char *path, GError **error)
{
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();

  valise_windows_settings_add_changes (&(ValiseWindowsSettings){ 0 }, 22631, FALSE, changes);
  return valise_offline_registry_apply (path, VALISE_REGISTRY_SYSTEM, changes, error);
}

static char *
make_hive (const char *lines)
{
  g_autoptr (GBytes) empty = valise_hive_template_build ();
  char *path = valise_scratch_build_path (scratch, "SYSTEM");

  write_file (path, g_bytes_get_data (empty, NULL), g_bytes_get_size (empty));
  g_free (RUN (PYTHON, "-c", make_program, path, lines));
  return path;
}

static void
test_case (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *path = make_hive (cases[i].lines);
  g_autofree char *before = RUN (PYTHON, "-c", dump_program, path);
  g_autofree char *after = NULL;
  g_autofree char *changes = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;

  make_portable (path, &error);
  g_assert_no_error (error);
  after = RUN (PYTHON, "-c", dump_program, path);
  changes = RUN (PYTHON, "-c", compare_program, before, after);
  g_assert_cmpstr (changes, ==, cases[i].changes);

  make_portable (path, &error);
  g_assert_no_error (error);
  again = RUN (PYTHON, "-c", dump_program, path);
  g_assert_cmpstr (again, ==, after);
}

/* Bytes that are put into a good hive, or a length that it is cut to, or other lines. */
static const struct
{
  const char *name;
  gsize at;
  const char *bytes;
  gsize n_bytes, cut;
  const char *lines;
  int code;
  const char *words;
} damages[] = {
  { "magic", 0, "REGF", 4, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "checksum", 13, "\x77", 1, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "not-closed", 4, "\x7f", 1, .code = VALISE_SOURCE_ERROR_UNSUPPORTED, .words = "log" },
  { "more-bins-than-bytes", 40, "\x00\x00\x10", 3, .code = VALISE_SOURCE_ERROR_CORRUPT,
    .words = "damaged" },
  { "no-bins", 40, "\x00\x00\x00", 3, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "bin-magic", 4096, "HBIN", 4, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "root", 4096 + 36, "xx", 2, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "empty", .cut = 1, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "base-only", .cut = 4096, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "cut", .cut = 8191, .code = VALISE_SOURCE_ERROR_CORRUPT, .words = "damaged" },
  { "no-select", .lines = "ControlSet001|||", .code = VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
    .words = "Select" },
  { "no-set", .lines = SELECT_1 "ControlSet002|||", .code = VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
    .words = "Select" },
  { "set-1000", .lines = "Select|Current|4|e8030000\nControlSet1000|||",
    .code = VALISE_SOURCE_ERROR_NOT_A_SYSTEM, .words = "Select" },
  { "current-as-text", .lines = "Select|Current|1|31000000\nControlSet001|||",
    .code = VALISE_SOURCE_ERROR_NOT_A_SYSTEM, .words = "Select" },
  { "large-value", .lines = "large", .code = VALISE_SOURCE_ERROR_UNSUPPORTED,
    .words = "SanPolicy" },
};

static void
fix_checksum (guint8 *base)
{
  guint32 checksum = 0;

  for (guint i = 0; i < 508; i += 4)
    checksum ^= base[i] | base[i + 1] << 8 | base[i + 2] << 16 | (guint32)base[i + 3] << 24;
  for (guint i = 0; i < 4; i++)
    base[508 + i] = checksum >> 8 * i;
}

static void
test_damaged (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *large = g_strnfill (2 * 16345, '7');
  g_autofree char *large_lines =
      g_strconcat (SELECT_1 SET_1 PARTMGR "|Other|3|", large, "\n", NULL);
  g_autofree char *path = make_hive (g_strcmp0 (damages[i].lines, "large") == 0 ? large_lines
                                     : damages[i].lines != NULL                 ? damages[i].lines
                                                                                : cases[0].lines);
  g_autoptr (GBytes) hive = read_file (path);
  gsize size;
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (hive, &size), g_bytes_get_size (hive));
  g_autoptr (GError) error = NULL;

  if (damages[i].bytes != NULL)
    memcpy (bytes + damages[i].at, damages[i].bytes, damages[i].n_bytes);
  if (damages[i].bytes != NULL && !g_str_equal (damages[i].name, "checksum"))
    fix_checksum (bytes);
  write_file (path, bytes, damages[i].cut > 0 ? damages[i].cut : size);
  g_assert_false (make_portable (path, &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, damages[i].code);
  if (strstr (error->message, damages[i].words) == NULL)
    g_error ("no “%s” in: %s", damages[i].words, error->message);
}

/* Values with the same data: hivex would end the program when it frees them. A cell in use has a
 * negative size. In a value's, the data's size stands 4 bytes behind the mark “vk” (with the
 * highest bit set where the data itself follows), and the data's offset behind that. */
static void
test_shared_data (void)
{
  g_autofree char *path = make_hive (cases[3].lines);
  g_autoptr (GBytes) hive = read_file (path);
  const gsize size = g_bytes_get_size (hive);
  g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (hive, NULL), size);
  g_autoptr (GError) error = NULL;
  const guint8 *first = NULL;
  guint n_shared = 0;

  for (gsize at = 4096 + 32 + 4; at + 12 <= size; at += 8)
    {
      if ((bytes[at - 1] & 0x80) == 0 || memcmp (bytes + at, "vk", 2) != 0 ||
          (bytes[at + 7] & 0x80) != 0)
        continue;
      if (first == NULL)
        first = bytes + at + 4;
      else
        memcpy (bytes + at + 4, first, 8);
      n_shared++;
    }
  g_assert_cmpuint (n_shared, >=, 3);
  write_file (path, bytes, size);
  g_assert_false (make_portable (path, &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED);
}

static void
test_missing (void)
{
  g_autofree char *path = valise_scratch_build_path (scratch, "nothing");
  g_autoptr (GError) error = NULL;

  g_assert_false (make_portable (path, &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM);
  g_clear_error (&error);
  g_assert_false (
      make_portable (valise_scratch_get_path (scratch), &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT);
}

/* Whatever is wrong, it ends in an error or in a hive with the three values. */
static void
test_fuzz (void)
{
  g_autofree char *path = make_hive (cases[3].lines);
  g_autoptr (GBytes) hive = read_file (path);
  const gsize size = g_bytes_get_size (hive);
  guint n_good = 0;

  for (guint round = 0; round < 500; round++)
    {
      g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (hive, NULL), size);
      g_autoptr (GError) error = NULL;

      for (guint j = g_test_rand_int_range (1, 6); j > 0; j--)
        bytes[g_test_rand_int_range (4096, size)] =
            g_test_rand_bit () ? g_test_rand_int_range (0, 256) : "\0\1\177\200\377"[j % 5];
      write_file (path, bytes, size);
      if (make_portable (path, &error))
        n_good++;
      else
        g_assert_true (error->domain == VALISE_SOURCE_ERROR ||
                       error->domain == VALISE_SYSTEM_ERROR);
    }
  g_test_message ("%u of 500 hives could be used all the same", n_good);
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
      g_autofree char *path = g_strconcat ("/offline-registry/changes/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strconcat ("/offline-registry/damaged/", damages[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_damaged);
    }
  g_test_add_func ("/offline-registry/shared-data", test_shared_data);
  g_test_add_func ("/offline-registry/missing", test_missing);
  g_test_add_func ("/offline-registry/fuzz", test_fuzz);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
