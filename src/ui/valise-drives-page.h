/* valise-drives-page.h: the page of the drives that are to be written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-page.h"

G_BEGIN_DECLS

#define VALISE_TYPE_DRIVES_PAGE (valise_drives_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseDrivesPage, valise_drives_page, VALISE, DRIVES_PAGE, ValisePage)

G_END_DECLS
