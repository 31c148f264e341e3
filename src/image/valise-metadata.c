/* valise-metadata.c: reads the metadata resource of an image: its tree of files.
 *
 * wimlib reads it too, but its API does not show all that is in there. The bytes are foreign:
 * whatever they are, nothing outside of them is read, and each is read a bounded number of times.
 *
 * The layout is that of Microsoft’s “Windows Imaging File Format (WIM)”, SECURITYBLOCK_DISK,
 * DIRENTRY and STREAMENTRY; the tagged items behind the names are as wimlib documents them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-metadata.h"

#include <string.h>

#define ENTRY_SIZE 102
#define STREAM_SIZE 38
/* A path has at most 32767 letters. */
#define MAX_DEPTH 16384

#define ATTRIBUTE_DIRECTORY 0x10
#define ATTRIBUTE_REPARSE_POINT 0x400

#define TAG_OBJECT_ID 1
#define TAG_EXTENDED_ATTRIBUTES 2
#define TAG_LINUX_EXTENDED_ATTRIBUTES 0x337dd874

typedef struct
{
  const guint8 *name;
  guint units;
} PathPart;

typedef struct
{
  const guint8 *bytes;
  gsize size;
  GArray *descriptors; /* of gsize: where each begins, and behind the last, where it ends */
  GArray *offsets;     /* of guint64: the next entry of each folder that is open */
  GArray *parts;       /* of PathPart */
} Parser;

static guint64
get_le (const guint8 *bytes, guint n)
{
  guint64 value = 0;

  while (n-- > 0)
    value = value << 8 | bytes[n];
  return value;
}

static guint64
align (guint64 n)
{
  return n > G_MAXUINT64 - 7 ? G_MAXUINT64 : (n + 7) & ~G_GUINT64_CONSTANT (7);
}

/* Reads the table of security descriptors; returns where the root entry is, 0 on failure. */
static guint64
parse_descriptors (Parser *self)
{
  guint64 total, n, at;

  if (self->size < 8)
    return 0;
  total = MAX (align (get_le (self->bytes, 4)), 8);
  n = get_le (self->bytes + 4, 4);
  if (total > self->size || n > (total - 8) / 8)
    return 0;
  at = 8 + n * 8;
  for (guint64 i = 0; i < n; i++)
    {
      guint64 size = get_le (self->bytes + 8 + i * 8, 8);
      gsize start = at;

      if (size > total - at)
        return 0;
      g_array_append_val (self->descriptors, start);
      at += size;
    }
  g_array_append_val (self->descriptors, (gsize){ at });
  return total;
}

static void
parse_tagged_items (const guint8 *at, const guint8 *end, ValiseMetadataEntry *entry)
{
  while (end - at >= 8)
    {
      guint64 tag = get_le (at, 4), size = align (get_le (at + 4, 4));

      if (size > (guint64) (end - at - 8))
        return;
      entry->has_object_id |= tag == TAG_OBJECT_ID;
      entry->has_extended_attributes
          |= tag == TAG_EXTENDED_ATTRIBUTES || tag == TAG_LINUX_EXTENDED_ATTRIBUTES;
      at += 8 + size;
    }
}

/* Moves @at behind the further streams of an entry. */
static gboolean
skip_streams (Parser *self, guint n, guint64 *at)
{
  for (guint i = 0; i < n; i++)
    {
      guint64 size;

      if (self->size - *at < STREAM_SIZE)
        return FALSE;
      size = align (get_le (self->bytes + *at, 8));
      if (size < STREAM_SIZE || size > self->size - *at
          || get_le (self->bytes + *at + 36, 2) > size - STREAM_SIZE)
        return FALSE;
      *at += size;
    }
  return TRUE;
}

/* Reads the entry at @at, and moves @at behind it. @size is 0 at the end of a folder. */
static gboolean
parse_entry (Parser *self, guint64 *at, guint64 *size, guint64 *children,
             ValiseMetadataEntry *entry, PathPart *part)
{
  const guint8 *bytes;
  guint64 names, id;
  guint name_size, short_size;

  if (*at > self->size || self->size - *at < 8)
    return FALSE;
  bytes = self->bytes + *at;
  *size = align (get_le (bytes, 8));
  if (*size <= 8)
    {
      *size = 0;
      return TRUE;
    }
  if (*size < align (ENTRY_SIZE) || *size > self->size - *at)
    return FALSE;

  memset (entry, 0, sizeof *entry);
  entry->attributes = get_le (bytes + 8, 4);
  id = get_le (bytes + 12, 4);
  if (id + 1 < self->descriptors->len)
    {
      gsize start = g_array_index (self->descriptors, gsize, id);

      entry->descriptor = self->bytes + start;
      entry->descriptor_size = g_array_index (self->descriptors, gsize, id + 1) - start;
    }
  *children = get_le (bytes + 16, 8);
  entry->main_hash = bytes + 64;
  if ((entry->attributes & ATTRIBUTE_REPARSE_POINT) == 0)
    entry->link_group = get_le (bytes + 88, 8);
  entry->n_streams = get_le (bytes + 96, 2);
  short_size = get_le (bytes + 98, 2);
  name_size = get_le (bytes + 100, 2);
  names = ENTRY_SIZE + (name_size > 0 ? name_size + 2 : 0) + (short_size > 0 ? short_size + 2 : 0);
  if (name_size % 2 != 0 || short_size % 2 != 0 || names > *size)
    return FALSE;
  entry->name_units = name_size / 2;
  entry->short_name_units = short_size / 2;
  part->name = bytes + ENTRY_SIZE;
  part->units = name_size / 2;
  if (align (names) < *size)
    parse_tagged_items (bytes + align (names), bytes + *size, entry);
  *at += *size;
  entry->streams = self->bytes + *at;
  return skip_streams (self, entry->n_streams, at);
}

static gboolean
parse_tree (Parser *self, guint64 root, ValiseMetadataVisit visit, gpointer data)
{
  /* In a tree, each entry is met once: more of them than there is room for is a loop. */
  guint64 left = self->size / ENTRY_SIZE + 1;
  gboolean is_root = TRUE;

  g_array_append_val (self->offsets, root);
  while (self->offsets->len > 0)
    {
      guint64 *next = &g_array_index (self->offsets, guint64, self->offsets->len - 1);
      ValiseMetadataEntry entry;
      guint64 size, children;
      PathPart part;

      if (!parse_entry (self, next, &size, &children, &entry, &part)
          || (size == 0 && is_root) || left-- == 0)
        return FALSE;
      if (size == 0)
        {
          g_array_set_size (self->offsets, self->offsets->len - 1);
          if (self->parts->len > 0)
            g_array_set_size (self->parts, self->parts->len - 1);
          continue;
        }
      if (is_root)
        {
          /* It has no name and no brothers. */
          g_array_set_size (self->offsets, 0);
          part.units = 0;
        }
      g_array_append_val (self->parts, part);
      entry.path_parts = self->parts;
      if (!visit (&entry, data))
        return FALSE;
      is_root = FALSE;
      if (children != 0
          && (entry.attributes & (ATTRIBUTE_DIRECTORY | ATTRIBUTE_REPARSE_POINT))
                 == ATTRIBUTE_DIRECTORY)
        {
          if (self->offsets->len >= MAX_DEPTH)
            return FALSE;
          g_array_append_val (self->offsets, children);
        }
      else
        g_array_set_size (self->parts, self->parts->len - 1);
    }
  return TRUE;
}

/**
 * valise_metadata_parse:
 * @bytes: an uncompressed metadata resource
 * @size: its size in bytes
 * @visit: called for each entry
 * @data: for @visit
 *
 * Visits all files and folders of an image. Any thread.
 *
 * Returns: whether the resource is sound, and @visit always wanted to go on
 */
gboolean
valise_metadata_parse (const guint8 *bytes, gsize size, ValiseMetadataVisit visit, gpointer data)
{
  Parser self = {
    .bytes = bytes,
    .size = size,
    .descriptors = g_array_new (FALSE, FALSE, sizeof (gsize)),
    .offsets = g_array_new (FALSE, FALSE, sizeof (guint64)),
    .parts = g_array_new (FALSE, FALSE, sizeof (PathPart)),
  };
  guint64 root = parse_descriptors (&self);
  gboolean ok = root != 0 && parse_tree (&self, root, visit, data);

  g_array_unref (self.descriptors);
  g_array_unref (self.offsets);
  g_array_unref (self.parts);
  return ok;
}

/**
 * valise_metadata_next_stream:
 * @stream: an entry’s @streams, or what this returned; at most @n_streams times
 * @hash: (out): the stream’s hash; all zero for an empty one
 * @name_units: (out): length of its name, in UTF-16 units; 0 for the file’s own data
 *
 * Returns: the next stream
 */
const guint8 *
valise_metadata_next_stream (const guint8 *stream, const guint8 **hash, guint *name_units)
{
  *hash = stream + 16;
  *name_units = get_le (stream + 36, 2) / 2;
  return stream + align (get_le (stream, 8));
}

static void
append_name (GString *path, const PathPart *part)
{
  for (guint i = 0; i < part->units; i++)
    {
      gunichar c = get_le (part->name + 2 * i, 2);

      if (c >= 0xd800 && c < 0xdc00 && i + 1 < part->units)
        {
          gunichar low = get_le (part->name + 2 * (i + 1), 2);

          if (low >= 0xdc00 && low < 0xe000)
            {
              c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
              i++;
            }
        }
      /* Halves of pairs are allowed in Windows’ names, not in ours. */
      if (c == 0 || (c >= 0xd800 && c < 0xe000))
        c = 0xfffd;
      g_string_append_unichar (path, c);
    }
}

/**
 * valise_metadata_dup_path:
 * @entry: an entry that is being visited
 *
 * Returns: (transfer full): its path, beginning with a slash
 */
char *
valise_metadata_dup_path (const ValiseMetadataEntry *entry)
{
  GString *path = g_string_new (NULL);

  for (guint i = 1; i < entry->path_parts->len; i++)
    {
      g_string_append_c (path, '/');
      append_name (path, &g_array_index (entry->path_parts, PathPart, i));
    }
  if (path->len == 0)
    g_string_append_c (path, '/');
  return g_string_free (path, FALSE);
}
