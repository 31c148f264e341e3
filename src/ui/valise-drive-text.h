/* valise-drive-text.h: a drive in words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "devices/valise-drive.h"

G_BEGIN_DECLS

char *valise_drive_text_name (const ValiseDriveFacts *facts);
char *valise_drive_text_details (const ValiseDriveFacts *facts);
char *valise_drive_text_contents (const ValiseDriveFacts *facts);
const char *valise_drive_text_icon (const ValiseDriveFacts *facts);

G_END_DECLS
