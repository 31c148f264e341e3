/* valise-bootmgr.c: stands in for Windows' boot manager on the sample's drives.
 *
 * An EFI program. Started by the firmware from the EFI partition, it does what a boot manager must
 * be able to do, and says on the first serial port what came of it:
 *
 * - it reads \EFI\Microsoft\Boot\BCD from the partition that it was started from;
 * - it looks up the boot manager's default loader, and the loader's device, in that store;
 * - it finds that partition among the firmware's: in a GPT by the GUIDs of the partition and of its
 *   disk, in an MBR by where it begins and by the disk's signature;
 * - it looks whether an NTFS volume begins there that knows where it lies.
 *
 * The last line begins with “VALISE-BOOT ok” or “VALISE-BOOT error”.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stdint.h>

#include <efi.h>

#define LARGEST_BLOCK 4096
#define MAX_STORE (4 * 1024 * 1024)

static EFI_BOOT_SERVICES *services;

static void say_char (char c);

#include "boot-common.h"

static EFI_GUID block_io
    = { 0x964e5b21, 0x6459, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static EFI_GUID device_path
    = { 0x09576e91, 0x6d3f, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static EFI_GUID loaded_image
    = { 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };
static EFI_GUID file_system
    = { 0x964e5b22, 0x6459, 0x11d2, { 0x8e, 0x39, 0, 0xa0, 0xc9, 0x69, 0x72, 0x3b } };

/* The compiler calls these by itself. */
void *memcpy (void *to, const void *from, UINTN n);
void *memset (void *to, int value, UINTN n);

void *
memcpy (void *to, const void *from, UINTN n)
{
  for (UINTN i = 0; i < n; i++)
    ((UINT8 *)to)[i] = ((const UINT8 *)from)[i];
  return to;
}

void *
memset (void *to, int value, UINTN n)
{
  for (UINTN i = 0; i < n; i++)
    ((UINT8 *)to)[i] = (UINT8)value;
  return to;
}

/* ---- the serial port ---- */

#ifdef __aarch64__
/* That of qemu's machine “virt”, a PL011. */
#define UART ((volatile UINT32 *)0x09000000)

static void
say_char (char c)
{
  for (UINT32 i = 0; i < 100000 && (UART[6] & 0x20) != 0; i++)
    ;
  UART[0] = (UINT8)c;
}
#else
static void
out (UINT16 port, UINT8 value)
{
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static UINT8
in (UINT16 port)
{
  UINT8 value;

  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static void
say_char (char c)
{
  for (UINT32 i = 0; i < 100000 && (in (0x3fd) & 0x20) == 0; i++)
    ;
  out (0x3f8, (UINT8)c);
}
#endif

/* ---- the store ---- */

static const char *
read_store (EFI_HANDLE device, Bytes *store)
{
  EFI_FILE_IO_INTERFACE *fs;
  EFI_FILE_HANDLE root, file;
  UINTN size = MAX_STORE;
  void *data;

  if (services->HandleProtocol (device, &file_system, (void **)&fs) != EFI_SUCCESS
      || fs->OpenVolume (fs, &root) != EFI_SUCCESS)
    return "no file system to start from";
  if (root->Open (root, &file, (CHAR16 *)L"\\EFI\\Microsoft\\Boot\\BCD", EFI_FILE_MODE_READ, 0)
      != EFI_SUCCESS)
    return "no BCD store";
  if (services->AllocatePool (EfiLoaderData, MAX_STORE, &data) != EFI_SUCCESS
      || file->Read (file, &size, data) != EFI_SUCCESS)
    return "the BCD store cannot be read";
  store->data = data;
  store->size = (UINT32)size;
  if (size < BINS + 32 || !same (data, (const UINT8 *)"regf", 4))
    return "the BCD store is no hive";
  return NULL;
}

/* ---- the drive ---- */

static UINT32
node_size (const EFI_DEVICE_PATH *node)
{
  return node->Length[0] | (UINT32)node->Length[1] << 8;
}

static const EFI_DEVICE_PATH *
next_node (const EFI_DEVICE_PATH *node)
{
  return (const EFI_DEVICE_PATH *)((const UINT8 *)node + node_size (node));
}

/* The hard-drive node of a partition, if @path ends in one. */
static const UINT8 *
get_partition_node (const EFI_DEVICE_PATH *path)
{
  const EFI_DEVICE_PATH *last = NULL;

  for (; path != NULL && path->Type != 0x7f && node_size (path) >= 4; path = next_node (path))
    last = path;
  return last != NULL && last->Type == 4 && last->SubType == 1 && node_size (last) >= 42
             ? (const UINT8 *)last
             : NULL;
}

/* Whether @disk is @partition without its last node. */
static BOOLEAN
is_parent (const EFI_DEVICE_PATH *disk, const EFI_DEVICE_PATH *partition)
{
  for (; disk != NULL && disk->Type != 0x7f;
       disk = next_node (disk), partition = next_node (partition))
    if (node_size (disk) != node_size (partition) || node_size (disk) < 4
        || !same ((const UINT8 *)disk, (const UINT8 *)partition, node_size (disk)))
      return FALSE;
  return disk != NULL && get_partition_node (partition) == (const UINT8 *)partition;
}

/* In the drive's own sectors. */
static BOOLEAN
read_block (EFI_HANDLE handle, UINT64 lba, UINT8 *block)
{
  EFI_BLOCK_IO *io;

  return services->HandleProtocol (handle, &block_io, (void **)&io) == EFI_SUCCESS
         && io->Media->BlockSize <= LARGEST_BLOCK
         && io->ReadBlocks (io, io->Media->MediaId, lba, io->Media->BlockSize, block)
              == EFI_SUCCESS;
}

static const EFI_DEVICE_PATH *
get_path (EFI_HANDLE handle)
{
  void *path;

  return services->HandleProtocol (handle, &device_path, &path) == EFI_SUCCESS ? path : NULL;
}

#define IS_MBR(element) (get32 ((element) + 0x34) == 1)

/* Whether a device element names the partition with the firmware's @node. */
static BOOLEAN
names (const UINT8 *element, const UINT8 *node)
{
  if (get32 (element + 0x10) != 6 || get32 (element + 0x30) != 0)
    return FALSE;
  if (!IS_MBR (element))
    return node[41] == 2 && same (node + 24, element + 0x20, 16);
  return node[40] == 1 && node[41] == 1 && same (node + 24, element + 0x38, 4)
         && get32 (node + 12) == 0 && get32 (element + 0x24) == get32 (node + 8) >> 23
         && get32 (element + 0x20) == get32 (node + 8) << 9;
}

/* Whether the whole drive @handle has the table that a device element names. */
static BOOLEAN
is_disk (EFI_HANDLE handle, const UINT8 *element, UINT8 *block)
{
  if (IS_MBR (element))
    return read_block (handle, 0, block) && same (block + 0x1b8, element + 0x38, 4);
  return read_block (handle, 1, block) && same (block, (const UINT8 *)"EFI PART", 8)
         && same (block + 56, element + 0x38, 16);
}

/* Looks for the partition that a device element names; checks its disk and what is on it. */
static const char *
find_partition (const UINT8 *element, UINT64 *start)
{
  EFI_HANDLE *handles;
  UINTN n;
  static UINT8 block[LARGEST_BLOCK];

  if (services->LocateHandleBuffer (ByProtocol, &block_io, NULL, &n, &handles) != EFI_SUCCESS)
    return "the firmware knows no drives";
  for (UINTN i = 0; i < n; i++)
    {
      const EFI_DEVICE_PATH *path = get_path (handles[i]);
      const UINT8 *node = get_partition_node (path);
      BOOLEAN disk_found = FALSE;

      if (node == NULL || !names (element, node))
        continue;
      *start = get32 (node + 8) | (UINT64)get32 (node + 12) << 32;
      for (UINTN k = 0; k < n && !disk_found; k++)
        disk_found = is_parent (get_path (handles[k]), path)
                     && is_disk (handles[k], element, block);
      if (!disk_found)
        return "the partition is on another disk";
      if (!read_block (handles[i], 0, block) || !same (block + 3, (const UINT8 *)"NTFS    ", 8))
        return "no NTFS volume in the partition";
      if (get32 (block + 0x1c) != *start)
        return "the NTFS volume does not know where it lies";
      return NULL;
    }
  return IS_MBR (element) ? "no partition there with that signature"
                          : "no partition with that GUID";
}

/* ---- virtual disks ---- */

#define LOCATE_FILE 0x56 /* where in such an element the disk's file begins */
#define FILE_PARENT (LOCATE_FILE + 0x10 + 4 + 12)
#define FILE_PATH (FILE_PARENT + 0x48)

/* Whether a device element is what bcdedit makes of “vhd=”: then its file's partition goes to
 * @partition, as an element of its own, and the file's name to @path. */
static BOOLEAN
get_vhd (Bytes element, UINT8 partition[88], char *path, UINTN path_size)
{
  Bytes text;

  if (element.size < FILE_PATH + 2 || get32 (element.data + 0x10) != 8
      || get32 (element.data + 0x18) != element.size - 0x10
      || get32 (element.data + 0x28) != 0x1e
      || get32 (element.data + 0x36) != element.size - 0x2e
      || get32 (element.data + 0x3e) != 6
      || get32 (element.data + LOCATE_FILE + 8) != element.size - LOCATE_FILE
      || get32 (element.data + LOCATE_FILE + 0x10) != 5
      || get32 (element.data + LOCATE_FILE + 0x14) != 1
      || get32 (element.data + LOCATE_FILE + 0x18) != element.size - LOCATE_FILE - 0x14
      || get32 (element.data + LOCATE_FILE + 0x1c) != 5)
    return FALSE;
  for (UINTN i = 0; i < 0x10; i++)
    partition[i] = 0;
  memcpy (partition + 0x10, element.data + FILE_PARENT, 0x48);
  text.data = element.data + FILE_PATH;
  text.size = element.size - FILE_PATH;
  get_text (text, path, path_size);
  return TRUE;
}

/* ---- all of it ---- */

static const char *
start (EFI_HANDLE image)
{
  EFI_LOADED_IMAGE *loaded;
  const UINT8 *own;
  Bytes store, root, objects, value;
  char loader[48], path[128], vhd[128] = "";
  UINT8 partition[88];
  const char *wrong;
  UINT64 at = 0;

  if (services->HandleProtocol (image, &loaded_image, (void **)&loaded) != EFI_SUCCESS)
    return "started from nowhere";
  wrong = read_store (loaded->DeviceHandle, &store);
  if (wrong != NULL)
    return wrong;
  if (!get_key (store, get32 (store.data + 0x24), &root)
      || !find_key (store, root, "objects", &objects))
    return "the BCD store has no objects";

  own = get_partition_node (get_path (loaded->DeviceHandle));
  if (!find_element (store, objects, BOOT_MANAGER, ELEMENT_DEVICE, &value) || value.size != 88
      || own == NULL || !names (value.data, own))
    return "the boot manager's device is another partition";
  if (!find_element (store, objects, BOOT_MANAGER, ELEMENT_DEFAULT, &value))
    return "the boot manager has no default";
  get_text (value, loader, sizeof loader);
  if (!find_element (store, objects, loader, ELEMENT_PATH, &value))
    return "the loader has no path";
  get_text (value, path, sizeof path);
  if (!find_element (store, objects, loader, ELEMENT_DEVICE, &value) || value.size < 88)
    return "the loader has no device";
  if (get_vhd (value, partition, vhd, sizeof vhd))
    {
      value.data = partition;
      value.size = sizeof partition;
    }
  if (value.size != sizeof partition)
    return "the loader has no device";
  if (get32 (value.data + 0x10) != 6 || get32 (value.data + 0x34) > 1)
    return "the loader's device is no partition";
  wrong = find_partition (value.data, &at);
  if (wrong != NULL)
    return wrong;

  say ("VALISE-BOOT ok ");
  if (IS_MBR (value.data))
    {
      say ("signature=");
      say_hex (get32 (value.data + 0x38), 8);
    }
  else
    {
      say ("partition=");
      say_guid (value.data + 0x20);
      say (" disk=");
      say_guid (value.data + 0x38);
    }
  say (" start=");
  say_number ((UINT32)at);
  if (vhd[0] != '\0')
    {
      say (" vhd=");
      say (vhd);
    }
  say (" ntfs=yes loader=");
  say (path);
  say ("\r\n");
  return NULL;
}

EFI_STATUS EFIAPI efi_main (EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

EFI_STATUS EFIAPI
efi_main (EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
  const char *wrong;

  services = system->BootServices;
  say ("\r\nVALISE-BOOT started\r\n");
  wrong = start (image);
  if (wrong != NULL)
    {
      say ("VALISE-BOOT error: ");
      say (wrong);
      say ("\r\n");
    }
  system->RuntimeServices->ResetSystem (EfiResetShutdown, EFI_SUCCESS, 0, NULL);
  return EFI_SUCCESS;
}
