/* test-bcd.c: the store that we build, read by python3-hivex, against what bcdboot writes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-bcd.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

/* Devices as a real store has them: in ../shared/fixtures/bcd/windows10-uefi.bcd. */
#define ON_DISK "0000000000000000a994230b5e097d488d48719ecd4d78ca00000000000000000000000000000000"
#define PARTITION "0000000000000000000000000000000006000000000000004800000000000000"
#define ESP PARTITION "5539be36bf636840a6ab00195cca3a22" ON_DISK
#define OS PARTITION "382c0f8eeae4ba47b7fc9d8c74dccf0b" ON_DISK
#define MBR_ON_DISK "0000000000000000000000000100000078563412" \
  "00000000000000000000000000000000000000000000000000000000"
#define MBR_BOOT PARTITION "0000100000000000" MBR_ON_DISK
#define MBR_OS PARTITION "0000f01500000000" MBR_ON_DISK
#define LOADER "{733b62e5-f608-41eb-825c-c112f60133ab}"
#define RESUME "{733b62e4-f608-41eb-825c-c112f60133ab}"

/* What bcdboot writes for a UEFI system, as a description of it by others has it, and
 * recoveryenabled (16000009). A line has an element’s key, its registry type and its value; those
 * of text as text. */
static const char expected[] =
    "KeyName 1 BCD00000000\n"
    "System 4 01000000\n"
    "TreatAsSystem 4 01000000\n"
    "{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9} 20100000\n"
    "  16000020 3 00\n"
    "{1afa9c49-16ab-4a5c-901b-212802da9460} 20200004\n"
    "  14000006 7 {7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}\n"
    "{4636856e-540f-4170-a130-a84776f4c654} 20100000\n"
    "  15000011 3 0400000000000000\n"
    "{5189b25c-5558-4bf2-bca4-289b11bd29e2} 20100000\n"
    "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7} 20200003\n"
    "  14000006 7 "
    "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e},{7ff607e0-4395-11db-b0de-0800200c9a66}\n" RESUME
    " 10200004\n"
    "  11000001 3 " OS "\n"
    "  12000002 1 \\windows\\system32\\winresume.efi\n"
    "  12000004 1 Windows Resume Application\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {1afa9c49-16ab-4a5c-901b-212802da9460}\n"
    "  16000060 3 01\n"
    "  17000077 3 7500001500000000\n"
    "  22000002 1 \\hiberfil.sys\n"
    "  25000008 3 0100000000000000\n" LOADER " 10200003\n"
    "  11000001 3 " OS "\n"
    "  12000002 1 \\windows\\system32\\winload.efi\n"
    "  12000004 1 Windows 11 für unterwegs\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {6efb52bf-1766-41db-a6b3-0ee5eff72bd7}\n"
    "  16000009 3 00\n"
    "  16000060 3 01\n"
    "  17000077 3 7500001500000000\n"
    "  21000001 3 " OS "\n"
    "  22000002 1 \\windows\n"
    "  23000003 1 " RESUME "\n"
    "  25000020 3 0000000000000000\n"
    "  250000c2 3 0100000000000000\n"
    "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e} 20100000\n"
    "  14000006 7 {4636856e-540f-4170-a130-a84776f4c654},{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9},"
    "{5189b25c-5558-4bf2-bca4-289b11bd29e2}\n"
    "{7ff607e0-4395-11db-b0de-0800200c9a66} 20200003\n"
    "  250000f3 3 0000000000000000\n"
    "  250000f4 3 0100000000000000\n"
    "  250000f5 3 00c2010000000000\n"
    "{9dea862c-5cdd-4e70-acc1-f32b344d4795} 10100002\n"
    "  11000001 3 " ESP "\n"
    "  12000002 1 \\EFI\\Microsoft\\Boot\\bootmgfw.efi\n"
    "  12000004 1 Windows Boot Manager\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}\n"
    "  23000003 1 " LOADER "\n"
    "  23000006 1 " RESUME "\n"
    "  24000001 7 " LOADER "\n"
    "  24000010 7 {b2721d73-1db4-4c62-bf78-c548a880142d}\n"
    "  25000004 3 1e00000000000000\n"
    "{b2721d73-1db4-4c62-bf78-c548a880142d} 10200005\n"
    "  11000001 3 " ESP "\n"
    "  12000002 1 \\EFI\\Microsoft\\Boot\\memtest.efi\n"
    "  12000004 1 Windows Memory Diagnostic\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}\n"
    "  1600000b 3 01\n";

/* The same for a BIOS system, from the same description. */
static const char expected_bios[] =
    "KeyName 1 BCD00000000\n"
    "System 4 01000000\n"
    "TreatAsSystem 4 01000000\n"
    "{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9} 20100000\n"
    "  16000020 3 00\n"
    "{1afa9c49-16ab-4a5c-901b-212802da9460} 20200004\n"
    "  14000006 7 {7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}\n"
    "{4636856e-540f-4170-a130-a84776f4c654} 20100000\n"
    "  15000011 3 0400000000000000\n"
    "{5189b25c-5558-4bf2-bca4-289b11bd29e2} 20100000\n"
    "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7} 20200003\n"
    "  14000006 7 "
    "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e},{7ff607e0-4395-11db-b0de-0800200c9a66}\n" RESUME
    " 10200004\n"
    "  11000001 3 " MBR_OS "\n"
    "  12000002 1 \\windows\\system32\\winresume.exe\n"
    "  12000004 1 Windows Resume Application\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {1afa9c49-16ab-4a5c-901b-212802da9460}\n"
    "  17000077 3 7500001500000000\n"
    "  22000002 1 \\hiberfil.sys\n"
    "  25000008 3 0100000000000000\n" LOADER " 10200003\n"
    "  11000001 3 " MBR_OS "\n"
    "  12000002 1 \\windows\\system32\\winload.exe\n"
    "  12000004 1 Windows 11 für unterwegs\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {6efb52bf-1766-41db-a6b3-0ee5eff72bd7}\n"
    "  16000009 3 00\n"
    "  17000077 3 7500001500000000\n"
    "  21000001 3 " MBR_OS "\n"
    "  22000002 1 \\windows\n"
    "  23000003 1 " RESUME "\n"
    "  25000020 3 0000000000000000\n"
    "  250000c2 3 0100000000000000\n"
    "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e} 20100000\n"
    "  14000006 7 {4636856e-540f-4170-a130-a84776f4c654},{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9},"
    "{5189b25c-5558-4bf2-bca4-289b11bd29e2}\n"
    "{7ff607e0-4395-11db-b0de-0800200c9a66} 20200003\n"
    "  250000f3 3 0000000000000000\n"
    "  250000f4 3 0100000000000000\n"
    "  250000f5 3 00c2010000000000\n"
    "{9dea862c-5cdd-4e70-acc1-f32b344d4795} 10100002\n"
    "  11000001 3 " MBR_BOOT "\n"
    "  12000004 1 Windows Boot Manager\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}\n"
    "  23000003 1 " LOADER "\n"
    "  23000006 1 " RESUME "\n"
    "  24000001 7 " LOADER "\n"
    "  24000010 7 {b2721d73-1db4-4c62-bf78-c548a880142d}\n"
    "  25000004 3 1e00000000000000\n"
    "{b2721d73-1db4-4c62-bf78-c548a880142d} 10200005\n"
    "  11000001 3 " MBR_BOOT "\n"
    "  12000002 1 \\boot\\memtest.exe\n"
    "  12000004 1 Windows Memory Diagnostic\n"
    "  12000005 1 de-DE\n"
    "  14000006 7 {7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}\n"
    "  1600000b 3 01\n";

static const char dump_program[] =
    "import hivex, sys\n"
    "h = hivex.Hivex(sys.argv[1])\n"
    "def show(t, data):\n"
    "    if t in (1, 7):\n"
    "        text = data.decode('utf-16-le')\n"
    "        end = '\\0' if t == 1 else '\\0\\0'\n"
    "        assert text.endswith(end) and not text[:-len(end)].endswith('\\0'), text\n"
    "        return text[:-len(end)].replace('\\0', ',')\n"
    "    return data.hex()\n"
    "def child(node, name):\n"
    "    found = [c for c in h.node_children(node) if h.node_name(c) == name]\n"
    "    assert len(found) == 1, name\n"
    "    return found[0]\n"
    "def only(node, name):\n"
    "    values = h.node_values(node)\n"
    "    assert len(values) == 1 and h.value_key(values[0]) == name, name\n"
    "    return h.value_value(values[0])\n"
    "assert [h.node_name(c) for c in h.node_children(h.root())] == ['Description', 'Objects']\n"
    "for v in h.node_values(child(h.root(), 'Description')):\n"
    "    t, data = h.value_value(v)\n"
    "    print(h.value_key(v), t, show(t, data))\n"
    "for o in h.node_children(child(h.root(), 'Objects')):\n"
    "    t, data = only(child(o, 'Description'), 'Type')\n"
    "    assert t == 4 and len(data) == 4\n"
    "    print(h.node_name(o), data[::-1].hex())\n"
    "    assert len(h.node_children(o)) == 2\n"
    "    for e in h.node_children(child(o, 'Elements')):\n"
    "        t, data = only(e, 'Element')\n"
    "        print(' ', h.node_name(e), t, show(t, data))\n";

static ValiseScratch *scratch;

static void
set_guid (ValiseGuid *guid, const char *text)
{
  g_assert_true (valise_guid_parse (text, guid, NULL));
}

static ValiseBcdDevice boot, os;

static ValiseBcdOptions
get_options (void)
{
  ValiseBcdOptions options = {
    .description = "Windows 11 für unterwegs",
    .locale = "de-DE",
    .boot_device = &boot,
    .os_device = &os,
  };

  boot.kind = os.kind = VALISE_BCD_DEVICE_GPT;
  set_guid (&boot.disk_guid, "0b2394a9-095e-487d-8d48-719ecd4d78ca");
  set_guid (&boot.partition_guid, "36be3955-63bf-4068-a6ab-00195cca3a22");
  os.disk_guid = boot.disk_guid;
  set_guid (&os.partition_guid, "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b");
  set_guid (&options.loader_guid, LOADER);
  set_guid (&options.resume_guid, RESUME);
  return options;
}

static void
assert_elements (const ValiseBcdOptions *options, const char *wanted)
{
  g_autofree char *path = valise_scratch_build_path (scratch, "BCD");
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) store = valise_bcd_build (options, scratch, &error);
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  write_file (path, g_bytes_get_data (store, NULL), g_bytes_get_size (store));
  found = RUN (PYTHON, "-c", dump_program, path);
  g_assert_cmpstr (found, ==, wanted);
}

static void
test_elements (void)
{
  const ValiseBcdOptions options = get_options ();

  assert_elements (&options, expected);
}

static void
test_bios (void)
{
  ValiseBcdOptions options = get_options ();
  const ValiseBcdDevice mbr_boot
      = { .kind = VALISE_BCD_DEVICE_MBR, .offset = 0x100000, .signature = 0x12345678 };
  const ValiseBcdDevice mbr_os
      = { .kind = VALISE_BCD_DEVICE_MBR, .offset = 0x15f00000, .signature = 0x12345678 };

  options.firmware = VALISE_FIRMWARE_BIOS;
  options.boot_device = &mbr_boot;
  options.os_device = &mbr_os;
  assert_elements (&options, expected_bios);
}

static void
test_same_bytes (void)
{
  ValiseBcdOptions options = get_options ();
  g_autoptr (GBytes) first = valise_bcd_build (&options, scratch, NULL);
  g_autoptr (GBytes) second = NULL;
  g_autoptr (GBytes) other = NULL;
  g_autofree char *left = valise_scratch_build_path (scratch, "bcd");

  g_usleep (1100000);
  second = valise_bcd_build (&options, scratch, NULL);
  os.partition_guid.bytes[15] ^= 1;
  other = valise_bcd_build (&options, scratch, NULL);
  g_assert_true (g_bytes_equal (first, second));
  g_assert_false (g_bytes_equal (first, other));
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
}

/* hivexsh opens it too, and the file says of itself that it was closed properly. */
static void
test_hivexsh (void)
{
  const ValiseBcdOptions options = get_options ();
  g_autofree char *path = valise_scratch_build_path (scratch, "BCD-sh");
  g_autoptr (GBytes) store = valise_bcd_build (&options, scratch, NULL);
  const guint8 *data = g_bytes_get_data (store, NULL);
  g_autofree char *found = NULL;

  write_file (path, data, g_bytes_get_size (store));
  g_assert_cmpmem (data + 4, 4, data + 8, 4);
  found = RUN ("hivexget", path, "Objects\\" LOADER "\\Elements\\22000002", "Element");
  g_assert_cmpstr (found, ==, "\\windows\n");
}

/* The folder for temporary files is gone, or holds something in the way. */
static void
test_no_folder (void)
{
  const ValiseBcdOptions options = get_options ();
  g_autoptr (ValiseScratch) gone = valise_scratch_new (NULL);
  g_autoptr (GError) error = NULL;

  valise_remove_tree (valise_scratch_get_path (gone));
  g_assert_null (valise_bcd_build (&options, gone, &error));
  g_assert_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, valise_scratch_get_path (gone)));
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

  g_test_add_func ("/bcd/elements", test_elements);
  g_test_add_func ("/bcd/bios", test_bios);
  g_test_add_func ("/bcd/same-bytes", test_same_bytes);
  g_test_add_func ("/bcd/hivexsh", test_hivexsh);
  g_test_add_func ("/bcd/no-folder", test_no_folder);
  result = g_test_run ();
  valise_scratch_free (scratch);
  valise_remove_tree (cache);
  return result;
}
