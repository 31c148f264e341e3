/* fuzz-hive.c: the SYSTEM hive of an image: checked, changed, and read again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-offline-registry.h"
#include "boot/valise-windows-settings.h"
#include "fuzz-input.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree guint8 *hive = g_memdup2 (data, size);
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  const char *path;

  /* The checksum is made right, or hardly anything gets past it. */
  if (size >= 512)
    {
      guint32 sum = 0, word;

      for (guint i = 0; i < 508; i += 4)
        {
          memcpy (&word, hive + i, 4);
          sum ^= word;
        }
      word = sum == 0 ? 1 : sum == G_MAXUINT32 ? G_MAXUINT32 - 1 : sum;
      memcpy (hive + 508, &word, 4);
    }
  path = fuzz_file (hive, size);
  valise_windows_settings_add_changes (&(ValiseWindowsSettings){ 0 }, 22631, FALSE, changes);
  valise_offline_registry_apply (path, VALISE_REGISTRY_SYSTEM, changes, NULL);
  return 0;
}
