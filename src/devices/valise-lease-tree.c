/* valise-lease-tree.c: a drive and what is on it, as udisks2 has it at one moment.
 *
 * What belongs to a drive is found by its partition table, not by udisks2's drive objects: sticks
 * with the same serial number share one of these, and must not be unmounted for one another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-tree.h"

#include <sys/stat.h>

#include "valise-lease-bus.h"

static void
part_free (ValiseLeasePart *part)
{
  g_free (part->object);
  g_free (part->device);
  g_strfreev (part->mounts);
  g_free (part->backing);
  g_free (part->type);
  g_free (part->label);
  g_free (part);
}

/**
 * valise_lease_tree_free:
 * @self: (transfer full): a tree
 */
void
valise_lease_tree_free (ValiseLeaseTree *self)
{
  g_free (self->drive);
  g_free (self->table);
  g_ptr_array_unref (self->parts);
  g_free (self);
}

/* ---- reading ---- */

static GVariant *
get_interface (GVariant *interfaces, const char *name)
{
  return g_variant_lookup_value (interfaces, name, G_VARIANT_TYPE_VARDICT);
}

/* An object's path; NULL where it is “/”, which stands for none. */
static char *
dup_object (GVariant *properties, const char *name)
{
  const char *path = NULL;

  if (properties == NULL || !g_variant_lookup (properties, name, "&o", &path)
      || g_str_equal (path, "/"))
    return NULL;
  return g_strdup (path);
}

static gboolean
get_boolean (GVariant *properties, const char *name)
{
  gboolean value = FALSE;

  return properties != NULL && g_variant_lookup (properties, name, "b", &value) && value;
}

static guint64
get_number (GVariant *properties, const char *name)
{
  guint64 value = 0;

  if (properties != NULL)
    g_variant_lookup (properties, name, "t", &value);
  return value;
}

/* A text; NULL where it is empty. */
static char *
dup_text (GVariant *properties, const char *name)
{
  const char *text = NULL;

  if (properties == NULL || !g_variant_lookup (properties, name, "&s", &text) || *text == '\0')
    return NULL;
  return g_strdup (text);
}

static char *
dup_path (GVariant *properties, const char *name)
{
  const char *path = NULL;

  return properties != NULL && g_variant_lookup (properties, name, "^&ay", &path) ? g_strdup (path)
                                                                                 : NULL;
}

static GStrv
dup_paths (GVariant *properties, const char *name)
{
  GStrv paths = NULL;

  if (properties == NULL || !g_variant_lookup (properties, name, "^aay", &paths))
    paths = g_new0 (char *, 1);
  return paths;
}

/* The number is sure; names serve where nodes cannot be seen. */
static gboolean
is_device (GVariant *block, const char *device, guint64 number)
{
  g_autofree char *node = dup_path (block, "Device");
  g_autofree char *preferred = dup_path (block, "PreferredDevice");
  g_auto (GStrv) links = dup_paths (block, "Symlinks");

  if (number != 0)
    return get_number (block, "DeviceNumber") == number;
  return g_strcmp0 (node, device) == 0 || g_strcmp0 (preferred, device) == 0
         || g_strv_contains ((const char *const *) links, device);
}

/* Whether any device is the RAID @raid, which then runs. */
static gboolean
raid_runs (GVariant *objects, const char *raid)
{
  GVariantIter iter;
  GVariant *interfaces;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", NULL, &interfaces))
    {
      g_autoptr (GVariant) held = interfaces;
      g_autoptr (GVariant) block = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Block"));
      g_autofree char *other = dup_object (block, "MDRaid");

      if (g_strcmp0 (raid, other) == 0)
        return TRUE;
    }
  return FALSE;
}

static ValiseLeasePart *
part_new (GVariant *objects, const char *object, GVariant *interfaces)
{
  g_autoptr (GVariant) block = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Block"));
  g_autoptr (GVariant) files = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Filesystem"));
  g_autoptr (GVariant) swap = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Swapspace"));
  g_autoptr (GVariant) slice = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Partition"));
  g_autofree char *raid = dup_object (block, "MDRaidMember");
  ValiseLeasePart *part = g_new0 (ValiseLeasePart, 1);

  part->object = g_strdup (object);
  part->device = dup_path (block, "Device");
  part->mounts = dup_paths (files, "MountPoints");
  part->backing = dup_object (block, "CryptoBackingDevice");
  part->swaps = get_boolean (swap, "Active");
  part->in_raid = raid != NULL && raid_runs (objects, raid);
  if (slice != NULL)
    g_variant_lookup (slice, "Number", "u", &part->number);
  part->is_container = get_boolean (slice, "IsContainer");
  part->size = get_number (block, "Size");
  part->type = dup_text (block, "IdType");
  part->label = dup_text (block, "IdLabel");
  return part;
}

static gboolean
has_part (const ValiseLeaseTree *self, const char *object)
{
  for (guint i = 0; object != NULL && i < self->parts->len; i++)
    if (g_str_equal (((ValiseLeasePart *) g_ptr_array_index (self->parts, i))->object, object))
      return TRUE;
  return FALSE;
}

/* Adds what lies on what is there already. Returns how many that were. */
static guint
add_parts (ValiseLeaseTree *self, GVariant *objects)
{
  const char *whole = valise_lease_tree_get_whole (self)->object;
  GVariantIter iter;
  const char *object;
  GVariant *interfaces;
  guint n = 0;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", &object, &interfaces))
    {
      g_autoptr (GVariant) held = interfaces;
      g_autoptr (GVariant) block = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Block"));
      g_autoptr (GVariant) part = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Partition"));
      g_autofree char *table = dup_object (part, "Table");
      g_autofree char *backing = dup_object (block, "CryptoBackingDevice");

      if (block == NULL || has_part (self, object)
          || (g_strcmp0 (table, whole) != 0 && !has_part (self, backing)))
        continue;
      g_ptr_array_add (self->parts, part_new (objects, object, interfaces));
      n++;
    }
  return n;
}

static void
read_drive (ValiseLeaseTree *self, GVariant *objects)
{
  g_autoptr (GVariant) interfaces = g_variant_lookup_value (objects, self->drive, NULL);
  g_autoptr (GVariant) drive
      = interfaces != NULL ? get_interface (interfaces, VALISE_LEASE_INTERFACE ("Drive")) : NULL;

  self->can_power_off = get_boolean (drive, "CanPowerOff");
  self->ejectable = get_boolean (drive, "Ejectable");
}

static guint64
find_number (const char *device)
{
  struct stat status;

  return stat (device, &status) == 0 && S_ISBLK (status.st_mode) ? status.st_rdev : 0;
}

/**
 * valise_lease_tree_find:
 * @objects: what udisks2 has; see valise_lease_bus_get_objects()
 * @device: path of a drive's node, or of a link to it
 *
 * Returns: (transfer full) (nullable): the drive; %NULL where udisks2 does not have it
 */
ValiseLeaseTree *
valise_lease_tree_find (GVariant *objects, const char *device)
{
  guint64 number = find_number (device);
  GVariantIter iter;
  const char *object;
  GVariant *interfaces;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", &object, &interfaces))
    {
      g_autoptr (GVariant) held = interfaces;
      g_autoptr (GVariant) block = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Block"));
      g_autoptr (GVariant) part = get_interface (interfaces, VALISE_LEASE_INTERFACE ("Partition"));
      g_autoptr (GVariant) table
          = get_interface (interfaces, VALISE_LEASE_INTERFACE ("PartitionTable"));
      ValiseLeaseTree *self;

      if (block == NULL || !is_device (block, device, number))
        continue;
      self = g_new0 (ValiseLeaseTree, 1);
      self->drive = dup_object (block, "Drive");
      self->number = get_number (block, "DeviceNumber");
      self->size = get_number (block, "Size");
      self->read_only = get_boolean (block, "ReadOnly");
      self->is_partition = part != NULL;
      self->table = dup_text (table, "Type");
      if (self->drive != NULL)
        read_drive (self, objects);
      self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
      g_ptr_array_add (self->parts, part_new (objects, object, interfaces));
      while (add_parts (self, objects) > 0)
        ;
      return self;
    }
  return NULL;
}

/* ---- what is in it ---- */

/**
 * valise_lease_tree_get_whole:
 * @self: a tree
 *
 * Returns: (transfer none): the drive itself
 */
const ValiseLeasePart *
valise_lease_tree_get_whole (const ValiseLeaseTree *self)
{
  return g_ptr_array_index (self->parts, 0);
}

/**
 * valise_lease_tree_dup_mounts:
 * @self: a tree
 *
 * Returns: (transfer full): all folders where something of the drive is mounted
 */
GStrv
valise_lease_tree_dup_mounts (const ValiseLeaseTree *self)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  for (guint i = 0; i < self->parts->len; i++)
    g_strv_builder_addv (all, (const char **) ((ValiseLeasePart *) self->parts->pdata[i])->mounts);
  return g_strv_builder_end (all);
}

/**
 * valise_lease_tree_dup_unlocked:
 * @self: a tree
 * @kernel_names: whether to return names such as `dm-0`, of what is stacked on the drive, instead
 *   of the nodes of the encrypted partitions
 *
 * Returns: (transfer full): the encrypted volumes that are open
 */
GStrv
valise_lease_tree_dup_unlocked (const ValiseLeaseTree *self, gboolean kernel_names)
{
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  for (guint i = 0; i < self->parts->len; i++)
    {
      const ValiseLeasePart *part = self->parts->pdata[i];

      if (part->backing == NULL || i == 0)
        continue;
      if (kernel_names && part->device != NULL)
        {
          g_autofree char *name = g_path_get_basename (part->device);

          g_strv_builder_add (all, name);
        }
      for (guint j = 0; !kernel_names && j < self->parts->len; j++)
        {
          const ValiseLeasePart *other = self->parts->pdata[j];

          if (g_str_equal (other->object, part->backing) && other->device != NULL)
            g_strv_builder_add (all, other->device);
        }
    }
  return g_strv_builder_end (all);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const ValiseDriveContent *first = *(const ValiseDriveContent *const *) a;
  const ValiseDriveContent *second = *(const ValiseDriveContent *const *) b;

  return first->number < second->number ? -1 : first->number > second->number;
}

/**
 * valise_lease_tree_dup_contents:
 * @self: a tree
 *
 * What valise_drive_contents_read() would find out, for users who may not open the drive.
 *
 * Returns: (transfer full): what would be lost with the drive
 */
ValiseDriveContents *
valise_lease_tree_dup_contents (const ValiseLeaseTree *self)
{
  ValiseDriveContents *contents = valise_drive_contents_new (self->table);

  for (guint i = 0; i < self->parts->len; i++)
    {
      const ValiseLeasePart *part = self->parts->pdata[i];

      if (self->table != NULL ? part->number > 0 && !part->is_container
                              : i == 0 && part->type != NULL)
        valise_drive_contents_add (contents, part->number, part->size, part->type, part->label);
    }
  g_ptr_array_sort (contents->parts, compare_numbers);
  return contents;
}
