/* valise-source-private.h: what the files of src/image share of a source.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <wimlib.h>

#include "valise-mount.h"
#include "valise-source.h"

G_BEGIN_DECLS

struct _ValiseSource
{
  /* Never changed after opening; any thread. */
  char *path;
  char *shown;        /* in messages: the path, for an ISO with what is inside */
  const char *format; /* "wim", "esd" or "swm" */
  gboolean is_solid;  /* files are compressed together, in large chunks */
  gboolean is_iso;
  guint64 size;         /* bytes, of all files in @files */
  gint64 time;          /* when one of them was changed last, in µs since 1970 */
  GPtrArray *files;     /* of filename: what the user has: the ISO, or all parts in order */
  GPtrArray *parts;     /* of filename: what wimlib reads, in the order of the parts' numbers */
  GPtrArray *editions;  /* of ValiseEdition */

  /* The job's thread. */
  WIMStruct *wim;
  ValiseMount *mount; /* (nullable): of the ISO */
  char *copy;         /* (nullable): a folder with what was copied out of the ISO */
};


G_END_DECLS
