/* sample-volume.h: an NTFS volume in a file, filled through libntfs-3g.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sample-data.h"

typedef struct _SampleVolume SampleVolume;

/* What is on the volume; counted while it is filled. */
typedef struct
{
  guint64 files, folders, extra_links, short_names, streams, reparse_points, object_ids;
  guint64 sparse, compressed, bytes;
} SampleCounts;

/* A file or folder to make. Zero in a field is the usual thing. */
typedef struct
{
  const char *path;       /* from the root, with "/" between names, UTF-8 */
  SampleSd sd;
  guint32 attributes;     /* FILE_ATTRIBUTE_*; compressed means compressed data, too */
  const char *short_name; /* 8.3 name; NULL: none */

  const void *data;       /* contents; NULL: made up from the path */
  guint64 size;           /* bytes */
  SampleFill fill;
  gboolean is_sparse;     /* write only 64 KiB at the start, in the middle and at the end */
} SampleFile;

SampleVolume *sample_volume_new (const char *path, guint64 size);
void sample_volume_close (SampleVolume *self);
SampleVolume *sample_volume_open (const char *path);
const SampleCounts *sample_volume_get_counts (SampleVolume *self);

void sample_volume_add_folder (SampleVolume *self, const SampleFile *folder);
void sample_volume_add_file (SampleVolume *self, const SampleFile *file);
void sample_volume_replace (SampleVolume *self, const char *path, const void *data, gsize size);
void sample_volume_add_raw_name (SampleVolume *self, const char *folder, const gunichar2 *name,
                                 gsize length);
void sample_volume_add_link (SampleVolume *self, const char *path, const char *link);
void sample_volume_add_stream (SampleVolume *self, const char *path, const char *name,
                               const void *data, gsize size);
void sample_volume_add_reparse (SampleVolume *self, const SampleFile *file, guint32 tag,
                                const char *target, const char *shown);
void sample_volume_add_object_id (SampleVolume *self, const char *path, gboolean is_full);
void sample_volume_set_times (SampleVolume *self, const char *path, guint64 creation,
                              guint64 last_write, guint64 last_access);
