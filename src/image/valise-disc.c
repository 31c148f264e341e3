/* valise-disc.c: the image files inside an ISO.
 *
 * Responsible for finding them in the UDF file system that Windows' discs have (their ISO 9660 half
 * holds only a text that says so), and for the words where there are none.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-disc.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <udfread/blockinput.h>
#include <udfread/udfread.h>
#include <unistd.h>

#include "core/valise-error.h"

#define SECTOR UDF_BLOCK_SIZE
/* Folders with more entries than this are not Windows’. */
#define MAX_ENTRIES 100000
/* Neither are sets of more parts. */
#define MAX_FILES 1000
/* How often cancelling is looked for, in sectors. */
#define CANCEL_EVERY 65536

typedef struct
{
  udfread_block_input input;
  int fd;
  guint64 size;
} Input;

static int
input_read (udfread_block_input *input, guint32 lba, void *buffer, guint32 n, int flags)
{
  Input *self = (Input *) input;
  guint64 want = (guint64) n * SECTOR, done = 0;

  while (done < want)
    {
      gssize got = pread (self->fd, (guint8 *) buffer + done, want - done,
                          (guint64) lba * SECTOR + done);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        break;
      done += got;
    }
  return done / SECTOR;
}

static guint32
input_size (udfread_block_input *input)
{
  return MIN (((Input *) input)->size / SECTOR, G_MAXUINT32);
}

static void
disc_file_free (gpointer data)
{
  ValiseDiscFile *file = data;

  g_free (file->name);
  g_array_unref (file->extents);
  g_free (file);
}

/**
 * valise_disc_free:
 * @self: (transfer full): a disc
 */
void
valise_disc_free (ValiseDisc *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->folder);
  g_ptr_array_unref (self->files);
  g_free (self);
}

/* What the ISO 9660 half says: its size (0: nothing), and the disc’s name (ECMA-119 8.4). */
static guint64
read_volume_descriptor (int fd, char **label)
{
  guint8 sector[SECTOR];

  *label = NULL;
  if (pread (fd, sector, sizeof sector, 16 * SECTOR) != sizeof sector || sector[0] != 1
      || memcmp (sector + 1, "CD001", 5) != 0)
    return 0;
  *label = g_utf8_make_valid ((const char *) sector + 40, strnlen ((const char *) sector + 40, 32));
  for (char *p = *label; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  g_strstrip (*label);
  return (guint64) (sector[80] | sector[81] << 8 | sector[82] << 16 | (guint32) sector[83] << 24)
         * SECTOR;
}

/* Whether there is an NSR descriptor, which announces UDF (ECMA-167 3/9.1). */
static gboolean
has_udf (int fd)
{
  guint8 start[6];

  for (guint sector = 16; sector < 32; sector++)
    if (pread (fd, start, sizeof start, (goffset) sector * SECTOR) == sizeof start
        && memcmp (start + 1, "NSR0", 4) == 0)
      return TRUE;
  return FALSE;
}

static void
set_truncated (GError **error, const char *path)
{
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_TRUNCATED,
               _("“%s” is not complete: the disc that it is an image of was longer. Download or "
                 "copy it again."),
               path);
}

/* Why nothing was found: it ends too early, or it is something else. */
static void
set_nothing_found (GError **error, const char *path, int fd, guint64 size, gboolean is_broken)
{
  g_autofree char *label = NULL;
  guint64 whole = read_volume_descriptor (fd, &label);

  if (whole > size)
    set_truncated (error, path);
  else if (is_broken)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                 _("“%s” is damaged: its folders cannot be read. Download or copy it again."),
                 path);
  else
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NO_IMAGE_IN_ISO,
                 /* Translators: the second %s is the disc’s name, such as “Ubuntu 24.04 amd64”. */
                 _("“%s” is an image of the disc “%s”, on which there is no Windows to install "
                   "(sources/install.wim, .esd or .swm). Choose an ISO of Windows 10 or 11."),
                 path, label != NULL ? label : "");
}

/* Opens the folder called @name in @parent, in whatever letters; appends its name to @path. */
static UDFDIR *
open_folder (UDFDIR *parent, const char *name, GString *path)
{
  struct udfread_dirent entry;

  udfread_rewinddir (parent);
  for (guint n = 0; n < MAX_ENTRIES && udfread_readdir (parent, &entry) != NULL; n++)
    if (entry.d_type == UDF_DT_DIR && g_ascii_strcasecmp (entry.d_name, name) == 0)
      {
        g_string_append_printf (path, "%s%s", path->len > 0 ? "/" : "", entry.d_name);
        return udfread_opendir_at (parent, entry.d_name);
      }
  return NULL;
}

/* Whether @name is that of a part of a set: “install.swm”, “install2.swm”. */
static gboolean
is_part (const char *name)
{
  gsize digits;

  if (g_ascii_strncasecmp (name, "install", 7) != 0)
    return FALSE;
  digits = strspn (name + 7, "0123456789");
  return digits < 6 && g_ascii_strcasecmp (name + 7 + digits, ".swm") == 0;
}

/* The names of the image files in @folder: install.wim before install.esd before a set. */
static GPtrArray *
list_images (UDFDIR *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *wim = NULL;
  g_autofree char *esd = NULL;
  struct udfread_dirent entry;

  udfread_rewinddir (folder);
  for (guint n = 0; n < MAX_ENTRIES && udfread_readdir (folder, &entry) != NULL; n++)
    {
      if (entry.d_type != UDF_DT_REG)
        continue;
      if (wim == NULL && g_ascii_strcasecmp (entry.d_name, "install.wim") == 0)
        wim = g_strdup (entry.d_name);
      else if (esd == NULL && g_ascii_strcasecmp (entry.d_name, "install.esd") == 0)
        esd = g_strdup (entry.d_name);
      else if (is_part (entry.d_name) && names->len < MAX_FILES)
        g_ptr_array_insert (names, g_ascii_strcasecmp (entry.d_name, "install.swm") == 0 ? 0 : -1,
                            g_strdup (entry.d_name));
    }
  if (wim != NULL || esd != NULL)
    {
      g_ptr_array_set_size (names, 0);
      g_ptr_array_add (names, wim != NULL ? g_steal_pointer (&wim) : g_steal_pointer (&esd));
    }
  return names;
}

/* Where the sectors of @file lie. */
static gboolean
map_file (UDFFILE *file, const char *path, guint64 disc_size, ValiseDiscFile *result,
          GCancellable *cancellable, GError **error)
{
  gint64 size = udfread_file_size (file);
  guint64 left = size;

  if (size <= 0 || (guint64) size > disc_size || disc_size / SECTOR >= G_MAXUINT32)
    {
      if (size <= 0)
        g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                     _("“%s” is damaged: its image file is empty. Download or copy it again."),
                     path);
      else
        set_truncated (error, path);
      return FALSE;
    }
  result->size = size;
  for (guint32 block = 0; left > 0; block++)
    {
      guint64 offset = (guint64) udfread_file_lba (file, block) * SECTOR;
      guint64 n = MIN (left, SECTOR);
      ValiseDiscExtent *last = result->extents->len > 0
                                   ? &g_array_index (result->extents, ValiseDiscExtent,
                                                     result->extents->len - 1)
                                   : NULL;

      if (block % CANCEL_EVERY == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (offset == 0)
        {
          g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                       _("“%s” is damaged: its image file has a hole. Download or copy it again."),
                       path);
          return FALSE;
        }
      if (offset > disc_size || disc_size - offset < n)
        {
          set_truncated (error, path);
          return FALSE;
        }
      if (last != NULL && last->offset + last->size == offset)
        last->size += n;
      else
        {
          ValiseDiscExtent extent = { offset, n };

          g_array_append_val (result->extents, extent);
        }
      left -= n;
    }
  return TRUE;
}

static gboolean
map_files (ValiseDisc *self, UDFDIR *folder, GPtrArray *names, const char *path, guint64 size,
           GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      UDFFILE *file = udfread_file_openat (folder, name);
      ValiseDiscFile *result;
      gboolean ok;

      if (file == NULL)
        {
          set_nothing_found (error, path, self->fd, size, TRUE);
          return FALSE;
        }
      result = g_new0 (ValiseDiscFile, 1);
      result->name = g_strdup (name);
      result->extents = g_array_new (FALSE, FALSE, sizeof (ValiseDiscExtent));
      g_ptr_array_add (self->files, result);
      ok = map_file (file, path, size, result, cancellable, error);
      udfread_file_close (file);
      if (!ok)
        return FALSE;
    }
  return TRUE;
}

static gboolean
find_images (ValiseDisc *self, udfread *udf, const char *path, guint64 size,
             GCancellable *cancellable, GError **error)
{
  /* Discs for two architectures have two; x64 is what most want. */
  static const char *const parents[] = { NULL, "x64", "x86" };
  UDFDIR *root = udfread_opendir (udf, "/");

  if (root == NULL)
    {
      set_nothing_found (error, path, self->fd, size, TRUE);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (parents) && self->files->len == 0; i++)
    {
      g_autoptr (GString) where = g_string_new (NULL);
      g_autoptr (GPtrArray) names = NULL;
      UDFDIR *parent = parents[i] != NULL ? open_folder (root, parents[i], where) : root;
      UDFDIR *sources = parent != NULL ? open_folder (parent, "sources", where) : NULL;
      gboolean ok = TRUE;

      if (sources != NULL)
        {
          names = list_images (sources);
          ok = map_files (self, sources, names, path, size, cancellable, error);
          udfread_closedir (sources);
        }
      if (parent != NULL && parent != root)
        udfread_closedir (parent);
      if (!ok)
        {
          udfread_closedir (root);
          return FALSE;
        }
      if (self->files->len > 0)
        self->folder = g_strdup (where->str);
    }
  udfread_closedir (root);
  if (self->files->len == 0)
    set_nothing_found (error, path, self->fd, size, FALSE);
  return self->files->len > 0;
}

/**
 * valise_disc_open:
 * @path: an ISO
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * Finds the image files in an ISO. Any thread.
 *
 * Returns: (transfer full) (nullable): the disc, with at least one file
 */
ValiseDisc *
valise_disc_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (ValiseDisc) self = g_new0 (ValiseDisc, 1);
  Input input = { { NULL, input_read, input_size }, -1, 0 };
  struct stat st;
  udfread *udf;
  gboolean ok;

  self->files = g_ptr_array_new_with_free_func (disc_file_free);
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (self->fd < 0 || fstat (self->fd, &st) != 0)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
                   _("“%s” cannot be opened: %s. See that it is there, and that you may read "
                     "it."),
                   path, g_strerror (errno));
      return NULL;
    }
  input.fd = self->fd;
  input.size = st.st_size;
  if (!has_udf (self->fd))
    {
      set_nothing_found (error, path, self->fd, input.size, FALSE);
      return NULL;
    }
  udf = udfread_init ();
  if (udfread_open_input (udf, &input.input) != 0)
    {
      set_nothing_found (error, path, self->fd, input.size, TRUE);
      ok = FALSE;
    }
  else
    ok = find_images (self, udf, path, input.size, cancellable, error);
  udfread_close (udf);
  return ok ? g_steal_pointer (&self) : NULL;
}
