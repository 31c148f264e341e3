/* valise-profile-options.h: the options that make Windows its owner's, and profiles.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "jobs/valise-profile.h"

G_BEGIN_DECLS

/**
 * ValiseProfileOptions:
 *
 * What stands on the command line; see valise-profile-options.c.
 */
typedef struct
{
  char *profile;
  char **set;
  char *account;
  char *password_file;
  char *admin_password_file;
  char *computer_name;
  char *language;
  char *locale;
  char *keyboard;
  char *time_zone;
  char *unattend;
  char *internal_disks;
  char *device_encryption;
  gboolean fast_startup;
  gboolean portable_os;
  gboolean require_network;
  char **reg_files;
  char **driver_folders;
  gboolean pc_region;
  gboolean skip_questions;
  char *save_profile;
  gboolean save_secrets;
} ValiseProfileOptions;

void valise_profile_options_add (ValiseProfileOptions *self, GOptionContext *context);
void valise_profile_options_clear (ValiseProfileOptions *self);
gboolean valise_profile_options_apply (const ValiseProfileOptions *self,
                                       ValiseProfile *profile,
                                       GError **error);
gboolean valise_profile_options_save (const ValiseProfileOptions *self,
                                      const ValiseProfile *profile,
                                      GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseProfileOptions, valise_profile_options_clear)

G_END_DECLS
