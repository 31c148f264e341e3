/* test-inspect-job.c: an image that is read while something else goes on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <string.h>

#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "jobs/valise-inspect-job.h"
#include "volume/test-tools.h"

#define PATIENCE (60 * G_USEC_PER_SEC)

static const char *image;
static const char *iso;

typedef struct
{
  char *folder;
  char *scratch;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("valise-inspect-XXXXXX", &error);
  g_assert_no_error (error);
  self->scratch = g_build_filename (self->folder, "scratch", NULL);
  g_setenv ("VALISE_SCRATCH", self->scratch, TRUE);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  valise_remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->scratch);
}

static void
done_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static gboolean
run (ValiseInspectJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  valise_inspect_job_run_async (job, cancellable, done_cb, &result);
  return valise_inspect_job_run_finish (job, wait_for (&result), error);
}

static char *
hash (ValiseInspectJob *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  valise_inspect_job_hash_async (job, cancellable, done_cb, &result);
  return valise_inspect_job_hash_finish (job, wait_for (&result), error);
}

static gboolean
has_folders (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  gboolean found = FALSE;

  while (dir != NULL && !found && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      found = g_file_test (child, G_FILE_TEST_IS_DIR);
    }
  return found;
}

/* What was made for an image goes in a thread, a moment later. */
static void
wait_until_clean (Fixture *self)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (has_folders (self->scratch))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (20000);
    }
}

/* Expected: what sha256sum and wimlib-imagex say. */
static void
check_image (Fixture *self, const char *path)
{
  g_autoptr (ValiseInspectJob) job = valise_inspect_job_new (path);
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *sum = run_tool ("sha256sum", path, NULL);
  const ValiseEdition *edition;
  const ValiseCompactEstimate *estimate;

  g_assert_true (run (job, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (valise_inspect_job_get_editions (job)->len, ==, 2);
  g_assert_null (valise_inspect_job_get_sha256 (job));
  g_assert_null (valise_inspect_job_find_estimate (job, 2));
  digest = hash (job, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (sum, digest));
  g_assert_cmpstr (valise_inspect_job_get_sha256 (job), ==, digest);
  /* The image is closed by now; what was found remains. */
  wait_until_clean (self);
  edition = valise_inspect_job_find_edition (job, 2);
  g_assert_cmpstr (edition->name, ==, "Windows 11 Enterprise");
  g_assert_null (valise_inspect_job_find_edition (job, 3));
  estimate = valise_inspect_job_find_estimate (job, 2);
  g_assert_nonnull (estimate);
  g_assert_cmpuint (estimate->plain_bytes, >=, edition->bytes - edition->hard_link_bytes);
  g_assert_cmpuint (valise_compact_estimate_get_bytes (estimate, VALISE_WOF_LZX), <,
                    estimate->plain_bytes);
  g_assert_null (valise_inspect_job_find_estimate (job, 3));
}

static void
test_wim (Fixture *self, gconstpointer data)
{
  g_autofree char *info = run_tool ("wimlib-imagex", "info", image, NULL);

  g_assert_nonnull (strstr (info, "Windows 11 Enterprise"));
  check_image (self, image);
}

/* Without udisks2, its image is copied: that, too, must not stay. */
static void
test_iso (Fixture *self, gconstpointer data)
{
  check_image (self, iso);
}

static void
test_dropped (Fixture *self, gconstpointer data)
{
  ValiseInspectJob *job = valise_inspect_job_new (iso);
  g_autoptr (GError) error = NULL;

  g_assert_true (run (job, NULL, &error));
  g_assert_no_error (error);
  g_object_unref (job);
  wait_until_clean (self);
}

static void
test_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr (ValiseInspectJob) job = valise_inspect_job_new (image);
  g_autoptr (ValiseInspectJob) other = valise_inspect_job_new (image);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (run (job, NULL, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_null (hash (job, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (valise_inspect_job_get_sha256 (job));
  g_clear_error (&error);
  g_assert_false (run (other, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&other);
  wait_until_clean (self);
}

static void
test_wrong (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "text.iso", NULL);
  g_autoptr (ValiseInspectJob) job = valise_inspect_job_new (path);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "This is no image.\n", -1, NULL));
  g_assert_false (run (job, NULL, &error));
  g_assert_error (error, VALISE_SOURCE_ERROR, VALISE_SOURCE_ERROR_NOT_AN_IMAGE);
  wait_until_clean (self);
}

static void
add (const char *name, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (name, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  image = argv[1];
  iso = argv[2];
  /* Nobody there, so that nothing is mounted. */
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  add ("/inspect-job/wim", test_wim);
  add ("/inspect-job/iso", test_iso);
  add ("/inspect-job/dropped", test_dropped);
  add ("/inspect-job/cancelled", test_cancelled);
  add ("/inspect-job/wrong", test_wrong);
  return g_test_run ();
}
