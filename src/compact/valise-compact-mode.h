/* valise-compact-mode.h: how much a Windows is compressed, as people choose it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "valise-wof.h"

G_BEGIN_DECLS

/**
 * ValiseCompactMode:
 * @VALISE_COMPACT_MODE_OFF: not at all
 * @VALISE_COMPACT_MODE_XPRESS4K: with XPRESS4K
 * @VALISE_COMPACT_MODE_XPRESS8K: with XPRESS8K
 * @VALISE_COMPACT_MODE_XPRESS16K: with XPRESS16K
 * @VALISE_COMPACT_MODE_LZX: with LZX
 * @VALISE_COMPACT_MODE_AUTO: as much as makes it faster on this drive with these processors
 *
 * What is asked for.
 */
typedef enum
{
  VALISE_COMPACT_MODE_OFF,
  VALISE_COMPACT_MODE_XPRESS4K,
  VALISE_COMPACT_MODE_XPRESS8K,
  VALISE_COMPACT_MODE_XPRESS16K,
  VALISE_COMPACT_MODE_LZX,
  VALISE_COMPACT_MODE_AUTO,
} ValiseCompactMode;

extern const char *const valise_compact_mode_names[];

gboolean valise_compact_mode_parse (const char *text, ValiseCompactMode *mode, GError **error);
gboolean valise_compact_mode_get_algorithm (ValiseCompactMode mode, ValiseWofAlgorithm *algorithm);

G_END_DECLS
