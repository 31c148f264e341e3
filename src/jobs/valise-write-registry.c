/* valise-write-registry.c: the part of a write job that changes Windows' registry.
 *
 * What the settings come to is one list of changes. The hives that it concerns are taken out of the
 * image and edited before a drive is touched; on the volume, what differs is written into them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-job-private.h"

#include <glib/gi18n-lib.h>

#include "boot/valise-offline-registry.h"
#include "boot/valise-windows-settings.h"
#include "core/valise-error.h"
#include "image/valise-apply.h"
#include "volume/valise-ntfs-edit.h"

/* Later changes win: the user's own files over everything. */
static gboolean
collect_changes (ValiseWriteJob *self, GError **error)
{
  const ValiseSetup *setup = self->options->setup;
  ValiseWindowsSettings settings = setup->windows;

  /* The answer file says it, too, but only for the first start. */
  settings.device_encryption = !setup->answers.prevent_encryption;
  self->registry = valise_registry_changes_new ();
  valise_windows_settings_add_changes (&settings, self->edition->build,
                                       setup->answers.account != VALISE_ACCOUNT_ASK,
                                       self->registry);
  valise_policies_add_changes (&setup->policies, self->registry);
  return valise_setup_load_registry (setup, self->registry, error);
}

/* Where a hive is below the folder that it was extracted to. */
static char *
build_path (const char *folder, ValiseRegistryHive hive)
{
  g_autofree char *path = g_strdelimit (g_strdup (valise_registry_hive_get_path (hive)), "\\",
                                        G_DIR_SEPARATOR);

  return g_build_filename (folder, path, NULL);
}

/* A large file is not held in memory, but mapped: so it must not change afterwards. */
static GBytes *
map (const char *path, GError **error)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  return file != NULL ? g_mapped_file_get_bytes (file) : NULL;
}

static gboolean
edit_hive (ValiseWriteJob *self, const char *folder, ValiseRegistryHive hive, GError **error)
{
  g_autofree char *path = build_path (folder, hive);
  g_autofree char *edited = g_strconcat (path, ".edited", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (path);
  g_autoptr (GFile) to = g_file_new_for_path (edited);
  g_autoptr (GError) cause = NULL;

  /* What is missing, or is no file, is reported by who wants to change it. */
  if (!g_file_copy (from, to, G_FILE_COPY_OVERWRITE | G_FILE_COPY_NOFOLLOW_SYMLINKS,
                    self->cancellable, NULL, NULL, &cause)
      && !g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_propagate_error (error, g_steal_pointer (&cause));
      else
        g_set_error (error, VALISE_SYSTEM_ERROR,
                     g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NO_SPACE)
                         ? VALISE_SYSTEM_ERROR_NO_SPACE
                         : VALISE_SYSTEM_ERROR_FAILED,
                     /* Translators: a file's path, and what the system said. */
                     _("The temporary file “%s” cannot be made: %s. See that there is space in the "
                       "folder for temporary files."),
                     edited, cause->message);
      return FALSE;
    }
  if (!valise_offline_registry_apply (edited, hive, self->registry, error))
    return FALSE;
  self->hives_before[hive] = map (path, error);
  self->hives_after[hive] = self->hives_before[hive] != NULL ? map (edited, error) : NULL;
  return self->hives_after[hive] != NULL;
}

/**
 * valise_write_job_edit_registry:
 * @self: a job whose source is open
 * @folder: a folder for files of the image
 * @error: where to put an error
 *
 * Edits copies of the image's hives. Only in the job's thread; blocks.
 *
 * Returns: whether that was done
 */
gboolean
valise_write_job_edit_registry (ValiseWriteJob *self, const char *folder, GError **error)
{
  if (!collect_changes (self, error))
    return FALSE;
  for (guint i = 0; i < VALISE_REGISTRY_N_HIVES; i++)
    {
      const char *const paths[] = { valise_registry_hive_get_path (i), NULL };

      if (!valise_registry_changes_concern (self->registry, i))
        continue;
      if (!valise_source_extract (self->source, self->edition, paths, folder, self->cancellable,
                                  error)
          || !edit_hive (self, folder, i, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * valise_write_job_put_registry:
 * @self: a job whose registry was edited
 * @volume: the volume that the image was applied to
 * @error: where to put an error
 *
 * Puts the edited hives in place of the image's. Only in the job's thread; blocks.
 *
 * Returns: whether that was done
 */
gboolean
valise_write_job_put_registry (ValiseWriteJob *self, struct _ntfs_volume *volume, GError **error)
{
  for (guint i = 0; i < VALISE_REGISTRY_N_HIVES; i++)
    if (self->hives_after[i] != NULL
        && !g_bytes_equal (self->hives_before[i], self->hives_after[i])
        && !valise_ntfs_edit_update (volume, valise_registry_hive_get_path (i),
                                     self->hives_before[i], self->hives_after[i], error))
      return FALSE;
  return TRUE;
}

/**
 * valise_write_job_clear_registry:
 * @self: a job
 *
 * Lets go of the edited hives. Only in the job's thread.
 */
void
valise_write_job_clear_registry (ValiseWriteJob *self)
{
  g_clear_pointer (&self->registry, g_ptr_array_unref);
  for (guint i = 0; i < VALISE_REGISTRY_N_HIVES; i++)
    {
      g_clear_pointer (&self->hives_before[i], g_bytes_unref);
      g_clear_pointer (&self->hives_after[i], g_bytes_unref);
    }
}
