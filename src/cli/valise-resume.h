/* valise-resume.h: which drives of a batch are written again, and how.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "jobs/valise-batch-report.h"

G_BEGIN_DECLS

/**
 * ValiseResumeOptions:
 * @image: (nullable): --image
 * @layout: (nullable): --layout
 * @container: (nullable): --container
 * @container_size: (nullable): --container-size
 * @size: (nullable): --size
 * @sector_size: --sector-size; 0 without
 * @boot_manager: (nullable): --boot-manager
 * @compact: (nullable): --compact
 * @cache: (nullable): --cache
 * @report: (nullable): --report
 * @no_verify: --no-verify
 * @allow_encrypted: --allow-encrypted
 *
 * What stands on the command line beside --resume.
 */
typedef struct
{
  const char *image;
  const char *layout;
  const char *container;
  const char *container_size;
  const char *size;
  int sector_size;
  const char *boot_manager;
  const char *compact;
  const char *cache;
  const char *report;
  gboolean no_verify;
  gboolean allow_encrypted;
} ValiseResumeOptions;

gboolean valise_resume_check (const ValiseBatchReport *report,
                              const char *path,
                              const ValiseResumeOptions *options,
                              GError **error);
gboolean valise_resume_check_setup (const ValiseBatchReport *report,
                                    const ValiseSetup *setup,
                                    GError **error);
char **valise_resume_choose (ValiseBatchReport *report,
                             const char *const *named,
                             GArray *entries,
                             GError **error);

G_END_DECLS
