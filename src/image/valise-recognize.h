/* valise-recognize.h: what a file is, told by its bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseFileKind:
 * @VALISE_FILE_OTHER: nothing that Windows editions could be in
 * @VALISE_FILE_WIM: a WIM, ESD or SWM
 * @VALISE_FILE_DISC: an image of a disc, ISO 9660 or UDF
 */
typedef enum
{
  VALISE_FILE_OTHER,
  VALISE_FILE_WIM,
  VALISE_FILE_DISC,
} ValiseFileKind;

ValiseFileKind valise_recognize (const char *path, guint64 *size, GError **error);

G_END_DECLS
