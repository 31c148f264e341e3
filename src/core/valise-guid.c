/* valise-guid.c: GUIDs as text, as bytes, and new ones.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-guid.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/random.h>

#include "valise-error.h"

#define TEXT_LENGTH 36 /* 32 digits and 4 hyphens */

/* Where the text has a hyphen: before the bytes 4, 6, 8 and 10. */
static gboolean
hyphen_before (guint i)
{
  return i == 4 || i == 6 || i == 8 || i == 10;
}

/**
 * valise_guid_parse:
 * @text: a GUID such as `8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b`, with or without braces, in any case
 * @guid: (out): where to put it; untouched on failure
 * @error: where to put %VALISE_PLAN_ERROR_INVALID
 *
 * Reads a GUID. Nothing may stand before or after it.
 *
 * Any thread.
 *
 * Returns: whether @text is a GUID
 */
gboolean
valise_guid_parse (const char *text, ValiseGuid *guid, GError **error)
{
  ValiseGuid result;
  const char *p = text;
  gboolean good;

  g_return_val_if_fail (text != NULL && guid != NULL, FALSE);

  good = strlen (text) == TEXT_LENGTH;
  if (!good && strlen (text) == TEXT_LENGTH + 2 && text[0] == '{' && text[TEXT_LENGTH + 1] == '}')
    {
      p = text + 1;
      good = TRUE;
    }
  for (guint i = 0; good && i < sizeof result.bytes; i++)
    {
      if (hyphen_before (i) && *p++ != '-')
        good = FALSE;
      else if (!g_ascii_isxdigit (p[0]) || !g_ascii_isxdigit (p[1]))
        good = FALSE;
      else
        {
          result.bytes[i] = g_ascii_xdigit_value (p[0]) << 4 | g_ascii_xdigit_value (p[1]);
          p += 2;
        }
    }
  if (!good)
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _("“%s” is not a GUID. Write one like 8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b."),
                   text);
      return FALSE;
    }
  *guid = result;
  return TRUE;
}

/**
 * valise_guid_format:
 * @guid: a GUID
 *
 * Any thread.
 *
 * Returns: (transfer full): the text of @guid in lower case, without braces
 */
char *
valise_guid_format (const ValiseGuid *guid)
{
  GString *text = g_string_sized_new (TEXT_LENGTH);

  for (guint i = 0; i < sizeof guid->bytes; i++)
    g_string_append_printf (text, "%s%02x", hyphen_before (i) ? "-" : "", guid->bytes[i]);
  return g_string_free (text, FALSE);
}

/**
 * valise_guid_format_braced:
 * @guid: a GUID
 *
 * Any thread.
 *
 * Returns: (transfer full): the text of @guid in lower case, in braces as the registry has it
 */
char *
valise_guid_format_braced (const ValiseGuid *guid)
{
  g_autofree char *text = valise_guid_format (guid);

  return g_strdup_printf ("{%s}", text);
}

/**
 * valise_guid_random:
 * @guid: (out): where to put it
 *
 * Makes a new GUID of version 4 (RFC 4122, section 4.4) from the kernel's random numbers.
 *
 * Any thread.
 */
void
valise_guid_random (ValiseGuid *guid)
{
  gsize have = 0;

  while (have < sizeof guid->bytes)
    {
      ssize_t n = getrandom (guid->bytes + have, sizeof guid->bytes - have, 0);

      if (n > 0)
        have += n;
      else if (errno != EINTR)
        g_error ("getrandom: %s", g_strerror (errno)); /* cannot fail on a kernel of this decade */
    }
  guid->bytes[6] = (guid->bytes[6] & 0x0f) | 0x40;
  guid->bytes[8] = (guid->bytes[8] & 0x3f) | 0x80;
}

static void
swap_fields (const guint8 from[16], guint8 to[16])
{
  static const guint8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
  guint8 swapped[16];

  for (guint i = 0; i < sizeof order; i++)
    swapped[i] = from[order[i]];
  memcpy (to, swapped, sizeof swapped);
}

/**
 * valise_guid_to_mixed:
 * @guid: a GUID
 * @mixed: (out) (array fixed-size=16): where to put its bytes
 *
 * Gives @guid as GPT (UEFI specification, appendix A) and BCD device elements hold it: the first
 * three fields are little-endian.
 *
 * Any thread.
 */
void
valise_guid_to_mixed (const ValiseGuid *guid, guint8 mixed[16])
{
  swap_fields (guid->bytes, mixed);
}

/**
 * valise_guid_from_mixed:
 * @mixed: (array fixed-size=16): bytes in the mixed-endian form
 * @guid: (out): where to put the GUID
 *
 * The reverse of valise_guid_to_mixed().
 *
 * Any thread.
 */
void
valise_guid_from_mixed (const guint8 mixed[16], ValiseGuid *guid)
{
  swap_fields (mixed, guid->bytes);
}

/**
 * valise_guid_equal:
 * @a: a GUID
 * @b: another
 *
 * Returns: whether they are the same
 */
gboolean
valise_guid_equal (const ValiseGuid *a, const ValiseGuid *b)
{
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/**
 * valise_guid_is_nil:
 * @guid: a GUID
 *
 * Returns: whether all of its bytes are zero
 */
gboolean
valise_guid_is_nil (const ValiseGuid *guid)
{
  static const ValiseGuid nil;

  return valise_guid_equal (guid, &nil);
}
