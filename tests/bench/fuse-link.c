/* fuse-link.c: a mounted FUSE file system, as messages on a descriptor.
 *
 * It mounts, agrees with the kernel on how to talk, passes requests and replies on, and unmounts.
 * What the requests mean is not its business. It speaks the kernel's protocol itself, because
 * libfuse before 3.17 cannot take requests of more than 1 MiB, and a write of 4 MiB should reach
 * the modelled drive as one command. The protocol: linux/fuse.h and the kernel's fuse.rst.
 *
 * As root it mounts directly. The kernel's limit on one request (fs.fuse.max_pages_limit, since
 * Linux 6.13) is raised while the file system is mounted and put back at once: a mounted file
 * system keeps what it was given. Everybody else mounts through fusermount3, with the limit as it
 * is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fuse-link.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define LIMIT_FILE "/proc/sys/fs/fuse/max_pages_limit"
#define DEFAULT_PAGES 256
/* 8 MiB: a block of 4 MiB fits even when its memory is not aligned to pages. */
#define WANTED_PAGES 2048
#define PAGE 4096
/* The newest message layouts that this file knows. */
#define MINOR 31

struct _ValiseFuseLink
{
  char *mount_point;
  int fd;
  gboolean direct; /* mounted without fusermount3 */
  gsize max_request;
};

static gboolean
fail (GError **error, const char *what)
{
  int saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s: %s", what,
               g_strerror (saved));
  return FALSE;
}

/* Returns: the pages that the kernel lets one request have now. */
static guint
get_limit (int fd)
{
  char text[32] = "";

  if (fd < 0 || pread (fd, text, sizeof text - 1, 0) <= 0)
    return DEFAULT_PAGES;
  return CLAMP (g_ascii_strtoull (text, NULL, 10), 1, G_MAXUINT16);
}

static void
set_limit (int fd, guint pages)
{
  g_autofree char *text = g_strdup_printf ("%u\n", pages);

  if (pwrite (fd, text, strlen (text), 0) < 0)
    g_message ("%s stays as it is: %s", LIMIT_FILE, g_strerror (errno));
}

static gboolean
mount_directly (ValiseFuseLink *self, GError **error)
{
  g_autofree char *options = NULL;

  self->fd = open ("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (self->fd < 0)
    return fail (error, "/dev/fuse");
  options = g_strdup_printf ("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", self->fd);
  if (mount ("valise-model-drive", self->mount_point, "fuse.valise-model-drive",
             MS_NOSUID | MS_NODEV, options) < 0)
    return fail (error, self->mount_point);
  return TRUE;
}

/* fusermount3 mounts, and sends the descriptor back through the socket that _FUSE_COMMFD names. */
static gboolean
mount_by_helper (ValiseFuseLink *self, GError **error)
{
  const char *argv[] = { "fusermount3", "-o",
                         "fsname=valise-model-drive,subtype=valise-model-drive",
                         "--", self->mount_point, NULL };
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) helper = NULL;
  union
  {
    struct cmsghdr header;
    char space[CMSG_SPACE (sizeof (int))];
  } control;
  char byte;
  struct iovec iov = { &byte, 1 };
  struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
                            .msg_controllen = sizeof control };
  struct cmsghdr *header;
  int sockets[2];
  gssize n;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
    return fail (error, "socketpair");
  g_subprocess_launcher_setenv (launcher, "_FUSE_COMMFD", "3", TRUE);
  g_subprocess_launcher_take_fd (launcher, sockets[0], 3);
  helper = g_subprocess_launcher_spawnv (launcher, argv, error);
  g_clear_object (&launcher); /* closes our copy of the helper's end */
  if (helper == NULL)
    {
      close (sockets[1]);
      return FALSE;
    }

  do
    n = recvmsg (sockets[1], &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  close (sockets[1]);
  if (!g_subprocess_wait_check (helper, NULL, error))
    return FALSE;
  header = n > 0 ? CMSG_FIRSTHDR (&message) : NULL;
  if (header == NULL || header->cmsg_type != SCM_RIGHTS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "fusermount3 sent no descriptor");
      return FALSE;
    }
  memcpy (&self->fd, CMSG_DATA (header), sizeof (int));
  return TRUE;
}

/* Answers the kernel's first message. */
static gboolean
negotiate (ValiseFuseLink *self, guint pages, GError **error)
{
  g_autofree char *buffer = g_malloc (FUSE_MIN_READ_BUFFER * 2);
  const struct fuse_in_header *request = (gconstpointer) buffer;
  const struct fuse_init_in *in = (gconstpointer) (buffer + sizeof *request);
  struct fuse_init_out out = { 0 };
  gssize n;

  do
    n = read (self->fd, buffer, FUSE_MIN_READ_BUFFER * 2);
  while (n < 0 && (errno == EINTR || errno == ENOENT));
  if (n < 0)
    return fail (error, "FUSE_INIT");
  if ((gsize) n < sizeof *request + 16 || request->opcode != FUSE_INIT
      || in->major != FUSE_KERNEL_VERSION || in->minor < MINOR)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "This kernel’s FUSE is too old");
      return FALSE;
    }

  self->max_request = (gsize) pages * PAGE;
  out.major = FUSE_KERNEL_VERSION;
  out.minor = MINOR;
  out.flags = in->flags & (FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_ASYNC_DIO);
  out.max_background = 64;
  out.congestion_threshold = 48;
  out.max_write = self->max_request;
  out.max_pages = pages;
  out.time_gran = 1;
  valise_fuse_link_reply (self, request, 0, &out, sizeof out);
  return TRUE;
}

/**
 * valise_fuse_link_new:
 * @mount_point: an existing empty folder
 * @error: return location for an error of the domain %G_IO_ERROR
 *
 * Mounts and agrees with the kernel on the largest request. Blocks.
 *
 * Returns: (transfer full): a mounted file system, or %NULL with @error
 */
ValiseFuseLink *
valise_fuse_link_new (const char *mount_point, GError **error)
{
  g_autoptr (ValiseFuseLink) self = g_new0 (ValiseFuseLink, 1);
  guint before = 0, pages;
  gboolean good;
  int limit_fd;

  self->fd = -1;
  self->mount_point = g_canonicalize_filename (mount_point, NULL);
  self->direct = geteuid () == 0;

  limit_fd = open (LIMIT_FILE, (self->direct ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (limit_fd >= 0 && self->direct)
    {
      /* Two drives that start at the same time must not take the other's value for the system's. */
      flock (limit_fd, LOCK_EX);
      before = get_limit (limit_fd);
      if (before < WANTED_PAGES)
        set_limit (limit_fd, WANTED_PAGES);
    }
  pages = MIN (get_limit (limit_fd), WANTED_PAGES);

  good = self->direct ? mount_directly (self, error) : mount_by_helper (self, error);
  good = good && negotiate (self, pages, error);

  if (before > 0 && before < WANTED_PAGES)
    set_limit (limit_fd, before);
  if (limit_fd >= 0)
    close (limit_fd);
  return good ? g_steal_pointer (&self) : NULL;
}

/**
 * valise_fuse_link_free:
 * @self: (transfer full): a file system
 *
 * Unmounts it. Programs that still have a file open get errors.
 */
void
valise_fuse_link_free (ValiseFuseLink *self)
{
  if (self->fd >= 0 && self->direct)
    {
      umount2 (self->mount_point, MNT_DETACH);
    }
  else if (self->fd >= 0)
    {
      const char *argv[] = { "fusermount3", "-u", "-z", "-q", "--", self->mount_point, NULL };
      g_autoptr (GSubprocess) helper = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, NULL);

      if (helper != NULL)
        g_subprocess_wait (helper, NULL, NULL);
    }
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->mount_point);
  g_free (self);
}

/**
 * valise_fuse_link_get_fd:
 * @self: a file system
 *
 * Returns: the descriptor that is readable when there is a request
 */
int
valise_fuse_link_get_fd (ValiseFuseLink *self)
{
  return self->fd;
}

/**
 * valise_fuse_link_get_max_request:
 * @self: a file system
 *
 * Returns: the most bytes of a file in one request; the kernel splits what is longer
 */
gsize
valise_fuse_link_get_max_request (ValiseFuseLink *self)
{
  return self->max_request;
}

/**
 * valise_fuse_link_get_buffer_size:
 * @self: a file system
 *
 * Returns: bytes of the buffer that valise_fuse_link_receive() needs
 */
gsize
valise_fuse_link_get_buffer_size (ValiseFuseLink *self)
{
  return self->max_request + PAGE;
}

/**
 * valise_fuse_link_receive:
 * @self: a file system
 * @buffer: (out caller-allocates): where the request goes
 *
 * Returns: its length in bytes; 0 if there was none after all; -1 when the file system is gone
 */
gssize
valise_fuse_link_receive (ValiseFuseLink *self, gpointer buffer)
{
  gssize n = read (self->fd, buffer, valise_fuse_link_get_buffer_size (self));

  if (n < 0)
    return errno == EINTR || errno == ENOENT || errno == EAGAIN ? 0 : -1;
  return (gsize) n < sizeof (struct fuse_in_header) ? -1 : n;
}

/**
 * valise_fuse_link_reply:
 * @self: a file system
 * @request: what is answered
 * @errnum: 0, or the errno of a failure
 * @data: (nullable): the answer
 * @length: its length in bytes
 *
 * May be called in any thread.
 */
void
valise_fuse_link_reply (ValiseFuseLink *self,
                        const struct fuse_in_header *request,
                        int errnum,
                        gconstpointer data,
                        gsize length)
{
  struct fuse_out_header header = { .unique = request->unique, .error = -errnum };
  struct iovec iov[2] = { { &header, sizeof header }, { (gpointer) data, length } };

  if (errnum != 0)
    iov[1].iov_len = 0;
  header.len = sizeof header + iov[1].iov_len;
  /* ENOENT: the caller was killed meanwhile and waits no longer. */
  if (writev (self->fd, iov, 2) < 0 && errno != ENOENT && errno != ENODEV)
    g_warning ("a reply of %u bytes was refused: %s", header.len, g_strerror (errno));
}
