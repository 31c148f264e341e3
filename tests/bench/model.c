/* model.c: what a command costs on a modelled flash drive.
 *
 * Pure arithmetic: no clock, no data, no thread. The caller says when a command arrives and is told
 * when it ends. The drive does one command at a time; one that arrives while it is busy waits.
 *
 * A command costs a constant and its bytes at the drive's rate. Flash is written in allocation
 * units, front to back, and the controller can keep a few of them open. Inside an open unit a write
 * may go on where the last one ended or skip forwards. A write that opens a unit elsewhere than at
 * its start, or goes backwards inside an open one, makes the controller copy the rest of the unit:
 * a merge. A unit stays open until the least recently used one has to make room for another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "model.h"

#include <string.h>

/* An open unit. The array that holds them is sorted, the most recently used first. */
typedef struct
{
  guint64 index;
  guint64 position; /* where the last write into it ended, bytes from the unit's start */
} Unit;

typedef enum
{
  COMMAND_NONE,
  COMMAND_WRITE,
  COMMAND_READ,
} Command;

struct _ValiseModel
{
  ValiseModelParams params;
  ValiseModelStats stats;
  gint64 free_at; /* when the drive has done all that it was told */

  Unit *units;
  guint n_open;
  guint8 *written; /* one bit a page */

  /* The last request, to know the next part of a command that the system has split. */
  Command last;
  guint64 last_end;
  guint64 last_length;
};

/**
 * valise_model_new:
 * @params: the drive's constants; copied
 *
 * Returns: (transfer full): a drive that is idle, has no open unit and was never written
 */
ValiseModel *
valise_model_new (const ValiseModelParams *params)
{
  ValiseModel *self = g_new0 (ValiseModel, 1);

  g_assert (params->write_rate > 0 && params->read_rate > 0);
  g_assert (params->unit_size > 0 && params->n_units > 0);

  self->params = *params;
  self->units = g_new0 (Unit, params->n_units);
  self->written = g_malloc0 (params->size / VALISE_MODEL_PAGE / 8 + 1);
  self->free_at = G_MININT64;
  return self;
}

/**
 * valise_model_free:
 * @self: (transfer full): a drive
 */
void
valise_model_free (ValiseModel *self)
{
  g_free (self->units);
  g_free (self->written);
  g_free (self);
}

/* A write of @length bytes at @position of the unit @index. Returns: whether the unit is merged. */
static gboolean
write_unit (ValiseModel *self, guint64 index, guint64 position, guint64 length)
{
  gboolean merged;
  guint i;

  for (i = 0; i < self->n_open && self->units[i].index != index; i++)
    ;

  if (i < self->n_open)
    {
      merged = position < self->units[i].position;
    }
  else
    {
      merged = position != 0;
      if (self->n_open < self->params.n_units)
        self->n_open++;
      i = self->n_open - 1;
    }

  memmove (self->units + 1, self->units, i * sizeof (Unit));
  self->units[0].index = index;
  self->units[0].position = position + length;
  return merged;
}

static void
note_pages (ValiseModel *self, guint64 offset, guint64 length)
{
  for (guint64 page = offset / VALISE_MODEL_PAGE;
       page <= (offset + length - 1) / VALISE_MODEL_PAGE;
       page++)
    {
      guint8 bit = 1 << (page % 8);

      if (!(self->written[page / 8] & bit))
        {
          self->written[page / 8] |= bit;
          self->stats.distinct_pages++;
        }
    }
}

/* Whether this request is the next part of the command before it. Only a request of the largest
 * size can have been split, so that programs that write large blocks in sequence do not appear to
 * write larger ones than they do. */
static gboolean
continues (ValiseModel *self, Command command, guint64 offset, gint64 now)
{
  return self->last == command
         && self->last_length > 0
         && self->last_length == self->params.max_request
         && self->last_end == offset
         && now - self->free_at <= self->params.join_ns;
}

/* Puts a request into the drive's time. Returns: when it ends. */
static gint64
run (ValiseModel *self, Command command, guint64 offset, guint64 length, gint64 extra, gint64 now)
{
  guint64 rate = command == COMMAND_WRITE ? self->params.write_rate : self->params.read_rate;
  gint64 cost = extra + (gint64) ((gdouble) length * 1e9 / (gdouble) rate + 0.5);

  if (continues (self, command, offset, now))
    {
      self->stats.joined++;
    }
  else
    {
      cost += self->params.command_ns;
      if (command == COMMAND_WRITE)
        self->stats.writes++;
      else
        self->stats.reads++;
    }

  self->last = command;
  self->last_end = offset + length;
  self->last_length = length;
  self->free_at = MAX (self->free_at, now) + cost;
  self->stats.busy_ns += cost;
  return self->free_at;
}

/**
 * valise_model_write:
 * @self: a drive
 * @offset: where, bytes
 * @length: bytes, more than 0; offset and length lie within the drive
 * @now: when the request arrives, nanoseconds on the caller's clock
 *
 * Returns: when the drive has written it, nanoseconds on the same clock
 */
gint64
valise_model_write (ValiseModel *self, guint64 offset, guint64 length, gint64 now)
{
  gint64 extra = 0;
  guint64 end = offset + length;

  g_assert (length > 0 && length <= self->params.size && offset <= self->params.size - length);

  for (guint64 at = offset; at < end;)
    {
      guint64 index = at / self->params.unit_size;
      guint64 part_end = MIN (end, (index + 1) * self->params.unit_size);

      if (write_unit (self, index, at % self->params.unit_size, part_end - at))
        {
          self->stats.merges++;
          extra += self->params.merge_ns;
        }
      at = part_end;
    }
  note_pages (self, offset, length);
  self->stats.write_bytes += length;

  return run (self, COMMAND_WRITE, offset, length, extra, now);
}

/**
 * valise_model_read:
 * @self: a drive
 * @offset: where, bytes
 * @length: bytes, more than 0
 * @now: when the request arrives, nanoseconds on the caller's clock
 *
 * Reads leave the open units as they are.
 *
 * Returns: when the drive has read it, nanoseconds on the same clock
 */
gint64
valise_model_read (ValiseModel *self, guint64 offset, guint64 length, gint64 now)
{
  g_assert (length > 0 && length <= self->params.size && offset <= self->params.size - length);

  self->stats.read_bytes += length;
  return run (self, COMMAND_READ, offset, length, 0, now);
}

/**
 * valise_model_sync:
 * @self: a drive
 * @now: when the request arrives, nanoseconds on the caller's clock
 *
 * A flush waits for what came before it and costs nothing itself: the model has no cache.
 *
 * Returns: when the drive is idle, nanoseconds on the same clock
 */
gint64
valise_model_sync (ValiseModel *self, gint64 now)
{
  self->stats.syncs++;
  return MAX (self->free_at, now);
}

/**
 * valise_model_reset:
 * @self: a drive
 *
 * Makes the drive as new: all counts are 0, no page was written and no unit is open. What it is
 * still busy with goes on.
 */
void
valise_model_reset (ValiseModel *self)
{
  memset (&self->stats, 0, sizeof self->stats);
  memset (self->written, 0, self->params.size / VALISE_MODEL_PAGE / 8 + 1);
  self->n_open = 0;
  self->last = COMMAND_NONE;
}

/**
 * valise_model_get_stats:
 * @self: a drive
 *
 * Returns: (transfer none): the counts until now
 */
const ValiseModelStats *
valise_model_get_stats (ValiseModel *self)
{
  return &self->stats;
}
