/* valise-computer-name.c: the names of many computers, made from one pattern.
 *
 * A pattern is a name with `{n}` in it for the drive's number in the batch (`{n:3}` or `{n:03}`: of
 * at least three digits) and `{serial}` for its serial number (`{serial:4}`: the last four letters
 * and digits of it). All names of a batch are made, and compared, before a drive is touched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-computer-name.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"
#include "valise-answer-rules.h"

static gboolean
refuse_pattern (const char *pattern, GError **error)
{
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _ ("“%s” is not a pattern for computer names. Write the drive's number as {n} or "
                  "{n:03}, and the end of its serial number as {serial:4}."),
               pattern);
  return FALSE;
}

/* Reads “:4” up to the closing brace; 0 where there is nothing. */
static gboolean
read_width (const char *text, gsize length, guint *width)
{
  *width = 0;
  if (length == 0)
    return TRUE;
  if (text[0] != ':' || length < 2 || length > 3)
    return FALSE;
  for (gsize i = 1; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      *width = *width * 10 + (text[i] - '0');
    }
  return *width >= 1 && *width <= VALISE_COMPUTER_NAME_MAX;
}

/* The last @width letters and digits of a serial number; all of them for 0. */
static gboolean
add_serial (GString *name, const ValiseNamedDrive *drive, guint width, GError **error)
{
  g_autoptr (GString) letters = g_string_new (NULL);

  for (const char *at = drive->serial != NULL ? drive->serial : ""; *at != '\0'; at++)
    if (g_ascii_isalnum (*at))
      g_string_append_c (letters, g_ascii_toupper (*at));
  if (letters->len == 0 || letters->len < width)
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   /* Translators: a drive's name. */
                   _ ("“%s” has no serial number, or a shorter one than the pattern for computer "
                      "names asks for. Use {n} in the pattern."),
                   drive->name);
      return FALSE;
    }
  g_string_append (name, letters->str + (width > 0 ? letters->len - width : 0));
  return TRUE;
}

static char *
expand (const char *pattern, const ValiseNamedDrive *drive, GError **error)
{
  g_autoptr (GString) name = g_string_new (NULL);
  const char *at = pattern;

  while (*at != '\0')
    {
      const char *end = *at == '{' ? strchr (at, '}') : NULL;
      guint width;

      if (*at == '}' || (*at == '{' && end == NULL))
        {
          refuse_pattern (pattern, error);
          return NULL;
        }
      if (*at != '{')
        {
          g_string_append_c (name, *at++);
          continue;
        }
      if (g_str_has_prefix (at, "{n") && read_width (at + 2, end - at - 2, &width))
        g_string_append_printf (name, "%0*u", (int)width, drive->number);
      else if (g_str_has_prefix (at, "{serial") && read_width (at + 7, end - at - 7, &width))
        {
          if (!add_serial (name, drive, width, error))
            return NULL;
        }
      else
        {
          refuse_pattern (pattern, error);
          return NULL;
        }
      at = end + 1;
    }
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/**
 * valise_computer_name_check_pattern:
 * @pattern: a name or pattern
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether names can be made from it, for drives with serial numbers of enough length
 */
gboolean
valise_computer_name_check_pattern (const char *pattern, GError **error)
{
  /* The shortest possible: with it, what is too long always is. */
  const gboolean whole = strstr (pattern, "{serial}") != NULL;
  const ValiseNamedDrive drive = { "", whole ? "A" : "AAAAAAAAAAAAAAA", 1 };
  g_autofree char *name = expand (pattern, &drive, error);

  return name != NULL && valise_check_computer_name (name, error);
}

/**
 * valise_computer_name_expand:
 * @pattern: a name or pattern
 * @drives: the drives of a batch
 * @n_drives: how many
 * @error: where to put an error of %VALISE_PLAN_ERROR, which names the drives
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): a name for each drive, all of them
 *   possible and different; %NULL if there are none such
 */
char **
valise_computer_name_expand (const char *pattern,
                             const ValiseNamedDrive *drives,
                             guint n_drives,
                             GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) names = g_new0 (char *, n_drives + 1);

  for (guint i = 0; i < n_drives; i++)
    {
      g_autofree char *folded = NULL;
      guint other;

      names[i] = expand (pattern, &drives[i], error);
      if (names[i] == NULL || !valise_check_computer_name (names[i], error))
        return NULL;
      folded = g_ascii_strup (names[i], -1);
      other = GPOINTER_TO_UINT (g_hash_table_lookup (seen, folded));
      if (other != 0)
        {
          g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       /* Translators: two drives, and the name that both computers would get. */
                       _ ("“%s” and “%s” would both get the computer name “%s”, and two computers "
                          "with one name disturb each other. Use {n} in the pattern."),
                       drives[other - 1].name, drives[i].name, names[i]);
          return NULL;
        }
      g_hash_table_insert (seen, g_steal_pointer (&folded), GUINT_TO_POINTER (i + 1));
    }
  return g_steal_pointer (&names);
}
