/* fault-target.h: a target on a file that fails as a test wants it to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "engine/valise-target.h"

/* For an offset or a count that is never reached. */
#define FAULT_NEVER G_MAXUINT64

typedef enum
{
  FAULT_WRITE,
  FAULT_READ,
  FAULT_FLUSH,
  FAULT_DISCARD,
} FaultOperation;

typedef struct _FaultPlan FaultPlan;

/* In front of a drive: from some operation on, no operation of that kind returns until it is
 * opened, as when a drive does not answer the kernel. */
typedef struct
{
  GMutex lock;
  GCond changed;
  FaultOperation operation;
  guint64 from_bytes; /* nobody is stopped before so many bytes were taken */
  guint n_free;       /* so many more pass then */
  gboolean is_open;
  gboolean is_waited_at;
} FaultGate;

/**
 * FaultPlan:
 * @write_bytes: how many bytes are taken before writes fail with @write_errno
 * @write_from: writes that reach beyond this offset fail with @write_errno, as on a drive that is
 *   full
 * @write_errno: EIO where it is 0
 * @max_write: at most so many bytes are taken at once; 0 for all
 * @interrupt_every: every so many calls are interrupted first (EINTR); 0 for none
 * @read_from: reads that reach beyond this offset fail with EIO
 * @flip_byte: one bit of the byte at this offset is another one when it is read
 * @flip_reads: one bit of the first byte of every read is another one
 * @real_size: what is written beyond this is taken, and lost: the drive's size is a lie
 * @wrap_size: what is beyond this is the same memory as what is before, again and again
 * @constant_reads: all that is read is one byte
 * @vanish_at: from this operation (write, read, flush or discard) on, counted from 0, there is no
 *   drive any more
 * @vanish_quietly: a drive that is gone says @vanish_errno, not ENODEV
 * @vanish_errno: EIO where it is 0
 * @flush_errno: what flushing fails with; 0 for not at all
 * @write_delay: microseconds that a write takes longer
 * @is_file: it appears as a file, not as a drive
 * @sector_size: the size of its logical sectors in bytes; 512 where it is 0
 * @before: (nullable): called before each operation, in the thread that does it: it may change the
 *   plan, cancel the job, or end the process
 * @data: for @before
 * @n_operations: (out): how many operations there were; atomic
 * @n_writes: (out): how many of them were writes; atomic
 * @bytes_taken: (out): bytes that were written; atomic enough for one writer
 * @is_closed: (out): whether the target is gone, and nobody uses the plan any more; atomic
 *
 * What a drive does wrong. May be changed while nobody uses the target.
 */
struct _FaultPlan
{
  guint64 write_bytes;
  guint64 write_from;
  int write_errno;
  gsize max_write;
  guint interrupt_every;
  guint64 read_from;
  guint64 flip_byte;
  gboolean flip_reads;
  guint64 real_size;
  guint64 wrap_size;
  gboolean constant_reads;
  guint64 vanish_at;
  gboolean vanish_quietly;
  int vanish_errno;
  int flush_errno;
  guint write_delay;
  gboolean is_file;
  guint sector_size;
  void (*before) (FaultPlan *plan, FaultOperation operation);
  gpointer data;

  int n_operations;
  int n_writes;
  guint64 bytes_taken;
  int is_closed;
};

void fault_gate_shut (FaultGate *gate, FaultPlan *plan, FaultOperation operation, guint n_free);
void fault_gate_wait (FaultGate *gate);
void fault_gate_open (FaultGate *gate);
void fault_gate_clear (FaultGate *gate);
void fault_plan_wait_closed (FaultPlan *plan);
void fault_plan_init (FaultPlan *plan);
ValiseTarget *fault_target_new (const char *path, FaultPlan *plan);
