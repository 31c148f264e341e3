/* valise-pe.c: what a program for the firmware or for Windows says of itself.
 *
 * The formats are those of “PE Format” and “VERSIONINFO resource” (learn.microsoft.com), and of
 * “Windows Authenticode Portable Executable Signature Format” (2008) for the digest. A file may be
 * anything: each offset and length is looked at before it is used.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-pe.h"

#include <string.h>

#include "core/valise-bytes.h"

#define DIRECTORY_RESOURCES 2
#define DIRECTORY_CERTIFICATES 4
#define SUBSYSTEM_EFI_APPLICATION 10
#define MAX_SECTIONS 96 /* Windows' own limit */

/* Resources: a tree of three levels, the last one by language. */
#define RESOURCE_VERSION 16
#define RESOURCE_IS_FOLDER 0x80000000u

#define VERSION_MAGIC 0xfeef04bd
/* Larger ones are not read: there are only a few lines in it. */
#define VERSION_MAX 65536

#define CERTIFICATE_HEAD 8
#define CERTIFICATE_REVISION 0x0200
#define CERTIFICATE_PKCS 2

typedef struct
{
  const guint8 *data;
  gsize size;
} Span;

static gboolean
is_in (gsize size, gsize at, gsize n)
{
  return at <= size && size - at >= n;
}

static const char *
get_architecture (guint machine)
{
  switch (machine)
    {
    case 0x8664:
      return "amd64";
    case 0xaa64:
      return "arm64";
    case 0x014c:
      return "x86";
    default:
      return "unknown";
    }
}

/* The optional header, of @n bytes at @at. */
static gboolean
parse_optional (ValisePe *self, gsize at, gsize n)
{
  const guint8 *head = self->data + at;
  gsize directories;
  guint32 count;

  if (n < 2 || (valise_get_le16 (head) != 0x10b && valise_get_le16 (head) != 0x20b))
    return FALSE;
  directories = valise_get_le16 (head) == 0x20b ? 112 : 96;
  if (n < directories)
    return FALSE;
  self->is_efi = valise_get_le16 (head + 68) == SUBSYSTEM_EFI_APPLICATION;
  self->checksum = at + 64;
  count = MIN (valise_get_le32 (head + directories - 4), (n - directories) / 8);
  if (count > DIRECTORY_RESOURCES)
    self->resources = valise_get_le32 (head + directories + DIRECTORY_RESOURCES * 8);
  if (count > DIRECTORY_CERTIFICATES)
    {
      gsize entry = directories + DIRECTORY_CERTIFICATES * 8;

      self->certificate_entry = at + entry;
      self->certificates = valise_get_le32 (head + entry);
      self->certificates_size = valise_get_le32 (head + entry + 4);
    }
  return TRUE;
}

/**
 * valise_pe_parse:
 * @self: (out caller-allocates): where to put what was found
 * @data: (array length=size): a file; may be anything; @self goes on using it
 * @size: its size in bytes
 *
 * Any thread.
 *
 * Returns: whether it is a program in this format
 */
gboolean
valise_pe_parse (ValisePe *self, const guint8 *data, gsize size)
{
  gsize at, optional, n_optional;

  memset (self, 0, sizeof *self);
  self->data = data;
  self->size = size;
  self->architecture = "unknown";
  if (size < 64 || memcmp (data, "MZ", 2) != 0)
    return FALSE;
  at = valise_get_le32 (data + 60);
  if (!is_in (size, at, 24) || memcmp (data + at, "PE\0\0", 4) != 0)
    return FALSE;
  self->architecture = get_architecture (valise_get_le16 (data + at + 4));
  self->n_sections = valise_get_le16 (data + at + 6);
  optional = at + 24;
  n_optional = valise_get_le16 (data + at + 20);
  self->sections = optional + n_optional;
  if (self->n_sections > MAX_SECTIONS || !is_in (size, optional, n_optional)
      || !is_in (size, self->sections, self->n_sections * 40)
      || !parse_optional (self, optional, n_optional))
    return FALSE;
  if (self->certificates_size == 0)
    self->certificates = 0;
  if (self->certificates == 0)
    self->certificates_size = 0;
  /* A file that was cut, for instance: valise_pe_get_signature() will find nothing whole. */
  self->certificates = MIN (self->certificates, size);
  self->certificates_size = MIN (self->certificates_size, size - self->certificates);
  return TRUE;
}

/* What lies at address @address in memory, at least @n bytes; else NULL. */
static gboolean
find_address (const ValisePe *self, guint32 address, gsize n, Span *span)
{
  for (guint i = 0; i < self->n_sections; i++)
    {
      const guint8 *section = self->data + self->sections + i * 40;
      const guint32 start = valise_get_le32 (section + 12);
      const guint32 raw_size = valise_get_le32 (section + 16);
      const guint32 raw = valise_get_le32 (section + 20);

      if (address < start || address - start >= raw_size || raw > self->size)
        continue;
      span->size = MIN (raw_size, self->size - raw);
      if (!is_in (span->size, address - start, n))
        return FALSE;
      span->data = self->data + raw + (address - start);
      span->size -= address - start;
      return TRUE;
    }
  return FALSE;
}

/* In the folder at @folder of the resources: the entry called @id (or, with 0, the first one). */
static gboolean
find_entry (const Span *tree, guint32 folder, guint32 id, guint32 *found)
{
  guint n;

  if (!is_in (tree->size, folder, 16))
    return FALSE;
  n = valise_get_le16 (tree->data + folder + 12) + valise_get_le16 (tree->data + folder + 14);
  for (guint i = 0; i < n && is_in (tree->size, folder + 16 + (gsize) i * 8, 8); i++)
    {
      const guint8 *entry = tree->data + folder + 16 + i * 8;

      if (id != 0 && valise_get_le32 (entry) != id)
        continue;
      *found = valise_get_le32 (entry + 4);
      return TRUE;
    }
  return FALSE;
}

/* The block VS_VERSIONINFO. */
static gboolean
find_version (const ValisePe *self, Span *block)
{
  Span tree;
  guint32 at = 0, size;

  if (self->resources == 0 || !find_address (self, self->resources, 16, &tree)
      || !find_entry (&tree, 0, RESOURCE_VERSION, &at) || (at & RESOURCE_IS_FOLDER) == 0
      || !find_entry (&tree, at & ~RESOURCE_IS_FOLDER, 0, &at) || (at & RESOURCE_IS_FOLDER) == 0
      || !find_entry (&tree, at & ~RESOURCE_IS_FOLDER, 0, &at) || (at & RESOURCE_IS_FOLDER) != 0
      || !is_in (tree.size, at, 16))
    return FALSE;
  size = valise_get_le32 (tree.data + at + 4);
  if (size > VERSION_MAX || !find_address (self, valise_get_le32 (tree.data + at), size, block))
    return FALSE;
  block->size = size;
  return TRUE;
}

/* A block of a version resource: its key, its value, and the blocks in it. */
typedef struct
{
  gunichar2 key[24]; /* longer ones are cut */
  gboolean is_text;
  Span value;
  Span children;
  gsize length; /* of the whole block, with what fills it up */
} Block;

static gsize
fill_up (gsize at)
{
  return (at + 3) & ~(gsize) 3;
}

static gboolean
read_block (const guint8 *data, gsize size, Block *block)
{
  gsize length, value, at = 6, n = 0;

  memset (block, 0, sizeof *block);
  if (size < 6)
    return FALSE;
  length = valise_get_le16 (data);
  value = valise_get_le16 (data + 2);
  block->is_text = valise_get_le16 (data + 4) == 1;
  if (length < 6 || length > size)
    return FALSE;
  for (;; at += 2)
    {
      if (!is_in (length, at, 2))
        return FALSE;
      if (valise_get_le16 (data + at) == 0)
        break;
      if (n + 1 < G_N_ELEMENTS (block->key))
        block->key[n++] = valise_get_le16 (data + at);
    }
  at = MIN (fill_up (at + 2), length);
  /* Texts are counted in units, but some compilers count bytes. */
  value = MIN (block->is_text ? value * 2 : value, length - at);
  block->value = (Span) { data + at, value };
  at = MIN (fill_up (at + value), length);
  block->children = (Span) { data + at, length - at };
  block->length = MIN (fill_up (length), size);
  return TRUE;
}

static gboolean
has_key (const Block *block, const char *key)
{
  gsize i;

  for (i = 0; key[i] != '\0' && block->key[i] == (guchar) key[i]; i++)
    ;
  return key[i] == '\0' && block->key[i] == 0;
}

/**
 * valise_pe_get_version:
 * @self: a program
 * @version: (out) (array fixed-size=4): the version of the file, such as 10, 0, 26100, 1
 *
 * Returns: whether it says its version
 */
gboolean
valise_pe_get_version (const ValisePe *self, guint16 version[4])
{
  Span span;
  Block block;

  if (!find_version (self, &span) || !read_block (span.data, span.size, &block)
      || !has_key (&block, "VS_VERSION_INFO") || block.value.size < 52
      || valise_get_le32 (block.value.data) != VERSION_MAGIC)
    return FALSE;
  version[0] = valise_get_le16 (block.value.data + 10);
  version[1] = valise_get_le16 (block.value.data + 8);
  version[2] = valise_get_le16 (block.value.data + 14);
  version[3] = valise_get_le16 (block.value.data + 12);
  return TRUE;
}

static char *
dup_text (const Span *value)
{
  g_autofree gunichar2 *units = g_new0 (gunichar2, value->size / 2 + 1);

  for (gsize i = 0; i < value->size / 2; i++)
    units[i] = valise_get_le16 (value->data + i * 2);
  return g_utf16_to_utf8 (units, -1, NULL, NULL, NULL);
}

/**
 * valise_pe_dup_string:
 * @self: a program
 * @name: such as `FileVersion`, `OriginalFilename`; at most 23 letters
 *
 * Looks into the texts that belong to the version, of the first language.
 *
 * Returns: (transfer full) (nullable): the text in UTF-8, which is foreign and may hold anything
 */
char *
valise_pe_dup_string (const ValisePe *self, const char *name)
{
  Span span, tables, lines;
  Block block;

  if (!find_version (self, &span) || !read_block (span.data, span.size, &block))
    return NULL;
  tables = block.children;
  while (read_block (tables.data, tables.size, &block) && !has_key (&block, "StringFileInfo"))
    {
      tables.data += block.length;
      tables.size -= block.length;
    }
  if (!has_key (&block, "StringFileInfo")
      || !read_block (block.children.data, block.children.size, &block))
    return NULL;
  lines = block.children;
  while (read_block (lines.data, lines.size, &block))
    {
      if (has_key (&block, name))
        return dup_text (&block.value);
      lines.data += block.length;
      lines.size -= block.length;
    }
  return NULL;
}

/**
 * valise_pe_get_signature:
 * @self: a program
 * @signature: (out) (transfer none): the first PKCS#7 signature, part of the file
 * @size: (out): its size in bytes, with up to seven that only fill it up
 *
 * Returns: whether there is one that lies in the file as a whole
 */
gboolean
valise_pe_get_signature (const ValisePe *self, const guint8 **signature, gsize *size)
{
  gsize at = self->certificates;
  gsize left = self->certificates_size;

  while (left > CERTIFICATE_HEAD)
    {
      const gsize length = valise_get_le32 (self->data + at);
      const gsize step = (length + 7) & ~(gsize) 7;

      if (length <= CERTIFICATE_HEAD || length > left)
        return FALSE;
      if (valise_get_le16 (self->data + at + 4) == CERTIFICATE_REVISION
          && valise_get_le16 (self->data + at + 6) == CERTIFICATE_PKCS)
        {
          *signature = self->data + at + CERTIFICATE_HEAD;
          *size = length - CERTIFICATE_HEAD;
          return TRUE;
        }
      if (step >= left)
        return FALSE;
      at += step;
      left -= step;
    }
  return FALSE;
}

/**
 * valise_pe_digest:
 * @self: a program
 * @type: how to make the digest
 * @digest: (out) (array length=size): where to put it
 * @size: (inout): how many bytes there are room for; how many were written
 *
 * The digest that a signature is about: of the whole file without the checksum, the place of the
 * certificates, and these themselves. Firmware goes through the sections one by one; that comes to
 * the same where these lie one behind the other, as linkers leave them.
 *
 * Returns: whether the table of certificates lies behind everything else, as it must
 */
gboolean
valise_pe_digest (const ValisePe *self, GChecksumType type, guint8 *digest, gsize *size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (type);
  const gsize end = self->certificates != 0 ? self->certificates : self->size;
  const gsize entry = self->certificate_entry;
  gsize at = self->checksum + 4;

  if (end < self->sections || end + self->certificates_size != self->size)
    return FALSE;
  g_checksum_update (checksum, self->data, self->checksum);
  if (entry != 0)
    {
      g_checksum_update (checksum, self->data + at, entry - at);
      at = entry + 8;
    }
  g_checksum_update (checksum, self->data + at, end - at);
  g_checksum_get_digest (checksum, digest, size);
  return TRUE;
}
