/* valise-bcd-vhd.c: device elements of BCD stores: what is in a virtual disk.
 *
 * Such an element has other devices inside. One of those begins with the same 16 bytes as an
 * element has at 0x10: type, flags, its size from there on, 0. In order:
 *
 *   vhd=   a locate device (see valise-bcd-device.c) with an empty path; at 0x28 where its parent
 *          begins, counted from 0x10; the parent, a disk: 16 bytes of type 0, u32 6 (virtual),
 *          20 zero bytes; then a file
 *   else   a partition, with 6 at 0x30, and the virtual disk's signature or GUID; at 0x48 a file
 *   file   16 bytes of type 0; u32 5; u32 1; u32 size, counted from the 1 on; u32 5; the device
 *          that the file is on, 0x48 bytes; the file's path, UTF-16 with its end
 *
 * bcdedit writes the first one, for “vhd=[C:]\windows.vhd”.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-bcd-device-private.h"

#include "valise-hive.h"

#define HEAD_SIZE 0x10u   /* what each device inside begins with */
#define PARENT_SIZE 0x48u /* the device that the file is on, from its type on */
#define VIRTUAL_SIZE 24u  /* behind the head: 6, and a disk that is not named */
#define FILE_FIXED 12u    /* the three numbers in front of the parent */
#define FILE_VERSION 1u

#define LOCATE_PARENT 0x2eu /* behind an empty path */
#define LOCATE_FILE (LOCATE_PARENT + HEAD_SIZE + VIRTUAL_SIZE)
#define PARTITION_FILE 0x48u

/* The file with its head: @at is where the head begins, the element ends with the path. */
static void
pack_file (const ValiseBcdDevice *self, guint8 *data, gsize size, gsize at, GBytes *path)
{
  const ValiseBcdDevice parent = {
    .kind = self->parent,
    .partition_guid = self->partition_guid,
    .disk_guid = self->disk_guid,
    .offset = self->offset,
    .signature = self->signature,
  };
  g_autoptr (GBytes) packed = valise_bcd_device_pack (&parent);
  guint8 *file = data + at + HEAD_SIZE + 4;

  put32 (data + at + 8, size - at);
  put32 (data + at + HEAD_SIZE, ON_FILE);
  put32 (file, FILE_VERSION);
  put32 (file + 4, FILE_FIXED + PARENT_SIZE + g_bytes_get_size (path));
  put32 (file + 8, ON_FILE);
  memcpy (file + FILE_FIXED, (const guint8 *) g_bytes_get_data (packed, NULL) + 0x10,
          PARENT_SIZE);
  memcpy (file + FILE_FIXED + PARENT_SIZE, g_bytes_get_data (path, NULL),
          g_bytes_get_size (path));
}

static void
pack_inner (const ValiseBcdDevice *self, guint8 *data)
{
  put32 (data + 0x30, ON_VIRTUAL_DISK);
  if (self->inner == VALISE_BCD_DEVICE_GPT)
    {
      valise_guid_to_mixed (&self->inner_partition_guid, data + 0x20);
      put32 (data + 0x34, SCHEME_GPT);
      valise_guid_to_mixed (&self->inner_disk_guid, data + 0x38);
    }
  else
    {
      put32 (data + 0x20, self->inner_offset);
      put32 (data + 0x24, self->inner_offset >> 32);
      put32 (data + 0x34, SCHEME_MBR);
      put32 (data + 0x38, self->inner_signature);
    }
}

/**
 * valise_bcd_vhd_pack:
 * @self: a device of the kind %VALISE_BCD_DEVICE_VHD_LOCATE or %VALISE_BCD_DEVICE_VHD_PARTITION
 *
 * Any thread.
 *
 * Returns: (transfer full): the element's bytes
 */
GBytes *
valise_bcd_vhd_pack (const ValiseBcdDevice *self)
{
  const gboolean locate = self->kind == VALISE_BCD_DEVICE_VHD_LOCATE;
  g_autoptr (GBytes) path = valise_utf16_from_text (self->path);
  const gsize at = locate ? LOCATE_FILE : PARTITION_FILE;
  const gsize size = at + HEAD_SIZE + 4 + FILE_FIXED + PARENT_SIZE + g_bytes_get_size (path);
  guint8 *data = g_malloc0 (size);

  if (self->has_options)
    valise_guid_to_mixed (&self->options, data);
  put32 (data + 0x10, locate ? TYPE_LOCATE : TYPE_PARTITION);
  put32 (data + 0x14, self->has_options ? FLAG_OPTIONS : 0);
  put32 (data + 0x18, size - 0x10);
  if (locate)
    {
      put32 (data + 0x24, self->locate_element);
      put32 (data + 0x28, LOCATE_PARENT - 0x10);
      put32 (data + LOCATE_PARENT + 8, size - LOCATE_PARENT);
      put32 (data + LOCATE_PARENT + HEAD_SIZE, ON_VIRTUAL_DISK);
    }
  else
    {
      pack_inner (self, data);
    }
  pack_file (self, data, size, at, path);
  return g_bytes_new_take (data, size);
}

static gboolean
is_zero (const guint8 *data, gsize size)
{
  while (size > 0 && data[size - 1] == 0)
    size--;
  return size == 0;
}

/* Whether at @at there is the head of a disk, and enough behind it. */
static gboolean
check_head (const guint8 *data, gsize size, gsize at, gsize behind)
{
  return size >= at + HEAD_SIZE + behind && is_zero (data + at, 8)
         && get32 (data + at + 8) >= HEAD_SIZE + behind && get32 (data + at + 8) <= size - at;
}

static gboolean
parse_file (const guint8 *data, gsize size, gsize at, ValiseBcdDevice *self)
{
  const gsize least = FILE_FIXED + PARENT_SIZE + 2;
  g_autofree guint8 *parent_bytes = g_malloc0 (PARTITION_SIZE);
  g_auto (ValiseBcdDevice) parent = { 0 };
  const guint8 *file = data + at + HEAD_SIZE + 4;
  gsize length;

  if (!check_head (data, size, at, 4 + least) || get32 (data + at + HEAD_SIZE) != ON_FILE
      || get32 (file) != FILE_VERSION || get32 (file + 8) != ON_FILE)
    return FALSE;
  length = get32 (file + 4);
  if (length < least || length > size - at - HEAD_SIZE - 4)
    return FALSE;
  memcpy (parent_bytes + 0x10, file + FILE_FIXED, PARENT_SIZE);
  if (!valise_bcd_device_parse (parent_bytes, PARTITION_SIZE, &parent, NULL)
      || (parent.kind != VALISE_BCD_DEVICE_BOOT && parent.kind != VALISE_BCD_DEVICE_GPT
          && parent.kind != VALISE_BCD_DEVICE_MBR))
    return FALSE;
  self->path = valise_utf16_to_text (file + FILE_FIXED + PARENT_SIZE,
                                     length - FILE_FIXED - PARENT_SIZE, NULL);
  if (self->path == NULL || *self->path == '\0')
    {
      g_clear_pointer (&self->path, g_free);
      return FALSE;
    }
  self->parent = parent.kind;
  self->partition_guid = parent.partition_guid;
  self->disk_guid = parent.disk_guid;
  self->offset = parent.offset;
  self->signature = parent.signature;
  return TRUE;
}

static void
parse_locate (const guint8 *data, gsize size, ValiseBcdDevice *self)
{
  if (get32 (data + 0x28) != LOCATE_PARENT - 0x10 || get32 (data + 0x20) != 0
      || get32 (data + 0x24) == 0 || !check_head (data, size, LOCATE_PARENT, VIRTUAL_SIZE)
      || !is_zero (data + 0x2c, 2) || get32 (data + LOCATE_PARENT + HEAD_SIZE) != ON_VIRTUAL_DISK
      || !is_zero (data + LOCATE_PARENT + HEAD_SIZE + 4, VIRTUAL_SIZE - 4)
      || !parse_file (data, size, LOCATE_FILE, self))
    return;
  self->kind = VALISE_BCD_DEVICE_VHD_LOCATE;
  self->locate_element = get32 (data + 0x24);
}

static void
parse_partition (const guint8 *data, gsize size, ValiseBcdDevice *self)
{
  const guint32 scheme = get32 (data + 0x34);

  if (get32 (data + 0x30) != ON_VIRTUAL_DISK || scheme > SCHEME_MBR
      || !parse_file (data, size, PARTITION_FILE, self))
    return;
  self->kind = VALISE_BCD_DEVICE_VHD_PARTITION;
  if (scheme == SCHEME_GPT)
    {
      self->inner = VALISE_BCD_DEVICE_GPT;
      valise_guid_from_mixed (data + 0x20, &self->inner_partition_guid);
      valise_guid_from_mixed (data + 0x38, &self->inner_disk_guid);
    }
  else
    {
      self->inner = VALISE_BCD_DEVICE_MBR;
      self->inner_offset = get64 (data + 0x20);
      self->inner_signature = get32 (data + 0x38);
    }
}

/**
 * valise_bcd_vhd_parse:
 * @data: (array length=size): an element of the type locate with a parent, or partition that is not
 *   on a whole disk; as long as the shortest of those at least
 * @size: how many bytes there are; what the element says of itself
 * @self: where to put the device
 *
 * What is written in any other way is left as %VALISE_BCD_DEVICE_OTHER. Any thread.
 *
 * Returns: %TRUE
 */
gboolean
valise_bcd_vhd_parse (const guint8 *data, gsize size, ValiseBcdDevice *self)
{
  if (self->type == TYPE_LOCATE)
    parse_locate (data, size, self);
  else
    parse_partition (data, size, self);
  return TRUE;
}
