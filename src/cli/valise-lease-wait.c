/* valise-lease-wait.c: leases for a command that has nothing else to do meanwhile.
 *
 * The main loop runs on, so that signals cancel.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-lease-wait.h"

#include "devices/valise-drive-reader.h"

typedef struct
{
  GMainLoop *loop;
  GAsyncResult *result;
} Wait;

static void
done_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;

  wait->result = g_object_ref (result);
  g_main_loop_quit (wait->loop);
}

static void
wait_init (Wait *wait)
{
  wait->loop = g_main_loop_new (NULL, FALSE);
  wait->result = NULL;
}

static GAsyncResult *
wait_run (Wait *wait)
{
  g_main_loop_run (wait->loop);
  g_main_loop_unref (wait->loop);
  return wait->result;
}

/**
 * valise_lease_wait_survey:
 * @device: path of a drive's node
 * @cancellable: ends it
 * @error: where to put an error; see valise_drive_lease_survey_finish()
 *
 * Main thread only, like all of these.
 *
 * Returns: (transfer full) (nullable): what a lease would do
 */
ValiseDriveSurvey *
valise_lease_wait_survey (const char *device, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Wait wait;

  wait_init (&wait);
  valise_drive_lease_survey_async (device, NULL, cancellable, done_cb, &wait);
  result = wait_run (&wait);
  return valise_drive_lease_survey_finish (result, error);
}

/**
 * valise_lease_wait_acquire:
 * @device: path of a drive's node
 * @size: the size that it must have, in bytes
 * @cancellable: ends it
 * @error: where to put an error; see valise_drive_lease_acquire_finish()
 *
 * Returns: (transfer full) (nullable): the lease
 */
ValiseDriveLease *
valise_lease_wait_acquire (const char *device,
                           guint64 size,
                           GCancellable *cancellable,
                           GError **error)
{
  const ValiseDriveLeaseOptions options = { .size = size };
  g_autoptr (GAsyncResult) result = NULL;
  Wait wait;

  wait_init (&wait);
  valise_drive_lease_acquire_async (device, &options, cancellable, done_cb, &wait);
  result = wait_run (&wait);
  return valise_drive_lease_acquire_finish (result, error);
}

/**
 * valise_lease_wait_open_for_reading:
 * @device: path of a drive's node
 * @cancellable: ends it
 * @error: where to put an error; see valise_drive_open_for_reading_finish()
 *
 * Returns: a descriptor that is the caller's, or -1
 */
int
valise_lease_wait_open_for_reading (const char *device, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Wait wait;

  wait_init (&wait);
  valise_drive_open_for_reading_async (device, NULL, cancellable, done_cb, &wait);
  result = wait_run (&wait);
  return valise_drive_open_for_reading_finish (result, error);
}

/**
 * valise_lease_wait_release:
 * @lease: a lease, all other descriptors of which are closed
 * @eject: whether to power the drive off
 * @error: where to put an error; see valise_drive_lease_release_finish()
 *
 * Returns: whether that was done
 */
gboolean
valise_lease_wait_release (ValiseDriveLease *lease, gboolean eject, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Wait wait;

  wait_init (&wait);
  valise_drive_lease_release_async (lease, eject, NULL, done_cb, &wait);
  result = wait_run (&wait);
  return valise_drive_lease_release_finish (lease, result, error);
}
