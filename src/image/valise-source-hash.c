/* valise-source-hash.c: the digest by which a report names a source.
 *
 * Responsible for reading the whole source once more beside the job that uses it, with descriptors
 * of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "valise-source-private.h"

#define PIECE (1 * VALISE_MIB)

static gboolean
hash_file (GChecksum *checksum, const char *path, guint8 *buffer, GCancellable *cancellable,
           GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  guint64 at = 0;
  gssize n = fd >= 0 ? 1 : -1;
  int code = errno;

  if (fd >= 0)
    posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  while (n > 0 && !g_cancellable_is_cancelled (cancellable))
    {
      n = read (fd, buffer, PIECE);
      code = errno;
      if (n > 0)
        {
          g_checksum_update (checksum, buffer, n);
          at += n;
        }
      else if (n < 0 && code == EINTR)
        n = 1;
    }
  if (fd >= 0)
    close (fd);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (n == 0)
    return TRUE;
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
               _("“%s” cannot be read at byte %" PRIu64 ": %s. Check the disk that it is "
                 "on, or copy it to another."),
               path, at, g_strerror (code));
  return FALSE;
}

/**
 * valise_source_hash:
 * @self: a source
 * @cancellable: (nullable): ends it
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * Computes the SHA-256 of the file: of the ISO, where it is one; of all parts, one behind the
 * other, where it is a set. Any thread, also while another uses the source. Blocks.
 *
 * Returns: (transfer full) (nullable): the digest in hexadecimal
 */
char *
valise_source_hash (ValiseSource *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *buffer = g_malloc (PIECE);

  for (guint i = 0; i < self->files->len; i++)
    if (!hash_file (checksum, g_ptr_array_index (self->files, i), buffer, cancellable, error))
      return NULL;
  return g_strdup (g_checksum_get_string (checksum));
}
