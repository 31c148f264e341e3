/* valise-edition-reader.h: learns from wimlib what editions an image file holds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <wimlib.h>

#include "valise-edition.h"

G_BEGIN_DECLS

ValiseEdition *valise_edition_read (WIMStruct *wim, guint index, const char *shown, GError **error);

G_END_DECLS
