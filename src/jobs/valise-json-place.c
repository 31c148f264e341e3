/* valise-json-place.c: where in a text of JSON a member stands.
 *
 * json-glib forgets the places of what it has read. This looks for a member of the outermost
 * object, or of an object in it, through the text that json-glib has understood; in a text that is
 * no JSON it finds something or nothing, but does not look behind its end. Names with escapes are
 * not found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-json-place.h"

#include <string.h>

typedef struct
{
  const char *json;
  gsize size;
  gsize at;
} Reader;

/* Passes over blanks, and the comments that json-glib takes. */
static void
skip_blank (Reader *reader)
{
  while (reader->at < reader->size)
    {
      const char *at = reader->json + reader->at;
      const gsize left = reader->size - reader->at;
      const char *end;

      if (g_ascii_isspace (*at))
        {
          reader->at++;
          continue;
        }
      if (left < 2 || at[0] != '/' || at[1] != '*')
        return;
      end = g_strstr_len (at + 2, left - 2, "*/");
      reader->at = end != NULL ? (gsize) (end - reader->json) + 2 : reader->size;
    }
}

/* Passes over a string in quotes; what is in it is at @text. */
static gsize
skip_string (Reader *reader, const char **text)
{
  const char quote = reader->json[reader->at++];
  const gsize start = reader->at;

  *text = reader->json + start;
  while (reader->at < reader->size && reader->json[reader->at] != quote)
    reader->at += reader->json[reader->at] == '\\' ? 2 : 1;
  reader->at = MIN (reader->at, reader->size);
  return reader->at++ - start;
}

static gboolean
is_quote (const Reader *reader)
{
  return reader->at < reader->size
         && (reader->json[reader->at] == '"' || reader->json[reader->at] == '\'');
}

static gboolean
is_name (const char *name, const char *text, gsize n)
{
  return strlen (name) == n && memcmp (name, text, n) == 0;
}

static void
count (const char *json, gsize end, guint *line, guint *column)
{
  gsize start = 0;

  *line = 1;
  for (gsize i = 0; i < end; i++)
    if (json[i] == '\n')
      {
        ++*line;
        start = i + 1;
      }
  *column = 1 + (guint) g_utf8_strlen (json + start, end - start);
}

/**
 * valise_json_place_find:
 * @json: (array length=size): a text that json-glib has understood
 * @size: its length in bytes
 * @object: (nullable): the member of the outermost object that is the object to look in; %NULL for
 *   the outermost object itself
 * @name: a member's name
 * @line: (out): its line, from 1
 * @column: (out): its column in characters, from 1
 *
 * Of several members with the name the last is found: it is the one that counts.
 *
 * Returns: whether it was found
 */
gboolean
valise_json_place_find (const char *json,
                        gsize size,
                        const char *object,
                        const char *name,
                        guint *line,
                        guint *column)
{
  Reader reader = { json, size, 0 };
  guint depth = 0;
  gboolean inside = FALSE; /* of the object, below the outermost one */
  gsize found = size;

  for (skip_blank (&reader); reader.at < size; skip_blank (&reader))
    {
      const gsize start = reader.at;
      const char *text;
      gsize n;

      if (!is_quote (&reader))
        {
          const char c = json[reader.at++];

          depth += c == '{' || c == '[';
          depth -= (c == '}' || c == ']') && depth > 0;
          continue;
        }
      n = skip_string (&reader, &text);
      skip_blank (&reader);
      if (reader.at >= size || json[reader.at] != ':')
        continue;
      if (depth == 1)
        inside = object != NULL && is_name (object, text, n);
      if (is_name (name, text, n) && (object == NULL ? depth == 1 : inside && depth == 2))
        found = start;
    }
  if (found >= size)
    return FALSE;
  count (json, found, line, column);
  return TRUE;
}
