/* valise-host-mounts.c: what is mounted outside of the sandbox that this runs in.
 *
 * In a Flatpak, mountinfo has the sandbox's own mounts. What the system has mounted is known to
 * udisks2, also of LVM, RAID, encryption and loop devices; it is told in mountinfo's words, so that
 * the guard, which knows these, is the same inside and outside.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-host-mounts.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "core/valise-sandbox.h"
#include "valise-lease-bus.h"

/* As the kernel writes them: what would end a field is octal. */
static void
append_escaped (GString *text, const char *field)
{
  for (const char *at = field; *at != '\0'; at++)
    if (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\\')
      g_string_append_printf (text, "\\%03o", (guint) (guchar) *at);
    else
      g_string_append_c (text, *at);
}

static void
append_mounts (GString *text, GVariant *interfaces)
{
  g_autoptr (GVariant) block = g_variant_lookup_value (
      interfaces, VALISE_LEASE_INTERFACE ("Block"), G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) files = g_variant_lookup_value (
      interfaces, VALISE_LEASE_INTERFACE ("Filesystem"), G_VARIANT_TYPE_VARDICT);
  g_autofree const char **folders = NULL;
  const char *device = NULL;
  const char *type = NULL;
  guint64 number = 0;

  if (block == NULL || files == NULL || !g_variant_lookup (block, "DeviceNumber", "t", &number)
      || !g_variant_lookup (block, "Device", "^&ay", &device)
      || !g_variant_lookup (files, "MountPoints", "^a&ay", &folders))
    return;
  g_variant_lookup (block, "IdType", "&s", &type);
  for (gsize i = 0; folders[i] != NULL; i++)
    {
      g_string_append_printf (text, "0 0 %u:%u / ", major (number), minor (number));
      append_escaped (text, folders[i]);
      g_string_append (text, " rw - ");
      append_escaped (text, type != NULL && *type != '\0' ? type : "unknown");
      g_string_append_c (text, ' ');
      append_escaped (text, device);
      g_string_append (text, " rw\n");
    }
}

/**
 * valise_host_mounts_describe:
 * @objects: what udisks2 has; see valise_lease_bus_get_objects()
 *
 * A pure function.
 *
 * Returns: (transfer full): a line for each mount, as in mountinfo
 */
char *
valise_host_mounts_describe (GVariant *objects)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GVariantIter iter;
  GVariant *interfaces;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", NULL, &interfaces))
    {
      append_mounts (text, interfaces);
      g_variant_unref (interfaces);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * valise_host_mounts_read:
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * Any thread; blocks while udisks2 answers.
 *
 * Returns: (transfer full): what the system has mounted, as in mountinfo; empty outside of a
 *   sandbox, where mountinfo itself has it
 */
char *
valise_host_mounts_read (GError **error)
{
  g_autoptr (ValiseLeaseBus) bus = NULL;
  g_autoptr (GVariant) objects = NULL;

  if (!valise_sandbox_is_inside ())
    return g_strdup ("");
  bus = valise_lease_bus_new (NULL, error);
  objects = bus != NULL ? valise_lease_bus_get_objects (bus, NULL, error) : NULL;
  return objects != NULL ? valise_host_mounts_describe (objects) : NULL;
}

/**
 * valise_host_mounts_find:
 * @mounts: what valise_host_mounts_read() has returned
 * @path: an absolute path outside of the sandbox
 * @device: where to put the number of the device that it lies on
 *
 * A pure function.
 *
 * Returns: whether that is known
 */
gboolean
valise_host_mounts_find (const char *mounts, const char *path, dev_t *device)
{
  g_auto (GStrv) lines = g_strsplit (mounts, "\n", -1);
  gsize longest = 0;

  for (gsize i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", 6);
      g_autofree char *folder = NULL;
      guint high;
      guint low;
      gsize size;

      if (g_strv_length (fields) < 5 || sscanf (fields[2], "%u:%u", &high, &low) != 2)
        continue;
      folder = g_strcompress (fields[4]);
      size = g_str_equal (folder, "/") ? 0 : strlen (folder);
      if (strncmp (path, folder, size) != 0 || (path[size] != '/' && path[size] != '\0')
          || size + 1 <= longest)
        continue;
      longest = size + 1;
      *device = makedev (high, low);
    }
  return longest > 0;
}
