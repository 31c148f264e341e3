/* valise-registry-changes.h: a list of what is to be changed in the registry of an image.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseRegistryHive:
 * @VALISE_REGISTRY_SYSTEM: HKEY_LOCAL_MACHINE\SYSTEM
 * @VALISE_REGISTRY_SOFTWARE: HKEY_LOCAL_MACHINE\SOFTWARE
 * @VALISE_REGISTRY_DEFAULT: HKEY_USERS\.DEFAULT: what the sign-in screen and the system itself use
 * @VALISE_REGISTRY_USER: what each new user starts with: HKEY_CURRENT_USER of the users to come
 *
 * The files of an image's registry that can be changed.
 */
typedef enum
{
  VALISE_REGISTRY_SYSTEM,
  VALISE_REGISTRY_SOFTWARE,
  VALISE_REGISTRY_DEFAULT,
  VALISE_REGISTRY_USER,
} ValiseRegistryHive;

#define VALISE_REGISTRY_N_HIVES (VALISE_REGISTRY_USER + 1)

/**
 * ValiseRegistryAction:
 * @VALISE_REGISTRY_SET_VALUE: a value is set, whatever it was before; missing keys are made
 * @VALISE_REGISTRY_DELETE_VALUE: a value is deleted, where it is
 * @VALISE_REGISTRY_MAKE_KEY: a key is made, where it is missing
 * @VALISE_REGISTRY_DELETE_KEY: a key is deleted with all that is in it, where it is
 */
typedef enum
{
  VALISE_REGISTRY_SET_VALUE,
  VALISE_REGISTRY_DELETE_VALUE,
  VALISE_REGISTRY_MAKE_KEY,
  VALISE_REGISTRY_DELETE_KEY,
} ValiseRegistryAction;

/* Types of values; others are only numbers to Windows, too. */
#define VALISE_REG_NONE 0u
#define VALISE_REG_SZ 1u
#define VALISE_REG_EXPAND_SZ 2u
#define VALISE_REG_BINARY 3u
#define VALISE_REG_DWORD 4u
#define VALISE_REG_MULTI_SZ 7u
#define VALISE_REG_QWORD 11u

/* What a key's name, and a value's, can have at most, in UTF-16 units; and a key's depth. */
#define VALISE_REGISTRY_MAX_KEY_NAME 255
#define VALISE_REGISTRY_MAX_VALUE_NAME 16383
#define VALISE_REGISTRY_MAX_DEPTH 512

/**
 * VALISE_REGISTRY_MAX_DATA:
 *
 * The largest value in bytes. Windows keeps larger ones in pieces, which hivex cannot write.
 */
#define VALISE_REGISTRY_MAX_DATA 16344

/**
 * ValiseRegistryChange:
 * @hive: in which hive
 * @action: what is done
 * @key: the key below the hive's root, with `\` between names; in SYSTEM, `CurrentControlSet`
 *   stands for the control set that Windows starts with
 * @name: the value's name; "" for the key's own value, and where no value is meant
 * @type: the type, where a value is set
 * @data: (nullable): the value's bytes, where one is set
 * @origin: (nullable): who wants it, for errors, such as a file and line
 *
 * One change.
 */
typedef struct
{
  ValiseRegistryHive hive;
  ValiseRegistryAction action;
  char *key;
  char *name;
  guint32 type;
  GBytes *data;
  char *origin;
} ValiseRegistryChange;

GPtrArray *valise_registry_changes_new (void);
void valise_registry_changes_set (GPtrArray *changes,
                                  ValiseRegistryHive hive,
                                  const char *key,
                                  const char *name,
                                  guint32 type,
                                  gconstpointer data,
                                  gsize size);
void valise_registry_changes_set_dword (GPtrArray *changes,
                                        ValiseRegistryHive hive,
                                        const char *key,
                                        const char *name,
                                        guint32 value);
void valise_registry_changes_set_string (GPtrArray *changes,
                                         ValiseRegistryHive hive,
                                         const char *key,
                                         const char *name,
                                         const char *text);
void valise_registry_changes_delete_value (GPtrArray *changes,
                                           ValiseRegistryHive hive,
                                           const char *key,
                                           const char *name);
void
valise_registry_changes_make_key (GPtrArray *changes, ValiseRegistryHive hive, const char *key);
void
valise_registry_changes_delete_key (GPtrArray *changes, ValiseRegistryHive hive, const char *key);
void valise_registry_changes_set_origin (GPtrArray *changes, const char *origin);
void valise_registry_changes_append (GPtrArray *changes, const GPtrArray *more);
gboolean valise_registry_changes_concern (const GPtrArray *changes, ValiseRegistryHive hive);

const char *valise_registry_hive_get_path (ValiseRegistryHive hive);
const char *valise_registry_hive_get_name (ValiseRegistryHive hive);

G_END_DECLS
