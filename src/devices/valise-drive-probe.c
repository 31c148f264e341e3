/* valise-drive-probe.c: what the kernel adds to what is known of a drive.
 *
 * The speed of its bus, how full its file systems are, and whether the running system lets it go.
 * Without udisks2, the drives themselves, too. All of it may block shortly.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-probe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "valise-drive-contents.h"
#include "valise-drive-judge.h"
#include "valise-part-use.h"
#include "valise-used-space.h"

#define MEGABIT G_GUINT64_CONSTANT (1000000)

/* The list waits for it. */
#define USED_SPACE_PATIENCE (G_TIME_SPAN_SECOND / 2)

static char *
read_attribute (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_strstrip (text);
}

/* A USB device has a file “speed” in Mbit/s, some folders above the disk; see the kernel's
 * Documentation/ABI/testing/sysfs-bus-usb. */
static guint64
read_speed (guint64 number)
{
  g_autofree char *link
      = g_strdup_printf ("/sys/dev/block/%u:%u", major (number), minor (number));
  g_autofree char *at = realpath (link, NULL);

  while (at != NULL && strlen (at) > strlen ("/sys/devices/"))
    {
      g_autofree char *device = read_attribute (at, "idVendor");
      g_autofree char *speed = device != NULL ? read_attribute (at, "speed") : NULL;
      char *parent;

      if (speed != NULL)
        return g_ascii_strtod (speed, NULL) * MEGABIT;
      parent = g_path_get_dirname (at);
      g_free (at);
      at = parent;
    }
  return 0;
}

static void
probe (ValiseDriveFacts *facts, const ValiseSystemState *state, gboolean leasable,
       const GError *no_state)
{
  if (g_strcmp0 (facts->bus, "usb") == 0)
    facts->speed = read_speed (facts->number);
  for (guint i = 0; state != NULL && i < facts->parts->len; i++)
    valise_part_use_read (facts->parts->pdata[i], state);
  if (!valise_drive_judge_facts (facts, &facts->refusal))
    return;
  /* Nothing is safe to erase while it is not known what the system uses. */
  if (state == NULL)
    facts->refusal = g_error_copy (no_state);
  else
    valise_drive_judge_kernel (facts, state, leasable, &facts->refusal);
}

/**
 * valise_drive_probe_all:
 * @all: (element-type ValiseDriveFacts): drives
 * @leasable: whether they will be unmounted and locked before they are written
 *
 * Adds speed, used space and refusal. Any thread; blocks shortly.
 */
void
valise_drive_probe_all (GPtrArray *all, gboolean leasable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseSystemState) state = valise_system_state_read (&error);
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      ValiseDriveFacts *facts = all->pdata[i];

      probe (facts, state, leasable, error);
      g_ptr_array_extend (parts, facts->parts, NULL, NULL);
    }
  valise_used_space_read (parts, USED_SPACE_PATIENCE);
}

/* ---- without udisks2 ---- */

/* What the kernel makes itself of files, memory or other drives. */
static gboolean
is_virtual (const char *name)
{
  static const char *const prefixes[]
      = { "loop", "ram", "zram", "dm-", "md", "nbd", "sr", "fd", "mtdblock" };

  for (gsize i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return TRUE;
  /* Hidden parts of memory chips that are drives. */
  return g_str_has_prefix (name, "mmcblk")
         && (strstr (name, "boot") != NULL || strstr (name, "rpmb") != NULL);
}

static gboolean
is_on_usb (guint64 number)
{
  g_autofree char *link
      = g_strdup_printf ("/sys/dev/block/%u:%u", major (number), minor (number));
  g_autofree char *at = realpath (link, NULL);

  return at != NULL && strstr (at, "/usb") != NULL;
}

static char *
guess_bus (const char *name, guint64 number)
{
  if (is_on_usb (number))
    return g_strdup ("usb");
  if (g_str_has_prefix (name, "nvme"))
    return g_strdup ("nvme");
  if (g_str_has_prefix (name, "mmcblk"))
    return g_strdup ("sdio");
  return g_str_has_prefix (name, "sd") ? g_strdup ("ata") : NULL;
}

static void
add_contents (ValiseDriveFacts *facts)
{
  g_autoptr (ValiseDriveContents) contents = valise_drive_contents_read (facts->device);
  gboolean digit = g_ascii_isdigit (facts->device[strlen (facts->device) - 1]);

  facts->table = g_strdup (contents->table);
  for (guint i = 0; i < contents->parts->len; i++)
    {
      const ValiseDriveContent *content = contents->parts->pdata[i];
      ValiseDrivePart *part = valise_drive_facts_add_part (facts);

      part->number = content->number;
      /* sdb1, but mmcblk0p1; a file system that fills the drive is on the drive. */
      part->device = content->number == 0
                         ? g_strdup (facts->device)
                         : g_strdup_printf ("%s%s%u", facts->device, digit ? "p" : "",
                                            content->number);
      part->size = content->size;
      part->type = g_strdup (content->type);
      part->label = g_strdup (content->label);
      part->mounts = g_new0 (char *, 1);
    }
}

static ValiseDriveFacts *
read_node (const char *name)
{
  g_autofree char *device = g_build_filename ("/dev", name, NULL);
  g_autofree char *folder = g_build_filename ("/sys/block", name, NULL);
  g_autofree char *removable = read_attribute (folder, "removable");
  g_autoptr (ValiseDriveInfo) info = valise_drive_info_read (device, NULL);
  ValiseDriveFacts *facts;

  if (info == NULL || info->kind != VALISE_DRIVE_KIND_BLOCK)
    return NULL;
  facts = valise_drive_facts_new ();
  facts->device = g_steal_pointer (&device);
  facts->number = info->number;
  facts->appearance = info->sequence;
  facts->sort_key = g_strdup (name);
  facts->vendor = g_strdup (info->vendor);
  facts->model = g_strdup (info->model);
  facts->serial = g_strdup (info->serial);
  facts->size = info->size;
  facts->bus = guess_bus (name, info->number);
  facts->removable = g_strcmp0 (removable, "1") == 0 || g_strcmp0 (facts->bus, "usb") == 0;
  facts->has_medium = info->size > 0;
  facts->read_only = info->read_only;
  if (facts->has_medium)
    add_contents (facts);
  valise_drive_facts_set_id (facts);
  return facts;
}

static gint
compare_keys (gconstpointer a, gconstpointer b)
{
  const ValiseDriveFacts *const *left = a;
  const ValiseDriveFacts *const *right = b;

  return g_strcmp0 ((*left)->sort_key, (*right)->sort_key);
}

/**
 * valise_drive_probe_sysfs:
 *
 * The drives where udisks2 does not answer, by what the kernel has in /sys. What only udisks2 knows
 * (what is in encrypted volumes, ejecting) is missing; what is on a drive is known to those who may
 * read it.
 *
 * Any thread; blocks shortly.
 *
 * Returns: (transfer full) (element-type ValiseDriveFacts): the drives, sorted
 */
GPtrArray *
valise_drive_probe_sysfs (void)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_drive_facts_free);
  g_autoptr (GDir) dir = g_dir_open ("/sys/block", 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      ValiseDriveFacts *facts = is_virtual (name) ? NULL : read_node (name);

      if (facts != NULL)
        g_ptr_array_add (all, facts);
    }
  g_ptr_array_sort (all, compare_keys);
  valise_drive_probe_all (all, FALSE);
  return all;
}
