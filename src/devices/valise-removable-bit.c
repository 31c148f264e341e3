/* valise-removable-bit.c: whether a drive calls its medium removable.
 *
 * Not whether it can be unplugged: most USB sticks set this bit (SPC-4 6.6.2, RMB), most USB disks
 * do not, and Windows looks at it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-removable-bit.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

/**
 * valise_removable_bit_read:
 * @sys: where sysfs is mounted; another folder in tests
 * @major: a whole drive's device number
 * @minor: likewise
 *
 * Returns: whether the bit is set; %FALSE where sysfs does not say
 */
gboolean
valise_removable_bit_read (const char *sys, guint major, guint minor)
{
  g_autofree char *path = g_strdup_printf ("%s/dev/block/%u:%u/removable", sys, major, minor);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && *text == '1';
}

/**
 * valise_removable_bit_is_set:
 * @device: a path
 *
 * Any thread.
 *
 * Returns: whether that is a drive with the bit set; %FALSE for files and partitions
 */
gboolean
valise_removable_bit_is_set (const char *device)
{
  struct stat st;

  return stat (device, &st) == 0 && S_ISBLK (st.st_mode)
         && valise_removable_bit_read ("/sys", major (st.st_rdev), minor (st.st_rdev));
}
