/* valise-drive-judge.c: whether a listed drive may be erased.
 *
 * Twice: by what is listed of the drive, which is a pure function, and by what the kernel says of
 * it, which is the guard that also stands before every write (valise-drive-guard.c). A drive that
 * is only mounted may be erased: the lease unmounts it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-judge.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "valise-drive-refusal.h"

static gboolean
check_medium (const ValiseDriveFacts *facts, const char *name, GError **error)
{
  if (facts->optical)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                 _("“%s” takes discs. Windows needs a drive that can be written anywhere: use a "
                   "USB stick or disk."),
                 name);
  else if (!facts->has_medium || facts->size == 0)
    valise_drive_refuse_no_medium (name, error);
  else if (facts->read_only)
    valise_drive_refuse_read_only (name, error);
  else
    return TRUE;
  return FALSE;
}

static gboolean
check_part (const ValiseDrivePart *part, const char *name, GError **error)
{
  if (part->use == VALISE_DRIVE_USE_SWAP)
    return valise_drive_refuse_swap (name, error);
  if (part->use == VALISE_DRIVE_USE_RAID)
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
                   _("“%s” is part of a RAID that is running. Stop the RAID first, if it is the "
                     "drive that you mean."),
                   name);
      return FALSE;
    }
  for (gsize i = 0; part->mounts != NULL && part->mounts[i] != NULL; i++)
    if (valise_drive_guard_is_system_folder (part->mounts[i]))
      return valise_drive_refuse_system (name, part->mounts[i], error);
  return TRUE;
}

/**
 * valise_drive_judge_facts:
 * @facts: a drive
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Whether @facts say nothing against erasing the drive. A pure function.
 *
 * Returns: whether it may be erased, as far as is known
 */
gboolean
valise_drive_judge_facts (const ValiseDriveFacts *facts, GError **error)
{
  gboolean ok = check_medium (facts, facts->device, error);

  for (guint i = 0; ok && i < facts->parts->len; i++)
    ok = check_part (facts->parts->pdata[i], facts->device, error);
  return ok;
}

/**
 * valise_drive_judge_size:
 * @facts: a drive
 * @needed: bytes that are needed
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Returns: whether the drive has as many
 */
gboolean
valise_drive_judge_size (const ValiseDriveFacts *facts, guint64 needed, GError **error)
{
  g_autofree char *has = NULL;
  g_autofree char *wanted = NULL;

  if (facts->size >= needed)
    return TRUE;
  has = g_format_size_full (facts->size, G_FORMAT_SIZE_LONG_FORMAT);
  wanted = g_format_size_full (needed, G_FORMAT_SIZE_LONG_FORMAT);
  /* Translators: a drive, its size, and the size that is needed, both with their unit. */
  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
               _("“%s” is too small: it has %s and needs %s. Use a larger drive."),
               facts->device, has, wanted);
  return FALSE;
}

/* Kernel names of the encrypted volumes that are open: the lease locks them. */
static GStrv
list_closable (const ValiseDriveFacts *facts)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < facts->parts->len; i++)
    {
      const ValiseDrivePart *part = facts->parts->pdata[i];

      if (part->stacked)
        {
          g_autofree char *name = g_path_get_basename (part->device);

          g_strv_builder_add (names, name);
        }
    }
  return g_strv_builder_end (names);
}

/* @closable: (nullable): %NULL where nothing will be unmounted or locked */
static gboolean
check_node (const char *device,
            gboolean stacked,
            const ValiseSystemState *state,
            const char *const *closable,
            GError **error)
{
  g_autoptr (ValiseDriveInfo) info = valise_drive_info_read (device, error);

  if (info == NULL)
    return FALSE;
  /* It was pulled out a moment ago; the list will know soon. */
  if (info->kind == VALISE_DRIVE_KIND_NONE)
    return TRUE;
  /* It is going to be locked, not written. */
  if (stacked)
    info->read_only = FALSE;
  return closable != NULL ? valise_drive_guard_check_leasable (info, state, closable, error)
                          : valise_drive_guard_check (info, state, error);
}

/**
 * valise_drive_judge_kernel:
 * @facts: a drive
 * @state: what the system uses
 * @leasable: whether it will be unmounted and locked before it is written
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Whether the kernel knows nothing against erasing the drive. Any thread; blocks shortly.
 *
 * Returns: whether it may be erased
 */
gboolean
valise_drive_judge_kernel (const ValiseDriveFacts *facts,
                           const ValiseSystemState *state,
                           gboolean leasable,
                           GError **error)
{
  g_auto (GStrv) closable = leasable ? list_closable (facts) : NULL;
  gboolean ok = check_node (facts->device, FALSE, state, (const char *const *) closable, error);

  for (guint i = 0; ok && i < facts->parts->len; i++)
    {
      const ValiseDrivePart *part = facts->parts->pdata[i];

      if (part->stacked)
        ok = check_node (part->device, TRUE, state, (const char *const *) closable, error);
    }
  return ok;
}
