/* valise-json.c: what valise says to programs.
 *
 * One object a line on standard output, always in UTF-8. Members without a value are left out.
 * Errors have words for their domain and code, which stay the same whatever the language.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-json.h"

#include <stdio.h>

#include "core/valise-error-words.h"
#include "valise-output.h"

/**
 * valise_json_begin:
 *
 * Returns: (transfer full): a builder inside a new object
 */
JsonBuilder *
valise_json_begin (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  return builder;
}

/**
 * valise_json_begin_event:
 * @event: the event's name
 *
 * Returns: (transfer full): a builder inside a new object
 */
JsonBuilder *
valise_json_begin_event (const char *event)
{
  JsonBuilder *builder = valise_json_begin ();

  valise_json_add_string (builder, "event", event);
  return builder;
}

/**
 * valise_json_add_string:
 * @builder: a builder inside an object
 * @name: the member's name
 * @value: (nullable): its value; made valid UTF-8
 */
void
valise_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  if (valid == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
}

/**
 * valise_json_add_int:
 * @builder: a builder inside an object
 * @name: the member's name
 * @value: its value
 */
void
valise_json_add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) MIN (value, G_MAXINT64));
}

/**
 * valise_json_add_double:
 * @builder: a builder inside an object
 * @name: the member's name
 * @value: its value, a finite number; told to three decimal places
 */
void
valise_json_add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, (gint64) (value * 1000 + 0.5) / 1000.0);
}

/**
 * valise_json_add_boolean:
 * @builder: a builder inside an object
 * @name: the member's name
 * @value: its value
 */
void
valise_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

/**
 * valise_json_add_strings:
 * @builder: a builder inside an object
 * @name: the member's name
 * @values: (nullable) (array zero-terminated=1): its values
 */
void
valise_json_add_strings (JsonBuilder *builder, const char *name, const char *const *values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; values != NULL && values[i] != NULL; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (values[i], -1);

      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
}

/**
 * valise_json_add_error:
 * @builder: a builder inside an object
 * @error: (nullable): an error
 *
 * Adds the member `error`, if there is one.
 */
void
valise_json_add_error (JsonBuilder *builder, const GError *error)
{
  const char *domain;
  const char *code;

  if (error == NULL)
    return;
  code = valise_error_get_words (error, &domain);
  json_builder_set_member_name (builder, "error");
  json_builder_begin_object (builder);
  valise_json_add_string (builder, "domain", domain);
  valise_json_add_string (builder, "code", code);
  valise_json_add_string (builder, "message", error->message);
  json_builder_end_object (builder);
}

/**
 * valise_json_end:
 * @builder: (transfer full): a builder inside its outermost object
 *
 * Returns: (transfer full): the object as text on one line, without a line end
 */
char *
valise_json_end (JsonBuilder *builder)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  g_object_unref (builder);
  return json_generator_to_data (generator, NULL);
}

/**
 * valise_json_print:
 * @builder: (transfer full): a builder inside its outermost object
 *
 * Prints the object as one line to standard output, at once.
 *
 * Returns: whether it has arrived
 */
gboolean
valise_json_print (JsonBuilder *builder)
{
  g_autofree char *text = valise_json_end (builder);

  fputs (text, stdout);
  fputc ('\n', stdout);
  return valise_output_flush (stdout);
}
