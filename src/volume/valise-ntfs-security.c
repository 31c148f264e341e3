/* valise-ntfs-security.c: the security descriptors of new files on an NTFS volume.
 *
 * What is inherited is libntfs-3g's work; when nothing can be, is decided here: libntfs-3g would
 * then leave the list of rights out, which gives everybody every right. A file gets its folder's
 * own descriptor instead.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-ntfs-security.h"

#include <errno.h>

#include <ntfs-3g/layout.h>
#include <ntfs-3g/security.h>
#include <ntfs-3g/volume.h>

#include "core/valise-bytes.h"

/* Windows stores at most 64 KiB. */
#define DESCRIPTOR_MAX_SIZE 65536

/* Whether a self-relative descriptor ([MS-DTYP] 2.4.6) has a right that a new file or folder in its
 * owner inherits: an ACE of type allowed or denied, the only ones that libntfs-3g passes on. */
static gboolean
has_inheritable (const guint8 *descriptor, gsize size, gboolean for_folder)
{
  guint8 wanted = for_folder ? 0x01 | 0x02 : 0x01; /* OBJECT_INHERIT_ACE, CONTAINER_INHERIT_ACE */
  gsize at, end;
  guint n;

  if (size < 20)
    return FALSE;
  at = valise_get_le32 (descriptor + 16);
  if (at == 0 || at > size || size - at < 8)
    return FALSE;
  end = at + MIN ((gsize)valise_get_le16 (descriptor + at + 2), size - at);
  n = valise_get_le16 (descriptor + at + 4);
  at += 8;

  for (; n > 0 && at < end && end - at >= 16; n--)
    {
      guint16 ace_size = valise_get_le16 (descriptor + at + 2);

      if (descriptor[at] <= 1 && (descriptor[at + 1] & wanted) != 0)
        return TRUE;
      if (ace_size < 8)
        break;
      at += ace_size;
    }
  return FALSE;
}

/**
 * valise_ntfs_security_inherit:
 * @folder: an open folder
 * @for_folder: whether a folder is to be made in it
 * @security_id: (out): the id of the new file's descriptor in $Secure, or 0
 * @descriptor: (out) (transfer full) (nullable): where there is no id, the descriptor that the new
 *   file must get
 * @descriptor_size: (out): its size in bytes
 *
 * Finds the descriptor for a new file: the one that it inherits, owned by the administrators; the
 * folder's own, where it can inherit nothing. The volume's thread.
 *
 * Returns: %FALSE on failure, with errno set
 */
gboolean
valise_ntfs_security_inherit (ntfs_inode *folder,
                              gboolean for_folder,
                              le32 *security_id,
                              void **descriptor,
                              gsize *descriptor_size)
{
  struct PERMISSIONS_CACHE *no_cache = NULL;
  struct SECURITY_CONTEXT context = { .vol = folder->vol, .pseccache = &no_cache };
  g_autofree guint8 *own = g_malloc (DESCRIPTOR_MAX_SIZE);
  int size;

  *security_id = 0;
  *descriptor = NULL;
  *descriptor_size = 0;

  if (ntfs_open_secure (folder->vol) != 0)
    return FALSE;
  errno = EIO;
  size = ntfs_get_ntfs_acl (&context, folder, (char *)own, DESCRIPTOR_MAX_SIZE);
  if (size <= 0 || size > DESCRIPTOR_MAX_SIZE)
    return FALSE;

  if (has_inheritable (own, size, for_folder))
    {
      errno = EIO;
      *security_id = ntfs_inherited_id (&context, folder, for_folder);
      return *security_id != 0;
    }
  if (test_nino_flag (folder, v3_Extensions) && folder->security_id != 0)
    {
      *security_id = folder->security_id;
      return TRUE;
    }
  *descriptor = g_steal_pointer (&own);
  *descriptor_size = size;
  return TRUE;
}

/**
 * valise_ntfs_security_set:
 * @ni: an open file or folder
 * @descriptor: a self-relative security descriptor
 * @descriptor_size: its size in bytes
 *
 * The volume's thread.
 *
 * Returns: %FALSE on failure, with errno set
 */
gboolean
valise_ntfs_security_set (ntfs_inode *ni, const void *descriptor, gsize descriptor_size)
{
  struct PERMISSIONS_CACHE *no_cache = NULL;
  struct SECURITY_CONTEXT context = { .vol = ni->vol, .pseccache = &no_cache };

  return ntfs_set_ntfs_acl (&context, ni, descriptor, descriptor_size, 0) == 0;
}
