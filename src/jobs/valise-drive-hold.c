/* valise-drive-hold.c: a drive that was chosen, opened for a job, and let go afterwards.
 *
 * It is looked at before it is opened and once more when it is open: what the user was shown must
 * be what is written. Drives are leased through udisks2; where it is not there, those who may open
 * them do so directly. Files that serve as drives are opened as they are. Whatever may block is
 * done in threads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-hold.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "devices/valise-drive-guard.h"
#include "devices/valise-drive-lease.h"

struct _ValiseDriveHold
{
  GObject parent_instance;

  /* Used by one thread after the other while it is opened. */
  char *path;
  guint64 size;
  guint64 number;
  char *source;
  ValiseDriveInfo *info; /* before it was opened */
  ValiseDriveLease *lease;
  ValiseTarget *target;
};

G_DEFINE_FINAL_TYPE (ValiseDriveHold, valise_drive_hold, G_TYPE_OBJECT)

static void
valise_drive_hold_finalize (GObject *object)
{
  ValiseDriveHold *self = VALISE_DRIVE_HOLD (object);

  g_clear_pointer (&self->target, valise_target_free);
  g_clear_object (&self->lease);
  g_clear_pointer (&self->info, valise_drive_info_free);
  g_free (self->path);
  g_free (self->source);
  G_OBJECT_CLASS (valise_drive_hold_parent_class)->finalize (object);
}

static void
valise_drive_hold_class_init (ValiseDriveHoldClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = valise_drive_hold_finalize;
}

static void
valise_drive_hold_init (ValiseDriveHold *self)
{
}

/* ---- in threads ---- */

static gboolean
refuse_other (ValiseDriveHold *self, GError **error)
{
  g_autofree char *name = g_filename_display_name (self->path);

  g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED,
               _("“%s” is not the drive any more that it was a moment ago. Look which drive it is, "
                 "and start again."),
               name);
  return FALSE;
}

/* Opens without a lease, after every question that the guard has. */
static gboolean
open_directly (ValiseDriveHold *self, GError **error)
{
  g_autoptr (ValiseSystemState) state = valise_system_state_read (error);
  g_autoptr (ValiseDriveInfo) now = NULL;

  if (state == NULL || !valise_drive_guard_check (self->info, state, error))
    return FALSE;
  self->target = valise_target_open (self->path, error);
  if (self->target == NULL)
    return FALSE;
  now = valise_drive_info_read (self->path, error);
  return now != NULL && (valise_drive_info_is_same (self->info, now) || refuse_other (self, error));
}

static gboolean
look (ValiseDriveHold *self, GError **error)
{
  g_autofree char *name = g_filename_display_name (self->path);

  self->info = valise_drive_info_read (self->path, error);
  if (self->info == NULL)
    return FALSE;
  if (self->info->kind == VALISE_DRIVE_KIND_NONE)
    {
      g_set_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED,
                   _("“%s” is not there any more. Plug the drive in again, and choose it anew."),
                   name);
      return FALSE;
    }
  if ((self->size != 0 && self->info->size != self->size)
      || (self->number != 0 && self->info->number != self->number))
    return refuse_other (self, error);
  if (self->source != NULL
      && !valise_drive_guard_check_source (self->info, self->source, error))
    return FALSE;
  return self->info->kind == VALISE_DRIVE_KIND_BLOCK || open_directly (self, error);
}

/* What the lease gave must be what was looked at. */
static gboolean
look_again (ValiseDriveHold *self, GError **error)
{
  g_autoptr (ValiseDriveInfo) now = valise_drive_info_read (self->path, error);

  if (now == NULL)
    return FALSE;
  if (!valise_drive_info_is_same (self->info, now)
      || valise_target_get_size (self->target) != self->info->size)
    return refuse_other (self, error);
  return self->source == NULL || valise_drive_guard_check_source (now, self->source, error);
}

typedef gboolean (*StepFunc) (ValiseDriveHold *self, GError **error);

static void
step_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  StepFunc *func = data;
  GError *error = NULL;

  if ((*func) (source, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Does one step in a thread, and continues with @callback. */
static void
run_step (ValiseDriveHold *self, StepFunc func, GAsyncReadyCallback callback, GTask *whole)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, whole);
  StepFunc *data = g_new (StepFunc, 1);

  *data = func;
  g_task_set_task_data (task, data, g_free);
  g_task_run_in_thread (task, step_thread);
}

/* ---- opening ---- */

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) whole = data;
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_pointer (whole, g_object_ref (object), g_object_unref);
  else
    g_task_return_error (whole, error);
}

static void
acquired_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) whole = data;
  ValiseDriveHold *self = g_task_get_task_data (whole);
  g_autofree char *name = g_filename_display_name (self->path);
  GError *error = NULL;
  int fd;

  self->lease = valise_drive_lease_acquire_finish (result, &error);
  if (g_error_matches (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_NO_UDISKS)
      && g_access (self->path, R_OK | W_OK) == 0)
    {
      g_clear_error (&error);
      run_step (self, open_directly, opened_cb, g_steal_pointer (&whole));
      return;
    }
  fd = self->lease != NULL ? valise_drive_lease_dup_fd (self->lease, &error) : -1;
  if (fd >= 0)
    self->target = valise_target_new_for_fd (fd, name, &error);
  if (self->target != NULL)
    run_step (self, look_again, opened_cb, g_steal_pointer (&whole));
  else
    g_task_return_error (whole, error);
}

static void
looked_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) whole = data;
  ValiseDriveHold *self = VALISE_DRIVE_HOLD (object);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_error (whole, error);
  else if (self->target != NULL)
    g_task_return_pointer (whole, g_object_ref (self), g_object_unref);
  else
    {
      const ValiseDriveLeaseOptions options = { .size = self->info->size };

      valise_drive_lease_acquire_async (self->path, &options, g_task_get_cancellable (whole),
                                        acquired_cb, g_object_ref (whole));
    }
}

/**
 * valise_drive_hold_open_async:
 * @choice: which drive
 * @cancellable: (nullable): ends it
 * @callback: called in the thread's default main context
 * @data: for @callback
 *
 * Opens a drive so that nobody else can use it; unmounts what is mounted. Nothing is written.
 */
void
valise_drive_hold_open_async (const ValiseDriveChoice *choice,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  ValiseDriveHold *self = g_object_new (VALISE_TYPE_DRIVE_HOLD, NULL);

  self->path = g_strdup (choice->path);
  self->size = choice->size;
  self->number = choice->number;
  self->source = g_strdup (choice->source);
  g_task_set_source_tag (task, valise_drive_hold_open_async);
  g_task_set_task_data (task, self, g_object_unref);
  run_step (self, look, looked_cb, task);
}

/**
 * valise_drive_hold_open_finish:
 * @result: as given to the callback
 * @error: where to put an error, of any domain
 *
 * Returns: (transfer full) (nullable): the open drive
 */
ValiseDriveHold *
valise_drive_hold_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * valise_drive_hold_steal_target:
 * @self: an open drive
 *
 * Returns: (transfer full) (nullable): what a job writes to; once only
 */
ValiseTarget *
valise_drive_hold_steal_target (ValiseDriveHold *self)
{
  return g_steal_pointer (&self->target);
}

/* ---- letting go ---- */

static void
released_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (valise_drive_lease_release_finish (VALISE_DRIVE_LEASE (object), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * valise_drive_hold_let_go_async:
 * @self: an open drive, whose target is closed
 * @eject: whether to power the drive off
 * @callback: called in the thread's default main context
 * @data: for @callback
 *
 * Lets the system have the drive again.
 */
void
valise_drive_hold_let_go_async (ValiseDriveHold *self,
                                gboolean eject,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);

  g_task_set_source_tag (task, valise_drive_hold_let_go_async);
  g_clear_pointer (&self->target, valise_target_free);
  if (self->lease != NULL)
    valise_drive_lease_release_async (self->lease, eject, NULL, released_cb,
                                      g_steal_pointer (&task));
  else
    g_task_return_boolean (task, FALSE);
}

/**
 * valise_drive_hold_let_go_finish:
 * @self: an open drive
 * @result: as given to the callback
 * @error: where to put why it could not be powered off: a warning, as the drive is let go
 *
 * Returns: whether a drive was let go as was asked for; %FALSE without an error where there was no
 *   lease
 */
gboolean
valise_drive_hold_let_go_finish (ValiseDriveHold *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
