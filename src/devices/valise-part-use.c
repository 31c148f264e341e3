/* valise-part-use.c: what the running system does with a part of a drive.
 *
 * udisks2 knows what is mounted, swapped to, unlocked, or in a RAID. What else is stacked on a
 * part, and all of it where udisks2 does not answer, is the kernel's to say. Only for people to
 * read: what may be erased is decided by the guard.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-part-use.h"

#include <string.h>

#include "valise-file-place.h"

static const char *
get_sys (const ValiseSystemState *state)
{
  return state->sys != NULL ? state->sys : "/sys";
}

static char *
read_text (const char *sys, const char *node, const char *name)
{
  g_autofree char *path = g_build_filename (sys, "class", "block", node, name, NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_strstrip (text) : NULL;
}

/* mountinfo: id parent MAJ:MIN root mount-point options [optional …] - type source options. */
static void
read_mounts (ValiseDrivePart *part, const char *number, const ValiseSystemState *state)
{
  g_auto (GStrv) lines = g_strsplit (state->mounts, "\n", -1);
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", 6);
      const char *tail = strstr (lines[i], " - ");
      g_auto (GStrv) rest = g_strsplit (tail != NULL ? tail + 3 : "", " ", 3);

      if (g_strv_length (fields) > 4
          && (g_str_equal (fields[2], number)
              || (g_strv_length (rest) > 1 && g_str_equal (rest[1], part->device))))
        {
          g_autofree char *folder = g_strcompress (fields[4]);
          g_autofree char *shown = g_filename_display_name (folder);

          g_strv_builder_add (folders, shown);
        }
    }
  g_strfreev (part->mounts);
  part->mounts = g_strv_builder_end (folders);
}

static gboolean
is_swapped_to (const char *number, const ValiseSystemState *state)
{
  g_auto (GStrv) lines = g_strsplit (state->swaps, "\n", -1);

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", 2);
      g_autofree char *path = fields[0] != NULL ? g_strcompress (fields[0]) : g_strdup ("");
      g_autofree char *other = valise_file_place_find_number (get_sys (state), path);

      if (g_strcmp0 (number, other) == 0)
        return TRUE;
    }
  return FALSE;
}

/* What is stacked on a device. The device mapper's UUID begins with who has made it. */
static ValiseDriveUse
find_holder (const char *sys, const char *node)
{
  g_autofree char *folder = g_build_filename (sys, "class", "block", node, "holders", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *holder = dir != NULL ? g_dir_read_name (dir) : NULL;
  g_autofree char *uuid = NULL;

  if (holder == NULL)
    return VALISE_DRIVE_USE_NONE;
  if (g_str_has_prefix (holder, "md"))
    return VALISE_DRIVE_USE_RAID;
  uuid = read_text (sys, holder, "dm/uuid");
  if (uuid != NULL && g_str_has_prefix (uuid, "LVM-"))
    return VALISE_DRIVE_USE_LVM;
  if (uuid != NULL && g_str_has_prefix (uuid, "CRYPT-"))
    return VALISE_DRIVE_USE_UNLOCKED;
  return VALISE_DRIVE_USE_OTHER;
}

static gboolean
has_loop (const char *sys, const char *number)
{
  g_autofree char *folder = g_build_filename (sys, "class", "block", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *backing = read_text (sys, name, "loop/backing_file");
      g_autofree char *other
          = backing != NULL ? valise_file_place_find_number (sys, backing) : NULL;

      if (g_strcmp0 (number, other) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * valise_part_use_read:
 * @part: a part of a drive
 * @state: what the system uses
 *
 * Fills in what is not known yet of where @part is mounted, and of what else uses it. Any thread;
 * blocks shortly.
 */
void
valise_part_use_read (ValiseDrivePart *part, const ValiseSystemState *state)
{
  const char *sys = get_sys (state);
  g_autofree char *node = g_path_get_basename (part->device);
  g_autofree char *number = NULL;

  if (part->use != VALISE_DRIVE_USE_NONE)
    return;
  number = valise_file_place_find_number (sys, part->device);
  if (number == NULL)
    return;
  if (part->mounts == NULL || part->mounts[0] == NULL)
    read_mounts (part, number, state);
  if (is_swapped_to (number, state))
    part->use = VALISE_DRIVE_USE_SWAP;
  else if (part->mounts[0] != NULL)
    part->use = VALISE_DRIVE_USE_MOUNTED;
  else
    part->use = find_holder (sys, node);
  if (part->use == VALISE_DRIVE_USE_NONE && has_loop (sys, number))
    part->use = VALISE_DRIVE_USE_LOOP;
}
