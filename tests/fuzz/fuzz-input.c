/* fuzz-input.c: what the fuzz targets share: foreign bytes as a file that has a path.
 *
 * The file is in memory, and one for the whole process: a target has one file at a time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fuzz-input.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A record's head: the sector's number in 4 bytes, how many of its bytes follow in 2. */
#define RECORD_HEAD 6

static int fd = -1;
static char path[64];

/* A critical message of GLib is a bug of ours; what is foreign must not lead to one. */
int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_FATAL_MASK);
  return 0;
}

static void
empty (guint64 size)
{
  if (fd < 0)
    {
      fd = memfd_create ("fuzz", MFD_CLOEXEC);
      g_assert_cmpint (fd, >=, 0);
      g_snprintf (path, sizeof path, "/proc/self/fd/%d", fd);
    }
  g_assert_no_errno (ftruncate (fd, 0));
  g_assert_no_errno (ftruncate (fd, size));
}

static void
put (const guint8 *data, gsize size, guint64 at)
{
  while (size > 0)
    {
      ssize_t n = pwrite (fd, data, size, at);

      g_assert_cmpint (n, >, 0);
      data += n;
      size -= n;
      at += n;
    }
}

/**
 * fuzz_file:
 * @data: (array length=size): bytes
 * @size: how many
 *
 * Returns: (transfer none): path of a file that holds them, until the next call
 */
const char *
fuzz_file (const guint8 *data, gsize size)
{
  empty (size);
  put (data, size, 0);
  return path;
}

/**
 * fuzz_sparse_file:
 * @data: (array length=size): records: a sector's number in 4 bytes, how many of its bytes follow
 *   in 2, both little-endian, and these
 * @size: how many bytes; a last record may be cut
 * @sector: size of a sector in bytes
 * @file_size: size of the file in bytes
 *
 * For what is mostly empty, such as disks; rests of sectors are empty, too. Numbers are taken
 * modulo the number of sectors, so that −1 is the last one.
 *
 * Returns: (transfer none): path of the file, until the next call
 */
const char *
fuzz_sparse_file (const guint8 *data, gsize size, gsize sector, guint64 file_size)
{
  const guint64 n_sectors = file_size / sector;

  empty (file_size);
  while (size > RECORD_HEAD)
    {
      gint32 number;
      guint16 length;
      gsize n;

      memcpy (&number, data, sizeof number);
      memcpy (&length, data + sizeof number, sizeof length);
      number = GINT32_FROM_LE (number);
      data += RECORD_HEAD;
      size -= RECORD_HEAD;
      n = MIN (GUINT16_FROM_LE (length), MIN (size, sector));
      put (data, n,
           sector * (number < 0 ? n_sectors - 1 - (guint64) -(number + 1) % n_sectors
                                : (guint64) number % n_sectors));
      data += n;
      size -= n;
    }
  return path;
}
