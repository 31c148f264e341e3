/* fuse-link.h: a mounted FUSE file system, as messages on a descriptor.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>
#include <linux/fuse.h>

G_BEGIN_DECLS

typedef struct _ValiseFuseLink ValiseFuseLink;

ValiseFuseLink *valise_fuse_link_new             (const char            *mount_point,
                                                  GError               **error);
void            valise_fuse_link_free            (ValiseFuseLink        *self);
int             valise_fuse_link_get_fd          (ValiseFuseLink        *self);
gsize           valise_fuse_link_get_max_request (ValiseFuseLink        *self);
gsize           valise_fuse_link_get_buffer_size (ValiseFuseLink        *self);
gssize          valise_fuse_link_receive         (ValiseFuseLink        *self,
                                                  gpointer               buffer);
void            valise_fuse_link_reply           (ValiseFuseLink        *self,
                                                  const struct fuse_in_header *request,
                                                  int                    errnum,
                                                  gconstpointer          data,
                                                  gsize                  length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ValiseFuseLink, valise_fuse_link_free)

G_END_DECLS
