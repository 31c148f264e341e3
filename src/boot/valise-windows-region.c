/* valise-windows-region.c: what languages and keyboards are called in Windows.
 *
 * From the names that a Linux has for them: locales of POSIX, and layouts of XKB. A name that
 * Windows has nothing for leads to nothing, not to something else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-windows-region.h"

#include <string.h>

#include "valise-windows-region-table.h"

/* Locales whose names in Windows have a script, another language, or a variant. */
static const struct
{
  const char *language;
  const char *region;
  const char *modifier; /* NULL for any other */
  const char *culture;
} special[] = {
  { "az", "AZ", NULL, "az-Latn-AZ" },
  { "bs", "BA", NULL, "bs-Latn-BA" },
  { "ca", "ES", "valencia", "ca-ES-valencia" },
  { "ckb", "IQ", NULL, "ku-Arab-IQ" },
  { "ff", "SN", NULL, "ff-Latn-SN" },
  { "ha", "NG", NULL, "ha-Latn-NG" },
  { "iu", "CA", NULL, "iu-Cans-CA" },
  { "iw", "IL", NULL, "he-IL" },
  { "no", "NO", NULL, "nb-NO" },
  { "pa", "PK", NULL, "pa-Arab-PK" },
  { "quz", "PE", NULL, "quz-PE" },
  { "sd", "PK", NULL, "sd-Arab-PK" },
  { "sr", "ME", "latin", "sr-Latn-ME" },
  { "sr", "ME", NULL, "sr-Cyrl-ME" },
  { "sr", "RS", "latin", "sr-Latn-RS" },
  { "sr", "RS", NULL, "sr-Cyrl-RS" },
  { "tg", "TJ", NULL, "tg-Cyrl-TJ" },
  { "tl", "PH", NULL, "fil-PH" },
  { "uz", "UZ", "cyrillic", "uz-Cyrl-UZ" },
  { "uz", "UZ", NULL, "uz-Latn-UZ" },
};

/**
 * valise_windows_culture_get_nth:
 * @n: a number from 0
 *
 * Returns: (nullable): the @n-th of Windows' languages with a region, by the alphabet; %NULL behind
 *   the last
 */
const char *
valise_windows_culture_get_nth (guint n)
{
  return n < G_N_ELEMENTS (cultures) ? cultures[n].name : NULL;
}

/**
 * valise_windows_culture_get_input:
 * @culture: a language and region, such as `de-AT`
 *
 * Returns: (nullable): its usual input profile, such as `0c07:00000407`; %NULL if it is not known
 */
const char *
valise_windows_culture_get_input (const char *culture)
{
  for (guint i = 0; i < G_N_ELEMENTS (cultures); i++)
    if (g_ascii_strcasecmp (cultures[i].name, culture) == 0)
      return cultures[i].input;
  return NULL;
}

static const char *
find_culture (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (cultures); i++)
    if (g_str_equal (cultures[i].name, name))
      return cultures[i].name;
  return NULL;
}

/**
 * valise_windows_culture_find:
 * @posix: a locale's name, such as `de_AT.UTF-8` or `sr_RS@latin`
 *
 * Returns: (nullable): Windows' name for it, such as `de-AT`; %NULL where it has none
 */
const char *
valise_windows_culture_find (const char *posix)
{
  const char *modifier = strchr (posix, '@');
  g_autofree char *name = g_strndup (posix, strcspn (posix, ".@"));
  char *region = strchr (name, '_');

  if (region == NULL)
    return NULL;
  *region++ = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (special); i++)
    if (g_str_equal (special[i].language, name) && g_str_equal (special[i].region, region) &&
        (special[i].modifier == NULL ||
         (modifier != NULL && g_str_equal (special[i].modifier, modifier + 1))))
      return special[i].culture;
  region[-1] = '-';
  return find_culture (name);
}

static const char *
find_keyboard (const char *layout, const char *variant)
{
  const char *plain = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (keyboards); i++)
    {
      if (!g_str_equal (keyboards[i].layout, layout))
        continue;
      if (keyboards[i].variant == NULL)
        plain = keyboards[i].keyboard;
      else if (variant != NULL && g_str_equal (keyboards[i].variant, variant))
        return keyboards[i].keyboard;
    }
  return plain;
}

/* The language that a keyboard is used with: the user's own, or that which it is made for. */
static char *
make_input (const char *keyboard, const char *usual)
{
  /* An input method of the language brings its keyboard with it. */
  if (usual != NULL && strchr (usual, '{') != NULL &&
      g_ascii_strncasecmp (usual, keyboard + 4, 4) == 0)
    return g_strdup (usual);
  if (usual != NULL)
    return g_strdup_printf ("%.4s:%s", usual, keyboard);
  /* What ends with 0c00 is no language's. */
  return g_strdup_printf ("%s:%s", g_str_has_suffix (keyboard, "0c00") ? "0409" : keyboard + 4,
                          keyboard);
}

/**
 * valise_windows_keyboard_find:
 * @layouts: names of XKB layouts, with commas between them
 * @variants: (nullable): their variants, in the same way
 * @culture: (nullable): the language and region that they are used with
 *
 * Returns: (transfer full) (nullable): Windows' input profiles, with semicolons between them; %NULL
 *   where Windows has none of the keyboards
 */
char *
valise_windows_keyboard_find (const char *layouts, const char *variants, const char *culture)
{
  g_auto (GStrv) layout = g_strsplit (layouts, ",", 8);
  g_auto (GStrv) variant = g_strsplit (variants != NULL ? variants : "", ",", 8);
  const char *usual = culture != NULL ? valise_windows_culture_get_input (culture) : NULL;
  const guint n_variants = g_strv_length (variant);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; layout[i] != NULL; i++)
    {
      const char *keyboard = find_keyboard (layout[i], i < n_variants ? variant[i] : NULL);
      g_autofree char *input = keyboard != NULL ? make_input (keyboard, usual) : NULL;

      if (input != NULL && !g_ptr_array_find_with_equal_func (found, input, g_str_equal, NULL))
        g_ptr_array_add (found, g_steal_pointer (&input));
    }
  if (found->len == 0)
    return NULL;
  g_ptr_array_add (found, NULL);
  return g_strjoinv (";", (char **)found->pdata);
}

/**
 * valise_windows_keyboard_get_nth:
 * @n: a number from 0
 * @layout: (out): gets the name of an XKB layout
 * @variant: (out) (nullable): gets its variant
 *
 * Those that are most alike come first, where Windows has one keyboard for several.
 *
 * Returns: (transfer full) (nullable): the input profile of the @n-th keyboard with the language
 *   that it is made for; %NULL behind the last
 */
char *
valise_windows_keyboard_get_nth (guint n, const char **layout, const char **variant)
{
  if (n >= G_N_ELEMENTS (keyboards))
    return NULL;
  *layout = keyboards[n].layout;
  *variant = keyboards[n].variant;
  return make_input (keyboards[n].keyboard, NULL);
}
