/* fuzz-bcd-device.c: a device element of a BCD store; what is understood is packed again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-bcd-device.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (ValiseBcdDevice) device = { 0 };
  g_autoptr (GError) error = NULL;

  if (!valise_bcd_device_parse (data, size, &device, &error))
    g_assert_nonnull (error);
  else if (device.kind != VALISE_BCD_DEVICE_OTHER)
    {
      g_autoptr (GBytes) packed = valise_bcd_device_pack (&device);
      g_auto (ValiseBcdDevice) again = { 0 };

      g_assert_true (valise_bcd_device_parse (g_bytes_get_data (packed, NULL),
                                              g_bytes_get_size (packed), &again, NULL));
      g_assert_cmpint (again.kind, ==, device.kind);
      g_assert_cmpuint (again.offset, ==, device.offset);
      g_assert_cmpuint (again.signature, ==, device.signature);
      g_assert_cmpuint (again.locate_element, ==, device.locate_element);
      g_assert_cmpstr (again.path, ==, device.path);
      g_assert_cmpint (again.parent, ==, device.parent);
      g_assert_cmpint (again.inner, ==, device.inner);
      g_assert_cmpuint (again.inner_offset, ==, device.inner_offset);
      g_assert_cmpuint (again.inner_signature, ==, device.inner_signature);
      g_assert_true (valise_guid_equal (&again.inner_disk_guid, &device.inner_disk_guid));
      g_assert_true (valise_guid_equal (&again.partition_guid, &device.partition_guid));
      g_assert_true (valise_guid_equal (&again.disk_guid, &device.disk_guid));
    }
  return 0;
}
