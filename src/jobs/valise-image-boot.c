/* valise-image-boot.c: looks at the boot managers in a source.
 *
 * They are a few MiB, and the same in most editions of a source: each set is taken out once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-image-boot.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "core/valise-error.h"
#include "image/valise-apply.h"

static void
free_files (gpointer files)
{
  if (files != NULL)
    valise_boot_files_unref (files);
}

/**
 * valise_image_boot_read:
 * @source: a source
 * @edition: one of its editions
 * @scratch: where the files go while they are looked at
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Takes the boot managers out of an edition and looks at them. Blocks: moments, or seconds for an
 * ESD. Only in the thread that has the source.
 *
 * Returns: (transfer full) (nullable): the boot managers
 */
ValiseBootFiles *
valise_image_boot_read (ValiseSource *source,
                        const ValiseEdition *edition,
                        ValiseScratch *scratch,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *name = g_strdup_printf ("boot-%u", edition->index);
  g_autofree char *folder = valise_scratch_build_path (scratch, name);

  if (g_mkdir (folder, 0700) != 0 && errno != EEXIST)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                   _("The folder “%s” cannot be made. Check the space and your rights there."),
                   folder);
      return NULL;
    }
  if (!valise_source_extract (source, edition, valise_boot_file_paths, folder, cancellable, error))
    return NULL;
  return valise_boot_files_read (folder);
}

/**
 * valise_image_boot_new_list:
 * @n_editions: how many editions there are
 *
 * Returns: (transfer full) (element-type ValiseBootFiles): as many %NULL
 */
GPtrArray *
valise_image_boot_new_list (guint n_editions)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (free_files);

  g_ptr_array_set_size (list, n_editions);
  return list;
}

/**
 * valise_image_boot_read_all:
 * @source: a source
 * @scratch: as for valise_image_boot_read()
 * @cancellable: (nullable): ends it
 * @error: likewise
 *
 * The same for all editions that can start.
 *
 * Returns: (transfer full) (nullable) (element-type ValiseBootFiles): as many as there are
 *   editions, in their order; %NULL for those that are no system
 */
GPtrArray *
valise_image_boot_read_all (ValiseSource *source,
                            ValiseScratch *scratch,
                            GCancellable *cancellable,
                            GError **error)
{
  GPtrArray *editions = valise_source_get_editions (source);
  g_autoptr (GPtrArray) all = valise_image_boot_new_list (editions->len);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < editions->len; i++)
    {
      const ValiseEdition *edition = editions->pdata[i];
      ValiseBootFiles *files;

      if (!edition->is_system)
        continue;
      files = g_hash_table_lookup (known, edition->boot_key);
      files = files != NULL
                  ? valise_boot_files_ref (files)
                  : valise_image_boot_read (source, edition, scratch, cancellable, error);
      if (files == NULL)
        return NULL;
      g_hash_table_insert (known, edition->boot_key, files);
      all->pdata[i] = files;
    }
  return g_steal_pointer (&all);
}
