/* valise-cldr.c: what people call languages and places.
 *
 * From Unicode's CLDR, which ICU carries: all languages, in all languages. It is in the process
 * anyway where libxml2 was built with it. Without ICU nothing has a name, and codes are shown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-cldr.h"

#ifdef VALISE_HAVE_ICU

#include <string.h>

#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>

#define MAX_NAME 256 /* UTF-16 units */

/* The user's language, or another one, as ICU calls it. */
static gboolean
find_locale (const char *locale, char found[ULOC_FULLNAME_CAPACITY])
{
  UErrorCode status = U_ZERO_ERROR;
  int32_t parsed = 0;

  if (locale == NULL)
    {
      const char *user = g_get_language_names ()[0];

      if (g_str_equal (user, "C") || g_str_has_prefix (user, "C.") || g_str_equal (user, "POSIX"))
        user = "en";
      uloc_canonicalize (user, found, ULOC_FULLNAME_CAPACITY, &status);
    }
  else
    {
      uloc_forLanguageTag (locale, found, ULOC_FULLNAME_CAPACITY, &parsed, &status);
      if (parsed == 0 || parsed != (int32_t) strlen (locale))
        return FALSE;
    }
  return U_SUCCESS (status) && status != U_STRING_NOT_TERMINATED_WARNING;
}

static char *
to_utf8 (const UChar *text, int32_t length, UErrorCode status)
{
  if (U_FAILURE (status) || length <= 0 || length > MAX_NAME)
    return NULL;
  return g_utf16_to_utf8 ((const gunichar2 *) text, length, NULL, NULL, NULL);
}

/**
 * valise_cldr_name_culture:
 * @culture: a language and region, such as `de-AT`
 * @locale: (nullable): the language to say it in, likewise; %NULL for the user's
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): its name, or %NULL if it is not known
 */
char *
valise_cldr_name_culture (const char *culture, const char *locale)
{
  char in[ULOC_FULLNAME_CAPACITY];
  char of[ULOC_FULLNAME_CAPACITY];
  UChar text[MAX_NAME];
  UErrorCode status = U_ZERO_ERROR;
  int32_t length;

  /* Windows has an old code for K’iche’. */
  if (g_str_equal (culture, "qut-GT"))
    culture = "quc-GT";
  if (!find_locale (locale, in) || !find_locale (culture, of))
    return NULL;
  length = uloc_getDisplayLanguage (of, in, text, MAX_NAME, &status);
  /* It gives back the code where it knows no name. */
  if (U_FAILURE (status) || status == U_USING_DEFAULT_WARNING)
    return NULL;
  length = uloc_getDisplayName (of, in, text, MAX_NAME, &status);
  return to_utf8 (text, length, status);
}

/* Not “Etc/GMT+7”, and not what this version of ICU has not heard of: both would be called “Unknown
 * City”. */
static gboolean
is_place (const UChar *zone)
{
  UChar canonical[MAX_NAME];
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = ucal_getCanonicalTimeZoneID (zone, -1, canonical, MAX_NAME, NULL, &status);
  g_autofree char *name = to_utf8 (canonical, length, status);

  return name != NULL && !g_str_has_prefix (name, "Etc/");
}

/**
 * valise_cldr_name_place:
 * @iana: one of IANA's names for a time zone
 * @locale: (nullable): the language to say it in; %NULL for the user's
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): the city that it is named after, or %NULL if that is not
 *   known, or no city
 */
char *
valise_cldr_name_place (const char *iana, const char *locale)
{
  static const UChar pattern[] = { 'V', 'V', 'V', 0 }; /* UTS 35: the zone's example of a city */
  g_autofree gunichar2 *zone = g_utf8_to_utf16 (iana, -1, NULL, NULL, NULL);
  char in[ULOC_FULLNAME_CAPACITY];
  UChar text[MAX_NAME];
  UErrorCode status = U_ZERO_ERROR;
  UDateFormat *format;
  int32_t length;

  if (zone == NULL || !is_place ((const UChar *) zone) || !find_locale (locale, in))
    return NULL;
  format = udat_open (UDAT_PATTERN, UDAT_PATTERN, in, (const UChar *) zone, -1, pattern, -1,
                      &status);
  if (U_FAILURE (status))
    return NULL;
  length = udat_format (format, 0, text, MAX_NAME, NULL, &status);
  udat_close (format);
  return to_utf8 (text, length, status);
}

/**
 * valise_cldr_get_offset:
 * @iana: one of IANA's names for a time zone
 * @minutes: (out): gets how far it is ahead of UTC now, without summer time
 *
 * Any thread.
 *
 * Returns: whether it is known
 */
gboolean
valise_cldr_get_offset (const char *iana, int *minutes)
{
  g_autofree gunichar2 *zone = g_utf8_to_utf16 (iana, -1, NULL, NULL, NULL);
  UErrorCode status = U_ZERO_ERROR;
  UCalendar *calendar;

  if (zone == NULL)
    return FALSE;
  calendar = ucal_open ((const UChar *) zone, -1, "en", UCAL_GREGORIAN, &status);
  if (U_FAILURE (status))
    return FALSE;
  *minutes = ucal_get (calendar, UCAL_ZONE_OFFSET, &status) / 60000;
  ucal_close (calendar);
  return U_SUCCESS (status);
}

#else

char *
valise_cldr_name_culture (const char *culture, const char *locale)
{
  return NULL;
}

char *
valise_cldr_name_place (const char *iana, const char *locale)
{
  return NULL;
}

gboolean
valise_cldr_get_offset (const char *iana, int *minutes)
{
  return FALSE;
}

#endif
