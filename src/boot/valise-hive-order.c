/* valise-hive-order.c: lists of subkeys as Windows wants them.
 *
 * Windows looks names of keys up in sorted lists, by a hash: both by capital letters, in UTF-16.
 * hivex sorts and hashes the bytes of UTF-8, and capitals of ASCII only: Windows would not find a
 * key with other letters, or would take the hive for damaged. It also leaves empty lists behind. So
 * its new entries are put right here, in the bytes of the finished hive.
 *
 * Structures: “Windows registry file format specification”, github.com/msuhanov/regf. Offsets are
 * those of cells in the file, as hivex gives them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-hive-order.h"

#include <string.h>

#include "core/valise-bytes.h"

#define BASE_SIZE 4096
#define NO_CELL G_MAXUINT32
#define KEY_SIZE 80 /* of a key's cell, without its name */
#define FLAG_COMPRESSED_NAME 0x20
#define N_SUBKEYS 24
#define SUBKEY_LIST 32
#define NAME_LENGTH 76
#define LIST_ENTRIES 8 /* where a list's entries begin */

typedef struct
{
  guint8 *hive;
  gsize size;
} Bytes;

/* A place in a list, and the key in it. */
typedef struct
{
  guint8 *slot;
  char kind; /* the second letter of “lh”, “lf” or “li” */
  guint32 key;
  guint8 hint[4];
} Entry;

/* As RtlUpcaseUnicodeChar: one unit for another, and only where there is a way back. */
static gunichar
upcase (gunichar c)
{
  gunichar upper = c < 0x10000 ? g_unichar_toupper (c) : c;

  return upper != c && (upper >= 0x10000 || g_unichar_tolower (upper) != c) ? c : upper;
}

/**
 * valise_hive_fold:
 * @name: a name of a key or value, in UTF-8
 *
 * Returns: (transfer full): the same for all names that are one to Windows
 */
char *
valise_hive_fold (const char *name)
{
  GString *folded = g_string_sized_new (strlen (name));

  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    g_string_append_unichar (folded, upcase (g_utf8_get_char (at)));
  return g_string_free (folded, FALSE);
}

/* The cell that is in use at @offset, of at least @least bytes; %NULL where there is none. */
static guint8 *
get_cell (const Bytes *bytes, gsize offset, gsize least, gsize *size)
{
  guint32 length;

  if (offset < BASE_SIZE || offset % 4 != 0 || bytes->size < 8 || offset > bytes->size - 8)
    return NULL;
  length = -valise_get_le32 (bytes->hive + offset);
  if (length > G_MAXINT32 || length < least || length > bytes->size - offset)
    return NULL;
  if (size != NULL)
    *size = length;
  return bytes->hive + offset;
}

static guint8 *
get_record (const Bytes *bytes, guint32 offset, gsize least, gsize *size)
{
  return offset == NO_CELL ? NULL
                           : get_cell (bytes, (gsize)offset + BASE_SIZE, least, size);
}

static guint8 *
get_key (const Bytes *bytes, gsize offset)
{
  gsize size;
  guint8 *key = get_cell (bytes, offset, KEY_SIZE, &size);

  if (key == NULL || memcmp (key + 4, "nk", 2) != 0
      || valise_get_le16 (key + NAME_LENGTH) > size - KEY_SIZE)
    return NULL;
  return key;
}

/* A unit of a key's name, as it counts. */
static guint
get_unit (const guint8 *key, guint i)
{
  const gboolean compressed = valise_get_le16 (key + 6) & FLAG_COMPRESSED_NAME;

  return upcase (compressed ? key[KEY_SIZE + i] : valise_get_le16 (key + KEY_SIZE + 2 * i));
}

static guint
get_n_units (const guint8 *key)
{
  const gboolean compressed = valise_get_le16 (key + 6) & FLAG_COMPRESSED_NAME;

  return valise_get_le16 (key + NAME_LENGTH) / (compressed ? 1 : 2);
}

static int
compare (const guint8 *a, const guint8 *b)
{
  const guint n_a = get_n_units (a);
  const guint n_b = get_n_units (b);

  for (guint i = 0; i < MIN (n_a, n_b); i++)
    {
      const int difference = (int)get_unit (a, i) - (int)get_unit (b, i);

      if (difference != 0)
        return difference;
    }
  return (int)n_a - (int)n_b;
}

static void
make_hint (const guint8 *key, char kind, guint8 hint[4])
{
  const guint n = get_n_units (key);
  guint32 hash = 0;

  if (kind == 'h')
    {
      for (guint i = 0; i < n; i++)
        hash = hash * 37 + get_unit (key, i);
      valise_put_le32 (hint, hash);
      return;
    }
  /* The first four characters, or nothing where one has no place in a byte. */
  memset (hint, 0, 4);
  for (guint i = 0; i < MIN (n, 4); i++)
    {
      const gboolean compressed = valise_get_le16 (key + 6) & FLAG_COMPRESSED_NAME;
      const guint unit = compressed ? key[KEY_SIZE + i] : valise_get_le16 (key + KEY_SIZE + 2 * i);

      if (unit > 0xff)
        {
          memset (hint, 0, 4);
          return;
        }
      hint[i] = unit;
    }
}

static gsize
get_stride (char kind)
{
  return kind == 'i' ? 4 : 8;
}

/* Adds the entries of one list, or of the lists in a list of lists (“ri”). */
static gboolean
collect (const Bytes *bytes, guint32 offset, gboolean nested, GArray *entries)
{
  gsize size;
  guint8 *list = get_record (bytes, offset, LIST_ENTRIES, &size);
  guint n;

  if (list == NULL)
    return FALSE;
  n = valise_get_le16 (list + 6);
  if (memcmp (list + 4, "ri", 2) == 0 && !nested && n <= (size - LIST_ENTRIES) / 4)
    {
      for (guint i = 0; i < n; i++)
        if (!collect (bytes, valise_get_le32 (list + LIST_ENTRIES + 4 * i), TRUE, entries))
          return FALSE;
      return TRUE;
    }
  if (list[4] != 'l' || strchr ("hfi", list[5]) == NULL || list[5] == '\0' ||
      n > (size - LIST_ENTRIES) / get_stride (list[5]))
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      Entry entry = { list + LIST_ENTRIES + i * get_stride (list[5]), list[5], 0, { 0 } };

      entry.key = valise_get_le32 (entry.slot);
      if (entry.kind != 'i')
        memcpy (entry.hint, entry.slot + 4, 4);
      g_array_append_val (entries, entry);
    }
  return TRUE;
}

static void
fill_slot (const Bytes *bytes, const Entry *slot, const Entry *entry)
{
  valise_put_le32 (slot->slot, entry->key);
  if (slot->kind == 'i')
    return;
  if (slot->kind == entry->kind)
    memcpy (slot->slot + 4, entry->hint, 4);
  else
    make_hint (get_key (bytes, (gsize)entry->key + BASE_SIZE), slot->kind, slot->slot + 4);
}

/**
 * valise_hive_order_place:
 * @hive: (array length=size): a whole hive, changed in place
 * @size: its size in bytes
 * @parent: offset of a key
 * @child: offset of a key in it that hivex has added
 *
 * Puts a new key where it belongs among the others, with the hash that it must have. The others
 * stay in the order in which they are.
 *
 * Returns: whether that was done; a hive for which it was not may be changed in part
 */
gboolean
valise_hive_order_place (guint8 *hive, gsize size, gsize parent, gsize child)
{
  const Bytes bytes = { hive, size };
  g_autoptr (GArray) slots = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_autoptr (GArray) others = NULL;
  const guint8 *parent_key = get_key (&bytes, parent);
  const guint8 *child_key = get_key (&bytes, child);
  Entry entry = { NULL, 'h', 0, { 0 } };
  guint at = 0;

  if (parent_key == NULL || child_key == NULL
      || !collect (&bytes, valise_get_le32 (parent_key + SUBKEY_LIST), FALSE, slots))
    return FALSE;

  others = g_array_sized_new (FALSE, FALSE, sizeof (Entry), slots->len);
  for (guint i = 0; i < slots->len; i++)
    {
      const Entry *other = &g_array_index (slots, Entry, i);
      const guint8 *key = get_key (&bytes, (gsize)other->key + BASE_SIZE);

      if (key == NULL)
        return FALSE;
      if (key == child_key)
        continue;
      g_array_append_vals (others, other, 1);
      if (compare (key, child_key) < 0)
        at = others->len;
    }
  if (others->len + 1 != slots->len)
    return FALSE;

  entry.key = (guint32)(child - BASE_SIZE);
  make_hint (child_key, entry.kind, entry.hint);
  g_array_insert_val (others, at, entry);
  for (guint i = 0; i < slots->len; i++)
    fill_slot (&bytes, &g_array_index (slots, Entry, i), &g_array_index (others, Entry, i));
  return TRUE;
}

static void
free_cell (guint8 *cell)
{
  valise_put_le32 (cell, -valise_get_le32 (cell));
}

/**
 * valise_hive_order_tidy:
 * @hive: (array length=size): a whole hive, changed in place
 * @size: its size in bytes
 * @parent: offset of a key of which hivex has deleted subkeys
 *
 * Frees lists of subkeys that have become empty.
 *
 * Returns: whether that was done
 */
gboolean
valise_hive_order_tidy (guint8 *hive, gsize size, gsize parent)
{
  const Bytes bytes = { hive, size };
  guint8 *key = get_key (&bytes, parent);
  guint8 *list;
  gsize list_size;
  guint n, n_left = 0;

  if (key == NULL)
    return FALSE;
  list = get_record (&bytes, valise_get_le32 (key + SUBKEY_LIST), LIST_ENTRIES, &list_size);
  if (list == NULL)
    return valise_get_le32 (key + N_SUBKEYS) == 0;
  n = valise_get_le16 (list + 6);
  if (memcmp (list + 4, "ri", 2) == 0)
    {
      if (n > (list_size - LIST_ENTRIES) / 4)
        return FALSE;
      for (guint i = 0; i < n; i++)
        {
          const guint32 offset = valise_get_le32 (list + LIST_ENTRIES + 4 * i);
          guint8 *leaf = get_record (&bytes, offset, LIST_ENTRIES, NULL);

          if (leaf == NULL)
            return FALSE;
          if (valise_get_le16 (leaf + 6) > 0)
            valise_put_le32 (list + LIST_ENTRIES + 4 * n_left++, offset);
          else
            free_cell (leaf);
        }
      list[6] = n_left & 0xff;
      list[7] = n_left >> 8;
      n = n_left;
    }
  if (n == 0 && valise_get_le32 (key + N_SUBKEYS) == 0)
    {
      free_cell (list);
      valise_put_le32 (key + SUBKEY_LIST, NO_CELL);
    }
  return TRUE;
}
