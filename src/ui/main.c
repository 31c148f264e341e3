/* main.c: `valise-wizard`: starts the wizard.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

#include "valise-application.h"
#include "valise-config.h"

int
main (int argc, char **argv)
{
  g_autoptr (ValiseApplication) application = NULL;
  /* For a program that was not installed. */
  const char *locales = g_getenv ("VALISE_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locales != NULL ? locales : VALISE_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_("Valise"));
  signal (SIGPIPE, SIG_IGN);

  application = valise_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
