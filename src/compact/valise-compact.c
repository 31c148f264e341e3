/* valise-compact.c: compresses the files that wimlib writes to a volume, as Windows would.
 *
 * A filter on the volume. It notes the names that files get, and asks the rules which of them may
 * be compressed. The bytes of such a file do not go to the volume but to the pool's threads; the
 * file stays empty. Files that are compressed are stored when wimlib has no file open, in the order
 * in which they came, so that they lie on the drive as they would without compression. Memory has
 * a bound: where too much of it waits, the first file is waited for.
 *
 * A large file does not fit into that. It is stored while it comes, on the inode that wimlib has
 * open. Whether it is worth it is decided by its first megabyte; if it is not, it is given back.
 *
 * Everything here belongs to the thread of the volume.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

#include "core/valise-error.h"
#include "valise-compact-file.h"
#include "valise-reparse-index.h"

/* How much of a large file may wait to be stored. */
#define MAX_LARGE_BLOCKS (8 * 1024 * 1024 / VALISE_COMPACT_BLOCK_SIZE)

/* How many bytes of small files may wait; each takes up to twice as much memory. */
#define MAX_WAITING (24 * 1024 * 1024)

/* A content that wimlib is writing, and the streams that it goes to. */
typedef struct
{
  ValiseCompactFile *file;
  ntfs_attr *first; /* by whose writes the content comes */
  guint n_open;     /* streams that have not ended */
  gboolean decided; /* that a large one is compressed */
  ValiseCompactStream *stream; /* (nullable): of a large one, on the inode of @first */
} Current;

struct _ValiseCompact
{
  /* Set once. */
  ValiseCompactRules *rules;
  ValiseCompactChoose choose;
  gpointer choose_data;
  GCancellable *cancellable;
  ValiseCompactPool *pool;

  GHashTable *folders; /* number → ValiseCompactFolder, the rules' */
  GHashTable *limits;  /* number → ValiseCompactLimit, where it is not ANY */
  GPtrArray *current;  /* Current: one for each algorithm at most */
  GHashTable *streams; /* ntfs_attr → Current */
  GQueue waiting;      /* ValiseCompactFile, filled */
  guint64 waiting_bytes;
  ValiseCompactStats stats;
  guint64 n_seen; /* files that wimlib was seen to make */
  gboolean has_index_room; /* for all of them, in the volume's index of what is compressed */
  gboolean cut;   /* wimlib has given up in the middle of a file */
  GError *error;  /* the first one */
};

/* ---- errors ---- */

static int
fail (ValiseCompact *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
  errno = EIO;
  return -1;
}

static guint64
sum (const guint64 *values)
{
  guint64 total = 0;

  for (guint i = 0; i < VALISE_WOF_N_ALGORITHMS; i++)
    total += values[i];
  return total;
}

/* A call of libntfs-3g has failed. */
static int
fail_store (ValiseCompact *self)
{
  int saved = errno;
  g_autofree char *before = g_format_size (sum (self->stats.bytes));
  g_autofree char *after = g_format_size (sum (self->stats.packed_bytes));

  if (saved == ENOSPC)
    return fail (self,
                 g_error_new (VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL,
                              /* Translators: sizes, such as 4.1 GB and 2.2 GB. */
                              _("This Windows can be compressed less than was expected, and does "
                                "not fit on the drive: the first %s of it take %s. Use a larger "
                                "drive, or an algorithm that compresses more."),
                              before, after));
  return fail (self, g_error_new (VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                                  _("A compressed file cannot be put on the new drive: %s."),
                                  g_strerror (saved)));
}

/* ---- names ---- */

static gpointer
key_of (guint64 number)
{
  return GSIZE_TO_POINTER ((gsize) number);
}

static void
restrict_file (ValiseCompact *self, const ntfs_inode *ni, ValiseCompactLimit limit)
{
  gpointer key = key_of (ni->mft_no);
  ValiseCompactLimit known = GPOINTER_TO_UINT (g_hash_table_lookup (self->limits, key));

  if (limit > known)
    g_hash_table_insert (self->limits, key, GUINT_TO_POINTER (limit));
}

static const ValiseCompactFolder *
find_folder (ValiseCompact *self, const ntfs_inode *folder)
{
  return folder->mft_no == FILE_root
             ? valise_compact_rules_get_root (self->rules)
             : g_hash_table_lookup (self->folders, key_of (folder->mft_no));
}

/* What has a name that is none, or lies where nobody knows, stays plain. */
static void
name_file (ValiseCompact *self, const ntfs_inode *ni, const ntfs_inode *folder,
           const ntfschar *name, guint length)
{
  const ValiseCompactFolder *known = find_folder (self, folder);
  g_autofree char *utf8 = g_utf16_to_utf8 ((const gunichar2 *) name, length, NULL, NULL, NULL);

  restrict_file (self, ni,
                 known != NULL && utf8 != NULL
                     ? valise_compact_rules_judge (self->rules, known, utf8)
                     : VALISE_COMPACT_PLAIN);
}

static void
on_created (gpointer data, const ntfs_inode *ni, const ntfs_inode *folder, const ntfschar *name,
            guint length, gboolean is_folder)
{
  ValiseCompact *self = data;
  const ValiseCompactFolder *parent = find_folder (self, folder);
  g_autofree char *utf8 = NULL;

  self->n_seen++;
  if (!is_folder)
    {
      name_file (self, ni, folder, name, length);
      return;
    }
  utf8 = g_utf16_to_utf8 ((const gunichar2 *) name, length, NULL, NULL, NULL);
  if (parent != NULL && utf8 != NULL)
    g_hash_table_insert (self->folders, key_of (ni->mft_no),
                         (gpointer) valise_compact_rules_enter (self->rules, parent, utf8));
}

static void
on_linked (gpointer data, const ntfs_inode *ni, const ntfs_inode *folder, const ntfschar *name,
           guint length)
{
  name_file (data, ni, folder, name, length);
}

static void
on_marked (gpointer data, const ntfs_inode *ni, guint32 attributes)
{
  if ((attributes & VALISE_COMPACT_PLAIN_ATTRIBUTES) != 0)
    restrict_file (data, ni, VALISE_COMPACT_PLAIN);
}

/* ---- storing ---- */

static void
count (ValiseCompact *self, const ValiseCompactFile *file)
{
  guint64 n = file->records->len;

  if (file->is_plain)
    {
      self->stats.n_plain += n;
      self->stats.plain_bytes += n * file->size;
      return;
    }
  self->stats.n_files[file->algorithm] += n;
  self->stats.bytes[file->algorithm] += n * file->size;
  self->stats.packed_bytes[file->algorithm] += n * file->packed_size;
  self->stats.time[file->algorithm] += file->time;
}

/* Stores the first file that waits. */
static int
store_first (ValiseCompact *self, ntfs_volume *vol)
{
  g_autoptr (ValiseCompactFile) file = g_queue_pop_head (&self->waiting);
  GError *error = NULL;

  self->waiting_bytes -= file->size;
  if (!valise_compact_file_wait (file, &error))
    return fail (self, error);
  for (guint i = 0; i < file->records->len; i++)
    {
      ntfs_inode *ni = ntfs_inode_open (vol, g_array_index (file->records, guint64, i));
      int result = ni != NULL ? valise_compact_file_store (file, ni) : -1;
      int saved = errno;

      if (ni != NULL && ntfs_inode_close (ni) != 0 && result == 0)
        result = -1;
      else
        errno = saved;
      if (result != 0)
        return fail_store (self);
    }
  if (!self->has_index_room)
    self->has_index_room = valise_reparse_index_reserve (vol, self->n_seen);
  for (GList *l = file->blocks.head; l != NULL; l = l->next)
    file->time += ((ValiseCompactBlock *) l->data)->time;
  count (self, file);
  return 0;
}

static int
store_waiting (ValiseCompact *self, ntfs_volume *vol, gboolean all)
{
  ValiseCompactFile *first;

  while (self->error == NULL && (first = g_queue_peek_head (&self->waiting)) != NULL
         && !g_cancellable_is_cancelled (self->cancellable))
    {
      if (!all && self->waiting_bytes <= MAX_WAITING && !valise_compact_file_is_done (first))
        break;
      if (store_first (self, vol) != 0)
        return -1;
    }
  return 0;
}

static void
on_full (gpointer data)
{
  errno = ENOSPC;
  fail_store (data);
}

static int
on_idle (gpointer data, ntfs_volume *vol)
{
  return store_waiting (data, vol, FALSE);
}

static int
on_finish (gpointer data, ntfs_volume *vol)
{
  ValiseCompact *self = data;

  if (self->cut || self->error != NULL)
    return 0;
  if (store_waiting (self, vol, TRUE) != 0)
    return -1;
  return valise_reparse_index_trim (vol) == 0 ? 0 : fail_store (self);
}

/* ---- what wimlib writes ---- */

static void
current_free (Current *current)
{
  g_clear_pointer (&current->stream, valise_compact_stream_free);
  g_clear_pointer (&current->file, valise_compact_file_free);
  g_free (current);
}

static Current *
find_current (ValiseCompact *self, ValiseWofAlgorithm algorithm, guint64 size, ntfs_attr *na)
{
  Current *current;

  for (guint i = 0; i < self->current->len; i++)
    {
      current = g_ptr_array_index (self->current, i);
      if (current->file->algorithm == algorithm && current->file->filled == 0)
        return current;
    }
  current = g_new0 (Current, 1);
  current->file = valise_compact_file_new (self->pool, algorithm, size);
  current->first = na;
  g_ptr_array_add (self->current, current);
  return current;
}

static gboolean
on_begin (gpointer data, ntfs_attr *na, guint64 size)
{
  ValiseCompact *self = data;
  ntfs_inode *ni = na->ni;
  ValiseCompactLimit limit
      = GPOINTER_TO_UINT (g_hash_table_lookup (self->limits, key_of (ni->mft_no)));
  ValiseWofAlgorithm algorithm;
  Current *current;
  guint64 number = ni->mft_no;

  if (na->type != AT_DATA || na->name_len != 0 || NAttrNonResident (na) || na->data_size != 0
      || size <= ni->vol->cluster_size || size > VALISE_COMPACT_MAX_FILE
      || limit == VALISE_COMPACT_PLAIN
      || !self->choose (&self->stats, size, &algorithm, self->choose_data))
    return FALSE;
  if (limit == VALISE_COMPACT_XPRESS4K)
    algorithm = VALISE_WOF_XPRESS4K;
  current = find_current (self, algorithm, size, na);
  current->n_open++;
  g_array_append_val (current->file->records, number);
  g_hash_table_insert (self->streams, na, current);
  return TRUE;
}

static gboolean
on_has (gpointer data, const ntfs_attr *na)
{
  ValiseCompact *self = data;

  return g_hash_table_size (self->streams) > 0 && g_hash_table_contains (self->streams, na);
}

static gboolean
is_streams (gpointer na, gpointer current, gpointer data)
{
  return current == data;
}

/* A large file that is not worth it: wimlib goes on as if nothing had been. */
static int
give_back (ValiseCompact *self, Current *current)
{
  GHashTableIter iter;
  gpointer na;
  gpointer owner;

  g_hash_table_iter_init (&iter, self->streams);
  while (g_hash_table_iter_next (&iter, &na, &owner))
    if (owner == current && valise_compact_file_store_plain (current->file, na) != 0)
      return fail_store (self);
  current->file->is_plain = TRUE;
  count (self, current->file);
  g_hash_table_foreach_remove (self->streams, is_streams, current);
  g_ptr_array_remove (self->current, current);
  return 0;
}

/* Stores what is done of a large file; at its end, all of it. */
static int
store_blocks (ValiseCompact *self, Current *current, gboolean all)
{
  ValiseCompactFile *file = current->file;
  GError *error = NULL;
  ValiseCompactBlock *block;

  while ((block = valise_compact_file_take_block (
              file, all || file->blocks.length > MAX_LARGE_BLOCKS, &error))
         != NULL)
    {
      int result = valise_compact_stream_append (current->stream, block);

      valise_compact_block_free (block);
      if (result != 0)
        return fail_store (self);
    }
  return error == NULL ? 0 : fail (self, error);
}

/* By its first blocks: whether a large file is compressed. */
static int
decide (ValiseCompact *self, Current *current)
{
  ValiseCompactFile *file = current->file;
  ntfs_inode *ni = current->first->ni;
  GError *error = NULL;

  if (!valise_compact_file_wait (file, &error))
    return fail (self, error);
  if (!valise_compact_file_saves (file, VALISE_COMPACT_TRIAL_UNIT))
    return give_back (self, current);
  current->decided = TRUE;
  current->stream = valise_compact_stream_new (ni, file->algorithm, file->size, NULL);
  return current->stream != NULL ? store_blocks (self, current, FALSE) : fail_store (self);
}

static int
on_write (gpointer data, ntfs_attr *na, guint64 offset, gconstpointer bytes, gsize size)
{
  ValiseCompact *self = data;
  Current *current = g_hash_table_lookup (self->streams, na);
  ValiseCompactFile *file = current->file;

  if (self->error != NULL)
    {
      errno = EIO;
      return -1;
    }
  if (na != current->first)
    return 0;
  if (offset != file->filled || size > file->size - file->filled)
    {
      errno = EINVAL;
      return -1;
    }

  if (file->size <= VALISE_COMPACT_MAX_SMALL)
    {
      valise_compact_file_append (file, bytes, size);
      return 0;
    }
  for (const guint8 *at = bytes; size > 0;)
    {
      gsize n = current->decided ? size : MIN (size, VALISE_COMPACT_TRIAL_SIZE - file->filled);

      if (n == 0)
        {
          /* Given back: this call's bytes that are in the sample already are written with it, and
           * once more by the library, which does no harm. */
          if (decide (self, current) != 0)
            return -1;
          if (!g_hash_table_contains (self->streams, na))
            return 0;
          continue;
        }
      valise_compact_file_append (file, at, n);
      at += n;
      size -= n;
    }
  return current->decided ? store_blocks (self, current, FALSE) : 0;
}

/* The last bytes of a large file have come. */
static int
end_large (ValiseCompact *self, Current *current, ntfs_attr *na)
{
  ValiseCompactFile *file = current->file;

  if (na == current->first)
    {
      if (store_blocks (self, current, TRUE) != 0)
        return -1;
      if (valise_compact_stream_finish (current->stream) != 0)
        return fail_store (self);
      file->packed_size = valise_compact_stream_get_length (current->stream);
    }
  else if (valise_compact_stream_copy (current->stream, na->ni) != 0)
    return fail_store (self);
  if (valise_compact_stream_replace_data (na->ni, na, file->algorithm, file->size) != 0)
    return fail_store (self);
  return 0;
}

static int
on_end (gpointer data, ntfs_attr *na)
{
  ValiseCompact *self = data;
  Current *current = g_hash_table_lookup (self->streams, na);
  gboolean is_whole = current->file->filled == current->file->size;
  int result = 0;

  g_hash_table_remove (self->streams, na);
  if (!is_whole)
    self->cut = TRUE;
  else if (self->error == NULL && current->decided)
    result = end_large (self, current, na);
  if (--current->n_open > 0)
    return result;

  /* The stream must be closed before wimlib closes its inode. */
  if (current->decided && is_whole && result == 0)
    count (self, current->file);
  else if (is_whole && !current->decided)
    {
      self->waiting_bytes += current->file->size;
      g_queue_push_tail (&self->waiting, g_steal_pointer (&current->file));
    }
  g_ptr_array_remove (self->current, current);
  return result;
}

/* ---- the object ---- */

static const ValiseNtfsFilterFuncs filter_funcs = {
  .created = on_created,
  .linked = on_linked,
  .marked = on_marked,
  .begin = on_begin,
  .has = on_has,
  .write = on_write,
  .end = on_end,
  .full = on_full,
  .idle = on_idle,
  .finish = on_finish,
};

/**
 * valise_compact_new:
 * @rules: (transfer full): which files may be compressed
 * @choose: (scope notified): with what
 * @data: for @choose
 * @n_threads: how many threads compress; 0 for one for each processor
 * @cancellable: (nullable): once it is cancelled, nothing more is stored
 *
 * Returns: (transfer full): a compressor for one volume
 */
ValiseCompact *
valise_compact_new (ValiseCompactRules *rules, ValiseCompactChoose choose, gpointer data,
                    guint n_threads, GCancellable *cancellable)
{
  ValiseCompact *self = g_new0 (ValiseCompact, 1);

  self->rules = rules;
  self->choose = choose;
  self->choose_data = data;
  g_set_object (&self->cancellable, cancellable);
  self->pool = valise_compact_pool_new (n_threads);
  self->folders = g_hash_table_new (NULL, NULL);
  self->limits = g_hash_table_new (NULL, NULL);
  self->current = g_ptr_array_new_with_free_func ((GDestroyNotify) current_free);
  self->streams = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->waiting);
  return self;
}

/**
 * valise_compact_free:
 * @self: (transfer full): a compressor whose volume is closed
 */
void
valise_compact_free (ValiseCompact *self)
{
  g_ptr_array_unref (self->current);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) valise_compact_file_free);
  g_hash_table_unref (self->streams);
  g_hash_table_unref (self->limits);
  g_hash_table_unref (self->folders);
  valise_compact_pool_free (self->pool);
  valise_compact_rules_free (self->rules);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * valise_compact_attach:
 * @self: a compressor
 * @device: an empty volume that is not open; @self must live until it was closed by wimlib
 *
 * Has the files compressed that wimlib will write.
 */
void
valise_compact_attach (ValiseCompact *self, ValiseNtfsDevice *device)
{
  valise_ntfs_device_set_filter (device, &filter_funcs, self);
}

/**
 * valise_compact_check:
 * @self: a compressor
 * @error: where to put the error
 *
 * After wimlib has closed the volume, or has failed: what the true reason was, if it was here.
 *
 * Returns: whether all that wimlib wrote has come here, and nothing has failed
 */
gboolean
valise_compact_check (ValiseCompact *self, GError **error)
{
  if (self->error != NULL)
    {
      g_propagate_error (error, g_error_copy (self->error));
      return FALSE;
    }
  if (self->n_seen == 0)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                   _("This build of Valise cannot compress with the wimlib library on this system: "
                     "it does not write files through Valise. Write without compression, or "
                     "install wimlib as your distribution packages it."));
      return FALSE;
    }
  return TRUE;
}

/**
 * valise_compact_get_stats:
 * @self: a compressor
 * @stats: (out caller-allocates): what was done so far
 */
void
valise_compact_get_stats (ValiseCompact *self, ValiseCompactStats *stats)
{
  *stats = self->stats;
}

/**
 * valise_compact_choose_one:
 * @stats: not looked at
 * @size: not looked at
 * @algorithm: (out): the algorithm
 * @data: a pointer to a #ValiseWofAlgorithm
 *
 * A #ValiseCompactChoose that always chooses the same.
 *
 * Returns: %TRUE
 */
gboolean
valise_compact_choose_one (const ValiseCompactStats *stats, guint64 size,
                           ValiseWofAlgorithm *algorithm, gpointer data)
{
  *algorithm = *(const ValiseWofAlgorithm *) data;
  return TRUE;
}
