/* valise-reg-file.h: files of Windows' registry editor (.reg).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-registry-changes.h"

G_BEGIN_DECLS

/**
 * VALISE_REG_FILE_MAX:
 *
 * The largest file, in bytes, that is read.
 */
#define VALISE_REG_FILE_MAX (64 * 1024 * 1024)

gboolean
valise_reg_file_parse (GBytes *file, const char *name, GPtrArray *changes, GError **error);
gboolean valise_reg_file_load (const char *path, GPtrArray *changes, GError **error);

G_END_DECLS
