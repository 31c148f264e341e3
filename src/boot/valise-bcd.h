/* valise-bcd.h: the BCD store, in which the boot manager finds Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-guid.h"
#include "core/valise-scratch.h"

G_BEGIN_DECLS

/**
 * ValiseBcdOptions:
 * @description: what the boot menu calls Windows, such as “Windows 11”
 * @locale: the boot manager's language, such as “en-US”
 * @disk_guid: the drive's GUID in its partition table
 * @esp_guid: the EFI system partition's own GUID
 * @os_guid: the own GUID of the partition with Windows
 * @loader_guid: a new random GUID, for the loader's object
 * @resume_guid: another, for the object that resumes from hibernation
 *
 * What differs between stores.
 */
typedef struct
{
  const char *description;
  const char *locale;
  ValiseGuid disk_guid;
  ValiseGuid esp_guid;
  ValiseGuid os_guid;
  ValiseGuid loader_guid;
  ValiseGuid resume_guid;
} ValiseBcdOptions;

GBytes *valise_bcd_build (const ValiseBcdOptions *options, ValiseScratch *scratch, GError **error);

G_END_DECLS
