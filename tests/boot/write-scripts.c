/* write-scripts.c: writes the scripts that Windows runs for a company's policies.
 *
 * usage: write-scripts FOLDER RECOVERY-FOLDER PASSWORD CERTIFICATE PFX WIFI APPLOCKER
 *
 * Prints the two commands that the answer file has for them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "boot/valise-policies.h"

#include <string.h>

int
main (int argc, char **argv)
{
  char *certificates[] = { argv[4], NULL };
  char *keys[] = { argv[5], NULL };
  char *networks[] = { argv[6], NULL };
  const ValisePolicies policies = {
    .bitlocker = TRUE, .bitlocker_recovery = argv[2], .client_password = argv[3],
    .root_certificates = certificates, .client_certificates = keys, .wifi = networks,
    .applocker = argv[7],
  };
  g_autoptr (GPtrArray) files = valise_setup_files_new ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (argc, ==, 8);
  valise_policies_check (&policies, &error);
  g_assert_no_error (error);
  valise_policies_add_files (&policies, files, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < files->len; i++)
    {
      const ValiseSetupFile *file = files->pdata[i];
      g_autofree char *path = g_build_filename (argv[1], strrchr (file->target, '\\') + 1, NULL);

      g_file_set_contents (path, g_bytes_get_data (file->contents, NULL),
                           (gssize) g_bytes_get_size (file->contents), &error);
      g_assert_no_error (error);
    }
  g_print ("%s\n%s\n", valise_policies_get_system_command (&policies),
           valise_policies_get_logon_command (&policies));
  return 0;
}
