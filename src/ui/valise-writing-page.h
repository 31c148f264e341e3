/* valise-writing-page.h: the page on which drives are written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-page.h"

G_BEGIN_DECLS

#define VALISE_TYPE_WRITING_PAGE (valise_writing_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseWritingPage, valise_writing_page, VALISE, WRITING_PAGE, ValisePage)

G_END_DECLS
