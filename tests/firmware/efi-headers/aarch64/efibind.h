/* efibind.h: what gnu-efi has for each processor, for one that its package may lack.
 *
 * Those for x86-64 fit any processor with 64 bits, but for how functions are called.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define EFIAPI
#include <x86_64/efibind.h>
