/* valise-bootmgr.c: stands in for Windows' boot manager on the sample's drives.
 *
 * An EFI program. Started by the firmware from the EFI partition, it does what a boot manager must
 * be able to do, and says on the first serial port what came of it:
 *
 * - it reads \EFI\Microsoft\Boot\BCD from the partition that it was started from;
 * - it looks up the boot manager's default loader, and the loader's device, in that store;
 * - it finds that partition among the firmware's, by the GUIDs of the partition and of its disk;
 * - it looks whether an NTFS volume begins there that knows where it lies.
 *
 * The last line begins with “VALISE-BOOT ok” or “VALISE-BOOT error”. The store is read with every
 * offset checked: it may be damaged on purpose. Hives: offsets as in the description by
 * M. Suhanov, “Windows registry file format specification”; device elements: 88 bytes, type 6.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <efi.h>

#define MAX_STORE (4 * 1024 * 1024)
#define BINS 4096 /* a hive's cells are counted from here */
#define BOOT_MANAGER "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
#define ELEMENT_DEVICE "11000001"
#define ELEMENT_PATH "12000002"
#define ELEMENT_DEFAULT "23000003"

typedef struct
{
  const UINT8 *data;
  UINT32 size;
} Bytes;

static EFI_BOOT_SERVICES *services;

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

static void
say (const char *text)
{
  while (*text != '\0')
    say_char (*text++);
}

static void
say_hex (UINT64 value, int digits)
{
  while (digits-- > 0)
    say_char ("0123456789abcdef"[value >> (4 * digits) & 15]);
}

static void
say_number (UINT64 value)
{
  char text[24];
  int n = 0;

  do
    text[n++] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  while (n > 0)
    say_char (text[--n]);
}

static UINT16
get16 (const UINT8 *p)
{
  return (UINT16)(p[0] | p[1] << 8);
}

static UINT32
get32 (const UINT8 *p)
{
  return get16 (p) | (UINT32)get16 (p + 2) << 16;
}

/* GUIDs lie in memory as Microsoft has them: the first three parts little-endian. */
static void
say_guid (const UINT8 *p)
{
  say_hex (get32 (p), 8);
  say_char ('-');
  say_hex (get16 (p + 4), 4);
  say_char ('-');
  say_hex (get16 (p + 6), 4);
  for (int i = 8; i < 16; i++)
    {
      if (i == 8 || i == 10)
        say_char ('-');
      say_hex (p[i], 2);
    }
}

static BOOLEAN
same (const UINT8 *a, const UINT8 *b, UINTN n)
{
  while (n > 0 && *a == *b)
    a++, b++, n--;
  return n == 0;
}

/* ---- the store ---- */

/* The contents of the cell at @offset, if it lies in the hive and has @least bytes. */
static BOOLEAN
get_cell (Bytes hive, UINT32 offset, UINT32 least, Bytes *cell)
{
  INT32 size;

  if (hive.size < BINS + 8 || offset > hive.size - BINS - 8)
    return FALSE;
  size = (INT32)get32 (hive.data + BINS + offset);
  if (size >= 0 || size == (INT32)0x80000000 || (UINT32)-size < least + 4
      || (UINT32)-size > hive.size - BINS - offset)
    return FALSE;
  cell->data = hive.data + BINS + offset + 4;
  cell->size = (UINT32)-size - 4;
  return TRUE;
}

static BOOLEAN
has_name (const UINT8 *name, UINT32 size, BOOLEAN is_ascii, const char *wanted)
{
  UINT32 step = is_ascii ? 1 : 2;

  for (; size >= step && *wanted != '\0'; name += step, size -= step, wanted++)
    {
      UINT16 c = is_ascii ? name[0] : get16 (name);

      if (c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
      if (c != (UINT16)*wanted)
        return FALSE;
    }
  return size == 0 && *wanted == '\0';
}

static BOOLEAN
get_key (Bytes hive, UINT32 offset, Bytes *key)
{
  return get_cell (hive, offset, 0x4c, key) && same (key->data, (const UINT8 *)"nk", 2);
}

/* @depth: lists of lists go one level down, no further. */
static BOOLEAN
find_in_list (Bytes hive, UINT32 offset, const char *name, int depth, Bytes *found)
{
  Bytes list;
  UINT32 step, n;
  BOOLEAN is_index;

  if (!get_cell (hive, offset, 4, &list))
    return FALSE;
  is_index = same (list.data, (const UINT8 *)"ri", 2);
  step = is_index || same (list.data, (const UINT8 *)"li", 2) ? 4 : 8;
  n = get16 (list.data + 2);
  if (n > (list.size - 4) / step)
    return FALSE;
  for (UINT32 i = 0; i < n; i++)
    {
      UINT32 entry = get32 (list.data + 4 + i * step);
      UINT32 size;

      if (is_index)
        {
          if (depth == 0 && find_in_list (hive, entry, name, 1, found))
            return TRUE;
          continue;
        }
      if (!get_key (hive, entry, found))
        return FALSE;
      size = get16 (found->data + 0x48);
      if (size <= found->size - 0x4c
          && has_name (found->data + 0x4c, size, (get16 (found->data + 2) & 0x20) != 0, name))
        return TRUE;
    }
  return FALSE;
}

static BOOLEAN
find_key (Bytes hive, Bytes parent, const char *name, Bytes *key)
{
  return get32 (parent.data + 0x14) > 0
         && find_in_list (hive, get32 (parent.data + 0x1c), name, 0, key);
}

/* The value “Element” of an object's element. */
static BOOLEAN
find_element (Bytes hive, Bytes objects, const char *object, const char *element, Bytes *value)
{
  Bytes key, list, entry;
  UINT32 n;

  if (!find_key (hive, objects, object, &key) || !find_key (hive, key, "elements", &key)
      || !find_key (hive, key, element, &key))
    return FALSE;
  n = get32 (key.data + 0x24);
  if (n == 0 || !get_cell (hive, get32 (key.data + 0x28), 4, &list) || n > list.size / 4)
    return FALSE;
  for (UINT32 i = 0; i < n; i++)
    {
      UINT32 name, size;

      if (!get_cell (hive, get32 (list.data + 4 * i), 0x14, &entry))
        return FALSE;
      name = get16 (entry.data + 2);
      size = get32 (entry.data + 4);
      if (name > entry.size - 0x14
          || !has_name (entry.data + 0x14, name, (get16 (entry.data + 0x10) & 1) != 0, "element"))
        continue;
      if ((size & 0x80000000) != 0) /* a few bytes lie in the place of their offset */
        {
          value->data = entry.data + 8;
          value->size = size & 7;
          return value->size <= 4;
        }
      if (!get_cell (hive, get32 (entry.data + 8), size, value))
        return FALSE;
      value->size = size;
      return TRUE;
    }
  return FALSE;
}

/* UTF-16 to what fits of it into @text, in small letters. */
static void
get_text (Bytes value, char *text, UINTN size)
{
  UINTN n = 0;

  for (UINT32 i = 0; i + 1 < value.size && n + 1 < size; i += 2)
    {
      UINT16 c = get16 (value.data + i);

      if (c == 0)
        break;
      text[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c < 0x80 ? (char)c : '?';
    }
  text[n] = '\0';
}

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

static BOOLEAN
read_block (EFI_HANDLE handle, UINT64 lba, UINT8 *block)
{
  EFI_BLOCK_IO *io;

  return services->HandleProtocol (handle, &block_io, (void **)&io) == EFI_SUCCESS
         && io->Media->BlockSize == 512
         && io->ReadBlocks (io, io->Media->MediaId, lba, 512, block) == EFI_SUCCESS;
}

static const EFI_DEVICE_PATH *
get_path (EFI_HANDLE handle)
{
  void *path;

  return services->HandleProtocol (handle, &device_path, &path) == EFI_SUCCESS ? path : NULL;
}

/* Looks for the partition that a device element names; checks its disk and what is on it. */
static const char *
find_partition (const UINT8 *element, UINT64 *start)
{
  EFI_HANDLE *handles;
  UINTN n;
  UINT8 block[512];

  if (services->LocateHandleBuffer (ByProtocol, &block_io, NULL, &n, &handles) != EFI_SUCCESS)
    return "the firmware knows no drives";
  for (UINTN i = 0; i < n; i++)
    {
      const EFI_DEVICE_PATH *path = get_path (handles[i]);
      const UINT8 *node = get_partition_node (path);
      BOOLEAN disk_found = FALSE;

      if (node == NULL || node[41] != 2 || !same (node + 24, element + 0x20, 16))
        continue;
      *start = get32 (node + 8) | (UINT64)get32 (node + 12) << 32;
      for (UINTN k = 0; k < n && !disk_found; k++)
        disk_found = is_parent (get_path (handles[k]), path) && read_block (handles[k], 1, block)
                     && same (block, (const UINT8 *)"EFI PART", 8)
                     && same (block + 56, element + 0x38, 16);
      if (!disk_found)
        return "the partition is on another disk";
      if (!read_block (handles[i], 0, block) || !same (block + 3, (const UINT8 *)"NTFS    ", 8))
        return "no NTFS volume in the partition";
      if (get32 (block + 0x1c) != *start)
        return "the NTFS volume does not know where it lies";
      return NULL;
    }
  return "no partition with that GUID";
}

/* ---- all of it ---- */

static const char *
start (EFI_HANDLE image)
{
  EFI_LOADED_IMAGE *loaded;
  const UINT8 *own;
  Bytes store, root, objects, value;
  char loader[48], path[128];
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
      || own == NULL || !same (own + 24, value.data + 0x20, 16))
    return "the boot manager's device is another partition";
  if (!find_element (store, objects, BOOT_MANAGER, ELEMENT_DEFAULT, &value))
    return "the boot manager has no default";
  get_text (value, loader, sizeof loader);
  if (!find_element (store, objects, loader, ELEMENT_PATH, &value))
    return "the loader has no path";
  get_text (value, path, sizeof path);
  if (!find_element (store, objects, loader, ELEMENT_DEVICE, &value) || value.size != 88)
    return "the loader has no device";
  if (get32 (value.data + 0x10) != 6 || get32 (value.data + 0x34) != 0)
    return "the loader's device is no GPT partition";
  wrong = find_partition (value.data, &at);
  if (wrong != NULL)
    return wrong;

  say ("VALISE-BOOT ok partition=");
  say_guid (value.data + 0x20);
  say (" disk=");
  say_guid (value.data + 0x38);
  say (" start=");
  say_number (at);
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
