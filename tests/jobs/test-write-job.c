/* test-write-job.c: the whole job on a virtual drive: what goes right, and all that can go wrong.
 *
 * One fixture, and tables of cases. After every failure: the right error, nothing leaked, and a
 * drive on which nobody finds a partition table.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/valise-error.h"
#include "core/valise-units.h"
#include "engine/valise-verifier.h"
#include "job-fixture.h"
#include "jobs/valise-verify-job.h"

/* At how many places of the job it is cancelled and killed, and the image is cut. */
#define N_POINTS 50
#define N_CUTS 20

/* Where the partition of Windows begins: 1 MiB, 300 MiB, 16 MiB. */
#define OS_OFFSET (317 * VALISE_MIB)

/* Short writes make more places to stop at. */
#define MAX_WRITE (512 * VALISE_KIB)

static JobFixture fixture;
static const char *program; /* this one, to be started again and killed */

/* What a job does that goes right; measured once. */
static guint64 all_written;
static guint64 all_written_to_file; /* less: a file's size is not looked at */
static guint n_operations;
static guint n_until_blank;
static guint64 data_place; /* a byte of some file's data */

static void
note_discard (FaultPlan *plan, FaultOperation operation)
{
  if (operation == FAULT_DISCARD)
    n_until_blank = plan->n_operations;
}

static void
measure (void)
{
  FaultPlan plan;
  JobResult result;

  if (all_written > 0)
    return;
  fault_plan_init (&plan);
  plan.max_write = MAX_WRITE;
  plan.before = note_discard;
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, NULL, &result);
  g_assert_no_error (result.error);
  all_written = plan.bytes_taken;
  n_operations = plan.n_operations;
  for (guint i = 0; i < result.report->digests->len; i++)
    {
      const ValiseExtentDigest *extent
          = &g_array_index (result.report->digests, ValiseExtentDigest, i);

      /* Nothing but files is as large as that. */
      if (extent->offset > OS_OFFSET && extent->size > 8 * VALISE_MIB)
        data_place = extent->offset + extent->size - 5 * VALISE_KIB;
    }
  g_assert_cmpuint (data_place, >, 0);
  g_assert_cmpuint (n_until_blank, >, 0);
  g_assert_cmpuint (n_operations, >, n_until_blank + N_POINTS);
  job_result_clear (&result);

  fault_plan_init (&plan);
  plan.is_file = TRUE;
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, NULL, &result);
  g_assert_no_error (result.error);
  all_written_to_file = plan.bytes_taken;
  g_assert_false (result.report->size_checked);
  job_result_clear (&result);
}

static void
verified_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  GError **error = data;

  if (valise_verify_job_run_finish (VALISE_VERIFY_JOB (object), result, error))
    *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "verified");
}

/* What a verify job says of @target, with the report as it was saved. Takes @target. */
static GError *
verify_target (const char *json, ValiseTarget *target)
{
  GError *error = NULL;
  g_autoptr (ValiseReport) report = valise_report_from_json (json, -1, &error);
  g_autoptr (ValiseVerifyJob) job = NULL;

  g_assert_no_error (error);
  job = valise_verify_job_new (g_steal_pointer (&report), target);
  valise_verify_job_run_async (job, NULL, verified_cb, &error);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  return error;
}

/* And of the drive's file. */
static GError *
verify (const char *json)
{
  GError *error = NULL;
  ValiseTarget *target = valise_target_open (fixture.drive, &error);

  g_assert_no_error (error);
  return verify_target (json, target);
}

static void
flip_bit (guint64 at)
{
  int fd = g_open (fixture.drive, O_RDWR | O_CLOEXEC, 0);
  guint8 byte;

  g_assert_cmpint (pread (fd, &byte, 1, at), ==, 1);
  byte ^= 1;
  g_assert_cmpint (pwrite (fd, &byte, 1, at), ==, 1);
  close (fd);
}

static void
test_success (void)
{
  FaultPlan plan;
  g_autofree char *json = NULL;
  g_autoptr (GError) error = NULL;
  const guint64 places[] = { 600, 2 * VALISE_MIB, OS_OFFSET + 3, JOB_DRIVE_SIZE - 1 };
  JobResult result;

  fault_plan_init (&plan);
  plan.max_write = 12288; /* neither short writes nor signals are errors */
  plan.interrupt_every = 5;
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, NULL, &result);
  g_assert_no_error (result.error);
  g_assert_true (result.ok);
  job_fixture_assert_sound (&fixture);
  g_assert_true (result.report->verified);
  g_assert_cmpuint (result.report->verify.bytes, >, 30 * VALISE_MIB);
  g_assert_cmpstr (result.report->edition, ==, "Windows 11 Pro");
  g_assert_cmpstr (result.report->model, ==, "Model");
  g_assert_cmpuint (strlen (result.report->source_sha256), ==, 64);
  json = valise_report_to_json (result.report);
  job_result_clear (&result);

  error = verify (json);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      flip_bit (places[i]);
      g_clear_error (&error);
      error = verify (json);
      g_assert_error (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
      flip_bit (places[i]);
    }

  /* In an enclosure that shows other sectors, nobody finds the table. */
  g_clear_error (&error);
  fault_plan_init (&plan);
  plan.sector_size = 4096;
  error = verify_target (json, fault_target_new (fixture.drive, &plan));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_REPORT);
  g_assert_nonnull (strstr (error->message, "with sectors of 512 bytes, and this one"));
  fault_plan_wait_closed (&plan);
}

/* ---- faults ---- */

typedef enum
{
  FIRST,
  MIDDLE,
  LAST,
} Place;

static guint64
place_of (Place place, guint64 all)
{
  return place == FIRST ? 0 : place == MIDDLE ? all / 2 : all - 1;
}

typedef struct
{
  const char *name;
  enum
  {
    WRITE,
    GONE_WRITING,
    GONE_FLUSHING,
    GONE_VERIFYING,
    FLUSH,
    FLIP,
  } what;
  Place place;
  int number;
  GQuark (*domain) (void);
  int code;
} Case;

static const Case cases[] = {
  { "write/first", WRITE, FIRST, EIO, valise_drive_error_quark, VALISE_DRIVE_ERROR_WRITE },
  { "write/middle", WRITE, MIDDLE, EIO, valise_drive_error_quark, VALISE_DRIVE_ERROR_WRITE },
  { "write/last", WRITE, LAST, EIO, valise_drive_error_quark, VALISE_DRIVE_ERROR_WRITE },
  { "no-space/first", WRITE, FIRST, ENOSPC, valise_drive_error_quark,
    VALISE_DRIVE_ERROR_WRITE },
  { "no-space/middle", WRITE, MIDDLE, ENOSPC, valise_drive_error_quark,
    VALISE_DRIVE_ERROR_WRITE },
  { "no-space/last", WRITE, LAST, ENOSPC, valise_drive_error_quark,
    VALISE_DRIVE_ERROR_WRITE },
  { "gone/at-once", GONE_WRITING, FIRST, 0, valise_drive_error_quark, VALISE_DRIVE_ERROR_VANISHED },
  { "gone/applying", GONE_WRITING, MIDDLE, 0, valise_drive_error_quark,
    VALISE_DRIVE_ERROR_VANISHED },
  { "gone/flushing", GONE_FLUSHING, 0, 0, valise_drive_error_quark, VALISE_DRIVE_ERROR_VANISHED },
  { "gone/verifying", GONE_VERIFYING, MIDDLE, 0, valise_drive_error_quark,
    VALISE_DRIVE_ERROR_VANISHED },
  { "flush", FLUSH, 0, EIO, valise_drive_error_quark, VALISE_DRIVE_ERROR_FLUSH },
  { "flip/first", FLIP, FIRST, 0, valise_drive_error_quark, VALISE_DRIVE_ERROR_MISMATCH },
  { "flip/middle", FLIP, MIDDLE, 0, valise_drive_error_quark, VALISE_DRIVE_ERROR_MISMATCH },
};

/* Pulls the drive out at the moment that the case is about. */
static void
pull_out (FaultPlan *plan, FaultOperation operation)
{
  const Case *c = plan->data;
  gboolean applied = plan->bytes_taken >= all_written * 9 / 10;

  if ((c->what == GONE_WRITING && plan->bytes_taken >= place_of (c->place, all_written))
      || (c->what == GONE_FLUSHING && applied && operation == FAULT_FLUSH)
      || (c->what == GONE_VERIFYING && applied && operation == FAULT_READ))
    plan->vanish_at = MIN (plan->vanish_at, (guint64)plan->n_operations);
  else if (c->what == FLUSH && applied && operation == FAULT_FLUSH)
    plan->flush_errno = c->number;
}

static void
set_fault (const Case *c, FaultPlan *plan)
{
  fault_plan_init (plan);
  plan->data = (gpointer)c;
  plan->before = pull_out;
  if (c->what == WRITE)
    {
      plan->write_errno = c->number;
      plan->is_file = c->number == ENOSPC;
      plan->write_bytes
          = place_of (c->place, plan->is_file ? all_written_to_file : all_written);
    }
  /* In the EFI partition's boot sector; and in the MFT, which lies where mkntfs puts it. */
  if (c->what == FLIP)
    plan->flip_byte = c->place == FIRST ? VALISE_MIB + 100 : OS_OFFSET + 4 * 4096 + 300;
}

/* A drive that does not answer any more cannot be blanked again; nor has it a table, for that is
 * the last that is written. Only one that took nothing at all still has what it had. */
static void
test_fault (gconstpointer data)
{
  const Case *c = data;
  guint threads;
  FaultPlan plan;
  JobResult result;

  measure ();
  threads = job_count_threads ();
  set_fault (c, &plan);
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, NULL, &result);
  g_assert_false (result.ok);
  g_test_message ("%s", result.error->message);
  g_assert_error (result.error, c->domain (), c->code);
  g_assert_null (result.report);
  g_assert_nonnull (valise_write_job_get_target_error (result.job, 0));
  job_result_clear (&result);
  if (c->place == FIRST && (c->what == WRITE || c->what == GONE_WRITING))
    job_fixture_assert_sound (&fixture);
  else if (c->place == LAST)
    job_fixture_assert_not_valid (&fixture); /* the protective MBR is all that is missing */
  else
    job_fixture_assert_blank (&fixture);
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
  job_assert_threads (threads);
}

/* Damaged on the way from the medium, once all is written: the error names the file. */
static void
damage_while_reading (FaultPlan *plan, FaultOperation operation)
{
  if (operation == FAULT_READ && plan->bytes_taken >= all_written * 9 / 10)
    plan->flip_byte = data_place;
}

static void
test_names_file (void)
{
  FaultPlan plan;
  JobResult result;

  measure ();
  fault_plan_init (&plan);
  plan.before = damage_while_reading;
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, NULL, &result);
  g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_MISMATCH);
  g_test_message ("%s", result.error->message);
  g_assert_true (g_str_has_prefix (result.error->message, "In “\\"));
  job_result_clear (&result);
}

static void
test_too_small (void)
{
  guint64 small = 330 * VALISE_MIB, large = JOB_DRIVE_SIZE;
  FaultPlan plan;
  JobResult result;

  fault_plan_init (&plan);

  /* The limit is found by halving: what is one sector smaller must be refused, untouched. */
  while (large - small > 512)
    {
      guint64 size = VALISE_ROUND_DOWN (small + (large - small) / 2, 512);

      job_fixture_run (&fixture, fixture.image, size, &plan, NULL, &result);
      if (result.ok)
        large = size;
      else
        {
          g_assert_error (result.error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_TOO_SMALL);
          g_assert_cmpuint (result.written, ==, 0);
          job_fixture_assert_sound (&fixture); /* the old table is still there */
          small = size;
        }
      job_result_clear (&result);
    }
  g_test_message ("the smallest drive: %" G_GUINT64_FORMAT " bytes", large);
}

static void
test_cut_image (void)
{
  g_autofree char *path = g_build_filename (fixture.folder, "cut.wim", NULL);
  g_autoptr (GError) error = NULL;
  FaultPlan plan;
  char *data;
  gsize size;

  fault_plan_init (&plan);
  g_assert_true (g_file_get_contents (fixture.image, &data, &size, &error));
  for (guint i = 0; i < N_CUTS; i++)
    {
      JobResult result;

      gsize left = i == N_CUTS - 1 ? size - 1 : size / N_CUTS * i;

      g_assert_true (g_file_set_contents (path, data, left, &error));
      job_fixture_run (&fixture, path, JOB_DRIVE_SIZE, &plan, NULL, &result);
      g_assert_false (result.ok);
      g_test_message ("%s", result.error->message);
      g_assert_true (result.error->domain == VALISE_SOURCE_ERROR);
      g_assert_cmpuint (result.written, ==, 0);
      job_fixture_assert_sound (&fixture); /* the old table is still there */
      job_result_clear (&result);
    }
  g_free (data);
}

/* ---- stopped on the way ---- */

typedef struct
{
  guint operation;
  GCancellable *cancellable;
} Stop;

static void
cancel_at (FaultPlan *plan, FaultOperation operation)
{
  const Stop *stop = plan->data;

  if ((guint)plan->n_operations >= stop->operation)
    g_cancellable_cancel (stop->cancellable);
}

static void
test_cancel (void)
{
  guint threads;

  measure ();
  threads = job_count_threads ();
  for (guint i = 0; i < N_POINTS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Stop stop = { (n_operations - 1) * i / N_POINTS, cancellable };
      FaultPlan plan;
      JobResult result;

      fault_plan_init (&plan);
      plan.max_write = MAX_WRITE;
      plan.before = cancel_at;
      plan.data = &stop;
      job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, cancellable, &result);
      g_assert_error (result.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_error (valise_write_job_get_target_error (result.job, 0), G_IO_ERROR,
                      G_IO_ERROR_CANCELLED);
      job_result_clear (&result);
      job_fixture_assert_blank (&fixture);
    }
  g_assert_cmpuint (job_fixture_count_open (&fixture), ==, 0);
  job_assert_threads (threads);
}

static void
kill_at (FaultPlan *plan, FaultOperation operation)
{
  const Stop *stop = plan->data;

  if ((guint)plan->n_operations >= stop->operation)
    kill (getpid (), SIGKILL);
}

/* The child: runs the job until it kills itself. */
static int
run_until_killed (char **argv)
{
  Stop stop = { g_ascii_strtoull (argv[5], NULL, 10), NULL };
  FaultPlan plan;
  JobResult result;

  fixture.folder = argv[2];
  fixture.image = argv[3];
  fixture.drive = argv[4];
  fixture.old_drive = g_strconcat (argv[2], "/old-drive.img", NULL);
  fault_plan_init (&plan);
  plan.max_write = MAX_WRITE;
  plan.before = kill_at;
  plan.data = &stop;
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, NULL, &result);
  g_printerr ("not killed: %s\n", result.error != NULL ? result.error->message : "success");
  return 1;
}

/* From the end of blanking on: before that, the drive still has what it had. */
static void
test_kill (void)
{
  g_autofree char *scratch = g_build_filename (fixture.folder, "scratch", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  FaultPlan plan;
  JobResult result;

  measure ();
  for (guint i = 0; i < N_POINTS; i++)
    {
      guint at = n_until_blank + (n_operations - 1 - n_until_blank) * i / N_POINTS;
      g_autofree char *text = g_strdup_printf ("%u", at);
      const char *argv[] = { program,       "--child", fixture.folder, fixture.image,
                             fixture.drive, text,      NULL };
      g_autoptr (GError) error = NULL;
      int status;

      g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                                   NULL, &status, &error));
      g_assert_true (WIFSIGNALED (status));
      g_assert_cmpint (WTERMSIG (status), ==, SIGKILL);
      job_fixture_assert_not_valid (&fixture);
    }

  /* What the killed ones left is removed by the next one that runs. */
  fault_plan_init (&plan);
  job_fixture_run (&fixture, fixture.image, JOB_DRIVE_SIZE, &plan, NULL, &result);
  g_assert_no_error (result.error);
  job_result_clear (&result);
  dir = g_dir_open (scratch, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_false (g_str_has_prefix (name, "run-"));
}

int
main (int argc, char **argv)
{
  int status;

  if (argc == 6 && strcmp (argv[1], "--child") == 0)
    return run_until_killed (argv);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  if (argc != 2)
    g_error ("the path of valise-make-sample is missing");
  job_fixture_set_up (&fixture, argv[1]);
  g_test_add_func ("/jobs/write/success", test_success);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/jobs/write/fault/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_fault);
    }
  g_test_add_func ("/jobs/write/names-file", test_names_file);
  g_test_add_func ("/jobs/write/too-small", test_too_small);
  g_test_add_func ("/jobs/write/cut-image", test_cut_image);
  g_test_add_func ("/jobs/write/cancel", test_cancel);
  g_test_add_func ("/jobs/write/kill", test_kill);
  status = g_test_run ();
  job_fixture_tear_down (&fixture);
  return status;
}
