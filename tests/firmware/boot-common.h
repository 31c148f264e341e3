/* boot-common.h: what the sample's boot managers share: saying things, and reading a BCD store.
 *
 * Whoever includes it has Microsoft's names for integers, and say_char(). The store is read with
 * every offset checked: it may be damaged on purpose. Hives: offsets as in the description by
 * M. Suhanov, “Windows registry file format specification”; device elements: 88 bytes, type 6.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

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

/* ---- in words ---- */

static inline void
say (const char *text)
{
  while (*text != '\0')
    say_char (*text++);
}

static inline void
say_hex (UINT64 value, int digits)
{
  while (digits-- > 0)
    say_char ("0123456789abcdef"[value >> (4 * digits) & 15]);
}

static inline void
say_number (UINT32 value)
{
  char text[12];
  int n = 0;

  do
    text[n++] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  while (n > 0)
    say_char (text[--n]);
}

static inline UINT16
get16 (const UINT8 *p)
{
  return (UINT16)(p[0] | p[1] << 8);
}

static inline UINT32
get32 (const UINT8 *p)
{
  return get16 (p) | (UINT32)get16 (p + 2) << 16;
}

/* GUIDs lie in memory as Microsoft has them: the first three parts little-endian. */
static inline void
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

static inline BOOLEAN
same (const UINT8 *a, const UINT8 *b, UINTN n)
{
  while (n > 0 && *a == *b)
    a++, b++, n--;
  return n == 0;
}

/* ---- the store ---- */

/* The contents of the cell at @offset, if it lies in the hive and has @least bytes. */
static inline BOOLEAN
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

static inline BOOLEAN
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

static inline BOOLEAN
get_key (Bytes hive, UINT32 offset, Bytes *key)
{
  return get_cell (hive, offset, 0x4c, key) && same (key->data, (const UINT8 *)"nk", 2);
}

/* @depth: lists of lists go one level down, no further. */
static inline BOOLEAN
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

static inline BOOLEAN
find_key (Bytes hive, Bytes parent, const char *name, Bytes *key)
{
  return get32 (parent.data + 0x14) > 0
         && find_in_list (hive, get32 (parent.data + 0x1c), name, 0, key);
}

/* The value “Element” of an object's element. */
static inline BOOLEAN
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
static inline void
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
