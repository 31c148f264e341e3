/* valise-result-page.h: the page that says what came of each drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-page.h"

G_BEGIN_DECLS

#define VALISE_TYPE_RESULT_PAGE (valise_result_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseResultPage, valise_result_page, VALISE, RESULT_PAGE, ValisePage)

G_END_DECLS
