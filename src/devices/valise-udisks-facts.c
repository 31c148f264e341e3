/* valise-udisks-facts.c: what udisks2 knows of the drives.
 *
 * Read from the properties that the client has already; nobody is asked. Drives are found by their
 * block devices, not by udisks2's drive objects: two sticks with the same serial number share one
 * of these. What belongs to a drive is found by its partition table, for the same reason.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-udisks-facts.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* udisks2 has an empty text for what it does not know. */
static char *
dup_text (const char *text)
{
  g_autofree char *copy = text != NULL ? g_utf8_make_valid (text, -1) : NULL;

  if (copy == NULL || *g_strstrip (copy) == '\0')
    return NULL;
  return g_steal_pointer (&copy);
}

static gboolean
is_object (const char *path, gpointer object)
{
  return path != NULL && g_str_equal (path, g_dbus_object_get_object_path (object));
}

static const char *
peek_path (UDisksObject *object)
{
  return g_dbus_object_get_object_path (G_DBUS_OBJECT (object));
}

/* ---- what is on a drive ---- */

/* Whether any device is the RAID that @block is part of: then it runs. */
static gboolean
is_in_running_raid (GList *objects, UDisksBlock *block)
{
  const char *raid = udisks_block_get_mdraid_member (block);

  if (raid == NULL || g_str_equal (raid, "/") || *raid == '\0')
    return FALSE;
  for (GList *at = objects; at != NULL; at = at->next)
    {
      UDisksBlock *other = udisks_object_peek_block (at->data);

      if (other != NULL && g_strcmp0 (udisks_block_get_mdraid (other), raid) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_unlocked (GList *objects, UDisksObject *object)
{
  for (GList *at = objects; at != NULL; at = at->next)
    {
      UDisksBlock *other = udisks_object_peek_block (at->data);

      if (other != NULL && is_object (udisks_block_get_crypto_backing_device (other), object))
        return TRUE;
    }
  return FALSE;
}

static ValiseDriveUse
find_use (GList *objects, UDisksObject *object, const ValiseDrivePart *part)
{
  UDisksSwapspace *swap = udisks_object_peek_swapspace (object);

  if (swap != NULL && udisks_swapspace_get_active (swap))
    return VALISE_DRIVE_USE_SWAP;
  if (is_in_running_raid (objects, udisks_object_peek_block (object)))
    return VALISE_DRIVE_USE_RAID;
  if (is_unlocked (objects, object))
    return VALISE_DRIVE_USE_UNLOCKED;
  if (part->mounts != NULL && part->mounts[0] != NULL)
    return VALISE_DRIVE_USE_MOUNTED;
  return VALISE_DRIVE_USE_NONE;
}

static void
add_part (ValiseDriveFacts *facts, GList *objects, UDisksObject *object, guint number,
          gboolean stacked)
{
  UDisksBlock *block = udisks_object_peek_block (object);
  UDisksFilesystem *files = udisks_object_peek_filesystem (object);
  ValiseDrivePart *part = valise_drive_facts_add_part (facts);

  part->number = number;
  part->device = g_strdup (udisks_block_get_device (block));
  part->size = udisks_block_get_size (block);
  part->type = dup_text (udisks_block_get_id_type (block));
  part->label = dup_text (udisks_block_get_id_label (block));
  if (files != NULL)
    part->mounts = g_strdupv ((GStrv) udisks_filesystem_get_mount_points (files));
  if (part->mounts == NULL)
    part->mounts = g_new0 (char *, 1);
  part->stacked = stacked;
  part->use = find_use (objects, object, part);

  /* What is open of an encrypted one. */
  for (GList *at = objects; at != NULL && !stacked; at = at->next)
    {
      UDisksBlock *other = udisks_object_peek_block (at->data);

      if (other != NULL && is_object (udisks_block_get_crypto_backing_device (other), object))
        add_part (facts, objects, at->data, number, TRUE);
    }
}

static gint
compare_parts (gconstpointer a, gconstpointer b)
{
  const ValiseDrivePart *const *left = a;
  const ValiseDrivePart *const *right = b;

  if ((*left)->number != (*right)->number)
    return (*left)->number < (*right)->number ? -1 : 1;
  return (int) (*left)->stacked - (int) (*right)->stacked;
}

static void
add_parts (ValiseDriveFacts *facts, GList *objects, UDisksObject *whole)
{
  UDisksPartitionTable *table = udisks_object_peek_partition_table (whole);
  const char *usage = udisks_block_get_id_usage (udisks_object_peek_block (whole));

  if (table != NULL)
    facts->table = dup_text (udisks_partition_table_get_type_ (table));
  else if (usage != NULL && *usage != '\0')
    add_part (facts, objects, whole, 0, FALSE);
  for (GList *at = objects; at != NULL; at = at->next)
    {
      UDisksPartition *partition = udisks_object_peek_partition (at->data);

      if (partition != NULL && udisks_object_peek_block (at->data) != NULL
          && is_object (udisks_partition_get_table (partition), whole))
        add_part (facts, objects, at->data, udisks_partition_get_number (partition), FALSE);
    }
  g_ptr_array_sort (facts->parts, compare_parts);
}

/* ---- the drive itself ---- */

/* udisks2 has no word for the buses that need none. */
static char *
dup_bus (UDisksDrive *drive, const char *device)
{
  char *bus = dup_text (udisks_drive_get_connection_bus (drive));

  if (bus == NULL && g_str_has_prefix (device, "/dev/nvme"))
    return g_strdup ("nvme");
  if (bus == NULL && g_str_has_prefix (device, "/dev/mmcblk"))
    return g_strdup ("sdio");
  if (bus == NULL && g_str_has_prefix (device, "/dev/sd"))
    return g_strdup ("ata");
  return bus;
}

static ValiseDriveFacts *
read_drive (GList *objects, UDisksObject *object, UDisksBlock *block, UDisksDrive *drive)
{
  ValiseDriveFacts *facts = valise_drive_facts_new ();
  const char *const *links = udisks_block_get_symlinks (block);

  facts->device = g_strdup (udisks_block_get_device (block));
  if (links != NULL)
    {
      g_strfreev (facts->symlinks);
      facts->symlinks = g_strdupv ((GStrv) links);
    }
  facts->number = udisks_block_get_device_number (block);
  facts->appearance = udisks_drive_get_time_detected (drive);
  facts->sort_key = g_strdup (udisks_drive_get_sort_key (drive));
  facts->vendor = dup_text (udisks_drive_get_vendor (drive));
  facts->model = dup_text (udisks_drive_get_model (drive));
  facts->serial = dup_text (udisks_drive_get_serial (drive));
  facts->wwn = dup_text (udisks_drive_get_wwn (drive));
  facts->size = udisks_block_get_size (block);
  facts->bus = dup_bus (drive, facts->device);
  facts->removable = udisks_drive_get_removable (drive) && !udisks_block_get_hint_ignore (block);
  facts->ejectable = udisks_drive_get_ejectable (drive);
  facts->can_power_off = udisks_drive_get_can_power_off (drive);
  facts->optical = udisks_drive_get_optical (drive)
                   || g_str_has_prefix (udisks_drive_get_media (drive), "optical");
  for (const char *const *media = udisks_drive_get_media_compatibility (drive);
       media != NULL && *media != NULL; media++)
    facts->optical = facts->optical || g_str_has_prefix (*media, "optical");
  facts->has_medium = udisks_drive_get_media_available (drive) && facts->size > 0;
  facts->read_only = udisks_block_get_read_only (block);
  add_parts (facts, objects, object);
  valise_drive_facts_set_id (facts);
  return facts;
}

static UDisksDrive *
find_drive (GList *objects, const char *path)
{
  for (GList *at = objects; at != NULL; at = at->next)
    if (g_strcmp0 (path, peek_path (at->data)) == 0)
      return udisks_object_peek_drive (at->data);
  return NULL;
}

/* udisks2 knows since when a drive is there, but has one drive for all that have its serial number.
 * Each time that a device appears, its folder in sysfs is another one. */
static guint64
read_appearance (const ValiseDriveFacts *facts)
{
  g_autofree char *path = g_strdup_printf (
      "/sys/dev/block/%u:%u/.", major (facts->number), minor (facts->number));
  struct stat status;

  return stat (path, &status) == 0 ? status.st_ino : facts->appearance;
}

/* An id that several have, or have had, says of none which it is. Then the node tells them apart,
 * as long as they are plugged in: what comes next to that node is not taken for the one before.
 * Whoever had chosen the first of them must look again. */
static void
tell_apart (GPtrArray *all, GHashTable *shared)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < all->len; i++)
    {
      const char *id = ((ValiseDriveFacts *) all->pdata[i])->id;

      if (!g_hash_table_add (seen, (gpointer) id))
        g_hash_table_add (shared, g_strdup (id));
    }
  g_clear_pointer (&seen, g_hash_table_unref);
  for (guint i = 0; i < all->len; i++)
    {
      ValiseDriveFacts *facts = all->pdata[i];
      g_autofree char *id = NULL;

      if (!g_hash_table_contains (shared, facts->id))
        continue;
      id = g_steal_pointer (&facts->id);
      facts->id = g_strdup_printf ("%s@%s#%" G_GUINT64_FORMAT, id, facts->device,
                                   read_appearance (facts));
      facts->id_lasts = FALSE;
    }
}

static gint
compare_drives (gconstpointer a, gconstpointer b)
{
  const ValiseDriveFacts *const *left = a;
  const ValiseDriveFacts *const *right = b;
  int order = g_strcmp0 ((*left)->sort_key, (*right)->sort_key);

  return order != 0 ? order : g_strcmp0 ((*left)->id, (*right)->id);
}

/**
 * valise_udisks_facts_read:
 * @client: a client, in whose thread this is
 * @shared: (element-type utf8): ids that several drives have had; added to
 *
 * Partitions, loop devices, RAIDs, and what is stacked on a drive are no drives. Does not block.
 *
 * Returns: (transfer full) (element-type ValiseDriveFacts): the drives, sorted
 */
GPtrArray *
valise_udisks_facts_read (UDisksClient *client, GHashTable *shared)
{
  GDBusObjectManager *manager = udisks_client_get_object_manager (client);
  GList *objects = g_dbus_object_manager_get_objects (manager);
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_drive_facts_free);

  for (GList *at = objects; at != NULL; at = at->next)
    {
      UDisksBlock *block = udisks_object_peek_block (at->data);
      UDisksDrive *drive = block != NULL ? find_drive (objects, udisks_block_get_drive (block))
                                         : NULL;

      /* The signals of a drive that comes or goes arrive one after the other. */
      if (drive == NULL || udisks_block_get_device (block) == NULL
          || udisks_object_peek_partition (at->data) != NULL)
        continue;
      g_ptr_array_add (all, read_drive (objects, at->data, block, drive));
    }
  g_list_free_full (objects, g_object_unref);
  tell_apart (all, shared);
  g_ptr_array_sort (all, compare_drives);
  return all;
}
