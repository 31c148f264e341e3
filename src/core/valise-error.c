/* valise-error.c: the error domains; see the header for who is meant by each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-error.h"

G_DEFINE_QUARK (valise-source-error-quark, valise_source_error)
G_DEFINE_QUARK (valise-drive-error-quark, valise_drive_error)
G_DEFINE_QUARK (valise-system-error-quark, valise_system_error)
G_DEFINE_QUARK (valise-plan-error-quark, valise_plan_error)

/**
 * valise_plan_refuse:
 * @error: where to put the error
 * @format: why, and what can be done; a whole sentence
 * @...: for @format
 *
 * Sets %VALISE_PLAN_ERROR_INVALID. Any thread.
 *
 * Returns: %FALSE, for those who return whether something can be done
 */
gboolean
valise_plan_refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID, format, arguments);
  va_end (arguments);
  return FALSE;
}
