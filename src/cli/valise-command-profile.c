/* valise-command-profile.c: `valise profile`: profiles checked and made without a drive.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-command.h"

#include <glib/gi18n.h>

#include "core/valise-error.h"
#include "jobs/valise-profile-file.h"
#include "valise-json.h"
#include "valise-output.h"
#include "valise-profile-options.h"

static gboolean
refuse_usage (GError **error)
{
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       _("Say what to do with which profile: “valise profile check FILE” or "
                         "“valise profile save FILE [OPTION…]”."));
  return FALSE;
}

static gboolean
check (const char *path, GError **error)
{
  g_auto (ValiseProfile) profile = { 0 };

  valise_profile_init (&profile);
  return valise_profile_load_checked (&profile, path, error);
}

static gboolean
save (const char *path, ValiseProfileOptions *options, GError **error)
{
  g_auto (ValiseProfile) profile = { 0 };

  valise_profile_init (&profile);
  g_free (options->save_profile);
  options->save_profile = g_strdup (path);
  return valise_profile_options_apply (options, &profile, error)
         && valise_profile_check (&profile, error)
         && valise_profile_options_save (options, &profile, error);
}

/* A profile may have many faults; each gets a line. */
static ValiseExit
fail (const GError *error, gboolean json)
{
  g_auto (GStrv) lines = g_strsplit (error->message, "\n", -1);

  if (json)
    return valise_command_fail_object (error, TRUE);
  valise_output_error (lines[0]);
  for (guint i = 1; lines[i] != NULL; i++)
    valise_output_note (lines[i]);
  return valise_command_get_exit (error);
}

static void
print_good (const char *path, gboolean json)
{
  g_autofree char *name = g_filename_display_name (path);

  if (json)
    {
      JsonBuilder *builder = valise_json_begin ();

      valise_json_add_string (builder, "profile", name);
      valise_json_add_string (builder, "status", valise_command_get_status (VALISE_EXIT_OK));
      valise_json_print (builder);
    }
  else
    valise_output_print (stdout, _("The profile “%s” is right.\n"), name);
}

/**
 * valise_command_profile:
 * @arguments: `profile` and what stands behind it
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_profile (char **arguments)
{
  g_auto (ValiseProfileOptions) options = { 0 };
  g_auto (GStrv) words = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_("check|save FILE"));
  g_autoptr (GError) error = NULL;
  gboolean ok;

  g_option_context_set_summary (
      context, _("Checks a profile, or saves the choices of the options as one."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  valise_profile_options_add (&options, context);
  if (!valise_command_parse (context, arguments, &error))
    return valise_command_fail_object (
        error, g_strv_contains ((const char *const *) arguments, "--json"));
  if (words == NULL || g_strv_length (words) != 2)
    ok = refuse_usage (&error);
  else if (g_str_equal (words[0], "check"))
    ok = check (words[1], &error);
  else if (g_str_equal (words[0], "save"))
    ok = save (words[1], &options, &error);
  else
    ok = refuse_usage (&error);
  if (!ok)
    return fail (error, json);
  print_good (words[1], json);
  return VALISE_EXIT_OK;
}
