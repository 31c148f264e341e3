/* valise-drive-lease.c: a drive that nobody else can use meanwhile.
 *
 * From the moment it is acquired until the last descriptor is closed, nothing of the drive is
 * mounted, and nobody can mount, probe or open it for writing. valise-lease-work.h is the work,
 * in a thread: udisks2 may ask for a password, and busy drives are waited for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-drive-lease.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "valise-lease-work.h"

struct _ValiseDriveLease
{
  GObject parent_instance;

  ValiseLeaseWork *work; /* the thread's while a release runs */
  int fd;                /* -1 once it was handed over or closed */
};

G_DEFINE_FINAL_TYPE (ValiseDriveLease, valise_drive_lease, G_TYPE_OBJECT)

static void
close_fd (ValiseDriveLease *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
valise_drive_lease_finalize (GObject *object)
{
  ValiseDriveLease *self = VALISE_DRIVE_LEASE (object);

  close_fd (self);
  g_clear_pointer (&self->work, valise_lease_work_free);
  G_OBJECT_CLASS (valise_drive_lease_parent_class)->finalize (object);
}

static void
valise_drive_lease_class_init (ValiseDriveLeaseClass *class)
{
  G_OBJECT_CLASS (class)->finalize = valise_drive_lease_finalize;
}

static void
valise_drive_lease_init (ValiseDriveLease *self)
{
  self->fd = -1;
}

/* ---- what it would do ---- */

/**
 * valise_drive_survey_free:
 * @self: (transfer full): a survey
 */
void
valise_drive_survey_free (ValiseDriveSurvey *self)
{
  g_strfreev (self->mounts);
  g_strfreev (self->unlocked);
  valise_drive_contents_free (self->contents);
  g_free (self);
}

static void
survey_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  ValiseDriveSurvey *survey = valise_lease_work_survey (data, cancellable, &error);

  if (survey != NULL)
    g_task_return_pointer (task, survey, (GDestroyNotify) valise_drive_survey_free);
  else
    g_task_return_error (task, error);
}

/**
 * valise_drive_lease_survey_async:
 * @device: path of a drive's node
 * @options: (nullable): options; copied
 * @cancellable: (nullable): ends it
 * @callback: called in the thread's default main context
 * @data: for @callback
 *
 * Finds out whether the drive may be leased as far as can be known without trying, and what would
 * have to be unmounted and locked. Nothing is changed, and nobody is asked.
 */
void
valise_drive_lease_survey_async (const char *device,
                                 const ValiseDriveLeaseOptions *options,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, valise_drive_lease_survey_async);
  g_task_set_task_data (task, valise_lease_work_new (device, options),
                        (GDestroyNotify) valise_lease_work_free);
  g_task_run_in_thread (task, survey_thread);
}

/**
 * valise_drive_lease_survey_finish:
 * @result: what the callback was given
 * @error: where to put an error: of %VALISE_DRIVE_ERROR if the drive is refused,
 *   %VALISE_SYSTEM_ERROR_NO_UDISKS where there is no udisks2 or it does not have the drive, or
 *   %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): what a lease would do
 */
ValiseDriveSurvey *
valise_drive_lease_survey_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- getting it ---- */

static void
acquire_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseDriveLease *self = data;
  GError *error = NULL;

  self->fd = valise_lease_work_acquire (self->work, cancellable, &error);
  if (self->fd >= 0)
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
  else
    g_task_return_error (task, error);
}

/**
 * valise_drive_lease_acquire_async:
 * @device: path of a drive's node
 * @options: (nullable): options; copied
 * @cancellable: (nullable): ends it; what was unmounted until then stays so
 * @callback: called in the thread's default main context
 * @data: for @callback
 *
 * Unmounts all of the drive, locks its encrypted volumes, opens it exclusively, with O_DIRECT and
 * O_CLOEXEC, through udisks2, keeps udev from it, and makes sure that the descriptor is the drive's
 * and that the running system does not need it. May wait for a password, and for several seconds
 * for programs that use the drive.
 */
void
valise_drive_lease_acquire_async (const char *device,
                                  const ValiseDriveLeaseOptions *options,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  ValiseDriveLease *self = g_object_new (VALISE_TYPE_DRIVE_LEASE, NULL);

  self->work = valise_lease_work_new (device, options);
  g_task_set_source_tag (task, valise_drive_lease_acquire_async);
  g_task_set_task_data (task, self, g_object_unref);
  g_task_run_in_thread (task, acquire_thread);
}

/**
 * valise_drive_lease_acquire_finish:
 * @result: what the callback was given
 * @error: where to put an error: of %VALISE_DRIVE_ERROR, with %VALISE_DRIVE_ERROR_IN_USE naming who
 *   uses the drive where that can be seen; %VALISE_SYSTEM_ERROR_NOT_AUTHORIZED where the rules or a
 *   wrong password forbid it, %VALISE_SYSTEM_ERROR_DISMISSED where the user closed the question,
 *   %VALISE_SYSTEM_ERROR_NO_AGENT where nobody can ask it, %VALISE_SYSTEM_ERROR_NO_UDISKS; or
 *   %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (nullable): the lease; it ends when it and all descriptors are freed
 */
ValiseDriveLease *
valise_drive_lease_acquire_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * valise_drive_lease_dup_fd:
 * @self: a lease
 * @error: where to put an error of %VALISE_SYSTEM_ERROR
 *
 * The lock and the exclusiveness belong to both descriptors, and last until both are closed.
 *
 * Returns: a descriptor that is the caller's, or -1
 */
int
valise_drive_lease_dup_fd (ValiseDriveLease *self, GError **error)
{
  int fd = fcntl (self->fd, F_DUPFD_CLOEXEC, 3);

  if (fd < 0)
    g_set_error (error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_FAILED,
                 _("No more files can be opened: %s. End other programs, and try again."),
                 g_strerror (errno));
  return fd;
}

/**
 * valise_drive_lease_steal_fd:
 * @self: a lease
 *
 * Hands the lease's own descriptor over; the drive is kept for as long as it is open.
 *
 * Returns: a descriptor that is the caller's, or -1 if it was handed over before
 */
int
valise_drive_lease_steal_fd (ValiseDriveLease *self)
{
  int fd = self->fd;

  self->fd = -1;
  return fd;
}

/* ---- letting it go ---- */

static void
release_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  ValiseDriveLease *self = source;
  GError *error = NULL;

  if (valise_lease_work_release (self->work, GPOINTER_TO_INT (data), cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * valise_drive_lease_release_async:
 * @self: a lease, all other descriptors of which are closed
 * @eject: whether to unmount what was mounted since, and to power the drive off, or to eject its
 *   medium where it has no such function
 * @cancellable: (nullable): ends it; the drive is let go nevertheless
 * @callback: called in the thread's default main context
 * @data: for @callback
 *
 * Closes the lease's descriptor and lets udisks2 look at the drive again. Once only.
 */
void
valise_drive_lease_release_async (ValiseDriveLease *self,
                                  gboolean eject,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  close_fd (self);
  g_task_set_source_tag (task, valise_drive_lease_release_async);
  g_task_set_task_data (task, GINT_TO_POINTER (eject), NULL);
  g_task_run_in_thread (task, release_thread);
}

/**
 * valise_drive_lease_release_finish:
 * @self: a lease
 * @result: what the callback was given
 * @error: where to put an error as for valise_drive_lease_acquire_finish()
 *
 * That something of it failed does not change what is on the drive: a warning, no more.
 *
 * Returns: whether the drive was scanned again, or ejected if that was asked for
 */
gboolean
valise_drive_lease_release_finish (ValiseDriveLease *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
