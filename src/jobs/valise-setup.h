/* valise-setup.h: how the Windows on a drive is made its owner's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "boot/valise-answers.h"
#include "boot/valise-policies.h"
#include "boot/valise-windows-settings.h"

G_BEGIN_DECLS

/**
 * ValiseSetup:
 * @answers: what Windows would ask; @computer_name may be a pattern (valise-computer-name.c)
 * @windows: how Windows treats the PCs that it runs on
 * @reg_files: (nullable): paths of a user's own files of the registry editor, in order
 * @policies: what a company wants
 * @copies: (nullable): files and folders to put into Windows: “path|\\target”
 * @driver_folders: (nullable): paths of folders with drivers
 * @answer_file: (nullable): path of a user's own answer file, into which the answers are put
 * @pc_region: whether what was not chosen of language, keyboard and time zone is this computer's;
 *   the language only if the image has it
 *
 * A plain struct.
 */
typedef struct
{
  ValiseAnswers answers;
  ValiseWindowsSettings windows;
  char **reg_files;
  ValisePolicies policies;
  char **copies;
  char **driver_folders;
  char *answer_file;
  gboolean pc_region;
} ValiseSetup;

void valise_setup_init (ValiseSetup *self);
void valise_setup_copy (const ValiseSetup *self, ValiseSetup *copy);
void valise_setup_clear (ValiseSetup *self);
gboolean valise_setup_check (const ValiseSetup *self, GError **error);
gboolean valise_setup_load_registry (const ValiseSetup *self, GPtrArray *changes, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseSetup, valise_setup_clear)

G_END_DECLS
