/* valise-esp.h: what is on the partition that firmware starts from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "core/valise-scratch.h"

G_BEGIN_DECLS

/**
 * ValiseBootManager:
 * @VALISE_BOOT_MANAGER_2011: the one in the image's Windows\Boot\EFI, which every PC starts
 * @VALISE_BOOT_MANAGER_2023: the one signed with the certificate “Windows UEFI CA 2023”, which PCs
 *     without that certificate refuse, and which only newer images have
 *
 * Which of an image's boot managers goes onto a drive.
 */
typedef enum
{
  VALISE_BOOT_MANAGER_2011,
  VALISE_BOOT_MANAGER_2023,
} ValiseBootManager;

gboolean valise_esp_compose (const char *esp_path,
                             const char *boot_folder,
                             const char *architecture,
                             ValiseBootManager boot_manager,
                             GBytes *bcd,
                             GBytes *bios_bcd,
                             ValiseScratch *scratch,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
