/* valise-recognize.c: what a file is, told by its bytes.
 *
 * Responsible for the words about files that are not what they should be: most of them were named
 * wrongly, packed, or saved by a browser in place of the real one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-recognize.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "valise-wim-header.h"

#define HEAD_SIZE (64 * 1024)
#define TAIL_SIZE 512

/* Discs have their descriptors from sector 16 on, 2048 bytes each (ECMA-119 7.1.3 and 8,
 * ECMA-167 2/8.4). */
#define DISC_START (16 * 2048)
#define DISC_SECTOR 2048

typedef enum
{
  ADVICE_UNPACK,
  ADVICE_INSIDE,
  ADVICE_OTHER,
} Advice;

#define MAGIC(at, bytes, what, advice) { at, bytes, sizeof (bytes) - 1, what, advice }

/* Longer and rarer marks first. */
static const struct
{
  gsize at;
  const char *bytes;
  gsize size;
  const char *what;
  Advice advice;
} magics[] = {
  MAGIC (0, "PK\003\004", N_("a ZIP archive"), ADVICE_UNPACK),
  MAGIC (0, "PK\005\006", N_("an empty ZIP archive"), ADVICE_OTHER),
  MAGIC (0, "7z\xbc\xaf\x27\x1c", N_("a 7z archive"), ADVICE_UNPACK),
  MAGIC (0, "Rar!\x1a\x07", N_("a RAR archive"), ADVICE_UNPACK),
  MAGIC (0, "\x1f\x8b\x08", N_("a file packed with gzip"), ADVICE_UNPACK),
  MAGIC (0, "\xfd" "7zXZ\0", N_("a file packed with xz"), ADVICE_UNPACK),
  MAGIC (0, "BZh", N_("a file packed with bzip2"), ADVICE_UNPACK),
  MAGIC (0, "\x28\xb5\x2f\xfd", N_("a file packed with zstd"), ADVICE_UNPACK),
  MAGIC (0, "MSCF\0\0\0\0", N_("a cabinet (CAB) archive"), ADVICE_UNPACK),
  MAGIC (257, "ustar", N_("a tar archive"), ADVICE_UNPACK),
  MAGIC (0, "QFI\xfb", N_("a virtual disk of QEMU (QCOW2)"), ADVICE_INSIDE),
  MAGIC (0, "KDMV", N_("a virtual disk of VMware (VMDK)"), ADVICE_INSIDE),
  MAGIC (0, "# Disk DescriptorFile", N_("a virtual disk of VMware (VMDK)"), ADVICE_INSIDE),
  MAGIC (0, "vhdxfile", N_("a virtual disk of Hyper-V (VHDX)"), ADVICE_INSIDE),
  MAGIC (0, "conectix", N_("a virtual disk of Hyper-V (VHD)"), ADVICE_INSIDE),
  MAGIC (0x40, "\x7f\x10\xda\xbe", N_("a virtual disk of VirtualBox (VDI)"), ADVICE_INSIDE),
  MAGIC (0, "%PDF-", N_("a PDF document"), ADVICE_OTHER),
  MAGIC (0, "\x7f" "ELF", N_("a program for Linux"), ADVICE_OTHER),
  MAGIC (0, "MZ", N_("a program for Windows (EXE)"), ADVICE_OTHER),
  MAGIC (3, "NTFS    ", N_("a copy of an NTFS volume"), ADVICE_INSIDE),
  MAGIC (3, "-FVE-FS-", N_("a copy of a volume that BitLocker encrypted"), ADVICE_INSIDE),
  MAGIC (54, "FAT1", N_("a copy of a FAT volume"), ADVICE_INSIDE),
  MAGIC (82, "FAT32", N_("a copy of a FAT volume"), ADVICE_INSIDE),
  MAGIC (512, "EFI PART", N_("a copy of a whole disk (with a GPT)"), ADVICE_INSIDE),
  MAGIC (4096, "EFI PART", N_("a copy of a whole disk (with a GPT)"), ADVICE_INSIDE),
};

static const struct
{
  const char *bytes;
  const char *what;
} tails[] = {
  { "conectix", N_("a virtual disk of Hyper-V (VHD)") },
  { "koly", N_("a disk image of macOS (DMG)") },
};

static gboolean
has (const guint8 *bytes, gsize size, gsize at, const char *magic, gsize magic_size)
{
  return at <= size && size - at >= magic_size && memcmp (bytes + at, magic, magic_size) == 0;
}

static gboolean
is_disc (const guint8 *bytes, gsize size)
{
  for (gsize at = DISC_START + 1; at + 5 <= size; at += DISC_SECTOR)
    if (has (bytes, size, at, "CD001", 5) || has (bytes, size, at, "NSR0", 4))
      return TRUE;
  return FALSE;
}

/* A master boot record: its mark, and four entries whose first byte is 0 or 0x80, one of them of
 * some type. */
static gboolean
is_partitioned (const guint8 *bytes, gsize size)
{
  gboolean has_type = FALSE;

  if (!has (bytes, size, 510, "\x55\xaa", 2))
    return FALSE;
  for (gsize at = 446; at < 510; at += 16)
    {
      if ((bytes[at] & 0x7f) != 0)
        return FALSE;
      has_type |= bytes[at + 4] != 0;
    }
  return has_type;
}

static gboolean
starts_with_word (const guint8 *bytes, gsize size, const char *word)
{
  while (size > 0 && g_ascii_isspace (*bytes))
    bytes++, size--;
  return size >= strlen (word)
         && g_ascii_strncasecmp ((const char *) bytes, word, strlen (word)) == 0;
}

static gboolean
is_text (const guint8 *bytes, gsize size)
{
  const char *end;

  if (size == 0 || memchr (bytes, 0, size) != NULL)
    return FALSE;
  /* The last letter may be cut. */
  return g_utf8_validate ((const char *) bytes, size, &end)
         || (gsize) (end - (const char *) bytes) + 4 > size;
}

static gboolean
is_zero (const guint8 *bytes, gsize size)
{
  return size > 0 && bytes[0] == 0 && memcmp (bytes, bytes + 1, size - 1) == 0;
}

static const char *
name_kind (const guint8 *head, gsize head_size, const guint8 *tail, gsize tail_size, Advice *advice)
{
  *advice = ADVICE_OTHER;
  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    if (has (head, head_size, magics[i].at, magics[i].bytes, magics[i].size))
      {
        *advice = magics[i].advice;
        return _(magics[i].what);
      }
  for (guint i = 0; i < G_N_ELEMENTS (tails); i++)
    if (has (tail, tail_size, 0, tails[i].bytes, strlen (tails[i].bytes)))
      {
        *advice = ADVICE_INSIDE;
        return _(tails[i].what);
      }
  if (starts_with_word (head, head_size, "<!doctype html")
      || starts_with_word (head, head_size, "<html"))
    return _("a web page; the download did not give the file itself");
  if (is_partitioned (head, head_size))
    {
      *advice = ADVICE_INSIDE;
      return _("a copy of a whole disk (with an MBR)");
    }
  if (is_text (head, head_size))
    return _("a text");
  if (is_zero (head, head_size))
    return _("a file that begins with nothing but zeros; its download may not have ended");
  return NULL;
}

static void
set_other (GError **error, const char *path, const char *what, Advice advice)
{
  if (what == NULL)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE,
                 _("“%s” is not a Windows image, nor anything else that Valise knows. Choose an "
                    "ISO, WIM, ESD or SWM file."),
                 path);
  else if (advice == ADVICE_UNPACK)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE,
                 /* Translators: the second %s is such as “a ZIP archive”. */
                 _("“%s” is not a Windows image, but %s. Unpack it, and choose the ISO, WIM, ESD "
                    "or SWM file that is in it."),
                 path, what);
  else if (advice == ADVICE_INSIDE)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE,
                 /* Translators: the second %s is such as “a virtual disk of QEMU (QCOW2)”. */
                 _("“%s” is not a Windows image, but %s. Choose an ISO, WIM, ESD or SWM file that "
                    "Windows can be installed from."),
                 path, what);
  else
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE,
                 /* Translators: the second %s is such as “a PDF document”. */
                 _("“%s” is not a Windows image, but %s. Choose an ISO, WIM, ESD or SWM file."),
                 path, what);
}

static gboolean
read_ends (int fd, guint64 size, GByteArray *head, GByteArray *tail)
{
  gssize n;

  g_byte_array_set_size (head, HEAD_SIZE);
  g_byte_array_set_size (tail, TAIL_SIZE);
  n = pread (fd, head->data, HEAD_SIZE, 0);
  if (n < 0)
    return FALSE;
  g_byte_array_set_size (head, n);
  n = size > TAIL_SIZE ? pread (fd, tail->data, TAIL_SIZE, size - TAIL_SIZE) : 0;
  g_byte_array_set_size (tail, MAX (n, 0));
  return TRUE;
}

/**
 * valise_recognize:
 * @path: a file
 * @size: (out): its size in bytes
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * Tells what is in a file. Any thread.
 *
 * Returns: %VALISE_FILE_OTHER, with @error set, where Windows editions cannot be in it
 */
ValiseFileKind
valise_recognize (const char *path, guint64 *size, GError **error)
{
  g_autoptr (GByteArray) head = g_byte_array_new ();
  g_autoptr (GByteArray) tail = g_byte_array_new ();
  /* Not to wait for somebody at the other end of a pipe. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat st = { 0 };
  const char *what;
  gboolean ok;
  Advice advice;
  int code;

  ok = fd >= 0 && fstat (fd, &st) == 0
       && (!S_ISREG (st.st_mode) || read_ends (fd, st.st_size, head, tail));
  code = errno;
  if (fd >= 0)
    close (fd);
  *size = st.st_size;
  if (!ok)
    g_set_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_UNREADABLE,
                 _("“%s” cannot be opened: %s. See that it is there, and that you may read it."),
                 path, g_strerror (code));
  else if (S_ISDIR (st.st_mode))
    set_other (error, path, _("a folder"), ADVICE_OTHER);
  else if (!S_ISREG (st.st_mode))
    set_other (error, path, _("a device or something else that is no file"), ADVICE_OTHER);
  else if (st.st_size == 0)
    set_other (error, path, _("an empty file"), ADVICE_OTHER);
  else if (valise_wim_header_is (head->data, head->len))
    return VALISE_FILE_WIM;
  else if (is_disc (head->data, head->len))
    return VALISE_FILE_DISC;
  else
    {
      what = name_kind (head->data, head->len, tail->data, tail->len, &advice);
      set_other (error, path, what, advice);
    }
  return VALISE_FILE_OTHER;
}
