/* valise-mbr.h: the first MiB of a drive that starts by BIOS: MBR and boot loader.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-staging.h"

G_BEGIN_DECLS

/**
 * ValiseBootCode:
 * @sector: what the BIOS starts: code for the first sector, up to where the signature begins (440
 *   bytes); what is behind them is not used
 * @rest: what that code starts, from the second sector on
 *
 * A boot loader in front of the first partition.
 */
typedef struct
{
  GBytes *sector;
  GBytes *rest;
} ValiseBootCode;

ValiseStagedTable *valise_staging_make_mbr (const ValiseLayout *layout,
                                            const ValiseBootCode *code,
                                            GError **error);

G_END_DECLS
