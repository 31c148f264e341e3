/* sample-image.h: image files made of sample volumes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sample-hive.h"

typedef struct _SampleImage SampleImage;

SampleImage *sample_image_new (void);
void sample_image_free (SampleImage *self);
void sample_image_add_edition (SampleImage *self, const char *volume, const SampleEdition *edition);
void sample_image_add_setup (SampleImage *self, const char *volume, const char *arch);
GPtrArray *sample_image_write (SampleImage *self, const char *format, const char *folder,
                               guint level, gboolean check_table);
char *sample_image_make_iso (const char *folder, const char *staging, const char *arch);
