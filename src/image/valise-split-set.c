/* valise-split-set.c: the parts of an image that was split into SWM files.
 *
 * The first part is called install.swm, the others install2.swm, install3.swm and so on, all in
 * one folder; that is how dism and wimlib name them, and how Windows Setup looks for them. Where
 * they come through the document portal, each has a folder of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-split-set.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-sandbox.h"

static gsize
get_stem_size (const char *name)
{
  const char *dot = strrchr (name, '.');

  return dot != NULL ? (gsize) (dot - name) : strlen (name);
}

/**
 * valise_split_set_name:
 * @first: the first part’s name
 * @part: a part’s number, from 1
 *
 * Returns: (transfer full): that part’s name
 */
char *
valise_split_set_name (const char *first, guint part)
{
  gsize stem = get_stem_size (first);

  if (part <= 1)
    return g_strdup (first);
  return g_strdup_printf ("%.*s%u%s", (int) stem, first, part, first + stem);
}

/**
 * valise_split_set_first:
 * @name: a part’s name
 * @part: its number, from 1
 *
 * Returns: (transfer full) (nullable): the first part’s name; %NULL where @name does not end with
 *   @part
 */
char *
valise_split_set_first (const char *name, guint part)
{
  gsize stem = get_stem_size (name);
  g_autofree char *number = g_strdup_printf ("%u", part);
  gsize n = strlen (number);

  if (part <= 1)
    return g_strdup (name);
  if (stem <= n || strncmp (name + stem - n, number, n) != 0)
    return NULL;
  return g_strdup_printf ("%.*s%s", (int) (stem - n), name, name + stem);
}

/**
 * valise_split_set_has:
 * @first: the first part’s name
 * @name: a file’s name
 *
 * Any thread; looks at the names only.
 *
 * Returns: whether a further part of the set would be called @name, in whatever letters
 */
gboolean
valise_split_set_has (const char *first, const char *name)
{
  gsize stem = get_stem_size (first);
  guint64 part;
  char *end;

  if (g_ascii_strcasecmp (first + stem, ".swm") != 0 || g_ascii_strncasecmp (name, first, stem) != 0
      || !g_ascii_isdigit (name[stem]))
    return FALSE;
  part = g_ascii_strtoull (name + stem, &end, 10);
  return part > 1 && part <= VALISE_SPLIT_SET_MAX_PARTS && g_ascii_strcasecmp (end, ".swm") == 0;
}

/* The file in @folder that is called @name, in whatever letters. */
static char *
find_file (const char *folder, const char *name)
{
  g_autofree char *exact = g_build_filename (folder, name, NULL);
  g_autoptr (GDir) dir = NULL;
  const char *entry;

  if (g_file_test (exact, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&exact);
  dir = g_dir_open (folder, 0, NULL);
  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (g_ascii_strcasecmp (entry, name) == 0)
      return g_build_filename (folder, entry, NULL);
  return NULL;
}

static gboolean
is_part (const ValiseWimHeader *header, guint part, const ValiseWimHeader *one)
{
  return memcmp (header->guid, one->guid, sizeof header->guid) == 0 && header->part == part
         && header->n_parts == one->n_parts;
}

/* The part called @name among all that the document portal shows, each in a folder of its own. Some
 * may have the same name, and belong to other sets; one that cannot be read may belong to this. */
static char *
find_document (const char *documents, const char *name, guint part, const ValiseWimHeader *one)
{
  g_autoptr (GDir) dir = g_dir_open (documents, 0, NULL);
  g_autofree char *unread = NULL;
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (documents, entry, NULL);
      g_autofree char *path = find_file (folder, name);
      ValiseWimHeader header;

      if (path == NULL)
        continue;
      if (!valise_wim_header_read (path, name, &header, NULL))
        {
          g_free (unread);
          unread = g_steal_pointer (&path);
        }
      else if (is_part (&header, part, one))
        return g_steal_pointer (&path);
    }
  return g_steal_pointer (&unread);
}

static gboolean
check_part (const char *path, const char *shown, guint part, const ValiseWimHeader *one,
            GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  ValiseWimHeader header;

  if (!valise_wim_header_read (path, name, &header, error))
    return FALSE;
  if (is_part (&header, part, one))
    return TRUE;
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_PART_MISSING,
               _("“%s” is not part %u of the set that “%s” belongs to. Put the parts of one set "
                 "into one folder, without others."),
               name, part, shown);
  return FALSE;
}

/**
 * valise_split_set_find:
 * @path: one of the parts, any of them
 * @shown: the file as the user knows it
 * @header: its header
 * @error: where to put %VALISE_SOURCE_ERROR_PART_MISSING
 *
 * Finds the parts of a set, and looks whether they belong together.
 *
 * Returns: (transfer full) (element-type filename) (nullable): the paths of all parts, in order
 */
GPtrArray *
valise_split_set_find (const char *path, const char *shown, const ValiseWimHeader *header,
                       GError **error)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) missing = g_string_new (NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *documents = valise_sandbox_dup_documents (path);
  g_autofree char *first = NULL;

  if (header->part < 1 || header->part > header->n_parts
      || header->n_parts > VALISE_SPLIT_SET_MAX_PARTS)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                   _("“%s” is damaged: it says that it is part %u of %u. Download or copy it "
                     "again."),
                   shown, header->part, header->n_parts);
      return NULL;
    }
  first = valise_split_set_first (name, header->part);
  if (first == NULL)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_PART_MISSING,
                   _("“%s” is part %u of %u, but its name does not end with %u, so that the other "
                     "parts cannot be found. Give the parts their names back, such as install.swm, "
                     "install2.swm, install3.swm, and choose the first."),
                   shown, header->part, header->n_parts, header->part);
      return NULL;
    }
  for (guint i = 1; i <= header->n_parts; i++)
    {
      g_autofree char *wanted = valise_split_set_name (first, i);
      g_autofree char *part
          = i == header->part ? g_strdup (path) : find_file (folder, wanted);

      if (part == NULL && documents != NULL)
        part = find_document (documents, wanted, i, header);
      if (part == NULL)
        {
          g_string_append_printf (missing, "%s“%s”", missing->len > 0 ? ", " : "", wanted);
          continue;
        }
      if (i != header->part && !check_part (part, shown, i, header, error))
        return NULL;
      g_ptr_array_add (parts, g_steal_pointer (&part));
    }
  if (missing->len > 0)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_PART_MISSING,
                   documents != NULL
                   ? _("“%s” is part %u of %u. Valise runs in a sandbox, and sees only files that "
                       "were chosen; these were not: %s. Choose all parts together: hold Ctrl, and "
                       "click on each.")
                   : _("“%s” is part %u of %u. Of the others, missing in its folder: %s. Copy all "
                       "parts into one folder."),
                   shown, header->part, header->n_parts, missing->str);
      return NULL;
    }
  return g_steal_pointer (&parts);
}
