/* valise-profile-keys.h: what keys a profile has.
 *
 * Private to src/jobs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <json-glib/json-glib.h>

#include "valise-profile.h"

G_BEGIN_DECLS

/**
 * ValiseProfileType:
 * @VALISE_PROFILE_TEXT: a text
 * @VALISE_PROFILE_SECRET: a text that is not saved unless somebody asks for it
 * @VALISE_PROFILE_PATH: a file's name; where it is not absolute, from the profile's folder
 * @VALISE_PROFILE_BOOLEAN: true or false
 * @VALISE_PROFILE_NOT: true or false, and kept the other way round
 * @VALISE_PROFILE_SIZE: a size in bytes, or a text such as “128M”
 * @VALISE_PROFILE_NUMBER: a whole number from 0 on
 * @VALISE_PROFILE_WORD: one of certain words
 * @VALISE_PROFILE_TEXTS: a list of texts
 * @VALISE_PROFILE_PATHS: a list of files' names
 */
typedef enum
{
  VALISE_PROFILE_TEXT,
  VALISE_PROFILE_SECRET,
  VALISE_PROFILE_PATH,
  VALISE_PROFILE_BOOLEAN,
  VALISE_PROFILE_NOT,
  VALISE_PROFILE_SIZE,
  VALISE_PROFILE_NUMBER,
  VALISE_PROFILE_WORD,
  VALISE_PROFILE_TEXTS,
  VALISE_PROFILE_PATHS,
} ValiseProfileType;

/**
 * ValiseProfileKey:
 * @section: the object that it is in
 * @name: its name there
 * @type: what its value is
 * @offset: where in a #ValiseProfile it is kept
 * @words: (nullable) (array zero-terminated=1): the words that are possible, in the order of the
 *   enumeration
 */
typedef struct
{
  const char *section;
  const char *name;
  ValiseProfileType type;
  gsize offset;
  const char *const *words;
} ValiseProfileKey;

const ValiseProfileKey *valise_profile_key_get_nth (guint n);
const ValiseProfileKey *valise_profile_key_find (const char *section, const char *name);
gboolean valise_profile_key_is_section (const char *name);
char *valise_profile_key_guess (const char *path);

gboolean valise_profile_key_read_text (const ValiseProfileKey *key,
                                       ValiseProfile *profile,
                                       const char *text,
                                       const char *folder,
                                       GError **error);
gboolean valise_profile_key_read (const ValiseProfileKey *key,
                                  ValiseProfile *profile,
                                  JsonNode *node,
                                  const char *folder,
                                  GError **error);
JsonNode *valise_profile_key_write (const ValiseProfileKey *key, const ValiseProfile *profile);
void valise_profile_keys_write (JsonBuilder *builder,
                                const ValiseProfile *profile,
                                gboolean (*is_wanted) (const ValiseProfileKey *key));
void valise_profile_key_clear (const ValiseProfileKey *key, ValiseProfile *profile);

G_END_DECLS
