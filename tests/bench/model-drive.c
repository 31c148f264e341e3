/* model-drive.c: a FUSE file system with one file, “drive”, that is as slow as a flash drive.
 *
 * A second file, “stats”, holds the counts as JSON; writing “reset” into it makes the drive as new
 * for the model, with its data kept. “fail” lets all that is read or written fail from then on;
 * “unplug” lets the file have no size, which a loop device on it is told by “losetup -c”. SIGUSR1
 * prints the counts, which are printed at the end as well, and SIGUSR2 resets them.
 *
 * Two threads: this file's main loop receives requests and notes when they arrived; the device
 * thread does them one after the other and sleeps until the time that the model gives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "fuse-link.h"
#include "model.h"

#define N_BUFFERS 16

enum
{
  NODE_ROOT = FUSE_ROOT_ID,
  NODE_DRIVE,
  NODE_STATS,
};

/* A request on its way to the device thread. */
typedef struct
{
  char *data; /* the message, in a buffer of the link's size */
  gint64 arrival;
} Request;

typedef struct
{
  /* Constant once the threads run. */
  ValiseModelParams params;
  ValiseFuseLink *link;
  int backing_fd;
  FILE *trace;
  gboolean realtime;

  /* Atomic: what tests want of it. */
  int is_unplugged;
  int is_failing;

  /* Each has its own lock. */
  GAsyncQueue *requests; /* of Request, to the device thread */
  GAsyncQueue *buffers;  /* of char *, back from it */

  GMutex lock; /* for the model */
  ValiseModel *model;
} Drive;

static gint64
now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (gint64) ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
sleep_until (gint64 time)
{
  struct timespec ts = { time / 1000000000, time % 1000000000 };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
    ;
}

/* Returns: (transfer full): the counts as one line of JSON */
static char *
describe (Drive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const ValiseModelStats *s = valise_model_get_stats (self->model);
  const ValiseModelParams *p = &self->params;

  return g_strdup_printf (
    "{\"writes\": %" G_GUINT64_FORMAT ", \"write_bytes\": %" G_GUINT64_FORMAT
    ", \"distinct_bytes\": %" G_GUINT64_FORMAT ", \"merges\": %" G_GUINT64_FORMAT
    ", \"reads\": %" G_GUINT64_FORMAT ", \"read_bytes\": %" G_GUINT64_FORMAT
    ", \"syncs\": %" G_GUINT64_FORMAT ", \"joined\": %" G_GUINT64_FORMAT
    ", \"busy_us\": %" G_GINT64_FORMAT ", \"size\": %" G_GUINT64_FORMAT
    ", \"write_rate\": %" G_GUINT64_FORMAT ", \"read_rate\": %" G_GUINT64_FORMAT
    ", \"command_us\": %" G_GINT64_FORMAT ", \"merge_us\": %" G_GINT64_FORMAT
    ", \"unit_size\": %" G_GUINT64_FORMAT ", \"units\": %u"
    ", \"max_request\": %" G_GUINT64_FORMAT ", \"realtime\": %s}\n",
    s->writes, s->write_bytes, s->distinct_pages * VALISE_MODEL_PAGE, s->merges, s->reads,
    s->read_bytes, s->syncs, s->joined, s->busy_ns / 1000, p->size, p->write_rate, p->read_rate,
    p->command_ns / 1000, p->merge_ns / 1000, p->unit_size, p->n_units, p->max_request,
    self->realtime ? "true" : "false");
}

static void
reset (Drive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  valise_model_reset (self->model);
}

static void
print_stats (Drive *self)
{
  g_autofree char *text = describe (self);

  fputs (text, stdout);
  fflush (stdout);
}

static void
trace (Drive *self, char what, guint64 offset, guint64 length, gint64 arrival, gint64 end)
{
  if (self->trace != NULL)
    fprintf (self->trace, "%c %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT
             " %" G_GINT64_FORMAT "\n", what, offset, length, arrival / 1000, end / 1000);
}

/* Moves all of @length bytes between @data and the backing file. Returns: 0 or an errno. */
static int
transfer (Drive *self, gboolean write_it, char *data, gsize length, guint64 offset)
{
  if (g_atomic_int_get (&self->is_failing))
    return EIO;
  while (length > 0)
    {
      gssize n = write_it ? pwrite (self->backing_fd, data, length, offset)
                          : pread (self->backing_fd, data, length, offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      if (n == 0)
        return EIO;
      data += n;
      length -= n;
      offset += n;
    }
  return 0;
}

static void
do_write (Drive *self, Request *request)
{
  const struct fuse_in_header *header = (gconstpointer) request->data;
  const struct fuse_write_in *in = (gconstpointer) (request->data + sizeof *header);
  char *data = request->data + sizeof *header + sizeof *in;
  struct fuse_write_out out = { 0 };
  gint64 end;
  int errnum;

  if (in->size == 0 || in->offset >= self->params.size)
    {
      valise_fuse_link_reply (self->link, header, in->size == 0 ? 0 : ENOSPC, &out, sizeof out);
      return;
    }
  out.size = MIN (in->size, self->params.size - in->offset);

  g_mutex_lock (&self->lock);
  end = valise_model_write (self->model, in->offset, out.size, request->arrival);
  g_mutex_unlock (&self->lock);
  trace (self, 'w', in->offset, out.size, request->arrival, end);

  errnum = transfer (self, TRUE, data, out.size, in->offset);
  sleep_until (end);
  valise_fuse_link_reply (self->link, header, errnum, &out, sizeof out);
}

static void
do_read (Drive *self, Request *request)
{
  struct fuse_in_header header = *(const struct fuse_in_header *) (gconstpointer) request->data;
  struct fuse_read_in in
    = *(const struct fuse_read_in *) (gconstpointer) (request->data + sizeof header);
  guint64 left = in.offset < self->params.size ? self->params.size - in.offset : 0;
  gsize length = MIN (MIN (in.size, left), self->params.max_request);
  gint64 end;
  int errnum;

  if (length == 0)
    {
      valise_fuse_link_reply (self->link, &header, 0, NULL, 0);
      return;
    }

  g_mutex_lock (&self->lock);
  end = valise_model_read (self->model, in.offset, length, request->arrival);
  g_mutex_unlock (&self->lock);
  trace (self, 'r', in.offset, length, request->arrival, end);

  /* The message is no longer needed: the data takes its place. */
  errnum = transfer (self, FALSE, request->data, length, in.offset);
  sleep_until (end);
  valise_fuse_link_reply (self->link, &header, errnum, request->data, length);
}

static void
do_sync (Drive *self, Request *request)
{
  gint64 end;

  g_mutex_lock (&self->lock);
  end = valise_model_sync (self->model, request->arrival);
  g_mutex_unlock (&self->lock);
  trace (self, 's', 0, 0, request->arrival, end);

  sleep_until (end);
  valise_fuse_link_reply (self->link, (gconstpointer) request->data, 0, NULL, 0);
}

static gpointer
device_thread (gpointer data)
{
  Drive *self = data;

  /* The default slack of 50 µs would be a third of a command's cost. */
  prctl (PR_SET_TIMERSLACK, 1000);
  for (;;)
    {
      g_autofree Request *request = g_async_queue_pop (self->requests);

      if (request->data == NULL)
        return NULL;
      switch (((const struct fuse_in_header *) (gconstpointer) request->data)->opcode)
        {
        case FUSE_WRITE:
          do_write (self, request);
          break;
        case FUSE_READ:
          do_read (self, request);
          break;
        default:
          do_sync (self, request);
          break;
        }
      g_async_queue_push (self->buffers, request->data);
    }
}

static void
fill_attr (Drive *self, guint64 node, struct fuse_attr *attr)
{
  attr->ino = node;
  attr->mode = node == NODE_ROOT ? S_IFDIR | 0755 : S_IFREG | 0644;
  attr->nlink = node == NODE_ROOT ? 2 : 1;
  attr->size = node == NODE_DRIVE ? self->params.size : node == NODE_STATS ? 4096 : 0;
  if (node == NODE_DRIVE && g_atomic_int_get (&self->is_unplugged))
    attr->size = 0;
  attr->blocks = attr->size / 512;
  attr->blksize = VALISE_MODEL_PAGE;
  attr->uid = getuid ();
  attr->gid = getgid ();
}

static void
reply_attr (Drive *self, const struct fuse_in_header *header)
{
  struct fuse_attr_out out = { .attr_valid = 3600 };

  fill_attr (self, header->nodeid, &out.attr);
  valise_fuse_link_reply (self->link, header, 0, &out, sizeof out);
}

static void
lookup (Drive *self, const struct fuse_in_header *header, const char *name)
{
  struct fuse_entry_out out = { .entry_valid = 3600, .attr_valid = 3600 };

  out.nodeid = g_str_equal (name, "drive") ? NODE_DRIVE
               : g_str_equal (name, "stats") ? NODE_STATS
                                             : 0;
  if (out.nodeid == 0)
    {
      valise_fuse_link_reply (self->link, header, ENOENT, NULL, 0);
      return;
    }
  fill_attr (self, out.nodeid, &out.attr);
  valise_fuse_link_reply (self->link, header, 0, &out, sizeof out);
}

/* The size can be “set” to what it is, as with a block device. */
static void
set_attr (Drive *self, const struct fuse_in_header *header, const struct fuse_setattr_in *in)
{
  if ((in->valid & FATTR_SIZE) && header->nodeid == NODE_DRIVE && in->size != self->params.size)
    valise_fuse_link_reply (self->link, header, EPERM, NULL, 0);
  else
    reply_attr (self, header);
}

static void
open_node (Drive *self, const struct fuse_in_header *header)
{
  struct fuse_open_out out = { .open_flags = FOPEN_DIRECT_IO };

#ifdef FOPEN_PARALLEL_DIRECT_WRITES
  out.open_flags |= FOPEN_PARALLEL_DIRECT_WRITES;
#endif
  /* Who has opened “stats” reads what the counts were then. */
  if (header->nodeid == NODE_STATS)
    out.fh = (guint64) (guintptr) describe (self);
  valise_fuse_link_reply (self->link, header, 0, &out, sizeof out);
}

static void
read_stats (Drive *self, const struct fuse_in_header *header, const struct fuse_read_in *in)
{
  const char *text = (const char *) (guintptr) in->fh;
  gsize length = strlen (text);
  gsize start = MIN (in->offset, length);

  valise_fuse_link_reply (self->link, header, 0, text + start, MIN (in->size, length - start));
}

static void
write_stats (Drive *self, const struct fuse_in_header *header, const struct fuse_write_in *in)
{
  struct fuse_write_out out = { .size = in->size };
  const char *text = (const char *) (in + 1);

  if (in->size >= 5 && memcmp (text, "reset", 5) == 0)
    reset (self);
  else if (in->size >= 6 && memcmp (text, "unplug", 6) == 0)
    g_atomic_int_set (&self->is_unplugged, TRUE);
  else if (in->size >= 4 && memcmp (text, "fail", 4) == 0)
    g_atomic_int_set (&self->is_failing, TRUE);
  else
    {
      valise_fuse_link_reply (self->link, header, EINVAL, NULL, 0);
      return;
    }
  valise_fuse_link_reply (self->link, header, 0, &out, sizeof out);
}

static void
read_dir (Drive *self, const struct fuse_in_header *header, const struct fuse_read_in *in)
{
  static const struct
  {
    guint64 node;
    const char *name;
  } entries[] = {
    { NODE_ROOT, "." }, { NODE_ROOT, ".." }, { NODE_DRIVE, "drive" }, { NODE_STATS, "stats" },
  };
  struct
  {
    struct fuse_dirent entry;
    char name[8];
  } out[G_N_ELEMENTS (entries)] = { 0 };
  guint n = 0;

  for (guint i = in->offset; i < G_N_ELEMENTS (entries) && (n + 1) * sizeof out[0] <= in->size; i++)
    {
      out[n].entry.ino = entries[i].node;
      out[n].entry.off = i + 1;
      out[n].entry.namelen = strlen (entries[i].name);
      memcpy (out[n].name, entries[i].name, out[n].entry.namelen);
      n++;
    }
  valise_fuse_link_reply (self->link, header, 0, out, n * sizeof out[0]);
}

/* Answers what is not for the device thread. */
static void
answer (Drive *self, const struct fuse_in_header *header)
{
  gconstpointer in = header + 1;
  struct fuse_open_out opened = { 0 };
  struct fuse_statfs_out statfs = { 0 };

  switch (header->opcode)
    {
    case FUSE_LOOKUP:
      lookup (self, header, in);
      break;
    case FUSE_GETATTR:
      reply_attr (self, header);
      break;
    case FUSE_SETATTR:
      set_attr (self, header, in);
      break;
    case FUSE_OPENDIR:
      valise_fuse_link_reply (self->link, header, 0, &opened, sizeof opened);
      break;
    case FUSE_READDIR:
      read_dir (self, header, in);
      break;
    case FUSE_OPEN:
      open_node (self, header);
      break;
    case FUSE_READ:
      read_stats (self, header, in);
      break;
    case FUSE_WRITE:
      write_stats (self, header, in);
      break;
    case FUSE_RELEASE:
      if (header->nodeid == NODE_STATS)
        g_free ((gpointer) (guintptr) ((const struct fuse_release_in *) in)->fh);
      valise_fuse_link_reply (self->link, header, 0, NULL, 0);
      break;
    case FUSE_RELEASEDIR:
    case FUSE_FLUSH:
    case FUSE_FSYNC:
      valise_fuse_link_reply (self->link, header, 0, NULL, 0);
      break;
    case FUSE_STATFS:
      statfs.st.bsize = statfs.st.frsize = VALISE_MODEL_PAGE;
      statfs.st.blocks = self->params.size / VALISE_MODEL_PAGE;
      statfs.st.namelen = 255;
      valise_fuse_link_reply (self->link, header, 0, &statfs, sizeof statfs);
      break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
    case FUSE_DESTROY:
      break; /* these get no answer */
    case FUSE_FALLOCATE:
      valise_fuse_link_reply (self->link, header, EOPNOTSUPP, NULL, 0);
      break;
    default:
      valise_fuse_link_reply (self->link, header, ENOSYS, NULL, 0);
      break;
    }
}

static gboolean
is_for_device (const struct fuse_in_header *header)
{
  return header->nodeid == NODE_DRIVE
         && (header->opcode == FUSE_READ || header->opcode == FUSE_WRITE
             || header->opcode == FUSE_FSYNC);
}

/* Receives requests until a signal ends the program or the file system is unmounted. */
static void
serve (Drive *self, int signal_fd)
{
  struct pollfd fds[2] = { { valise_fuse_link_get_fd (self->link), POLLIN, 0 },
                           { signal_fd, POLLIN, 0 } };
  char *buffer = g_async_queue_pop (self->buffers);

  for (;;)
    {
      const struct fuse_in_header *header = (gconstpointer) buffer;
      struct signalfd_siginfo info;
      gint64 arrival;

      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
        continue;
      if ((fds[1].revents & POLLIN) && read (signal_fd, &info, sizeof info) == sizeof info)
        {
          if (info.ssi_signo == SIGUSR1)
            print_stats (self);
          else if (info.ssi_signo == SIGUSR2)
            reset (self);
          else
            break;
        }
      if (fds[0].revents == 0)
        continue;

      /* Before the data is copied: that is the system's time, not the drive's. */
      arrival = now_ns ();
      switch (valise_fuse_link_receive (self->link, buffer))
        {
        case -1:
          g_async_queue_push (self->buffers, buffer);
          return;
        case 0:
          continue;
        default:
          break;
        }
      if (is_for_device (header))
        {
          Request *request = g_new (Request, 1);

          request->data = buffer;
          request->arrival = arrival;
          g_async_queue_push (self->requests, request);
          buffer = g_async_queue_pop (self->buffers);
        }
      else
        {
          answer (self, header);
        }
    }
  g_async_queue_push (self->buffers, buffer);
}

static gboolean
open_backing (Drive *self, const char *path, GError **error)
{
  if (path != NULL)
    self->backing_fd = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  else
    self->backing_fd = memfd_create ("valise-model-drive", MFD_CLOEXEC);
  if (self->backing_fd >= 0 && ftruncate (self->backing_fd, self->params.size) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s",
               path != NULL ? path : "memory", g_strerror (errno));
  return FALSE;
}

typedef struct
{
  char *size, *write_rate, *read_rate, *unit_size, *backing, *trace;
  double merge_ms, command_ms, join_ms;
  int units;
} Options;

static gboolean
parse (int *argc, char ***argv, Options *o, ValiseModelParams *params, GError **error)
{
  const GOptionEntry entries[] = {
    { "size", 0, 0, G_OPTION_ARG_STRING, &o->size, "Size of the drive (32G)", "SIZE" },
    { "write-rate", 0, 0, G_OPTION_ARG_STRING, &o->write_rate, "Bytes per second (120MB)", "SIZE" },
    { "read-rate", 0, 0, G_OPTION_ARG_STRING, &o->read_rate, "Bytes per second (250MB)", "SIZE" },
    { "command-ms", 0, 0, G_OPTION_ARG_DOUBLE, &o->command_ms, "Cost of a command (0.15)", "MS" },
    { "merge-ms", 0, 0, G_OPTION_ARG_DOUBLE, &o->merge_ms, "Cost of a merge (20)", "MS" },
    { "join-ms", 0, 0, G_OPTION_ARG_DOUBLE, &o->join_ms,
      "How late the next part of a split command may come (0.3)", "MS" },
    { "units", 0, 0, G_OPTION_ARG_INT, &o->units, "Units that can be open (4)", "N" },
    { "unit-size", 0, 0, G_OPTION_ARG_STRING, &o->unit_size, "Size of a unit (4M)", "SIZE" },
    { "backing", 0, 0, G_OPTION_ARG_FILENAME, &o->backing,
      "Where the data is kept; overwritten (memory)", "FILE" },
    { "trace", 0, 0, G_OPTION_ARG_FILENAME, &o->trace,
      "Write a line for each request: kind, offset, bytes, arrival and end in microseconds",
      "FILE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("MOUNT_POINT");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error)
      || !valise_parse_size (o->size ? o->size : "32G", &params->size, error)
      || !valise_parse_size (o->write_rate ? o->write_rate : "120MB", &params->write_rate, error)
      || !valise_parse_size (o->read_rate ? o->read_rate : "250MB", &params->read_rate, error)
      || !valise_parse_size (o->unit_size ? o->unit_size : "4M", &params->unit_size, error))
    return FALSE;
  if (*argc != 2 || o->units < 1 || o->merge_ms < 0 || o->command_ms < 0
      || params->size % VALISE_MODEL_PAGE != 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "One mount point, numbers that are not negative, and a size in pages are "
                   "needed");
      return FALSE;
    }
  params->n_units = o->units;
  params->command_ns = o->command_ms * 1e6;
  params->merge_ns = o->merge_ms * 1e6;
  params->join_ns = o->join_ms * 1e6;
  return TRUE;
}

int
main (int argc, char **argv)
{
  Options options = { .merge_ms = 20, .command_ms = 0.15, .join_ms = 0.3, .units = 4 };
  Drive self = { .backing_fd = -1 };
  g_autoptr (GError) error = NULL;
  GThread *thread;
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGUSR1);
  sigaddset (&signals, SIGUSR2);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigprocmask (SIG_BLOCK, &signals, NULL);

  if (!parse (&argc, &argv, &options, &self.params, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (options.trace != NULL)
    self.trace = fopen (options.trace, "w");
  if (!open_backing (&self, options.backing, &error)
      || (self.link = valise_fuse_link_new (argv[1], &error)) == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  self.params.max_request = valise_fuse_link_get_max_request (self.link);
  self.model = valise_model_new (&self.params);
  self.requests = g_async_queue_new ();
  self.buffers = g_async_queue_new ();
  for (guint i = 0; i < N_BUFFERS; i++)
    g_async_queue_push (self.buffers,
                        g_aligned_alloc (1, valise_fuse_link_get_buffer_size (self.link),
                                         VALISE_MODEL_PAGE));

  /* A drive does not wait for the processor that others use; where this is not allowed, it does. */
  self.realtime = sched_setscheduler (0, SCHED_RR, &(struct sched_param) { 1 }) == 0;
  thread = g_thread_new ("device", device_thread, &self);
  puts ("ready");
  fflush (stdout);

  serve (&self, signalfd (-1, &signals, SFD_CLOEXEC));

  g_async_queue_push (self.requests, g_new0 (Request, 1));
  g_thread_join (thread);
  print_stats (&self);
  valise_fuse_link_free (self.link);
  valise_model_free (self.model);
  for (guint i = 0; i < N_BUFFERS; i++)
    g_aligned_free (g_async_queue_pop (self.buffers));
  g_async_queue_unref (self.buffers);
  g_async_queue_unref (self.requests);
  if (self.trace != NULL)
    fclose (self.trace);
  close (self.backing_fd);
  return 0;
}
