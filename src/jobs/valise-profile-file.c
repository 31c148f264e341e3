/* valise-profile-file.c: profiles read from files.
 *
 * What is wrong with a single value is found while it is read, with its place. Whether the choices
 * are possible together is only known when all are there. The key that is to blame then is found by
 * trial: the one without which, or with another value of which, it would be right.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-profile-file.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-json-place.h"
#include "valise-profile-keys.h"

#define MAX_SIZE (1 * VALISE_MIB)

typedef struct
{
  char *text; /* MAX_SIZE and one more byte at most, so that what is too long shows */
  gsize size;
  char *folder;
  char *name;
} ProfileFile;

static void
profile_file_clear (ProfileFile *self)
{
  g_free (self->text);
  g_free (self->folder);
  g_free (self->name);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ProfileFile, profile_file_clear)

static gboolean
read_file (ProfileFile *self, const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (g_file_read (file, NULL, &cause));

  self->folder = g_path_get_dirname (absolute);
  self->name = g_filename_display_name (path);
  self->text = g_malloc (MAX_SIZE + 1);
  if (stream != NULL
      && g_input_stream_read_all (stream, self->text, MAX_SIZE + 1, &self->size, NULL, &cause))
    return TRUE;
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               /* Translators: a file's name, and what the system said. */
               _("The profile “%s” cannot be read: %s. Check the name and your rights."),
               self->name, cause->message);
  return FALSE;
}

/* Puts the file's name before what is wrong with it. */
static gboolean
refuse (const ProfileFile *file, GError **error)
{
  /* Translators: a file's name; what is wrong with it follows, a sentence a line. */
  g_prefix_error (error, _("The profile “%s” is not right:\n"), file->name);
  return FALSE;
}

static gboolean
load (ValiseProfile *self, const ProfileFile *file, GError **error)
{
  return valise_profile_from_json (self, file->text, file->size, file->folder, file->name, error)
         || refuse (file, error);
}

/* ---- who is to blame ---- */

/* The values that are tried: as if the key was not there, and others that somebody may have meant.
 * A text that is another one does no longer clash with one that is the same. */
static void
set_other (const ValiseProfileKey *key, ValiseProfile *profile, guint n)
{
  g_auto (ValiseProfile) usual = { 0 };
  g_autoptr (JsonNode) old = valise_profile_key_write (key, profile);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (n == 0)
    {
      valise_profile_init (&usual);
      node = valise_profile_key_write (key, &usual);
      if (node == NULL)
        valise_profile_key_clear (key, profile);
      else
        valise_profile_key_read (key, profile, node, NULL, NULL);
    }
  else if (key->words != NULL)
    valise_profile_key_read_text (key, profile, key->words[n - 1], NULL, NULL);
  else if (old != NULL && JSON_NODE_HOLDS_VALUE (old)
           && json_node_get_value_type (old) == G_TYPE_STRING)
    {
      text = g_strconcat (json_node_get_string (old), "1", NULL);
      valise_profile_key_read_text (key, profile, text, NULL, NULL);
    }
}

/* Whether it would be right with another value, or else be wrong in another way. */
static gboolean
try_others (const ProfileFile *file,
            const ValiseProfileKey *key,
            const GError *fault,
            gboolean *is_right)
{
  const guint n = 1 + (key->words != NULL ? g_strv_length ((char **) key->words) : 1);
  gboolean is_other = FALSE;

  *is_right = FALSE;
  for (guint i = 0; i < n && !*is_right; i++)
    {
      g_auto (ValiseProfile) trial = { 0 };
      g_autoptr (GError) error = NULL;

      valise_profile_init (&trial);
      if (!valise_profile_from_json (&trial, file->text, file->size, file->folder, NULL, NULL))
        return FALSE;
      set_other (key, &trial, i);
      *is_right = valise_profile_check (&trial, &error);
      is_other |= *is_right || !g_str_equal (error->message, fault->message);
    }
  return is_other;
}

/* Finds where the key to blame stands: the first in the table of keys with which all would be
 * right; else the only one with which something changes. */
static gboolean
find_blame (const ProfileFile *file, const GError *fault, guint *line, guint *column)
{
  const ValiseProfileKey *key;
  guint n_others = 0;

  for (guint i = 0; (key = valise_profile_key_get_nth (i)) != NULL; i++)
    {
      gboolean is_right;
      guint at_line, at_column;

      if (!valise_json_place_find (file->text, file->size, key->section, key->name, &at_line,
                                   &at_column)
          || !try_others (file, key, fault, &is_right))
        continue;
      n_others++;
      *line = at_line;
      *column = at_column;
      if (is_right)
        return TRUE;
    }
  return n_others == 1;
}

/**
 * valise_profile_load:
 * @self: a profile, into which is read
 * @path: a file
 * @error: where to put an error of %VALISE_PLAN_ERROR, with one line for each fault
 *
 * Whether the choices fit together is for valise_profile_check(), when others have been added.
 *
 * Returns: whether it is a profile without faults
 */
gboolean
valise_profile_load (ValiseProfile *self, const char *path, GError **error)
{
  g_auto (ProfileFile) file = { 0 };

  return read_file (&file, path, error) && load (self, &file, error);
}

/**
 * valise_profile_load_checked:
 * @self: a new profile, into which is read
 * @path: a file
 * @error: where to put an error of %VALISE_PLAN_ERROR, with one line for each fault
 *
 * Checks, too, whether the choices are possible and fit together, by themselves.
 *
 * Returns: whether it is a profile without faults
 */
gboolean
valise_profile_load_checked (ValiseProfile *self, const char *path, GError **error)
{
  g_auto (ProfileFile) file = { 0 };
  g_autoptr (GError) fault = NULL;
  guint line, column;

  if (!read_file (&file, path, error) || !load (self, &file, error))
    return FALSE;
  if (valise_profile_check (self, &fault))
    return TRUE;
  if (find_blame (&file, fault, &line, &column))
    g_prefix_error (&fault, "%s:%u:%u: ", file.name, line, column);
  g_propagate_error (error, g_steal_pointer (&fault));
  return refuse (&file, error);
}
