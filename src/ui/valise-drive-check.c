/* valise-drive-check.c: whether a drive can be chosen, and fits what was chosen.
 *
 * The drives are chosen before the options. So a drive that Windows fits on only when it is
 * compressed can be chosen; that it then is, is checked when the options were chosen. How large a
 * drive must be is the jobs' to say. Until an estimate is there, only the sizes of files are known.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-check.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "devices/valise-drive-judge.h"
#include "jobs/valise-drive-needs.h"
#include "volume/valise-layout.h"

/* What compresses most. */
#define SMALLEST VALISE_COMPACT_MODE_LZX

/* Whether @path is in the folder @mount, or below. */
static gboolean
is_below (const char *path, const char *mount)
{
  gsize length = strlen (mount);

  return g_str_has_prefix (path, mount) && (path[length] == '/' || g_str_equal (mount, "/"));
}

static gboolean
check_source (ValiseChoices *choices, const ValiseDriveFacts *facts, GError **error)
{
  GFile *source = valise_choices_get_source (choices);
  g_autofree char *path = source != NULL ? g_file_get_path (source) : NULL;

  for (guint i = 0; path != NULL && i < facts->parts->len; i++)
    {
      const ValiseDrivePart *part = g_ptr_array_index (facts->parts, i);

      for (gsize j = 0; part->mounts != NULL && part->mounts[j] != NULL; j++)
        if (is_below (path, part->mounts[j]))
          {
            g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                         _("“%s” holds the image itself. Choose another drive, or copy the image "
                           "to another disk first."),
                         facts->device);
            return FALSE;
          }
    }
  return TRUE;
}

/* What a drive is for, by the choices; without an estimate, only a part of it. */
static gboolean
get_needs (ValiseChoices *choices, ValiseDriveNeeds *needs)
{
  const ValiseEdition *edition = valise_choices_get_edition (choices);
  const ValiseProfile *profile = valise_choices_get_profile (choices);

  if (edition == NULL)
    return FALSE;
  *needs = (ValiseDriveNeeds){
    .bytes = edition->bytes - edition->hard_link_bytes,
    .compact = profile->compact,
    .estimate = valise_inspect_job_find_estimate (valise_choices_get_inspection (choices),
                                                  edition->index),
    .layout = valise_choices_get_layout (choices),
    .container = profile->container,
    .container_size
    = profile->container != VALISE_CONTAINER_NONE ? profile->container_size : 0,
  };
  if (needs->estimate != NULL)
    needs->bytes = needs->estimate->plain_bytes;
  return TRUE;
}

static guint64
get_needed (const ValiseDriveNeeds *needs)
{
  return needs->estimate != NULL ? valise_drive_needs_get_drive (needs, VALISE_SECTOR_SIZE)
                                 : needs->bytes;
}

/**
 * valise_drive_check_fit:
 * @choices: choices
 * @drive: a drive
 * @error: where to put %VALISE_DRIVE_ERROR_TOO_SMALL
 *
 * Returns: whether the drive is large enough for the edition with the options as they are, as far
 *   as is known
 */
gboolean
valise_drive_check_fit (ValiseChoices *choices, ValiseDrive *drive, GError **error)
{
  const ValiseDriveFacts *facts = valise_drive_get_facts (drive);
  ValiseDriveNeeds needs;
  g_autofree char *wanted = NULL;
  g_autofree char *smaller = NULL;
  guint64 needed;

  if (!get_needs (choices, &needs))
    return TRUE;
  needed = get_needed (&needs);
  needs.compact = SMALLEST;
  if (facts->size >= needed || facts->size < get_needed (&needs))
    return valise_drive_judge_size (facts, needed, error);
  wanted = g_format_size (needed);
  smaller = g_format_size (get_needed (&needs));
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
               /* Translators: a drive, two sizes, such as 20.4 GB, and the names that the option
                * and its value have. */
               _("“%s” is too small for Windows as it is, which needs %s; compressed, about %s are "
                 "enough. Choose “%s” under “%s”, or use a larger drive."),
               facts->device, wanted, smaller, _("LZX, smallest"), _("Compact System"));
  return FALSE;
}

/**
 * valise_drive_check:
 * @choices: choices
 * @drive: a drive
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Whether the drive may be erased, is none that holds the image, and is large enough for the
 * edition, if that is compressed. What else must fit is known when the image is opened for writing.
 *
 * Returns: whether it can be chosen
 */
gboolean
valise_drive_check (ValiseChoices *choices, ValiseDrive *drive, GError **error)
{
  const ValiseDriveFacts *facts = valise_drive_get_facts (drive);
  ValiseDriveNeeds needs;

  if (valise_drive_get_refusal (drive) != NULL)
    {
      g_propagate_error (error, g_error_copy (valise_drive_get_refusal (drive)));
      return FALSE;
    }
  if (get_needs (choices, &needs))
    {
      /* These are chosen later. */
      needs.compact = SMALLEST;
      needs.container_size = 0;
      if (!valise_drive_judge_size (facts, get_needed (&needs), error))
        return FALSE;
    }
  if (valise_choices_get_layout (choices) == VALISE_PLAN_LAYOUT_MBR
      && !valise_layout_check_mbr_size (facts->size, error))
    return FALSE;
  return check_source (choices, facts, error);
}
