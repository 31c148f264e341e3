/* valise-wim-header.c: the first bytes of a WIM, ESD or SWM file.
 *
 * wimlib reads them too, but does not tell a file that ends too early from a damaged one, nor the
 * number of a part before the set is complete.
 *
 * The layout is that of Microsoft’s “Windows Imaging File Format (WIM)”, WIMHEADER_V1_PACKED.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-wim-header.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

#define VERSION_SOLID 0xe00

/* More than this, no image has; who believed the header would reserve the memory. */
#define XML_MAX (64 * VALISE_MIB)
#define TABLE_MAX (512 * VALISE_MIB)

static guint64
get_le (const guint8 *bytes, guint n)
{
  guint64 value = 0;

  while (n-- > 0)
    value = value << 8 | bytes[n];
  return value;
}

static void
get_resource (const guint8 *bytes, ValiseWimResource *resource)
{
  resource->size = get_le (bytes, 7);
  resource->flags = bytes[7];
  resource->offset = get_le (bytes + 8, 8);
  resource->full_size = get_le (bytes + 16, 8);
}

/**
 * valise_wim_header_is:
 * @bytes: the beginning of a file
 * @size: how many of its bytes there are
 *
 * Returns: whether it begins as a WIM, ESD or SWM does
 */
gboolean
valise_wim_header_is (const guint8 *bytes, gsize size)
{
  /* The second is wimlib’s own, for images that come through a pipe. */
  return size >= 8 && (memcmp (bytes, "MSWIM\0\0", 8) == 0 || memcmp (bytes, "WLPWM\0\0", 8) == 0);
}

/**
 * valise_wim_header_parse:
 * @bytes: the beginning of a file
 * @size: how many of its bytes there are
 * @header: (out): where to put what it says
 *
 * Returns: whether that is a whole header
 */
gboolean
valise_wim_header_parse (const guint8 *bytes, gsize size, ValiseWimHeader *header)
{
  if (size < VALISE_WIM_HEADER_SIZE || !valise_wim_header_is (bytes, size))
    return FALSE;
  header->is_solid = get_le (bytes + 12, 4) == VERSION_SOLID;
  memcpy (header->guid, bytes + 24, sizeof header->guid);
  header->part = get_le (bytes + 40, 2);
  header->n_parts = get_le (bytes + 42, 2);
  header->n_images = get_le (bytes + 44, 4);
  get_resource (bytes + 48, &header->blobs);
  get_resource (bytes + 72, &header->xml);
  get_resource (bytes + 96, &header->boot_metadata);
  get_resource (bytes + 124, &header->integrity);
  return TRUE;
}

static gboolean
check_fits (const ValiseWimHeader *header, guint64 size, const char *shown, GError **error)
{
  const ValiseWimResource *const resources[]
      = { &header->blobs, &header->xml, &header->boot_metadata, &header->integrity };
  guint64 wanted = 0;
  g_autofree char *have = NULL;
  g_autofree char *needed = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (resources); i++)
    {
      guint64 end;

      if (resources[i]->size == 0)
        continue;
      if (!g_uint64_checked_add (&end, resources[i]->offset, resources[i]->size))
        end = G_MAXUINT64;
      wanted = MAX (wanted, end);
    }
  if (wanted <= size && header->xml.full_size <= XML_MAX && header->blobs.full_size <= TABLE_MAX
      && header->integrity.full_size <= TABLE_MAX)
    return TRUE;
  if (wanted <= size)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_CORRUPT,
                   _("“%s” is damaged: its tables are too large. Download or copy it again."),
                   shown);
      return FALSE;
    }
  have = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
  needed = g_strdup_printf ("%" G_GUINT64_FORMAT, wanted);
  g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_TRUNCATED,
               _("“%s” is not complete: it has %s bytes, and by its own account at least %s. "
                 "Download or copy it again."),
               shown, have, needed);
  return FALSE;
}

/**
 * valise_wim_header_read:
 * @path: a WIM, ESD or SWM file
 * @shown: the file as the user knows it
 * @header: (out): where to put what it says
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * Reads the header of a file, and compares what it says with the file’s size.
 *
 * Returns: whether the header is there, and the file is long enough for it
 */
gboolean
valise_wim_header_read (const char *path, const char *shown, ValiseWimHeader *header,
                        GError **error)
{
  guint8 bytes[VALISE_WIM_HEADER_SIZE] = { 0 };
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  struct stat st;
  gssize n = -1;
  int code;

  if (fd >= 0 && fstat (fd, &st) == 0)
    n = pread (fd, bytes, sizeof bytes, 0);
  code = errno;
  if (fd >= 0)
    close (fd);
  if (n < 0)
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
                   _("“%s” cannot be read: %s."), shown, g_strerror (code));
      return FALSE;
    }
  if (!valise_wim_header_is (bytes, n))
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE,
                   _("“%s” is not a Windows image. Choose an ISO, WIM, ESD or SWM file."), shown);
      return FALSE;
    }
  if (!valise_wim_header_parse (bytes, n, header))
    {
      g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_TRUNCATED,
                   _("“%s” is not complete: it ends after %d bytes. Download or copy it again."),
                   shown, (int) n);
      return FALSE;
    }
  return check_fits (header, st.st_size, shown, error);
}
