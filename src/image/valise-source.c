/* valise-source.c: an ISO, WIM, ESD or set of SWM files that Windows editions are in.
 *
 * Responsible for opening: what kind of file it is, whether it is all there, which editions it
 * holds. The words about wrong files are in valise-recognize.c and valise-wimlib.c.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-source.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-sandbox.h"
#include "valise-disc.h"
#include "valise-edition-reader.h"
#include "valise-mount.h"
#include "valise-recognize.h"
#include "valise-source-private.h"
#include "valise-split-set.h"
#include "valise-wim-header.h"
#include "valise-wimlib.h"

/* Images that claim to hold more editions than this are taken for damaged ones. */
#define MAX_EDITIONS 1000

static void
look_at_files (ValiseSource *self)
{
  self->size = 0;
  for (guint i = 0; i < self->files->len; i++)
    {
      GStatBuf st;

      if (g_stat (g_ptr_array_index (self->files, i), &st) != 0)
        continue;
      self->size += st.st_size;
      self->time = MAX (self->time, st.st_mtim.tv_sec * G_USEC_PER_SEC + st.st_mtim.tv_nsec / 1000);
    }
}

static WIMStruct *
open_part (ValiseSource *self, const char *path, gboolean has_table, ValiseProgress *progress,
           GCancellable *cancellable, GError **error)
{
  ValiseWimlibCall call = { has_table ? progress : NULL, cancellable };
  WIMStruct *wim = NULL;
  int code;

  if (has_table && progress != NULL)
    valise_progress_begin (progress, "open", 0);
  code = wimlib_open_wim_with_progress (path, has_table ? WIMLIB_OPEN_FLAG_CHECK_INTEGRITY : 0,
                                        &wim, valise_wimlib_progress, &call);
  if (code != 0)
    {
      valise_wimlib_set_error (error, code, self->shown);
      return NULL;
    }
  wimlib_register_progress_function (wim, NULL, NULL);
  return wim;
}

/* Opens the image file at @path, and the other parts where it is one of a set. */
static gboolean
open_wim (ValiseSource *self, const char *path, ValiseProgress *progress,
          GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) parts = NULL;
  g_autoptr (GPtrArray) others = g_ptr_array_new ();
  ValiseWimHeader header;

  if (!valise_wim_header_read (path, self->shown, &header, error))
    return FALSE;
  self->is_solid = header.is_solid;
  self->format = header.n_parts > 1 ? "swm" : header.is_solid ? "esd" : "wim";
  if (header.n_images > MAX_EDITIONS)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                   _("“%s” is damaged: it says that it holds %u editions. Download or copy it "
                     "again."),
                   self->shown, header.n_images);
      return FALSE;
    }
  parts = valise_split_set_find (path, self->shown, &header, error);
  if (parts == NULL)
    return FALSE;
  for (guint i = 0; i < parts->len; i++)
    {
      WIMStruct *wim;
      int code;

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !valise_wim_header_read (g_ptr_array_index (parts, i), self->shown, &header, error))
        return FALSE;
      wim = open_part (self, g_ptr_array_index (parts, i), header.integrity.size > 0, progress,
                       cancellable, error);
      if (wim == NULL)
        return FALSE;
      if (i == 0)
        {
          self->wim = wim;
          continue;
        }
      code = wimlib_reference_resources (self->wim, &wim, 1, 0);
      wimlib_free (wim);
      if (code != 0)
        {
          valise_wimlib_set_error (error, code, self->shown);
          return FALSE;
        }
    }
  if (!self->is_iso)
    {
      g_ptr_array_unref (self->files);
      self->files = g_ptr_array_ref (parts);
    }
  self->parts = g_steal_pointer (&parts);
  return TRUE;
}

static gboolean
read_editions (ValiseSource *self, GCancellable *cancellable, GError **error)
{
  struct wimlib_wim_info info;
  gboolean any_system = FALSE;

  wimlib_get_wim_info (self->wim, &info);
  for (guint i = 1; i <= info.image_count; i++)
    {
      ValiseEdition *edition;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      edition = valise_edition_read (self->wim, i, self->shown, error);
      if (edition == NULL)
        return FALSE;
      any_system |= edition->is_system;
      g_ptr_array_add (self->editions, edition);
    }
  if (any_system)
    return TRUE;

  if (self->editions->len > 0
      && g_str_equal (((ValiseEdition *) g_ptr_array_index (self->editions, 0))->edition_id,
                      "WindowsPE"))
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                 _("“%s” holds Windows PE, which only starts Windows Setup (boot.wim). Choose "
                   "install.wim or install.esd, which lies beside it, or the whole ISO."),
                 self->shown);
  else
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                 _("“%s” is an image, but there is no Windows in it that could start. Choose an "
                   "ISO, or its install.wim or install.esd."),
                 self->shown);
  return FALSE;
}

/* Whether the first file of @disc can be read in the folder @mount. */
static char *
find_mounted (ValiseDisc *disc, ValiseMount *mount)
{
  const ValiseDiscFile *file = g_ptr_array_index (disc->files, 0);
  g_autofree char *path
      = g_build_filename (valise_mount_get_path (mount), disc->folder, file->name, NULL);
  GStatBuf st;

  if (g_stat (path, &st) == 0 && (guint64) st.st_size == file->size && g_access (path, R_OK) == 0)
    return g_steal_pointer (&path);
  g_debug ("“%s” is not what it should be; copying instead", path);
  return NULL;
}

/* In a sandbox that has not what udisks2 mounts, mounting would only be seen by the user. */
static gboolean
can_see_mounts (void)
{
  return !valise_sandbox_is_inside () || g_file_test ("/run/media", G_FILE_TEST_IS_DIR)
         || g_file_test ("/media", G_FILE_TEST_IS_DIR);
}

/* Makes the image file inside an ISO readable for wimlib; returns its path. */
static char *
open_disc (ValiseSource *self, ValiseScratch *scratch, ValiseProgress *progress,
           GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseDisc) disc = valise_disc_open (self->path, cancellable, error);
  g_autoptr (GError) local_error = NULL;
  const ValiseDiscFile *file;
  g_autofree char *iso = NULL;
  char *path = NULL;

  if (disc == NULL)
    return NULL;
  file = g_ptr_array_index (disc->files, 0);
  self->is_iso = TRUE;
  g_ptr_array_add (self->files, g_strdup (self->path));
  iso = g_steal_pointer (&self->shown);
  self->shown = g_strdup_printf ("%s: %s/%s", iso, disc->folder, file->name);

  if (can_see_mounts ())
    self->mount = valise_mount_new (self->path, cancellable, &local_error);
  if (self->mount != NULL)
    path = find_mounted (disc, self->mount);
  else if (local_error != NULL)
    g_debug ("udisks2 does not mount “%s”: %s", self->path, local_error->message);
  if (path != NULL)
    return path;
  g_clear_pointer (&self->mount, valise_mount_free);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  self->copy = valise_scratch_build_path (scratch, "iso-XXXXXX");
  if (g_mkdtemp_full (self->copy, 0700) == NULL)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                   _("No folder for temporary files can be made in “%s”: %s."),
                   valise_scratch_get_path (scratch), g_strerror (errno));
      g_clear_pointer (&self->copy, g_free);
      return NULL;
    }
  if (!valise_disc_copy (disc, self->copy, scratch, progress, cancellable, error))
    return NULL;
  return g_build_filename (self->copy, file->name, NULL);
}

/**
 * valise_source_open:
 * @path: an ISO, WIM or ESD file, or any part of a set of SWM files
 * @scratch: where a copy of the image goes when it cannot be read inside its ISO; must outlive the
 *   source
 * @progress: (nullable): gets a step `open`, begun when there is something that takes long
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Opens a source and reads what editions it holds. An integrity table, where the image has one, is
 * compared with the whole file. Blocks; for a job's thread.
 *
 * Returns: (transfer full) (nullable): the source, with at least one edition that can start
 */
ValiseSource *
valise_source_open (const char *path, ValiseScratch *scratch, ValiseProgress *progress,
                    GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseSource) self = g_new0 (ValiseSource, 1);
  g_autofree char *image = NULL;
  ValiseFileKind kind;

  g_return_val_if_fail (path != NULL && scratch != NULL, NULL);

  valise_wimlib_init ();
  self->path = g_strdup (path);
  self->shown = valise_sandbox_dup_shown (path);
  self->editions = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_edition_free);

  self->files = g_ptr_array_new_with_free_func (g_free);

  kind = valise_recognize (path, &self->size, error);
  if (kind == VALISE_FILE_WIM)
    image = g_strdup (path);
  else if (kind == VALISE_FILE_DISC)
    image = open_disc (self, scratch, progress, cancellable, error);
  if (image == NULL || !open_wim (self, image, progress, cancellable, error)
      || !read_editions (self, cancellable, error))
    return NULL;
  look_at_files (self);
  return g_steal_pointer (&self);
}

/**
 * valise_source_free:
 * @self: (transfer full): a source
 *
 * Closes a source, and removes what was mounted or copied for it.
 */
void
valise_source_free (ValiseSource *self)
{
  if (self->wim != NULL)
    wimlib_free (self->wim);
  g_clear_pointer (&self->mount, valise_mount_free);
  if (self->copy != NULL)
    valise_remove_tree (self->copy);
  g_free (self->copy);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->editions);
  g_free (self->shown);
  g_free (self->path);
  g_free (self);
}

/**
 * valise_source_get_path:
 * @self: a source
 *
 * Returns: (transfer none): the path as it was given. Any thread.
 */
const char *
valise_source_get_path (ValiseSource *self)
{
  return self->path;
}

/**
 * valise_source_get_format:
 * @self: a source
 *
 * Returns: (transfer none): `wim`, `esd` or `swm`; for an ISO, what is inside. Any thread.
 */
const char *
valise_source_get_format (ValiseSource *self)
{
  return self->format;
}

/**
 * valise_source_is_solid:
 * @self: a source
 *
 * Returns: whether files may be compressed together, in chunks of up to 64 MiB, which takes twice
 *   as much memory while they are read. Any thread.
 */
gboolean
valise_source_is_solid (ValiseSource *self)
{
  return self->is_solid;
}

/**
 * valise_source_is_iso:
 * @self: a source
 *
 * Returns: whether it is an ISO. Any thread.
 */
gboolean
valise_source_is_iso (ValiseSource *self)
{
  return self->is_iso;
}

/**
 * valise_source_get_size:
 * @self: a source
 *
 * Returns: the size in bytes of the ISO, or of all parts together. Any thread.
 */
guint64
valise_source_get_size (ValiseSource *self)
{
  return self->size;
}

/**
 * valise_source_get_time:
 * @self: a source
 *
 * Returns: when the ISO, or one of the parts, was changed last, in µs since 1970. Any thread.
 */
gint64
valise_source_get_time (ValiseSource *self)
{
  return self->time;
}

/**
 * valise_source_get_editions:
 * @self: a source
 *
 * Returns: (transfer none) (element-type ValiseEdition): all editions, also those that cannot
 *   start. Any thread.
 */
GPtrArray *
valise_source_get_editions (ValiseSource *self)
{
  return self->editions;
}

/* The editions that can start, as “1 (Windows 11 Home), 2 (Windows 11 Pro)”. */
static char *
list_editions (ValiseSource *self)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < self->editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (self->editions, i);

      if (edition->is_system)
        g_string_append_printf (list, "%s%u (%s)", list->len > 0 ? ", " : "", edition->index,
                                edition->name);
    }
  return g_string_free (list, FALSE);
}

static gboolean
is_number (const char *text)
{
  return *text != '\0' && strspn (text, "0123456789") == strlen (text);
}

static gboolean
matches (const ValiseEdition *edition, const char *wanted)
{
  g_autofree char *name = g_utf8_casefold (edition->name, -1);
  g_autofree char *id = g_utf8_casefold (edition->edition_id, -1);
  g_autofree char *other = g_utf8_casefold (wanted, -1);

  if (is_number (wanted))
    return g_ascii_strtoull (wanted, NULL, 10) == edition->index;
  return g_str_equal (name, other) || (*id != '\0' && g_str_equal (id, other));
}

/**
 * valise_source_find_edition:
 * @self: a source
 * @wanted: (nullable): a number, a name or an edition id, capitals or not; %NULL for the only one
 * @error: where to put %VALISE_SOURCE_ERROR_NO_SUCH_EDITION or %VALISE_SOURCE_ERROR_NOT_A_SYSTEM
 *
 * Finds an edition that can start. What fits several editions fits none. Any thread.
 *
 * Returns: (transfer none) (nullable): the edition
 */
const ValiseEdition *
valise_source_find_edition (ValiseSource *self, const char *wanted, GError **error)
{
  const ValiseEdition *found = NULL, *other = NULL;
  g_autofree char *list = list_editions (self);
  g_autofree char *valid = wanted != NULL ? g_utf8_make_valid (wanted, -1) : NULL;
  guint n = 0;

  for (guint i = 0; i < self->editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (self->editions, i);

      if (valid != NULL && !matches (edition, valid))
        continue;
      if (!edition->is_system)
        {
          other = edition;
          continue;
        }
      found = edition;
      n++;
    }
  if (n == 1)
    return found;
  if (n > 1 && wanted == NULL)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NO_SUCH_EDITION,
                 _("“%s” holds several editions. Choose one of them: %s."), self->shown, list);
  else if (n > 1)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NO_SUCH_EDITION,
                 _("“%s” fits several editions. Choose one by its number: %s."), valid, list);
  else if (other != NULL && wanted != NULL)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                 _("“%s” (number %u) is no Windows that could start from a drive. Choose one of "
                   "these: %s."),
                 other->name, other->index, list);
  else
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NO_SUCH_EDITION,
                 _("There is no edition “%s” in “%s”. Choose one of these: %s."),
                 valid != NULL ? valid : "", self->shown, list);
  return NULL;
}
