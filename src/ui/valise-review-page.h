/* valise-review-page.h: the page that says what will happen, and asks once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-page.h"

G_BEGIN_DECLS

#define VALISE_TYPE_REVIEW_PAGE (valise_review_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseReviewPage, valise_review_page, VALISE, REVIEW_PAGE, ValisePage)

G_END_DECLS
