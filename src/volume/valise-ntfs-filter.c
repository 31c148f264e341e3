/* valise-ntfs-filter.c: lets somebody take over files while wimlib writes them to a volume.
 *
 * wimlib calls libntfs-3g across the border of two libraries, and the executable's definitions
 * come first in ELF's search order (see valise-ntfs-device.c, where that is used for ntfs_mount).
 * The functions here take the place of those that wimlib writes files with. They do what the
 * library's do, and tell the volume's filter.
 *
 * libntfs-3g calls some of them itself, for its own ends, and we do. Only wimlib's calls concern
 * the filter: they are told by where they return to.
 *
 * libntfs-3g does not stand the same file being open twice. So a filter may open files itself only
 * while wimlib has none open: those are counted.
 *
 * And whether there is a filter or not, what is written at once is handed on in pieces: libntfs-3g
 * copies what does not end with a cluster, to fill that one, and a chunk of a solid image is up to
 * 64 MiB of one file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-filter.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include <ntfs-3g/dir.h>
#include <ntfs-3g/security.h>

#include "valise-ntfs-device.h"

/* How much is written at once, in bytes; whole clusters of any size. */
#define PIECE (4 * 1024 * 1024)

#define REPLACES_LIBRARY __attribute__ ((visibility ("default"), used))
#define CALLED_BY_WIMLIB (is_wimlib (__builtin_extract_return_addr (__builtin_return_address (0))))

/* Set once, before main(). */
static struct
{
  __typeof__ (&ntfs_attr_pclose) attr_pclose;
  __typeof__ (&ntfs_attr_pwrite) attr_pwrite;
  __typeof__ (&ntfs_attr_truncate_solid) attr_truncate_solid;
  __typeof__ (&ntfs_create) create;
  __typeof__ (&ntfs_inode_close) inode_close;
  __typeof__ (&ntfs_inode_close_in_dir) inode_close_in_dir;
  __typeof__ (&ntfs_inode_open) inode_open;
  __typeof__ (&ntfs_link) link;
  __typeof__ (&ntfs_set_ntfs_attrib) set_attributes;
  __typeof__ (&ntfs_set_ntfs_dos_name) set_dos_name;
  __typeof__ (&ntfs_umount) umount;
} library;
static guintptr wimlib_start;
static guintptr wimlib_end;

static int
find_range (struct dl_phdr_info *info, size_t size, void *data)
{
  const Dl_info *wimlib = data;

  if (info->dlpi_addr != (guintptr) wimlib->dli_fbase)
    return 0;
  for (guint i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0)
      {
        wimlib_start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        wimlib_end = wimlib_start + info->dlpi_phdr[i].p_memsz;
      }
  return 1;
}

#define FIND(member, name) library.member = (__typeof__ (library.member)) dlsym (RTLD_NEXT, #name)

__attribute__ ((constructor)) static void
find_library (void)
{
  gpointer symbol = dlsym (RTLD_DEFAULT, "wimlib_extract_image");
  Dl_info wimlib;

  FIND (attr_pclose, ntfs_attr_pclose);
  FIND (attr_pwrite, ntfs_attr_pwrite);
  FIND (attr_truncate_solid, ntfs_attr_truncate_solid);
  FIND (create, ntfs_create);
  FIND (inode_close, ntfs_inode_close);
  FIND (inode_close_in_dir, ntfs_inode_close_in_dir);
  FIND (inode_open, ntfs_inode_open);
  FIND (link, ntfs_link);
  FIND (set_attributes, ntfs_set_ntfs_attrib);
  FIND (set_dos_name, ntfs_set_ntfs_dos_name);
  FIND (umount, ntfs_umount);
  if (symbol != NULL && dladdr (symbol, &wimlib) != 0)
    dl_iterate_phdr (find_range, &wimlib);
}

static gboolean
is_wimlib (gconstpointer address)
{
  return (guintptr) address >= wimlib_start && (guintptr) address < wimlib_end;
}

static ValiseNtfsFilter *
find_filter (ntfs_volume *vol)
{
  ValiseNtfsFilter *filter = valise_ntfs_device_find_filter (vol);

  return filter != NULL && filter->funcs != NULL ? filter : NULL;
}

/* Something that wimlib wanted has failed, or not: tells the filter if it did not fit. */
static void
note (ValiseNtfsFilter *filter, gboolean has_failed)
{
  int saved = errno;

  if (filter != NULL && has_failed && saved == ENOSPC)
    filter->funcs->full (filter->data);
  errno = saved;
}

/* Files and folders were closed: keeps the first error. */
static int
count_closed (ValiseNtfsFilter *filter, ntfs_volume *vol, gint n, int result)
{
  int saved = errno;

  note (filter, result != 0);
  filter->n_open -= n;
  if (result == 0 && filter->n_open == 0)
    return filter->funcs->idle (filter->data, vol);
  errno = saved;
  return result;
}

/* ---- what wimlib calls; each is described in libntfs-3g ---- */

REPLACES_LIBRARY ntfs_inode *
ntfs_inode_open (ntfs_volume *vol, const MFT_REF mref)
{
  gboolean is_ours = CALLED_BY_WIMLIB;
  ntfs_inode *ni = library.inode_open (vol, mref);
  ValiseNtfsFilter *filter = is_ours && ni != NULL ? find_filter (vol) : NULL;

  if (filter != NULL)
    filter->n_open++;
  return ni;
}

REPLACES_LIBRARY int
ntfs_inode_close (ntfs_inode *ni)
{
  ntfs_volume *vol = CALLED_BY_WIMLIB && ni != NULL ? ni->vol : NULL;
  int result = library.inode_close (ni);
  ValiseNtfsFilter *filter = vol != NULL ? find_filter (vol) : NULL;

  return filter != NULL ? count_closed (filter, vol, 1, result) : result;
}

REPLACES_LIBRARY int
ntfs_inode_close_in_dir (ntfs_inode *ni, ntfs_inode *dir_ni)
{
  ntfs_volume *vol = CALLED_BY_WIMLIB && ni != NULL ? ni->vol : NULL;
  int result = library.inode_close_in_dir (ni, dir_ni);
  ValiseNtfsFilter *filter = vol != NULL ? find_filter (vol) : NULL;

  return filter != NULL ? count_closed (filter, vol, 1, result) : result;
}

/* Closes both, whatever comes of it. */
REPLACES_LIBRARY int
ntfs_set_ntfs_dos_name (ntfs_inode *ni, ntfs_inode *dir_ni, const char *value, size_t size,
                        int flags)
{
  ntfs_volume *vol = CALLED_BY_WIMLIB && ni != NULL ? ni->vol : NULL;
  int result = library.set_dos_name (ni, dir_ni, value, size, flags);
  ValiseNtfsFilter *filter = vol != NULL ? find_filter (vol) : NULL;

  return filter != NULL ? count_closed (filter, vol, 2, result) : result;
}

REPLACES_LIBRARY ntfs_inode *
ntfs_create (ntfs_inode *dir_ni, le32 securid, const ntfschar *name, u8 name_len, mode_t type)
{
  gboolean is_ours = CALLED_BY_WIMLIB;
  ntfs_inode *ni = library.create (dir_ni, securid, name, name_len, type);
  ValiseNtfsFilter *filter = is_ours ? find_filter (dir_ni->vol) : NULL;

  note (filter, ni == NULL);
  if (filter != NULL && ni != NULL)
    {
      filter->n_open++;
      filter->funcs->created (filter->data, ni, dir_ni, name, name_len, S_ISDIR (type));
    }
  return ni;
}

REPLACES_LIBRARY int
ntfs_link (ntfs_inode *ni, ntfs_inode *dir_ni, const ntfschar *name, u8 name_len)
{
  gboolean is_ours = CALLED_BY_WIMLIB;
  int result = library.link (ni, dir_ni, name, name_len);
  ValiseNtfsFilter *filter = is_ours ? find_filter (ni->vol) : NULL;

  note (filter, result != 0);
  if (filter != NULL && result == 0)
    filter->funcs->linked (filter->data, ni, dir_ni, name, name_len);
  return result;
}

REPLACES_LIBRARY int
ntfs_set_ntfs_attrib (ntfs_inode *ni, const char *value, size_t size, int flags)
{
  gboolean is_ours = CALLED_BY_WIMLIB;
  ValiseNtfsFilter *filter = is_ours && size >= sizeof (guint32) ? find_filter (ni->vol) : NULL;

  if (filter != NULL)
    {
      guint32 attributes;

      memcpy (&attributes, value, sizeof attributes);
      filter->funcs->marked (filter->data, ni, GUINT32_FROM_LE (attributes));
    }
  return library.set_attributes (ni, value, size, flags);
}

REPLACES_LIBRARY int
ntfs_attr_truncate_solid (ntfs_attr *na, const s64 newsize)
{
  ValiseNtfsFilter *filter = CALLED_BY_WIMLIB && newsize > 0 ? find_filter (na->ni->vol) : NULL;

  int result;

  if (filter != NULL && filter->funcs->begin (filter->data, na, newsize))
    return 0;
  result = library.attr_truncate_solid (na, newsize);
  note (filter, result != 0);
  return result;
}

/* As ntfs_attr_pwrite(). */
static s64
write_pieces (ntfs_attr *na, s64 pos, s64 count, const guint8 *bytes)
{
  s64 done = 0;

  while (done < count)
    {
      s64 size = MIN (count - done, PIECE - (pos + done) % PIECE);
      s64 n = library.attr_pwrite (na, pos + done, size, bytes + done);

      if (n < 0)
        return done > 0 ? done : n;
      done += n;
      if (n < size)
        break;
    }
  return done;
}

REPLACES_LIBRARY s64
ntfs_attr_pwrite (ntfs_attr *na, const s64 pos, s64 count, const void *b)
{
  ValiseNtfsFilter *filter
      = CALLED_BY_WIMLIB && pos >= 0 && count > 0 ? find_filter (na->ni->vol) : NULL;
  s64 written;

  if (filter != NULL && filter->funcs->has (filter->data, na))
    {
      int result = filter->funcs->write (filter->data, na, pos, b, count);

      if (result != 0 || filter->funcs->has (filter->data, na))
        return result == 0 ? count : -1;
      /* The filter has given it back, filled with what came before. */
    }
  written = pos >= 0 ? write_pieces (na, pos, count, b) : library.attr_pwrite (na, pos, count, b);
  note (filter, written != count);
  return written;
}

REPLACES_LIBRARY int
ntfs_attr_pclose (ntfs_attr *na)
{
  ValiseNtfsFilter *filter = CALLED_BY_WIMLIB ? find_filter (na->ni->vol) : NULL;

  if (filter != NULL && filter->funcs->has (filter->data, na))
    return filter->funcs->end (filter->data, na);
  return library.attr_pclose (na);
}

REPLACES_LIBRARY int
ntfs_umount (ntfs_volume *vol, const BOOL force)
{
  ValiseNtfsFilter *filter = CALLED_BY_WIMLIB && vol != NULL ? find_filter (vol) : NULL;
  int finished = filter != NULL ? filter->funcs->finish (filter->data, vol) : 0;
  int saved = errno;
  int closed = library.umount (vol, force);

  if (finished != 0)
    errno = saved;
  return finished != 0 ? finished : closed;
}
