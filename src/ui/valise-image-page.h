/* valise-image-page.h: the first page: an image, and which of its editions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-page.h"

G_BEGIN_DECLS

#define VALISE_TYPE_IMAGE_PAGE (valise_image_page_get_type ())
G_DECLARE_FINAL_TYPE (ValiseImagePage, valise_image_page, VALISE, IMAGE_PAGE, ValisePage)

G_END_DECLS
