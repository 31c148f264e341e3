/* valise-inspect-job.c: what is in an image, found out without keeping anybody waiting.
 *
 * Responsible for opening a source in a thread, for what remains of it in memory afterwards, and
 * for what another thread finds out while somebody already chooses an edition: how large a drive
 * must be, which a sample tells in seconds, and then the digest.
 *
 * What an open ISO needs (a mount, or a copy of the image) is given back as soon as the digest is
 * made or nobody wants it any more, not when the window closes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-inspect-job.h"

#include <sched.h>

#include "core/valise-sandbox.h"
#include "core/valise-scratch.h"
#include "image/valise-source.h"
#include "valise-image-boot.h"

struct _ValiseInspectJob
{
  GObject parent_instance;

  char *path;
  ValiseProgress *progress;
  gboolean started;

  /* Set by the thread that opens, read once it is finished. */
  const char *format; /* interned */
  char *folder;
  gboolean is_iso;
  guint64 size;
  gint64 time;
  GPtrArray *editions; /* ValiseEdition */
  GPtrArray *boot;     /* ValiseBootFiles or NULL, as many */

  /* The opening thread's, then the digest's: one at a time. */
  ValiseScratch *scratch;
  ValiseSource *source;

  ValiseCompactEstimate *estimates; /* (nullable): as many as there are editions; main thread */
  char *sha256; /* set in hash_finish */
};

G_DEFINE_FINAL_TYPE (ValiseInspectJob, valise_inspect_job, G_TYPE_OBJECT)

typedef struct
{
  ValiseScratch *scratch;
  ValiseSource *source;
} Opened;

static guint estimated_signal;

/* Unmounts, or removes gigabytes: not for the main thread. */
static gpointer
close_thread (gpointer data)
{
  Opened *opened = data;

  g_clear_pointer (&opened->source, valise_source_free);
  g_clear_pointer (&opened->scratch, valise_scratch_free);
  g_free (opened);
  return NULL;
}

static Opened *
steal_opened (ValiseInspectJob *self)
{
  Opened *opened = g_new0 (Opened, 1);

  opened->source = g_steal_pointer (&self->source);
  opened->scratch = g_steal_pointer (&self->scratch);
  return opened;
}

static void
valise_inspect_job_finalize (GObject *object)
{
  ValiseInspectJob *self = VALISE_INSPECT_JOB (object);

  if (self->source != NULL || self->scratch != NULL)
    g_thread_unref (g_thread_new ("valise-close", close_thread, steal_opened (self)));
  g_clear_pointer (&self->editions, g_ptr_array_unref);
  g_clear_pointer (&self->boot, g_ptr_array_unref);
  g_clear_object (&self->progress);
  g_free (self->estimates);
  g_free (self->sha256);
  g_free (self->folder);
  g_free (self->path);
  G_OBJECT_CLASS (valise_inspect_job_parent_class)->finalize (object);
}

static void
valise_inspect_job_class_init (ValiseInspectJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_inspect_job_finalize;
  /* The main thread can ask valise_inspect_job_find_estimate() from now on. */
  estimated_signal = g_signal_new ("estimated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
valise_inspect_job_init (ValiseInspectJob *self)
{
  static const ValiseProgressStep steps[] = { { "open", 1 } };

  self->progress = valise_progress_new ();
  valise_progress_set_steps (self->progress, steps, G_N_ELEMENTS (steps));
}

/**
 * valise_inspect_job_new:
 * @path: an ISO, WIM or ESD file, or any part of a set of SWM files
 *
 * Returns: (transfer full): a job that has not begun
 */
ValiseInspectJob *
valise_inspect_job_new (const char *path)
{
  ValiseInspectJob *self = g_object_new (VALISE_TYPE_INSPECT_JOB, NULL);

  self->path = g_strdup (path);
  return self;
}

static void
run_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  ValiseInspectJob *self = object;
  g_autofree char *shown = valise_sandbox_dup_shown (self->path);
  GError *error = NULL;
  GPtrArray *editions;

  self->scratch = valise_scratch_new (&error);
  if (self->scratch != NULL)
    self->source
        = valise_source_open (self->path, self->scratch, self->progress, cancellable, &error);
  if (self->source != NULL)
    self->boot = valise_image_boot_read_all (self->source, self->scratch, cancellable, &error);
  if (self->boot == NULL)
    {
      g_clear_pointer (&self->source, valise_source_free);
      g_clear_pointer (&self->scratch, valise_scratch_free);
      g_task_return_error (task, error);
      return;
    }
  self->folder = g_path_get_dirname (shown);
  self->format = g_intern_string (valise_source_get_format (self->source));
  self->is_iso = valise_source_is_iso (self->source);
  self->size = valise_source_get_size (self->source);
  self->time = valise_source_get_time (self->source);
  self->editions = g_ptr_array_new_with_free_func ((GDestroyNotify) valise_edition_free);
  editions = valise_source_get_editions (self->source);
  for (guint i = 0; i < editions->len; i++)
    g_ptr_array_add (self->editions, valise_edition_copy (g_ptr_array_index (editions, i)));
  g_task_return_boolean (task, TRUE);
}

/**
 * valise_inspect_job_run_async:
 * @self: a job that has not begun
 * @cancellable: (nullable): ends it
 * @callback: called when it is done
 * @data: for @callback
 *
 * Opens the source in a thread of its own and reads what editions it holds.
 */
void
valise_inspect_job_run_async (ValiseInspectJob *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  g_return_if_fail (!self->started);

  self->started = TRUE;
  g_task_set_source_tag (task, valise_inspect_job_run_async);
  g_task_run_in_thread (task, run_thread);
}

/**
 * valise_inspect_job_run_finish:
 * @self: a job
 * @result: what the callback got
 * @error: where to put an error of %VALISE_SOURCE_ERROR or %VALISE_SYSTEM_ERROR
 *
 * Returns: whether the source could be read; at least one of its editions can start
 */
gboolean
valise_inspect_job_run_finish (ValiseInspectJob *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  ValiseInspectJob *job;
  ValiseCompactEstimate *estimates;
} Estimated;

static void
estimated_free (Estimated *estimated)
{
  g_object_unref (estimated->job);
  g_free (estimated->estimates);
  g_free (estimated);
}

static gboolean
estimated_cb (gpointer data)
{
  Estimated *estimated = data;

  g_free (estimated->job->estimates);
  estimated->job->estimates = g_steal_pointer (&estimated->estimates);
  g_signal_emit (estimated->job, estimated_signal, 0);
  return G_SOURCE_REMOVE;
}

/* Where it cannot be done, less is known: no more than that. */
static void
estimate (ValiseInspectJob *self, GTask *task)
{
  Estimated *estimated = g_new0 (Estimated, 1);
  g_autoptr (GSource) source = NULL;
  g_autoptr (GError) error = NULL;

  estimated->job = g_object_ref (self);
  estimated->estimates = valise_compact_estimate_make_all (
      self->source, self->scratch, g_task_get_cancellable (task), &error);
  if (estimated->estimates == NULL)
    {
      g_debug ("no estimate: %s", error->message);
      estimated_free (estimated);
      return;
    }
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, estimated_cb, estimated, (GDestroyNotify) estimated_free);
  g_source_attach (source, g_task_get_context (task));
}

static gpointer
hash_thread (gpointer data)
{
  g_autoptr (GTask) task = data;
  ValiseInspectJob *self = g_task_get_source_object (task);
  const struct sched_param param = { 0 };
  GError *error = NULL;
  char *digest;

  sched_setscheduler (0, SCHED_IDLE, &param); /* this thread; without it, only others slower */
  estimate (self, task);
  digest = valise_source_hash (self->source, g_task_get_cancellable (task), &error);
  close_thread (steal_opened (self));
  if (digest != NULL)
    g_task_return_pointer (task, digest, g_free);
  else
    g_task_return_error (task, error);
  return NULL;
}

/**
 * valise_inspect_job_hash_async:
 * @self: a job whose source could be read
 * @cancellable: (nullable): ends it
 * @callback: called when it is done
 * @data: for @callback
 *
 * Estimates how large a drive must be, which the signal “estimated” tells, and computes the
 * source's SHA-256, in a thread that takes only what processor time others leave. Once for each
 * job.
 */
void
valise_inspect_job_hash_async (ValiseInspectJob *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);

  g_return_if_fail (self->source != NULL);

  g_task_set_source_tag (task, valise_inspect_job_hash_async);
  /* Not a thread of GTask's pool, which would stay as idle as this one. */
  g_thread_unref (g_thread_new ("valise-hash", hash_thread, task));
}

/**
 * valise_inspect_job_hash_finish:
 * @self: a job
 * @result: what the callback got
 * @error: where to put an error of %VALISE_SOURCE_ERROR
 *
 * Returns: (transfer full) (nullable): the digest in hexadecimal
 */
char *
valise_inspect_job_hash_finish (ValiseInspectJob *self, GAsyncResult *result, GError **error)
{
  char *digest;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  digest = g_task_propagate_pointer (G_TASK (result), error);
  if (digest != NULL && self->sha256 == NULL)
    self->sha256 = g_strdup (digest);
  return digest;
}

/**
 * valise_inspect_job_get_path:
 * @self: a job
 *
 * Returns: (transfer none): the path as it was given
 */
const char *
valise_inspect_job_get_path (ValiseInspectJob *self)
{
  return self->path;
}

/**
 * valise_inspect_job_get_folder:
 * @self: a job that is finished
 *
 * Returns: (transfer none): the folder that the source is in, as the user knows it, in UTF-8
 */
const char *
valise_inspect_job_get_folder (ValiseInspectJob *self)
{
  return self->folder;
}

/**
 * valise_inspect_job_get_progress:
 * @self: a job
 *
 * Returns: (transfer none): how far opening is; its total is 0 until it is known to take long
 */
ValiseProgress *
valise_inspect_job_get_progress (ValiseInspectJob *self)
{
  return self->progress;
}

/**
 * valise_inspect_job_get_format:
 * @self: a job whose source could be read
 *
 * Returns: (transfer none): `wim`, `esd` or `swm`; for an ISO, what is inside
 */
const char *
valise_inspect_job_get_format (ValiseInspectJob *self)
{
  return self->format;
}

/**
 * valise_inspect_job_is_iso:
 * @self: a job whose source could be read
 *
 * Returns: whether it is an ISO
 */
gboolean
valise_inspect_job_is_iso (ValiseInspectJob *self)
{
  return self->is_iso;
}

/**
 * valise_inspect_job_get_size:
 * @self: a job whose source could be read
 *
 * Returns: the size in bytes of the ISO, or of all parts together
 */
guint64
valise_inspect_job_get_size (ValiseInspectJob *self)
{
  return self->size;
}

/**
 * valise_inspect_job_get_time:
 * @self: a job whose source could be read
 *
 * Returns: when the ISO, or one of the parts, was changed last, in µs since 1970
 */
gint64
valise_inspect_job_get_time (ValiseInspectJob *self)
{
  return self->time;
}

/**
 * valise_inspect_job_get_editions:
 * @self: a job whose source could be read
 *
 * Returns: (transfer none) (element-type ValiseEdition): all editions, also those that cannot
 *   start; they live as long as the job
 */
GPtrArray *
valise_inspect_job_get_editions (ValiseInspectJob *self)
{
  return self->editions;
}

/**
 * valise_inspect_job_find_edition:
 * @self: a job whose source could be read
 * @index: an edition's number, from 1
 *
 * Returns: (transfer none) (nullable): the edition, or %NULL if there is none of that number
 */
const ValiseEdition *
valise_inspect_job_find_edition (ValiseInspectJob *self, guint index)
{
  for (guint i = 0; i < self->editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (self->editions, i);

      if (edition->index == index)
        return edition;
    }
  return NULL;
}

/**
 * valise_inspect_job_find_boot_files:
 * @self: a job whose source could be read
 * @index: an edition's number, from 1
 *
 * Returns: (transfer none) (nullable): the edition's boot managers, where it can start
 */
const ValiseBootFiles *
valise_inspect_job_find_boot_files (ValiseInspectJob *self, guint index)
{
  for (guint i = 0; i < self->editions->len; i++)
    if (((const ValiseEdition *) self->editions->pdata[i])->index == index)
      return self->boot->pdata[i];
  return NULL;
}

/**
 * valise_inspect_job_find_estimate:
 * @self: a job whose source could be read
 * @index: an edition's number, from 1
 *
 * The main thread.
 *
 * Returns: (transfer none) (nullable): what the edition takes on a drive, once it is known
 */
const ValiseCompactEstimate *
valise_inspect_job_find_estimate (ValiseInspectJob *self, guint index)
{
  for (guint i = 0; self->estimates != NULL && i < self->editions->len; i++)
    {
      const ValiseEdition *edition = g_ptr_array_index (self->editions, i);

      if (edition->index == index && edition->is_system)
        return &self->estimates[i];
    }
  return NULL;
}

/**
 * valise_inspect_job_get_sha256:
 * @self: a job
 *
 * Returns: (transfer none) (nullable): the digest in hexadecimal, once it is made
 */
const char *
valise_inspect_job_get_sha256 (ValiseInspectJob *self)
{
  return self->sha256;
}
