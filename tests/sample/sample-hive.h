/* sample-hive.h: registry hives as a Windows image has them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* The two editions of a sample; index 0 is the first image. */
typedef struct
{
  const char *id;      /* EditionID */
  const char *product; /* ProductName */
  const char *arch;    /* amd64, arm64 or x86 */
} SampleEdition;

GBytes *sample_hive_build (const char *name, const SampleEdition *edition, guint n_filler);
