/* valise-signature.h: who signed a program for the firmware, and whether it is still that program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-pe.h"

G_BEGIN_DECLS

/**
 * ValiseSignatureState:
 * @VALISE_SIGNATURE_NONE: it is not signed
 * @VALISE_SIGNATURE_DAMAGED: it was signed, but the signature or the program was changed since
 * @VALISE_SIGNATURE_UNSUPPORTED: it is signed in a way that cannot be checked here
 * @VALISE_SIGNATURE_GOOD: it is what the signer signed; who that is, @issuer says
 */
typedef enum
{
  VALISE_SIGNATURE_NONE,
  VALISE_SIGNATURE_DAMAGED,
  VALISE_SIGNATURE_UNSUPPORTED,
  VALISE_SIGNATURE_GOOD,
} ValiseSignatureState;

/**
 * ValiseSigningCa:
 * @VALISE_SIGNING_CA_OTHER: none of those below
 * @VALISE_SIGNING_CA_2011: “Microsoft Windows Production PCA 2011”
 * @VALISE_SIGNING_CA_2023: “Windows UEFI CA 2023”
 *
 * The authority whose certificate firmware must have to start a program, by its name.
 */
typedef enum
{
  VALISE_SIGNING_CA_OTHER,
  VALISE_SIGNING_CA_2011,
  VALISE_SIGNING_CA_2023,
} ValiseSigningCa;

/**
 * ValiseSignature:
 * @state: what was found; the rest is there only for %VALISE_SIGNATURE_GOOD
 * @subject: (nullable): the common name of the certificate that was signed with
 * @issuer: (nullable): the common name of the authority that issued it
 * @ca: which of those that matter that is
 * @not_before: from when on the certificate was valid, in seconds since 1970
 * @not_after: until when
 * @root: (nullable): the last name of the chain as far as the file has it
 *
 * That a certificate was valid for a time only bounds when things were signed with it: firmware
 * does not refuse what was signed with one that has expired since.
 */
typedef struct
{
  ValiseSignatureState state;
  char *subject;
  char *issuer;
  ValiseSigningCa ca;
  gint64 not_before;
  gint64 not_after;
  char *root;
} ValiseSignature;

void valise_signature_read (ValiseSignature *self, const ValisePe *pe);
void valise_signature_clear (ValiseSignature *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseSignature, valise_signature_clear)

G_END_DECLS
