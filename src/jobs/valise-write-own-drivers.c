/* valise-write-own-drivers.c: the part of a write job that brings a user's drivers along.
 *
 * The drivers that fit are copied into a folder of the volume, each into one of its own and nothing
 * besides what belongs to it; Windows' own program installs them before anybody signs in. So they
 * are of no use for what Windows needs to get that far.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-job-private.h"

#include <glib/gi18n-lib.h>

#include "boot/valise-driver-set.h"
#include "core/valise-error.h"
#include "valise-setup-files.h"
#include "volume/valise-ntfs-edit.h"

#define FOLDER "\\Valise\\Drivers"
#define COMMAND                                                                                    \
  "cmd.exe /c pnputil.exe /add-driver %SystemDrive%" FOLDER "\\*.inf /subdirs /install"

#define CLUSTER 4096
#define FILE_RECORD 1024

static void
warn (ValiseWriteJob *self, const ValiseDriverPackage *package)
{
  if (package->problem != NULL)
    g_ptr_array_add (self->warnings,
                     /* Translators: a driver's file, and a sentence. */
                     g_strdup_printf (_("The driver “%s” was left out. %s"), package->name,
                                      package->problem));
  else if (valise_inf_is_boot_critical (package->inf))
    g_ptr_array_add (self->warnings,
                     g_strdup_printf (_("The driver “%s” is installed at the first start. If a "
                                        "computer cannot start from the drive without it, it "
                                        "does not help there."),
                                      package->name));
}

/**
 * valise_write_job_prepare_drivers:
 * @self: a job whose source is open
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Looks through the user's folders. Only in the job's thread; blocks.
 *
 * Returns: whether there are no such folders, or a driver that fits
 */
gboolean
valise_write_job_prepare_drivers (ValiseWriteJob *self, GError **error)
{
  const gboolean ok
      = valise_setup_find_drivers (self->options->setup, self->edition, &self->packages, error);

  if (!ok || self->packages == NULL)
    return ok;
  for (guint i = 0; i < self->packages->len; i++)
    {
      const ValiseDriverPackage *package = g_ptr_array_index (self->packages, i);

      warn (self, package);
      if (package->problem == NULL)
        self->driver_bytes
            += package->bytes + (guint64) package->files->len * (CLUSTER + FILE_RECORD);
    }
  return TRUE;
}

/**
 * valise_write_job_add_commands:
 * @self: a job whose drivers were looked for
 * @chosen: (nullable): other commands
 *
 * Returns: (transfer full) (nullable): what the system runs before anybody signs in: the drivers'
 *   command, and after it the others
 */
char **
valise_write_job_add_commands (ValiseWriteJob *self, char **chosen)
{
  g_autoptr (GStrvBuilder) commands = NULL;

  if (self->packages == NULL)
    return g_strdupv (chosen);
  commands = g_strv_builder_new ();
  g_strv_builder_add (commands, COMMAND);
  if (chosen != NULL)
    g_strv_builder_addv (commands, (const char **) chosen);
  return g_strv_builder_end (commands);
}

static gboolean
put_file (const ValiseDriverFile *file, guint number, struct _ntfs_volume *volume, GError **error)
{
  g_autofree char *path = g_strdup_printf (FOLDER "\\%03u\\%s", number, file->name);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) mapped = g_mapped_file_new (file->source, FALSE, &cause);
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *shown = NULL;

  if (mapped != NULL)
    {
      bytes = g_mapped_file_get_bytes (mapped);
      return valise_ntfs_edit_create (volume, path, bytes, error);
    }
  shown = g_filename_display_name (file->source);
  g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's name, and what the system said. */
               _("The driver's file “%s” cannot be read any more: %s. Do not change the folder "
                 "while drives are written."),
               shown, cause->message);
  return FALSE;
}

/**
 * valise_write_job_put_drivers:
 * @self: a job whose drivers were looked for
 * @volume: the volume that the image was applied to
 * @error: where to put an error
 *
 * Copies the drivers that fit. Only in the job's thread; blocks.
 *
 * Returns: whether that was done
 */
gboolean
valise_write_job_put_drivers (ValiseWriteJob *self, struct _ntfs_volume *volume, GError **error)
{
  guint number = 0;

  for (guint i = 0; self->packages != NULL && i < self->packages->len; i++)
    {
      const ValiseDriverPackage *package = g_ptr_array_index (self->packages, i);

      if (package->problem != NULL)
        continue;
      number++;
      for (guint j = 0; j < package->files->len; j++)
        if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
            || !put_file (g_ptr_array_index (package->files, j), number, volume, error))
          return FALSE;
    }
  return TRUE;
}
