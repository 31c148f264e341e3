/* valise-report-path.c: where the reports of a write go.
 *
 * Looked at before anything is written: a report that cannot be saved must show at once, not at
 * the end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-report-path.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-error.h"

/**
 * valise_report_path_get:
 * @path: what was asked for
 * @index: a drive's index
 * @n_drives: how many drives there are
 *
 * Returns: (transfer full): the path of the drive's report: @path where there is one drive, else
 *   with a number in it: report-1.json, report-2.json; @path itself is the batch's then
 */
char *
valise_report_path_get (const char *path, guint index, guint n_drives)
{
  const char *name = strrchr (path, '/');
  const char *dot = strrchr (name != NULL ? name + 1 : path, '.');

  if (n_drives == 1)
    return g_strdup (path);
  /* A name that begins with its only dot has no ending. */
  if (dot == NULL || dot == path || dot[-1] == '/')
    dot = path + strlen (path);
  return g_strdup_printf ("%.*s-%u%s", (int) (dot - path), path, index + 1, dot);
}

static gboolean
is_same (const char *a, const char *b)
{
  g_autofree char *path_a = g_canonicalize_filename (a, NULL);
  g_autofree char *path_b = g_canonicalize_filename (b, NULL);
  GStatBuf status_a;
  GStatBuf status_b;

  if (g_str_equal (path_a, path_b))
    return TRUE;
  return g_stat (a, &status_a) == 0 && g_stat (b, &status_b) == 0
         && status_a.st_dev == status_b.st_dev && status_a.st_ino == status_b.st_ino;
}

/**
 * valise_report_path_check:
 * @path: where a report is to be
 * @source: path of the image
 * @targets: (array zero-terminated=1): paths of the drives
 * @error: where to put an error
 *
 * Returns: whether a report can be written there
 */
gboolean
valise_report_path_check (const char *path,
                          const char *source,
                          const char *const *targets,
                          GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *folder = g_path_get_dirname (path);
  gboolean same = is_same (path, source);
  GStatBuf status;

  for (gsize i = 0; !same && targets[i] != NULL; i++)
    same = is_same (path, targets[i]);
  if (same || (g_stat (path, &status) == 0 && !S_ISREG (status.st_mode)))
    {
      g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                   _("The report cannot be written to “%s”. Name another file."), name);
      return FALSE;
    }
  if (g_access (folder, W_OK | X_OK) == 0)
    return TRUE;
  g_set_error (error, VALISE_SYSTEM_ERROR,
               errno == EACCES ? VALISE_SYSTEM_ERROR_NOT_AUTHORIZED : VALISE_SYSTEM_ERROR_FAILED,
               _("The report cannot be written to “%s”: %s. Name a file in a folder of yours."),
               name, g_strerror (errno));
  return FALSE;
}
