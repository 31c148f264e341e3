/* test-job-model.c: what the window is told of a job: drives' fates, time left, the slowest part.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "jobs/job-fixture.h"
#include "ui/valise-job-model.h"

static JobFixture fixture;

typedef struct
{
  ValiseJobModel *model;
  gboolean ended;
  gboolean ok;
  GError *error;

  /* What was seen on the way. */
  guint n_changed;
  double last_fraction;
  gboolean saw_time_left;
  gboolean saw_failure_early;
  gboolean saw_drive_bottleneck;
  ValiseDriveJob *slowest;
} Run;

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  run->ok = valise_job_model_run_finish (VALISE_JOB_MODEL (object), result, &run->error);
  run->ended = TRUE;
}

static void
changed_cb (ValiseJobModel *model, gpointer data)
{
  Run *run = data;
  ValiseDriveJob *drive;

  g_assert_cmpfloat (valise_job_model_get_fraction (model), >=, run->last_fraction);
  run->last_fraction = valise_job_model_get_fraction (model);
  run->n_changed++;
  run->saw_time_left |= valise_job_model_get_seconds_left (model) >= 0;
  if (valise_job_model_count (model, VALISE_DRIVE_JOB_FAILED) > 0
      && valise_job_model_count (model, VALISE_DRIVE_JOB_WRITING) > 0)
    run->saw_failure_early = TRUE;
  if (valise_job_model_get_bottleneck (model, &drive) == VALISE_BOTTLENECK_DRIVE)
    {
      run->saw_drive_bottleneck = TRUE;
      run->slowest = drive;
    }
}

static void
start (Run *run, FaultPlan *plans, guint n)
{
  const ValisePlanOptions options = { .source = fixture.image, .edition = "1", .verify = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePlan) plan = valise_plan_new (&options, &error);

  g_assert_no_error (error);
  *run = (Run) { .model = valise_job_model_new (plan, TRUE) };
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("Drive %u", i + 1);
      int fd;

      job_fixture_use_drive (&fixture, i);
      fd = g_open (fixture.drive, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      g_assert_cmpint (ftruncate (fd, JOB_DRIVE_SIZE), ==, 0);
      close (fd);
      valise_job_model_add_target (run->model, name, fault_target_new (fixture.drive, &plans[i]));
    }
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (run->model)), ==, n);
  g_assert_cmpuint (g_list_model_get_n_items (valise_job_model_get_samples (run->model)), ==, n);
  g_signal_connect (run->model, "changed", G_CALLBACK (changed_cb), run);
}

static void
finish (Run *run, GCancellable *cancellable)
{
  valise_job_model_run_async (run->model, cancellable, ended_cb, run);
  while (!run->ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (valise_job_model_get_stage (run->model));
  g_assert_cmpint (valise_job_model_get_seconds_left (run->model), ==, -1);
}

static void
clear (Run *run)
{
  g_clear_error (&run->error);
  g_assert_finalize_object (run->model);
}

static ValiseDriveJob *
get (Run *run, guint i)
{
  g_autoptr (ValiseDriveJob) drive = g_list_model_get_item (G_LIST_MODEL (run->model), i);

  return drive;
}

/* One drive is slow: everything waits for it, and it is named; then all is well. */
static void
test_slow (void)
{
  FaultPlan plans[2];
  Run run;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    fault_plan_init (&plans[i]);
  plans[1].max_write = 64 * 1024;
  plans[1].write_delay = 20 * 1000; /* 3 MB/s */
  start (&run, plans, G_N_ELEMENTS (plans));
  finish (&run, NULL);
  g_assert_no_error (run.error);
  g_assert_true (run.ok);
  g_assert_cmpuint (valise_job_model_count (run.model, VALISE_DRIVE_JOB_DONE), ==, 2);
  g_assert_true (run.saw_time_left);
  g_assert_true (run.saw_drive_bottleneck);
  g_assert_true (run.slowest == get (&run, 1));
  for (guint i = 0; i < 2; i++)
    {
      ValiseDriveJob *drive = get (&run, i);
      ValiseReport *report = valise_drive_job_get_report (drive);

      g_assert_nonnull (report);
      g_assert_true (report->verified);
      g_assert_no_error (valise_drive_job_get_error (drive));
      g_assert_cmpfloat (valise_drive_job_get_fraction (drive), ==, 1);
      g_assert_cmpuint (valise_drive_job_get_bytes (drive), ==, report->write.bytes);
      g_assert_cmpfloat (valise_drive_job_get_average (drive), >, 0);
      /* Nobody powered off a file. */
      g_assert_false (valise_drive_job_is_safe (drive));
      g_assert_null (valise_drive_job_get_warning (drive));
    }
  clear (&run);
}

/* One drive of three fails: it is known while the others are still written, and harms none. */
static void
test_one_fails (void)
{
  FaultPlan plans[3];
  Run run;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      fault_plan_init (&plans[i]);
      plans[i].max_write = 256 * 1024;
      plans[i].write_delay = 20 * 1000;
    }
  plans[1].write_bytes = 6 * VALISE_MIB;
  start (&run, plans, G_N_ELEMENTS (plans));
  finish (&run, NULL);
  g_assert_false (run.ok);
  g_assert_error (run.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_WRITE);
  g_assert_true (run.saw_failure_early);
  g_assert_cmpint (valise_drive_job_get_state (get (&run, 0)), ==, VALISE_DRIVE_JOB_DONE);
  g_assert_cmpint (valise_drive_job_get_state (get (&run, 1)), ==, VALISE_DRIVE_JOB_FAILED);
  g_assert_cmpint (valise_drive_job_get_state (get (&run, 2)), ==, VALISE_DRIVE_JOB_DONE);
  g_assert_error (valise_drive_job_get_error (get (&run, 1)), VALISE_DRIVE_ERROR,
                  VALISE_DRIVE_ERROR_WRITE);
  g_assert_null (valise_drive_job_get_report (get (&run, 1)));
  job_fixture_use_drive (&fixture, 1);
  job_fixture_assert_not_valid (&fixture);
  job_fixture_use_drive (&fixture, 2);
  job_fixture_assert_sound (&fixture);
  clear (&run);
}

static void
test_judge (void)
{
  static const struct
  {
    double drive;
    double processor;
    ValiseBottleneck expected;
  } cases[] = {
    { 1.00, 0.10, VALISE_BOTTLENECK_DRIVE },     { 0.98, 0.98, VALISE_BOTTLENECK_DRIVE },
    { 0.90, -1.0, VALISE_BOTTLENECK_DRIVE },     { 0.10, 1.00, VALISE_BOTTLENECK_PROCESSOR },
    { 0.50, 0.90, VALISE_BOTTLENECK_PROCESSOR }, { 0.05, 0.05, VALISE_BOTTLENECK_IMAGE },
    { 0.00, 0.00, VALISE_BOTTLENECK_IMAGE },     { 0.10, 0.30, VALISE_BOTTLENECK_IMAGE },
    { 0.50, 0.50, VALISE_BOTTLENECK_UNKNOWN },   { 0.10, -1.0, VALISE_BOTTLENECK_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (valise_bottleneck_judge (cases[i].drive, cases[i].processor), ==,
                     cases[i].expected);
}

typedef struct
{
  GCancellable *cancellable;
  gint n; /* atomic */
} Stop;

static void
cancel_soon (FaultPlan *plan, FaultOperation operation)
{
  Stop *stop = plan->data;

  if (plan->bytes_taken > 4 * VALISE_MIB && g_atomic_int_add (&stop->n, 1) == 0)
    g_cancellable_cancel (stop->cancellable);
}

static void
test_cancel (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  FaultPlan plans[2];
  Stop stop = { cancellable, 0 };
  Run run;

  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    fault_plan_init (&plans[i]);
  plans[0].before = cancel_soon;
  plans[0].data = &stop;
  start (&run, plans, G_N_ELEMENTS (plans));
  finish (&run, cancellable);
  g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (valise_job_model_count (run.model, VALISE_DRIVE_JOB_CANCELLED), ==, 2);
  for (guint i = 0; i < G_N_ELEMENTS (plans); i++)
    {
      job_fixture_use_drive (&fixture, i);
      job_fixture_assert_not_valid (&fixture);
    }
  clear (&run);
}

/* A drive that is gone before it is opened, beside one that is there; and cancelling before. */
static void
test_open (void)
{
  const ValisePlanOptions options = { .source = fixture.image, .edition = "1", .verify = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (ValisePlan) plan = valise_plan_new (&options, &error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *missing = g_build_filename (fixture.folder, "missing.img", NULL);
  ValiseDriveChoice choice = { .path = missing };
  FaultPlan unused;
  Run run;

  g_assert_no_error (error);
  fault_plan_init (&unused);
  start (&run, &unused, 0);
  valise_job_model_add_drive (run.model, "Missing", &choice, NULL, NULL);
  job_fixture_use_drive (&fixture, 0);
  choice = (ValiseDriveChoice) { .path = fixture.drive,
                                 .size = JOB_DRIVE_SIZE,
                                 .source = fixture.image };
  valise_job_model_add_drive (run.model, "There", &choice, "Model", "Serial");
  choice.size = JOB_DRIVE_SIZE * 2;
  valise_job_model_add_drive (run.model, "Another one", &choice, NULL, NULL);
  finish (&run, NULL);
  g_assert_error (run.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_VANISHED);
  g_assert_error (valise_drive_job_get_error (get (&run, 0)), VALISE_DRIVE_ERROR,
                  VALISE_DRIVE_ERROR_VANISHED);
  g_assert_cmpint (valise_drive_job_get_state (get (&run, 1)), ==, VALISE_DRIVE_JOB_DONE);
  g_assert_cmpstr (valise_drive_job_get_report (get (&run, 1))->model, ==, "Model");
  g_assert_error (valise_drive_job_get_error (get (&run, 2)), VALISE_DRIVE_ERROR,
                  VALISE_DRIVE_ERROR_REFUSED);
  job_fixture_assert_sound (&fixture);
  clear (&run);

  g_cancellable_cancel (cancellable);
  start (&run, &unused, 0);
  valise_job_model_add_drive (run.model, "There", &choice, NULL, NULL);
  finish (&run, cancellable);
  g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (valise_job_model_count (run.model, VALISE_DRIVE_JOB_CANCELLED), ==, 1);
  clear (&run);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    g_error ("the path of valise-make-sample is missing");
  job_fixture_set_up (&fixture, argv[1]);
  g_test_add_func ("/ui/job-model/judge", test_judge);
  g_test_add_func ("/ui/job-model/slow", test_slow);
  g_test_add_func ("/ui/job-model/one-fails", test_one_fails);
  g_test_add_func ("/ui/job-model/cancel", test_cancel);
  g_test_add_func ("/ui/job-model/open", test_open);
  status = g_test_run ();
  job_fixture_tear_down (&fixture);
  return status;
}
