/* valise-hive.c: what src/boot needs of hivex: paths, checked values, strings in UTF-16LE.
 *
 * Nothing here sets a GError: whose fault a hive is, only the caller knows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-hive.h"

#include <errno.h>
#include <string.h>

#include "valise-hive-order.h"

/* hivex takes only the letters of ASCII for the same in both cases. */
static hive_node_h
find_child (hive_h *hive, hive_node_h node, const char *name)
{
  g_autofree hive_node_h *children = NULL;
  g_autofree char *wanted = NULL;

  if (g_str_is_ascii (name))
    return hivex_node_get_child (hive, node, name);
  wanted = valise_hive_fold (name);
  children = hivex_node_children (hive, node);
  for (guint i = 0; children != NULL && children[i] != 0; i++)
    {
      g_autofree char *child = hivex_node_name (hive, children[i]);
      g_autofree char *folded = child != NULL ? valise_hive_fold (child) : NULL;

      if (g_strcmp0 (folded, wanted) == 0)
        return children[i];
    }
  return 0;
}

static hive_node_h
walk (hive_h *hive, hive_node_h node, const char *path, gboolean make)
{
  g_auto (GStrv) names = g_strsplit (path, "\\", -1);

  for (guint i = 0; names[i] != NULL && node != 0; i++)
    {
      hive_node_h child = find_child (hive, node, names[i]);

      if (child == 0 && make)
        child = hivex_node_add_child (hive, node, names[i]);
      node = child;
    }
  return node;
}

/**
 * valise_hive_find:
 * @hive: a hive
 * @from: where @path starts
 * @path: names of keys, with `\` between them; in any case
 *
 * Returns: the key, or 0 where there is none
 */
hive_node_h
valise_hive_find (hive_h *hive, hive_node_h from, const char *path)
{
  return walk (hive, from, path, FALSE);
}

/**
 * valise_hive_make:
 * @hive: a hive that is open for writing
 * @from: where @path starts
 * @path: names of keys, with `\` between them; in any case
 *
 * Like valise_hive_find(), but adds the keys that are not there.
 *
 * Returns: the key, or 0 on failure, with `errno` set by hivex
 */
hive_node_h
valise_hive_make (hive_h *hive, hive_node_h from, const char *path)
{
  return walk (hive, from, path, TRUE);
}

/* Keys in Windows are at most 512 deep. */
#define MAX_DEPTH 512

static gboolean
take_cell (GHashTable *cells, gsize offset)
{
  return g_hash_table_add (cells, GSIZE_TO_POINTER (offset));
}

static gboolean
take_values (hive_h *hive, hive_node_h node, GHashTable *cells)
{
  g_autofree hive_value_h *values = hivex_node_values (hive, node);

  for (guint i = 0; values != NULL && values[i] != 0; i++)
    {
      gsize data;
      gsize size;

      errno = 0;
      data = hivex_value_data_cell_offset (hive, values[i], &size);
      if ((data == 0 && errno != 0) || !take_cell (cells, values[i])
          || (data != 0 && !take_cell (cells, data)))
        return FALSE;
    }
  return values != NULL;
}

static gboolean
take_key (hive_h *hive, hive_node_h node, GHashTable *cells, guint depth)
{
  g_autofree hive_node_h *children = depth < MAX_DEPTH ? hivex_node_children (hive, node) : NULL;

  if (children == NULL || !take_cell (cells, node) || !take_values (hive, node, cells))
    return FALSE;
  for (guint i = 0; children[i] != 0; i++)
    if (!take_key (hive, children[i], cells, depth + 1))
      return FALSE;
  return TRUE;
}

/**
 * valise_hive_can_free:
 * @hive: a hive of a stranger's
 * @node: a key
 * @whole: whether the key goes, with all below it; or only its values
 *
 * hivex ends the program (by an assertion) when it is to free a cell twice, or one that is none: in
 * a damaged hive, two values can have the same cell. Ask here before.
 *
 * Returns: whether all that would be freed are cells, and each has one owner; errno is set if not
 */
gboolean
valise_hive_can_free (hive_h *hive, hive_node_h node, gboolean whole)
{
  g_autoptr (GHashTable) cells = g_hash_table_new (NULL, NULL);

  if (whole ? take_key (hive, node, cells, 0) : take_values (hive, node, cells))
    return TRUE;
  errno = EFAULT;
  return FALSE;
}

/**
 * valise_hive_get_dword:
 * @hive: a hive
 * @node: a key
 * @name: a value's name
 * @value: (out): where to put the number
 *
 * Returns: whether there is such a value, and it is a DWORD of four bytes
 */
gboolean
valise_hive_get_dword (hive_h *hive, hive_node_h node, const char *name, guint32 *value)
{
  hive_value_h found = hivex_node_get_value (hive, node, name);
  g_autofree char *data = NULL;
  hive_type type;
  gsize size;

  if (found == 0 || (data = hivex_value_value (hive, found, &type, &size)) == NULL ||
      type != hive_t_dword || size != sizeof *value)
    return FALSE;
  memcpy (value, data, sizeof *value);
  *value = GUINT32_FROM_LE (*value);
  return TRUE;
}

/**
 * valise_hive_get_string:
 * @hive: a hive
 * @node: a key
 * @name: a value's name
 *
 * Returns: (transfer full) (nullable): the text, where there is such a value, and it is a string
 */
char *
valise_hive_get_string (hive_h *hive, hive_node_h node, const char *name)
{
  hive_value_h found = hivex_node_get_value (hive, node, name);
  g_autofree char *data = NULL;
  hive_type type;
  gsize size;

  if (found == 0 || (data = hivex_value_value (hive, found, &type, &size)) == NULL ||
      type != hive_t_string)
    return NULL;
  return valise_utf16_to_text (data, size, NULL);
}

static void
append_utf16 (GByteArray *out, const char *text)
{
  g_autofree gunichar2 *units = NULL;
  glong n = 0;

  units = g_utf8_to_utf16 (text, -1, NULL, &n, NULL);
  g_return_if_fail (units != NULL);
  for (glong i = 0; i <= n; i++)
    {
      guint16 unit = GUINT16_TO_LE (units[i]);

      g_byte_array_append (out, (const guint8 *)&unit, sizeof unit);
    }
}

/**
 * valise_utf16_from_text:
 * @text: text in valid UTF-8
 *
 * Returns: (transfer full): @text in UTF-16LE with its NUL, as a REG_SZ holds it
 */
GBytes *
valise_utf16_from_text (const char *text)
{
  GByteArray *out = g_byte_array_new ();

  append_utf16 (out, text);
  return g_byte_array_free_to_bytes (out);
}

/**
 * valise_utf16_from_texts:
 * @texts: (array zero-terminated=1): texts in valid UTF-8
 *
 * Returns: (transfer full): each in UTF-16LE with its NUL and one NUL more, as a REG_MULTI_SZ
 */
GBytes *
valise_utf16_from_texts (const char *const *texts)
{
  GByteArray *out = g_byte_array_new ();

  for (guint i = 0; texts[i] != NULL; i++)
    append_utf16 (out, texts[i]);
  append_utf16 (out, "");
  return g_byte_array_free_to_bytes (out);
}

/**
 * valise_utf16_to_text:
 * @data: (array length=size): foreign bytes in UTF-16LE, not aligned
 * @size: how many there are; an odd last one is left out
 * @used: (out) (optional): how many bytes belong to the text, its NUL included
 *
 * Reads as far as the first NUL, or to the end where there is none, as Windows takes a REG_SZ.
 *
 * Returns: (transfer full) (nullable): the text in UTF-8, or %NULL where it is not UTF-16
 */
char *
valise_utf16_to_text (gconstpointer data, gsize size, gsize *used)
{
  const gsize n = size / 2;
  g_autofree gunichar2 *units = g_new (gunichar2, n + 1);
  gsize length = 0;

  if (n > 0)
    memcpy (units, data, n * 2);
  while (length < n && units[length] != 0)
    {
      units[length] = GUINT16_FROM_LE (units[length]);
      length++;
    }
  if (used != NULL)
    *used = MIN (length + 1, n) * 2;
  return g_utf16_to_utf8 (units, length, NULL, NULL, NULL);
}
