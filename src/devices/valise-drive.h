/* valise-drive.h: a drive that people may plug in, as lists show it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-drive-facts.h"

G_BEGIN_DECLS

#define VALISE_TYPE_DRIVE (valise_drive_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDrive, valise_drive, VALISE, DRIVE, GObject)

ValiseDrive *valise_drive_new (ValiseDriveFacts *facts);
const ValiseDriveFacts *valise_drive_get_facts (ValiseDrive *self);
gboolean valise_drive_get_present (ValiseDrive *self);
gboolean valise_drive_is_offered (ValiseDrive *self);
const GError *valise_drive_get_refusal (ValiseDrive *self);

void valise_drive_set_facts (ValiseDrive *self, ValiseDriveFacts *facts);
void valise_drive_set_gone (ValiseDrive *self);

G_END_DECLS
