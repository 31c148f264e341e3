/* valise-text.c: words and figures as people are shown them.
 *
 * Nothing here prints. Much of what is shown comes from drives and images: it is cleaned of what a
 * terminal would obey, and of what would make a line of a window look like something else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-text.h"

/* How many columns a character takes: none, one, or two in the East Asian scripts and for emoji. */
static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

/**
 * valise_text_width:
 * @text: UTF-8
 *
 * Returns: how many columns of a terminal @text takes
 */
guint
valise_text_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += char_width (g_utf8_get_char (p));
  return width;
}

/**
 * valise_text_clean:
 * @text: (nullable): whatever a drive or an image says of itself
 *
 * Returns: (transfer full): valid UTF-8 on one line, without control characters and marks that
 *   change the direction of writing, and without blanks around it
 */
char *
valise_text_clean (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *clean = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        g_string_append_c (clean, ' ');
      else if (g_unichar_type (c) != G_UNICODE_FORMAT)
        g_string_append_unichar (clean, c);
    }
  g_strstrip (clean->str);
  clean->len = strlen (clean->str);
  return g_string_free (clean, FALSE);
}

/**
 * valise_text_file_name:
 * @path: (type filename): a file's path
 *
 * Long names have “_” where others have blanks, and would be broken only behind the first “-”.
 *
 * Returns: (transfer full): the file's name, in which a line can end behind each “_”
 */
char *
valise_text_file_name (const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);

  return g_strjoinv ("_\u200b", parts);
}

/**
 * valise_text_ellipsize:
 * @text: UTF-8
 * @width: how many columns there are
 *
 * Returns: (transfer full): @text, or as much of its beginning as fits, and “…”
 */
char *
valise_text_ellipsize (const char *text, guint width)
{
  const char *p = text;
  guint used = 0;

  if (valise_text_width (text) <= width)
    return g_strdup (text);
  if (width == 0)
    return g_strdup ("");
  for (; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint more = char_width (g_utf8_get_char (p));

      if (used + more > width - 1)
        break;
      used += more;
    }
  return g_strdup_printf ("%.*s…", (int) (p - text), text);
}

/**
 * valise_text_size:
 * @bytes: a size
 *
 * Returns: (transfer full): the size in powers of 1000, as drives are sold: “64.0 GB”
 */
char *
valise_text_size (guint64 bytes)
{
  return g_format_size (bytes);
}

/**
 * valise_text_duration:
 * @seconds: a time
 *
 * Returns: (transfer full): “0:05”, “12:30”, “1:02:03”
 */
char *
valise_text_duration (guint64 seconds)
{
  guint64 hours = seconds / 3600;
  guint minutes = seconds / 60 % 60;
  guint rest = seconds % 60;

  if (hours > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", hours, minutes, rest);
  return g_strdup_printf ("%u:%02u", minutes, rest);
}

/**
 * valise_text_encode:
 * @text: UTF-8
 * @charset: the character set to bring it to
 *
 * For locales that have no typographic quotes, such as “C”: what cannot be shown is shown by what
 * comes close, or as “?”.
 *
 * Returns: (transfer full): @text in @charset
 */
char *
valise_text_encode (const char *text, const char *charset)
{
  static const struct
  {
    gunichar c;
    const char *instead;
  } plain[] = {
    { 0x00a0, " " },  { 0x202f, " " }, { 0x2018, "'" }, { 0x2019, "'" },   { 0x201c, "\"" },
    { 0x201d, "\"" }, { 0x2013, "-" }, { 0x2014, "-" }, { 0x2026, "..." },
  };
  g_autoptr (GString) simple = NULL;
  char *encoded = g_convert (text, -1, charset, "UTF-8", NULL, NULL, NULL);

  if (encoded != NULL)
    return encoded;
  simple = g_string_new (NULL);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gsize i = 0;

      while (i < G_N_ELEMENTS (plain) && plain[i].c != c)
        i++;
      if (i < G_N_ELEMENTS (plain))
        g_string_append (simple, plain[i].instead);
      else
        g_string_append_unichar (simple, c);
    }
  encoded
      = g_convert_with_fallback (simple->str, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
  return encoded != NULL ? encoded : g_strdup (simple->str);
}
