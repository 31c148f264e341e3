/* valise-ntfs-device.c: an NTFS volume inside a volume cache, as libntfs-3g and wimlib see it.
 *
 * wimlib opens the volume that it applies an image to with ntfs_mount (name, flags), which it
 * takes from libntfs-3g at run time. This file defines an ntfs_mount of its own. The executable's
 * definition comes before the library's in ELF's search order, so that wimlib gets ours: names
 * like "valise:7" are opened on a #ValiseNtfsDevice, all others as libntfs-3g would have done.
 *
 * With that we have our own device operations, and the ntfs_volume while wimlib fills it. That
 * serves for two things that libntfs-3g offers no setting for:
 *
 * - it leaves 16 MiB free behind every allocation, which scatters a Windows all over the drive.
 *   Where it will search next stands in a public field: see take_back_skip();
 * - it makes new files compressed in compressed directories, whatever the image says.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-device.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <ntfs-3g/attrib.h>
#include <ntfs-3g/cache.h>
#include <ntfs-3g/device.h>
#include <ntfs-3g/runlist.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/volume.h>

#include "core/valise-error.h"
#include "valise-layout.h"

#define NAME_PREFIX "valise:"
#define PROBE_NAME NAME_PREFIX "probe"

struct _ValiseNtfsDevice
{
  /* Set once. */
  char *name;
  ValiseVolumeCache *cache;
  ValiseExtentMap *map;     /* (nullable): where its bytes lie on the drive */
  guint64 start;            /* … in one piece, without a map; bytes from the start of the drive */
  guint64 partition_offset; /* … of the disk that the volume knows of */
  guint64 size;             /* bytes */

  /* Only the thread that has the volume open. */
  ntfs_volume *volume;      /* while it is open */
  gboolean ours;            /* opened by valise_ntfs_device_mount() */
  s64 position;             /* for read, write and seek */
  LCN known_zone_pos;       /* data1_zone_pos as we saw it last */
  guint skip;               /* clusters to take back; 0: leave the allocator alone */
  guint64 n_taken_back;
  guint64 n_left;
  ValiseNtfsFilter filter;
  GError *error;            /* the first one: libntfs-3g's errno says less */
};

static GMutex registry_lock;
static GHashTable *registry; /* name → device */
static guint last_number;
static GPrivate probe_seen;

/* ---- libntfs-3g's operations ---- */

static int
fail_io (ValiseNtfsDevice *self, GError *cause)
{
  if (self->error == NULL)
    self->error = cause;
  else
    g_error_free (cause);
  errno = EIO;
  return -1;
}

static int
device_open (struct ntfs_device *dev, int flags)
{
  if (NDevOpen (dev))
    {
      errno = EBUSY;
      return -1;
    }
  if ((flags & O_ACCMODE) == O_RDONLY)
    NDevSetReadOnly (dev);
  NDevSetOpen (dev);
  return 0;
}

static int
device_close (struct ntfs_device *dev)
{
  ValiseNtfsDevice *self = dev->d_private;

  if (!NDevOpen (dev))
    {
      errno = EBADF;
      return -1;
    }
  NDevClearOpen (dev);
  NDevClearDirty (dev);
  self->volume = NULL;
  return 0;
}

static s64
device_seek (struct ntfs_device *dev, s64 offset, int whence)
{
  ValiseNtfsDevice *self = dev->d_private;
  s64 base = whence == SEEK_SET   ? 0
             : whence == SEEK_CUR ? self->position
             : whence == SEEK_END ? (s64) self->size
                                  : -1;
  s64 position;

  if (base < 0 || __builtin_add_overflow (base, offset, &position) || position < 0)
    {
      errno = EINVAL;
      return -1;
    }
  self->position = position;
  return position;
}

/* Bytes of a request that lie inside the volume; -1 where it begins outside. */
static s64
clip (ValiseNtfsDevice *self, s64 count, s64 offset)
{
  if (count < 0 || offset < 0)
    {
      errno = EINVAL;
      return -1;
    }
  return (guint64) offset >= self->size ? 0 : MIN (count, (s64) (self->size - offset));
}

/* One of the cache's two ways, a piece after the other. */
static gboolean
transfer (ValiseNtfsDevice *self, gboolean is_write, void *buf, s64 count, s64 offset,
          GError **error)
{
  guint8 *at = buf;

  while (count > 0)
    {
      guint64 size = count;
      guint64 place = self->start + offset;

      if (self->map != NULL)
        place = valise_extent_map_find (self->map, offset, &size);
      size = MIN (size, (guint64) count);
      if (is_write ? !valise_volume_cache_write (self->cache, place, at, size, error)
                   : !valise_volume_cache_read (self->cache, place, at, size, error))
        return FALSE;
      at += size;
      offset += size;
      count -= size;
    }
  return TRUE;
}

static s64
device_pread (struct ntfs_device *dev, void *buf, s64 count, s64 offset)
{
  ValiseNtfsDevice *self = dev->d_private;
  GError *cause = NULL;
  s64 n = clip (self, count, offset);

  if (n > 0 && !transfer (self, FALSE, buf, n, offset, &cause))
    return fail_io (self, cause);
  return n;
}

static s64
device_read (struct ntfs_device *dev, void *buf, s64 count)
{
  ValiseNtfsDevice *self = dev->d_private;
  s64 n = device_pread (dev, buf, count, self->position);

  self->position += MAX (n, 0);
  return n;
}

/* libntfs-3g has just allocated clusters: it has stored where it will search next, 4,096 clusters
 * behind the last one it took, and now writes the bitmap. Taken back, the next file begins where
 * this one ends. Nothing is taken on faith: the bitmap that is being written must say that the
 * cluster before the place is taken and the one at the place is free. Where it does not, this
 * libntfs-3g works differently, and is left to its own way.
 */
static void
take_back_skip (ValiseNtfsDevice *self, const guint8 *buf, s64 count, s64 offset)
{
  ntfs_volume *vol = self->volume;
  const runlist *rl;
  LCN pos, first;
  gint64 bits, at;

  if (vol == NULL || vol->data1_zone_pos == self->known_zone_pos)
    return;
  if (vol->lcnbmp_na == NULL || (rl = vol->lcnbmp_na->rl) == NULL || rl[0].lcn < 0
      || rl[0].length << vol->cluster_size_bits < vol->lcnbmp_na->data_size)
    return;
  first = (offset - (rl[0].lcn << vol->cluster_size_bits)) * 8; /* the buffer's first cluster */
  if (first < 0 || first >= vol->nr_clusters)
    return; /* not the bitmap: it will follow */

  pos = vol->data1_zone_pos - self->skip;
  bits = count * 8;
  at = pos - first;
  self->known_zone_pos = vol->data1_zone_pos;
  if (self->skip == 0 || pos <= vol->mft_zone_end || vol->data1_zone_pos == vol->mft_zone_end)
    return; /* it has begun anew at the start of the zone */
  if (at >= 1 && at <= bits && (buf[(at - 1) / 8] >> ((at - 1) % 8) & 1) != 0
      && (at == bits || (buf[at / 8] >> (at % 8) & 1) == 0))
    {
      vol->data1_zone_pos = self->known_zone_pos = pos;
      self->n_taken_back++;
    }
  else
    self->n_left++;
}

static s64
device_pwrite (struct ntfs_device *dev, const void *buf, s64 count, s64 offset)
{
  ValiseNtfsDevice *self = dev->d_private;
  GError *cause = NULL;
  s64 n = clip (self, count, offset);

  if (NDevReadOnly (dev))
    {
      errno = EROFS;
      return -1;
    }
  if (n == 0 && count > 0)
    errno = ENOSPC;
  if (n <= 0)
    return count == 0 ? 0 : -1;
  NDevSetDirty (dev);
  take_back_skip (self, buf, n, offset);
  if (!transfer (self, TRUE, (void *) buf, n, offset, &cause))
    return fail_io (self, cause);
  return n;
}

static s64
device_write (struct ntfs_device *dev, const void *buf, s64 count)
{
  ValiseNtfsDevice *self = dev->d_private;
  s64 n = device_pwrite (dev, buf, count, self->position);

  self->position += MAX (n, 0);
  return n;
}

/* What reaches the drive, and when, is the job's business, not libntfs-3g's. */
static int
device_sync (struct ntfs_device *dev)
{
  NDevClearDirty (dev);
  return 0;
}

static int
device_stat (struct ntfs_device *dev, struct stat *buf)
{
  ValiseNtfsDevice *self = dev->d_private;

  *buf = (struct stat){ .st_mode = S_IFREG | 0600, .st_size = self->size, .st_nlink = 1 };
  return 0;
}

/* As the boot sector says, which is made to fit the drive. */
static guint
get_sector_size (ValiseNtfsDevice *self)
{
  return self->volume != NULL ? self->volume->sector_size : VALISE_SECTOR_SIZE;
}

static int
device_ioctl (struct ntfs_device *dev, unsigned long request, void *argp)
{
  ValiseNtfsDevice *self = dev->d_private;

  switch (request)
    {
    case BLKGETSIZE64:
      *(guint64 *) argp = self->size;
      return 0;
    case BLKSSZGET:
      *(int *) argp = get_sector_size (self);
      return 0;
    case HDIO_GETGEO:
      *(struct hd_geometry *) argp = (struct hd_geometry){
        .heads = 255, .sectors = 63, .start = self->partition_offset / get_sector_size (self)
      };
      return 0;
    default:
      errno = EOPNOTSUPP;
      return -1;
    }
}

static struct ntfs_device_operations device_ops = {
  .open = device_open,
  .close = device_close,
  .seek = device_seek,
  .read = device_read,
  .write = device_write,
  .pread = device_pread,
  .pwrite = device_pwrite,
  .sync = device_sync,
  .stat = device_stat,
  .ioctl = device_ioctl,
};

/* ---- what wimlib calls ---- */

static ntfs_volume *
mount_with (const char *name, struct ntfs_device_operations *ops, void *data, unsigned long flags)
{
  struct ntfs_device *dev = ntfs_device_alloc (name, 0, ops, data);
  ntfs_volume *volume;

  if (dev == NULL)
    return NULL;
  volume = ntfs_device_mount (dev, flags);
  if (volume == NULL)
    {
      int saved = errno;

      ntfs_device_free (dev);
      errno = saved;
      return NULL;
    }
  ntfs_create_lru_caches (volume);
  return volume;
}

/**
 * ntfs_mount:
 * @name: the name of a #ValiseNtfsDevice, or of a file or block device
 * @flags: as libntfs-3g has them
 *
 * Takes the place of libntfs-3g's function of this name for the whole process; see the head of
 * this file. Any thread.
 *
 * Returns: (nullable): the open volume; on failure errno is set
 */
__attribute__ ((visibility ("default"), used)) ntfs_volume *
ntfs_mount (const char *name, ntfs_mount_flags flags)
{
  ValiseNtfsDevice *self;

  if (!g_str_has_prefix (name, NAME_PREFIX))
    return mount_with (name, &ntfs_device_default_io_ops, NULL, flags);
  if (g_str_equal (name, PROBE_NAME))
    {
      g_private_set (&probe_seen, GINT_TO_POINTER (TRUE));
      errno = ENODEV;
      return NULL;
    }

  g_mutex_lock (&registry_lock);
  self = registry != NULL ? g_hash_table_lookup (registry, name) : NULL;
  g_mutex_unlock (&registry_lock);
  if (self == NULL || self->volume != NULL)
    {
      errno = self == NULL ? ENODEV : EBUSY;
      return NULL;
    }
  self->volume = mount_with (name, &device_ops, self, flags);
  if (self->volume != NULL)
    {
      self->known_zone_pos = self->volume->data1_zone_pos;
      NVolClearCompression (self->volume);
    }
  return self->volume;
}

/**
 * valise_ntfs_check_interposed:
 * @open_volume: makes wimlib open the NTFS volume of a given name, in this thread, and ignores
 *   that it fails
 * @error: where to put %VALISE_SYSTEM_ERROR_LIBRARY
 *
 * Finds out whether wimlib really calls our ntfs_mount(). It does not where the executable does
 * not export it, or where wimlib was linked with its own copy of libntfs-3g.
 *
 * Returns: whether it does
 */
gboolean
valise_ntfs_check_interposed (void (*open_volume) (const char *name), GError **error)
{
  gboolean seen;

  g_private_set (&probe_seen, NULL);
  open_volume (PROBE_NAME);
  seen = g_private_get (&probe_seen) != NULL;
  g_private_set (&probe_seen, NULL);
  if (!seen)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                 _("This build of Valise cannot work with the wimlib library on this system: it "
                   "does not open volumes through Valise. Install wimlib as your distribution "
                   "packages it, and Valise built for the same release."));
  return seen;
}

/* ---- the object ---- */

/**
 * valise_ntfs_device_new:
 * @cache: (transfer none): holds the bytes; must outlive the device
 * @start: where the volume begins, in bytes from the start of the drive
 * @size: the volume's size in bytes
 *
 * Gives the part of @cache from @start on a name under which wimlib and libntfs-3g can open it as
 * a volume. Any number of devices may be open at the same time, each in a thread of its own.
 *
 * Returns: (transfer full): a device
 */
ValiseNtfsDevice *
valise_ntfs_device_new (ValiseVolumeCache *cache, guint64 start, guint64 size)
{
  ValiseNtfsDevice *self = g_new0 (ValiseNtfsDevice, 1);

  self->cache = cache;
  self->start = start;
  self->partition_offset = start;
  self->size = size;
  self->skip = VALISE_NTFS_ALLOCATOR_SKIP;

  g_mutex_lock (&registry_lock);
  if (registry == NULL)
    registry = g_hash_table_new (g_str_hash, g_str_equal);
  self->name = g_strdup_printf (NAME_PREFIX "%u", ++last_number);
  g_hash_table_insert (registry, self->name, self);
  g_mutex_unlock (&registry_lock);
  return self;
}

/**
 * valise_ntfs_device_new_mapped:
 * @cache: (transfer none): holds the bytes; must outlive the device
 * @map: (transfer full): where in @cache the volume's bytes lie, from its first to its last
 * @partition_offset: where the volume begins on the disk that it knows of, in bytes
 *
 * As valise_ntfs_device_new(), for a volume in a virtual disk.
 *
 * Returns: (transfer full): a device
 */
ValiseNtfsDevice *
valise_ntfs_device_new_mapped (ValiseVolumeCache *cache,
                               ValiseExtentMap *map,
                               guint64 partition_offset)
{
  ValiseNtfsDevice *self = valise_ntfs_device_new (cache, 0, valise_extent_map_get_size (map));

  self->map = map;
  self->partition_offset = partition_offset;
  return self;
}

/**
 * valise_ntfs_device_free:
 * @self: (transfer full): a device that nobody but its owner has open
 */
void
valise_ntfs_device_free (ValiseNtfsDevice *self)
{
  if (self->volume != NULL && self->ours)
    valise_ntfs_device_unmount (self, NULL);
  g_warn_if_fail (self->volume == NULL);

  g_mutex_lock (&registry_lock);
  g_hash_table_remove (registry, self->name);
  if (g_hash_table_size (registry) == 0)
    g_clear_pointer (&registry, g_hash_table_unref);
  g_mutex_unlock (&registry_lock);
  g_clear_pointer (&self->map, valise_extent_map_free);
  g_clear_error (&self->error);
  g_free (self->name);
  g_free (self);
}

/**
 * valise_ntfs_device_get_name:
 * @self: a device
 *
 * Returns: (transfer none): what to give to wimlib or to ntfs_mount() as the volume's name
 */
const char *
valise_ntfs_device_get_name (ValiseNtfsDevice *self)
{
  return self->name;
}

/**
 * valise_ntfs_device_check:
 * @self: a device
 * @error: where to put the error
 *
 * After wimlib or libntfs-3g failed: what the true reason was, if it was the drive.
 *
 * Returns: whether no operation on the device has failed
 */
gboolean
valise_ntfs_device_check (ValiseNtfsDevice *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

/**
 * valise_ntfs_device_mount:
 * @self: a device that is not open
 * @error: where to put an error
 *
 * Opens the volume to work on it through libntfs-3g in this thread, with the index of security
 * descriptors opened too.
 *
 * Returns: (transfer none) (nullable): the volume, until valise_ntfs_device_unmount()
 */
ntfs_volume *
valise_ntfs_device_mount (ValiseNtfsDevice *self, GError **error)
{
  ntfs_volume *volume = ntfs_mount (self->name, 0);

  if (volume == NULL)
    {
      if (valise_ntfs_device_check (self, error))
        g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                     _("The NTFS volume that was just written cannot be opened: %s."),
                     g_strerror (errno));
      return NULL;
    }
  self->ours = TRUE;
  if (ntfs_open_secure (volume) != 0)
    {
      g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                   _("The security descriptors of the NTFS volume cannot be opened: %s."),
                   g_strerror (errno));
      valise_ntfs_device_unmount (self, NULL);
      return NULL;
    }
  return volume;
}

/**
 * valise_ntfs_device_unmount:
 * @self: a device opened by valise_ntfs_device_mount()
 * @error: where to put an error
 *
 * Closes the volume; what libntfs-3g still held goes to the cache.
 *
 * Returns: whether all went well, here and in every operation since the device was made
 */
gboolean
valise_ntfs_device_unmount (ValiseNtfsDevice *self, GError **error)
{
  int secure;
  int closed;

  g_return_val_if_fail (self->volume != NULL && self->ours, FALSE);

  secure = ntfs_close_secure (self->volume);
  closed = ntfs_umount (self->volume, FALSE);
  if (closed != 0 && self->volume != NULL)
    ntfs_umount (self->volume, TRUE);
  self->volume = NULL;
  self->ours = FALSE;
  if (!valise_ntfs_device_check (self, error))
    return FALSE;
  if (closed != 0 || secure != 0)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY,
                 _("The NTFS volume cannot be closed: %s."), g_strerror (errno));
  return closed == 0 && secure == 0;
}

/**
 * valise_ntfs_device_set_filter:
 * @self: a device that is not open
 * @funcs: (nullable): what to call while wimlib has the volume open
 * @data: their first argument
 *
 * Lets somebody take over files that wimlib writes; see valise-ntfs-filter.c.
 */
void
valise_ntfs_device_set_filter (ValiseNtfsDevice *self,
                               const ValiseNtfsFilterFuncs *funcs,
                               gpointer data)
{
  g_return_if_fail (self->volume == NULL);

  self->filter = (ValiseNtfsFilter){ .funcs = funcs, .data = data };
}

/**
 * valise_ntfs_device_find_filter:
 * @volume: an open volume, of a device or not
 *
 * Returns: (transfer none) (nullable): the filter of its device
 */
ValiseNtfsFilter *
valise_ntfs_device_find_filter (ntfs_volume *volume)
{
  ValiseNtfsDevice *self;

  if (volume->dev == NULL || volume->dev->d_ops != &device_ops)
    return NULL;
  self = volume->dev->d_private;
  return &self->filter;
}

/**
 * valise_ntfs_device_set_allocator_skip:
 * @self: a device
 * @clusters: how many clusters libntfs-3g skips after an allocation; 0 to leave it its way
 *
 * For libraries (and tests) that skip another number than %VALISE_NTFS_ALLOCATOR_SKIP.
 */
void
valise_ntfs_device_set_allocator_skip (ValiseNtfsDevice *self, guint clusters)
{
  self->skip = clusters;
}

/**
 * valise_ntfs_device_get_n_taken_back:
 * @self: a device
 *
 * Returns: after how many allocations the skip was taken back
 */
guint64
valise_ntfs_device_get_n_taken_back (ValiseNtfsDevice *self)
{
  return self->n_taken_back;
}

/**
 * valise_ntfs_device_get_n_left:
 * @self: a device
 *
 * Returns: after how many allocations the numbers did not fit and the skip was left
 */
guint64
valise_ntfs_device_get_n_left (ValiseNtfsDevice *self)
{
  return self->n_left;
}
