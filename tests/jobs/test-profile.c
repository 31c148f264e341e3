/* test-profile.c: a profile's keys are those that are documented, and survive a file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <json-glib/json-glib.h>
#include <string.h>

#include "core/valise-error.h"
#include "jobs/valise-profile-file.h"
#include "jobs/valise-profile-keys.h"

static const char *data_folder;

static char *
read_data (const char *name)
{
  g_autofree char *path = g_build_filename (data_folder, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* Each key is in the manual and in the schema, and nothing else is. */
static void
test_documented (void)
{
  g_autofree char *manual = read_data ("valise-profile.5");
  g_autofree char *schema_text = read_data ("valise-profile.schema.json");
  g_autoptr (JsonNode) schema = json_from_string (schema_text, NULL);
  JsonObject *sections;
  const ValiseProfileKey *key;
  guint n = 0;
  guint n_in_schema = 0;

  g_assert_nonnull (schema);
  sections = json_object_get_object_member (json_node_get_object (schema), "properties");
  for (; (key = valise_profile_key_get_nth (n)) != NULL; n++)
    {
      g_autofree char *path = g_strconcat (" ", key->section, ".", key->name, NULL);
      JsonObject *section;
      JsonObject *values;

      if (strstr (manual, path) == NULL)
        g_error ("%s is not in the manual", path);
      if (!json_object_has_member (sections, key->section))
        g_error ("%s is not in the schema", key->section);
      section = json_object_get_object_member (sections, key->section);
      values = json_object_get_object_member (section, "properties");
      if (!json_object_has_member (values, key->name))
        g_error ("%s is not in the schema", path);
      if (key->words != NULL)
        {
          JsonObject *value = json_object_get_object_member (values, key->name);
          JsonArray *words = json_object_get_array_member (value, "enum");

          g_assert_cmpuint (json_array_get_length (words), ==,
                            g_strv_length ((char **) key->words));
          for (guint i = 0; key->words[i] != NULL; i++)
            g_assert_cmpstr (json_array_get_string_element (words, i), ==, key->words[i]);
        }
    }
  {
    g_autoptr (GList) names = json_object_get_members (sections);

    for (GList *l = names; l != NULL; l = l->next)
      {
        JsonObject *section = json_object_get_object_member (sections, l->data);

        if (json_object_has_member (section, "properties"))
          n_in_schema += json_object_get_size (
              json_object_get_object_member (section, "properties"));
      }
  }
  g_assert_cmpuint (n_in_schema, ==, n);
}

/* Every value that is set comes back from a file as it was, and from a copy of the setup. */
static void
test_round_trip (void)
{
  g_auto (ValiseProfile) profile = { 0 };
  g_auto (ValiseProfile) again = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  g_autofree char *json_again = NULL;
  g_autofree char *open = NULL;
  ValiseSetup copy;
  const ValiseProfileKey *key;

  valise_profile_init (&profile);
  valise_profile_init (&again);
  for (guint i = 0; (key = valise_profile_key_get_nth (i)) != NULL; i++)
    {
      g_autofree char *path = g_strconcat (key->section, ".", key->name, NULL);
      const char *value = "value “of” this one";

      if (key->type == VALISE_PROFILE_BOOLEAN || key->type == VALISE_PROFILE_NOT)
        {
          g_autofree char *old = valise_profile_get (&profile, path);

          value = g_str_equal (old, "true") ? "false" : "true";
        }
      else if (key->type == VALISE_PROFILE_SIZE || key->type == VALISE_PROFILE_NUMBER)
        value = "12345";
      else if (key->words != NULL)
        value = key->words[1];
      else if (key->type == VALISE_PROFILE_PATH || key->type == VALISE_PROFILE_PATHS)
        value = "/a/path";
      valise_profile_set (&profile, path, value, &error);
      g_assert_no_error (error);
    }
  valise_setup_copy (&profile.setup, &copy);
  valise_setup_clear (&profile.setup);
  profile.setup = copy;

  json = valise_profile_to_json (&profile, TRUE);
  g_assert_true (valise_profile_from_json (&again, json, strlen (json), NULL, NULL, &error));
  g_assert_no_error (error);
  json_again = valise_profile_to_json (&again, TRUE);
  g_assert_cmpstr (json, ==, json_again);
  for (guint i = 0; (key = valise_profile_key_get_nth (i)) != NULL; i++)
    {
      g_autofree char *path = g_strconcat (key->section, ".", key->name, NULL);
      g_autofree char *value = valise_profile_get (&again, path);

      g_assert_nonnull (value);
    }
  open = valise_profile_to_json (&profile, FALSE);
  g_assert_null (strstr (open, "password"));
  g_assert_null (strstr (open, "productKey"));
}

/* The examples are profiles without faults. */
static void
test_examples (void)
{
  static const char *const names[] = { "help-desk.json", "my-own.json" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (data_folder, "profiles", names[i], NULL);
      g_auto (ValiseProfile) profile = { 0 };
      g_autoptr (GError) error = NULL;

      valise_profile_init (&profile);
      valise_profile_load (&profile, path, &error);
      g_assert_no_error (error);
      valise_profile_check (&profile, &error);
      g_assert_no_error (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  data_folder = argv[1];
  g_test_add_func ("/jobs/profile/documented", test_documented);
  g_test_add_func ("/jobs/profile/round-trip", test_round_trip);
  g_test_add_func ("/jobs/profile/examples", test_examples);
  return g_test_run ();
}
