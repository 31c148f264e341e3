/* valise-pc-region.h: language, keyboard and time zone of this computer, in Windows' words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "boot/valise-answers.h"

G_BEGIN_DECLS

/**
 * ValisePcRegion:
 * @language: (nullable): of what is shown
 * @locale: (nullable): of dates, numbers and money
 * @keyboard: (nullable): the input profiles
 * @time_zone: (nullable): Windows' name of it
 *
 * What this computer is set to, as far as Windows has it. A plain struct.
 */
typedef struct
{
  char *language;
  char *locale;
  char *keyboard;
  char *time_zone;
} ValisePcRegion;

void valise_pc_region_read (ValisePcRegion *self,
                            const char *root,
                            const char *const *environment,
                            GDBusConnection *bus);
void valise_pc_region_read_this (ValisePcRegion *self);
void valise_pc_region_clear (ValisePcRegion *self);
void valise_pc_region_fill (const ValisePcRegion *self, ValiseAnswers *answers);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValisePcRegion, valise_pc_region_clear)

G_END_DECLS
