/* valise-write-job-private.h: what the parts of the write job share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <time.h>

#include "boot/valise-boot-files.h"
#include "compact/valise-compact.h"
#include "core/valise-scratch.h"
#include "image/valise-check.h"
#include "image/valise-source.h"
#include "valise-compact-estimate.h"
#include "valise-job-container.h"
#include "valise-job-drives.h"
#include "valise-write-job.h"

G_BEGIN_DECLS

struct _ntfs_volume;

struct _ValiseWriteJob
{
  GObject parent_instance;

  /* Set before it runs. */
  ValisePlan *plan;
  const ValisePlanOptions *options; /* the plan's */
  GPtrArray *drives;                /* ValiseJobDrive */
  ValiseProgress *progress;
  gboolean started;
  ValisePatience patience;
  char *expected_sha256; /* NULL for any source */

  /* The job's thread changes it, any thread looks at it. */
  GMutex lock;
  ValiseFanout *fanout;  /* (nullable): while the volume is written */
  gboolean is_streamed;  /* all that there is was handed on */
  GPtrArray *fanned_out; /* (nullable): its drives, in its order */
  gboolean has_clock;
  clockid_t clock; /* the job's thread's processor time */
  pid_t thread_id;

  /* Only the job's thread, while it runs. */
  GCancellable *cancellable;
  ValiseScratch *scratch;
  ValiseSource *source;
  const ValiseEdition *edition; /* the source's */
  ValiseBootFiles *boot; /* the edition's boot managers */
  ValiseCheck *check;
  GPtrArray *registry;  /* ValiseRegistryChange: all that is to be changed */
  GBytes *hives_before[VALISE_REGISTRY_N_HIVES]; /* NULL for those that do not change */
  GBytes *hives_after[VALISE_REGISTRY_N_HIVES];
  char *windows;        /* (nullable): what was chosen for Windows, for the reports */
  GPtrArray *packages;  /* (nullable): ValiseDriverPackage: the user's drivers */
  guint64 driver_bytes; /* what they take of the volume */
  char *ntfs_path;      /* the empty volume, staged */
  guint64 ntfs_serial;  /* its serial number */
  ValiseCompactStats compact_stats;
  ValiseCompactEstimate *estimate; /* (nullable): where a drive is too small without compression */
  ValiseJobContainer *container; /* (nullable): the virtual disk in that volume */
  GPtrArray *warnings;  /* for the reports, in words */
  GPtrArray *files;       /* (nullable): ValiseSetupFile, of policies */
  GPtrArray *copies;      /* (nullable): what is copied from this computer */
  guint64 file_bytes;     /* what both need on the volume */
  GBytes *answers;        /* (nullable): the answer file in the shared volume */
  GArray *answer_extents; /* (nullable): where it is there */

  /* Known from some time on, and kept. */
  char *sha256;       /* of the source */
  char *edition_name; /* of the one that is written */
};

struct _ntfs_volume;

/* What the image has, and where Windows has it. */
#define VALISE_PATH_BOOT "\\Windows\\Boot"

gboolean valise_write_job_prepare (ValiseWriteJob *self, GError **error);
gboolean
valise_write_job_edit_registry (ValiseWriteJob *self, const char *folder, GError **error);
gboolean valise_write_job_put_registry (ValiseWriteJob *self,
                                        struct _ntfs_volume *volume,
                                        GError **error);
void valise_write_job_clear_registry (ValiseWriteJob *self);
gboolean valise_write_job_prepare_drivers (ValiseWriteJob *self, GError **error);
char **valise_write_job_add_commands (ValiseWriteJob *self, char **chosen);
gboolean valise_write_job_put_drivers (ValiseWriteJob *self,
                                       struct _ntfs_volume *volume,
                                       GError **error);
gboolean valise_write_job_write (ValiseWriteJob *self, GError **error);
gboolean valise_write_job_prepare_files (ValiseWriteJob *self, GError **error);
gboolean valise_write_job_put_files (ValiseWriteJob *self,
                                     struct _ntfs_volume *volume,
                                     GError **error);
gboolean valise_write_job_prepare_answers (ValiseWriteJob *self, GError **error);
gboolean valise_write_job_put_answers (ValiseWriteJob *self,
                                       struct _ntfs_volume *volume,
                                       GError **error);
void valise_write_job_give_answers (ValiseWriteJob *self);
ValiseReport *valise_write_job_make_report (ValiseWriteJob *self,
                                            const ValiseJobDrive *drive,
                                            const char *sha256);

G_END_DECLS
