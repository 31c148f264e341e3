/* valise-boot-files.h: the boot managers that an image has, and which PCs start them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-esp.h"
#include "valise-signature.h"

G_BEGIN_DECLS

/**
 * ValiseBootFileKind:
 * @VALISE_BOOT_FILE_UEFI: the usual one for UEFI, which becomes the firmware's fallback too
 * @VALISE_BOOT_FILE_UEFI_MENU: the one for UEFI that is started by another boot manager
 * @VALISE_BOOT_FILE_UEFI_EX: like the first, in the folder for the certificate of 2023
 * @VALISE_BOOT_FILE_UEFI_MENU_EX: like the second, in that folder
 * @VALISE_BOOT_FILE_BIOS: the one for BIOS, which is no program for the firmware
 * @VALISE_N_BOOT_FILES: how many kinds there are
 */
typedef enum
{
  VALISE_BOOT_FILE_UEFI,
  VALISE_BOOT_FILE_UEFI_MENU,
  VALISE_BOOT_FILE_UEFI_EX,
  VALISE_BOOT_FILE_UEFI_MENU_EX,
  VALISE_BOOT_FILE_BIOS,
  VALISE_N_BOOT_FILES,
} ValiseBootFileKind;

/**
 * ValiseBootAge:
 * @VALISE_BOOT_AGE_UNKNOWN: it does not say its version
 * @VALISE_BOOT_AGE_VULNERABLE: older than the boot managers of 9 May 2023, with which Microsoft
 *   began to close CVE-2023-24932 (“BlackLotus”); PCs with the revocations that came then do not
 *   start it
 * @VALISE_BOOT_AGE_CURRENT: not older than that
 */
typedef enum
{
  VALISE_BOOT_AGE_UNKNOWN,
  VALISE_BOOT_AGE_VULNERABLE,
  VALISE_BOOT_AGE_CURRENT,
} ValiseBootAge;

/**
 * ValiseBootFile:
 * @exists: whether the image has it; else the rest is empty
 * @size: its size in bytes
 * @is_program: whether it could be read as a program; never for BIOS
 * @is_efi: whether that is one for UEFI firmware
 * @architecture: (nullable): `amd64`, `arm64`, `x86` or `unknown`
 * @version: (nullable): such as `10.0.26100.1`
 * @age: how old it is, by @version
 * @signature: who signed it
 *
 * One boot manager of an image.
 */
typedef struct
{
  gboolean exists;
  guint64 size;
  gboolean is_program;
  gboolean is_efi;
  const char *architecture;
  char *version;
  ValiseBootAge age;
  ValiseSignature signature;
} ValiseBootFile;

/**
 * ValiseBootFiles:
 * @files: by #ValiseBootFileKind
 *
 * A counted record, never changed once it was read: any thread may have it.
 */
typedef struct
{
  ValiseBootFile files[VALISE_N_BOOT_FILES];
} ValiseBootFiles;

extern const char *const valise_boot_file_paths[VALISE_N_BOOT_FILES + 1];

ValiseBootFiles *valise_boot_files_read (const char *folder);
ValiseBootFiles *valise_boot_files_ref (ValiseBootFiles *self);
void valise_boot_files_unref (ValiseBootFiles *self);
const ValiseBootFile *
valise_boot_files_choose (const ValiseBootFiles *self, ValiseBootManager wanted);
ValiseBootManager valise_boot_files_get_folder (const ValiseBootFiles *self,
                                                ValiseBootManager wanted);
gboolean valise_boot_files_check (const ValiseBootFiles *self,
                                  ValiseBootManager wanted,
                                  const char *architecture,
                                  GError **error);
ValiseBootAge valise_boot_age (const guint16 version[4]);
const char *valise_boot_file_state (const ValiseBootFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseBootFiles, valise_boot_files_unref)

G_END_DECLS
