/* valise-choices.h: what the user has chosen so far.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "devices/valise-drive.h"
#include "jobs/valise-inspect-job.h"
#include "jobs/valise-profile.h"
#include "jobs/valise-write-job.h"
#include "valise-job-model.h"

G_BEGIN_DECLS

/**
 * VALISE_CHOICES_MAX_DRIVES:
 *
 * As many drives can be chosen.
 */
#define VALISE_CHOICES_MAX_DRIVES VALISE_WRITE_JOB_MAX_TARGETS

#define VALISE_TYPE_CHOICES (valise_choices_get_type ())
G_DECLARE_FINAL_TYPE (ValiseChoices, valise_choices, VALISE, CHOICES, GObject)

ValiseChoices *valise_choices_new (void);

GFile *valise_choices_get_source (ValiseChoices *self);
void valise_choices_set_source (ValiseChoices *self, GFile *source);
ValiseInspectJob *valise_choices_get_inspection (ValiseChoices *self);
void valise_choices_set_inspection (ValiseChoices *self, ValiseInspectJob *inspection);
const ValiseEdition *valise_choices_get_edition (ValiseChoices *self);
void valise_choices_set_edition_index (ValiseChoices *self, guint index);

GListModel *valise_choices_get_drives (ValiseChoices *self);
gboolean valise_choices_has_drive (ValiseChoices *self, ValiseDrive *drive);
void valise_choices_add_drive (ValiseChoices *self, ValiseDrive *drive);
void valise_choices_remove_drive (ValiseChoices *self, ValiseDrive *drive);

ValisePlanLayout valise_choices_get_layout (ValiseChoices *self);
gboolean valise_choices_check_layout (ValiseChoices *self, GError **error);
ValiseBootManager valise_choices_get_boot_manager (ValiseChoices *self);
gboolean valise_choices_get_verify (ValiseChoices *self);
gboolean valise_choices_get_allow_encrypted (ValiseChoices *self);
gboolean valise_choices_get_eject (ValiseChoices *self);

ValiseProfile *valise_choices_get_profile (ValiseChoices *self);
char *valise_choices_get_choice (ValiseChoices *self, const char *key);
void valise_choices_set_choice (ValiseChoices *self, const char *key, const char *value);
void valise_choices_load_profile (ValiseChoices *self, const ValiseProfile *profile);
ValiseProfile *valise_choices_dup_profile (ValiseChoices *self);
gboolean valise_choices_check_setup (ValiseChoices *self, GError **error);
const GPtrArray *valise_choices_get_drivers (ValiseChoices *self);
void valise_choices_take_drivers (ValiseChoices *self, GPtrArray *drivers);

ValisePlan *valise_choices_make_plan (ValiseChoices *self, GError **error);
ValiseJobModel *valise_choices_get_job (ValiseChoices *self);
gboolean valise_choices_make_job (ValiseChoices *self, GError **error);
void valise_choices_set_job (ValiseChoices *self, ValiseJobModel *job);
void valise_choices_try_again (ValiseChoices *self);

G_END_DECLS
