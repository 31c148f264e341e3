/* valise-windows-settings.c: how a portable Windows treats the PCs that it runs on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-windows-settings.h"

/* From this build on (Windows 11, 22H2) all editions insist on a network at the first start. */
#define FIRST_BUILD_WITH_NETWORK 22500

/* The values of SanPolicy: “SAN Policy”, learn.microsoft.com. */
#define SAN_POLICY_OFFLINE_INTERNAL 4

/**
 * valise_windows_settings_add_changes:
 * @self: the settings
 * @build: the build of the Windows that they are for
 * @has_account: whether the answer file makes an account, so that none has to be made at the first
 *   start
 * @changes: (element-type ValiseRegistryChange): where to add what they are in the registry
 *
 * What Windows does by itself is not written down: a setting that is off changes nothing.
 */
void
valise_windows_settings_add_changes (const ValiseWindowsSettings *self,
                                     guint build,
                                     gboolean has_account,
                                     GPtrArray *changes)
{
#define SET(key, name, value)                                                                      \
  valise_registry_changes_set_dword (changes, VALISE_REGISTRY_SYSTEM, "CurrentControlSet\\" key,   \
                                     name, value)

  /* Disks of the PC stay offline, so that nothing there is changed. */
  if (!self->internal_disks_online)
    SET ("Services\\partmgr\\Parameters", "SanPolicy", SAN_POLICY_OFFLINE_INTERNAL);
  /* Windows 11 must not encrypt itself with the key in one PC's TPM. */
  if (!self->device_encryption)
    SET ("Control\\BitLocker", "PreventDeviceEncryption", 1);
  /* A shutdown must end Windows; the next start is on another PC. */
  if (!self->fast_startup)
    SET ("Control\\Session Manager\\Power", "HiberbootEnabled", 0);
  if (self->portable_os)
    SET ("Control", "PortableOperatingSystem", 1);
#undef SET

  /* The page that makes a local account is behind the one that asks for the internet. */
  if (!self->require_network && !has_account && build >= FIRST_BUILD_WITH_NETWORK)
    valise_registry_changes_set_dword (changes, VALISE_REGISTRY_SOFTWARE,
                                       "Microsoft\\Windows\\CurrentVersion\\OOBE", "BypassNRO", 1);
}
