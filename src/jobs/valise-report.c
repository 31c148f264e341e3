/* valise-report.c: what was done to one drive, for people, for programs, and for verifying.
 *
 * A report is one JSON object. It holds the digest of everything that was written, so that the
 * drive can be verified later, on another computer, without the image. A report is foreign when
 * it is read: each member is checked, and what the drive's size does not allow is refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-report.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-verifier.h"
#include "volume/valise-layout.h"

#define FORMAT "valise-report"
#define FORMAT_VERSION 1
#define NO_FAULT "no fault found"

/* json-glib calls itself for each level: a file of brackets must not exhaust the stack. */
#define MAX_DEPTH 16

/* Reports of ours have smaller extents; larger ones would only cost memory. */
#define MAX_EXTENT (64 * VALISE_MIB)

static void
partition_free (ValiseReportPartition *partition)
{
  g_free (partition->name);
  g_free (partition->guid);
  g_free (partition);
}

/**
 * valise_report_new:
 *
 * Returns: (transfer full): an empty report
 */
ValiseReport *
valise_report_new (void)
{
  ValiseReport *self = g_new0 (ValiseReport, 1);

  self->partitions = g_ptr_array_new_with_free_func ((GDestroyNotify) partition_free);
  self->curve = g_array_new (FALSE, FALSE, sizeof (ValiseReportSpan));
  self->digests = g_array_new (FALSE, FALSE, sizeof (ValiseExtentDigest));
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/**
 * valise_report_free:
 * @self: (transfer full): a report
 */
void
valise_report_free (ValiseReport *self)
{
  g_free (self->version);
  g_free (self->created);
  g_free (self->source);
  g_free (self->source_format);
  g_free (self->source_sha256);
  g_free (self->edition);
  g_free (self->edition_version);
  g_free (self->architecture);
  g_free (self->drive);
  g_free (self->model);
  g_free (self->serial);
  g_free (self->disk_guid);
  g_ptr_array_unref (self->partitions);
  g_array_unref (self->curve);
  g_array_unref (self->digests);
  g_ptr_array_unref (self->warnings);
  g_free (self);
}

/**
 * valise_report_add_partition:
 * @self: a report
 * @name: the partition's name in the GPT
 * @guid: its unique GUID
 * @offset: its first byte on the drive
 * @size: its length in bytes
 *
 * Adds a partition behind those that there are.
 */
void
valise_report_add_partition (
    ValiseReport *self, const char *name, const char *guid, guint64 offset, guint64 size)
{
  ValiseReportPartition *partition = g_new0 (ValiseReportPartition, 1);

  partition->name = g_strdup (name);
  partition->guid = g_strdup (guid);
  partition->offset = offset;
  partition->size = size;
  g_ptr_array_add (self->partitions, partition);
}

/**
 * valise_report_find_partition:
 * @self: a report
 * @offset: a byte of the drive
 *
 * Returns: (transfer none) (nullable): the partition that has it, if one has
 */
const ValiseReportPartition *
valise_report_find_partition (const ValiseReport *self, guint64 offset)
{
  for (guint i = 0; i < self->partitions->len; i++)
    {
      const ValiseReportPartition *partition = g_ptr_array_index (self->partitions, i);

      if (offset >= partition->offset && offset - partition->offset < partition->size)
        return partition;
    }
  return NULL;
}

/* ---- writing ---- */

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, name);
  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

static void
add_int (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_hex (JsonBuilder *builder, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%016" G_GINT64_MODIFIER "x", value);

  add_string (builder, name, text);
}

static void
add_span (JsonBuilder *builder, const char *name, const ValiseReportSpan *span)
{
  if (name != NULL)
    json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "seconds");
  json_builder_add_double_value (builder, span->seconds);
  add_int (builder, "bytes", span->bytes);
  json_builder_end_object (builder);
}

static void
begin_object (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

static void
begin_array (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

static void
add_source (JsonBuilder *builder, const ValiseReport *self)
{
  begin_object (builder, "source");
  add_string (builder, "path", self->source);
  add_string (builder, "format", self->source_format);
  add_int (builder, "size", self->source_size);
  add_string (builder, "sha256", self->source_sha256);
  add_int (builder, "image", self->edition_index);
  add_string (builder, "edition", self->edition);
  add_string (builder, "version", self->edition_version);
  add_string (builder, "architecture", self->architecture);
  json_builder_end_object (builder);
}

static void
add_drive (JsonBuilder *builder, const ValiseReport *self)
{
  begin_object (builder, "drive");
  add_string (builder, "name", self->drive);
  add_string (builder, "model", self->model);
  add_string (builder, "serial", self->serial);
  add_int (builder, "size", self->drive_size);
  /* Never more than that: a drive that passes a quick look may still be a counterfeit. */
  add_string (builder, "sizeCheck", self->size_checked ? NO_FAULT : NULL);
  add_string (builder, "diskGuid", self->disk_guid);
  add_hex (builder, "ntfsSerial", self->ntfs_serial);
  add_int (builder, "bootManager", self->boot_manager);
  begin_array (builder, "partitions");
  for (guint i = 0; i < self->partitions->len; i++)
    {
      const ValiseReportPartition *partition = g_ptr_array_index (self->partitions, i);

      json_builder_begin_object (builder);
      add_string (builder, "name", partition->name);
      add_string (builder, "guid", partition->guid);
      add_int (builder, "offset", partition->offset);
      add_int (builder, "size", partition->size);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_measurements (JsonBuilder *builder, const ValiseReport *self)
{
  add_span (builder, "write", &self->write);
  begin_array (builder, "curve");
  for (guint i = 0; i < self->curve->len; i++)
    add_span (builder, NULL, &g_array_index (self->curve, ValiseReportSpan, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "verified");
  json_builder_add_boolean_value (builder, self->verified);
  add_span (builder, "verify", &self->verify);
}

/**
 * valise_report_to_json:
 * @self: a report
 *
 * Returns: (transfer full): the report as a JSON object, in lines
 */
char *
valise_report_to_json (const ValiseReport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  add_string (builder, "format", FORMAT);
  add_int (builder, "formatVersion", FORMAT_VERSION);
  add_string (builder, "valise", self->version);
  add_string (builder, "created", self->created);
  add_source (builder, self);
  add_drive (builder, self);
  add_measurements (builder, self);
  begin_array (builder, "warnings");
  for (guint i = 0; i < self->warnings->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (self->warnings, i));
  json_builder_end_array (builder);
  begin_array (builder, "digests");
  for (guint i = 0; i < self->digests->len; i++)
    {
      const ValiseExtentDigest *extent = &g_array_index (self->digests, ValiseExtentDigest, i);

      json_builder_begin_object (builder);
      add_int (builder, "offset", extent->offset);
      add_int (builder, "size", extent->size);
      add_hex (builder, "xxh3", extent->digest);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_indent (generator, 1);
  return json_generator_to_data (generator, NULL);
}

/**
 * valise_report_save:
 * @self: a report
 * @path: the file to write; replaced in one step if it exists
 * @error: where to put an error, of the domain %VALISE_SYSTEM_ERROR
 *
 * Returns: whether the report is there
 */
gboolean
valise_report_save (const ValiseReport *self, const char *path, GError **error)
{
  g_autofree char *json = valise_report_to_json (self);
  g_autofree char *text = g_strconcat (json, "\n", NULL);
  g_autoptr (GError) cause = NULL;

  if (g_file_set_contents_full (path, text, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
                                &cause))
    return TRUE;
  /* Translators: the second %s is what the system says. */
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               _("The report could not be written to “%s”: %s"), path, cause->message);
  return FALSE;
}

/* ---- reading ---- */

static gboolean
is_flat (const char *json, gsize size)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < size; i++)
    if (in_string)
      {
        if (json[i] == '\\')
          i++;
        else if (json[i] == '"')
          in_string = FALSE;
      }
    else if (json[i] == '"')
      in_string = TRUE;
    else if (json[i] == '{' || json[i] == '[')
      {
        if (++depth > MAX_DEPTH)
          return FALSE;
      }
    else if ((json[i] == '}' || json[i] == ']') && depth > 0)
      depth--;
  return TRUE;
}

static JsonNode *
get_member (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

static char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name, G_TYPE_STRING);

  return node != NULL ? json_node_dup_string (node) : NULL;
}

static gboolean
get_uint (JsonObject *object, const char *name, guint64 *value)
{
  JsonNode *node = get_member (object, name, G_TYPE_INT64);

  if (node == NULL || json_node_get_int (node) < 0)
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
}

static gboolean
get_hex (JsonObject *object, const char *name, guint64 *value)
{
  g_autofree char *text = get_string (object, name);

  return text != NULL && strlen (text) == 16
         && g_ascii_string_to_unsigned (text, 16, 0, G_MAXUINT64, value, NULL);
}

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonObject *
get_element (JsonArray *array, guint i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
get_span (JsonObject *object, ValiseReportSpan *span)
{
  JsonNode *seconds;

  if (object == NULL)
    return;
  get_uint (object, "bytes", &span->bytes);
  seconds = json_object_get_member (object, "seconds");
  if (seconds != NULL && JSON_NODE_HOLDS_VALUE (seconds))
    span->seconds = json_node_get_double (seconds);
}

static gboolean
read_partitions (ValiseReport *self, JsonArray *array)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (n > VALISE_LAYOUT_MAX_PARTITIONS)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      JsonObject *object = get_element (array, i);
      g_autofree char *name = get_string (object, "name");
      g_autofree char *guid = get_string (object, "guid");
      guint64 offset, size;

      if (name == NULL || guid == NULL || !get_uint (object, "offset", &offset)
          || !get_uint (object, "size", &size) || offset > self->drive_size
          || size > self->drive_size - offset)
        return FALSE;
      valise_report_add_partition (self, name, guid, offset, size);
    }
  return TRUE;
}

/* The extents must ascend and lie on the drive; there is nothing to verify without any. */
static gboolean
read_digests (ValiseReport *self, JsonArray *array)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;
  guint64 end = 0;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *object = get_element (array, i);
      ValiseExtentDigest extent;

      if (!get_uint (object, "offset", &extent.offset) || !get_uint (object, "size", &extent.size)
          || !get_hex (object, "xxh3", &extent.digest) || extent.offset < end || extent.size == 0
          || extent.size > MAX_EXTENT || extent.offset > self->drive_size
          || extent.size > self->drive_size - extent.offset)
        return FALSE;
      end = extent.offset + extent.size;
      g_array_append_val (self->digests, extent);
    }
  return n > 0;
}

static gboolean
read_members (ValiseReport *self, JsonObject *root)
{
  JsonObject *source = get_object (root, "source");
  JsonObject *drive = get_object (root, "drive");
  JsonArray *curve = get_array (root, "curve");
  JsonArray *warnings = get_array (root, "warnings");
  JsonNode *verified = get_member (root, "verified", G_TYPE_BOOLEAN);
  g_autofree char *size_check = NULL;
  guint64 number = 0;

  self->version = get_string (root, "valise");
  self->created = get_string (root, "created");
  self->source = get_string (source, "path");
  self->source_format = get_string (source, "format");
  get_uint (source, "size", &self->source_size);
  self->source_sha256 = get_string (source, "sha256");
  if (get_uint (source, "image", &number) && number <= G_MAXUINT)
    self->edition_index = number;
  self->edition = get_string (source, "edition");
  self->edition_version = get_string (source, "version");
  self->architecture = get_string (source, "architecture");
  self->drive = get_string (drive, "name");
  self->model = get_string (drive, "model");
  self->serial = get_string (drive, "serial");
  size_check = get_string (drive, "sizeCheck");
  self->size_checked = g_strcmp0 (size_check, NO_FAULT) == 0;
  self->disk_guid = get_string (drive, "diskGuid");
  get_hex (drive, "ntfsSerial", &self->ntfs_serial);
  if (get_uint (drive, "bootManager", &number) && number <= G_MAXUINT)
    self->boot_manager = number;
  get_span (get_object (root, "write"), &self->write);
  get_span (get_object (root, "verify"), &self->verify);
  self->verified = verified != NULL && json_node_get_boolean (verified);
  for (guint i = 0; curve != NULL && i < json_array_get_length (curve); i++)
    {
      ValiseReportSpan span = { 0 };

      get_span (get_element (curve, i), &span);
      g_array_append_val (self->curve, span);
    }
  for (guint i = 0; warnings != NULL && i < json_array_get_length (warnings); i++)
    {
      JsonNode *node = json_array_get_element (warnings, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_ptr_array_add (self->warnings, json_node_dup_string (node));
    }
  return get_uint (drive, "size", &self->drive_size) && self->drive_size > 0
         && read_partitions (self, get_array (drive, "partitions"))
         && read_digests (self, get_array (root, "digests"));
}

/**
 * valise_report_from_json:
 * @json: text from wherever
 * @size: its length in bytes, or -1 if it ends with a NUL
 * @error: where to put an error, of the domain %VALISE_PLAN_ERROR
 *
 * Returns: (transfer full): a report that is sound in itself, or %NULL
 */
ValiseReport *
valise_report_from_json (const char *json, gssize size, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (ValiseReport) self = valise_report_new ();
  g_autofree char *format = NULL;
  gsize length = size < 0 ? strlen (json) : (gsize) size;
  JsonNode *node = NULL;
  JsonObject *root;
  guint64 version;

  if (length <= VALISE_REPORT_MAX_SIZE && g_utf8_validate_len (json, length, NULL)
      && is_flat (json, length) && json_parser_load_from_data (parser, json, length, NULL))
    node = json_parser_get_root (parser);
  root = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  format = get_string (root, "format");
  if (g_strcmp0 (format, FORMAT) != 0)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                           _("This is not a report of Valise. The report is the file that “valise "
                             "write --report” has made for the drive."));
      return NULL;
    }
  if (!get_uint (root, "formatVersion", &version) || version != FORMAT_VERSION)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                           _("The report is of another version of Valise. Use a version that is at "
                             "least as new as the one that wrote the drive."));
      return NULL;
    }
  if (!read_members (self, root))
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                           _("The report is damaged: it does not say what is on the drive. Use an "
                             "unchanged copy of it."));
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * valise_report_load:
 * @path: a file
 * @error: where to put an error, of the domain %VALISE_PLAN_ERROR
 *
 * Returns: (transfer full): the report in the file, or %NULL
 */
ValiseReport *
valise_report_load (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) cause = NULL;

  file = g_mapped_file_new (path, FALSE, &cause);
  if (file == NULL)
    {
      /* Translators: the second %s is what the system says. */
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                   _("The report “%s” cannot be read: %s"), path, cause->message);
      return NULL;
    }
  return valise_report_from_json (
      g_mapped_file_get_contents (file) != NULL ? g_mapped_file_get_contents (file) : "",
      g_mapped_file_get_length (file), error);
}
