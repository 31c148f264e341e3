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
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-verifier.h"
#include "valise-batch-report.h"
#include "valise-record.h"
#include "volume/valise-layout.h"

#define FORMAT VALISE_REPORT_FORMAT
#define FORMAT_VERSION 1
#define NO_FAULT "no fault found"

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

  self->sector_size = VALISE_SECTOR_SIZE;
  self->partitions = g_ptr_array_new_with_free_func ((GDestroyNotify) partition_free);
  self->curve = g_array_new (FALSE, FALSE, sizeof (ValiseReportSpan));
  self->digests = g_array_new (FALSE, FALSE, sizeof (ValiseExtentDigest));
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->notices = g_ptr_array_new_with_free_func (g_free);
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
  g_free (self->container);
  g_free (self->container_path);
  g_free (self->drive);
  g_free (self->model);
  g_free (self->serial);
  g_free (self->computer_name);
  g_free (self->windows);
  g_free (self->disk_guid);
  g_ptr_array_unref (self->partitions);
  g_array_unref (self->curve);
  g_array_unref (self->digests);
  g_ptr_array_unref (self->warnings);
  g_ptr_array_unref (self->notices);
  g_free (self->boot_version);
  g_free (self->boot_signer);
  g_free (self);
}

/**
 * valise_report_add_partition:
 * @self: a report
 * @name: the partition's name in the GPT
 * @guid: (nullable): its unique GUID
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
add_span (JsonBuilder *builder, const char *name, const ValiseReportSpan *span)
{
  if (name != NULL)
    json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "seconds");
  json_builder_add_double_value (builder, span->seconds);
  valise_record_add_int (builder, "bytes", span->bytes);
  json_builder_end_object (builder);
}

static void
add_source (JsonBuilder *builder, const ValiseReport *self)
{
  valise_record_begin_object (builder, "source");
  valise_record_add_string (builder, "path", self->source);
  valise_record_add_string (builder, "format", self->source_format);
  valise_record_add_int (builder, "size", self->source_size);
  valise_record_add_string (builder, "sha256", self->source_sha256);
  valise_record_add_int (builder, "image", self->edition_index);
  valise_record_add_string (builder, "edition", self->edition);
  valise_record_add_string (builder, "version", self->edition_version);
  valise_record_add_string (builder, "architecture", self->architecture);
  json_builder_end_object (builder);
}

/* A GPT and its partitions have GUIDs, an MBR has a number, which is written as others do. */
static void
add_table (JsonBuilder *builder, const ValiseReport *self)
{
  g_autofree char *signature = g_strdup_printf ("%08x", self->disk_signature);

  valise_record_add_string (builder, "layout", self->disk_signature != 0 ? "mbr" : "gpt");
  if (self->disk_signature != 0)
    valise_record_add_string (builder, "diskSignature", signature);
  else
    valise_record_add_string (builder, "diskGuid", self->disk_guid);
}

static void
add_drive (JsonBuilder *builder, const ValiseReport *self)
{
  valise_record_begin_object (builder, "drive");
  valise_record_add_string (builder, "name", self->drive);
  valise_record_add_string (builder, "model", self->model);
  valise_record_add_string (builder, "serial", self->serial);
  valise_record_add_string (builder, "computerName", self->computer_name);
  valise_record_add_int (builder, "size", self->drive_size);
  valise_record_add_int (builder, "sectorSize", self->sector_size);
  /* Never more than that: a drive that passes a quick look may still be a counterfeit. */
  valise_record_add_string (builder, "sizeCheck", self->size_checked ? NO_FAULT : NULL);
  add_table (builder, self);
  valise_record_add_hex (builder, "ntfsSerial", self->ntfs_serial);
  valise_record_add_int (builder, "bootManager", self->boot_manager);
  valise_record_add_string (builder, "bootManagerVersion", self->boot_version);
  valise_record_add_string (builder, "bootManagerSigner", self->boot_signer);
  if (self->container != NULL)
    {
      valise_record_begin_object (builder, "container");
      valise_record_add_string (builder, "format", self->container);
      valise_record_add_string (builder, "path", self->container_path);
      valise_record_add_int (builder, "size", self->container_size);
      json_builder_end_object (builder);
    }
  valise_record_begin_array (builder, "partitions");
  for (guint i = 0; i < self->partitions->len; i++)
    {
      const ValiseReportPartition *partition = g_ptr_array_index (self->partitions, i);

      json_builder_begin_object (builder);
      valise_record_add_string (builder, "name", partition->name);
      if (self->disk_signature == 0)
        valise_record_add_string (builder, "guid", partition->guid);
      valise_record_add_int (builder, "offset", partition->offset);
      valise_record_add_int (builder, "size", partition->size);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* For each algorithm that was used: how many files, their bytes, and what those became. */
static void
add_compact (JsonBuilder *builder, const ValiseReport *self)
{
  const ValiseCompactStats *stats = &self->compact_stats;

  if (self->compact == VALISE_COMPACT_MODE_OFF)
    return;
  valise_record_begin_object (builder, "compact");
  valise_record_add_string (builder, "mode", valise_compact_mode_names[self->compact]);
  for (guint i = 0; i < VALISE_WOF_N_ALGORITHMS; i++)
    {
      if (stats->n_files[i] == 0)
        continue;
      valise_record_begin_object (builder, valise_wof_get_name (i));
      valise_record_add_int (builder, "files", stats->n_files[i]);
      valise_record_add_int (builder, "bytes", stats->bytes[i]);
      valise_record_add_int (builder, "packedBytes", stats->packed_bytes[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
}

static void
get_compact (JsonObject *object, ValiseReport *self)
{
  ValiseCompactStats *stats = &self->compact_stats;
  const char *mode
      = object != NULL ? json_object_get_string_member_with_default (object, "mode", NULL) : NULL;

  if (mode == NULL || !valise_compact_mode_parse (mode, &self->compact, NULL))
    return;
  for (guint i = 0; i < VALISE_WOF_N_ALGORITHMS; i++)
    {
      JsonObject *used = valise_record_get_object (object, valise_wof_get_name (i));

      if (used == NULL)
        continue;
      valise_record_get_uint (used, "files", &stats->n_files[i]);
      valise_record_get_uint (used, "bytes", &stats->bytes[i]);
      valise_record_get_uint (used, "packedBytes", &stats->packed_bytes[i]);
    }
}

static void
add_measurements (JsonBuilder *builder, const ValiseReport *self)
{
  add_span (builder, "write", &self->write);
  valise_record_begin_array (builder, "curve");
  for (guint i = 0; i < self->curve->len; i++)
    add_span (builder, NULL, &g_array_index (self->curve, ValiseReportSpan, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "verified");
  json_builder_add_boolean_value (builder, self->verified);
  add_span (builder, "verify", &self->verify);
}

static void
add_sentences (JsonBuilder *builder, const char *name, GPtrArray *sentences)
{
  valise_record_begin_array (builder, name);
  for (guint i = 0; i < sentences->len; i++)
    json_builder_add_string_value (builder, g_ptr_array_index (sentences, i));
  json_builder_end_array (builder);
}

static void
add_windows (JsonBuilder *builder, const ValiseReport *self)
{
  JsonNode *node = self->windows != NULL ? json_from_string (self->windows, NULL) : NULL;

  if (node == NULL)
    return;
  json_builder_set_member_name (builder, "windows");
  json_builder_add_value (builder, node);
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

  json_builder_begin_object (builder);
  valise_record_add_string (builder, "format", FORMAT);
  valise_record_add_int (builder, "formatVersion", FORMAT_VERSION);
  valise_record_add_string (builder, "valise", self->version);
  valise_record_add_string (builder, "created", self->created);
  add_source (builder, self);
  add_drive (builder, self);
  add_windows (builder, self);
  add_compact (builder, self);
  add_measurements (builder, self);
  add_sentences (builder, "warnings", self->warnings);
  add_sentences (builder, "notices", self->notices);
  valise_record_begin_array (builder, "digests");
  for (guint i = 0; i < self->digests->len; i++)
    {
      const ValiseExtentDigest *extent = &g_array_index (self->digests, ValiseExtentDigest, i);

      json_builder_begin_object (builder);
      valise_record_add_int (builder, "offset", extent->offset);
      valise_record_add_int (builder, "size", extent->size);
      valise_record_add_hex (builder, "xxh3", extent->digest);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  return valise_record_to_text (builder);
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

  return valise_record_save (json, path, error);
}

/* ---- reading ---- */

static void
get_span (JsonObject *object, ValiseReportSpan *span)
{
  JsonNode *seconds;

  if (object == NULL)
    return;
  valise_record_get_uint (object, "bytes", &span->bytes);
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
      JsonObject *object = valise_record_get_element (array, i);
      g_autofree char *name = valise_record_get_string (object, "name");
      g_autofree char *guid = valise_record_get_string (object, "guid");
      guint64 offset, size;

      if (name == NULL || (guid == NULL && self->disk_signature == 0)
          || !valise_record_get_uint (object, "offset", &offset)
          || !valise_record_get_uint (object, "size", &size) || offset > self->drive_size
          || size > self->drive_size - offset)
        return FALSE;
      valise_report_add_partition (self, name, guid, offset, size);
    }
  return TRUE;
}

/* Reports of older versions leave it out, and are of drives with the usual one. */
static gboolean
read_sector_size (ValiseReport *self, JsonObject *drive)
{
  guint64 size = VALISE_SECTOR_SIZE;

  if (drive != NULL && json_object_has_member (drive, "sectorSize")
      && !valise_record_get_uint (drive, "sectorSize", &size))
    return FALSE;
  self->sector_size = valise_sector_size_is_known (size) ? size : 0;
  return self->sector_size != 0;
}

/* The extents must ascend and lie on the drive; there is nothing to verify without any. */
static gboolean
read_digests (ValiseReport *self, JsonArray *array)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;
  guint64 end = 0;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *object = valise_record_get_element (array, i);
      ValiseExtentDigest extent;

      if (!valise_record_get_uint (object, "offset", &extent.offset)
          || !valise_record_get_uint (object, "size", &extent.size)
          || !valise_record_get_hex (object, "xxh3", &extent.digest) || extent.offset < end
          || extent.size == 0
          || extent.size > MAX_EXTENT || extent.offset > self->drive_size
          || extent.size > self->drive_size - extent.offset)
        return FALSE;
      end = extent.offset + extent.size;
      g_array_append_val (self->digests, extent);
    }
  return n > 0;
}

static void
get_sentences (JsonObject *root, const char *name, GPtrArray *sentences)
{
  JsonArray *array = valise_record_get_array (root, name);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_ptr_array_add (sentences, json_node_dup_string (node));
    }
}

static gboolean
read_members (ValiseReport *self, JsonObject *root)
{
  JsonObject *source = valise_record_get_object (root, "source");
  JsonObject *drive = valise_record_get_object (root, "drive");
  JsonObject *container = valise_record_get_object (drive, "container");
  JsonArray *curve = valise_record_get_array (root, "curve");
  JsonNode *verified = valise_record_get_member (root, "verified", G_TYPE_BOOLEAN);
  g_autofree char *size_check = NULL;
  g_autofree char *signature = NULL;
  guint64 number = 0;

  self->version = valise_record_get_string (root, "valise");
  self->created = valise_record_get_string (root, "created");
  self->source = valise_record_get_string (source, "path");
  self->source_format = valise_record_get_string (source, "format");
  valise_record_get_uint (source, "size", &self->source_size);
  self->source_sha256 = valise_record_get_string (source, "sha256");
  if (valise_record_get_uint (source, "image", &number) && number <= G_MAXUINT)
    self->edition_index = number;
  self->edition = valise_record_get_string (source, "edition");
  self->edition_version = valise_record_get_string (source, "version");
  self->architecture = valise_record_get_string (source, "architecture");
  self->drive = valise_record_get_string (drive, "name");
  self->model = valise_record_get_string (drive, "model");
  self->serial = valise_record_get_string (drive, "serial");
  self->computer_name = valise_record_get_string (drive, "computerName");
  size_check = valise_record_get_string (drive, "sizeCheck");
  self->size_checked = g_strcmp0 (size_check, NO_FAULT) == 0;
  self->disk_guid = valise_record_get_string (drive, "diskGuid");
  signature = valise_record_get_string (drive, "diskSignature");
  if (signature != NULL
      && g_ascii_string_to_unsigned (signature, 16, 1, G_MAXUINT32, &number, NULL))
    self->disk_signature = number;
  valise_record_get_hex (drive, "ntfsSerial", &self->ntfs_serial);
  if (valise_record_get_uint (drive, "bootManager", &number) && number <= G_MAXUINT)
    self->boot_manager = number;
  self->boot_version = valise_record_get_string (drive, "bootManagerVersion");
  self->boot_signer = valise_record_get_string (drive, "bootManagerSigner");
  get_compact (valise_record_get_object (root, "compact"), self);
  if (container != NULL)
    {
      self->container = valise_record_get_string (container, "format");
      self->container_path = valise_record_get_string (container, "path");
      valise_record_get_uint (container, "size", &self->container_size);
    }
  get_span (valise_record_get_object (root, "write"), &self->write);
  get_span (valise_record_get_object (root, "verify"), &self->verify);
  self->verified = verified != NULL && json_node_get_boolean (verified);
  for (guint i = 0; curve != NULL && i < json_array_get_length (curve); i++)
    {
      ValiseReportSpan span = { 0 };

      get_span (valise_record_get_element (curve, i), &span);
      g_array_append_val (self->curve, span);
    }
  get_sentences (root, "warnings", self->warnings);
  get_sentences (root, "notices", self->notices);
  return valise_record_get_uint (drive, "size", &self->drive_size) && self->drive_size > 0
         && read_sector_size (self, drive)
         && read_partitions (self, valise_record_get_array (drive, "partitions"))
         && read_digests (self, valise_record_get_array (root, "digests"));
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
  JsonObject *root = valise_record_parse (parser, json, length, VALISE_REPORT_MAX_SIZE);
  guint64 version;

  format = valise_record_get_string (root, "format");
  if (g_strcmp0 (format, VALISE_BATCH_REPORT_FORMAT) == 0)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                           _("This is the report of a batch. Name the report of the drive, which "
                             "it lists, such as “report-1.json”."));
      return NULL;
    }
  if (g_strcmp0 (format, FORMAT) != 0)
    {
      g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                           _("This is not a report of Valise. The report is the file that “valise "
                             "write --report” has made for the drive."));
      return NULL;
    }
  if (!valise_record_get_uint (root, "formatVersion", &version) || version != FORMAT_VERSION)
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
  g_autoptr (GMappedFile) file = valise_record_map (path, error);

  if (file == NULL)
    return NULL;
  return valise_report_from_json (
      g_mapped_file_get_contents (file) != NULL ? g_mapped_file_get_contents (file) : "",
      g_mapped_file_get_length (file), error);
}
