/* valise-driver-set.c: the drivers in a folder.
 *
 * Looks for INFs in a folder and those below it, without following links, and says of each whether
 * it is for a certain Windows and all that belongs to it is there. Windows does not mind capitals:
 * files are looked for without them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-driver-set.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-text.h"

/* A folder of drivers has no more; a home folder may. */
#define MAX_DEPTH 32
#define MAX_ENTRIES 200000

typedef struct
{
  GPtrArray *packages;
  const char *root;
  const char *architecture;
  guint build;
  guint n_entries;
} Scan;

static void
file_free (gpointer data)
{
  ValiseDriverFile *file = data;

  g_free (file->source);
  g_free (file->name);
  g_free (file);
}

static void
package_free (gpointer data)
{
  ValiseDriverPackage *package = data;

  g_free (package->name);
  g_clear_pointer (&package->inf, valise_inf_free);
  g_free (package->problem);
  g_ptr_array_unref (package->files);
  g_free (package);
}

/**
 * valise_driver_set_new:
 *
 * Returns: (transfer full) (element-type ValiseDriverPackage): an empty list
 */
GPtrArray *
valise_driver_set_new (void)
{
  return g_ptr_array_new_with_free_func (package_free);
}

/* ---- files ---- */

/* A name that Windows can have. */
static gboolean
is_possible (const char *name)
{
  const gsize n = strlen (name);

  if (!g_utf8_validate (name, -1, NULL) || n == 0 || strchr (". ", name[n - 1]) != NULL
      || strpbrk (name, "\"*/:<>?\\|") != NULL || g_utf8_strlen (name, -1) > 255)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if ((guchar)name[i] < ' ')
      return FALSE;
  return TRUE;
}

/* The entry of a folder that is called so, whatever its capitals; the first by the alphabet. */
static char *
find_entry (const char *folder, const char *name)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *wanted = g_utf8_casefold (name, -1);
  char *found = NULL;
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folded
          = g_utf8_validate (entry, -1, NULL) ? g_utf8_casefold (entry, -1) : NULL;

      if (g_strcmp0 (folded, wanted) != 0 || (found != NULL && strcmp (found, entry) < 0))
        continue;
      g_free (found);
      found = g_strdup (entry);
    }
  return found;
}

/* Notes a file of a driver; @path has slashes, and may not lead out of the driver's folder. */
static gboolean
add_file (ValiseDriverPackage *package, const char *folder, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autoptr (GString) name = g_string_new (NULL);
  g_autofree char *source = g_strdup (folder);
  ValiseDriverFile *file;
  GStatBuf st;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *entry = NULL;
      char *next;

      if (*parts[i] == '\0' || g_str_equal (parts[i], "."))
        continue;
      if (!is_possible (parts[i]))
        return FALSE;
      entry = find_entry (source, parts[i]);
      /* Compressed by Microsoft's “compress”, the last letter is an underscore. */
      if (entry == NULL && parts[i + 1] == NULL && strlen (parts[i]) > 1
          && (guchar)parts[i][strlen (parts[i]) - 1] < 0x80)
        {
          parts[i][strlen (parts[i]) - 1] = '_';
          entry = find_entry (source, parts[i]);
        }
      if (entry == NULL || !is_possible (entry))
        return FALSE;
      next = g_build_filename (source, entry, NULL);
      g_free (source);
      source = next;
      g_string_append_printf (name, "%s%s", name->len > 0 ? "\\" : "", entry);
      if (g_lstat (source, &st) != 0 || S_ISLNK (st.st_mode))
        return FALSE;
    }
  if (name->len == 0 || !S_ISREG (st.st_mode))
    return FALSE;
  for (guint i = 0; i < package->files->len; i++)
    {
      file = g_ptr_array_index (package->files, i);
      if (g_ascii_strcasecmp (file->name, name->str) == 0)
        return TRUE;
    }
  file = g_new0 (ValiseDriverFile, 1);
  file->source = g_steal_pointer (&source);
  file->name = g_strdup (name->str);
  g_ptr_array_add (package->files, file);
  package->bytes += st.st_size;
  return TRUE;
}

/* ---- is it right? ---- */

static char *
check_target (const ValiseInf *inf, const char *architecture, guint build)
{
  g_autoptr (GString) others = g_string_new (NULL);
  guint least = G_MAXUINT;

  for (guint i = 0; i < inf->targets->len; i++)
    {
      const ValiseInfTarget *target = &g_array_index (inf->targets, ValiseInfTarget, i);

      if (!g_str_equal (target->architecture, architecture))
        {
          if (strstr (others->str, target->architecture) == NULL)
            g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "",
                                    target->architecture);
          continue;
        }
      if (target->major < 10 || (target->major == 10 && target->minor == 0
                                 && target->build <= build))
        return NULL;
      least = MIN (least, target->major == 10 && target->minor == 0 ? target->build : G_MAXUINT);
    }
  if (least != G_MAXUINT)
    return g_strdup_printf (_ ("It needs build %u of Windows or a later one."), least);
  if (others->len > 0)
    /* Translators: kinds of processors, such as “x86, arm64”. */
    return g_strdup_printf (_ ("It is for other processors: %s."), others->str);
  return g_strdup (_ ("It names no device for this Windows."));
}

static char *
check_files (ValiseDriverPackage *package, const char *folder, const char *architecture)
{
  const char *catalog = valise_inf_get_catalog (package->inf, architecture);

  if (catalog == NULL)
    return g_strdup (_ ("It is not signed: it names no catalogue."));
  if (!add_file (package, folder, catalog))
    return g_strdup_printf (_ ("It is not signed: its catalogue “%s” is missing."), catalog);
  for (guint i = 0; i + 1 < package->inf->files->len; i += 2)
    {
      const char *for_architecture = g_ptr_array_index (package->inf->files, i);
      const char *path = g_ptr_array_index (package->inf->files, i + 1);

      if (*for_architecture != '\0' && !g_str_equal (for_architecture, architecture))
        continue;
      if (!add_file (package, folder, path))
        return g_strdup_printf (_ ("Its file “%s” is missing, or is a link."),
                                path + strspn (path, "/"));
    }
  return NULL;
}

static void
add_package (Scan *scan, const char *folder, const char *entry)
{
  ValiseDriverPackage *package = g_new0 (ValiseDriverPackage, 1);
  g_autofree char *path = g_build_filename (folder, entry, NULL);
  g_autofree char *name = g_filename_display_name (path + strlen (scan->root)
                                                   + strspn (path + strlen (scan->root), "/"));
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GBytes) bytes = NULL;

  package->name = g_steal_pointer (&name);
  package->files = g_ptr_array_new_with_free_func (file_free);
  g_ptr_array_add (scan->packages, package);
  if (!add_file (package, folder, entry) || package->bytes > VALISE_INF_MAX
      || (file = g_mapped_file_new (path, FALSE, NULL)) == NULL)
    {
      package->problem = g_strdup (_ ("It cannot be read."));
      return;
    }
  bytes = g_mapped_file_get_bytes (file);
  package->inf = valise_inf_parse (bytes);
  if (package->inf == NULL)
    {
      package->problem = g_strdup (_ ("It is not a driver for Windows."));
      return;
    }
  package->problem = check_target (package->inf, scan->architecture, scan->build);
  if (package->problem == NULL)
    package->problem = check_files (package, folder, scan->architecture);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static gboolean
scan_folder (Scan *scan, const char *folder, guint depth, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &cause);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *entry;

  if (dir == NULL)
    {
      g_autofree char *shown = g_filename_display_name (folder);

      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   /* Translators: a folder, and what the system said. */
                   _ ("The folder of drivers “%s” cannot be read: %s. Check the name and your "
                      "rights."),
                   shown, cause->message);
      return FALSE;
    }
  while ((entry = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (entry));
  g_ptr_array_sort (names, compare_names);
  scan->n_entries += names->len;
  if (depth > MAX_DEPTH || scan->n_entries > MAX_ENTRIES)
    {
      g_autofree char *shown = g_filename_display_name (scan->root);

      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _ ("“%s” has more in it than a folder of drivers. Choose the folder that has "
                      "the drivers only."),
                   shown);
      return FALSE;
    }
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      const char *dot = strrchr (name, '.');
      GStatBuf st;

      if (g_lstat (path, &st) != 0)
        continue;
      if (S_ISDIR (st.st_mode) && !scan_folder (scan, path, depth + 1, error))
        return FALSE;
      /* “autorun.inf” starts discs. */
      if (S_ISREG (st.st_mode) && dot != NULL && g_ascii_strcasecmp (dot, ".inf") == 0
          && g_ascii_strcasecmp (name, "autorun.inf") != 0)
        add_package (scan, folder, name);
    }
  return TRUE;
}

/**
 * valise_driver_set_scan:
 * @packages: (element-type ValiseDriverPackage): where to add what is found
 * @folder: a folder's path
 * @architecture: that of the Windows that the drivers are for
 * @build: its build
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Finds drivers in a folder and all below it. What is wrong with a driver is said in it. Blocks.
 * Any thread.
 *
 * Returns: whether the folder could be read, and has drivers
 */
gboolean
valise_driver_set_scan (GPtrArray *packages,
                        const char *folder,
                        const char *architecture,
                        guint build,
                        GError **error)
{
  Scan scan = { packages, folder, architecture, build, 0 };
  const guint n = packages->len;
  g_autofree char *shown = NULL;

  if (!scan_folder (&scan, folder, 0, error))
    return FALSE;
  if (packages->len > n)
    return TRUE;
  shown = g_filename_display_name (folder);
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _ ("There is no driver in “%s”: no file whose name ends in “.inf”. Unpack the "
                  "drivers, or choose another folder."),
               shown);
  return FALSE;
}

/**
 * valise_driver_set_count_usable:
 * @packages: (element-type ValiseDriverPackage): drivers
 *
 * Returns: how many of them can be used
 */
guint
valise_driver_set_count_usable (const GPtrArray *packages)
{
  guint n = 0;

  for (guint i = 0; i < packages->len; i++)
    n += ((const ValiseDriverPackage *)g_ptr_array_index (packages, i))->problem == NULL;
  return n;
}

/**
 * valise_driver_package_get_fit:
 * @self: a driver
 *
 * Returns: (transfer none): a sentence on whether it can be used
 */
const char *
valise_driver_package_get_fit (const ValiseDriverPackage *self)
{
  if (self->problem != NULL)
    return self->problem;
  return valise_inf_is_boot_critical (self->inf)
             ? _ ("It fits, but not for what Windows needs to start.")
             : _ ("It fits.");
}

/**
 * valise_driver_package_describe:
 * @self: a driver
 *
 * Returns: (transfer full): what it is, and whether it can be used: “net.inf (Acme, Net): It fits.”
 */
char *
valise_driver_package_describe (const ValiseDriverPackage *self)
{
  const char *const facts[] = { self->inf != NULL ? self->inf->provider : NULL,
                                self->inf != NULL ? self->inf->class_name : NULL };
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    if (facts[i] != NULL && *facts[i] != '\0')
      g_string_append_printf (text, "%s%s", n++ > 0 ? ", " : " (", facts[i]);
  if (n > 0)
    g_string_append_c (text, ')');
  g_string_prepend (text, self->name);
  g_string_append_printf (text, ": %s", valise_driver_package_get_fit (self));
  return valise_text_clean (text->str);
}
