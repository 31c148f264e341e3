/* valise-policy-files.h: files that a company's policies consist of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValisePolicyKind:
 * @VALISE_POLICY_APPLOCKER: an AppLocker policy (XML)
 * @VALISE_POLICY_APP_CONTROL: a compiled App Control policy
 * @VALISE_POLICY_WIFI: a Wi-Fi profile (XML)
 * @VALISE_POLICY_ROOT_CERTIFICATE: a certificate of an authority to trust (DER or PEM)
 * @VALISE_POLICY_CLIENT_CERTIFICATE: a certificate of the computer's own, with its key (PFX)
 *
 * What a file should be.
 */
typedef enum
{
  VALISE_POLICY_APPLOCKER,
  VALISE_POLICY_APP_CONTROL,
  VALISE_POLICY_WIFI,
  VALISE_POLICY_ROOT_CERTIFICATE,
  VALISE_POLICY_CLIENT_CERTIFICATE,
} ValisePolicyKind;

GBytes *valise_policy_file_load (ValisePolicyKind kind,
                                 const char *path,
                                 const char *password,
                                 char **summary,
                                 GError **error);

G_END_DECLS
