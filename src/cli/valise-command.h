/* valise-command.h: what the commands have in common: options, errors, exit statuses.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ValiseExit:
 * @VALISE_EXIT_OK: everything was done
 * @VALISE_EXIT_FAILED: it failed
 * @VALISE_EXIT_USAGE: the command line was wrong
 * @VALISE_EXIT_REFUSED: the drive was refused, for safety
 * @VALISE_EXIT_SOME_FAILED: some drives failed, others are finished
 * @VALISE_EXIT_CANCELLED: it was cancelled
 *
 * Exit statuses. Scripts depend on them.
 */
typedef enum
{
  VALISE_EXIT_OK = 0,
  VALISE_EXIT_FAILED = 1,
  VALISE_EXIT_USAGE = 2,
  VALISE_EXIT_REFUSED = 3,
  VALISE_EXIT_SOME_FAILED = 4,
  VALISE_EXIT_CANCELLED = 130,
} ValiseExit;

gboolean valise_command_parse (GOptionContext *context, char **arguments, GError **error);
ValiseExit valise_command_get_exit (const GError *error);
const char *valise_command_get_status (ValiseExit status);
ValiseExit valise_command_fail (const GError *error, gboolean json);
ValiseExit valise_command_fail_object (const GError *error, gboolean json);

ValiseExit valise_command_drives (char **arguments);
ValiseExit valise_command_inspect (char **arguments);
ValiseExit valise_command_write (char **arguments);
ValiseExit valise_command_drivers (char **arguments);
ValiseExit valise_command_profile (char **arguments);
ValiseExit valise_command_verify (char **arguments);

G_END_DECLS
