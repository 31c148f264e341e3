/* test-bcd-reader.c: our reader against python3-hivex, on real stores, on ours, and on damaged
 * ones; and our store against a real one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-bcd-reader.h"
#include "boot/valise-bcd.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "fixtures.h"
#include "test-tools.h"

#define BOOT_MANAGER "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
#define RAMDISK_OPTIONS "{7619dcc8-fafe-11d9-b411-000476eba25f}"
#define SETUP_LOADER "{7619dcc9-fafe-11d9-b411-000476eba25f}"

/* The loader and what resumes, in windows10-uefi.bcd. */
#define LOADER "{733b62e5-f608-11eb-825c-c112f60133ab}"
#define RESUME "{733b62e4-f608-11eb-825c-c112f60133ab}"

static const char dump_program[] =
    "import hivex, sys\n"
    "h = hivex.Hivex(sys.argv[1])\n"
    "def child(node, name):\n"
    "    return h.node_get_child(node, name)\n"
    "def value(node, name):\n"
    "    return h.value_value(h.node_get_value(node, name))[1]\n"
    "objects = h.node_children(child(h.root(), 'Objects'))\n"
    "for o in sorted(objects, key=h.node_name):\n"
    "    print(h.node_name(o), value(child(o, 'Description'), 'Type')[::-1].hex())\n"
    "    for e in sorted(h.node_children(child(o, 'Elements')), key=h.node_name):\n"
    "        print(' ', h.node_name(e), value(e, 'Element').hex())\n";

/* Changes a store: path, name and type of a value and its bytes; no name: adds or removes a key. */
static const char change_program[] =
    "import hivex, sys\n"
    "h = hivex.Hivex(sys.argv[1], write=True)\n"
    "node = h.root()\n"
    "for part in sys.argv[2].split('\\\\'):\n"
    "    child = h.node_get_child(node, part)\n"
    "    node = child if child else h.node_add_child(node, part)\n"
    "if sys.argv[3] == '-':\n"
    "    h.node_delete_child(node)\n"
    "elif sys.argv[3] == '0':\n"
    "    h.node_set_values(node, [])\n"
    "else:\n"
    "    h.node_set_values(node, [{'key': sys.argv[3], 't': int(sys.argv[4]),\n"
    "                              'value': bytes.fromhex(sys.argv[5])}])\n"
    "h.commit(None)\n";

static ValiseScratch *scratch;

static ValiseGuid
guid (const char *text)
{
  ValiseGuid result;

  g_assert_true (valise_guid_parse (text, &result, NULL));
  return result;
}

static ValiseBcdStore *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  ValiseBcdStore *store = valise_bcd_store_load (path, &error);

  g_assert_no_error (error);
  return store;
}

static const ValiseBcdElement *
get (const ValiseBcdStore *store, const char *object_guid, guint32 id)
{
  const ValiseGuid name = guid (object_guid);
  const ValiseBcdObject *object = valise_bcd_store_find (store, &name);
  const ValiseBcdElement *element;

  g_assert_nonnull (object);
  element = valise_bcd_object_find (object, id);
  g_assert_nonnull (element);
  g_assert_cmphex (element->id, ==, id);
  return element;
}

static char *
dump (const ValiseBcdStore *store)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < store->objects->len; i++)
    {
      const ValiseBcdObject *object = store->objects->pdata[i];
      g_autofree char *name = valise_guid_format_braced (&object->guid);

      g_string_append_printf (text, "%s %08x\n", name, object->type);
      for (guint j = 0; j < object->elements->len; j++)
        {
          const ValiseBcdElement *element = object->elements->pdata[j];
          gsize size;
          const guint8 *data = g_bytes_get_data (element->data, &size);

          g_string_append_printf (text, "  %08x ", element->id);
          for (gsize k = 0; k < size; k++)
            g_string_append_printf (text, "%02x", data[k]);
          g_string_append_c (text, '\n');
        }
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A store of ours with the GUIDs of windows10-uefi.bcd. */
static GBytes *
build (void)
{
  const ValiseBcdDevice boot = {
    .kind = VALISE_BCD_DEVICE_GPT,
    .disk_guid = guid ("0b2394a9-095e-487d-8d48-719ecd4d78ca"),
    .partition_guid = guid ("36be3955-63bf-4068-a6ab-00195cca3a22"),
  };
  const ValiseBcdDevice os = {
    .kind = VALISE_BCD_DEVICE_GPT,
    .disk_guid = guid ("0b2394a9-095e-487d-8d48-719ecd4d78ca"),
    .partition_guid = guid ("8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b"),
  };
  const ValiseBcdOptions options = {
    .description = "Windows 10",
    .locale = "en-US",
    .boot_device = &boot,
    .os_device = &os,
    .loader_guid = guid (LOADER),
    .resume_guid = guid (RESUME),
  };
  g_autoptr (GError) error = NULL;
  GBytes *store = valise_bcd_build (&options, scratch, &error);

  g_assert_no_error (error);
  return store;
}

static char *
write_ours (void)
{
  g_autoptr (GBytes) bytes = build ();
  char *path = valise_scratch_build_path (scratch, "ours");

  write_file (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return path;
}

static void
test_dump (gconstpointer data)
{
  g_autofree char *path = data != NULL ? find_fixture (data) : write_ours ();
  g_autoptr (ValiseBcdStore) store = NULL;
  g_autofree char *found = NULL;
  g_autofree char *expected = NULL;

  if (path == NULL)
    return;
  store = load (path);
  found = dump (store);
  expected = RUN (PYTHON, "-c", dump_program, path);
  g_assert_cmpstr (found, ==, expected);
}

static void
test_windows10 (void)
{
  g_autofree char *path = find_fixture ("windows10-uefi.bcd");
  g_autoptr (ValiseBcdStore) store = NULL;
  const ValiseGuid loader = guid (LOADER), os = guid ("8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b"),
                   disk = guid ("0b2394a9-095e-487d-8d48-719ecd4d78ca");
  const ValiseBcdElement *element;

  if (path == NULL)
    return;
  store = load (path);
  g_assert_cmpstr (store->key_name, ==, "BCD00000000");
  g_assert_true (store->treat_as_system);
  g_assert_cmpuint (store->objects->len, ==, 17);

  g_assert_cmpstr (get (store, LOADER, 0x12000004)->text, ==, "Windows 10");
  element = get (store, LOADER, 0x11000001);
  g_assert_cmpint (element->device.kind, ==, VALISE_BCD_DEVICE_GPT);
  g_assert_true (valise_guid_equal (&element->device.partition_guid, &os));
  g_assert_true (valise_guid_equal (&element->device.disk_guid, &disk));
  element = get (store, BOOT_MANAGER, 0x23000003);
  g_assert_cmpuint (element->guids->len, ==, 1);
  g_assert_true (valise_guid_equal (&g_array_index (element->guids, ValiseGuid, 0), &loader));
  g_assert_cmpuint (get (store, BOOT_MANAGER, 0x25000004)->integer, ==, 30);
  g_assert_cmpuint (get (store, LOADER, 0x16000060)->integer, ==, 1);
  element = get (store, LOADER, 0x17000077);
  g_assert_cmpuint (element->integers->len, ==, 1);
  g_assert_cmphex (g_array_index (element->integers, guint64, 0), ==, 0x15000075);
  element = get (store, "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}", 0x14000006);
  g_assert_cmpuint (element->guids->len, ==, 3);
  /* a second NUL at its end */
  g_assert_cmpstr (get (store, BOOT_MANAGER, 0x12000002)->text, ==,
                   "\\EFI\\Microsoft\\Boot\\bootmgfw.efi");
  /* the recovery environment in a RAM disk */
  element = get (store, "{733b62e6-f608-11eb-825c-c112f60133ab}", 0x11000001);
  g_assert_cmpint (element->device.kind, ==, VALISE_BCD_DEVICE_OTHER);
  g_assert_true (element->device.has_options);
}

static void
test_install_media (void)
{
  g_autofree char *path = find_fixture ("install-media-amd64.bcd");
  g_autoptr (ValiseBcdStore) store = NULL;
  const ValiseGuid options = guid (RAMDISK_OPTIONS);
  const ValiseBcdElement *element;

  if (path == NULL)
    return;
  store = load (path);
  g_assert_cmpstr (store->key_name, ==, "BCD00000001");
  g_assert_false (store->treat_as_system);
  g_assert_cmpint (get (store, RAMDISK_OPTIONS, 0x31000003)->device.kind, ==,
                   VALISE_BCD_DEVICE_BOOT);
  element = get (store, SETUP_LOADER, 0x11000001);
  g_assert_cmpint (element->device.kind, ==, VALISE_BCD_DEVICE_OTHER);
  g_assert_cmpuint (element->device.type, ==, 0);
  g_assert_true (valise_guid_equal (&element->device.options, &options));
  /* integers of one and of three bytes */
  g_assert_cmpuint (get (store, BOOT_MANAGER, 0x25000004)->integer, ==, 30);
  g_assert_cmpuint (get (store, "{4636856e-540f-4170-a130-a84776f4c654}", 0x15000014)->integer, ==,
                    115200);
}

static char *
show_value (const ValiseBcdElement *element)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *folded = NULL;

  if (element->text != NULL)
    folded = g_utf8_casefold (element->text, -1);
  if (folded != NULL)
    g_string_append (text, folded);
  else if (element->guids != NULL)
    for (guint i = 0; i < element->guids->len; i++)
      {
        g_autofree char *name =
            valise_guid_format_braced (&g_array_index (element->guids, ValiseGuid, i));

        g_string_append (text, name);
      }
  else if (element->format == VALISE_BCD_FORMAT_DEVICE)
    {
      g_autofree char *partition = valise_guid_format (&element->device.partition_guid);
      g_autofree char *disk = valise_guid_format (&element->device.disk_guid);

      g_assert_cmpint (element->device.kind, ==, VALISE_BCD_DEVICE_GPT);
      g_string_append_printf (text, "%s on %s", partition, disk);
    }
  else if (element->integers != NULL)
    g_string_append_printf (text, "%" G_GUINT64_FORMAT,
                            g_array_index (element->integers, guint64, 0));
  else
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, element->integer);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
compare_object (GString *found, const ValiseBcdObject *ours, const ValiseBcdObject *real)
{
  g_autofree char *name = valise_guid_format (&ours->guid);

  name[8] = '\0';
  g_assert_cmphex (ours->type, ==, real->type);
  for (guint i = 0; i < ours->elements->len; i++)
    {
      const ValiseBcdElement *mine = ours->elements->pdata[i];
      const ValiseBcdElement *other = valise_bcd_object_find (real, mine->id);
      g_autofree char *my_value = show_value (mine);
      g_autofree char *other_value = other != NULL ? show_value (other) : NULL;

      if (other == NULL)
        g_string_append_printf (found, "%s only here %08x\n", name, mine->id);
      else if (!g_str_equal (my_value, other_value))
        g_string_append_printf (found, "%s %08x %s not %s\n", name, mine->id, my_value,
                                other_value);
    }
  for (guint i = 0; i < real->elements->len; i++)
    {
      const ValiseBcdElement *other = real->elements->pdata[i];

      if (valise_bcd_object_find (ours, other->id) == NULL)
        g_string_append_printf (found, "%s only there %08x\n", name, other->id);
    }
}

/* All that a real, used system's store has otherwise: the recovery environment, what Windows
 * itself has noted since, and the firmware's own entries. */
static void
test_like_real (void)
{
  g_autofree char *path = find_fixture ("windows10-uefi.bcd");
  g_autoptr (GString) found = g_string_new (NULL);
  g_autoptr (ValiseBcdStore) ours = NULL;
  g_autoptr (ValiseBcdStore) real = NULL;
  g_autofree char *our_path = NULL;

  if (path == NULL)
    return;
  our_path = write_ours ();
  ours = load (our_path);
  real = load (path);
  g_assert_cmpstr (ours->key_name, ==, real->key_name);
  g_assert_true (ours->treat_as_system);
  for (guint i = 0; i < ours->objects->len; i++)
    {
      const ValiseBcdObject *mine = ours->objects->pdata[i];
      const ValiseBcdObject *other = valise_bcd_store_find (real, &mine->guid);

      g_assert_nonnull (other);
      compare_object (found, mine, other);
    }
  for (guint i = 0; i < real->objects->len; i++)
    {
      const ValiseBcdObject *other = real->objects->pdata[i];

      if (valise_bcd_store_find (ours, &other->guid) == NULL)
        {
          g_autofree char *name = valise_guid_format (&other->guid);

          g_string_append_printf (found, "%.8s %08x only there\n", name, other->type);
        }
    }
  g_assert_cmpstr (found->str, ==,
                   "733b62e4 only there 14000008\n" /* recoverysequence */
                   "733b62e4 only there 16000009\n" /* recoveryenabled */
                   "733b62e4 only there 21000001\n" /* filedevice */
                   "733b62e4 only there 26000006\n" /* debugoptionenabled */
                   "733b62e5 16000009 0 not 1\n"
                   "733b62e5 only there 14000008\n"
                   "733b62e5 only there 15000066\n"
                   "733b62de 101fffff only there\n"   /* firmware: systemd-boot */
                   "733b62e2 101fffff only there\n"   /* firmware: UEFI OS */
                   "733b62e3 101fffff only there\n"   /* firmware: Windows */
                   "733b62e6 10200003 only there\n"   /* the recovery environment */
                   "733b62e7 30000000 only there\n"   /* its RAM disk */
                   "a5a30fa2 10100001 only there\n"); /* the firmware's boot manager */
}

#define ELEMENTS "Objects\\" LOADER "\\Elements\\"
#define TEXT_AND_MORE                                                                              \
  "41000000"                                                                                       \
  "42000000"

static const struct
{
  const char *name, *path, *value, *type, *data;
} damages[] = {
  { "device-short", ELEMENTS "11000001", "Element", "3", "00" },
  { "string-odd", ELEMENTS "12000004", "Element", "1", "410000" },
  { "string-and-more", ELEMENTS "12000004", "Element", "1", TEXT_AND_MORE },
  { "string-surrogate", ELEMENTS "12000004", "Element", "1", "00d80000" },
  { "string-binary", ELEMENTS "12000004", "Element", "3", "41000000" },
  { "object-no-guid", ELEMENTS "23000003", "Element", "1", "41000000" },
  { "object-empty", ELEMENTS "23000003", "Element", "1", "" },
  { "list-no-guid", ELEMENTS "14000006", "Element", "7",
    "4100000000"
    "00" },
  { "list-odd", ELEMENTS "14000006", "Element", "7", "000000" },
  { "list-as-string", ELEMENTS "14000006", "Element", "1", "0000" },
  { "integer-empty", ELEMENTS "25000020", "Element", "3", "" },
  { "integer-9", ELEMENTS "25000020", "Element", "3", "010203040506070809" },
  { "integer-dword", ELEMENTS "25000020", "Element", "4", "01000000" },
  { "boolean-empty", ELEMENTS "16000009", "Element", "3", "" },
  { "boolean-2", ELEMENTS "16000009", "Element", "3", "0100" },
  { "integers-7", ELEMENTS "17000077", "Element", "3", "01020304050607" },
  { "format-8", ELEMENTS "18000001", "Element", "3", "01" },
  { "format-0", ELEMENTS "10000001", "Element", "3", "01" },
  { "id-long", ELEMENTS "125000004", "Element", "3", "01" },
  { "id-short", ELEMENTS "5000004", "Element", "3", "01" },
  { "id-sign", ELEMENTS "+5000004", "Element", "3", "01" },
  { "id-no-hex", ELEMENTS "2500000g", "Element", "3", "01" },
  { "no-value", ELEMENTS "25000020", "0", "", "" },
  { "other-value", ELEMENTS "25000020", "element2", "3", "01" },
  { "object-name", "Objects\\LOADER\\Description", "Type", "4", "03002010" },
  { "object-name-no-braces", "Objects\\733b62e5-f608-11eb-825c-c112f60133ab\\Description", "Type",
    "4", "03002010" },
  { "type-short", "Objects\\" LOADER "\\Description", "Type", "4", "0300" },
  { "type-binary", "Objects\\" LOADER "\\Description", "Type", "3", "03002010" },
  { "no-type", "Objects\\" LOADER "\\Description", "0", "", "" },
  { "no-object-description", "Objects\\" LOADER "\\Description", "-", "", "" },
  { "no-elements", "Objects\\" LOADER "\\Elements", "-", "", "" },
  { "no-objects", "Objects", "-", "", "" },
  { "no-description", "Description", "-", "", "" },
};

static void
test_damaged (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *path = write_ours ();
  g_autoptr (GError) error = NULL;

  g_free (RUN (PYTHON, "-c", change_program, path, damages[i].path, damages[i].value,
               damages[i].type, damages[i].data));
  g_assert_null (valise_bcd_store_load (path, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
}

/* The change itself does no harm: what is right is read. */
static void
test_changed (void)
{
  g_autofree char *path = write_ours ();
  g_autoptr (ValiseBcdStore) store = NULL;

  g_free (RUN (PYTHON, "-c", change_program, path, ELEMENTS "25000020", "Element", "3", "0203"));
  g_free (RUN (PYTHON, "-c", change_program, path, ELEMENTS "14000006", "Element", "7", "0000"));
  store = load (path);
  g_assert_cmpuint (get (store, LOADER, 0x25000020)->integer, ==, 0x302);
  g_assert_cmpuint (get (store, LOADER, 0x14000006)->guids->len, ==, 0);
}

static void
test_no_store (void)
{
  g_autofree char *path = valise_scratch_build_path (scratch, "nothing");
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) large = g_bytes_new_take (g_malloc0 (9 << 20), 9 << 20);
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_bcd_store_load (path, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_READ);
  g_clear_error (&error);
  g_assert_null (valise_bcd_store_load (valise_scratch_get_path (scratch), &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (valise_bcd_store_parse (empty, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (valise_bcd_store_parse (large, &error));
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
}

/* Any damage ends in an error or in a store; the rest is for the sanitizers. */
static void
test_fuzz (gconstpointer data)
{
  g_autofree char *path = data != NULL ? find_fixture (data) : write_ours ();
  g_autoptr (GBytes) bytes = NULL;
  guint n_read = 0;
  gsize size;

  if (path == NULL)
    return;
  bytes = read_file (path);
  size = g_bytes_get_size (bytes);
  for (guint round = 0; round < 1000; round++)
    {
      guint8 *changed = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      g_autoptr (GBytes) damaged = NULL;
      g_autoptr (ValiseBcdStore) store = NULL;
      g_autoptr (GError) error = NULL;

      for (guint j = g_test_rand_int_range (1, 8); j > 0; j--)
        changed[g_test_rand_int_range (4096, MIN (size, 32768))] =
            j % 2 == 0 ? g_test_rand_int_range (0, 256) : "\0\1\177\200\377"[j % 5];
      damaged = g_bytes_new_take (changed, size);
      store = valise_bcd_store_parse (damaged, &error);
      g_assert_true ((store == NULL) == (error != NULL));
      if (store != NULL)
        n_read++;
      else
        g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
    }
  g_test_message ("%u of 1000 stores could be read all the same", n_read);
  g_assert_cmpuint (n_read, <, 1000);
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

  g_test_add_data_func ("/bcd-reader/dump/ours", NULL, test_dump);
  g_test_add_data_func ("/bcd-reader/dump/windows10", "windows10-uefi.bcd", test_dump);
  g_test_add_data_func ("/bcd-reader/dump/install-media", "install-media-amd64.bcd", test_dump);
  g_test_add_func ("/bcd-reader/windows10", test_windows10);
  g_test_add_func ("/bcd-reader/install-media", test_install_media);
  g_test_add_func ("/bcd-reader/like-real", test_like_real);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strconcat ("/bcd-reader/damaged/", damages[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_damaged);
    }
  g_test_add_func ("/bcd-reader/changed", test_changed);
  g_test_add_func ("/bcd-reader/no-store", test_no_store);
  g_test_add_data_func ("/bcd-reader/fuzz/ours", NULL, test_fuzz);
  g_test_add_data_func ("/bcd-reader/fuzz/windows10", "windows10-uefi.bcd", test_fuzz);
  g_test_add_data_func ("/bcd-reader/fuzz/install-media", "install-media-amd64.bcd", test_fuzz);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
