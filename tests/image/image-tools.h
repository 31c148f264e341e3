/* image-tools.h: what tests of src/image share: samples, and other people's programs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

#include "image/valise-source.h"

typedef struct
{
  char *folder; /* of this program's own; removed at its end */
  ValiseScratch *scratch;
} ImageTools;

extern ImageTools tools;

int image_tools_main (int *argc, char ***argv, void (*add_tests) (void));
char *sample_path (const char *name);
char *own_path (const char *name);
char *run_tool (const char *program, ...) G_GNUC_NULL_TERMINATED;
ValiseSource *open_sample (const char *name);
void copy_part (const char *from, const char *to, goffset size);
void write_own (const char *path, goffset at, const void *bytes, gsize size);
void assert_refused (const char *path, int code, const char *words);
