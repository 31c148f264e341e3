/* valise-units.c: sizes in bytes, read from and written for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-units.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "valise-error.h"

/**
 * valise_parse_size:
 * @text: a number of bytes, or one with a unit: `64G`, `64GiB`, `64GB`, `128M`
 * @size: (out): where to put the size, in bytes
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Reads a size as people write it. `K`, `M`, `G`, `T` and `KiB`, `MiB`, … count in powers of 1024
 * as truncate(1) does; `KB`, `MB`, … count in powers of 1000, as drives are sold.
 *
 * Any thread.
 *
 * Returns: whether @text is such a size and larger than zero
 */
gboolean
valise_parse_size (const char *text, guint64 *size, GError **error)
{
  static const char units[] = "KMGT";
  guint64 value;
  char *end = NULL;

  g_return_val_if_fail (text != NULL && size != NULL, FALSE);

  errno = 0;
  value = g_ascii_strtoull (text, &end, 10);
  if (errno == 0 && g_ascii_isdigit (text[0]) && value > 0)
    {
      const char *unit = *end != '\0' ? strchr (units, g_ascii_toupper (*end)) : NULL;
      guint64 base = 1024;
      gboolean overflow = FALSE;

      if (unit != NULL)
        {
          end++;
          if (g_ascii_strcasecmp (end, "B") == 0)
            base = 1000;
          if (g_ascii_strcasecmp (end, "B") == 0 || g_ascii_strcasecmp (end, "iB") == 0)
            end += strlen (end);
          for (const char *u = units; u <= unit; u++)
            overflow |= !g_uint64_checked_mul (&value, value, base);
        }
      if (*end == '\0' && !overflow && value <= G_MAXINT64)
        {
          *size = value;
          return TRUE;
        }
    }
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("“%s” is not a size. Write a number with a unit, such as 64G or 128M."), text);
  return FALSE;
}
