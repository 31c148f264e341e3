/* test-bcd-device.c: device elements against bytes of real stores, and against anything.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-bcd-device.h"
#include "core/valise-error.h"

#define ZERO8 "0000000000000000"
#define ZERO16 ZERO8 ZERO8

/* “\windows.vhd”, with its end. */
#define PATH \
  "5c00770069006e0064006f00770073002e00760068006400" \
  "0000"

/* The first three are out of real stores; the others are by the published layout. */
static const struct
{
  const char *name;
  const char *hex;
  ValiseBcdDeviceKind kind;
  const char *partition, *disk, *options, *path;
  guint64 offset;
  guint32 signature, element, type;
  ValiseBcdDeviceKind parent, inner;
  const char *inner_partition, *inner_disk;
  guint64 inner_offset;
  guint32 inner_signature;
} cases[] = {
  { "gpt",
    ZERO16 "06000000" "00000000" "48000000" "00000000" "382c0f8eeae4ba47b7fc9d8c74dccf0b"
    "00000000" "00000000" "a994230b5e097d488d48719ecd4d78ca" ZERO16,
    VALISE_BCD_DEVICE_GPT, "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b",
    "0b2394a9-095e-487d-8d48-719ecd4d78ca", .type = 6 },
  { "mbr",
    ZERO16 "06000000" "00000000" "48000000" "00000000" "0000501f00000000" ZERO8
    "00000000" "01000000" "b19ada43" "00000000" ZERO8 ZERO16,
    VALISE_BCD_DEVICE_MBR, .offset = 0x1f500000, .signature = 0x43da9ab1, .type = 6 },
  { "boot",
    ZERO16 "05000000" "00000000" "48000000" "00000000" ZERO16 ZERO16 ZERO16 ZERO8,
    VALISE_BCD_DEVICE_BOOT, .type = 5 },
  { "mbr-beyond-4-gib",
    ZERO16 "06000000" "00000000" "48000000" "00000000" "0000100002000000" ZERO8
    "00000000" "01000000" "04030201" "00000000" ZERO8 ZERO16,
    VALISE_BCD_DEVICE_MBR, .offset = G_GUINT64_CONSTANT (0x200100000), .signature = 0x01020304,
    .type = 6 },
  { "locate-element",
    ZERO16 "08000000" "00000000" "1e000000" "00000000" "00000000" "02000022" "00000000" "0000",
    VALISE_BCD_DEVICE_LOCATE, .element = 0x22000002, .type = 8 },
  { "locate-path",
    ZERO16 "08000000" "00000000" "24000000" "00000000" "00000000" "00000000" "00000000"
    "5c0061002e000000",
    VALISE_BCD_DEVICE_LOCATE, .path = "\\a.", .type = 8 },
  { "gpt-with-options",
    "11223344" "5566" "7788" "99aabbccddeeff00" "06000000" "01000000" "48000000" "00000000"
    "382c0f8eeae4ba47b7fc9d8c74dccf0b" "00000000" "00000000" "a994230b5e097d488d48719ecd4d78ca"
    ZERO16,
    VALISE_BCD_DEVICE_GPT, "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b",
    "0b2394a9-095e-487d-8d48-719ecd4d78ca", "44332211-6655-8877-99aa-bbccddeeff00", .type = 6 },
  { "vhd-locate-gpt",
    ZERO16 "08000000" "00000000" "c8000000" "00000000" "00000000" "02000012" "1e000000" "0000"
    ZERO8 "aa000000" "00000000" "06000000" ZERO16 "00000000"
    ZERO8 "82000000" "00000000" "05000000" "01000000" "6e000000" "05000000"
    "06000000" "00000000" "48000000" "00000000" "382c0f8eeae4ba47b7fc9d8c74dccf0b"
    "00000000" "00000000" "a994230b5e097d488d48719ecd4d78ca" ZERO16 PATH,
    VALISE_BCD_DEVICE_VHD_LOCATE, "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b",
    "0b2394a9-095e-487d-8d48-719ecd4d78ca", .path = "\\windows.vhd", .element = 0x12000002,
    .type = 8, .parent = VALISE_BCD_DEVICE_GPT },
  { "vhd-locate-mbr",
    ZERO16 "08000000" "00000000" "c8000000" "00000000" "00000000" "02000022" "1e000000" "0000"
    ZERO8 "aa000000" "00000000" "06000000" ZERO16 "00000000"
    ZERO8 "82000000" "00000000" "05000000" "01000000" "6e000000" "05000000"
    "06000000" "00000000" "48000000" "00000000" "0000501f00000000" ZERO8
    "00000000" "01000000" "b19ada43" "00000000" ZERO8 ZERO16 PATH,
    VALISE_BCD_DEVICE_VHD_LOCATE, .path = "\\windows.vhd", .offset = 0x1f500000,
    .signature = 0x43da9ab1, .element = 0x22000002, .type = 8, .parent = VALISE_BCD_DEVICE_MBR },
  { "vhd-locate-boot",
    ZERO16 "08000000" "00000000" "c8000000" "00000000" "00000000" "02000022" "1e000000" "0000"
    ZERO8 "aa000000" "00000000" "06000000" ZERO16 "00000000"
    ZERO8 "82000000" "00000000" "05000000" "01000000" "6e000000" "05000000"
    "05000000" "00000000" "48000000" "00000000" ZERO16 ZERO16 ZERO16 ZERO8 PATH,
    VALISE_BCD_DEVICE_VHD_LOCATE, .path = "\\windows.vhd", .element = 0x22000002, .type = 8,
    .parent = VALISE_BCD_DEVICE_BOOT },
  { "vhd-partition-gpt",
    ZERO16 "06000000" "00000000" "ba000000" "00000000" "382c0f8eeae4ba47b7fc9d8c74dccf0b"
    "06000000" "00000000" "a994230b5e097d488d48719ecd4d78ca"
    ZERO8 "82000000" "00000000" "05000000" "01000000" "6e000000" "05000000"
    "05000000" "00000000" "48000000" "00000000" ZERO16 ZERO16 ZERO16 ZERO8 PATH,
    VALISE_BCD_DEVICE_VHD_PARTITION, .path = "\\windows.vhd", .type = 6,
    .parent = VALISE_BCD_DEVICE_BOOT, .inner = VALISE_BCD_DEVICE_GPT,
    .inner_partition = "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b",
    .inner_disk = "0b2394a9-095e-487d-8d48-719ecd4d78ca" },
  { "vhd-partition-mbr",
    ZERO16 "06000000" "00000000" "ba000000" "00000000" "0000100000000000" ZERO8
    "06000000" "01000000" "b19ada43" "00000000" ZERO8
    ZERO8 "82000000" "00000000" "05000000" "01000000" "6e000000" "05000000"
    "06000000" "00000000" "48000000" "00000000" "382c0f8eeae4ba47b7fc9d8c74dccf0b"
    "00000000" "00000000" "a994230b5e097d488d48719ecd4d78ca" ZERO16 PATH,
    VALISE_BCD_DEVICE_VHD_PARTITION, "8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b",
    "0b2394a9-095e-487d-8d48-719ecd4d78ca", .path = "\\windows.vhd", .type = 6,
    .parent = VALISE_BCD_DEVICE_GPT, .inner = VALISE_BCD_DEVICE_MBR, .inner_offset = 0x100000,
    .inner_signature = 0x43da9ab1 },
};

/* Only the outer part is looked at. */
static const struct
{
  const char *name;
  const char *hex;
  guint32 type;
} others[] = {
  { "ramdisk", ZERO16 "00000000" "01000000" "14000000" "00000000" "03000000", 0 },
  { "vhd-partition",
    ZERO16 "06000000" "00000000" "48000000" "00000000" ZERO16 "06000000" "00000000" ZERO16 ZERO16,
    6 },
  { "raw-partition",
    ZERO16 "06000000" "00000000" "48000000" "00000000" ZERO16 "00000000" "02000000" ZERO16 ZERO16,
    6 },
  { "vhd-locate",
    ZERO16 "08000000" "00000000" "1e000000" "00000000" "00000000" "02000012" "1e000000" "0000", 8 },
  { "unknown", ZERO16 "ff000000" "00000000" "10000000" "00000000", 0xff },
};

static const char *const damaged[] = {
  "",
  ZERO16,
  ZERO16 "05000000" "00000000" "48000000" "000000",
  /* says it is smaller than what it has already had, or larger than it is */
  ZERO16 "ff000000" "00000000" "0f000000" "00000000" ZERO16,
  ZERO16 "ff000000" "00000000" "11000000" "00000000",
  ZERO16 "ff000000" "00000000" "ffffffff" "00000000",
  ZERO16 "06000000" "00000000" "49000000" "00000000" ZERO16 ZERO16 ZERO16 ZERO8,
  /* a partition, and a boot device, that end early */
  ZERO16 "06000000" "00000000" "47000000" "00000000" ZERO16 ZERO16 ZERO16 ZERO8,
  ZERO16 "06000000" "00000000" "10000000" "00000000",
  ZERO16 "05000000" "00000000" "10000000" "00000000",
  /* locate, without room for a path; with half of a surrogate pair as one */
  ZERO16 "08000000" "00000000" "1c000000" "00000000" "00000000" "02000022" "00000000",
  ZERO16 "08000000" "00000000" "20000000" "00000000" "00000000" "00000000" "00000000" "00d80000",
};

static GBytes *
from_hex (const char *hex)
{
  GByteArray *out = g_byte_array_new ();

  for (; *hex != '\0'; hex += 2)
    {
      guint8 byte = g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]);

      g_byte_array_append (out, &byte, 1);
    }
  return g_byte_array_free_to_bytes (out);
}

static void
assert_guid (const ValiseGuid *guid, const char *expected)
{
  g_autofree char *text = valise_guid_format (guid);

  g_assert_cmpstr (text, ==,
                   expected != NULL ? expected : "00000000-0000-0000-0000-000000000000");
}

static void
test_case (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GBytes) bytes = from_hex (cases[i].hex);
  g_autoptr (GBytes) packed = NULL;
  g_auto (ValiseBcdDevice) device = { 0 };
  g_autoptr (GError) error = NULL;

  valise_bcd_device_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &device,
                           &error);
  g_assert_no_error (error);
  g_assert_cmpint (device.kind, ==, cases[i].kind);
  g_assert_cmpuint (device.type, ==, cases[i].type);
  assert_guid (&device.partition_guid, cases[i].partition);
  assert_guid (&device.disk_guid, cases[i].disk);
  assert_guid (&device.options, cases[i].options);
  g_assert_cmpint (device.has_options, ==, cases[i].options != NULL);
  g_assert_cmpuint (device.offset, ==, cases[i].offset);
  g_assert_cmphex (device.signature, ==, cases[i].signature);
  g_assert_cmphex (device.locate_element, ==, cases[i].element);
  g_assert_cmpstr (device.path, ==, cases[i].path);
  g_assert_cmpint (device.parent, ==, cases[i].parent);
  g_assert_cmpint (device.inner, ==, cases[i].inner);
  assert_guid (&device.inner_partition_guid, cases[i].inner_partition);
  assert_guid (&device.inner_disk_guid, cases[i].inner_disk);
  g_assert_cmpuint (device.inner_offset, ==, cases[i].inner_offset);
  g_assert_cmphex (device.inner_signature, ==, cases[i].inner_signature);

  packed = valise_bcd_device_pack (&device);
  g_assert_cmpmem (g_bytes_get_data (packed, NULL), g_bytes_get_size (packed),
                   g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* Values that a store packs longer than they are (Windows does) mean the same. */
static void
test_longer (void)
{
  g_autofree char *hex = g_strconcat (cases[0].hex, "ffff", NULL);
  g_autoptr (GBytes) bytes = from_hex (hex);
  g_auto (ValiseBcdDevice) device = { 0 };

  g_assert_true (valise_bcd_device_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                          &device, NULL));
  assert_guid (&device.partition_guid, cases[0].partition);
}

static void
test_other (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GBytes) bytes = from_hex (others[i].hex);
      g_auto (ValiseBcdDevice) device = { 0 };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", others[i].name);
      valise_bcd_device_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &device,
                               &error);
      g_assert_no_error (error);
      g_assert_cmpint (device.kind, ==, VALISE_BCD_DEVICE_OTHER);
      g_assert_cmpuint (device.type, ==, others[i].type);
    }
}

static void
test_damaged (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GBytes) bytes = from_hex (damaged[i]);
      g_auto (ValiseBcdDevice) device = { 0 };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", damaged[i]);
      g_assert_false (valise_bcd_device_parse (g_bytes_get_data (bytes, NULL),
                                               g_bytes_get_size (bytes), &device, &error));
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED);
      g_assert_null (device.path);
    }
}

/* Anything may come. What is taken for a known kind is packed as it was, as far as it goes; each
 * buffer is allocated to measure, so that the sanitizers see one byte too many. */
static void
test_fuzz (void)
{
  for (guint round = 0; round < 20000; round++)
    {
      const guint i = g_test_rand_int_range (0, G_N_ELEMENTS (cases));
      g_autoptr (GBytes) good = from_hex (cases[i].hex);
      gsize size = g_bytes_get_size (good);
      g_autofree guint8 *bytes = g_memdup2 (g_bytes_get_data (good, NULL), size);
      g_autofree guint8 *cut = NULL;
      g_auto (ValiseBcdDevice) device = { 0 };

      for (guint j = g_test_rand_int_range (0, 5); j > 0; j--)
        bytes[g_test_rand_int_range (0, size)] = g_test_rand_int_range (0, 256);
      if (g_test_rand_bit ())
        size = g_test_rand_int_range (0, size + 1);
      cut = g_memdup2 (bytes, size);
      if (valise_bcd_device_parse (cut, size, &device, NULL) &&
          device.kind != VALISE_BCD_DEVICE_OTHER)
        {
          g_autoptr (GBytes) packed = valise_bcd_device_pack (&device);
          g_auto (ValiseBcdDevice) again = { 0 };

          g_assert_cmpuint (g_bytes_get_size (packed), <=, size + 2); /* a NUL more */
          g_assert_true (valise_bcd_device_parse (g_bytes_get_data (packed, NULL),
                                                  g_bytes_get_size (packed), &again, NULL));
          g_assert_cmpint (again.kind, ==, device.kind);
          g_assert_cmpuint (again.offset, ==, device.offset);
          g_assert_cmpstr (again.path, ==, device.path);
          g_assert_true (valise_guid_equal (&again.partition_guid, &device.partition_guid));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/bcd-device/cases/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/bcd-device/longer", test_longer);
  g_test_add_func ("/bcd-device/other", test_other);
  g_test_add_func ("/bcd-device/damaged", test_damaged);
  g_test_add_func ("/bcd-device/fuzz", test_fuzz);
  return g_test_run ();
}
