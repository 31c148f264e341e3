/* fault-target.c: a target on a file that fails as a test wants it to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fault-target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/valise-units.h"

#define SECTOR_SIZE 512

typedef struct
{
  int fd;
  FaultPlan *plan;
} FaultMedium;

/* Counts an operation; -1 and errno if it fails whatever it is. */
static int
begin (FaultPlan *plan, FaultOperation operation)
{
  guint64 n;

  if (plan->before != NULL)
    plan->before (plan, operation);
  n = g_atomic_int_add (&plan->n_operations, 1);
  if (n >= plan->vanish_at)
    errno = !plan->vanish_quietly ? ENODEV : plan->vanish_errno != 0 ? plan->vanish_errno : EIO;
  else if (plan->interrupt_every != 0 && n % plan->interrupt_every == 0)
    errno = EINTR;
  else
    return 0;
  return -1;
}

static gssize
fault_write (gpointer medium, const struct iovec *parts, guint n_parts, guint64 offset)
{
  FaultMedium *self = medium;
  FaultPlan *plan = self->plan;
  guint64 allowed = G_MAXSSIZE;
  gssize total = 0;

  if (begin (plan, FAULT_WRITE) != 0)
    return -1;
  g_atomic_int_inc (&plan->n_writes);
  if (plan->write_delay > 0)
    g_usleep (plan->write_delay);
  if (plan->write_bytes != FAULT_NEVER)
    allowed = plan->write_bytes - MIN (plan->write_bytes, plan->bytes_taken);
  if (plan->write_from != FAULT_NEVER)
    allowed = MIN (allowed, plan->write_from - MIN (plan->write_from, offset));
  allowed = VALISE_ROUND_DOWN (allowed, SECTOR_SIZE); /* as drives do: a sector, or nothing of it */
  if (allowed == 0)
    {
      errno = plan->write_errno != 0 ? plan->write_errno : EIO;
      return -1;
    }
  if (plan->max_write != 0)
    allowed = MIN (allowed, plan->max_write);

  for (guint i = 0; i < n_parts && allowed > 0; i++)
    {
      gsize n = MIN (parts[i].iov_len, allowed);
      guint64 at = (offset + total) % plan->wrap_size;
      gsize kept = plan->real_size <= at ? 0 : MIN (n, plan->real_size - at);

      g_assert_cmpuint (GPOINTER_TO_SIZE (parts[i].iov_base) % SECTOR_SIZE, ==, 0);
      g_assert_cmpint (pwrite (self->fd, parts[i].iov_base, kept, at), ==, kept);
      total += n;
      allowed -= n;
    }
  plan->bytes_taken += total;
  return total;
}

static gssize
fault_read (gpointer medium, gpointer data, gsize size, guint64 offset)
{
  FaultMedium *self = medium;
  FaultPlan *plan = self->plan;
  gssize done;

  if (begin (plan, FAULT_READ) != 0)
    return -1;
  if (plan->read_from != FAULT_NEVER && offset + size > plan->read_from)
    {
      errno = EIO;
      return -1;
    }
  done = pread (self->fd, data, size, offset % plan->wrap_size);
  if (done > 0 && plan->flip_byte >= offset && plan->flip_byte - offset < (guint64)done)
    ((guint8 *)data)[plan->flip_byte - offset] ^= 0x10;
  if (done > 0 && plan->constant_reads)
    memset (data, 0xff, done);
  if (done > 0 && plan->flip_reads)
    *(guint8 *)data ^= 0x10;
  return done;
}

static int
fault_flush (gpointer medium)
{
  FaultMedium *self = medium;

  if (begin (self->plan, FAULT_FLUSH) != 0)
    return -1;
  if (self->plan->flush_errno == 0)
    return 0;
  errno = self->plan->flush_errno;
  return -1;
}

static int
fault_discard (gpointer medium, guint64 offset, guint64 size)
{
  FaultMedium *self = medium;

  if (begin (self->plan, FAULT_DISCARD) != 0)
    return -1;
  return fallocate (self->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
}

static gboolean
fault_is_gone (gpointer medium)
{
  FaultMedium *self = medium;

  return (guint64)g_atomic_int_get (&self->plan->n_operations) > self->plan->vanish_at;
}

static void
fault_close (gpointer medium)
{
  FaultMedium *self = medium;

  FaultPlan *plan = self->plan;

  close (self->fd);
  g_free (self);
  g_atomic_int_set (&plan->is_closed, TRUE);
}

static const ValiseTargetOps fault_ops = {
  .write = fault_write,
  .read = fault_read,
  .flush = fault_flush,
  .discard = fault_discard,
  .is_gone = fault_is_gone,
  .close = fault_close,
};

/* A drive without faults. */
void
fault_plan_init (FaultPlan *plan)
{
  *plan = (FaultPlan){
    .write_bytes = FAULT_NEVER,
    .write_from = FAULT_NEVER,
    .read_from = FAULT_NEVER,
    .flip_byte = FAULT_NEVER,
    .real_size = FAULT_NEVER,
    .wrap_size = FAULT_NEVER,
    .vanish_at = FAULT_NEVER,
  };
}

/* What looks like a drive, or a file, and holds what an existing file holds. */
ValiseTarget *
fault_target_new (const char *path, FaultPlan *plan)
{
  FaultMedium *self = g_new0 (FaultMedium, 1);
  g_autofree char *name = g_path_get_basename (path);
  ValiseTarget *target;
  struct stat st;

  self->plan = plan;
  self->fd = open (path, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (self->fd, >=, 0);
  g_assert_cmpint (fstat (self->fd, &st), ==, 0);
  target = valise_target_new_with_ops (&fault_ops, self, name, st.st_size, !plan->is_file);
  if (plan->sector_size != 0)
    valise_target_set_sector_size (target, plan->sector_size);
  return target;
}

static void
pass_gate (FaultPlan *plan, FaultOperation operation)
{
  FaultGate *gate = plan->data;

  if (operation != gate->operation || plan->bytes_taken < gate->from_bytes)
    return;
  g_mutex_lock (&gate->lock);
  if (gate->n_free > 0)
    gate->n_free--;
  else
    while (!gate->is_open)
      {
        gate->is_waited_at = TRUE;
        g_cond_broadcast (&gate->changed);
        g_cond_wait (&gate->changed, &gate->lock);
      }
  g_mutex_unlock (&gate->lock);
}

void
fault_gate_shut (FaultGate *gate, FaultPlan *plan, FaultOperation operation, guint n_free)
{
  *gate = (FaultGate){ .operation = operation, .n_free = n_free };
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->changed);
  plan->before = pass_gate;
  plan->data = gate;
}

/* Until somebody stands before it. */
void
fault_gate_wait (FaultGate *gate)
{
  g_mutex_lock (&gate->lock);
  while (!gate->is_waited_at)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

void
fault_gate_open (FaultGate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->is_open = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

/* When nobody can come to it any more. */
void
fault_gate_clear (FaultGate *gate)
{
  g_mutex_clear (&gate->lock);
  g_cond_clear (&gate->changed);
}

/* Until the last thread has let go of the target. */
void
fault_plan_wait_closed (FaultPlan *plan)
{
  while (!g_atomic_int_get (&plan->is_closed))
    g_usleep (1000);
}
