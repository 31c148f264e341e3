/* valise-command-drivers.c: `valise drivers`: what drivers are in folders, and do they fit?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-command.h"

#include <glib/gi18n.h>

#include "boot/valise-driver-set.h"
#include "core/valise-error.h"
#include "core/valise-text.h"
#include "valise-driver-table.h"
#include "valise-json.h"
#include "valise-output.h"

/* Where nobody says it: Windows 11, 23H2. */
#define USUAL_BUILD 22631

typedef struct
{
  char **words;
  char *architecture;
  int build;
  gboolean json;
} Options;

static void
options_clear (Options *options)
{
  g_strfreev (options->words);
  g_free (options->architecture);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What an INF says is foreign: no terminal shall obey it. */
static char *
clean (const char *text)
{
  return valise_text_clean (text != NULL ? text : "");
}

static void
add_member (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *cleaned = clean (text);

  valise_json_add_string (builder, name, cleaned);
}

static void
print_json (const GPtrArray *packages)
{
  for (guint i = 0; i < packages->len; i++)
    {
      const ValiseDriverPackage *package = g_ptr_array_index (packages, i);
      const ValiseInf *inf = package->inf;
      JsonBuilder *builder = valise_json_begin ();

      add_member (builder, "driver", package->name);
      add_member (builder, "provider", inf != NULL ? inf->provider : NULL);
      add_member (builder, "class", inf != NULL ? inf->class_name : NULL);
      add_member (builder, "version", inf != NULL ? inf->version : NULL);
      json_builder_set_member_name (builder, "fits");
      json_builder_add_boolean_value (builder, package->problem == NULL);
      json_builder_set_member_name (builder, "bootCritical");
      json_builder_add_boolean_value (builder, inf != NULL && valise_inf_is_boot_critical (inf));
      add_member (builder, "message", valise_driver_package_get_fit (package));
      valise_json_print (builder);
    }
}

static gboolean
check_options (Options *options, GError **error)
{
  static const char *const known[] = { "x86", "amd64", "arm64", NULL };

  if (options->architecture == NULL)
    options->architecture = g_strdup ("amd64");
  if (!g_strv_contains (known, options->architecture))
    g_set_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                 _("“%s” is not an architecture. Use amd64, arm64 or x86."), options->architecture);
  else if (options->build <= 0)
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _("The build of Windows must be a number such as 22631."));
  else if (options->words == NULL || g_strv_length (options->words) < 2
           || !g_str_equal (options->words[0], "check"))
    g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                         _("Name the folders: “valise drivers check FOLDER”."));
  else
    return TRUE;
  return FALSE;
}

static gboolean
run (Options *options, GError **error)
{
  g_autoptr (GPtrArray) packages = valise_driver_set_new ();

  if (!check_options (options, error))
    return FALSE;
  for (guint i = 1; options->words[i] != NULL; i++)
    if (!valise_driver_set_scan (packages, options->words[i], options->architecture,
                                 (guint) options->build, error))
      return FALSE;
  if (options->json)
    print_json (packages);
  else
    valise_driver_table_print (packages, stdout);
  if (valise_driver_set_count_usable (packages) > 0)
    return TRUE;
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
                       _("None of the drivers can be used with this Windows."));
  return FALSE;
}

/**
 * valise_command_drivers:
 * @arguments: `drivers` and what stands behind it
 *
 * Returns: the exit status
 */
ValiseExit
valise_command_drivers (char **arguments)
{
  g_auto (Options) options = { .build = USUAL_BUILD };
  const GOptionEntry entries[] = {
    { "architecture", 0, 0, G_OPTION_ARG_STRING, &options.architecture,
      N_ ("Processors of the Windows: amd64, arm64 or x86"), N_ ("ARCHITECTURE") },
    { "build", 0, 0, G_OPTION_ARG_INT, &options.build, N_ ("Build of the Windows (22631)"),
      N_ ("BUILD") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON, one object a line"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.words, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_("check FOLDER…"));
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, _("Looks for drivers in folders, and says whether they fit a Windows."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (valise_command_parse (context, arguments, &error) && run (&options, &error))
    return VALISE_EXIT_OK;
  return valise_command_fail_object (
      error, options.json || g_strv_contains ((const char *const *) arguments, "--json"));
}
