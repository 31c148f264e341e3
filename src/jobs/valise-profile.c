/* valise-profile.c: all choices for a drive, in a file.
 *
 * One JSON object with the members `format` and `formatVersion`, and one object for each group of
 * choices (valise-profile-keys.c; valise-profile(5) describes them). What is missing is as it would
 * be without a profile. JSON knows no comments: members whose names begin with two slashes are
 * passed over. Everything else that is not known is an error, and all errors are told at once, each
 * with its place.
 *
 * Passwords and keys are saved only if somebody asks for that; then the file is its owner's alone,
 * and says that it has secrets.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-profile.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "boot/valise-windows-zones.h"
#include "core/valise-error.h"
#include "core/valise-text.h"
#include "core/valise-units.h"
#include "valise-json-place.h"
#include "valise-profile-keys.h"
#include "valise-record.h"

#define MAX_SIZE (1 * VALISE_MIB)

/**
 * valise_profile_init:
 * @self: (out caller-allocates): gets what is chosen where nobody chooses
 */
void
valise_profile_init (ValiseProfile *self)
{
  *self = (ValiseProfile) { 0 };
  valise_setup_init (&self->setup);
}

/**
 * valise_profile_copy:
 * @self: a profile
 * @copy: (out caller-allocates): gets a copy of everything
 */
void
valise_profile_copy (const ValiseProfile *self, ValiseProfile *copy)
{
  *copy = *self;
  copy->name = g_strdup (self->name);
  copy->edition = g_strdup (self->edition);
  valise_setup_copy (&self->setup, &copy->setup);
}

/**
 * valise_profile_clear:
 * @self: a profile
 */
void
valise_profile_clear (ValiseProfile *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->edition, g_free);
  valise_setup_clear (&self->setup);
}

/**
 * valise_profile_get_options:
 * @self: a profile; @options points into it
 * @options: (out caller-allocates): gets everything but the source
 */
void
valise_profile_get_options (const ValiseProfile *self, ValisePlanOptions *options)
{
  *options = (ValisePlanOptions) {
    .edition = self->edition,
    .layout = self->layout,
    .container = self->container,
    .container_size = self->container_size,
    .boot_manager = self->boot_manager,
    .compact = self->compact,
    .verify = !self->no_verify,
    .allow_encrypted = self->allow_encrypted,
    .cache_size = self->cache_size,
    .setup = &self->setup,
  };
}

/**
 * valise_profile_check:
 * @self: a profile
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether the choices are possible, and fit together, as far as that is known without an
 *   image and a drive
 */
gboolean
valise_profile_check (const ValiseProfile *self, GError **error)
{
  ValisePlanOptions options;
  g_autoptr (ValisePlan) plan = NULL;

  valise_profile_get_options (self, &options);
  options.source = "/";
  plan = valise_plan_new (&options, error);
  return plan != NULL;
}

/* ---- single values ---- */

static const ValiseProfileKey *
find_key (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", 2);

  return parts[0] != NULL && parts[1] != NULL ? valise_profile_key_find (parts[0], parts[1]) : NULL;
}

static char *
describe_unknown (const char *path)
{
  g_autofree char *guess = valise_profile_key_guess (path);

  if (guess != NULL)
    /* Translators: a key that does not exist, and the one that may be meant. */
    return g_strdup_printf (_("There is no “%s”. Is “%s” meant?"), path, guess);
  return g_strdup_printf (_("There is no “%s”."), path);
}

/* Windows wants only its own names for time zones; people know IANA's. An edition's number says
 * nothing about another image. */
static gboolean
complete (const ValiseProfileKey *key, ValiseProfile *self, GError **error)
{
  char **zone = &self->setup.answers.time_zone;
  const char *windows;

  if (g_str_equal (key->name, "timeZone") && !valise_windows_zone_is_known (*zone)
      && (windows = valise_windows_zone_find (*zone)) != NULL)
    {
      g_free (*zone);
      *zone = g_strdup (windows);
    }
  if (g_str_equal (key->name, "edition") && *self->edition != '\0'
      && strspn (self->edition, "0123456789") == strlen (self->edition))
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                           _("The number of an edition is another one in each image. Name its id, "
                             "such as “Professional”; “valise inspect” shows it."));
      return FALSE;
    }
  return TRUE;
}

/**
 * valise_profile_set:
 * @self: a profile
 * @key: a key, such as `account.name`
 * @value: its value as it is typed; a list gets one more element
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether there is such a key, and the value is possible
 */
gboolean
valise_profile_set (ValiseProfile *self, const char *key, const char *value, GError **error)
{
  const ValiseProfileKey *found = find_key (key);

  if (found == NULL)
    {
      g_autofree char *clean = valise_text_clean (key);
      g_autofree char *words = describe_unknown (clean);

      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID, words);
      return FALSE;
    }
  if (valise_profile_key_read_text (found, self, value, NULL, error)
      && complete (found, self, error))
    return TRUE;
  g_prefix_error (error, "%s: ", key);
  return FALSE;
}

/**
 * valise_profile_get:
 * @self: a profile
 * @key: a key, such as `account.name`
 *
 * Returns: (transfer full) (nullable): its value as JSON; %NULL where there is none
 */
char *
valise_profile_get (const ValiseProfile *self, const char *key)
{
  const ValiseProfileKey *found = find_key (key);
  g_autoptr (JsonNode) node = found != NULL ? valise_profile_key_write (found, self) : NULL;

  return node != NULL ? json_to_string (node, FALSE) : NULL;
}

/**
 * valise_profile_get_text:
 * @self: a profile
 * @key: a key whose value is a text
 *
 * Returns: (transfer full) (nullable): the text; %NULL where there is none
 */
char *
valise_profile_get_text (const ValiseProfile *self, const char *key)
{
  const ValiseProfileKey *found = find_key (key);
  g_autoptr (JsonNode) node = found != NULL ? valise_profile_key_write (found, self) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? g_strdup (json_node_get_string (node))
                                                      : NULL;
}

/**
 * valise_profile_get_list:
 * @self: a profile
 * @key: a key whose value is a list, or a text
 *
 * Returns: (transfer full): the elements; the text alone; nothing where there is none
 */
char **
valise_profile_get_list (const ValiseProfile *self, const char *key)
{
  const ValiseProfileKey *found = find_key (key);
  g_autoptr (JsonNode) node = found != NULL ? valise_profile_key_write (found, self) : NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                  : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_strv_builder_add (builder, json_array_get_string_element (array, i));
  if (node != NULL && array == NULL && json_node_get_value_type (node) == G_TYPE_STRING)
    g_strv_builder_add (builder, json_node_get_string (node));
  return g_strv_builder_end (builder);
}

/**
 * valise_profile_list_changed:
 * @self: a profile
 *
 * Returns: (transfer full): the keys whose values are not those that are chosen where nobody
 *   chooses, in the order of the file
 */
char **
valise_profile_list_changed (const ValiseProfile *self)
{
  g_auto (ValiseProfile) usual = { 0 };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const ValiseProfileKey *key;

  valise_profile_init (&usual);
  for (guint i = 0; (key = valise_profile_key_get_nth (i)) != NULL; i++)
    {
      g_autofree char *path = g_strconcat (key->section, ".", key->name, NULL);
      g_autofree char *value = valise_profile_get (self, path);
      g_autofree char *other = valise_profile_get (&usual, path);

      if (g_strcmp0 (value, other) != 0)
        g_strv_builder_add (builder, path);
    }
  return g_strv_builder_end (builder);
}

/**
 * valise_profile_unset:
 * @self: a profile
 * @key: a key whose value is a text or a list
 */
void
valise_profile_unset (ValiseProfile *self, const char *key)
{
  const ValiseProfileKey *found = find_key (key);

  g_return_if_fail (found != NULL);

  valise_profile_key_clear (found, self);
}

/**
 * valise_profile_has_secrets:
 * @self: a profile
 *
 * Returns: whether there are passwords or keys in it
 */
gboolean
valise_profile_has_secrets (const ValiseProfile *self)
{
  const ValiseProfileKey *key;

  for (guint i = 0; (key = valise_profile_key_get_nth (i)) != NULL; i++)
    if (key->type == VALISE_PROFILE_SECRET)
      {
        g_autoptr (JsonNode) node = valise_profile_key_write (key, self);

        if (node != NULL && *json_node_get_string (node) != '\0')
          return TRUE;
      }
  return FALSE;
}

/* ---- reading ---- */

typedef struct
{
  ValiseProfile *profile;
  const char *folder;
  const char *json;
  gsize size;
  const char *file; /* (nullable) */
  GPtrArray *faults;
} Reading;

/* Takes what is wrong with a member, and says where it is: “p.json:3:5: …”, as compilers do. */
static void
add_fault (Reading *reading, const char *section, const char *name, char *words)
{
  g_autofree char *owned = words;
  guint line, column;

  if (!valise_json_place_find (reading->json, reading->size, section, name, &line, &column))
    g_ptr_array_add (reading->faults, g_steal_pointer (&owned));
  else
    g_ptr_array_add (reading->faults,
                     g_strdup_printf ("%s%s%u:%u: %s", reading->file != NULL ? reading->file : "",
                                      reading->file != NULL ? ":" : "", line, column, owned));
}

static gboolean
is_comment (const char *name)
{
  return g_str_has_prefix (name, "//");
}

static void
read_section (Reading *reading, const char *section, JsonObject *object)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *name = l->data;
      g_autofree char *clean = valise_text_clean (name);
      g_autofree char *path = g_strconcat (section, ".", clean, NULL);
      const ValiseProfileKey *key = valise_profile_key_find (section, name);
      JsonNode *node = json_object_get_member (object, name);
      g_autoptr (GError) error = NULL;

      if (is_comment (name))
        continue;
      if (key == NULL)
        add_fault (reading, section, name, describe_unknown (path));
      else if (!valise_profile_key_read (key, reading->profile, node, reading->folder, &error)
               || !complete (key, reading->profile, &error))
        add_fault (reading, section, name, g_strdup_printf ("%s: %s", path, error->message));
    }
}

static void
read_members (Reading *reading, JsonObject *root)
{
  g_autoptr (GList) members = json_object_get_members (root);

  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *name = l->data;
      JsonNode *node = json_object_get_member (root, name);
      g_autofree char *clean = valise_text_clean (name);

      if (is_comment (name) || g_str_equal (name, "format") || g_str_equal (name, "formatVersion")
          || g_str_equal (name, "hasSecrets"))
        continue;
      if (g_str_equal (name, "name"))
        {
          g_free (reading->profile->name);
          reading->profile->name = valise_record_get_string (root, "name");
          if (reading->profile->name == NULL)
            add_fault (reading, NULL, name,
                       g_strdup_printf ("%s: %s", name, _("It must be a text, in quotes.")));
        }
      else if (!valise_profile_key_is_section (name))
        add_fault (reading, NULL, name, describe_unknown (clean));
      else if (!JSON_NODE_HOLDS_OBJECT (node))
        add_fault (reading, NULL, name,
                   g_strdup_printf ("%s: %s", name, _("It must be an object, in braces.")));
      else
        read_section (reading, name, json_node_get_object (node));
    }
}

/* Where the JSON itself is wrong, json-glib knows the line. */
static gboolean
refuse_text (const char *json, gsize size, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) cause = NULL;

  if (size > MAX_SIZE || !g_utf8_validate_len (json, size, NULL)
      || !valise_record_is_flat (json, size)
      || json_parser_load_from_data (parser, json, size, &cause))
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _("It is not a JSON object of at most 1 MiB in UTF-8."));
  else
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 /* Translators: what the library says, such as “<data>:3:5: Parse error: …”. */
                 _("It is not valid JSON, at line:column: %s."),
                 g_str_has_prefix (cause->message, "<data>:") ? cause->message + strlen ("<data>:")
                                                              : cause->message);
  return FALSE;
}

static gboolean
check_format (JsonObject *root, GError **error)
{
  g_autofree char *format = valise_record_get_string (root, "format");
  guint64 version = 0;

  if (g_strcmp0 (format, VALISE_PROFILE_FORMAT) != 0)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("It is not a profile of Valise: its member “format” is not “%s”."),
                 VALISE_PROFILE_FORMAT);
  else if (!valise_record_get_uint (root, "formatVersion", &version) || version == 0)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("Its member “formatVersion” is missing. Set it to %u."), VALISE_PROFILE_VERSION);
  else if (version > VALISE_PROFILE_VERSION)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _("It was made for a newer version of Valise. Use that one."));
  else
    return TRUE;
  return FALSE;
}

/**
 * valise_profile_from_json:
 * @self: a profile, into which is read; other choices in it stay
 * @json: (array length=size): text from wherever
 * @size: its length in bytes
 * @folder: (nullable): where names of files count from; %NULL for the current folder
 * @file: (nullable): what to call the text where a fault is told
 * @error: where to put an error of %VALISE_PLAN_ERROR, with one line for each fault, and its line
 *   and column
 *
 * Whether the choices fit together is for valise_profile_check().
 *
 * Returns: whether it is a profile without faults
 */
gboolean
valise_profile_from_json (ValiseProfile *self,
                          const char *json,
                          gsize size,
                          const char *folder,
                          const char *file,
                          GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  JsonObject *root = valise_record_parse (parser, json, size, MAX_SIZE);
  Reading reading = { self, folder, json, size, file, faults };
  g_autofree char *list = NULL;

  if (root == NULL)
    return refuse_text (json, size, error);
  if (!check_format (root, error))
    return FALSE;
  read_members (&reading, root);
  if (faults->len == 0)
    return TRUE;
  g_ptr_array_add (faults, NULL);
  list = g_strjoinv ("\n", (char **) faults->pdata);
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID, list);
  return FALSE;
}

/* ---- writing ---- */

static gboolean
is_open (const ValiseProfileKey *key)
{
  return key->type != VALISE_PROFILE_SECRET;
}

/**
 * valise_profile_to_json:
 * @self: a profile
 * @with_secrets: whether passwords and keys are written, too
 *
 * Returns: (transfer full): the profile as a file has it
 */
char *
valise_profile_to_json (const ValiseProfile *self, gboolean with_secrets)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  valise_record_add_string (builder, "format", VALISE_PROFILE_FORMAT);
  valise_record_add_int (builder, "formatVersion", VALISE_PROFILE_VERSION);
  if (self->name != NULL)
    valise_record_add_string (builder, "name", self->name);
  if (with_secrets && valise_profile_has_secrets (self))
    {
      json_builder_set_member_name (builder, "hasSecrets");
      json_builder_add_boolean_value (builder, TRUE);
    }
  valise_profile_keys_write (builder, self, with_secrets ? NULL : is_open);
  json_builder_end_object (builder);
  return valise_record_to_text (builder);
}

/**
 * valise_profile_digest_setup:
 * @setup: how Windows is made its owner's
 *
 * Returns: (transfer full): SHA-256, in hexadecimal, of the choices, without passwords and keys
 */
char *
valise_profile_digest_setup (const ValiseSetup *setup)
{
  const ValiseProfile profile = { .setup = *setup };
  g_autofree char *json = valise_profile_to_json (&profile, FALSE);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, json, -1);
}

/* Newer versions of GLib leave a file that is replaced the mode that it had. */
static gboolean
write_file (const char *path, const char *text, gboolean is_private, GError **error)
{
  const int mode = is_private ? 0600 : 0644;

  if (is_private && g_chmod (path, mode) != 0 && errno != ENOENT)
    {
      g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                           g_strerror (errno));
      return FALSE;
    }
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, mode, error);
}

/**
 * valise_profile_save:
 * @self: a profile
 * @path: a file, which is replaced where there is one
 * @with_secrets: whether passwords and keys are written, too; only its owner may read the file then
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Returns: whether it was written
 */
gboolean
valise_profile_save (const ValiseProfile *self,
                     const char *path,
                     gboolean with_secrets,
                     GError **error)
{
  g_autofree char *json = valise_profile_to_json (self, with_secrets);
  g_autofree char *text = g_strconcat (json, "\n", NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GError) cause = NULL;

  if (write_file (path, text, with_secrets && valise_profile_has_secrets (self), &cause))
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's name, and what the system said. */
               _("The profile could not be written to “%s”: %s. Choose another place."), name,
               cause->message);
  return FALSE;
}
