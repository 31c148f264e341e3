/* test-batch.c: several drives of one job: what one does wrong harms no other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>
#include <string.h>

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

/* A drive with half of the memory that it claims, lost or the same as the other half. */
static void
test_counterfeit (gconstpointer data)
{
  const gboolean wraps = GPOINTER_TO_INT (data);
  FaultPlan plans[2];
  JobResult result;
  const GError *error;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    fault_plan_init (&plans[i]);
  if (wraps)
    plans[0].wrap_size = JOB_DRIVE_SIZE / 2;
  else
    plans[0].real_size = JOB_DRIVE_SIZE / 2;
  job_fixture_run_batch (&fixture, fixture.image, same_sizes, plans, G_N_ELEMENTS (plans), &result);
  g_assert_false (result.ok);
  error = valise_write_job_get_target_error (result.job, 0);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_FALSE_SIZE);
  g_assert_nonnull (strstr (error->message, "counterfeit"));
  g_assert_null (valise_write_job_get_target_report (result.job, 0));
  job_fixture_assert_not_valid (&fixture);
  g_assert_cmpuint (plans[0].bytes_taken, <, 16 * VALISE_MIB); /* found out before the volume */

  g_assert_no_error (valise_write_job_get_target_error (result.job, 1));
  g_assert_true (valise_write_job_get_target_report (result.job, 1)->size_checked);
  job_fixture_use_drive (&fixture, 1);
  job_fixture_assert_sound (&fixture);
  job_result_clear (&result);
}

/* The volume is as large as the smallest drive allows; each table fits its drive. */
static void
test_sizes (void)
{
  const guint64 sizes[] = { 700 * VALISE_MIB, JOB_DRIVE_SIZE, 1031 * VALISE_MIB + 512 };
  const guint smallest = 1;
  FaultPlan plans[G_N_ELEMENTS (sizes)];
  guint64 volume = 0;
  JobResult result;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      fault_plan_init (&plans[i]);
      plans[i].write_delay = 1000 * (i == 2); /* the last one lags behind */
    }
  job_fixture_run_batch (&fixture, fixture.image, sizes, plans, G_N_ELEMENTS (sizes), &result);
  g_assert_no_error (result.error);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const ValiseReport *report = valise_write_job_get_target_report (result.job, i);
      const ValiseReportPartition *os = report->partitions->pdata[report->partitions->len - 1];

      g_assert_true (report->verified);
      g_assert_cmpuint (report->drive_size, ==, sizes[i]);
      g_assert_cmpuint (os->offset + os->size, <, sizes[smallest]);
      if (volume == 0)
        volume = os->size;
      g_assert_cmpuint (os->size, ==, volume);
      job_fixture_use_drive (&fixture, i);
      job_fixture_assert_sound (&fixture);
    }
  g_assert_cmpuint (volume, >, sizes[smallest] / 3);
  job_result_clear (&result);
}

/* ---- drives that do not answer ---- */

typedef struct
{
  const char *name;
  FaultOperation operation;
  guint64 from_bytes;
  guint n_free;
} StallCase;

/* While the drive is blanked, while the volume is written, at the flush, and while it is read back.
 * What does not return once returns when the job is over, and must come to nothing. */
static const StallCase stall_cases[] = {
  { "blank", FAULT_WRITE, 0, 1 },
  { "volume", FAULT_WRITE, 12 * VALISE_MIB, 0 },
  { "flush", FAULT_FLUSH, 30 * VALISE_MIB, 0 },
  { "verify", FAULT_READ, 30 * VALISE_MIB, 3 },
};

static void
test_stalls (gconstpointer data)
{
  const StallCase *c = data;
  const ValisePatience patience = { 3 * G_TIME_SPAN_SECOND, G_TIME_SPAN_HOUR, 0 };
  const guint64 sizes[] = { JOB_DRIVE_SIZE, JOB_DRIVE_SIZE, JOB_DRIVE_SIZE };
  FaultPlan plans[G_N_ELEMENTS (sizes)];
  FaultGate gate;
  JobResult result;
  const GError *error;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    fault_plan_init (&plans[i]);
  fault_gate_shut (&gate, &plans[1], c->operation, c->n_free);
  gate.from_bytes = c->from_bytes;
  fixture.patience = &patience;
  job_fixture_run_batch (&fixture, fixture.image, sizes, plans, G_N_ELEMENTS (sizes), &result);
  fixture.patience = NULL;
  g_assert_false (result.ok);
  error = valise_write_job_get_target_error (result.job, 1);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_STALLED);
  g_test_message ("%s", error->message);
  g_assert_null (valise_write_job_get_target_report (result.job, 1));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i += 2)
    {
      g_assert_no_error (valise_write_job_get_target_error (result.job, i));
      g_assert_true (valise_write_job_get_target_report (result.job, i)->verified);
      job_fixture_use_drive (&fixture, i);
      job_fixture_assert_sound (&fixture);
    }
  job_result_clear (&result);
  fault_gate_wait (&gate);
  g_assert_false (g_atomic_int_get (&plans[1].is_closed));

  fault_gate_open (&gate);
  fault_plan_wait_closed (&plans[1]);
  fault_gate_clear (&gate);
  job_fixture_use_drive (&fixture, 1);
  job_fixture_assert_blank (&fixture);
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
}

/* An NTFS volume is another one in other sectors: the drives of a job have those of the first. */
static void
test_mixed_sectors (void)
{
  FaultPlan plans[2];
  JobResult result;
  const GError *error;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    fault_plan_init (&plans[i]);
  plans[0].sector_size = 4096;
  job_fixture_run_batch (&fixture, fixture.image, same_sizes, plans, G_N_ELEMENTS (plans), &result);
  g_assert_false (result.ok);
  error = valise_write_job_get_target_error (result.job, 1);
  g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_SECTOR_SIZE);
  g_assert_nonnull (strstr (error->message, "has sectors of 512 bytes, and other drives of this"));
  g_assert_cmpuint (plans[1].bytes_taken, ==, 0);

  g_assert_no_error (valise_write_job_get_target_error (result.job, 0));
  g_assert_true (valise_write_job_get_target_report (result.job, 0)->verified);
  g_assert_cmpuint (valise_write_job_get_target_report (result.job, 0)->sector_size, ==, 4096);
  job_result_clear (&result);
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
  g_test_add_data_func ("/jobs/batch/drive-drops", GINT_TO_POINTER (FALSE), test_counterfeit);
  g_test_add_data_func ("/jobs/batch/drive-wraps", GINT_TO_POINTER (TRUE), test_counterfeit);
  g_test_add_func ("/jobs/batch/sizes", test_sizes);
  for (guint i = 0; i < G_N_ELEMENTS (stall_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/batch/stalls/", stall_cases[i].name, NULL);

      g_test_add_data_func (path, &stall_cases[i], test_stalls);
    }
  g_test_add_func ("/jobs/batch/mixed-sectors", test_mixed_sectors);
  status = g_test_run ();
  job_fixture_tear_down (&fixture);
  return status;
}
