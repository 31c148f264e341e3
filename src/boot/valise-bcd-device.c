/* valise-bcd-device.c: device elements of BCD stores: which partition something is on.
 *
 * What is in a virtual disk is in valise-bcd-vhd.c.
 *
 * Microsoft documents what devices there are, not how they are stored. The layout below is what
 * real stores have; tests/boot holds worked bytes. Everything is little-endian:
 *
 *   0x00  GUID of an object with options; zero without
 *   0x10  u32 type: 5 boot, 6 partition, 8 locate
 *   0x14  u32 flags: 1 with options
 *   0x18  u32 size, counted from 0x10
 *   0x1c  u32 0
 *   0x20  by type; for a partition:
 *         0x20 GPT: partition GUID; MBR: u64 first byte, u64 0
 *         0x30 u32 0 (the partition is on a whole disk)    0x34 u32 scheme: 0 GPT, 1 MBR
 *         0x38 GPT: disk GUID; MBR: u32 signature, zeros   0x48 16 zero bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-bcd-device.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"
#include "valise-bcd-device-private.h"
#include "valise-hive.h"

static void
pack_partition (const ValiseBcdDevice *self, guint8 *data)
{
  if (self->kind == VALISE_BCD_DEVICE_GPT)
    {
      valise_guid_to_mixed (&self->partition_guid, data + 0x20);
      put32 (data + 0x34, SCHEME_GPT);
      valise_guid_to_mixed (&self->disk_guid, data + 0x38);
    }
  else
    {
      put32 (data + 0x20, self->offset);
      put32 (data + 0x24, self->offset >> 32);
      put32 (data + 0x34, SCHEME_MBR);
      put32 (data + 0x38, self->signature);
    }
}

/**
 * valise_bcd_device_pack:
 * @self: a device; not of the kind %VALISE_BCD_DEVICE_OTHER
 *
 * Any thread.
 *
 * Returns: (transfer full): the element's bytes
 */
GBytes *
valise_bcd_device_pack (const ValiseBcdDevice *self)
{
  g_autoptr (GBytes) path = NULL;
  gsize size = PARTITION_SIZE;
  guint8 *data;

  g_return_val_if_fail (self->kind != VALISE_BCD_DEVICE_OTHER, NULL);
  if (self->kind == VALISE_BCD_DEVICE_VHD_LOCATE || self->kind == VALISE_BCD_DEVICE_VHD_PARTITION)
    return valise_bcd_vhd_pack (self);

  if (self->kind == VALISE_BCD_DEVICE_LOCATE)
    {
      path = valise_utf16_from_text (self->path != NULL ? self->path : "");
      size = LOCATE_SIZE + g_bytes_get_size (path);
    }
  data = g_malloc0 (size);
  if (self->has_options)
    valise_guid_to_mixed (&self->options, data);
  put32 (data + 0x14, self->has_options ? FLAG_OPTIONS : 0);
  put32 (data + 0x18, size - 0x10);

  if (self->kind == VALISE_BCD_DEVICE_BOOT)
    {
      put32 (data + 0x10, TYPE_BOOT);
    }
  else if (self->kind == VALISE_BCD_DEVICE_LOCATE)
    {
      put32 (data + 0x10, TYPE_LOCATE);
      put32 (data + 0x24, self->locate_element);
      memcpy (data + LOCATE_SIZE, g_bytes_get_data (path, NULL), g_bytes_get_size (path));
    }
  else
    {
      put32 (data + 0x10, TYPE_PARTITION);
      pack_partition (self, data);
    }
  return g_bytes_new_take (data, size);
}

static gboolean
set_damaged (GError **error)
{
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FAILED,
               _ ("The boot configuration names a partition in a way that cannot be right. Write "
                  "the drive again."));
  return FALSE;
}

/* @data has OUTER_SIZE bytes at least, @size fits what the element says of itself. */
static gboolean
parse_known (const guint8 *data, gsize size, ValiseBcdDevice *self)
{
  switch (self->type)
    {
    case TYPE_BOOT:
      self->kind = VALISE_BCD_DEVICE_BOOT;
      return size >= PARTITION_SIZE;

    case TYPE_PARTITION:
      if (size < PARTITION_SIZE)
        return FALSE;
      if (get32 (data + 0x30) != ON_WHOLE_DISK)
        return valise_bcd_vhd_parse (data, size, self);
      if (get32 (data + 0x34) == SCHEME_GPT)
        {
          self->kind = VALISE_BCD_DEVICE_GPT;
          valise_guid_from_mixed (data + 0x20, &self->partition_guid);
          valise_guid_from_mixed (data + 0x38, &self->disk_guid);
        }
      else if (get32 (data + 0x34) == SCHEME_MBR)
        {
          self->kind = VALISE_BCD_DEVICE_MBR;
          self->offset = get64 (data + 0x20);
          self->signature = get32 (data + 0x38);
        }
      return TRUE;

    case TYPE_LOCATE:
      if (size < LOCATE_SIZE + 2)
        return FALSE;
      if (get32 (data + 0x28) != 0)
        return valise_bcd_vhd_parse (data, size, self);
      self->kind = VALISE_BCD_DEVICE_LOCATE;
      self->locate_element = get32 (data + 0x24);
      self->path = valise_utf16_to_text (data + LOCATE_SIZE, size - LOCATE_SIZE, NULL);
      if (self->path != NULL && *self->path == '\0')
        g_clear_pointer (&self->path, g_free);
      else if (self->path == NULL)
        return FALSE;
      return TRUE;

    default:
      return TRUE;
    }
}

/**
 * valise_bcd_device_parse:
 * @data: (array length=size): the element's bytes, which may be anything
 * @size: how many there are
 * @self: (out caller-allocates): where to put the device; cleared on failure
 * @error: where to put %VALISE_DRIVE_ERROR_FAILED
 *
 * Takes a device element apart. Kinds that Valise does not write are %VALISE_BCD_DEVICE_OTHER; of
 * those only the outer part is checked. Any thread.
 *
 * Returns: whether the bytes are a device
 */
gboolean
valise_bcd_device_parse (gconstpointer data, gsize size, ValiseBcdDevice *self, GError **error)
{
  const guint8 *bytes = data;
  guint32 flags, inner;

  memset (self, 0, sizeof *self);
  self->kind = VALISE_BCD_DEVICE_OTHER;
  if (size < OUTER_SIZE)
    return set_damaged (error);

  self->type = get32 (bytes + 0x10);
  flags = get32 (bytes + 0x14);
  inner = get32 (bytes + 0x18);
  if (inner < OUTER_SIZE - 0x10 || inner > size - 0x10)
    return set_damaged (error);
  self->has_options = (flags & FLAG_OPTIONS) != 0;
  if (self->has_options)
    valise_guid_from_mixed (bytes, &self->options);
  if (!parse_known (bytes, inner + 0x10, self))
    {
      valise_bcd_device_clear (self);
      return set_damaged (error);
    }
  return TRUE;
}

/**
 * valise_bcd_device_clear:
 * @self: a device
 *
 * Frees what @self holds, not @self.
 */
void
valise_bcd_device_clear (ValiseBcdDevice *self)
{
  g_clear_pointer (&self->path, g_free);
}
