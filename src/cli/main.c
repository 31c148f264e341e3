/* main.c: `valise`: finds the command that was asked for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

#include "core/valise-error.h"
#include "valise-command.h"
#include "valise-config.h"
#include "valise-output.h"

typedef struct
{
  const char *name;
  ValiseExit (*run) (char **arguments);
  const char *parameters;
  const char *summary;
} Command;

static const Command commands[] = {
  { "inspect", valise_command_inspect, N_ ("SOURCE"), N_ ("Show what is in an image") },
  { "drives", valise_command_drives, N_ ("[--all]"), N_ ("List the drives that can be written") },
  { "write", valise_command_write, N_ ("SOURCE --to TARGET [OPTION…]"),
    N_ ("Write a Windows to drives") },
  { "drivers", valise_command_drivers, N_ ("check FOLDER…"),
    N_ ("Say whether drivers fit a Windows") },
  { "profile", valise_command_profile, N_ ("check|save FILE [OPTION…]"),
    N_ ("Check or save a profile") },
  { "verify", valise_command_verify, N_ ("TARGET --report FILE"),
    N_ ("Read a finished drive back") },
};

static void
print_help (FILE *stream)
{
  valise_output_print (stream, "%s", _("Usage:\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    valise_output_print (stream, "  valise %s %s\n", commands[i].name, _(commands[i].parameters));
  valise_output_print (stream, "  valise --help | --version\n\n%s\n\n%s",
                       _("Makes a drive that carries a whole Windows."), _("Commands:\n"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    valise_output_print (stream, "  %-10s%s\n", commands[i].name, _(commands[i].summary));
  valise_output_print (stream, "\n%s\n",
                       _("“valise COMMAND --help” shows a command's options, valise(1) the rest."));
}

static ValiseExit
run (char **arguments)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  if (arguments[0] == NULL)
    {
      print_help (stderr);
      return VALISE_EXIT_USAGE;
    }
  if (g_str_equal (arguments[0], "--help") || g_str_equal (arguments[0], "-h"))
    {
      print_help (stdout);
      return VALISE_EXIT_OK;
    }
  if (g_str_equal (arguments[0], "--version"))
    {
      valise_output_print (stdout, "valise %s\n", VALISE_VERSION);
      return VALISE_EXIT_OK;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (arguments[0], commands[i].name))
      return commands[i].run (arguments);

  name = g_filename_display_name (arguments[0]);
  g_set_error (&error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID,
               *name == '-' ? _("There is no option “%s”. “valise --help” shows what there is.")
                            : _("There is no command “%s”. “valise --help” shows what there is."),
               name);
  return valise_command_fail (error, FALSE);
}

int
main (int argc, char **argv)
{
  /* For a program that was not installed. */
  const char *locales = g_getenv ("VALISE_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locales != NULL ? locales : VALISE_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("valise");
  /* Standard output belongs to the results. */
  g_log_writer_default_set_use_stderr (TRUE);
  /* Who reads it may go away while a drive is written. */
  signal (SIGPIPE, SIG_IGN);

  return run (argc > 0 ? argv + 1 : argv);
}
