/* valise-write-files.c: the part of a write job that puts further files into Windows.
 *
 * What a company's policies consist of, and what the user wants to be copied. All of it is looked
 * at before a drive is touched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-job-private.h"

#include "valise-copies.h"
#include "volume/valise-ntfs-edit.h"

/* A cluster, and a record of the MFT with what the folder's index has of it. */
#define FILE_OVERHEAD 8192

/**
 * valise_write_job_prepare_files:
 * @self: a job whose source is open
 * @error: where to put an error
 *
 * Reads or lists the files, and notes the space that they need. Only in the job's thread; blocks.
 *
 * Returns: whether all are there and right
 */
gboolean
valise_write_job_prepare_files (ValiseWriteJob *self, GError **error)
{
  const ValiseSetup *setup = self->options->setup;

  self->files = valise_setup_files_new ();
  if (!valise_policies_check_edition (&setup->policies, self->edition->edition_id, error)
      || !valise_policies_add_files (&setup->policies, self->files, error))
    return FALSE;
  for (guint i = 0; i < self->files->len; i++)
    {
      const ValiseSetupFile *file = g_ptr_array_index (self->files, i);

      self->file_bytes += g_bytes_get_size (file->contents) + FILE_OVERHEAD;
    }
  self->copies = valise_copies_list (setup->copies, &self->file_bytes, error);
  return self->copies != NULL;
}

/**
 * valise_write_job_put_files:
 * @self: a job
 * @volume: the volume that the image was applied to
 * @error: where to put an error
 *
 * Only in the job's thread; blocks.
 *
 * Returns: whether all files are there
 */
gboolean
valise_write_job_put_files (ValiseWriteJob *self, struct _ntfs_volume *volume, GError **error)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const ValiseSetupFile *file = g_ptr_array_index (self->files, i);

      if (!valise_ntfs_edit_write (volume, file->target, file->contents, error))
        return FALSE;
    }
  return valise_copies_put (self->copies, volume, self->cancellable, error);
}
