/* valise-record.c: the JSON of reports: writing members, and reading strangers' ones.
 *
 * Reports are foreign when they are read: whatever is not of the expected type is not there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-record.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"

/* json-glib calls itself for each level: a file of brackets must not exhaust the stack. */
#define MAX_DEPTH 16

/* ---- writing ---- */

/**
 * valise_record_add_string:
 * @builder: inside an object
 * @name: the member's name
 * @value: (nullable): its value, made valid UTF-8; null where there is none
 */
void
valise_record_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

/**
 * valise_record_add_int:
 * @builder: inside an object
 * @name: the member's name
 * @value: its value; at most %G_MAXINT64
 */
void
valise_record_add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/**
 * valise_record_add_hex:
 * @builder: inside an object
 * @name: the member's name
 * @value: its value; told as 16 hexadecimal digits, as JSON has no such numbers
 */
void
valise_record_add_hex (JsonBuilder *builder, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%016" G_GINT64_MODIFIER "x", value);

  valise_record_add_string (builder, name, text);
}

/**
 * valise_record_begin_object:
 * @builder: inside an object
 * @name: the member's name; what follows is inside its value
 */
void
valise_record_begin_object (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

/**
 * valise_record_begin_array:
 * @builder: inside an object
 * @name: the member's name; what follows is inside its value
 */
void
valise_record_begin_array (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

/**
 * valise_record_to_text:
 * @builder: behind its outermost object
 *
 * Returns: (transfer full): the object, in lines
 */
char *
valise_record_to_text (JsonBuilder *builder)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_indent (generator, 1);
  return json_generator_to_data (generator, NULL);
}

/**
 * valise_record_save:
 * @json: what to write
 * @path: the file to write; replaced in one step if it exists
 * @error: where to put an error, of the domain %VALISE_SYSTEM_ERROR
 *
 * Returns: whether it is there, and stored
 */
gboolean
valise_record_save (const char *json, const char *path, GError **error)
{
  g_autofree char *text = g_strconcat (json, "\n", NULL);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GError) cause = NULL;

  if (g_file_set_contents_full (path, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
                                &cause))
    return TRUE;
  /* Translators: the second %s is what the system says. */
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               _("The report could not be written to “%s”: %s"), name, cause->message);
  return FALSE;
}

/* ---- reading ---- */

/**
 * valise_record_is_flat:
 * @json: (array length=size): text from wherever
 * @size: its length in bytes
 *
 * What json-glib takes for comments and strings beside those of JSON differs between its versions;
 * of that, only comments between slash and star are let through, so that what is a string here is
 * one there.
 *
 * Returns: whether json-glib can be given it: by how deep its brackets go, and because it has one
 *   value with brackets and nothing else, since json-glib forgets the first of several
 */
gboolean
valise_record_is_flat (const char *json, gsize size)
{
  guint depth = 0;
  gboolean in_string = FALSE, ended = FALSE;

  for (gsize i = 0; i < size; i++)
    if (in_string)
      {
        if (json[i] == '\\')
          i++;
        else if (json[i] == '"')
          in_string = FALSE;
      }
    else if (json[i] == '/')
      {
        const char *end = size - i >= 4 && json[i + 1] == '*'
                              ? g_strstr_len (json + i + 2, size - i - 2, "*/")
                              : NULL;

        if (end == NULL)
          return FALSE;
        i = (gsize) (end - json) + 1;
      }
    else if (json[i] == '{' || json[i] == '[')
      {
        if (ended || ++depth > MAX_DEPTH)
          return FALSE;
      }
    else if (depth == 0)
      {
        if (!g_ascii_isspace (json[i]))
          return FALSE;
      }
    else if (json[i] == '\'')
      return FALSE;
    else if (json[i] == '"')
      in_string = TRUE;
    else if (json[i] == '}' || json[i] == ']')
      ended = --depth == 0;
  return TRUE;
}

/**
 * valise_record_map:
 * @path: a file
 * @error: where to put an error, of the domain %VALISE_PLAN_ERROR
 *
 * Returns: (transfer full): what is in the file, or %NULL
 */
GMappedFile *
valise_record_map (const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GMappedFile *file = g_mapped_file_new (path, FALSE, &cause);

  if (file == NULL)
    /* Translators: the second %s is what the system says. */
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                 _("The report “%s” cannot be read: %s"), path, cause->message);
  return file;
}

/**
 * valise_record_parse:
 * @parser: a new parser, which owns what is returned
 * @json: (array length=size): text from wherever
 * @size: its length in bytes
 * @max_size: how long it may be
 *
 * Returns: (transfer none) (nullable): the object that the text is, if it is one
 */
JsonObject *
valise_record_parse (JsonParser *parser, const char *json, gsize size, gsize max_size)
{
  JsonNode *node = NULL;

  if (size <= max_size && g_utf8_validate_len (json, size, NULL)
      && valise_record_is_flat (json, size)
      && json_parser_load_from_data (parser, json, size, NULL))
    node = json_parser_get_root (parser);
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/**
 * valise_record_get_member:
 * @object: (nullable): an object
 * @name: a member's name
 * @type: the type that its value must have
 *
 * Returns: (transfer none) (nullable): the member, if it is there and of that type
 */
JsonNode *
valise_record_get_member (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

/**
 * valise_record_get_string:
 * @object: (nullable): an object
 * @name: a member's name
 *
 * Returns: (transfer full) (nullable): its value, if it is a string
 */
char *
valise_record_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = valise_record_get_member (object, name, G_TYPE_STRING);

  return node != NULL ? json_node_dup_string (node) : NULL;
}

/**
 * valise_record_get_uint:
 * @object: (nullable): an object
 * @name: a member's name
 * @value: (out): its value, from 0 to %G_MAXINT64 - 1
 *
 * Returns: whether it is such a number
 */
gboolean
valise_record_get_uint (JsonObject *object, const char *name, guint64 *value)
{
  JsonNode *node = valise_record_get_member (object, name, G_TYPE_INT64);

  /* json-glib 1.10 reads a number that is too large as the largest one. */
  if (node == NULL || json_node_get_int (node) < 0 || json_node_get_int (node) == G_MAXINT64)
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
}

/**
 * valise_record_get_hex:
 * @object: (nullable): an object
 * @name: a member's name
 * @value: (out): its value
 *
 * Returns: whether it is a string of 16 hexadecimal digits
 */
gboolean
valise_record_get_hex (JsonObject *object, const char *name, guint64 *value)
{
  g_autofree char *text = valise_record_get_string (object, name);

  return text != NULL && strlen (text) == 16
         && g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT64, value, NULL);
}

/**
 * valise_record_get_object:
 * @object: (nullable): an object
 * @name: a member's name
 *
 * Returns: (transfer none) (nullable): its value, if it is an object
 */
JsonObject *
valise_record_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/**
 * valise_record_get_array:
 * @object: (nullable): an object
 * @name: a member's name
 *
 * Returns: (transfer none) (nullable): its value, if it is an array
 */
JsonArray *
valise_record_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/**
 * valise_record_get_element:
 * @array: an array
 * @i: an index in it
 *
 * Returns: (transfer none) (nullable): what is there, if it is an object
 */
JsonObject *
valise_record_get_element (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}
