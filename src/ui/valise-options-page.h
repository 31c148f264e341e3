/* valise-options-page.h: the page of what can be chosen otherwise.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-page.h"

G_BEGIN_DECLS

#define VALISE_TYPE_OPTIONS_PAGE (valise_options_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseOptionsPage, valise_options_page, VALISE, OPTIONS_PAGE, ValisePage)

G_END_DECLS
