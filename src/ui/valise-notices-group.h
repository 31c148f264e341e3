/* valise-notices-group.h: what to know of the image on the chosen drives, in rows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <adwaita.h>

#include "valise-choices.h"

G_BEGIN_DECLS

/**
 * ValiseNoticesScope:
 * @VALISE_NOTICES_IMAGE: what does not depend on a boot manager
 * @VALISE_NOTICES_START: what does
 * @VALISE_NOTICES_ALL: everything
 *
 * What a group shows.
 */
typedef enum
{
  VALISE_NOTICES_IMAGE,
  VALISE_NOTICES_START,
  VALISE_NOTICES_ALL,
} ValiseNoticesScope;

#define VALISE_TYPE_NOTICES_GROUP (valise_notices_group_get_type ())
G_DECLARE_FINAL_TYPE (
    ValiseNoticesGroup, valise_notices_group, VALISE, NOTICES_GROUP, AdwPreferencesGroup)

void valise_notices_group_set_choices (ValiseNoticesGroup *self,
                                       ValiseChoices *choices,
                                       ValiseNoticesScope scope);

G_END_DECLS
