/* test-compact-job.c: the job with compression: all that can go wrong, and that nothing stays.
 *
 * The compressor is wimlib's, behind functions of this program's own, so that it can fail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <dlfcn.h>
#include <errno.h>
#include <wimlib.h>

#include "core/valise-error.h"
#include "job-fixture.h"

/* At how many places of the job it is cancelled, and the drive fails. */
#define N_POINTS 12

static JobFixture fixture;
static gint compressors_left; /* atomic: so many can be made */
static guint n_operations; /* about so many, with LZX: some depend on how fast things go */

int
wimlib_create_compressor (enum wimlib_compression_type type,
                          size_t block_size,
                          unsigned int level,
                          struct wimlib_compressor **compressor)
{
  __typeof__ (&wimlib_create_compressor) original
      = (__typeof__ (&wimlib_create_compressor)) dlsym (RTLD_NEXT, "wimlib_create_compressor");

  if (g_atomic_int_add (&compressors_left, -1) <= 0)
    return WIMLIB_ERR_NOMEM;
  return original (type, block_size, level, compressor);
}

static void
run (FaultPlan *plan, GCancellable *cancellable, JobResult *result)
{
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, plan, cancellable, result);
}

static void
test_success (void)
{
  ValiseCompactMode modes[] = { VALISE_COMPACT_MODE_AUTO, VALISE_COMPACT_MODE_LZX };
  guint64 plain;
  FaultPlan plan;
  JobResult result;

  fixture.compact = VALISE_COMPACT_MODE_OFF;
  fault_plan_init (&plan);
  run (&plan, NULL, &result);
  g_assert_no_error (result.error);
  plain = plan.bytes_taken;
  job_result_clear (&result);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      const ValiseCompactStats *stats;

      fixture.compact = modes[i];
      fault_plan_init (&plan);
      run (&plan, NULL, &result);
      g_assert_no_error (result.error);
      stats = &result.report->compact_stats;
      g_assert_cmpint (result.report->compact, ==, modes[i]);
      /* What the automatic choice does depends on how busy this PC is. */
      if (modes[i] == VALISE_COMPACT_MODE_LZX)
        {
          g_assert_cmpuint (stats->n_files[VALISE_WOF_LZX], >, 10);
          g_assert_cmpuint (stats->packed_bytes[VALISE_WOF_LZX], <, stats->bytes[VALISE_WOF_LZX]);
          g_assert_cmpuint (plan.bytes_taken, <, plain);
        }
      n_operations = plan.n_operations;
      job_fixture_assert_sound (&fixture);
      job_result_clear (&result);
    }
}

/* The last one is well before the end. */
static guint
get_point (guint i)
{
  return n_operations * i / (N_POINTS + 2);
}

typedef struct
{
  guint at;
  GCancellable *cancellable;
} Stop;

static void
cancel_at (FaultPlan *plan, FaultOperation operation)
{
  Stop *stop = plan->data;

  if ((guint) plan->n_operations >= stop->at)
    g_cancellable_cancel (stop->cancellable);
}

static void
test_cancel (void)
{
  guint threads = job_count_threads ();

  fixture.compact = VALISE_COMPACT_MODE_LZX;
  for (guint i = 0; i < N_POINTS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Stop stop = { get_point (i), cancellable };
      FaultPlan plan;
      JobResult result;

      fault_plan_init (&plan);
      plan.before = cancel_at;
      plan.data = &stop;
      run (&plan, cancellable, &result);
      g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      job_result_clear (&result);
      job_fixture_assert_blank (&fixture);
    }
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
  job_assert_threads (threads);
}

static void
test_drive_fails (void)
{
  guint threads = job_count_threads ();

  fixture.compact = VALISE_COMPACT_MODE_LZX;
  for (guint i = 0; i < N_POINTS; i++)
    {
      FaultPlan plan;
      JobResult result;

      fault_plan_init (&plan);
      plan.vanish_at = get_point (i);
      plan.vanish_errno = ENODEV;
      run (&plan, NULL, &result);
      g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED);
      job_result_clear (&result);
    }
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
  job_assert_threads (threads);
}

/* Whichever thread it is that cannot have a compressor. */
static void
test_compressor_fails (void)
{
  guint threads = job_count_threads ();

  fixture.compact = VALISE_COMPACT_MODE_XPRESS8K;
  for (gint i = 0; i < 2; i++)
    {
      FaultPlan plan;
      JobResult result;

      g_atomic_int_set (&compressors_left, MIN (i, (gint) g_get_num_processors () - 1));
      fault_plan_init (&plan);
      run (&plan, NULL, &result);
      g_assert_error (result.error, VALISE_SYSTEM_ERROR, VALISE_SYSTEM_ERROR_LIBRARY);
      g_assert_nonnull (strstr (result.error->message, "xpress8k"));
      job_result_clear (&result);
      job_fixture_assert_not_valid (&fixture);
    }
  g_atomic_int_set (&compressors_left, G_MAXINT);
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
  job_assert_threads (threads);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_atomic_int_set (&compressors_left, G_MAXINT);
  job_fixture_set_up (&fixture, argv[1]);
  g_test_add_func ("/jobs/compact/success", test_success);
  g_test_add_func ("/jobs/compact/cancel", test_cancel);
  g_test_add_func ("/jobs/compact/drive-fails", test_drive_fails);
  g_test_add_func ("/jobs/compact/compressor-fails", test_compressor_fails);
  status = g_test_run ();
  job_fixture_tear_down (&fixture);
  return status;
}
