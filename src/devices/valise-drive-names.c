/* valise-drive-names.c: which drive a name means.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-names.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"

static gboolean
is_named (const ValiseDriveFacts *facts, const char *name)
{
  const char *const words[] = { facts->device, facts->id, facts->serial, facts->wwn };
  g_autofree char *shown = valise_drive_facts_dup_name (facts);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_strcmp0 (words[i], name) == 0)
      return TRUE;
  return g_str_equal (shown, name) || g_strcmp0 (facts->model, name) == 0
         || g_strv_contains ((const char *const *) facts->symlinks, name);
}

/**
 * valise_drive_names_find:
 * @all: (element-type ValiseDriveFacts): the drives
 * @name: a node, one of its other names, a serial number, a model, an id
 * @position: (out): which of them is called so
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * A name that fits two drives is refused. That it fits none is no error. A pure function.
 *
 * Returns: whether one was found
 */
gboolean
valise_drive_names_find (const GPtrArray *all, const char *name, guint *position, GError **error)
{
  const ValiseDriveFacts *found = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      const ValiseDriveFacts *facts = all->pdata[i];

      if (!is_named (facts, name))
        continue;
      if (found != NULL)
        {
          g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                       /* Translators: a name, and two drives such as “/dev/sdb”. */
                       _("“%s” may be “%s” or “%s”. Name the drive by its serial number, or as "
                         "/dev/sdx; “valise drives” shows both."),
                       name, found->device, facts->device);
          return FALSE;
        }
      found = facts;
      *position = i;
    }
  return found != NULL;
}
