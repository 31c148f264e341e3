/* valise-apply.c: brings an edition's files to a volume, or some of them to a folder.
 *
 * Responsible for the calls of wimlib that write. The volume is only a name here: whoever has it
 * has seen to it that libntfs-3g knows the name.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-apply.h"

#include <string.h>

#include "valise-source-private.h"
#include "valise-wimlib.h"

/* Plain files; what else wimlib could make in a folder of ours may lead out of it. */
typedef struct
{
  GPtrArray *paths;
  char *link; /* (nullable): the last reparse point, with a slash: nothing below it is taken */
} Plain;

static int
collect_cb (const struct wimlib_dir_entry *entry, void *data)
{
  Plain *plain = data;

  if (plain->link != NULL && g_str_has_prefix (entry->full_path, plain->link))
    return 0;
  if ((entry->attributes & WIMLIB_FILE_ATTRIBUTE_REPARSE_POINT) != 0)
    {
      g_free (plain->link);
      plain->link = g_strconcat (entry->full_path, "/", NULL);
    }
  else if ((entry->attributes
            & (WIMLIB_FILE_ATTRIBUTE_DIRECTORY | WIMLIB_FILE_ATTRIBUTE_ENCRYPTED))
           == 0)
    g_ptr_array_add (plain->paths, g_strdup (entry->full_path));
  return 0;
}

static int
is_link_cb (const struct wimlib_dir_entry *entry, void *data)
{
  *(gboolean *) data = (entry->attributes & WIMLIB_FILE_ATTRIBUTE_REPARSE_POINT) != 0;
  return 0;
}

/* Whether a folder above @path is a reparse point. */
static gboolean
is_below_link (WIMStruct *wim, guint index, const char *path)
{
  gboolean is_link = FALSE;

  for (const char *slash = strchr (path + 1, '/'); slash != NULL && !is_link;
       slash = strchr (slash + 1, '/'))
    {
      g_autofree char *folder = g_strndup (path, slash - path);

      if (wimlib_iterate_dir_tree (wim, index, folder, 0, is_link_cb, &is_link) != 0)
        break;
    }
  return is_link;
}

static int
collect (WIMStruct *wim, guint index, const char *path, GPtrArray *paths)
{
  g_autofree char *absolute = path[0] == '/' ? g_strdup (path) : g_strconcat ("/", path, NULL);
  Plain plain = { paths, NULL };
  int code;

  if (is_below_link (wim, index, absolute))
    return 0;
  code = wimlib_iterate_dir_tree (wim, index, absolute, WIMLIB_ITERATE_DIR_TREE_FLAG_RECURSIVE,
                                  collect_cb, &plain);
  g_free (plain.link);
  return code == WIMLIB_ERR_PATH_DOES_NOT_EXIST ? 0 : code;
}

/**
 * valise_source_apply:
 * @self: a source
 * @edition: one of its editions
 * @volume_name: an NTFS volume, as libntfs-3g knows it
 * @progress: (nullable): the current step's bytes are set, in total and done
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR, or one of %VALISE_SYSTEM_ERROR where it is
 *   the volume that failed: the volume knows better then
 *
 * Writes all files of an edition to an empty volume. Blocks; the thread of the volume.
 *
 * Returns: whether that was done
 */
gboolean
valise_source_apply (ValiseSource *self, const ValiseEdition *edition, const char *volume_name,
                     ValiseProgress *progress, GCancellable *cancellable, GError **error)
{
  ValiseWimlibCall call = { progress, cancellable };
  int code;

  g_return_val_if_fail (edition != NULL && volume_name != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  wimlib_register_progress_function (self->wim, valise_wimlib_progress, &call);
  code = wimlib_extract_image (self->wim, edition->index, volume_name, WIMLIB_EXTRACT_FLAG_NTFS);
  wimlib_register_progress_function (self->wim, NULL, NULL);
  if (code != 0)
    valise_wimlib_set_error (error, code, self->shown);
  return code == 0;
}

/**
 * valise_source_extract:
 * @self: a source
 * @edition: one of its editions
 * @paths: (array zero-terminated=1): files and folders of it, such as `Windows/Boot`; capitals or
 *   not; those that it does not have are skipped
 * @folder: where they go, keeping their paths
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Writes some files to a folder: only their bytes and times, no access rights. Links, what lies
 * behind them, empty folders and encrypted files are left out. Blocks; one thread at a time.
 *
 * Returns: whether that was done
 */
gboolean
valise_source_extract (ValiseSource *self, const ValiseEdition *edition, const char *const *paths,
                       const char *folder, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  ValiseWimlibCall call = { NULL, cancellable };
  int code = 0;

  g_return_val_if_fail (edition != NULL && paths != NULL && folder != NULL, FALSE);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  for (guint i = 0; code == 0 && paths[i] != NULL; i++)
    code = collect (self->wim, edition->index, paths[i], files);
  if (code == 0 && files->len > 0)
    {
      wimlib_register_progress_function (self->wim, valise_wimlib_progress, &call);
      code = wimlib_extract_paths (self->wim, edition->index, folder,
                                   (const char *const *) files->pdata, files->len,
                                   WIMLIB_EXTRACT_FLAG_NO_ACLS | WIMLIB_EXTRACT_FLAG_NORPFIX
                                       | WIMLIB_EXTRACT_FLAG_NO_ATTRIBUTES);
      wimlib_register_progress_function (self->wim, NULL, NULL);
    }
  if (code != 0)
    valise_wimlib_set_extract_error (error, code, self->shown, folder);
  return code == 0;
}

/**
 * valise_source_probe_ntfs:
 * @name: a volume's name
 *
 * Makes wimlib open a volume by its name, as it would to apply something, and ignores what comes
 * of it: so that others can see where wimlib arrives. Any thread.
 */
void
valise_source_probe_ntfs (const char *name)
{
  WIMStruct *wim = NULL;

  valise_wimlib_init ();
  if (wimlib_create_new_wim (WIMLIB_COMPRESSION_TYPE_NONE, &wim) != 0)
    return;
  if (wimlib_add_image (wim, name, "probe", NULL, WIMLIB_ADD_FLAG_NTFS) == 0)
    g_debug ("the probe has opened “%s”", name);
  wimlib_free (wim);
}
