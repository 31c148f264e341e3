/* valise-extent-map.c: where the bytes of a file lie on a volume.
 *
 * A file is a few runs, one behind the other, each of which lies somewhere in one piece. Bytes of
 * the file are found, a part of it is a map again, and what it has can be left out of what is
 * written of its volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-extent-map.h"

#include "valise-extents.h"

typedef struct
{
  guint64 offset; /* in the file */
  guint64 place;
  guint64 size;
} Run;

struct _ValiseExtentMap
{
  GArray *runs; /* ascending by offset, without gaps */
  guint64 size;
};

/**
 * valise_extent_map_new:
 *
 * Returns: (transfer full): a map of nothing
 */
ValiseExtentMap *
valise_extent_map_new (void)
{
  ValiseExtentMap *self = g_new0 (ValiseExtentMap, 1);

  self->runs = g_array_new (FALSE, FALSE, sizeof (Run));
  return self;
}

/**
 * valise_extent_map_free:
 * @self: (transfer full): a map
 */
void
valise_extent_map_free (ValiseExtentMap *self)
{
  g_array_unref (self->runs);
  g_free (self);
}

/**
 * valise_extent_map_add:
 * @self: a map
 * @place: where the next bytes of the file lie
 * @size: how many there are, in bytes
 *
 * Appends a run.
 */
void
valise_extent_map_add (ValiseExtentMap *self, guint64 place, guint64 size)
{
  Run run = { self->size, place, size };
  Run *last = self->runs->len > 0 ? &g_array_index (self->runs, Run, self->runs->len - 1) : NULL;

  if (size == 0)
    return;
  if (last != NULL && last->place + last->size == place)
    last->size += size;
  else
    g_array_append_val (self->runs, run);
  self->size += size;
}

/**
 * valise_extent_map_get_size:
 * @self: a map
 *
 * Returns: how many bytes it has
 */
guint64
valise_extent_map_get_size (const ValiseExtentMap *self)
{
  return self->size;
}

/**
 * valise_extent_map_get_n_runs:
 * @self: a map
 *
 * Returns: in how many pieces they lie
 */
guint
valise_extent_map_get_n_runs (const ValiseExtentMap *self)
{
  return self->runs->len;
}

static const Run *
find_run (const ValiseExtentMap *self, guint64 offset)
{
  for (guint i = 0; i < self->runs->len; i++)
    {
      const Run *run = &g_array_index (self->runs, Run, i);

      if (offset >= run->offset && offset - run->offset < run->size)
        return run;
    }
  return NULL;
}

/**
 * valise_extent_map_find:
 * @self: a map
 * @offset: a byte of the file; less than valise_extent_map_get_size()
 * @size: (out): how many bytes lie there in one piece, from that one on
 *
 * Returns: where the byte lies
 */
guint64
valise_extent_map_find (const ValiseExtentMap *self, guint64 offset, guint64 *size)
{
  const Run *run = find_run (self, offset);

  g_assert (run != NULL);
  *size = run->size - (offset - run->offset);
  return run->place + (offset - run->offset);
}

/**
 * valise_extent_map_slice:
 * @self: a map
 * @offset: where the part begins, in bytes of the file
 * @size: the part's size in bytes; it lies in the file
 * @shift: what to add to each place
 *
 * Returns: (transfer full): the map of a part of the file
 */
ValiseExtentMap *
valise_extent_map_slice (const ValiseExtentMap *self, guint64 offset, guint64 size, guint64 shift)
{
  ValiseExtentMap *part = valise_extent_map_new ();

  g_assert (offset <= self->size && size <= self->size - offset);
  while (size > 0)
    {
      guint64 piece;
      guint64 place = valise_extent_map_find (self, offset, &piece);

      piece = MIN (piece, size);
      valise_extent_map_add (part, place + shift, piece);
      offset += piece;
      size -= piece;
    }
  return part;
}

/**
 * valise_extent_map_translate:
 * @self: a map
 * @extents: (element-type ValiseExtent): parts of the file, in any order
 *
 * Returns: (transfer full) (element-type ValiseExtent): where they lie, in the same order
 */
GArray *
valise_extent_map_translate (const ValiseExtentMap *self, GArray *extents)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (ValiseExtent));

  for (guint i = 0; i < extents->len; i++)
    {
      ValiseExtent left = g_array_index (extents, ValiseExtent, i);

      while (left.size > 0)
        {
          guint64 size;
          ValiseExtent place = { valise_extent_map_find (self, left.offset, &size), 0 };

          place.size = MIN (size, left.size);
          g_array_append_val (places, place);
          left.offset += place.size;
          left.size -= place.size;
        }
    }
  return places;
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const Run *first = a, *second = b;

  return first->place < second->place ? -1 : first->place > second->place;
}

/**
 * valise_extent_map_subtract:
 * @self: a map
 * @extents: (element-type ValiseExtent): extents of its volume, ascending
 *
 * Returns: (transfer full) (element-type ValiseExtent): what of @extents the file does not have
 */
GArray *
valise_extent_map_subtract (const ValiseExtentMap *self, GArray *extents)
{
  GArray *left = g_array_new (FALSE, FALSE, sizeof (ValiseExtent));
  g_autoptr (GArray) runs = g_array_copy (self->runs);

  g_array_sort (runs, compare_places);
  for (guint i = 0; i < extents->len; i++)
    {
      ValiseExtent extent = g_array_index (extents, ValiseExtent, i);
      guint64 end = extent.offset + extent.size;

      for (guint r = 0; r < runs->len && extent.offset < end; r++)
        {
          const Run *run = &g_array_index (runs, Run, r);

          if (run->place + run->size <= extent.offset || run->place >= end)
            continue;
          if (run->place > extent.offset)
            {
              extent.size = run->place - extent.offset;
              g_array_append_val (left, extent);
            }
          extent.offset = run->place + run->size;
        }
      if (extent.offset < end)
        {
          extent.size = end - extent.offset;
          g_array_append_val (left, extent);
        }
    }
  return left;
}
