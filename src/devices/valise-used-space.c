/* valise-used-space.c: how full mounted file systems are.
 *
 * Whoever asks a file system waits for it, and one that is busy writing to a slow stick, or whose
 * stick is dying, may let him wait for very long. So each is asked in a thread of its own, and what
 * has not answered in time is not known.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-used-space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include "core/valise-sandbox.h"

typedef struct
{
  /* Constant. */
  char *device;
  char *folder;
  gboolean own_number; /* its files have another device number than the device */

  /* Under the lock. */
  guint refs;
  gboolean done;
  guint64 used;
} Question;

static GMutex lock;
static GCond answered;
static GHashTable *asked; /* folders of which the answer is still awaited; under the lock */

/* With the lock. */
static void
question_unref (Question *self)
{
  if (--self->refs > 0)
    return;
  g_free (self->device);
  g_free (self->folder);
  g_free (self);
}

/* Where udisks2 runs in another mount namespace (from a sandbox, it does), something else may be in
 * the folder here. */
static gboolean
is_mounted_here (const Question *self)
{
  struct stat device;
  struct stat folder;

  return stat (self->folder, &folder) == 0
         && ((self->own_number && !valise_sandbox_is_inside ())
             || (stat (self->device, &device) == 0 && device.st_rdev == folder.st_dev));
}

static gpointer
ask (gpointer data)
{
  Question *self = data;
  guint64 used = VALISE_DRIVE_UNKNOWN;
  struct statvfs status;

  if (is_mounted_here (self) && statvfs (self->folder, &status) == 0)
    used = (guint64) (status.f_blocks - status.f_bfree) * status.f_frsize;
  g_mutex_lock (&lock);
  self->used = used;
  self->done = TRUE;
  g_hash_table_remove (asked, self->folder);
  question_unref (self);
  g_cond_broadcast (&answered);
  g_mutex_unlock (&lock);
  return NULL;
}

/* With the lock. Returns: (nullable): NULL where there is nothing to ask, or nobody answers */
static Question *
begin (const ValiseDrivePart *part)
{
  Question *self;
  GThread *thread;

  if (part->mounts == NULL || part->mounts[0] == NULL
      || g_hash_table_contains (asked, part->mounts[0]))
    return NULL;
  self = g_new0 (Question, 1);
  self->device = g_strdup (part->device);
  self->folder = g_strdup (part->mounts[0]);
  self->own_number = g_strcmp0 (part->type, "btrfs") == 0;
  self->used = VALISE_DRIVE_UNKNOWN;
  self->refs = 2;
  thread = g_thread_try_new ("used-space", ask, self, NULL);
  if (thread == NULL)
    {
      self->refs = 1;
      question_unref (self);
      return NULL;
    }
  g_thread_unref (thread);
  g_hash_table_add (asked, g_strdup (self->folder));
  return self;
}

/**
 * valise_used_space_read:
 * @parts: (element-type ValiseDrivePart): what is on drives
 * @patience: microseconds to wait for all of them together
 *
 * Fills in how many bytes are used in those that are mounted. One that did not answer the last time
 * is not asked again before it has. Any thread; blocks for at most @patience.
 */
void
valise_used_space_read (GPtrArray *parts, gint64 patience)
{
  gint64 end = g_get_monotonic_time () + patience;
  g_autofree Question **questions = g_new0 (Question *, parts->len + 1);

  g_mutex_lock (&lock);
  if (asked == NULL)
    asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < parts->len; i++)
    questions[i] = begin (parts->pdata[i]);
  for (guint i = 0; i < parts->len; i++)
    {
      ValiseDrivePart *part = parts->pdata[i];

      if (questions[i] == NULL)
        continue;
      while (!questions[i]->done && g_cond_wait_until (&answered, &lock, end))
        ;
      part->used = questions[i]->used;
      question_unref (questions[i]);
    }
  g_mutex_unlock (&lock);
}
