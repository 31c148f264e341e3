/* valise-windows-text.c: text files as Windows' programs write them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-windows-text.h"

#include <string.h>

static char *
convert (const guint8 *data, gsize size, const char *from)
{
  gsize written;
  g_autofree char *text = g_convert ((const char *)data, size, "UTF-8", from, NULL, &written, NULL);

  /* What is behind a NUL would be lost. */
  return text != NULL && strlen (text) == written ? g_steal_pointer (&text) : NULL;
}

/**
 * valise_windows_text_decode:
 * @file: foreign bytes
 * @may_be_ansi: whether they may be in a code page; it is taken for that of western languages
 *
 * Returns: (transfer full) (nullable): the text in UTF-8, without a mark at its start; %NULL where
 *   it is none
 */
char *
valise_windows_text_decode (GBytes *file, gboolean may_be_ansi)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);

  if (size == 0)
    return g_strdup ("");
  if (size >= 2 && data[0] == 0xff && data[1] == 0xfe)
    return convert (data + 2, size - 2, "UTF-16LE");
  if (size >= 2 && data[0] == 0xfe && data[1] == 0xff)
    return convert (data + 2, size - 2, "UTF-16BE");
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      data += 3;
      size -= 3;
    }
  else if (size >= 2 && data[0] != 0 && data[1] == 0)
    {
      return convert (data, size, "UTF-16LE");
    }
  if (g_utf8_validate ((const char *)data, size, NULL))
    return g_strndup ((const char *)data, size);
  return may_be_ansi ? convert (data, size, VALISE_WINDOWS_TEXT_ANSI) : NULL;
}
