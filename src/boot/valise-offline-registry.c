/* valise-offline-registry.c: the registry of a Windows that does not run yet.
 *
 * Makes changes in a hive of an image, all of them at once. The hive is foreign: it is looked at
 * before hivex gets it, and looked at again after it was written. What hivex writes otherwise than
 * Windows would is put right by valise-hive-order.c, or refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-offline-registry.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-bytes.h"
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-hive-order.h"
#include "valise-hive.h"

#define BASE_SIZE 4096 /* what stands before the first bin */
#define SMALLEST_SIZE (2 * BASE_SIZE)
#define LARGEST_SIZE (512 * VALISE_MIB) /* hivex holds all of it; real ones have 10 to 30 MiB */

/* A hive's file in words: without the first backslash. */
static const char *
get_file_name (ValiseRegistryHive which)
{
  return valise_registry_hive_get_path (which) + 1;
}

static gboolean
set_corrupt (ValiseRegistryHive which, GError **error)
{
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
               /* Translators: %s is a file of Windows' registry. */
               _ ("The image’s registry (%s) is damaged. Use another image."),
               get_file_name (which));
  return FALSE;
}

static gboolean
set_system_error (const char *path, int error_number, GError **error)
{
  g_set_error (error, VALISE_SYSTEM_ERROR,
               error_number == ENOSPC   ? VALISE_SYSTEM_ERROR_NO_SPACE
               : error_number == ENOMEM ? VALISE_SYSTEM_ERROR_NO_MEMORY
                                        : VALISE_SYSTEM_ERROR_FAILED,
               /* Translators: a file's path, and what the system said. */
               _ ("The image’s registry cannot be changed in the temporary file “%s”: %s. See that "
                  "there is space in the folder for temporary files."),
               path, g_strerror (error_number));
  return FALSE;
}

/* The hive's base block: “Windows registry file format specification”, github.com/msuhanov/regf. */
static gboolean
check_base (const guint8 *base, guint64 size, ValiseRegistryHive which, GError **error)
{
  const guint64 bins_size = valise_get_le32 (base + 40);
  guint32 checksum = 0;

  for (guint i = 0; i < 508; i += 4)
    checksum ^= valise_get_le32 (base + i);
  checksum = checksum == 0 ? 1 : checksum == G_MAXUINT32 ? G_MAXUINT32 - 1 : checksum;
  if (memcmp (base, "regf", 4) != 0 || bins_size == 0 || bins_size % BASE_SIZE != 0 ||
      bins_size + BASE_SIZE > size || valise_get_le32 (base + 508) != checksum)
    return set_corrupt (which, error);

  if (valise_get_le32 (base + 4) != valise_get_le32 (base + 8))
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                   /* Translators: %s is a file of Windows' registry. */
                   _ ("The image’s registry (%s) has changes that are only in its log, because the "
                      "Windows in it was not shut down. Start that Windows once, shut it down, and "
                      "capture the image again."),
                   get_file_name (which));
      return FALSE;
    }
  return TRUE;
}

/* Before hivex sees the file: a size that it can take, and a hive that was closed properly. */
static gboolean
check_file (const char *path, ValiseRegistryHive which, GError **error)
{
  guint8 base[BASE_SIZE];
  struct stat st;
  ssize_t n = -1;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  int error_number = 0;

  if (fd < 0 && errno == ENOENT)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                   /* Translators: %s is a file of Windows' registry. */
                   _ ("The image has no registry (%s). Use a complete image of Windows."),
                   get_file_name (which));
      return FALSE;
    }
  if (fd < 0 || fstat (fd, &st) != 0 ||
      (S_ISREG (st.st_mode) && (n = read (fd, base, sizeof base)) < 0))
    error_number = errno;
  if (fd >= 0)
    close (fd);
  if (error_number != 0)
    return set_system_error (path, error_number, error);
  if (!S_ISREG (st.st_mode) || n != sizeof base || st.st_size < SMALLEST_SIZE ||
      (guint64)st.st_size > LARGEST_SIZE)
    return set_corrupt (which, error);
  return check_base (base, st.st_size, which, error);
}

/* The name of the control set that Windows starts with: `Select\Current`, or else `Default`. */
static char *
find_control_set (hive_h *hive)
{
  static const char *const names[] = { "Current", "Default" };
  hive_node_h select = valise_hive_find (hive, hivex_root (hive), "Select");

  for (guint i = 0; select != 0 && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = NULL;
      guint32 number;

      if (!valise_hive_get_dword (hive, select, names[i], &number) || number < 1 || number > 999)
        continue;
      name = g_strdup_printf ("ControlSet%03u", number);
      if (valise_hive_find (hive, hivex_root (hive), name) != 0)
        return g_steal_pointer (&name);
    }
  return NULL;
}

/* ---- one edit of a hive ---- */

typedef struct
{
  ValiseRegistryHive which;
  const char *path; /* of the file */
  hive_h *hive;
  char *control_set; /* (nullable) */
  gboolean changed;
  GPtrArray *made;    /* char: paths of keys that were added */
  GPtrArray *deleted; /* char: paths of keys that were deleted */
} Edit;

static void
edit_clear (Edit *edit)
{
  g_clear_pointer (&edit->hive, hivex_close);
  g_free (edit->control_set);
  g_clear_pointer (&edit->made, g_ptr_array_unref);
  g_clear_pointer (&edit->deleted, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Edit, edit_clear)

static gboolean
set_failed (const ValiseRegistryChange *change, GError **error)
{
  g_autofree char *place = *change->name != '\0'
                               ? g_strconcat (change->key, "\\", change->name, NULL)
                               : g_strdup (change->key);
  g_autofree char *name =
      change->origin != NULL ? g_strdup_printf ("%s (%s)", place, change->origin)
                             : g_steal_pointer (&place);

  if (errno == ENOMEM)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_MEMORY,
                 _ ("There is not enough memory to change the image’s registry. Close other "
                    "programs and try again."));
  else
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNSUPPORTED,
                 /* Translators: a place in Windows' registry, and its file. */
                 _ ("“%s” cannot be changed in the image’s registry (%s), which may be damaged, or "
                    "has a value there that is too large to be written again. Use another image, "
                    "or leave this change out."),
                 name, get_file_name (change->hive));
  return FALSE;
}

static gboolean
open_hive (Edit *edit, int flags, GError **error)
{
  g_clear_pointer (&edit->hive, hivex_close);
  edit->hive = hivex_open (edit->path, flags);
  if (edit->hive == NULL && errno != ENOTSUP && errno != EINVAL && errno != EFAULT)
    return set_system_error (edit->path, errno, error);
  if (edit->hive == NULL)
    return set_corrupt (edit->which, error);
  return TRUE;
}

/* The key in the hive that a change is about, which in SYSTEM may be one of the current set. */
static char *
resolve (Edit *edit, const ValiseRegistryChange *change, GError **error)
{
  static const char current[] = "CurrentControlSet";
  const gsize n = strlen (current);

  if (edit->which != VALISE_REGISTRY_SYSTEM || g_ascii_strncasecmp (change->key, current, n) != 0 ||
      (change->key[n] != '\\' && change->key[n] != '\0'))
    return g_strdup (change->key);
  if (edit->control_set == NULL)
    edit->control_set = find_control_set (edit->hive);
  if (edit->control_set == NULL)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_A_SYSTEM,
                   _ ("The image’s registry does not say what Windows starts with (Select\\Current "
                      "in Windows\\System32\\config\\SYSTEM). Use a complete image of Windows."));
      return NULL;
    }
  return g_strconcat (edit->control_set, change->key + n, NULL);
}

/* Finds a key, and makes what is missing of it. */
static hive_node_h
make_key (Edit *edit, const char *key)
{
  g_auto (GStrv) names = g_strsplit (key, "\\", -1);
  g_autoptr (GString) path = g_string_new (NULL);
  hive_node_h node = hivex_root (edit->hive);

  for (guint i = 0; names[i] != NULL && node != 0; i++)
    {
      hive_node_h child = valise_hive_find (edit->hive, node, names[i]);

      g_string_append_printf (path, "%s%s", i > 0 ? "\\" : "", names[i]);
      if (child == 0)
        {
          child = hivex_node_add_child (edit->hive, node, names[i]);
          edit->changed = TRUE;
          g_ptr_array_add (edit->made, g_strdup (path->str));
        }
      node = child;
    }
  return node;
}

static void
value_free (gpointer data)
{
  hive_set_value *value = data;

  g_free (value->key);
  g_free (value->value);
  g_free (value);
}

/* All values of a key. */
static GPtrArray *
load_values (hive_h *hive, hive_node_h node)
{
  g_autofree hive_value_h *handles = hivex_node_values (hive, node);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (value_free);

  for (guint i = 0; handles != NULL && handles[i] != 0; i++)
    {
      hive_set_value *value = g_new0 (hive_set_value, 1);

      g_ptr_array_add (values, value);
      value->key = hivex_value_key (hive, handles[i]);
      value->value = hivex_value_value (hive, handles[i], &value->t, &value->len);
      if (value->key == NULL || value->value == NULL)
        return NULL;
    }
  return handles != NULL ? g_steal_pointer (&values) : NULL;
}

static gboolean
find_value (GPtrArray *values, const char *name, guint *index)
{
  g_autofree char *wanted = valise_hive_fold (name);

  for (guint i = 0; i < values->len; i++)
    {
      g_autofree char *folded =
          valise_hive_fold (((const hive_set_value *)g_ptr_array_index (values, i))->key);

      *index = i;
      if (g_str_equal (folded, wanted))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_data (const hive_set_value *value, const ValiseRegistryChange *change)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (change->data, &size);

  return value->t == (hive_type)change->type && value->len == size &&
         (size == 0 || memcmp (value->value, data, size) == 0);
}

static gboolean
are_equal (GPtrArray *a, GPtrArray *b)
{
  gboolean equal = a->len == b->len;

  for (guint i = 0; equal && i < a->len; i++)
    {
      const hive_set_value *one = g_ptr_array_index (a, i);
      const hive_set_value *other = g_ptr_array_index (b, i);

      equal = g_str_equal (one->key, other->key) && one->t == other->t && one->len == other->len &&
              (one->len == 0 || memcmp (one->value, other->value, one->len) == 0);
    }
  return equal;
}

/* Makes one change among the values of a key. */
static void
change_values (GPtrArray *values, const ValiseRegistryChange *change)
{
  hive_set_value *value;
  guint i;
  const gboolean found = find_value (values, change->name, &i);
  gsize size;
  gconstpointer data;

  if (change->action == VALISE_REGISTRY_DELETE_VALUE)
    {
      if (found)
        g_ptr_array_remove_index (values, i);
      return;
    }
  if (!found)
    {
      i = values->len;
      value = g_new0 (hive_set_value, 1);
      value->key = g_strdup (change->name);
      g_ptr_array_add (values, value);
    }
  value = g_ptr_array_index (values, i);
  data = g_bytes_get_data (change->data, &size);
  g_free (value->value);
  value->value = g_malloc0 (size + 1);
  if (size > 0)
    memcpy (value->value, data, size);
  value->len = size;
  value->t = (hive_type)change->type;
}

static gboolean
store_values (hive_h *hive, hive_node_h node, GPtrArray *values)
{
  g_autofree hive_set_value *array = g_new0 (hive_set_value, values->len + 1);

  for (guint i = 0; i < values->len; i++)
    {
      array[i] = *(const hive_set_value *)g_ptr_array_index (values, i);
      if (array[i].len > VALISE_REGISTRY_MAX_DATA)
        {
          errno = ENOTSUP;
          return FALSE;
        }
    }
  return valise_hive_can_free (hive, node, FALSE)
         && hivex_node_set_values (hive, node, values->len, array, 0) == 0;
}

static gboolean
is_about_value (const ValiseRegistryChange *change)
{
  return change->action == VALISE_REGISTRY_SET_VALUE ||
         change->action == VALISE_REGISTRY_DELETE_VALUE;
}

/* Makes the changes from @i on that are about values of one key, in one go: hivex writes all values
 * of a key anew. Moves @i behind them. */
static gboolean
edit_values (Edit *edit, const char *key, const GPtrArray *changes, guint *i, GError **error)
{
  const ValiseRegistryChange *first = g_ptr_array_index (changes, *i);
  g_autoptr (GPtrArray) values = NULL;
  g_autoptr (GPtrArray) old = NULL;
  hive_node_h node = valise_hive_find (edit->hive, hivex_root (edit->hive), key);

  errno = 0;
  for (; *i < changes->len; (*i)++)
    {
      const ValiseRegistryChange *change = g_ptr_array_index (changes, *i);

      if (change->hive != edit->which || !is_about_value (change) ||
          g_ascii_strcasecmp (change->key, first->key) != 0)
        break;
      if (node == 0 && change->action == VALISE_REGISTRY_DELETE_VALUE)
        continue;
      if (node == 0)
        node = make_key (edit, key);
      if (values == NULL && node != 0)
        values = load_values (edit->hive, node);
      if (values == NULL)
        return set_failed (change, error);
      change_values (values, change);
    }
  (*i)--;
  old = values != NULL ? load_values (edit->hive, node) : NULL;
  if (old == NULL || are_equal (old, values))
    return TRUE;
  edit->changed = TRUE;
  errno = 0;
  return store_values (edit->hive, node, values) || set_failed (first, error);
}

static gboolean
delete_key (Edit *edit, const char *key)
{
  hive_node_h node = valise_hive_find (edit->hive, hivex_root (edit->hive), key);

  if (node == 0)
    return TRUE;
  edit->changed = TRUE;
  g_ptr_array_add (edit->deleted, g_strdup (key));
  return valise_hive_can_free (edit->hive, node, TRUE)
         && hivex_node_delete_child (edit->hive, node) == 0;
}

static gboolean
make_changes (Edit *edit, const GPtrArray *changes, GError **error)
{
  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseRegistryChange *change = g_ptr_array_index (changes, i);
      g_autofree char *key = NULL;

      if (change->hive != edit->which)
        continue;
      key = resolve (edit, change, error);
      if (key == NULL)
        return FALSE;
      errno = 0;
      if (is_about_value (change))
        {
          if (!edit_values (edit, key, changes, &i, error))
            return FALSE;
        }
      else if (change->action == VALISE_REGISTRY_MAKE_KEY ? make_key (edit, key) == 0
                                                          : !delete_key (edit, key))
        {
          return set_failed (change, error);
        }
    }
  return TRUE;
}

/* The key that a key is in. */
static hive_node_h
find_parent (hive_h *hive, const char *key)
{
  const char *last = strrchr (key, '\\');
  g_autofree char *parent = last != NULL ? g_strndup (key, last - key) : NULL;

  return parent != NULL ? valise_hive_find (hive, hivex_root (hive), parent) : hivex_root (hive);
}

/* Puts right what hivex has written otherwise than Windows would. */
static gboolean
put_in_order (Edit *edit, GError **error)
{
  g_autofree char *data = NULL;
  gsize size;

  if (edit->made->len + edit->deleted->len == 0)
    return TRUE;
  if (!open_hive (edit, 0, error) || !g_file_get_contents (edit->path, &data, &size, error))
    return FALSE;
  for (guint i = 0; i < edit->deleted->len; i++)
    {
      hive_node_h parent = find_parent (edit->hive, g_ptr_array_index (edit->deleted, i));

      if (parent != 0 && !valise_hive_order_tidy ((guint8 *)data, size, parent))
        return set_corrupt (edit->which, error);
    }
  for (guint i = 0; i < edit->made->len; i++)
    {
      const char *key = g_ptr_array_index (edit->made, i);
      hive_node_h node = valise_hive_find (edit->hive, hivex_root (edit->hive), key);

      /* A later change may have deleted it. */
      if (node != 0 && !valise_hive_order_place ((guint8 *)data, size,
                                                 find_parent (edit->hive, key), node))
        return set_corrupt (edit->which, error);
    }
  g_clear_pointer (&edit->hive, hivex_close);
  return g_file_set_contents_full (edit->path, data, size, G_FILE_SET_CONTENTS_NONE, 0600, error);
}

/* ---- looking at what was written ---- */

static gboolean
is_below (const char *key, const char *folder)
{
  const gsize n = strlen (folder);

  return strncmp (key, folder, n) == 0 && (key[n] == '\0' || key[n] == '\\');
}

static gboolean
is_covered (const char *key, GPtrArray *deleted)
{
  for (guint i = 0; i < deleted->len; i++)
    if (is_below (key, g_ptr_array_index (deleted, i)))
      return TRUE;
  return FALSE;
}

static gboolean
check_change (hive_h *hive, const char *key, const ValiseRegistryChange *change)
{
  hive_node_h node = valise_hive_find (hive, hivex_root (hive), key);
  g_autoptr (GPtrArray) values = NULL;
  guint i;

  switch (change->action)
    {
    case VALISE_REGISTRY_MAKE_KEY:
      return node != 0;
    case VALISE_REGISTRY_DELETE_KEY:
      return node == 0;
    case VALISE_REGISTRY_DELETE_VALUE:
      return node == 0 ||
             ((values = load_values (hive, node)) != NULL &&
              !find_value (values, change->name, &i));
    case VALISE_REGISTRY_SET_VALUE:
      return node != 0 && (values = load_values (hive, node)) != NULL &&
             find_value (values, change->name, &i) &&
             has_data (g_ptr_array_index (values, i), change);
    default:
      return FALSE;
    }
}

/* Each change must show, unless a later one has undone it: hence from the last to the first. */
static gboolean
verify (Edit *edit, const GPtrArray *changes, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) deleted = g_ptr_array_new_with_free_func (g_free);
  gboolean good = TRUE;

  if (!open_hive (edit, 0, error))
    return FALSE;
  for (guint i = changes->len; good && i-- > 0;)
    {
      const ValiseRegistryChange *change = g_ptr_array_index (changes, i);
      g_autofree char *key = NULL;
      g_autofree char *folded = NULL;
      g_autofree char *folded_name = NULL;
      char *id;

      if (change->hive != edit->which)
        continue;
      key = resolve (edit, change, error);
      if (key == NULL)
        return FALSE;
      folded = valise_hive_fold (key);
      folded_name = valise_hive_fold (change->name);
      /* A newline is in no name of a key. */
      id = g_strconcat (folded, "\n", is_about_value (change) ? folded_name : "\n", NULL);
      if (!is_covered (folded, deleted) && !g_hash_table_contains (seen, id))
        good = change->action == VALISE_REGISTRY_DELETE_KEY
               || check_change (edit->hive, key, change);
      g_hash_table_add (seen, id);
      if (change->action == VALISE_REGISTRY_DELETE_KEY)
        {
          gboolean remade = FALSE;

          for (guint j = i + 1; j < changes->len && !remade; j++)
            {
              const ValiseRegistryChange *later = g_ptr_array_index (changes, j);
              g_autofree char *later_key = valise_hive_fold (later->key);
              g_autofree char *own_key = valise_hive_fold (change->key);

              remade = later->hive == edit->which &&
                       (later->action == VALISE_REGISTRY_SET_VALUE ||
                        later->action == VALISE_REGISTRY_MAKE_KEY) &&
                       is_below (later_key, own_key);
            }
          good = remade || check_change (edit->hive, key, change);
          g_ptr_array_add (deleted, g_steal_pointer (&folded));
        }
    }
  if (!good)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                 _ ("The library hivex has not written the registry as it was asked to. Please "
                    "report this."));
  return good;
}

/**
 * valise_offline_registry_apply:
 * @path: a copy of a file of an image's registry, changed in place
 * @hive: which of them it is
 * @changes: (element-type ValiseRegistryChange): what is to be changed; what concerns other hives
 *   is left out
 * @error: where to put an error
 *
 * Makes changes, in their order. Keys that are missing are made, and get the access rights and the
 * time of the key that they are in; everything else stays as it is, and so does the whole file
 * where all is as it should be already. What was written is read again.
 *
 * Errors: %VALISE_SOURCE_ERROR_CORRUPT for what is no hive, %VALISE_SOURCE_ERROR_UNSUPPORTED for
 * one that was not closed (what is missing is in its log) or that hivex cannot change,
 * %VALISE_SOURCE_ERROR_NOT_A_SYSTEM where there is none or it names no control set, and those of
 * %VALISE_SYSTEM_ERROR. After an error the file is of no use.
 *
 * Blocks. Any thread; one at a time for a file.
 *
 * Returns: whether everything is as it should be
 */
gboolean
valise_offline_registry_apply (const char *path,
                               ValiseRegistryHive hive,
                               const GPtrArray *changes,
                               GError **error)
{
  g_auto (Edit) edit = { .which = hive, .path = path };

  edit.made = g_ptr_array_new_with_free_func (g_free);
  edit.deleted = g_ptr_array_new_with_free_func (g_free);
  if (!check_file (path, hive, error) || !open_hive (&edit, HIVEX_OPEN_WRITE, error) ||
      !make_changes (&edit, changes, error))
    return FALSE;
  if (edit.changed && hivex_commit (edit.hive, NULL, 0) != 0)
    return set_system_error (path, errno, error);
  return put_in_order (&edit, error) && verify (&edit, changes, error);
}
