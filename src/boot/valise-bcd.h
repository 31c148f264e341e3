/* valise-bcd.h: the BCD store, in which the boot manager finds Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-guid.h"
#include "core/valise-scratch.h"
#include "valise-bcd-device.h"

G_BEGIN_DECLS

/**
 * ValiseFirmware:
 * @VALISE_FIRMWARE_UEFI: `\EFI\Microsoft\Boot\BCD`, for bootmgfw.efi
 * @VALISE_FIRMWARE_BIOS: `\Boot\BCD`, for bootmgr
 *
 * Which boot manager reads a store.
 */
typedef enum
{
  VALISE_FIRMWARE_UEFI,
  VALISE_FIRMWARE_BIOS,
} ValiseFirmware;

/**
 * ValiseBcdOptions:
 * @firmware: whose store it is
 * @description: what the boot menu calls Windows, such as “Windows 11”
 * @locale: the boot manager's language, such as “en-US”
 * @boot_device: the partition that the boot manager is on
 * @os_device: where Windows is
 * @loader_guid: a new random GUID, for the loader's object
 * @resume_guid: another, for the object that resumes from hibernation
 *
 * What differs between stores.
 */
typedef struct
{
  ValiseFirmware firmware;
  const char *description;
  const char *locale;
  const ValiseBcdDevice *boot_device;
  const ValiseBcdDevice *os_device;
  ValiseGuid loader_guid;
  ValiseGuid resume_guid;
} ValiseBcdOptions;

GBytes *valise_bcd_build (const ValiseBcdOptions *options, ValiseScratch *scratch, GError **error);

G_END_DECLS
