/* test-folder.h: a folder for a test's virtual drives, and what they hold.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-scratch.h"

/* A new folder where files can be opened with O_DIRECT, which /tmp often is not. */
static inline char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base = g_get_current_dir ();
  char *folder = g_build_filename (base, "engine-XXXXXX", NULL);

  if (g_mkdtemp (folder) == NULL)
    {
      g_free (folder);
      folder = g_dir_make_tmp ("engine-XXXXXX", &error);
      g_assert_no_error (error);
    }
  return folder;
}

/* A virtual drive that was used before: its bytes are not zero. */
static inline char *
make_drive (const char *folder, const char *name, guint64 size, guint8 filler)
{
  char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  g_autofree guint8 *bytes = g_malloc (1024 * 1024);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, size), ==, 0);
  memset (bytes, filler, 1024 * 1024);
  for (guint64 at = 0; filler != 0 && at < size; at += 1024 * 1024)
    {
      gsize n = MIN (size - at, 1024 * 1024);

      g_assert_cmpint (pwrite (fd, bytes, n, at), ==, n);
    }
  close (fd);
  return path;
}

/* Reads what a virtual drive holds, past the code under test. */
static inline void
read_drive (const char *path, guint64 offset, gpointer data, gsize size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pread (fd, data, size, offset), ==, size);
  close (fd);
}

static inline void
write_drive (const char *path, guint64 offset, gconstpointer data, gsize size)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (pwrite (fd, data, size, offset), ==, size);
  close (fd);
}
