/* valise-digest-map.c: which blocks of a drive were written, and the digest of each.
 *
 * Both tables cover the whole drive, but only the pages of them that are touched take memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-digest-map.h"

#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

#include "core/valise-units.h"

struct _ValiseDigestMap
{
  guint64 size;     /* bytes */
  guint64 n_blocks; /* the last one may be shorter */
  guint64 n_written;
  guint64 *digests;
  guint64 *written; /* one bit a block */
  gsize digests_bytes;
  gsize written_bytes;
};

static gpointer
map_zeros (gsize bytes)
{
  gpointer memory = mmap (NULL, bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    g_error ("no address space for a table of %" G_GSIZE_FORMAT " bytes", bytes);
  return memory;
}

/**
 * valise_digest_map_new:
 * @size: the drive's size in bytes
 *
 * Returns: (transfer full): a map in which nothing is written
 */
ValiseDigestMap *
valise_digest_map_new (guint64 size)
{
  ValiseDigestMap *self = g_new0 (ValiseDigestMap, 1);

  self->size = size;
  self->n_blocks = MAX (1, (size + VALISE_BLOCK_SIZE - 1) / VALISE_BLOCK_SIZE);
  self->digests_bytes = self->n_blocks * sizeof (guint64);
  self->written_bytes = VALISE_ROUND_UP (self->n_blocks, 64) / 8;
  self->digests = map_zeros (self->digests_bytes);
  self->written = map_zeros (self->written_bytes);
  return self;
}

/**
 * valise_digest_map_merge:
 * @self: a map
 * @other: a map of the same drive, or of a smaller one with the same contents
 *
 * Takes over all that @other knows. What both know is as in @other from then on. A block that
 * @other has written must be as long in both.
 */
void
valise_digest_map_merge (ValiseDigestMap *self, const ValiseDigestMap *other)
{
  guint64 first, n;

  for (guint64 from = 0; valise_digest_map_next_run (other, from, G_MAXUINT64, &first, &n);
       from = first + n)
    for (guint64 block = first; block < first + n; block++)
      {
        g_return_if_fail (block < self->n_blocks
                          && valise_digest_map_get_block_length (self, block)
                                 == valise_digest_map_get_block_length (other, block));
        valise_digest_map_record_digest (self, block, other->digests[block]);
      }
}

/**
 * valise_digest_map_free:
 * @self: (transfer full): a map
 */
void
valise_digest_map_free (ValiseDigestMap *self)
{
  munmap (self->digests, self->digests_bytes);
  munmap (self->written, self->written_bytes);
  g_free (self);
}

/**
 * valise_digest_map_get_size:
 * @self: a map
 *
 * Returns: the drive's size in bytes
 */
guint64
valise_digest_map_get_size (const ValiseDigestMap *self)
{
  return self->size;
}

/**
 * valise_digest_map_get_block_length:
 * @self: a map
 * @block: a block's number
 *
 * Returns: the block's bytes: %VALISE_BLOCK_SIZE, or fewer for the drive's last one
 */
gsize
valise_digest_map_get_block_length (const ValiseDigestMap *self, guint64 block)
{
  guint64 start = block * VALISE_BLOCK_SIZE;

  return start >= self->size ? 0 : MIN (self->size - start, VALISE_BLOCK_SIZE);
}

/**
 * valise_digest_map_get_written_bytes:
 * @self: a map
 *
 * Returns: how many different bytes of the drive were written
 */
guint64
valise_digest_map_get_written_bytes (const ValiseDigestMap *self)
{
  guint64 bytes = self->n_written * VALISE_BLOCK_SIZE;

  if (self->size > 0 && valise_digest_map_is_written (self, self->n_blocks - 1))
    bytes -= VALISE_BLOCK_SIZE - valise_digest_map_get_block_length (self, self->n_blocks - 1);
  return bytes;
}

/**
 * valise_digest_map_record:
 * @self: a map
 * @block: a block's number
 * @data: what the whole block holds now
 *
 * Remembers what was written into a block, instead of what was there before.
 */
void
valise_digest_map_record (ValiseDigestMap *self, guint64 block, gconstpointer data)
{
  valise_digest_map_record_digest (
      self, block,
      valise_digest_block (data, valise_digest_map_get_block_length (self, block)));
}

/**
 * valise_digest_map_record_digest:
 * @self: a map
 * @block: a block's number
 * @digest: the digest of what the whole block holds now, by valise_digest_block()
 *
 * As valise_digest_map_record(), for a digest that was made elsewhere.
 */
void
valise_digest_map_record_digest (ValiseDigestMap *self, guint64 block, guint64 digest)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << (block % 64);

  g_return_if_fail (block < self->n_blocks);

  self->digests[block] = digest;
  if ((self->written[block / 64] & bit) == 0)
    self->n_written++;
  self->written[block / 64] |= bit;
}

/**
 * valise_digest_map_is_written:
 * @self: a map
 * @block: a block's number
 *
 * Returns: whether the block was ever written
 */
gboolean
valise_digest_map_is_written (const ValiseDigestMap *self, guint64 block)
{
  return block < self->n_blocks && (self->written[block / 64] >> (block % 64) & 1) != 0;
}

/**
 * valise_digest_map_check:
 * @self: a map
 * @block: the number of a block that was written
 * @data: what was read back
 *
 * Returns: whether @data is what was written
 */
gboolean
valise_digest_map_check (const ValiseDigestMap *self, guint64 block, gconstpointer data)
{
  g_return_val_if_fail (valise_digest_map_is_written (self, block), FALSE);

  return self->digests[block]
         == valise_digest_block (data, valise_digest_map_get_block_length (self, block));
}

/**
 * valise_digest_map_next_run:
 * @self: a map
 * @from: the first block to look at
 * @max_blocks: the longest run wanted
 * @first: (out): the first written block from @from on
 * @n_blocks: (out): how many written blocks follow each other there, up to @max_blocks
 *
 * Returns: whether there was one
 */
gboolean
valise_digest_map_next_run (const ValiseDigestMap *self,
                            guint64 from,
                            guint64 max_blocks,
                            guint64 *first,
                            guint64 *n_blocks)
{
  guint64 block = from;
  guint64 n = 0;

  while (block < self->n_blocks && !valise_digest_map_is_written (self, block))
    block += block % 64 == 0 && self->written[block / 64] == 0 ? 64 : 1;
  while (n < max_blocks && valise_digest_map_is_written (self, block + n))
    n++;
  *first = block;
  *n_blocks = n;
  return n > 0;
}

/**
 * valise_digest_map_run_digest:
 * @self: a map
 * @first: a block's number
 * @n_blocks: how many written blocks from there on
 *
 * Returns: one digest for the run, as valise_digest_combine() makes it
 */
guint64
valise_digest_map_run_digest (const ValiseDigestMap *self, guint64 first, guint64 n_blocks)
{
  g_return_val_if_fail (first + n_blocks <= self->n_blocks, 0);

  return valise_digest_combine (self->digests + first, n_blocks);
}

/**
 * valise_digest_block:
 * @data: a block's bytes
 * @size: how many there are
 *
 * Returns: their XXH3-64 digest, seed 0
 */
guint64
valise_digest_block (gconstpointer data, gsize size)
{
  return XXH3_64bits (data, size);
}

/**
 * valise_digest_combine:
 * @digests: the digests of blocks, in order
 * @n: how many there are
 *
 * Returns: the XXH3-64 digest of the digests, each as 8 bytes, little-endian
 */
guint64
valise_digest_combine (const guint64 *digests, gsize n)
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
  return XXH3_64bits (digests, n * sizeof *digests);
#else
  g_autofree guint64 *le = g_new (guint64, n);

  for (gsize i = 0; i < n; i++)
    le[i] = GUINT64_TO_LE (digests[i]);
  return XXH3_64bits (le, n * sizeof *le);
#endif
}
