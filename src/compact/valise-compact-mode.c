/* valise-compact-mode.c: how much a Windows is compressed, as people choose it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-compact-mode.h"

#include <glib/gi18n-lib.h>

#include "core/valise-error.h"

/**
 * valise_compact_mode_names:
 *
 * The modes' names, not translated, in the order of #ValiseCompactMode; %NULL-terminated.
 */
const char *const valise_compact_mode_names[]
    = { "off", "xpress4k", "xpress8k", "xpress16k", "lzx", "auto", NULL };

/**
 * valise_compact_mode_parse:
 * @text: a mode's name
 * @mode: (out): the mode
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether there is such a mode
 */
gboolean
valise_compact_mode_parse (const char *text, ValiseCompactMode *mode, GError **error)
{
  for (guint i = 0; valise_compact_mode_names[i] != NULL; i++)
    if (g_str_equal (text, valise_compact_mode_names[i]))
      {
        *mode = i;
        return TRUE;
      }
  g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               _("“%s” is no way to compress Windows. Use off, xpress4k, xpress8k, xpress16k, lzx "
                 "or auto."),
               text);
  return FALSE;
}

/**
 * valise_compact_mode_get_algorithm:
 * @mode: a mode
 * @algorithm: (out): its algorithm
 *
 * Returns: whether it has one certain algorithm
 */
gboolean
valise_compact_mode_get_algorithm (ValiseCompactMode mode, ValiseWofAlgorithm *algorithm)
{
  switch (mode)
    {
    case VALISE_COMPACT_MODE_XPRESS4K:
      *algorithm = VALISE_WOF_XPRESS4K;
      return TRUE;
    case VALISE_COMPACT_MODE_XPRESS8K:
      *algorithm = VALISE_WOF_XPRESS8K;
      return TRUE;
    case VALISE_COMPACT_MODE_XPRESS16K:
      *algorithm = VALISE_WOF_XPRESS16K;
      return TRUE;
    case VALISE_COMPACT_MODE_LZX:
      *algorithm = VALISE_WOF_LZX;
      return TRUE;
    case VALISE_COMPACT_MODE_OFF:
    case VALISE_COMPACT_MODE_AUTO:
    default:
      return FALSE;
    }
}
