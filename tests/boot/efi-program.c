/* efi-program.c: the smallest program for the firmware, for tests of what reads and signs them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
int efi_main (void *image, void *table);

/* Something to change in the middle of the file. */
const volatile char valise_text[] = "Nothing is done here, and it is signed all the same.";

int
efi_main (void *image, void *table)
{
  return valise_text[0] != 'N';
}
