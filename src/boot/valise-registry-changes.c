/* valise-registry-changes.c: a list of what is to be changed in the registry of an image.
 *
 * Settings, policies and the user's own files all come down to this one list, in the order in which
 * they count: what comes later wins. Nothing is opened or checked here.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-registry-changes.h"

#include "valise-hive.h"

static void
change_free (gpointer data)
{
  ValiseRegistryChange *self = data;

  g_free (self->key);
  g_free (self->name);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_free (self->origin);
  g_free (self);
}

static ValiseRegistryChange *
add (GPtrArray *changes,
     ValiseRegistryHive hive,
     ValiseRegistryAction action,
     const char *key,
     const char *name)
{
  ValiseRegistryChange *change = g_new0 (ValiseRegistryChange, 1);

  change->hive = hive;
  change->action = action;
  change->key = g_strdup (key);
  change->name = g_strdup (name);
  g_ptr_array_add (changes, change);
  return change;
}

/**
 * valise_registry_changes_new:
 *
 * Returns: (transfer full) (element-type ValiseRegistryChange): an empty list
 */
GPtrArray *
valise_registry_changes_new (void)
{
  return g_ptr_array_new_with_free_func (change_free);
}

/**
 * valise_registry_changes_set:
 * @changes: a list
 * @hive: in which hive
 * @key: the key; see #ValiseRegistryChange
 * @name: the value's name; "" for the key's own value
 * @type: the value's type
 * @data: (array length=size) (nullable): the value's bytes, which are copied
 * @size: how many there are, at most %VALISE_REGISTRY_MAX_DATA
 *
 * Has a value set.
 */
void
valise_registry_changes_set (GPtrArray *changes,
                             ValiseRegistryHive hive,
                             const char *key,
                             const char *name,
                             guint32 type,
                             gconstpointer data,
                             gsize size)
{
  ValiseRegistryChange *change = add (changes, hive, VALISE_REGISTRY_SET_VALUE, key, name);

  change->type = type;
  change->data = g_bytes_new (data, size);
}

/**
 * valise_registry_changes_set_dword:
 * @changes: a list
 * @hive: in which hive
 * @key: the key; see #ValiseRegistryChange
 * @name: the value's name
 * @value: the number
 *
 * Has a REG_DWORD set.
 */
void
valise_registry_changes_set_dword (GPtrArray *changes,
                                   ValiseRegistryHive hive,
                                   const char *key,
                                   const char *name,
                                   guint32 value)
{
  const guint32 data = GUINT32_TO_LE (value);

  valise_registry_changes_set (changes, hive, key, name, VALISE_REG_DWORD, &data, sizeof data);
}

/**
 * valise_registry_changes_set_string:
 * @changes: a list
 * @hive: in which hive
 * @key: the key; see #ValiseRegistryChange
 * @name: the value's name
 * @text: the text, in UTF-8
 *
 * Has a REG_SZ set.
 */
void
valise_registry_changes_set_string (GPtrArray *changes,
                                    ValiseRegistryHive hive,
                                    const char *key,
                                    const char *name,
                                    const char *text)
{
  ValiseRegistryChange *change = add (changes, hive, VALISE_REGISTRY_SET_VALUE, key, name);

  change->type = VALISE_REG_SZ;
  change->data = valise_utf16_from_text (text);
}

/**
 * valise_registry_changes_delete_value:
 * @changes: a list
 * @hive: in which hive
 * @key: the key; see #ValiseRegistryChange
 * @name: the value's name; "" for the key's own value
 *
 * Has a value deleted, where it is.
 */
void
valise_registry_changes_delete_value (GPtrArray *changes,
                                      ValiseRegistryHive hive,
                                      const char *key,
                                      const char *name)
{
  add (changes, hive, VALISE_REGISTRY_DELETE_VALUE, key, name);
}

/**
 * valise_registry_changes_make_key:
 * @changes: a list
 * @hive: in which hive
 * @key: the key; see #ValiseRegistryChange
 *
 * Has a key made, where it is missing.
 */
void
valise_registry_changes_make_key (GPtrArray *changes, ValiseRegistryHive hive, const char *key)
{
  add (changes, hive, VALISE_REGISTRY_MAKE_KEY, key, "");
}

/**
 * valise_registry_changes_delete_key:
 * @changes: a list
 * @hive: in which hive
 * @key: the key; see #ValiseRegistryChange
 *
 * Has a key deleted with all that is in it, where it is.
 */
void
valise_registry_changes_delete_key (GPtrArray *changes, ValiseRegistryHive hive, const char *key)
{
  add (changes, hive, VALISE_REGISTRY_DELETE_KEY, key, "");
}

/**
 * valise_registry_changes_set_origin:
 * @changes: a list that is not empty
 * @origin: who wants the last change, as errors name it
 */
void
valise_registry_changes_set_origin (GPtrArray *changes, const char *origin)
{
  ValiseRegistryChange *change = g_ptr_array_index (changes, changes->len - 1);

  g_free (change->origin);
  change->origin = g_strdup (origin);
}

/**
 * valise_registry_changes_append:
 * @changes: a list
 * @more: what comes after it, and is copied
 */
void
valise_registry_changes_append (GPtrArray *changes, const GPtrArray *more)
{
  for (guint i = 0; i < more->len; i++)
    {
      const ValiseRegistryChange *from = g_ptr_array_index (more, i);
      ValiseRegistryChange *to = add (changes, from->hive, from->action, from->key, from->name);

      to->type = from->type;
      to->data = from->data != NULL ? g_bytes_ref (from->data) : NULL;
      to->origin = g_strdup (from->origin);
    }
}

/**
 * valise_registry_changes_concern:
 * @changes: a list
 * @hive: a hive
 *
 * Returns: whether the list has a change in @hive
 */
gboolean
valise_registry_changes_concern (const GPtrArray *changes, ValiseRegistryHive hive)
{
  for (guint i = 0; i < changes->len; i++)
    if (((const ValiseRegistryChange *)g_ptr_array_index (changes, i))->hive == hive)
      return TRUE;
  return FALSE;
}

/**
 * valise_registry_hive_get_path:
 * @hive: a hive
 *
 * Returns: the path of its file in an image, with backslashes, from the root on
 */
const char *
valise_registry_hive_get_path (ValiseRegistryHive hive)
{
  static const char *const paths[VALISE_REGISTRY_N_HIVES] = {
    [VALISE_REGISTRY_SYSTEM] = "\\Windows\\System32\\config\\SYSTEM",
    [VALISE_REGISTRY_SOFTWARE] = "\\Windows\\System32\\config\\SOFTWARE",
    [VALISE_REGISTRY_DEFAULT] = "\\Windows\\System32\\config\\DEFAULT",
    [VALISE_REGISTRY_USER] = "\\Users\\Default\\NTUSER.DAT",
  };

  return paths[hive];
}

/**
 * valise_registry_hive_get_name:
 * @hive: a hive
 *
 * Returns: where Windows shows it, as users write it
 */
const char *
valise_registry_hive_get_name (ValiseRegistryHive hive)
{
  static const char *const names[VALISE_REGISTRY_N_HIVES] = {
    [VALISE_REGISTRY_SYSTEM] = "HKEY_LOCAL_MACHINE\\SYSTEM",
    [VALISE_REGISTRY_SOFTWARE] = "HKEY_LOCAL_MACHINE\\SOFTWARE",
    [VALISE_REGISTRY_DEFAULT] = "HKEY_USERS\\.DEFAULT",
    [VALISE_REGISTRY_USER] = "HKEY_CURRENT_USER",
  };

  return names[hive];
}
