/* job-fixture.c: a sample image, a virtual drive that can fail, and jobs run to their end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "job-fixture.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/valise-scratch.h"
#include "core/valise-units.h"
#include "volume/test-tools.h"
#include "volume/valise-volume-cache.h"

/* ---- the fixture ---- */

void
job_fixture_set_up (JobFixture *self, const char *make_sample)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *scratch = NULL;

  self->folder = g_dir_make_tmp ("valise-jobs-XXXXXX", &error);
  g_assert_no_error (error);
  scratch = g_build_filename (self->folder, "scratch", NULL);
  g_setenv ("VALISE_SCRATCH", scratch, TRUE);
  self->image = g_build_filename (self->folder, "sample-xpress.wim", NULL);
  self->drive = g_build_filename (self->folder, "drive.img", NULL);
  self->old_drive = g_build_filename (self->folder, "old-drive.img", NULL);
  g_free (run_tool (make_sample, "--small", "--format", "wim-xpress", "--output", self->folder,
                    NULL));
}

void
job_fixture_tear_down (JobFixture *self)
{
  valise_remove_tree (self->folder);
  g_free (self->folder);
  g_free (self->image);
  g_free (self->drive);
  g_free (self->old_drive);
}

/* A new drive that carries something old: a table, which must go. sgdisk has the whole system sync,
 * which takes its time: most drives are copies of one. */
static ValiseTarget *
make_target (JobFixture *self, guint64 size, FaultPlan *plan)
{
  if (size == JOB_DRIVE_SIZE && g_file_test (self->old_drive, G_FILE_TEST_EXISTS))
    g_free (run_tool ("cp", "--sparse=always", self->old_drive, self->drive, NULL));
  else
    {
      int fd = g_open (self->drive, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

      g_assert_cmpint (fd, >=, 0);
      g_assert_cmpint (ftruncate (fd, size), ==, 0);
      close (fd);
      g_free (run_tool ("sgdisk", "-n", "1:2048:+100M", "-t", "1:ef00", "-n", "2:0:0", self->drive,
                        NULL));
      if (size == JOB_DRIVE_SIZE)
        g_free (run_tool ("cp", "--sparse=always", self->drive, self->old_drive, NULL));
    }
  return fault_target_new (self->drive, plan);
}

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  JobResult *out = data;

  out->ok = valise_write_job_run_finish (VALISE_WRITE_JOB (object), result, &out->error);
  g_main_context_wakeup (NULL);
}

static void
run_job (GCancellable *cancellable, JobResult *result)
{
  ValiseDriveState state;

  valise_write_job_run_async (result->job, cancellable, ended_cb, result);
  while (!result->ok && result->error == NULL)
    g_main_context_iteration (NULL, TRUE);
  valise_write_job_get_target_state (result->job, 0, &state);
  result->written = state.written;
  result->report = valise_write_job_get_target_report (result->job, 0);
}

/* Which of a batch's drives the other functions are about. */
void
job_fixture_use_drive (JobFixture *self, guint i)
{
  g_autofree char *name = i == 0 ? g_strdup ("drive.img") : g_strdup_printf ("drive-%u.img", i);

  g_free (self->drive);
  self->drive = g_build_filename (self->folder, name, NULL);
}

/* Several drives at once, with a cache that is as small as it can be. */
void
job_fixture_run_batch (JobFixture *self,
                       const char *image,
                       const guint64 *sizes,
                       FaultPlan *plans,
                       guint n,
                       JobResult *result)
{
  const ValisePlanOptions options = { .source = image,
                                      .edition = "1",
                                      .verify = TRUE,
                                      .cache_size = VALISE_VOLUME_CACHE_MIN_BUDGET };
  g_autoptr (ValisePlan) job_plan = NULL;

  memset (result, 0, sizeof *result);
  job_plan = valise_plan_new (&options, &result->error);
  g_assert_no_error (result->error);
  result->job = valise_write_job_new (job_plan);
  if (self->patience != NULL)
    valise_write_job_set_patience (result->job, self->patience);
  for (guint i = 0; i < n; i++)
    {
      job_fixture_use_drive (self, i);
      valise_write_job_add_target (result->job, make_target (self, sizes[i], &plans[i]), "Model",
                                   "Serial");
    }
  run_job (NULL, result);
  job_fixture_use_drive (self, 0);
}

void
job_fixture_run (JobFixture *self,
                 const char *image,
                 guint64 size,
                 FaultPlan *plan,
                 GCancellable *cancellable,
                 JobResult *result)
{
  const ValisePlanOptions options
      = { .source = image, .edition = "1", .verify = TRUE, .compact = self->compact };
  g_autoptr (ValisePlan) job_plan = NULL;

  memset (result, 0, sizeof *result);
  job_plan = valise_plan_new (&options, &result->error);
  g_assert_no_error (result->error);
  result->job = valise_write_job_new (job_plan);
  valise_write_job_add_target (result->job, make_target (self, size, plan), "Model", "Serial");
  run_job (cancellable, result);
}

void
job_result_clear (JobResult *self)
{
  g_clear_error (&self->error);
  g_clear_object (&self->job);
}

/* ---- what other people's programs say of the drive ---- */

static char *
ask (const char *program, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *path = g_find_program_in_path (program);
  char *out = NULL;
  va_list args;

  if (path == NULL)
    path = g_strconcat ("/usr/sbin/", program, NULL);
  g_ptr_array_add (argv, path);
  va_start (args, program);
  do
    g_ptr_array_add (argv, va_arg (args, char *));
  while (argv->pdata[argv->len - 1] != NULL);
  va_end (args);
  g_assert_true (g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                               NULL, &out, NULL, NULL, NULL));
  return out;
}

/* No partition table that anybody takes for one, and no file system, by blkid and sfdisk. A backup
 * table may be there: without the protective MBR, systems and firmware do not look for it. */
void
job_fixture_assert_not_valid (JobFixture *self)
{
  g_autofree char *probe = ask ("blkid", "-p", "-o", "export", self->drive, NULL);
  g_autofree char *dump = ask ("sfdisk", "-d", self->drive, NULL);

  if (*g_strstrip (probe) != '\0')
    g_error ("blkid found something: %s", probe);
  if (*g_strstrip (dump) != '\0')
    g_error ("sfdisk found a table: %s", dump);
}

/* Not even a backup table, by sgdisk, which looks for everything. */
void
job_fixture_assert_blank (JobFixture *self)
{
  g_autofree char *table = ask ("sgdisk", "-p", self->drive, NULL);

  job_fixture_assert_not_valid (self);
  /* With nothing there, sgdisk makes up an empty table. */
  if (strstr (table, "Creating new GPT entries") == NULL)
    g_error ("sgdisk found a table: %s", table);
}

void
job_fixture_assert_sound (JobFixture *self)
{
  g_autofree char *check = run_tool ("sgdisk", "-v", self->drive, NULL);

  g_assert_nonnull (strstr (check, "No problems found"));
}

/* ---- what must not leak ---- */

static guint
count_open (JobFixture *self)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *file = g_file_read_link (path, NULL);

      n += file != NULL && g_str_has_prefix (file, self->folder);
    }
  return n;
}

/* How many of the fixture's files this process has open: the drive, the image, scratch files. The
 * job's thread lets go of the job a moment after it has said that it has ended. */
guint
job_fixture_count_open (JobFixture *self)
{
  for (guint try = 0; try < 200 && count_open (self) > 0; try++)
    g_usleep (10000);
  return count_open (self);
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

guint
job_count_threads (void)
{
  return count_entries ("/proc/self/task");
}

static char *
list_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  GString *names = g_string_new (NULL);
  const char *id;

  while ((id = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", id, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL))
        g_string_append_printf (names, " %s", g_strstrip (name));
    }
  return g_string_free (names, FALSE);
}

/* A joined thread's entry goes a moment later; that of one with idle priority, on a machine that
 * has other things to do, a good while later. */
void
job_assert_threads (guint expected)
{
  for (guint try = 0; try < 3000 && job_count_threads () > expected; try++)
    g_usleep (10000);
  if (job_count_threads () > expected)
    {
      g_autofree char *names = list_threads ();

      g_error ("there were %u threads before; now:%s", expected, names);
    }
}
