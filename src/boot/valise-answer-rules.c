/* valise-answer-rules.c: what Windows takes for a name, a key, a language or a command.
 *
 * What breaks these rules makes Windows stop in the middle of its first start, where nobody can
 * change it any more; hence it is said before anything is written. The rules are from Microsoft's
 * “Unattended Windows Setup Reference” (pages of the settings LocalAccount/Name, ComputerName,
 * ProductKey, InputLocale, RunSynchronousCommand/Path and SynchronousCommand/CommandLine) and from
 * “NetUserAdd function” (20 characters, the characters that are not allowed).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-answer-rules.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"

#define ACCOUNT_NAME_MAX 20
#define PASSWORD_MAX 127
#define TEXT_MAX 256

/* Accounts and groups that every Windows has, and names that no folder can have. */
static const char *const taken[] = {
  "Administrator",
  "Administrators",
  "Backup Operators",
  "DefaultAccount",
  "Guest",
  "Guests",
  "IIS_IUSRS",
  "KRBTGT",
  "Local",
  "Local Service",
  "Network Service",
  "None",
  "Power Users",
  "Remote Desktop Users",
  "System",
  "Users",
  "WDAGUtilityAccount",
  "WsiAccount",
  "AUX",
  "CON",
  "NUL",
  "PRN",
};

/* Windows counts in units of UTF-16. */
static glong
count_units (const char *text)
{
  glong n = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    n += g_utf8_get_char (at) > 0xffff ? 2 : 1;
  return n;
}

static gboolean
has_control (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      /* The last two are no characters, and not allowed in XML. */
      if (g_unichar_iscntrl (c) || c == 0xfffe || c == 0xffff)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_device (const char *name)
{
  return (g_ascii_strncasecmp (name, "COM", 3) == 0 || g_ascii_strncasecmp (name, "LPT", 3) == 0) &&
         g_ascii_isdigit (name[3]) && name[4] == '\0';
}

/**
 * valise_check_line:
 * @text: any text, in UTF-8
 * @error: where to put an error
 *
 * Returns: whether it can be in an answer file: one line, not longer than Windows takes
 */
gboolean
valise_check_line (const char *text, GError **error)
{
  if (!g_utf8_validate (text, -1, NULL))
    return valise_plan_refuse (error, _ ("A text is not valid UTF-8. Type it again."));
  if (has_control (text))
    return valise_plan_refuse (error,
                               _ ("A text has characters that cannot be seen. Type it again."));
  if (count_units (text) > TEXT_MAX)
    return valise_plan_refuse (error, _ ("“%s” is too long: Windows takes %u characters."), text,
                               TEXT_MAX);
  return TRUE;
}

/**
 * valise_check_account_name:
 * @name: a name
 * @error: where to put an error of %VALISE_PLAN_ERROR that says what is wrong
 *
 * Returns: whether a local account can have it
 */
gboolean
valise_check_account_name (const char *name, GError **error)
{
  static const char forbidden[] = "\"/\\[]:;|=,+*?<>@%";
  const char *wrong;
  gsize length;

  if (!valise_check_line (name, error))
    return FALSE;
  length = strlen (name);
  if (length == 0)
    return valise_plan_refuse (error, _ ("The account has no name. Give it one."));
  if (count_units (name) > ACCOUNT_NAME_MAX)
    return valise_plan_refuse (
        error,
        _ ("The account name “%s” is too long: Windows takes %u characters. A longer "
           "name can be the account's full name."),
        name, ACCOUNT_NAME_MAX);
  wrong = strpbrk (name, forbidden);
  if (wrong != NULL)
    /* Translators: a name, and one character. */
    return valise_plan_refuse (
        error, _ ("The account name “%s” has a “%c”, which Windows does not allow."), name, *wrong);
  if (name[0] == ' ' || name[length - 1] == ' ' || name[length - 1] == '.')
    return valise_plan_refuse (
        error,
        _ ("The account name “%s” begins or ends with a space, or ends with a dot, "
           "which Windows does not allow."),
        name);
  for (guint i = 0; i < G_N_ELEMENTS (taken); i++)
    if (g_ascii_strcasecmp (name, taken[i]) == 0)
      return valise_plan_refuse (
          error, _ ("“%s” is a name that Windows uses itself. Choose another one."), name);
  if (is_device (name))
    return valise_plan_refuse (
        error, _ ("“%s” is a name that Windows uses itself. Choose another one."), name);
  return TRUE;
}

/**
 * valise_check_computer_name:
 * @name: a name
 * @error: where to put an error of %VALISE_PLAN_ERROR that says what is wrong
 *
 * Windows would also take letters of other languages, which not every network knows; they are
 * refused here.
 *
 * Returns: whether a computer can have it
 */
gboolean
valise_check_computer_name (const char *name, GError **error)
{
  gboolean only_digits = TRUE;
  gsize length;

  if (!valise_check_line (name, error))
    return FALSE;
  length = strlen (name);
  if (length == 0)
    return valise_plan_refuse (
        error, _ ("The computer has no name. Give it one, or let Windows make one up."));
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    {
      only_digits = only_digits && g_ascii_isdigit (*at);
      if (!g_ascii_isalnum (*at) && *at != '-')
        return valise_plan_refuse (
            error,
            /* Translators: a name, and one character of it. */
            _ ("The computer name “%s” has a “%.*s”. Letters from A to Z, digits and "
               "hyphens are possible."),
            name, (int)(g_utf8_next_char (at) - at), at);
    }
  if (length > VALISE_COMPUTER_NAME_MAX)
    return valise_plan_refuse (error,
                               _ ("The computer name “%s” has %u characters; %u are possible."),
                               name, (guint)length, VALISE_COMPUTER_NAME_MAX);
  if (only_digits)
    return valise_plan_refuse (
        error,
        _ ("The computer name “%s” has digits only, which Windows does not allow. Add a "
           "letter."),
        name);
  if (name[0] == '-' || name[length - 1] == '-')
    return valise_plan_refuse (
        error,
        _ ("The computer name “%s” begins or ends with a hyphen, which networks "
           "do not allow."),
        name);
  return TRUE;
}

/**
 * valise_check_product_key:
 * @key: a product key
 * @error: where to put an error of %VALISE_PLAN_ERROR, without the key in it
 *
 * Whether Microsoft knows the key is not known here.
 *
 * Returns: whether it has the form of one
 */
gboolean
valise_check_product_key (const char *key, GError **error)
{
  static const char alphabet[] = "BCDFGHJKMPQRTVWXY2346789N";
  gboolean right = strlen (key) == 29;

  for (guint i = 0; right && i < 29; i++)
    right = i % 6 == 5 ? key[i] == '-' : strchr (alphabet, key[i]) != NULL;
  return right ||
         valise_plan_refuse (
             error, _ ("That is not a product key. One has five groups of five capital letters "
                       "and digits, with hyphens between them, and no A, E, I, L, O, S, U, Z, "
                       "0, 1 or 5."));
}

/**
 * valise_check_password:
 * @password: a password; may be empty
 * @error: where to put an error of %VALISE_PLAN_ERROR, without the password in it
 *
 * Returns: whether an account can have it
 */
gboolean
valise_check_password (const char *password, GError **error)
{
  if (!g_utf8_validate (password, -1, NULL) || has_control (password))
    return valise_plan_refuse (
        error, _ ("The password has characters that cannot be typed in Windows. Choose "
                  "another one."));
  if (count_units (password) > PASSWORD_MAX)
    return valise_plan_refuse (error, _ ("The password is too long: Windows takes %u characters."),
                               PASSWORD_MAX);
  return TRUE;
}

/* Whether the next part of a language tag, up to @end, is of @length letters or digits. */
static gboolean
is_part (const char *at, gsize length, gboolean digits, gboolean letters)
{
  for (gsize i = 0; i < length; i++)
    if (!(digits && g_ascii_isdigit (at[i])) && !(letters && g_ascii_isalpha (at[i])))
      return FALSE;
  return TRUE;
}

static gboolean
is_culture (const char *name)
{
  gsize length = strcspn (name, "-_");
  guint n_parts = 1;

  if (length < 2 || length > 3 || !is_part (name, length, FALSE, TRUE))
    return FALSE;
  for (name += length; *name != '\0'; name += length)
    {
      name++;
      length = strcspn (name, "-_");
      if (length < 2 || length > 8 || ++n_parts > 4 || !is_part (name, length, TRUE, TRUE))
        return FALSE;
    }
  return n_parts > 1;
}

/**
 * valise_check_culture:
 * @name: a language and region, as Windows calls them
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether it has the form `de-DE`, `sr-Latn-RS` or `ca-ES-valencia`
 */
gboolean
valise_check_culture (const char *name, GError **error)
{
  return is_culture (name) ||
         valise_plan_refuse (
             error, _ ("“%s” is not a language and region. Write it as “en-US” or “sr-Latn-RS”."),
             name);
}

static gboolean
is_hex (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return TRUE;
}

/* “0407:00000407”, or an input method: “0411:{…}{…}”. */
static gboolean
is_input_locale (const char *text)
{
  const gsize length = strlen (text);

  if (length < 6 || !is_hex (text, 4) || text[4] != ':')
    return FALSE;
  if (length == 13)
    return is_hex (text + 5, 8);
  if (length != 5 + 2 * 38)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    {
      const char *at = text + 5 + 38 * i;
      g_autofree char *guid = g_strndup (at + 1, 36);

      if (at[0] != '{' || at[37] != '}' || !g_uuid_string_is_valid (guid))
        return FALSE;
    }
  return TRUE;
}

/**
 * valise_check_keyboard:
 * @keyboard: keyboards, with semicolons between them
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether Windows could know them
 */
gboolean
valise_check_keyboard (const char *keyboard, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (keyboard, ";", 0);

  for (guint i = 0; parts[i] != NULL || i == 0; i++)
    if (parts[i] == NULL || (!is_input_locale (g_strstrip (parts[i])) && !is_culture (parts[i])))
      return valise_plan_refuse (
          error,
          _ ("“%s” is not a keyboard of Windows. Write it as “0407:00000407” (language "
             "and layout) or “de-DE” (the language's usual one)."),
          parts[i] != NULL ? parts[i] : "");
  return TRUE;
}

/**
 * valise_check_command:
 * @command: a command
 * @max: how many characters Windows takes
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether it can be in an answer file
 */
gboolean
valise_check_command (const char *command, guint max, GError **error)
{
  if (!g_utf8_validate (command, -1, NULL) || has_control (command) || *command == '\0')
    return valise_plan_refuse (
        error, _ ("A command is empty, or has characters that cannot be seen. Type it "
                  "again."));
  if (count_units (command) > max)
    return valise_plan_refuse (
        error,
        _ ("The command “%s” is too long: Windows takes %u characters. Put it into a "
           "file of its own and have that run."),
        command, max);
  return TRUE;
}
