/* valise-bios.h: what a BIOS starts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "volume/valise-mbr.h"

G_BEGIN_DECLS

/**
 * VALISE_BIOS_MAX_BOOTMGR:
 *
 * The largest `bootmgr` that can be started, in bytes. It is loaded to 128 KiB, and the BIOS keeps
 * the last KiB of the first 640 for itself.
 */
#define VALISE_BIOS_MAX_BOOTMGR 523200

gboolean valise_bios_get_boot_code (ValiseBootCode *code, GError **error);
gboolean valise_bios_check_bootmgr (const char *architecture,
                                    gboolean is_there,
                                    guint64 size,
                                    GError **error);

G_END_DECLS
