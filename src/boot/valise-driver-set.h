/* valise-driver-set.h: the drivers in a folder.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-inf.h"

G_BEGIN_DECLS

/**
 * ValiseDriverFile:
 * @source: path on this computer
 * @name: path below the folder of its driver, with backslashes
 *
 * A file that belongs to a driver.
 */
typedef struct
{
  char *source;
  char *name;
} ValiseDriverFile;

/**
 * ValiseDriverPackage:
 * @name: path of the INF below the folder that was looked through
 * @inf: (nullable): what it says
 * @problem: (nullable): why it cannot be used, as a sentence; %NULL where it can
 * @files: (element-type ValiseDriverFile): what belongs to it, the INF first
 * @bytes: how large these are together
 *
 * A driver.
 */
typedef struct
{
  char *name;
  ValiseInf *inf;
  char *problem;
  GPtrArray *files;
  guint64 bytes;
} ValiseDriverPackage;

GPtrArray *valise_driver_set_new (void);
gboolean valise_driver_set_scan (GPtrArray *packages,
                                 const char *folder,
                                 const char *architecture,
                                 guint build,
                                 GError **error);
guint valise_driver_set_count_usable (const GPtrArray *packages);
const char *valise_driver_package_get_fit (const ValiseDriverPackage *self);
char *valise_driver_package_describe (const ValiseDriverPackage *self);

G_END_DECLS
