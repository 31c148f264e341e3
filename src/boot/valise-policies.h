/* valise-policies.h: what a company wants of its drives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValisePolicies:
 * @lock_minutes: after so many minutes without input, the screen locks; 0 for never
 * @block_removable: whether other removable drives cannot be used
 * @bitlocker: whether the drive is encrypted at the first sign-in; Windows asks for the password
 * @bitlocker_recovery: (nullable): a folder in Windows' words for the recovery key; %NULL shows it
 * @applocker: (nullable): path of an AppLocker policy (XML)
 * @code_integrity: (nullable): path of a compiled App Control policy, called `{GUID}.cip` or
 *   `SiPolicy.p7b`
 * @wifi: (nullable): paths of Wi-Fi profiles (XML)
 * @root_certificates: (nullable): paths of certificates of authorities to trust
 * @client_certificates: (nullable): paths of the computer's own certificates with keys (PFX)
 * @client_password: (nullable): the password of these
 *
 * A plain struct.
 */
typedef struct
{
  guint lock_minutes;
  gboolean block_removable;
  gboolean bitlocker;
  char *bitlocker_recovery;
  char *applocker;
  char *code_integrity;
  char **wifi;
  char **root_certificates;
  char **client_certificates;
  char *client_password;
} ValisePolicies;

/**
 * ValiseSetupFile:
 * @target: where it belongs in Windows, with backslashes, from the volume's root
 * @contents: what is in it
 *
 * A file that is put into Windows.
 */
typedef struct
{
  char *target;
  GBytes *contents;
} ValiseSetupFile;

GPtrArray *valise_setup_files_new (void);
void valise_setup_files_take (GPtrArray *files, char *target, GBytes *contents);

void valise_policies_copy (const ValisePolicies *self, ValisePolicies *copy);
void valise_policies_clear (ValisePolicies *self);
gboolean valise_policies_check (const ValisePolicies *self, GError **error);
gboolean valise_policies_check_edition (const ValisePolicies *self,
                                        const char *edition_id,
                                        GError **error);
void valise_policies_add_changes (const ValisePolicies *self, GPtrArray *changes);
gboolean valise_policies_add_files (const ValisePolicies *self, GPtrArray *files, GError **error);
const char *valise_policies_get_system_command (const ValisePolicies *self);
const char *valise_policies_get_logon_command (const ValisePolicies *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValisePolicies, valise_policies_clear)

G_END_DECLS
