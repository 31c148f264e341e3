/* test-batch.c: several drives of one job: what one does wrong harms no other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "job-fixture.h"
#include "volume/test-tools.h"

static JobFixture fixture;

/* An image with so many files that their file table does not stay in the smallest cache. */
static char *image_of_many;

static const guint64 same_sizes[] = { JOB_DRIVE_SIZE, JOB_DRIVE_SIZE };

/* From the moment on when most of the volume is there, and while it is still applied, the drive
 * gives back other bytes than were written. */
static void
lie_while_applying (FaultPlan *plan, FaultOperation operation)
{
  plan->flip_reads = operation == FAULT_READ && plan->bytes_taken > 8 * VALISE_MIB;
}

/* The cache reads back from the first drive; when that one lies, from the next. */
static void
test_lies (gconstpointer data)
{
  const guint liar = GPOINTER_TO_UINT (data);
  FaultPlan plans[2];
  JobResult result;
  const GError *error;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    fault_plan_init (&plans[i]);
  plans[liar].before = lie_while_applying;
  job_fixture_run_batch (&fixture, image_of_many, same_sizes, plans, G_N_ELEMENTS (plans),
                         &result);
  g_assert_false (result.ok);

  error = valise_write_job_get_target_error (result.job, liar);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  g_test_message ("%s", error->message);
  g_assert_null (valise_write_job_get_target_report (result.job, liar));
  if (liar == 0)
    {
      ValiseDriveState state;

      /* It was found out while the volume was written, not when all was read back. */
      valise_write_job_get_target_state (result.job, liar, &state);
      g_assert_false (state.verifying);
    }
  job_fixture_use_drive (&fixture, liar);
  job_fixture_assert_blank (&fixture);

  g_assert_no_error (valise_write_job_get_target_error (result.job, 1 - liar));
  g_assert_true (valise_write_job_get_target_report (result.job, 1 - liar)->verified);
  job_fixture_use_drive (&fixture, 1 - liar);
  job_fixture_assert_sound (&fixture);
  job_result_clear (&result);
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
}

static void
make_image_of_many (const char *make_sample)
{
  g_autofree char *folder = g_build_filename (fixture.folder, "many", NULL);

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  image_of_many = g_build_filename (folder, "sample-xpress.wim", NULL);
  g_free (run_tool (make_sample, "--files", "12000", "--mean-size", "3000", "--editions", "1",
                    "--level", "1", "--format", "wim-xpress", "--output", folder, NULL));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    g_error ("the path of valise-make-sample is missing");
  job_fixture_set_up (&fixture, argv[1]);
  make_image_of_many (argv[1]);
  g_test_add_data_func ("/jobs/batch/first-lies", GUINT_TO_POINTER (0), test_lies);
  g_test_add_data_func ("/jobs/batch/second-lies", GUINT_TO_POINTER (1), test_lies);
  status = g_test_run ();
  job_fixture_tear_down (&fixture);
  g_free (image_of_many);
  return status;
}
