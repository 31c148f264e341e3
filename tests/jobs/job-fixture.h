/* job-fixture.h: a sample image, a virtual drive that can fail, and jobs run to their end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "engine/fault-target.h"
#include "jobs/valise-write-job.h"

G_BEGIN_DECLS

/* The smallest round size that the small sample fits on. */
#define JOB_DRIVE_SIZE (G_GUINT64_CONSTANT (512) << 20)

typedef struct
{
  char *folder;
  char *image; /* a WIM with two editions */
  char *drive; /* where the virtual drive's file is: the first one's, unless another is used */
  char *old_drive; /* one that has another table */
  ValiseCompactMode compact; /* for single drives */
  const ValisePatience *patience; /* of batches; NULL for the usual one */
} JobFixture;

/* What came of one job. */
typedef struct
{
  gboolean ok;
  GError *error;
  ValiseReport *report; /* of the first drive; owned by @job */
  guint64 written;      /* bytes, to the first drive */
  ValiseWriteJob *job;
} JobResult;

void job_fixture_set_up (JobFixture *self, const char *make_sample);
void job_fixture_tear_down (JobFixture *self);
void job_fixture_run (JobFixture *self,
                      const char *image,
                      guint64 size,
                      FaultPlan *plan,
                      GCancellable *cancellable,
                      JobResult *result);
void job_fixture_use_drive (JobFixture *self, guint i);
void job_fixture_run_batch (JobFixture *self,
                            const char *image,
                            const guint64 *sizes,
                            FaultPlan *plans,
                            guint n,
                            JobResult *result);
void job_result_clear (JobResult *self);
void job_fixture_assert_blank (JobFixture *self);
void job_fixture_assert_not_valid (JobFixture *self);
void job_fixture_assert_sound (JobFixture *self);
guint job_fixture_count_open (JobFixture *self);
guint job_count_threads (void);
void job_assert_threads (guint expected);

G_END_DECLS
