/* valise-profile-keys.c: what keys a profile has.
 *
 * One table says for each key where it stands in the file, what its value is, and where that is
 * kept. Reading, writing, checking, `--set` and the documentation's test all go by it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-profile-keys.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-record.h"

static const char *const layouts[] = { "gpt", "mbr", NULL };
static const char *const containers[] = { "none", "vhd", "vhdx", NULL };
static const char *const boot_managers[] = { "2011", "2023", NULL };
static const char *const disks[] = { "offline", "online", NULL };
static const char *const accounts[] = { "ask", "administrator", "standard", NULL };

#define AT(member) G_STRUCT_OFFSET (ValiseProfile, member)
#define POLICY(member) AT (setup.policies.member)
#define ANSWER(member) AT (setup.answers.member)
#define WINDOWS(member) AT (setup.windows.member)

static const ValiseProfileKey keys[] = {
  { "image", "edition", VALISE_PROFILE_TEXT, AT (edition), NULL },
  { "drive", "layout", VALISE_PROFILE_WORD, AT (layout), layouts },
  { "drive", "container", VALISE_PROFILE_WORD, AT (container), containers },
  { "drive", "containerSize", VALISE_PROFILE_SIZE, AT (container_size), NULL },
  { "drive", "bootManager", VALISE_PROFILE_WORD, AT (boot_manager), boot_managers },
  { "drive", "compact", VALISE_PROFILE_WORD, AT (compact), valise_compact_mode_names },
  { "drive", "verify", VALISE_PROFILE_NOT, AT (no_verify), NULL },
  { "drive", "allowEncrypted", VALISE_PROFILE_BOOLEAN, AT (allow_encrypted), NULL },
  { "drive", "cache", VALISE_PROFILE_SIZE, AT (cache_size), NULL },
  { "account", "kind", VALISE_PROFILE_WORD, ANSWER (account), accounts },
  { "account", "name", VALISE_PROFILE_TEXT, ANSWER (account_name), NULL },
  { "account", "fullName", VALISE_PROFILE_TEXT, ANSWER (account_full_name), NULL },
  { "account", "password", VALISE_PROFILE_SECRET, ANSWER (account_password), NULL },
  { "administrator", "name", VALISE_PROFILE_TEXT, ANSWER (admin_name), NULL },
  { "administrator", "password", VALISE_PROFILE_SECRET, ANSWER (admin_password), NULL },
  { "computer", "name", VALISE_PROFILE_TEXT, ANSWER (computer_name), NULL },
  { "computer", "owner", VALISE_PROFILE_TEXT, ANSWER (owner), NULL },
  { "computer", "organization", VALISE_PROFILE_TEXT, ANSWER (organization), NULL },
  { "computer", "productKey", VALISE_PROFILE_SECRET, ANSWER (product_key), NULL },
  { "region", "language", VALISE_PROFILE_TEXT, ANSWER (language), NULL },
  { "region", "locale", VALISE_PROFILE_TEXT, ANSWER (locale), NULL },
  { "region", "systemLocale", VALISE_PROFILE_TEXT, ANSWER (system_locale), NULL },
  { "region", "keyboard", VALISE_PROFILE_TEXT, ANSWER (keyboard), NULL },
  { "region", "timeZone", VALISE_PROFILE_TEXT, ANSWER (time_zone), NULL },
  { "region", "fromThisComputer", VALISE_PROFILE_BOOLEAN, AT (setup.pc_region), NULL },
  { "firstStart", "skipLicense", VALISE_PROFILE_BOOLEAN, ANSWER (skip_license), NULL },
  { "firstStart", "skipPrivacy", VALISE_PROFILE_BOOLEAN, ANSWER (skip_privacy), NULL },
  { "firstStart", "skipOnlineAccount", VALISE_PROFILE_BOOLEAN, ANSWER (skip_online_account), NULL },
  { "firstStart", "skipNetwork", VALISE_PROFILE_BOOLEAN, ANSWER (skip_network), NULL },
  { "firstStart", "requireNetwork", VALISE_PROFILE_BOOLEAN, WINDOWS (require_network), NULL },
  { "firstStart", "answerFile", VALISE_PROFILE_PATH, AT (setup.answer_file), NULL },
  { "firstStart", "systemCommands", VALISE_PROFILE_TEXTS, ANSWER (specialize_commands), NULL },
  { "firstStart", "commands", VALISE_PROFILE_TEXTS, ANSWER (first_logon_commands), NULL },
  { "portable", "extend", VALISE_PROFILE_BOOLEAN, ANSWER (extend), NULL },
  { "portable", "removeRecovery", VALISE_PROFILE_BOOLEAN, ANSWER (remove_recovery), NULL },
  { "portable", "preventEncryption", VALISE_PROFILE_BOOLEAN, ANSWER (prevent_encryption), NULL },
  { "portable", "internalDisks", VALISE_PROFILE_WORD, WINDOWS (internal_disks_online), disks },
  { "portable", "fastStartup", VALISE_PROFILE_BOOLEAN, WINDOWS (fast_startup), NULL },
  { "portable", "portableOs", VALISE_PROFILE_BOOLEAN, WINDOWS (portable_os), NULL },
  { "registry", "files", VALISE_PROFILE_PATHS, AT (setup.reg_files), NULL },
  { "company", "lockAfterMinutes", VALISE_PROFILE_NUMBER, POLICY (lock_minutes), NULL },
  { "company", "blockRemovableDrives", VALISE_PROFILE_BOOLEAN, POLICY (block_removable), NULL },
  { "company", "encryptAtFirstSignIn", VALISE_PROFILE_BOOLEAN, POLICY (bitlocker), NULL },
  { "company", "recoveryKeyFolder", VALISE_PROFILE_TEXT, POLICY (bitlocker_recovery), NULL },
  { "company", "appLocker", VALISE_PROFILE_PATH, POLICY (applocker), NULL },
  { "company", "appControl", VALISE_PROFILE_PATH, POLICY (code_integrity), NULL },
  { "company", "wifi", VALISE_PROFILE_PATHS, POLICY (wifi), NULL },
  { "company", "rootCertificates", VALISE_PROFILE_PATHS, POLICY (root_certificates), NULL },
  { "company", "clientCertificates", VALISE_PROFILE_PATHS, POLICY (client_certificates), NULL },
  { "company", "certificatePassword", VALISE_PROFILE_SECRET, POLICY (client_password), NULL },
  { "company", "copy", VALISE_PROFILE_PATHS, AT (setup.copies), NULL },
  { "drivers", "folders", VALISE_PROFILE_PATHS, AT (setup.driver_folders), NULL },
};

/* The longest list, and text, that is taken from a file. */
#define MAX_ELEMENTS 500
#define MAX_TEXT 4096

/**
 * valise_profile_key_get_nth:
 * @n: a number from 0
 *
 * Returns: (nullable): the @n-th key in the order of the file; %NULL behind the last
 */
const ValiseProfileKey *
valise_profile_key_get_nth (guint n)
{
  return n < G_N_ELEMENTS (keys) ? &keys[n] : NULL;
}

/**
 * valise_profile_key_find:
 * @section: an object's name
 * @name: a member's name
 *
 * Returns: (nullable): the key, if there is such a one
 */
const ValiseProfileKey *
valise_profile_key_find (const char *section, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_equal (keys[i].section, section) && g_str_equal (keys[i].name, name))
      return &keys[i];
  return NULL;
}

/**
 * valise_profile_key_is_section:
 * @name: a member's name
 *
 * Returns: whether a profile has an object of that name
 */
gboolean
valise_profile_key_is_section (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_equal (keys[i].section, name))
      return TRUE;
  return FALSE;
}

/* In how many letters two words differ (Levenshtein), where both are short. */
static guint
get_distance (const char *a, const char *b)
{
  guint row[64];
  const gsize length = strlen (b);

  if (length >= G_N_ELEMENTS (row) || strlen (a) >= G_N_ELEMENTS (row))
    return G_MAXUINT;
  for (guint j = 0; j <= length; j++)
    row[j] = j;
  for (guint i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = i + 1;
      for (guint j = 0; j < length; j++)
        {
          const gboolean same = g_ascii_tolower (a[i]) == g_ascii_tolower (b[j]);
          const guint best = MIN (MIN (row[j], row[j + 1]) + 1, diagonal + !same);

          diagonal = row[j + 1];
          row[j + 1] = best;
        }
    }
  return row[length];
}

/**
 * valise_profile_key_guess:
 * @path: what is no key, such as `account.nmae`
 *
 * Returns: (transfer full) (nullable): the key that may be meant
 */
char *
valise_profile_key_guess (const char *path)
{
  guint best = 4; /* more would be another word */
  char *guess = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *name = g_strconcat (keys[i].section, ".", keys[i].name, NULL);
      const guint distance = get_distance (path, name);

      if (distance >= best)
        continue;
      best = distance;
      g_free (guess);
      guess = g_steal_pointer (&name);
    }
  return guess;
}

/* ---- values ---- */

static gpointer
at (const ValiseProfileKey *key, const ValiseProfile *profile)
{
  return (guint8 *) profile + key->offset;
}

/**
 * valise_profile_key_clear:
 * @key: a key
 * @profile: a profile
 *
 * Frees a text or a list; sets that, a size or a number to nothing.
 */
void
valise_profile_key_clear (const ValiseProfileKey *key, ValiseProfile *profile)
{
  switch (key->type)
    {
    case VALISE_PROFILE_TEXT:
    case VALISE_PROFILE_SECRET:
    case VALISE_PROFILE_PATH:
      g_clear_pointer ((char **) at (key, profile), g_free);
      break;
    case VALISE_PROFILE_TEXTS:
    case VALISE_PROFILE_PATHS:
      g_clear_pointer ((char ***) at (key, profile), g_strfreev);
      break;
    case VALISE_PROFILE_SIZE:
      *(guint64 *) at (key, profile) = 0;
      break;
    case VALISE_PROFILE_NUMBER:
      *(guint *) at (key, profile) = 0;
      break;
    case VALISE_PROFILE_BOOLEAN:
    case VALISE_PROFILE_NOT:
    case VALISE_PROFILE_WORD:
    default:
      break;
    }
}

static gboolean
refuse (GError **error, const char *words)
{
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID, words);
  return FALSE;
}

static gboolean
read_word (const ValiseProfileKey *key, ValiseProfile *profile, const char *text, GError **error)
{
  g_autofree char *list = NULL;

  for (guint i = 0; key->words[i] != NULL; i++)
    if (g_str_equal (key->words[i], text))
      {
        *(gint *) at (key, profile) = i;
        return TRUE;
      }
  list = g_strjoinv (", ", (char **) key->words);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               /* Translators: a list of words. */
               _("“%s” is not possible; these are: %s."), text, list);
  return FALSE;
}

static char *
make_path (const char *text, const char *folder)
{
  return folder != NULL ? g_canonicalize_filename (text, folder)
                        : g_canonicalize_filename (text, NULL);
}

static gboolean
read_boolean (const ValiseProfileKey *key, ValiseProfile *profile, gboolean value)
{
  *(gboolean *) at (key, profile) = (value != FALSE) != (key->type == VALISE_PROFILE_NOT);
  return TRUE;
}

static gboolean
append (char ***list, char *element)
{
  const guint n = *list != NULL ? g_strv_length (*list) : 0;

  *list = g_renew (char *, *list, n + 2);
  (*list)[n] = element;
  (*list)[n + 1] = NULL;
  return TRUE;
}

/**
 * valise_profile_key_read_text:
 * @key: a key
 * @profile: where to keep the value
 * @text: the value, as it is typed
 * @folder: (nullable): where names of files count from; %NULL for the current folder
 * @error: where to put an error of %VALISE_PLAN_ERROR that does not name the key
 *
 * Sets a value, or appends to a list.
 *
 * Returns: whether the value is possible
 */
gboolean
valise_profile_key_read_text (const ValiseProfileKey *key,
                              ValiseProfile *profile,
                              const char *text,
                              const char *folder,
                              GError **error)
{
  guint64 number;

  if (!g_utf8_validate (text, -1, NULL) || strlen (text) > MAX_TEXT)
    return refuse (error, _("The text is too long, or not valid UTF-8."));
  switch (key->type)
    {
    case VALISE_PROFILE_TEXT:
    case VALISE_PROFILE_SECRET:
      valise_profile_key_clear (key, profile);
      *(char **) at (key, profile) = g_strdup (text);
      return TRUE;
    case VALISE_PROFILE_PATH:
      valise_profile_key_clear (key, profile);
      *(char **) at (key, profile) = *text != '\0' ? make_path (text, folder) : NULL;
      return TRUE;
    case VALISE_PROFILE_BOOLEAN:
    case VALISE_PROFILE_NOT:
      if (!g_str_equal (text, "true") && !g_str_equal (text, "false"))
        return refuse (error, _("It must be “true” or “false”."));
      return read_boolean (key, profile, g_str_equal (text, "true"));
    case VALISE_PROFILE_SIZE:
      return valise_parse_size (text, at (key, profile), error);
    case VALISE_PROFILE_NUMBER:
      if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL))
        return refuse (error, _("It must be a whole number from 0 on."));
      *(guint *) at (key, profile) = number;
      return TRUE;
    case VALISE_PROFILE_WORD:
      return read_word (key, profile, text, error);
    case VALISE_PROFILE_TEXTS:
      return append (at (key, profile), g_strdup (text));
    case VALISE_PROFILE_PATHS:
      return append (at (key, profile), make_path (text, folder));
    default:
      g_return_val_if_reached (FALSE);
    }
}

static gboolean
read_list (const ValiseProfileKey *key,
           ValiseProfile *profile,
           JsonNode *node,
           const char *folder,
           GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL || json_array_get_length (array) > MAX_ELEMENTS)
    return refuse (error, _("It must be a list of texts."));
  valise_profile_key_clear (key, profile);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_STRING)
        return refuse (error, _("It must be a list of texts."));
      if (!valise_profile_key_read_text (key, profile, json_node_get_string (element), folder,
                                         error))
        return FALSE;
    }
  return TRUE;
}

/**
 * valise_profile_key_read:
 * @key: a key
 * @profile: where to keep the value
 * @node: the value in the file
 * @folder: (nullable): where names of files count from; %NULL for the current folder
 * @error: where to put an error of %VALISE_PLAN_ERROR that does not name the key
 *
 * Returns: whether the value is possible
 */
gboolean
valise_profile_key_read (const ValiseProfileKey *key,
                         ValiseProfile *profile,
                         JsonNode *node,
                         const char *folder,
                         GError **error)
{
  const GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_NONE;

  switch (key->type)
    {
    case VALISE_PROFILE_TEXTS:
    case VALISE_PROFILE_PATHS:
      return read_list (key, profile, node, folder, error);
    case VALISE_PROFILE_BOOLEAN:
    case VALISE_PROFILE_NOT:
      if (type != G_TYPE_BOOLEAN)
        return refuse (error, _("It must be true or false, without quotes."));
      return read_boolean (key, profile, json_node_get_boolean (node));
    case VALISE_PROFILE_SIZE:
    case VALISE_PROFILE_NUMBER:
      if (type == G_TYPE_INT64 && json_node_get_int (node) >= 0)
        {
          g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));

          return valise_profile_key_read_text (key, profile, text, folder, error);
        }
      if (key->type == VALISE_PROFILE_NUMBER || type != G_TYPE_STRING)
        return refuse (error, key->type == VALISE_PROFILE_NUMBER
                                  ? _("It must be a whole number from 0 on, without quotes.")
                                  : _("It must be a size, such as \"128M\"."));
      break;
    case VALISE_PROFILE_TEXT:
    case VALISE_PROFILE_SECRET:
    case VALISE_PROFILE_PATH:
    case VALISE_PROFILE_WORD:
    default:
      if (type != G_TYPE_STRING)
        return refuse (error, _("It must be a text, in quotes."));
      break;
    }
  return valise_profile_key_read_text (key, profile, json_node_get_string (node), folder, error);
}

static JsonNode *
write_list (char **list)
{
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; list[i] != NULL; i++)
    json_array_add_string_element (array, list[i]);
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
write_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return json_node_init_string (json_node_alloc (), valid);
}

/**
 * valise_profile_key_write:
 * @key: a key
 * @profile: a profile
 *
 * Returns: (transfer full) (nullable): the value for the file; %NULL where there is none
 */
JsonNode *
valise_profile_key_write (const ValiseProfileKey *key, const ValiseProfile *profile)
{
  gpointer value = at (key, profile);

  switch (key->type)
    {
    case VALISE_PROFILE_TEXT:
    case VALISE_PROFILE_SECRET:
    case VALISE_PROFILE_PATH:
      return *(char **) value != NULL ? write_text (*(char **) value) : NULL;
    case VALISE_PROFILE_BOOLEAN:
    case VALISE_PROFILE_NOT:
      return json_node_init_boolean (json_node_alloc (), (*(gboolean *) value != FALSE)
                                                             != (key->type == VALISE_PROFILE_NOT));
    case VALISE_PROFILE_SIZE:
      return *(guint64 *) value != 0
                 ? json_node_init_int (json_node_alloc (), *(guint64 *) value)
                 : NULL;
    case VALISE_PROFILE_NUMBER:
      return *(guint *) value != 0 ? json_node_init_int (json_node_alloc (), *(guint *) value)
                                   : NULL;
    case VALISE_PROFILE_WORD:
      return write_text (key->words[*(gint *) value]);
    case VALISE_PROFILE_TEXTS:
    case VALISE_PROFILE_PATHS:
      return *(char ***) value != NULL ? write_list (*(char ***) value) : NULL;
    default:
      g_return_val_if_reached (NULL);
    }
}

/**
 * valise_profile_keys_write:
 * @builder: in an object
 * @profile: a profile
 * @is_wanted: (scope call) (nullable): which keys are written; all where it is %NULL
 *
 * Adds what the profile has, an object for each section.
 */
void
valise_profile_keys_write (JsonBuilder *builder, const ValiseProfile *profile,
                           gboolean (*is_wanted) (const ValiseProfileKey *key))
{
  const char *section = NULL;
  const ValiseProfileKey *key;

  for (guint i = 0; (key = valise_profile_key_get_nth (i)) != NULL; i++)
    {
      JsonNode *node = is_wanted == NULL || is_wanted (key)
                           ? valise_profile_key_write (key, profile)
                           : NULL;

      if (node == NULL)
        continue;
      if (g_strcmp0 (section, key->section) != 0)
        {
          if (section != NULL)
            json_builder_end_object (builder);
          valise_record_begin_object (builder, key->section);
          section = key->section;
        }
      json_builder_set_member_name (builder, key->name);
      json_builder_add_value (builder, node);
    }
  if (section != NULL)
    json_builder_end_object (builder);
}
