/* valise-command.c: what the commands have in common: options, errors, exit statuses.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-command.h"

#include <glib/gi18n.h>

#include "core/valise-error.h"
#include "valise-json.h"
#include "valise-output.h"

/**
 * valise_command_parse:
 * @context: a command's options
 * @arguments: the command's name, and what stands behind it
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Takes the options from @arguments. Help is printed, and ends the program.
 *
 * Returns: whether all were understood
 */
gboolean
valise_command_parse (GOptionContext *context, char **arguments, GError **error)
{
  g_autofree char *name = g_strconcat ("valise ", arguments[0], NULL);
  g_auto (GStrv) copy = g_strdupv (arguments);
  g_autoptr (GError) cause = NULL;
  gboolean ok;

  /* What help calls the program. */
  g_set_prgname (name);
  ok = g_option_context_parse_strv (context, &copy, &cause);
  g_set_prgname ("valise");
  if (!ok)
    /* Translators: what is wrong, without a full stop; then a command. */
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("%s. “%s --help” shows the options."), cause->message, name);
  return ok;
}

/**
 * valise_command_get_exit:
 * @error: an error
 *
 * Returns: the exit status that it stands for
 */
ValiseExit
valise_command_get_exit (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return VALISE_EXIT_CANCELLED;
  if (g_error_matches (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID))
    return VALISE_EXIT_USAGE;
  if (g_error_matches (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_REFUSED)
      || g_error_matches (error, VALISE_DRIVE_ERROR, VALISE_DRIVE_ERROR_IN_USE))
    return VALISE_EXIT_REFUSED;
  return VALISE_EXIT_FAILED;
}

/**
 * valise_command_get_status:
 * @status: an exit status
 *
 * Returns: what it is called in a `result` event
 */
const char *
valise_command_get_status (ValiseExit status)
{
  switch (status)
    {
    case VALISE_EXIT_OK:
      return "ok";
    case VALISE_EXIT_USAGE:
      return "usage";
    case VALISE_EXIT_REFUSED:
      return "refused";
    case VALISE_EXIT_SOME_FAILED:
      return "some-failed";
    case VALISE_EXIT_CANCELLED:
      return "cancelled";
    case VALISE_EXIT_FAILED:
    default:
      return "failed";
    }
}

/**
 * valise_command_fail:
 * @error: why a command ends
 * @json: whether a program wants to know, too
 *
 * Says it, and as the last event where there was no job yet.
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_fail (const GError *error, gboolean json)
{
  ValiseExit status = valise_command_get_exit (error);

  if (json)
    {
      JsonBuilder *builder = valise_json_begin_event ("result");

      valise_json_add_string (builder, "status", valise_command_get_status (status));
      valise_json_add_error (builder, error);
      json_builder_set_member_name (builder, "targets");
      json_builder_begin_array (builder);
      json_builder_end_array (builder);
      valise_json_print (builder);
    }
  if (status == VALISE_EXIT_CANCELLED)
    valise_output_error (_("Cancelled. Nothing was changed."));
  else
    valise_output_error (error->message);
  return status;
}

/**
 * valise_command_fail_object:
 * @error: why a command ends that prints one object
 * @json: whether that is what a program wants
 *
 * Says it, and as the object's only member.
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_fail_object (const GError *error, gboolean json)
{
  if (json)
    {
      JsonBuilder *builder = valise_json_begin ();

      valise_json_add_error (builder, error);
      valise_json_print (builder);
    }
  return valise_command_fail (error, FALSE);
}
