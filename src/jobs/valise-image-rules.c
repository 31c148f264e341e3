/* valise-image-rules.c: what of an edition must stay uncompressed, by its own list.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-image-rules.h"

#include "image/valise-apply.h"

/* From the image, by wimlib's path. */
#define INI_FOLDER "Windows/System32"
#define INI_NAME "WimBootCompress.ini"

/**
 * valise_image_rules_read:
 * @source: a source
 * @edition: one of its editions
 * @scratch: where its list goes
 * @cancellable: (nullable): ends it
 * @error: where to put an error
 *
 * The source's thread; blocks shortly.
 *
 * Returns: (transfer full) (nullable): the rules
 */
ValiseCompactRules *
valise_image_rules_read (ValiseSource *source, const ValiseEdition *edition,
                         ValiseScratch *scratch, GCancellable *cancellable, GError **error)
{
  static const char *const paths[] = { INI_FOLDER "/" INI_NAME, NULL };
  g_autofree char *folder = valise_scratch_build_path (scratch, "image-list");
  g_autofree char *path = g_build_filename (folder, INI_FOLDER, INI_NAME, NULL);
  g_autofree char *text = NULL;
  gsize size = 0;

  if (!valise_source_extract (source, edition, paths, folder, cancellable, error))
    return NULL;
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_get_contents (path, &text, &size, error))
    return NULL;
  /* Another edition may have none. */
  valise_remove_tree (folder);
  return valise_compact_rules_new (edition->build, text, size);
}
