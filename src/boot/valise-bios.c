/* valise-bios.c: what a BIOS starts: GRUB, which starts Windows' boot manager.
 *
 * The BIOS loads the first sector, GRUB's boot.img, which loads core.img from the sectors behind
 * it, which loads \bootmgr from the first partition of the drive that it is on itself, and starts
 * it as Windows' own boot sector does: in real mode, at 2000:0000, the drive's number in DL, the
 * partition's boot sector at 0000:7c00 (GRUB's command “ntldr”; its commands are in bios.cfg).
 * boot.img is GRUB's as it is installed where Valise is built, and core.img is made of its modules
 * there; both are in the program, under GRUB's licence, the GPL, version 3 or later.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-bios.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#include "core/valise-error.h"

#ifdef VALISE_BIOS
#include "valise-boot-resources.h"

#define FOLDER "/io/github/valise/Valise/bios/"

/* From GRUB's boot.S: the sector of core.img, the drive's number (0xff: the one that the BIOS
 * says), and a jump over a check of that number. GRUB's installer does away with the jump on hard
 * disks: without the check, a BIOS that says nonsense is believed. */
#define KERNEL_SECTOR 0x5c
#define DRIVE_CHECK 0x66
#define NOP 0x90

static GBytes *
load (const char *name)
{
  g_autofree char *path = g_strconcat (FOLDER, name, NULL);
  GBytes *bytes = g_resource_lookup_data (valise_boot_get_resource (), path,
                                          G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_assert (bytes != NULL);
  return bytes;
}

static ValiseBootCode *
make_code (void)
{
  ValiseBootCode *code = g_new (ValiseBootCode, 1);
  g_autoptr (GBytes) sector = load ("boot.img");
  guint8 *bytes;

  g_assert (g_bytes_get_size (sector) == 512);
  bytes = g_memdup2 (g_bytes_get_data (sector, NULL), 512);
  /* Other versions of GRUB may have these elsewhere: then nothing would start. */
  g_assert (memcmp (bytes + KERNEL_SECTOR, "\1\0\0\0\0\0\0\0\xff", 9) == 0);
  memset (bytes + DRIVE_CHECK, NOP, 2);
  code->sector = g_bytes_new_take (bytes, 512);
  code->rest = load ("core.img");
  return code;
}
#endif

/**
 * valise_bios_get_boot_code:
 * @code: (out caller-allocates) (transfer none): what the BIOS starts; it lives as long as the
 *   program
 * @error: where to put %VALISE_PLAN_ERROR_INVALID
 *
 * Any thread.
 *
 * Returns: whether there is any: GRUB may have been missing where Valise was built
 */
gboolean
valise_bios_get_boot_code (ValiseBootCode *code, GError **error)
{
#ifdef VALISE_BIOS
  static ValiseBootCode *made;

  if (g_once_init_enter (&made))
    g_once_init_leave (&made, make_code ());
  *code = *made;
  return TRUE;
#else
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       /* Translators: “GRUB”, “GPT” and “BIOS” stay as they are. */
                       _ ("This build of Valise cannot make drives for old PCs (BIOS): GRUB for "
                          "BIOS was not there when it was built. Use the layout for new PCs "
                          "(GPT)."));
  return FALSE;
#endif
}

/**
 * valise_bios_check_bootmgr:
 * @architecture: the image's architecture
 * @is_there: whether the image has `Windows\Boot\PCAT\bootmgr`
 * @size: its size in bytes
 * @error: where to put %VALISE_PLAN_ERROR_INVALID
 *
 * Any thread.
 *
 * Returns: whether the image can start by BIOS
 */
gboolean
valise_bios_check_bootmgr (const char *architecture,
                           gboolean is_there,
                           guint64 size,
                           GError **error)
{
  if (g_str_equal (architecture, "arm64"))
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _ ("The image is for ARM, and no PC with ARM starts by BIOS. Use the "
                            "layout for new PCs (GPT)."));
  else if (!is_there)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _ ("The image has no boot manager for old PCs (BIOS), "
                            "Windows\\Boot\\PCAT\\bootmgr. Use the layout for new PCs (GPT), or "
                            "another image."));
  else if (size > VALISE_BIOS_MAX_BOOTMGR)
    /* Translators: two numbers of bytes. */
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _ ("The image’s boot manager for old PCs (BIOS) has %" PRIu64 " bytes, "
                    "and no more than %u can be started. Use the layout for new PCs (GPT), or "
                    "another image."),
                 size, VALISE_BIOS_MAX_BOOTMGR);
  else
    return TRUE;
  return FALSE;
}
