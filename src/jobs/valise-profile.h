/* valise-profile.h: all choices for a drive, in a file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-plan.h"

G_BEGIN_DECLS

/* The member `format` of a profile, and the versions that are read. */
#define VALISE_PROFILE_FORMAT "valise-profile"
#define VALISE_PROFILE_VERSION 1

/**
 * ValiseProfile:
 * @name: (nullable): what it is called
 * @edition: (nullable): the edition's id or name
 * @layout: the partition table
 * @container: whether Windows is put into a virtual disk, and in which format
 * @container_size: the virtual disk's size in bytes; 0 for what is sensible
 * @boot_manager: which of the image's boot managers starts the drive
 * @compact: how much Windows is compressed
 * @no_verify: whether the drives are not read back
 * @allow_encrypted: whether to go on although encrypted files of the image come out empty
 * @cache_size: memory for the volume cache in bytes; 0 for the default
 * @setup: how Windows is made its owner's
 *
 * What a user can choose, except for the image and the drives. A plain struct; see
 * valise-profile.c.
 */
typedef struct
{
  char *name;
  char *edition;
  ValisePlanLayout layout;
  ValiseContainerKind container;
  guint64 container_size;
  ValiseBootManager boot_manager;
  ValiseCompactMode compact;
  gboolean no_verify;
  gboolean allow_encrypted;
  guint64 cache_size;
  ValiseSetup setup;
} ValiseProfile;

void valise_profile_init (ValiseProfile *self);
void valise_profile_copy (const ValiseProfile *self, ValiseProfile *copy);
void valise_profile_clear (ValiseProfile *self);
void valise_profile_get_options (const ValiseProfile *self, ValisePlanOptions *options);
gboolean valise_profile_check (const ValiseProfile *self, GError **error);

gboolean
valise_profile_set (ValiseProfile *self, const char *key, const char *value, GError **error);
void valise_profile_unset (ValiseProfile *self, const char *key);
char *valise_profile_get (const ValiseProfile *self, const char *key);
char *valise_profile_get_text (const ValiseProfile *self, const char *key);
char **valise_profile_get_list (const ValiseProfile *self, const char *key);
char **valise_profile_list_changed (const ValiseProfile *self);
gboolean valise_profile_has_secrets (const ValiseProfile *self);

gboolean valise_profile_from_json (ValiseProfile *self,
                                   const char *json,
                                   gsize size,
                                   const char *folder,
                                   const char *file,
                                   GError **error);
char *valise_profile_digest_setup (const ValiseSetup *setup);
char *valise_profile_to_json (const ValiseProfile *self, gboolean with_secrets);
gboolean valise_profile_save (const ValiseProfile *self,
                              const char *path,
                              gboolean with_secrets,
                              GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ValiseProfile, valise_profile_clear)

G_END_DECLS
