/* valise-reg-file.c: files of Windows' registry editor (.reg).
 *
 * “Windows Registry Editor Version 5.00” in UTF-16 or UTF-8, and REGEDIT4 in Windows' code page for
 * western languages. What they say becomes a list of changes, in the order in which Windows would
 * make them. What cannot be changed in an image is refused here, with its line: a setting that is
 * silently left out would be found out on somebody's PC.
 *
 * The format: “How to add, modify, or delete registry subkeys and values by using a .reg file”,
 * support.microsoft.com.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-reg-file.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/valise-error.h"
#include "valise-hive.h"
#include "valise-windows-text.h"

static const char header_5[] = "Windows Registry Editor Version 5.00";
static const char header_4[] = "REGEDIT4";

typedef struct
{
  const char *name; /* the file's, for people */
  const char *at;
  guint line;
  gboolean ansi; /* REGEDIT4: texts in hexadecimal are in the code page, too */

  GPtrArray *changes;
  gboolean has_key;
  ValiseRegistryHive hive;
  char *key;
} Parser;

static gboolean
fail (const Parser *parser, GError **error, const char *words)
{
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               /* Translators: a file's name, a number, and a sentence. */
               _ ("“%s”, line %u: %s"), parser->name, parser->line, words);
  return FALSE;
}

static gboolean
fail_with (const Parser *parser, GError **error, const char *format, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *words = NULL;

  if (g_utf8_strlen (valid, -1) > 200)
    *g_utf8_offset_to_pointer (valid, 200) = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  words = g_strdup_printf (format, valid);
#pragma GCC diagnostic pop
  return fail (parser, error, words);
}

/* ---- lines ---- */

static void
skip_spaces (Parser *parser)
{
  while (*parser->at == ' ' || *parser->at == '\t')
    parser->at++;
}

static gboolean
is_line_end (char c)
{
  return c == '\0' || c == '\r' || c == '\n';
}

/* Goes behind the end of the line, whatever is before it. */
static void
skip_line (Parser *parser)
{
  parser->at += strcspn (parser->at, "\r\n");
  if (parser->at[0] == '\r' && parser->at[1] == '\n')
    parser->at++;
  if (*parser->at != '\0')
    {
      parser->at++;
      parser->line++;
    }
}

/* After a value: only a comment may follow. */
static gboolean
end_line (Parser *parser, GError **error)
{
  skip_spaces (parser);
  if (!is_line_end (*parser->at) && *parser->at != ';')
    {
      g_autofree char *rest = g_strndup (parser->at, strcspn (parser->at, "\r\n"));

      return fail_with (parser, error,
                        _ ("There is something behind the value: “%s”. Take it away."), rest);
    }
  skip_line (parser);
  return TRUE;
}

/* A text in quotes, in which `\` stands before quotes and itself. It may have several lines. */
static char *
read_quoted (Parser *parser, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const Parser start = *parser;

  parser->at++;
  while (*parser->at != '"')
    {
      if (*parser->at == '\\' && !is_line_end (parser->at[1]))
        parser->at++;
      if (*parser->at == '\0')
        {
          fail (&start, error, _ ("The quotes are not closed."));
          return NULL;
        }
      if (*parser->at == '\n' || (*parser->at == '\r' && parser->at[1] != '\n'))
        parser->line++;
      g_string_append_c (text, *parser->at++);
    }
  parser->at++;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* ---- keys ---- */

static const struct
{
  const char *name;
  const char *short_name;
} roots[] = {
  { "HKEY_LOCAL_MACHINE", "HKLM" }, { "HKEY_USERS", "HKU" },
  { "HKEY_CURRENT_USER", "HKCU" },  { "HKEY_CLASSES_ROOT", "HKCR" },
  { "HKEY_CURRENT_CONFIG", "HKCC" },
};

/* If @path begins with @name, what is behind it, without the backslash. */
static const char *
strip (const char *path, const char *name)
{
  const gsize n = strlen (name);

  if (g_ascii_strncasecmp (path, name, n) != 0)
    return NULL;
  return path[n] == '\\' ? path + n + 1 : path[n] == '\0' ? path + n : NULL;
}

/* Which of the hives a key is in, and where. */
static gboolean
find_hive (const Parser *parser, const char *path, ValiseRegistryHive *hive, char **key,
           GError **error)
{
  const char *rest = NULL;
  const char *below;
  guint root;

  for (root = 0; rest == NULL && root < G_N_ELEMENTS (roots); root++)
    {
      rest = strip (path, roots[root].name);
      if (rest == NULL)
        rest = strip (path, roots[root].short_name);
    }
  if (rest == NULL)
    return fail_with (parser, error,
                      _ ("“%s” does not begin with a root of the registry, such as "
                         "HKEY_LOCAL_MACHINE."),
                      path);
  root--;

  if (root == 0 && (below = strip (rest, "SYSTEM")) != NULL)
    *hive = VALISE_REGISTRY_SYSTEM;
  else if (root == 0 && (below = strip (rest, "SOFTWARE")) != NULL)
    *hive = VALISE_REGISTRY_SOFTWARE;
  else if (root == 1 && ((below = strip (rest, ".DEFAULT")) != NULL
                         || (below = strip (rest, "S-1-5-18")) != NULL))
    *hive = VALISE_REGISTRY_DEFAULT;
  else if (root == 2 && strip (rest, "Software\\Classes") != NULL)
    return fail_with (parser, error,
                      _ ("“%s” is in a file that Windows makes for each user later. Set it for all "
                         "users, in HKEY_CLASSES_ROOT."),
                      path);
  else if (root == 2)
    {
      *hive = VALISE_REGISTRY_USER;
      below = rest;
    }
  else if (root == 3)
    {
      *hive = VALISE_REGISTRY_SOFTWARE;
      *key = *rest != '\0' ? g_strconcat ("Classes\\", rest, NULL) : g_strdup ("Classes");
      return TRUE;
    }
  else
    return fail_with (parser, error,
                      _ ("“%s” cannot be changed before Windows runs. Only "
                         "HKEY_LOCAL_MACHINE\\SYSTEM "
                         "and \\SOFTWARE, HKEY_USERS\\.DEFAULT, HKEY_CURRENT_USER and "
                         "HKEY_CLASSES_ROOT can be."),
                      path);
  *key = g_strdup (below);
  return TRUE;
}

static gboolean
check_key (const Parser *parser, const char *key, GError **error)
{
  g_auto (GStrv) names = g_strsplit (key, "\\", VALISE_REGISTRY_MAX_DEPTH + 1);

  if (g_strv_length (names) > VALISE_REGISTRY_MAX_DEPTH)
    return fail (parser, error, _ ("The key is inside too many others."));
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (*names[i] == '\0')
        return fail_with (parser, error, _ ("A key in “%s” has no name."), key);
      if (strlen (names[i]) > VALISE_REGISTRY_MAX_KEY_NAME * 3
          || g_utf8_strlen (names[i], -1) > VALISE_REGISTRY_MAX_KEY_NAME)
        return fail_with (parser, error, _ ("The name “%s” is too long for a key."), names[i]);
    }
  return TRUE;
}

/* What Windows does not start without. */
static gboolean
is_vital (ValiseRegistryHive hive, const char *key)
{
  return *key == '\0'
         || (hive == VALISE_REGISTRY_SOFTWARE && g_ascii_strcasecmp (key, "Classes") == 0)
         || (hive == VALISE_REGISTRY_SYSTEM && strchr (key, '\\') == NULL
             && (g_ascii_strcasecmp (key, "CurrentControlSet") == 0
                 || g_ascii_strncasecmp (key, "ControlSet", 10) == 0
                 || g_ascii_strcasecmp (key, "Select") == 0));
}

static void
note_origin (const Parser *parser, guint line)
{
  g_autofree char *origin = g_strdup_printf ("%s:%u", parser->name, line);

  valise_registry_changes_set_origin (parser->changes, origin);
}

static gboolean
read_key (Parser *parser, GError **error)
{
  g_autofree char *text = g_strndup (parser->at, strcspn (parser->at, "\r\n"));
  char *end = strrchr (text, ']');
  const char *path = text + 1;
  gboolean delete;

  if (end == NULL)
    return fail (parser, error, _ ("The bracket behind the key is missing."));
  if (end[1 + strspn (end + 1, " \t")] != '\0' && end[1 + strspn (end + 1, " \t")] != ';')
    return fail (parser, error, _ ("There is something behind the key. Take it away."));
  *end = '\0';
  delete = *path == '-';
  if (delete)
    path++;
  g_clear_pointer (&parser->key, g_free);
  parser->has_key = FALSE;
  if (!find_hive (parser, path, &parser->hive, &parser->key, error)
      || !check_key (parser, parser->key, error))
    return FALSE;

  if (delete && is_vital (parser->hive, parser->key))
    return fail_with (parser, error,
                      _ ("“%s” is a part of the registry without which Windows does not start. It "
                         "is not deleted."),
                      path);
  if (delete)
    valise_registry_changes_delete_key (parser->changes, parser->hive, parser->key);
  else
    valise_registry_changes_make_key (parser->changes, parser->hive, parser->key);
  note_origin (parser, parser->line);
  parser->has_key = !delete;
  skip_line (parser);
  return TRUE;
}

/* ---- values ---- */

static gboolean
set_value (Parser *parser,
           const char *name,
           guint32 type,
           gconstpointer data,
           gsize size,
           guint line,
           GError **error)
{
  if (size > VALISE_REGISTRY_MAX_DATA)
    {
      parser->line = line;
      return fail_with (parser, error,
                        _ ("The value “%s” is too large: 16,344 bytes can be set. Let a command "
                           "at the first start set it."),
                        name);
    }
  valise_registry_changes_set (parser->changes, parser->hive, parser->key, name, type, data, size);
  note_origin (parser, line);
  return TRUE;
}

/* Up to @max hexadecimal digits; none is an error. */
static gboolean
read_number (Parser *parser, guint max, guint64 *number)
{
  guint n = 0;

  for (*number = 0; n <= max && g_ascii_isxdigit (*parser->at); n++)
    *number = *number << 4 | g_ascii_xdigit_value (*parser->at++);
  return n > 0 && n <= max;
}

/* Bytes with commas between them; a backslash at the end of a line goes on in the next. */
static gboolean
read_bytes (Parser *parser, GByteArray *bytes, GError **error)
{
  gboolean comma = TRUE; /* before the first, none is needed */

  for (;;)
    {
      guint64 number;
      guint8 byte;

      skip_spaces (parser);
      if (*parser->at == '\\')
        {
          parser->at++;
          if (!end_line (parser, error))
            return FALSE;
          continue;
        }
      if (is_line_end (*parser->at) || *parser->at == ';')
        return TRUE;
      if (*parser->at == ',' && !comma)
        {
          parser->at++;
          comma = TRUE;
          continue;
        }
      if (!comma || !read_number (parser, 2, &number))
        return fail (parser, error,
                     _ ("Bytes must have two hexadecimal digits and commas between them."));
      byte = number;
      g_byte_array_append (bytes, &byte, 1);
      comma = FALSE;
    }
}

/* In REGEDIT4, texts are in the code page; in a hive they are always UTF-16. */
static gboolean
widen (const Parser *parser, GByteArray *bytes, GError **error)
{
  gsize size;
  g_autofree char *wide
      = g_convert ((const char *)bytes->data, bytes->len, "UTF-16LE", VALISE_WINDOWS_TEXT_ANSI,
                   NULL, &size, NULL);

  if (wide == NULL)
    return fail (parser, error, _ ("The text has bytes that are no letters."));
  g_byte_array_set_size (bytes, 0);
  g_byte_array_append (bytes, (const guint8 *)wide, size);
  return TRUE;
}

static gboolean
read_hex (Parser *parser, const char *name, guint line, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint64 type = VALISE_REG_BINARY;

  if (*parser->at == '(')
    {
      parser->at++;
      if (!read_number (parser, 8, &type) || *parser->at != ')')
        return fail (parser, error, _ ("The type must be a hexadecimal number, as in “hex(2):”."));
      parser->at++;
    }
  if (*parser->at != ':')
    return fail (parser, error, _ ("A colon must stand behind “hex”."));
  parser->at++;
  if (!read_bytes (parser, bytes, error))
    return FALSE;
  if (parser->ansi
      && (type == VALISE_REG_SZ || type == VALISE_REG_EXPAND_SZ || type == VALISE_REG_MULTI_SZ)
      && bytes->len > 0 && !widen (parser, bytes, error))
    return FALSE;
  return set_value (parser, name, type, bytes->data, bytes->len, line, error)
         && end_line (parser, error);
}

static gboolean
read_text (Parser *parser, const char *name, guint line, GError **error)
{
  g_autofree char *text = read_quoted (parser, error);
  g_autoptr (GBytes) wide = NULL;
  gsize size;
  gconstpointer data;

  if (text == NULL)
    return FALSE;
  wide = valise_utf16_from_text (text);
  data = g_bytes_get_data (wide, &size);
  return set_value (parser, name, VALISE_REG_SZ, data, size, line, error)
         && end_line (parser, error);
}

static gboolean
read_integer (Parser *parser, const char *name, guint32 type, guint digits, GError **error)
{
  const guint line = parser->line;
  guint64 number;

  skip_spaces (parser);
  if (!read_number (parser, digits, &number))
    return fail (parser, error,
                 _ ("Hexadecimal digits are expected behind the colon: up to 8 behind “dword:”, up "
                    "to 16 behind “qword:”."));
  number = GUINT64_TO_LE (number);
  return set_value (parser, name, type, &number, digits / 2, line, error)
         && end_line (parser, error);
}

static gboolean
starts (Parser *parser, const char *word)
{
  if (g_ascii_strncasecmp (parser->at, word, strlen (word)) != 0)
    return FALSE;
  parser->at += strlen (word);
  return TRUE;
}

static gboolean
read_value (Parser *parser, GError **error)
{
  const guint line = parser->line;
  g_autofree char *name = NULL;

  if (!parser->has_key)
    return fail (parser, error, _ ("There is a value without a key before it."));
  if (*parser->at == '@')
    {
      name = g_strdup ("");
      parser->at++;
    }
  else
    name = read_quoted (parser, error);
  if (name == NULL)
    return FALSE;
  if (g_utf8_strlen (name, -1) > VALISE_REGISTRY_MAX_VALUE_NAME)
    return fail (parser, error, _ ("The value's name is too long."));
  skip_spaces (parser);
  if (*parser->at != '=')
    return fail (parser, error, _ ("A “=” must stand behind the value's name."));
  parser->at++;
  skip_spaces (parser);

  if (*parser->at == '"')
    return read_text (parser, name, line, error);
  if (*parser->at == '-')
    {
      parser->at++;
      valise_registry_changes_delete_value (parser->changes, parser->hive, parser->key, name);
      note_origin (parser, line);
      return end_line (parser, error);
    }
  if (starts (parser, "dword:"))
    return read_integer (parser, name, VALISE_REG_DWORD, 8, error);
  if (starts (parser, "qword:"))
    return read_integer (parser, name, VALISE_REG_QWORD, 16, error);
  if (starts (parser, "hex"))
    return read_hex (parser, name, line, error);
  return fail (parser, error,
               _ ("Behind “=” must stand a text in quotes, “dword:”, “hex:”, or “-”."));
}

/* ---- the file ---- */

static gboolean
is_header (const Parser *parser, const char *header)
{
  const gsize n = strlen (header);

  return g_ascii_strncasecmp (parser->at, header, n) == 0
         && is_line_end (parser->at[n + strspn (parser->at + n, " \t")]);
}

static gboolean
read_header (Parser *parser, GError **error)
{
  skip_spaces (parser);
  while (*parser->at != '\0' && (is_line_end (*parser->at) || *parser->at == ';'))
    {
      skip_line (parser);
      skip_spaces (parser);
    }
  parser->ansi = is_header (parser, header_4);
  if (!parser->ansi && !is_header (parser, header_5))
    return fail_with (parser, error,
                      _ ("This is no file of Windows' registry editor: the first line must be "
                         "“%s”."),
                      header_5);
  skip_line (parser);
  return TRUE;
}

static gboolean
read_all (Parser *parser, GError **error)
{
  if (!read_header (parser, error))
    return FALSE;
  for (;;)
    {
      gboolean ok;

      skip_spaces (parser);
      if (*parser->at == '\0')
        return TRUE;
      if (is_line_end (*parser->at) || *parser->at == ';' || is_header (parser, header_5)
          || is_header (parser, header_4))
        {
          skip_line (parser);
          continue;
        }
      if (*parser->at == '[')
        ok = read_key (parser, error);
      else if (*parser->at == '"' || *parser->at == '@')
        ok = read_value (parser, error);
      else
        ok = fail (parser, error,
                   _ ("A key in brackets, a value's name in quotes, or “@” is expected."));
      if (!ok)
        return FALSE;
    }
}

/* Only these are ever in a code page. */
static gboolean
is_regedit4 (GBytes *file)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (file, &size);

  return size >= strlen (header_4) && memcmp (data, header_4, strlen (header_4)) == 0;
}

/**
 * valise_reg_file_parse:
 * @file: foreign bytes
 * @name: the file's name, for errors
 * @changes: (element-type ValiseRegistryChange): where to add what the file says
 * @error: where to put an error of %VALISE_PLAN_ERROR, which names the line
 *
 * `HKEY_CURRENT_USER` is what each new user starts with, `HKEY_CLASSES_ROOT` is that of all users.
 * Any thread. After an error @changes has what stands before the line.
 *
 * Returns: whether all of the file was understood and can be changed in an image
 */
gboolean
valise_reg_file_parse (GBytes *file, const char *name, GPtrArray *changes, GError **error)
{
  g_autofree char *text = valise_windows_text_decode (file, is_regedit4 (file));
  Parser parser = { .name = name, .at = text, .line = 1, .changes = changes };
  gboolean ok;

  if (text == NULL)
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _ ("“%s” is no text in UTF-16 or UTF-8. Save it again in Windows' registry "
                      "editor."),
                   name);
      return FALSE;
    }
  ok = read_all (&parser, error);
  g_free (parser.key);
  return ok;
}

/**
 * valise_reg_file_load:
 * @path: a file's path
 * @changes: (element-type ValiseRegistryChange): where to add what the file says
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Blocks. Any thread.
 *
 * Returns: whether the file could be read; see valise_reg_file_parse()
 */
gboolean
valise_reg_file_load (const char *path, GPtrArray *changes, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GError) cause = NULL;
  GStatBuf st;
  char *data;
  gsize size;

  if (g_stat (path, &st) == 0 && (!S_ISREG (st.st_mode) || st.st_size > VALISE_REG_FILE_MAX))
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _ ("“%s” is not a file, or larger than 64 MiB. Choose a file of Windows' "
                      "registry editor."),
                   name);
      return FALSE;
    }
  if (!g_file_get_contents (path, &data, &size, &cause))
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   /* Translators: a file's name, and what the system said. */
                   _ ("The registry file “%s” cannot be read: %s. Check the name and your rights."),
                   name, cause->message);
      return FALSE;
    }
  file = g_bytes_new_take (data, size);
  return valise_reg_file_parse (file, name, changes, error);
}
