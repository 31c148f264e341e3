/* valise-size-check.c: a quick look at whether a drive is as large as it claims to be.
 *
 * Counterfeit drives have less memory than they claim. They either lose what is written beyond it,
 * or put it where something else is: mostly the address without its upper bits. So a pattern that
 * exists only once goes to the start, the end, and every power of two between; then all are read
 * back. One that was lost, or that is found in another's place, gives the drive away.
 *
 * The patterns go from the end of the drive to its start, and are read in the same order: what the
 * drive still has in its own cache is what was written last, and that is where its memory is real.
 *
 * A drive that passes is not proven to be good. Only reading back everything does that.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-size-check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-units.h"

/* What is written at each place. */
#define PATTERN_SIZE 4096

/* The first power of two. Smaller memory shows there as well. */
#define FIRST_PLACE (16 * VALISE_MIB)

#define MAX_PLACES 64

/* How exactly the real size is found out. */
#define PRECISION VALISE_MIB

/* What is at a place, if it is no place's pattern. */
#define LOST G_MAXUINT

typedef struct
{
  ValiseTarget *target;
  guint64 nonce; /* so that no earlier check's patterns are taken for this one's */
  guint64 places[MAX_PLACES]; /* ascending */
  guint n_places;
  guint found[MAX_PLACES]; /* which place's pattern is there */
  ValiseBuffer *pattern;
  ValiseBuffer *buffer;
} Check;

static void
list_places (Check *check)
{
  const guint64 size = valise_target_get_size (check->target);
  const guint64 last = VALISE_ROUND_DOWN (size - PATTERN_SIZE, VALISE_ALIGNMENT);

  check->places[check->n_places++] = 0;
  for (guint64 at = FIRST_PLACE; at < last && check->n_places < MAX_PLACES - 1; at *= 2)
    check->places[check->n_places++] = at;
  check->places[check->n_places++] = last;
}

/* Nothing that repeats inside, so that no part of it can stand for another. */
static void
make_pattern (Check *check, guint64 at)
{
  const guint32 seed[] = { check->nonce >> 32, check->nonce, at >> 32, at };
  g_autoptr (GRand) rand = g_rand_new_with_seed_array (seed, G_N_ELEMENTS (seed));

  for (gsize i = 0; i < PATTERN_SIZE; i += sizeof (guint32))
    {
      guint32 value = g_rand_int (rand);

      memcpy (check->pattern->data + i, &value, sizeof value);
    }
}

static gboolean
put (Check *check, guint64 at, GError **error)
{
  make_pattern (check, at);
  return valise_target_write_full (check->target, at, check->pattern->data, PATTERN_SIZE, error);
}

static gboolean
holds (Check *check, guint64 at)
{
  make_pattern (check, at);
  return memcmp (check->buffer->data, check->pattern->data, PATTERN_SIZE) == 0;
}

static gboolean
settle (Check *check, GError **error)
{
  if (!valise_target_flush (check->target, error))
    return FALSE;
  valise_target_drop_caches (check->target);
  return TRUE;
}

static gboolean
write_all (Check *check, GError **error)
{
  for (guint i = check->n_places; i-- > 0;)
    if (!put (check, check->places[i], error))
      return FALSE;
  return settle (check, error);
}

static gboolean
read_all (Check *check, GError **error)
{
  for (guint i = check->n_places; i-- > 0;)
    {
      if (!valise_target_read_full (check->target, check->places[i], check->buffer->data,
                                    PATTERN_SIZE, error))
        return FALSE;
      check->found[i] = LOST;
      if (holds (check, check->places[i]))
        check->found[i] = i;
      for (guint j = 0; j < check->n_places && check->found[i] == LOST; j++)
        if (holds (check, check->places[j]))
          check->found[i] = j;
    }
  return TRUE;
}

/* Puts zeros where the patterns are. What cannot be done here fails later, and is told then. */
static void
wipe (Check *check, const guint64 *places, guint n)
{
  memset (check->buffer->data, 0, PATTERN_SIZE);
  for (guint i = 0; i < n; i++)
    valise_target_write_full (check->target, places[i], check->buffer->data, PATTERN_SIZE, NULL);
}

/* Two places that are the same memory are apart by the drive's size, or a multiple of it. */
static guint64
find_wrap (const Check *check)
{
  guint64 wrap = G_MAXUINT64;

  for (guint i = 0; i < check->n_places; i++)
    for (guint j = i + 1; j < check->n_places && check->found[i] != LOST; j++)
      if (check->found[i] == check->found[j])
        wrap = MIN (wrap, check->places[j] - check->places[i]);
  return wrap;
}

/* Where, between a place that keeps what it is given and one that does not, the memory ends. */
static gboolean
find_end (Check *check, guint64 good, guint64 bad, guint64 *end, GError **error)
{
  while (bad - good > PRECISION)
    {
      guint64 middle = VALISE_ROUND_DOWN (good + (bad - good) / 2, PRECISION);
      gboolean ok;

      if (middle <= good)
        middle += PRECISION;
      if (middle >= bad)
        break;
      ok = put (check, middle, error) && settle (check, error)
           && valise_target_read_full (check->target, middle, check->buffer->data, PATTERN_SIZE,
                                       error);
      if (ok && holds (check, middle))
        good = middle;
      else
        bad = middle;
      wipe (check, &middle, 1);
      if (!ok)
        return FALSE;
    }
  *end = bad;
  return TRUE;
}

/* How much memory there seems to be; the claimed size if nothing is wrong, 0 if no size explains
 * what was read. */
static gboolean
find_size (Check *check, guint64 *size, GError **error)
{
  const guint64 wrap = find_wrap (check);
  guint n_good = 0;
  guint n_lost = 0;

  *size = wrap;
  if (wrap != G_MAXUINT64)
    return TRUE;
  while (n_good < check->n_places && check->found[n_good] == n_good)
    n_good++;
  for (guint i = n_good; i < check->n_places; i++)
    n_lost += check->found[i] == LOST;

  if (n_good == check->n_places)
    *size = valise_target_get_size (check->target);
  else if (n_good == 0 || n_good + n_lost < check->n_places)
    *size = 0;
  else
    return find_end (check, check->places[n_good - 1], check->places[n_good], size, error);
  return TRUE;
}

static void
set_error (ValiseTarget *self, guint64 size, GError **error)
{
  g_autofree char *claimed = g_format_size (valise_target_get_size (self));
  g_autofree char *real = g_format_size (size);

  if (size == 0)
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH,
                 _("“%s” does not keep what is written to it. It is worn out, or a counterfeit. "
                   "Use another drive."),
                 valise_target_get_name (self));
  else
    /* Translators: a drive, the size that it claims, and the one that was found. */
    g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FALSE_SIZE,
                 _("“%s” is a counterfeit: it claims to have %s, and keeps only about %s. What is "
                   "written beyond that is lost. Use another drive."),
                 valise_target_get_name (self), claimed, real);
}

/**
 * valise_target_check_size:
 * @self: a target that was blanked, on which nothing is needed any more
 * @real_size: (out) (optional): how much the drive seems to keep, in bytes, to the MiB; its whole
 *   size if no fault was found; 0 if no size explains what it gives back
 * @error: where to put an error of %VALISE_DRIVE_ERROR
 *
 * Looks at a handful of places for signs that the drive is smaller than it says. It does not prove
 * that the drive is good: a size that wraps at no power of two, or memory that is bad elsewhere,
 * goes unseen. The places hold zeros afterwards. Blocks; takes one write, one read and another
 * write of 4 KiB for each power of two.
 *
 * Returns: whether no fault was found
 */
gboolean
valise_target_check_size (ValiseTarget *self, guint64 *real_size, GError **error)
{
  Check check = { .target = self };
  guint64 size = valise_target_get_size (self);
  g_autoptr (ValiseBuffer) pattern = NULL;
  g_autoptr (ValiseBuffer) buffer = NULL;
  gboolean ok;

  if (real_size != NULL)
    *real_size = size;
  if (size <= FIRST_PLACE)
    return TRUE;
  check.pattern = pattern = valise_buffer_new (PATTERN_SIZE);
  check.buffer = buffer = valise_buffer_new (PATTERN_SIZE);
  check.nonce = ((guint64)g_random_int () << 32) | g_random_int ();
  list_places (&check);

  ok = write_all (&check, error) && read_all (&check, error) && find_size (&check, &size, error);
  wipe (&check, check.places, check.n_places);
  if (real_size != NULL)
    *real_size = size;
  if (ok && size != valise_target_get_size (self))
    {
      set_error (self, size, error);
      ok = FALSE;
    }
  return ok;
}
