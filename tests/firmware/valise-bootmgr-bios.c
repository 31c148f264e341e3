/* valise-bootmgr-bios.c: stands in for Windows' bootmgr on the sample's drives.
 *
 * A program for a BIOS, in real mode, as Windows' is: it is loaded to 2000:0000 and gets the
 * drive's number in DL, and the boot sector of its partition at 0000:7c00. All that it has lies in
 * the 64 KiB from there on. It does what a boot manager must be able to do, and says on the first
 * serial port what came of it:
 *
 * - it reads \Boot\BCD from the FAT32 partition that the boot sector is of, through the BIOS;
 * - it looks up the boot manager's default loader, and the loader's device, in that store;
 * - it looks whether the drive has that signature, an entry for that partition in its table, and an
 *   NTFS volume there that knows where it lies.
 *
 * The last line begins with “VALISE-BOOT ok” or “VALISE-BOOT error”. The computer is switched off
 * by a device that qemu has for it, isa-debug-exit at 0x501.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <stddef.h>
#include <stdint.h>

typedef uint8_t UINT8;
typedef uint16_t UINT16;
typedef uint32_t UINT32;
typedef uint64_t UINT64;
typedef int32_t INT32;
typedef uintptr_t UINTN;
typedef UINT8 BOOLEAN;
#define TRUE 1
#define FALSE 0

static void say_char (char c);

#include "boot-common.h"

#define SEGMENT 0x2000
#define MAX_STORE 32768
#define FAT_END 0x0ffffff8

/* What is entered, at 2000:0000. */
__asm__(".section .text.start, \"ax\"\n"
        ".globl start\n"
        "start:\n"
        "  cli\n"
        "  movw %cs, %ax\n"
        "  movw %ax, %ds\n"
        "  movw %ax, %es\n"
        "  movw %ax, %ss\n"
        "  movl $0xfff0, %esp\n"
        "  sti\n"
        "  cld\n"
        "  movzbl %dl, %eax\n"
        "  pushl %eax\n"
        "  calll run\n"
        "1: hlt\n"
        "  jmp 1b\n"
        ".text\n");

void run (UINT32 number);
void *memcpy (void *to, const void *from, size_t n);
void *memset (void *to, int value, size_t n);

/* Above the code; what the file has there is overwritten. */
static UINT8 store_bytes[MAX_STORE];
static UINT8 boot_sector[512];
static UINT8 sector[512];
static UINT8 drive;

void *
memcpy (void *to, const void *from, size_t n)
{
  for (size_t i = 0; i < n; i++)
    ((UINT8 *)to)[i] = ((const UINT8 *)from)[i];
  return to;
}

void *
memset (void *to, int value, size_t n)
{
  for (size_t i = 0; i < n; i++)
    ((UINT8 *)to)[i] = (UINT8)value;
  return to;
}

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

/* ---- the drive ---- */

/* INT 13h, AH = 42h: extended read of one sector. */
static BOOLEAN
read_sector (UINT32 lba, UINT8 *to)
{
  struct
  {
    UINT8 size, zero;
    UINT16 n, offset, segment;
    UINT32 low, high;
  } packet = { 16, 0, 1, (UINT16)(UINTN)to, SEGMENT, lba, 0 };
  UINT8 failed;
  UINT32 ax = 0x4200;

  __asm__ volatile("int $0x13; setc %0"
                   : "=q"(failed), "+a"(ax)
                   : "d"((UINT32)drive), "S"(&packet)
                   : "memory", "cc");
  return !failed;
}

static void
get_boot_sector (void)
{
  UINT32 zero = 0;

  __asm__ volatile("movw %w0, %%fs" : : "r"(zero));
  for (UINT32 i = 0; i < 512; i++)
    {
      UINT8 byte;

      __asm__ volatile("movb %%fs:(%1), %0" : "=q"(byte) : "r"(0x7c00 + i));
      boot_sector[i] = byte;
    }
}

/* ---- FAT32 ---- */

static UINT32
first_sector (UINT32 cluster)
{
  UINT32 hidden = get32 (boot_sector + 0x1c);
  UINT32 data = get16 (boot_sector + 0x0e) + boot_sector[0x10] * get32 (boot_sector + 0x24);

  return hidden + data + (cluster - 2) * boot_sector[0x0d];
}

static UINT32
next_cluster (UINT32 cluster)
{
  UINT32 at = get32 (boot_sector + 0x1c) + get16 (boot_sector + 0x0e) + cluster / 128;

  return read_sector (at, sector) ? get32 (sector + cluster % 128 * 4) & 0x0fffffff : FAT_END;
}

/* The first cluster of what is called @name, in the folder that begins at @cluster; 0 for none. */
static UINT32
find (UINT32 cluster, const char *name, UINT32 *size)
{
  for (; cluster >= 2 && cluster < FAT_END; cluster = next_cluster (cluster))
    for (UINT32 i = 0; i < boot_sector[0x0d]; i++)
      {
        if (!read_sector (first_sector (cluster) + i, sector))
          return 0;
        for (const UINT8 *entry = sector; entry < sector + 512; entry += 32)
          if (entry[0x0b] != 0x0f && same (entry, (const UINT8 *)name, 11))
            {
              *size = get32 (entry + 0x1c);
              return get16 (entry + 0x1a) | (UINT32)get16 (entry + 0x14) << 16;
            }
      }
  return 0;
}

static const char *
read_store (Bytes *store)
{
  UINT32 size = 0, done = 0;
  UINT32 cluster = find (get32 (boot_sector + 0x2c), "BOOT       ", &size);

  if (cluster != 0)
    cluster = find (cluster, "BCD        ", &size);
  if (cluster == 0)
    return "no BCD store";
  if (size > MAX_STORE)
    return "the BCD store is too large";
  for (; done < size && cluster >= 2 && cluster < FAT_END; cluster = next_cluster (cluster))
    for (UINT32 i = 0; i < boot_sector[0x0d] && done < size; i++, done += 512)
      if (!read_sector (first_sector (cluster) + i, store_bytes + done))
        return "the BCD store cannot be read";
  store->data = store_bytes;
  store->size = size;
  if (done < size || size < BINS + 32 || !same (store_bytes, (const UINT8 *)"regf", 4))
    return "the BCD store is no hive";
  return NULL;
}

/* ---- the partitions ---- */

/* Whether a device element names a partition of this drive; @start is where it begins. */
static BOOLEAN
find_partition (const UINT8 *element, UINT32 *start)
{
  *start = get32 (element + 0x20) >> 9 | get32 (element + 0x24) << 23;
  if (get32 (element + 0x10) != 6 || get32 (element + 0x30) != 0 || get32 (element + 0x34) != 1
      || !read_sector (0, sector) || !same (sector + 0x1b8, element + 0x38, 4))
    return FALSE;
  for (UINT32 i = 0; i < 4; i++)
    if (sector[0x1be + 16 * i + 4] != 0 && get32 (sector + 0x1be + 16 * i + 8) == *start)
      return TRUE;
  return FALSE;
}

static const char *
look (void)
{
  Bytes store, root, objects, value;
  char loader[48], path[128];
  const char *wrong;
  UINT32 at = 0;

  get_boot_sector ();
  if (!same (boot_sector + 0x52, (const UINT8 *)"FAT32   ", 8) || get16 (boot_sector + 0x0b) != 512)
    return "no boot sector of FAT32 was handed over";
  wrong = read_store (&store);
  if (wrong != NULL)
    return wrong;
  if (!get_key (store, get32 (store.data + 0x24), &root)
      || !find_key (store, root, "objects", &objects))
    return "the BCD store has no objects";
  if (!find_element (store, objects, BOOT_MANAGER, ELEMENT_DEVICE, &value) || value.size != 88
      || !find_partition (value.data, &at) || at != get32 (boot_sector + 0x1c))
    return "the boot manager's device is another partition";
  if (!find_element (store, objects, BOOT_MANAGER, ELEMENT_DEFAULT, &value))
    return "the boot manager has no default";
  get_text (value, loader, sizeof loader);
  if (!find_element (store, objects, loader, ELEMENT_PATH, &value))
    return "the loader has no path";
  get_text (value, path, sizeof path);
  if (!find_element (store, objects, loader, ELEMENT_DEVICE, &value) || value.size != 88)
    return "the loader has no device";
  if (!find_partition (value.data, &at))
    return "no partition there with that signature";
  if (!read_sector (at, sector) || !same (sector + 3, (const UINT8 *)"NTFS    ", 8))
    return "no NTFS volume in the partition";
  if (get32 (sector + 0x1c) != at)
    return "the NTFS volume does not know where it lies";

  say ("VALISE-BOOT ok signature=");
  say_hex (get32 (value.data + 0x38), 8);
  say (" start=");
  say_number (at);
  say (" ntfs=yes loader=");
  say (path);
  say (" drive=");
  say_hex (drive, 2);
  say ("\r\n");
  return NULL;
}

void
run (UINT32 number)
{
  const char *wrong;

  drive = (UINT8)number;
  say ("\r\nVALISE-BOOT started\r\n");
  wrong = look ();
  if (wrong != NULL)
    {
      say ("VALISE-BOOT error: ");
      say (wrong);
      say ("\r\n");
    }
  out (0x501, 0x31);
}
