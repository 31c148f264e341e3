/* test-batch.c: several drives of one job: what one does wrong harms no other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "core/valise-error.h"
#include "core/valise-units.h"
#include "job-fixture.h"

static JobFixture fixture;

static const guint64 same_sizes[] = { JOB_DRIVE_SIZE, JOB_DRIVE_SIZE };

/* From the moment on when most of the volume is there, the drive gives back other bytes than were
 * written. (That it is found out while the volume is written, if the cache reads back then, and
 * that the cache then reads from the next drive, is tested with the fan-out.) */
static void
lie_later (FaultPlan *plan, FaultOperation operation)
{
  plan->flip_reads = operation == FAULT_READ && plan->bytes_taken > 8 * VALISE_MIB;
}

/* The one that lies is named and left blank, whichever it is; the other is finished. */
static void
test_lies (gconstpointer data)
{
  const guint liar = GPOINTER_TO_UINT (data);
  FaultPlan plans[2];
  JobResult result;
  const GError *error;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    fault_plan_init (&plans[i]);
  plans[liar].before = lie_later;
  job_fixture_run_batch (&fixture, fixture.image, same_sizes, plans, G_N_ELEMENTS (plans),
                         &result);
  g_assert_false (result.ok);

  error = valise_write_job_get_target_error (result.job, liar);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  g_test_message ("%s", error->message);
  g_assert_null (valise_write_job_get_target_report (result.job, liar));
  job_fixture_use_drive (&fixture, liar);
  job_fixture_assert_blank (&fixture);

  g_assert_no_error (valise_write_job_get_target_error (result.job, 1 - liar));
  g_assert_true (valise_write_job_get_target_report (result.job, 1 - liar)->verified);
  job_fixture_use_drive (&fixture, 1 - liar);
  job_fixture_assert_sound (&fixture);
  job_result_clear (&result);
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    g_error ("the path of valise-make-sample is missing");
  job_fixture_set_up (&fixture, argv[1]);
  g_test_add_data_func ("/jobs/batch/first-lies", GUINT_TO_POINTER (0), test_lies);
  g_test_add_data_func ("/jobs/batch/second-lies", GUINT_TO_POINTER (1), test_lies);
  status = g_test_run ();
  job_fixture_tear_down (&fixture);
  return status;
}
