/* sample-data.h: the bytes of a sample Windows: file contents, times, security descriptors.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

/* What a file is filled with. Every byte follows from the file's name alone. */
typedef enum
{
  SAMPLE_FILL_TEXT,   /* compresses to about a third */
  SAMPLE_FILL_BINARY, /* like a program: compresses to about a half */
  SAMPLE_FILL_RANDOM, /* does not compress */
  SAMPLE_FILL_ZERO,
} SampleFill;

/* Security descriptors to choose from; see sample_security_descriptor(). */
typedef enum
{
  SAMPLE_SD_SYSTEM_FILE,
  SAMPLE_SD_SYSTEM_FOLDER,
  SAMPLE_SD_ROOT,
  SAMPLE_SD_CONFIG,
  SAMPLE_SD_USERS,
  SAMPLE_SD_USER_FILE,
  SAMPLE_SD_AUDITED,
  SAMPLE_SD_LABELLED,
  SAMPLE_SD_DENY_LIST,
  SAMPLE_SD_EMPTY_DACL,
  SAMPLE_SD_NO_DACL,
  SAMPLE_SD_CONDITIONAL,
  SAMPLE_SD_LONG,
  SAMPLE_N_SDS,
} SampleSd;

/* A small repeatable random number generator (splitmix64). */
typedef guint64 SampleRandom;

G_NORETURN void sample_fail (const char *format, ...) G_GNUC_PRINTF (1, 2);
guint64 sample_hash (const char *text);
guint64 sample_next (SampleRandom *random);
guint64 sample_range (SampleRandom *random, guint64 low, guint64 high);
void sample_fill (guint8 *buffer, gsize size, SampleFill fill, SampleRandom *random);
void sample_times (const char *path, guint64 times[4]);
const guint8 *sample_security_descriptor (SampleSd which, gsize *size);
