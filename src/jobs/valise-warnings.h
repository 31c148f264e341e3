/* valise-warnings.h: what a user should know before a drive is written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "boot/valise-boot-files.h"
#include "image/valise-edition.h"

G_BEGIN_DECLS

/**
 * ValiseWarningDrive:
 * @VALISE_WARNING_DRIVE_UNKNOWN: no drive was chosen yet
 * @VALISE_WARNING_DRIVE_FIXED: it says that it is a fixed disk
 * @VALISE_WARNING_DRIVE_REMOVABLE: it says that its medium can be removed, as most sticks do
 *
 * What matters here of the drives; of several, the last in this list that fits one of them.
 */
typedef enum
{
  VALISE_WARNING_DRIVE_UNKNOWN,
  VALISE_WARNING_DRIVE_FIXED,
  VALISE_WARNING_DRIVE_REMOVABLE,
} ValiseWarningDrive;

/**
 * ValiseWarningFacts:
 * @edition: the edition
 * @boot: (nullable): its boot managers; %NULL where they are not known
 * @boot_manager: which of them was chosen
 * @drive: the drives
 * @is_vhd: whether Windows goes into a virtual disk (VHD, VHDX) on the drive
 *
 * What warnings depend on.
 */
typedef struct
{
  const ValiseEdition *edition;
  const ValiseBootFiles *boot;
  ValiseBootManager boot_manager;
  ValiseWarningDrive drive;
  gboolean is_vhd;
} ValiseWarningFacts;

/**
 * ValiseWarning:
 * @id: the same for all languages, such as `old-build-on-removable`
 * @is_note: whether it is only good to know; else something may not work
 * @text: for people: what it is, and what can be done
 */
typedef struct
{
  const char *id;
  gboolean is_note;
  char *text;
} ValiseWarning;

GPtrArray *valise_warnings_find (const ValiseWarningFacts *facts);
char *valise_warnings_join (GPtrArray *warnings, gboolean notes);

G_END_DECLS
