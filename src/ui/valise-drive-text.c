/* valise-drive-text.c: a drive in words.
 *
 * What a drive says of itself is foreign: it is cleaned here, once for all who show it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-text.h"

#include <glib/gi18n.h>
#include <string.h>

#include "core/valise-text.h"

/* More parts of a drive than these are counted, not named. */
#define MAX_PARTS 6

static const struct
{
  const char *id;
  const char *name;
} buses[] = {
  { "ata", "SATA" }, { "ieee1394", "FireWire" }, { "nvme", "NVMe" }, { "sdio", "SD" },
  { "usb", "USB" },  { "scsi", "SCSI" },
};

static const struct
{
  const char *id;
  const char *name;
} types[] = {
  { "BitLocker", "BitLocker" }, { "btrfs", "Btrfs" },      { "crypto_LUKS", "LUKS" },
  { "exfat", "exFAT" },         { "hfsplus", "HFS+" },     { "iso9660", "ISO 9660" },
  { "ntfs", "NTFS" },           { "refs", "ReFS" },        { "udf", "UDF" },
  { "vfat", "FAT" },            { "xfs", "XFS" },
};

/**
 * valise_drive_text_name:
 * @facts: a drive
 *
 * Returns: (transfer full): vendor and model
 */
char *
valise_drive_text_name (const ValiseDriveFacts *facts)
{
  g_autofree char *name = valise_drive_facts_dup_name (facts);

  return valise_text_clean (name);
}

static char *
format_bus (const ValiseDriveFacts *facts)
{
  const char *bus = facts->bus;
  g_autofree char *number = NULL;

  for (gsize i = 0; bus != NULL && i < G_N_ELEMENTS (buses); i++)
    if (g_str_equal (bus, buses[i].id))
      bus = buses[i].name;
  if (facts->speed == 0 || bus == NULL)
    return g_strdup (bus);
  if (facts->speed >= 1000000000)
    {
      number = g_strdup_printf ("%g", facts->speed / 1e9);
      /* Translators: what a drive is connected by, and how fast: “USB, 5 Gbit/s”. */
      return g_strdup_printf (_("%s, %s Gbit/s"), bus, number);
    }
  number = g_strdup_printf ("%g", facts->speed / 1e6);
  /* Translators: what a drive is connected by, and how fast: “USB, 480 Mbit/s”. */
  return g_strdup_printf (_("%s, %s Mbit/s"), bus, number);
}

static void
add (GStrvBuilder *builder, const char *text)
{
  if (text != NULL && *text != '\0')
    g_strv_builder_add (builder, text);
}

static char *
join (GStrvBuilder *builder, const char *separator)
{
  g_auto (GStrv) parts = g_strv_builder_end (builder);

  return g_strjoinv (separator, parts);
}

/**
 * valise_drive_text_details:
 * @facts: a drive
 *
 * Returns: (transfer full): size, bus, serial number and node, on one line
 */
char *
valise_drive_text_details (const ValiseDriveFacts *facts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *size = valise_text_size (facts->size);
  g_autofree char *bus = format_bus (facts);
  g_autofree char *serial = valise_text_clean (facts->serial);

  add (builder, facts->size > 0 ? size : _("no medium"));
  add (builder, bus);
  if (*serial != '\0')
    {
      /* Translators: %s is a drive's serial number. */
      g_autofree char *words = g_strdup_printf (_("serial number %s"), serial);

      add (builder, words);
    }
  add (builder, facts->device);
  return join (builder, " · ");
}

static const char *
get_type_name (const ValiseDrivePart *part)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_strcmp0 (part->type, types[i].id) == 0)
      return types[i].name;
  return part->type;
}

/* “KEYS (FAT, 1.1 GB, 300 MB used, mounted at /media/keys)” */
static char *
describe_part (const ValiseDrivePart *part)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *label = valise_text_clean (part->label);
  g_autofree char *size = valise_text_size (part->size);
  g_autofree char *details = NULL;

  add (builder, get_type_name (part));
  add (builder, size);
  if (part->used != VALISE_DRIVE_UNKNOWN)
    {
      g_autofree char *used = valise_text_size (part->used);
      /* Translators: %s is a size: how much of a partition is taken by files. */
      g_autofree char *words = g_strdup_printf (_("%s used"), used);

      add (builder, words);
    }
  if (part->mounts != NULL && part->mounts[0] != NULL)
    {
      g_autofree char *mounts = g_strjoinv (_(", "), part->mounts);
      g_autofree char *clean = valise_text_clean (mounts);
      /* Translators: %s is a folder, or several. */
      g_autofree char *words = g_strdup_printf (_("mounted at %s"), clean);

      add (builder, words);
    }
  else if (part->use == VALISE_DRIVE_USE_UNLOCKED)
    add (builder, _("unlocked"));
  /* Translators: between the facts about a part of a drive, such as “FAT, 2 GB, 1 GB used”. */
  details = join (builder, _(", "));
  if (*label == '\0')
    /* Translators: a part of a drive that has no name; %s is what it is, and how large. */
    return g_strdup_printf (_("without a name (%s)"), details);
  /* Translators: the name of a part of a drive, and what it is: “KEYS (FAT, 2 GB)”. */
  return g_strdup_printf (_("%s (%s)"), label, details);
}

/**
 * valise_drive_text_contents:
 * @facts: a drive
 *
 * Returns: (transfer full): what is on it, and would be lost
 */
char *
valise_drive_text_contents (const ValiseDriveFacts *facts)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *list = NULL;

  if (facts->size == 0)
    return g_strdup ("");
  if (facts->parts->len == 0)
    return g_strdup (facts->table != NULL ? _("Contains an empty partition table")
                                          : _("Contains nothing that is known"));
  for (guint i = 0; i < MIN (facts->parts->len, MAX_PARTS); i++)
    {
      g_autofree char *part = describe_part (g_ptr_array_index (facts->parts, i));

      add (builder, part);
    }
  if (facts->parts->len > MAX_PARTS)
    {
      guint more = facts->parts->len - MAX_PARTS;
      g_autofree char *words = g_strdup_printf (ngettext ("%u more", "%u more", more), more);

      add (builder, words);
    }
  /* Translators: between the parts of a drive: “KEYS (FAT, 2 GB); Windows (NTFS, 62 GB)”. */
  list = join (builder, _("; "));
  /* Translators: %s is a list of what is on a drive. */
  return g_strdup_printf (_("Contains: %s"), list);
}

/**
 * valise_drive_text_icon:
 * @facts: a drive
 *
 * Returns: (transfer none): the name of a symbolic icon
 */
const char *
valise_drive_text_icon (const ValiseDriveFacts *facts)
{
  if (facts->optical)
    return "drive-optical-symbolic";
  if (g_strcmp0 (facts->bus, "sdio") == 0)
    return "media-flash-symbolic";
  return facts->removable ? "drive-removable-media-symbolic" : "drive-harddisk-symbolic";
}
