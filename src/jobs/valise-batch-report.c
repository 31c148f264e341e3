/* valise-batch-report.c: what was done to a batch of drives, and what is left to do.
 *
 * One JSON object: the source and the settings that all drives have in common, and how far each
 * drive is. With it, those that are not finished can be written later, as the others were. It is
 * foreign when it is read: what is missing, or makes no sense, is not guessed but refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-config.h"

#include "valise-batch-report.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/valise-error-words.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-profile.h"
#include "valise-record.h"
#include "valise-report.h"
#include "volume/valise-layout.h"

#define FORMAT_VERSION 1

/* A thousand drives with long messages have room in it. */
#define MAX_SIZE (4 * VALISE_MIB)

static const char *const state_names[] = { "not-started", "failed", "finished" };
G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == VALISE_BATCH_FINISHED + 1);

static const char *const layout_names[] = { "gpt", "mbr" };
G_STATIC_ASSERT (G_N_ELEMENTS (layout_names) == VALISE_PLAN_LAYOUT_MBR + 1);

/* ---- the struct ---- */

static void
clear_error (ValiseBatchDrive *self)
{
  g_clear_pointer (&self->error_domain, g_free);
  g_clear_pointer (&self->error_code, g_free);
  g_clear_pointer (&self->error_message, g_free);
  g_clear_pointer (&self->error_stage, g_free);
}

static void
drive_free (ValiseBatchDrive *self)
{
  clear_error (self);
  g_free (self->name);
  g_free (self->model);
  g_free (self->serial);
  g_free (self->report);
  g_free (self);
}

static ValiseBatchReport *
report_new (void)
{
  ValiseBatchReport *self = g_new0 (ValiseBatchReport, 1);

  self->drives = g_ptr_array_new_with_free_func ((GDestroyNotify) drive_free);
  return self;
}

static char *
now_as_text (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_date_time_format_iso8601 (now);
}

static gboolean
look_at_source (const char *path, guint64 *size, char **modified, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *name = g_filename_display_name (path);

  info = g_file_query_info (file,
                            G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_TIME_MODIFIED
                                                           ",time::modified-usec",
                            G_FILE_QUERY_INFO_NONE, NULL, &cause);
  time = info != NULL ? g_file_info_get_modification_date_time (info) : NULL;
  utc = time != NULL ? g_date_time_to_utc (time) : NULL;
  if (utc == NULL)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
                   _("“%s” cannot be read: %s. Check the name and your rights."), name,
                   cause != NULL ? cause->message : g_strerror (ENOTSUP));
      return FALSE;
    }
  *size = g_file_info_get_size (info);
  *modified = g_date_time_format_iso8601 (utc);
  return TRUE;
}

/**
 * valise_batch_report_new:
 * @options: what the drives are written with; a plan's
 * @new_size: size in bytes of virtual drives that do not exist yet; 0 for none
 * @sector_size: size in bytes of the sectors of virtual drives
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * Begins the record of a batch.
 *
 * Returns: (transfer full): a report without drives, or %NULL if there is no such source
 */
ValiseBatchReport *
valise_batch_report_new (const ValisePlanOptions *options,
                         guint64 new_size,
                         guint sector_size,
                         GError **error)
{
  g_autoptr (ValiseBatchReport) self = report_new ();

  self->source = g_canonicalize_filename (options->source, NULL);
  if (!look_at_source (self->source, &self->source_size, &self->source_modified, error))
    return NULL;
  self->image = g_strdup (options->edition);
  self->layout = options->layout;
  self->container = options->container;
  self->container_size = options->container_size;
  self->boot_manager = options->boot_manager;
  self->compact = options->compact;
  self->verify = options->verify;
  self->allow_encrypted = options->allow_encrypted;
  self->cache_size = options->cache_size;
  self->new_size = new_size;
  self->sector_size = sector_size;
  if (options->setup != NULL)
    self->setup_digest = valise_profile_digest_setup (options->setup);
  return g_steal_pointer (&self);
}

/**
 * valise_batch_report_free:
 * @self: (transfer full): a report
 */
void
valise_batch_report_free (ValiseBatchReport *self)
{
  g_free (self->version);
  g_free (self->created);
  g_free (self->source);
  g_free (self->source_modified);
  g_free (self->source_sha256);
  g_free (self->image);
  g_free (self->setup_digest);
  g_free (self->edition);
  g_ptr_array_unref (self->drives);
  g_free (self);
}

/**
 * valise_batch_report_add:
 * @self: a report
 * @name: the drive's path
 * @model: (nullable): its model
 * @serial: (nullable): its serial number
 * @size: its size in bytes; 0 where it is not known
 *
 * Adds a drive to which nothing has happened.
 *
 * Returns: (transfer none): the drive
 */
ValiseBatchDrive *
valise_batch_report_add (ValiseBatchReport *self,
                         const char *name,
                         const char *model,
                         const char *serial,
                         guint64 size)
{
  ValiseBatchDrive *drive = g_new0 (ValiseBatchDrive, 1);

  drive->name = g_canonicalize_filename (name, NULL);
  drive->model = g_strdup (model);
  drive->serial = g_strdup (serial);
  drive->size = size;
  g_ptr_array_add (self->drives, drive);
  return drive;
}

/**
 * valise_batch_report_count_unfinished:
 * @self: a report
 *
 * Returns: how many drives are not finished
 */
guint
valise_batch_report_count_unfinished (const ValiseBatchReport *self)
{
  guint n = 0;

  for (guint i = 0; i < self->drives->len; i++)
    n += ((ValiseBatchDrive *) self->drives->pdata[i])->state != VALISE_BATCH_FINISHED;
  return n;
}

/**
 * valise_batch_report_get_options:
 * @self: a report
 * @options: (out caller-allocates): what its drives are written with; the strings are the report's
 */
void
valise_batch_report_get_options (const ValiseBatchReport *self, ValisePlanOptions *options)
{
  *options = (ValisePlanOptions) {
    .source = self->source,
    .edition = self->image,
    .layout = self->layout,
    .container = self->container,
    .container_size = self->container_size,
    .boot_manager = self->boot_manager,
    .compact = self->compact,
    .verify = self->verify,
    .allow_encrypted = self->allow_encrypted,
    .cache_size = self->cache_size,
  };
}

/**
 * valise_batch_report_check_source:
 * @self: a report
 * @path: where the source is now
 * @error: where to put an error of %VALISE_SOURCE_ERROR, or of %VALISE_PLAN_ERROR if it is another
 *
 * Looks whether the source may be the one that the drives were written from, without reading it.
 * Where its digest is known, the job compares that.
 *
 * Returns: whether nothing speaks against it
 */
gboolean
valise_batch_report_check_source (const ValiseBatchReport *self, const char *path, GError **error)
{
  g_autofree char *modified = NULL;
  g_autofree char *name = g_filename_display_name (path);
  guint64 size;

  if (!look_at_source (path, &size, &modified, error))
    {
      g_prefix_error (error, _("The image of this batch is needed again. If it was moved, name it "
                               "in front of --resume. "));
      return FALSE;
    }
  if (size != self->source_size)
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                 _("“%s” is not the image that the other drives of this batch were written from: "
                   "it has another size. Name that image, or write a new batch."),
                 name);
  else if (self->source_sha256 == NULL && !g_str_equal (modified, self->source_modified))
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                 _("“%s” was changed since the other drives of this batch were written, and there "
                   "is no digest to tell whether it is still the same. Write a new batch."),
                 name);
  else
    return TRUE;
  return FALSE;
}

/* ---- drives ---- */

/**
 * valise_batch_drive_is:
 * @self: a drive of a batch
 * @name: a drive's path
 * @model: (nullable): its model
 * @serial: (nullable): its serial number
 * @size: its size in bytes; 0 where there is nothing under that name
 *
 * Whether a drive that is there is the one of the batch: by the serial number where one of them
 * has one, else by all that is known. Names alone are given to other drives, too.
 *
 * Returns: whether it is
 */
gboolean
valise_batch_drive_is (const ValiseBatchDrive *self,
                       const char *name,
                       const char *model,
                       const char *serial,
                       guint64 size)
{
  g_autofree char *path = g_canonicalize_filename (name, NULL);

  if (size != 0 && self->size != 0 && size != self->size)
    return FALSE;
  if (self->serial != NULL || serial != NULL)
    return g_strcmp0 (self->serial, serial) == 0;
  return g_str_equal (path, self->name) && g_strcmp0 (model, self->model) == 0;
}

/**
 * valise_batch_drive_set_finished:
 * @self: a drive of a batch
 * @report: (nullable): path of its own report
 */
void
valise_batch_drive_set_finished (ValiseBatchDrive *self, const char *report)
{
  clear_error (self);
  g_free (self->report);
  self->report = report != NULL ? g_path_get_basename (report) : NULL;
  self->state = VALISE_BATCH_FINISHED;
}

/**
 * valise_batch_drive_set_error:
 * @self: a drive of a batch
 * @state: %VALISE_BATCH_FAILED or %VALISE_BATCH_NOT_STARTED
 * @error: why it is not finished
 * @stage: (nullable): in which stage that was
 */
void
valise_batch_drive_set_error (ValiseBatchDrive *self,
                              ValiseBatchState state,
                              const GError *error,
                              const char *stage)
{
  const char *domain;
  const char *code = valise_error_get_words (error, &domain);

  clear_error (self);
  self->state = state;
  self->error_domain = g_strdup (domain);
  self->error_code = g_strdup (code);
  self->error_message = g_strdup (error->message);
  self->error_stage = g_strdup (stage);
}

/* ---- writing ---- */

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_settings (JsonBuilder *builder, const ValiseBatchReport *self)
{
  valise_record_begin_object (builder, "settings");
  valise_record_add_string (builder, "image", self->image);
  valise_record_add_string (builder, "edition", self->edition);
  valise_record_add_string (builder, "layout", layout_names[self->layout]);
  if (self->container != VALISE_CONTAINER_NONE)
    {
      valise_record_add_string (builder, "container",
                                valise_container_kind_get_name (self->container));
      valise_record_add_int (builder, "containerSize", self->container_size);
    }
  valise_record_add_int (builder, "bootManager",
                         self->boot_manager == VALISE_BOOT_MANAGER_2023 ? 2023 : 2011);
  valise_record_add_string (builder, "compact", valise_compact_mode_names[self->compact]);
  add_boolean (builder, "verify", self->verify);
  add_boolean (builder, "allowEncrypted", self->allow_encrypted);
  valise_record_add_int (builder, "cache", self->cache_size);
  valise_record_add_int (builder, "newSize", self->new_size);
  if (self->sector_size != VALISE_SECTOR_SIZE)
    valise_record_add_int (builder, "sectorSize", self->sector_size);
  valise_record_add_string (builder, "setupSha256", self->setup_digest);
  json_builder_end_object (builder);
}

static void
add_drive (JsonBuilder *builder, const ValiseBatchDrive *drive)
{
  json_builder_begin_object (builder);
  valise_record_add_string (builder, "name", drive->name);
  valise_record_add_string (builder, "model", drive->model);
  valise_record_add_string (builder, "serial", drive->serial);
  valise_record_add_int (builder, "size", drive->size);
  valise_record_add_string (builder, "state", state_names[drive->state]);
  valise_record_add_string (builder, "report", drive->report);
  if (drive->error_message != NULL)
    {
      valise_record_begin_object (builder, "error");
      valise_record_add_string (builder, "domain", drive->error_domain);
      valise_record_add_string (builder, "code", drive->error_code);
      valise_record_add_string (builder, "message", drive->error_message);
      valise_record_add_string (builder, "stage", drive->error_stage);
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
}

/**
 * valise_batch_report_to_json:
 * @self: a report
 *
 * Returns: (transfer full): the report as a JSON object, in lines
 */
char *
valise_batch_report_to_json (const ValiseBatchReport *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  valise_record_add_string (builder, "format", VALISE_BATCH_REPORT_FORMAT);
  valise_record_add_int (builder, "formatVersion", FORMAT_VERSION);
  valise_record_add_string (builder, "valise", self->version);
  valise_record_add_string (builder, "created", self->created);
  valise_record_begin_object (builder, "source");
  valise_record_add_string (builder, "path", self->source);
  valise_record_add_int (builder, "size", self->source_size);
  valise_record_add_string (builder, "modified", self->source_modified);
  valise_record_add_string (builder, "sha256", self->source_sha256);
  json_builder_end_object (builder);
  add_settings (builder, self);
  valise_record_begin_array (builder, "drives");
  for (guint i = 0; i < self->drives->len; i++)
    add_drive (builder, g_ptr_array_index (self->drives, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return valise_record_to_text (builder);
}

/**
 * valise_batch_report_save:
 * @self: a report; notes when and by which version it was saved
 * @path: the file to write; replaced in one step if it exists
 * @error: where to put an error, of the domain %VALISE_SYSTEM_ERROR
 *
 * Returns: whether the report is there
 */
gboolean
valise_batch_report_save (ValiseBatchReport *self, const char *path, GError **error)
{
  g_autofree char *json = NULL;

  g_free (self->version);
  self->version = g_strdup (VALISE_VERSION);
  g_free (self->created);
  self->created = now_as_text ();
  json = valise_batch_report_to_json (self);
  return valise_record_save (json, path, error);
}

/* ---- reading ---- */

static gboolean
find_name (JsonObject *object,
           const char *name,
           const char *const *names,
           guint n_names,
           guint *found)
{
  g_autofree char *text = valise_record_get_string (object, name);

  for (*found = 0; *found < n_names; (*found)++)
    if (g_strcmp0 (text, names[*found]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
get_boolean (JsonObject *object, const char *name, gboolean *value)
{
  JsonNode *node = valise_record_get_member (object, name, G_TYPE_BOOLEAN);

  if (node == NULL)
    return FALSE;
  *value = json_node_get_boolean (node);
  return TRUE;
}

/* A string, or null; a member of another type is an error. */
static gboolean
get_optional (JsonObject *object, const char *name, char **value)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  *value = valise_record_get_string (object, name);
  return *value != NULL || node == NULL || JSON_NODE_HOLDS_NULL (node);
}

static gboolean
is_digest (const char *text)
{
  return strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

static gboolean
read_source (ValiseBatchReport *self, JsonObject *source)
{
  self->source = valise_record_get_string (source, "path");
  self->source_modified = valise_record_get_string (source, "modified");
  return self->source != NULL && g_path_is_absolute (self->source)
         && self->source_modified != NULL
         && valise_record_get_uint (source, "size", &self->source_size) && self->source_size > 0
         && get_optional (source, "sha256", &self->source_sha256)
         && (self->source_sha256 == NULL || is_digest (self->source_sha256));
}

/* Only said where it is not the usual one: older versions know no other. */
static gboolean
read_sector_size (ValiseBatchReport *self, JsonObject *settings)
{
  guint64 size = VALISE_SECTOR_SIZE;

  if (json_object_has_member (settings, "sectorSize")
      && !valise_record_get_uint (settings, "sectorSize", &size))
    return FALSE;
  if (!valise_sector_size_is_known (size) || self->new_size % size != 0)
    return FALSE;
  self->sector_size = size;
  return TRUE;
}

/* Reports of batches without a virtual disk say nothing of one. */
static gboolean
read_container (ValiseBatchReport *self, JsonObject *settings)
{
  g_autofree char *name = NULL;

  if (!get_optional (settings, "container", &name))
    return FALSE;
  return name == NULL
         || (valise_container_kind_from_name (name, &self->container)
             && self->container != VALISE_CONTAINER_NONE
             && valise_record_get_uint (settings, "containerSize", &self->container_size)
             && self->container_size <= valise_container_kind_get_max_size (self->container));
}

static gboolean
read_settings (ValiseBatchReport *self, JsonObject *settings)
{
  guint64 boot_manager;
  guint layout;
  guint compact = VALISE_COMPACT_MODE_OFF;

  /* Reports from before there was compression do not have it. */
  if (settings != NULL && json_object_has_member (settings, "compact")
      && !find_name (settings, "compact", valise_compact_mode_names,
                     VALISE_COMPACT_MODE_AUTO + 1, &compact))
    return FALSE;
  if (!get_optional (settings, "image", &self->image)
      || !get_optional (settings, "edition", &self->edition)
      || !find_name (settings, "layout", layout_names, G_N_ELEMENTS (layout_names), &layout)
      || !read_container (self, settings)
      || !valise_record_get_uint (settings, "bootManager", &boot_manager)
      || (boot_manager != 2011 && boot_manager != 2023)
      || !get_boolean (settings, "verify", &self->verify)
      || !get_boolean (settings, "allowEncrypted", &self->allow_encrypted)
      || !valise_record_get_uint (settings, "cache", &self->cache_size)
      || !valise_record_get_uint (settings, "newSize", &self->new_size)
      || !read_sector_size (self, settings)
      || !get_optional (settings, "setupSha256", &self->setup_digest)
      || (self->setup_digest != NULL && !is_digest (self->setup_digest)))
    return FALSE;
  self->layout = layout;
  self->compact = compact;
  self->boot_manager = boot_manager == 2023 ? VALISE_BOOT_MANAGER_2023 : VALISE_BOOT_MANAGER_2011;
  return TRUE;
}

/* What is not finished may say why; what is finished has nothing to say. */
static gboolean
read_error (ValiseBatchDrive *drive, JsonObject *object)
{
  JsonObject *error = valise_record_get_object (object, "error");

  if (error == NULL)
    return !json_object_has_member (object, "error") && drive->state != VALISE_BATCH_FAILED;
  drive->error_domain = valise_record_get_string (error, "domain");
  drive->error_code = valise_record_get_string (error, "code");
  drive->error_message = valise_record_get_string (error, "message");
  return drive->state != VALISE_BATCH_FINISHED && drive->error_domain != NULL
         && drive->error_code != NULL && drive->error_message != NULL
         && get_optional (error, "stage", &drive->error_stage);
}

static gboolean
is_file_name (const char *text)
{
  return *text != '\0' && strchr (text, '/') == NULL && !g_str_equal (text, ".")
         && !g_str_equal (text, "..");
}

static gboolean
read_drive (ValiseBatchReport *self, JsonObject *object)
{
  g_autofree char *name = valise_record_get_string (object, "name");
  ValiseBatchDrive *drive;
  guint state;

  if (name == NULL || !g_path_is_absolute (name))
    return FALSE;
  drive = valise_batch_report_add (self, name, NULL, NULL, 0);
  if (!get_optional (object, "model", &drive->model)
      || !get_optional (object, "serial", &drive->serial)
      || !valise_record_get_uint (object, "size", &drive->size)
      || drive->size % VALISE_SECTOR_SIZE != 0
      || !find_name (object, "state", state_names, G_N_ELEMENTS (state_names), &state)
      || !get_optional (object, "report", &drive->report)
      || (drive->report != NULL && !is_file_name (drive->report)))
    return FALSE;
  drive->state = state;
  return read_error (drive, object);
}

static gboolean
read_drives (ValiseBatchReport *self, JsonArray *array)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;

  if (n == 0 || n > VALISE_BATCH_REPORT_MAX_DRIVES)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!read_drive (self, valise_record_get_element (array, i)))
      return FALSE;
  return TRUE;
}

/**
 * valise_batch_report_from_json:
 * @json: text from wherever
 * @size: its length in bytes, or -1 if it ends with a NUL
 * @error: where to put an error, of the domain %VALISE_PLAN_ERROR
 *
 * Returns: (transfer full): a report that is sound in itself, or %NULL
 */
ValiseBatchReport *
valise_batch_report_from_json (const char *json, gssize size, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (ValiseBatchReport) self = report_new ();
  g_autofree char *format = NULL;
  gsize length = size < 0 ? strlen (json) : (gsize) size;
  JsonObject *root = valise_record_parse (parser, json, length, VALISE_REPORT_MAX_SIZE);
  guint64 version;

  format = valise_record_get_string (root, "format");
  if (g_strcmp0 (format, VALISE_REPORT_FORMAT) == 0)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                         _("This is the report of one drive, which is finished. Name the report of "
                           "the batch, which “valise write --report” makes for several drives."));
  else if (g_strcmp0 (format, VALISE_BATCH_REPORT_FORMAT) != 0 || length > MAX_SIZE)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                         _("This is not the report of a batch. That is the file that “valise write "
                           "--report” makes for several drives."));
  else if (!valise_record_get_uint (root, "formatVersion", &version) || version != FORMAT_VERSION)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                         _("The report is of another version of Valise. Use a version that is at "
                           "least as new as the one that wrote the drives."));
  else if (!read_source (self, valise_record_get_object (root, "source"))
           || !read_settings (self, valise_record_get_object (root, "settings"))
           || !read_drives (self, valise_record_get_array (root, "drives"))
           || !get_optional (root, "valise", &self->version)
           || !get_optional (root, "created", &self->created))
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT,
                         _("The report is damaged: it does not say how the drives were written. "
                           "Use an unchanged copy of it, or write a new batch."));
  else
    return g_steal_pointer (&self);
  return NULL;
}

/**
 * valise_batch_report_load:
 * @path: a file
 * @error: where to put an error, of the domain %VALISE_PLAN_ERROR
 *
 * Returns: (transfer full): the report in the file, or %NULL
 */
ValiseBatchReport *
valise_batch_report_load (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = valise_record_map (path, error);

  if (file == NULL)
    return NULL;
  return valise_batch_report_from_json (
      g_mapped_file_get_contents (file) != NULL ? g_mapped_file_get_contents (file) : "",
      g_mapped_file_get_length (file), error);
}
