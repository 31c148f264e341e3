/* valise-windows-zones.c: what time zones are called in Windows.
 *
 * By CLDR, whose table is in valise-windows-zones-table.h with all names that IANA's zones have
 * had. A few places have no zone in Windows, and none is made up for them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-windows-zones.h"

#include <string.h>

#include "valise-windows-zones-table.h"

static gboolean
has_word (const char *words, const char *word)
{
  const gsize length = strlen (word);

  for (const char *at = words; (at = strstr (at, word)) != NULL; at += length)
    if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
      return TRUE;
  return FALSE;
}

/**
 * valise_windows_zone_find:
 * @iana: one of IANA's names for a time zone, such as `Europe/Berlin`
 *
 * Returns: (nullable): Windows' name for it; %NULL where it has none
 */
const char *
valise_windows_zone_find (const char *iana)
{
  if (*iana == '\0' || strchr (iana, ' ') != NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (zones); i++)
    if (has_word (zones[i].iana, iana))
      return zones[i].windows;
  return NULL;
}

/* Where it is in the table; behind its end where it is not. */
static guint
find_zone (const char *windows)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (zones) && !g_str_equal (zones[i].windows, windows))
    i++;
  return i;
}

/**
 * valise_windows_zone_get_typical:
 * @windows: Windows' name for a time zone
 *
 * Returns: (nullable): that one of IANA's which it is all over the world, or %NULL
 */
const char *
valise_windows_zone_get_typical (const char *windows)
{
  const guint i = find_zone (windows);

  return i < G_N_ELEMENTS (zones) ? zones[i].typical : NULL;
}

/**
 * valise_windows_zone_is_known:
 * @windows: a name
 *
 * Returns: whether it is Windows' name for a time zone; one without summer time has `_dstoff`
 *   behind it
 */
gboolean
valise_windows_zone_is_known (const char *windows)
{
  g_autofree char *name = g_strdup (windows);

  if (g_str_has_suffix (name, "_dstoff"))
    name[strlen (name) - strlen ("_dstoff")] = '\0';
  return valise_windows_zone_get_typical (name) != NULL;
}

/**
 * valise_windows_zone_get_nth:
 * @n: a number from 0
 *
 * Returns: (nullable): the name of Windows' @n-th zone, by the alphabet; %NULL behind the last
 */
const char *
valise_windows_zone_get_nth (guint n)
{
  return n < G_N_ELEMENTS (zones) ? zones[n].windows : NULL;
}

/**
 * valise_windows_zone_get_places:
 * @windows: Windows' name for a time zone
 *
 * Returns: (transfer full) (array zero-terminated=1): the names of IANA's zones that tell a person
 *   where it is: the typical one, where that is a place, and those of other large countries
 */
char **
valise_windows_zone_get_places (const char *windows)
{
  const guint i = find_zone (windows);
  g_autofree char *names = NULL;

  if (i == G_N_ELEMENTS (zones))
    return g_new0 (char *, 1);
  if (g_str_has_prefix (zones[i].typical, "Etc/"))
    return g_strsplit (zones[i].others, " ", 0);
  names = g_strjoin (*zones[i].others != '\0' ? " " : "", zones[i].typical, zones[i].others, NULL);
  return g_strsplit (names, " ", 0);
}

/**
 * valise_windows_zone_get_iana:
 * @windows: Windows' name for a time zone
 *
 * Returns: (nullable): all of IANA's names for it, with spaces between them
 */
const char *
valise_windows_zone_get_iana (const char *windows)
{
  const guint i = find_zone (windows);

  return i < G_N_ELEMENTS (zones) ? zones[i].iana : NULL;
}
