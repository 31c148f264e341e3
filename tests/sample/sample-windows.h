/* sample-windows.h: the tree of a sample Windows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sample-hive.h"
#include "sample-volume.h"

typedef struct
{
  const char *arch;   /* amd64, arm64 or x86 */
  guint n_files;      /* small files besides the fixed ones */
  guint64 mean_size;  /* their mean size in bytes */
  gboolean big;       /* add a sparse file over 4 GiB */
  GBytes *boot_manager; /* bootmgfw.efi; NULL: made up */
  GBytes *boot_manager_ex; /* bootmgfw_EX.efi; NULL: the same with a mark */
  GBytes *bios_boot_manager; /* what PCAT/bootmgr begins with; NULL: made up */
  gsize bootmgr_size;   /* how large that is; 0: as large as that of Windows 11 */
} SampleWindows;

void sample_windows_fill (SampleVolume *volume, const SampleWindows *windows);
void sample_windows_set_edition (SampleVolume *volume, const SampleEdition *edition);
void sample_setup_fill (SampleVolume *volume, const SampleWindows *windows);

void sample_oddities_fill (SampleVolume *volume, const SampleWindows *windows);
void sample_many_files (SampleVolume *volume, const SampleWindows *windows);
