/* valise-list-checks.c: what is found in files that were chosen for Windows.
 *
 * Each opens one file or folder, in a thread, by the same code as the job.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-list-checks.h"

#include <glib/gi18n.h>

#include "boot/valise-answer-rules.h"
#include "boot/valise-policy-files.h"
#include "core/valise-error.h"
#include "core/valise-text.h"
#include "jobs/valise-copies.h"
#include "jobs/valise-setup-files.h"
#include "boot/valise-driver-set.h"

/* As many drivers of a folder are named; a card's folder has few, a PC's hundreds. */
#define MAX_DRIVERS 6

/**
 * valise_list_describe_drivers:
 * @packages: (element-type ValiseDriverPackage): drivers that were found
 *
 * Returns: (transfer full): lines on them; those that cannot be used come first
 */
char *
valise_list_describe_drivers (const GPtrArray *packages)
{
  const guint n_fit = valise_driver_set_count_usable (packages);
  const guint n_other = packages->len - n_fit;
  g_autofree char *fit
      = g_strdup_printf (ngettext ("%u driver fits", "%u drivers fit", n_fit), n_fit);
  g_autofree char *other = g_strdup_printf (ngettext ("%u does not fit, and is left out",
                                                      "%u do not fit, and are left out", n_other),
                                            n_other);
  g_autoptr (GString) text = g_string_new (fit);
  guint n = 0;

  if (n_other > 0)
    g_string_append_printf (text, " · %s", other);
  for (guint usable = 0; usable <= 1; usable++)
    for (guint i = 0; i < packages->len; i++)
      {
        const ValiseDriverPackage *package = g_ptr_array_index (packages, i);
        g_autofree char *line = NULL;

        if ((package->problem == NULL) != (usable == 1) || n++ >= MAX_DRIVERS)
          continue;
        line = valise_driver_package_describe (package);
        g_string_append_printf (text, "\n%s", line);
      }
  if (packages->len > MAX_DRIVERS)
    {
      g_string_append_c (text, '\n');
      /* Translators: more drivers than those that are listed above. */
      g_string_append_printf (text, ngettext ("… and %u more", "… and %u more",
                                              packages->len - MAX_DRIVERS),
                              packages->len - MAX_DRIVERS);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
valise_list_check_drivers (const char *value, const ValiseListFacts *facts, GError **error)
{
  char *folders[] = { (char *) value, NULL };
  const ValiseSetup setup = { .driver_folders = folders };
  g_autoptr (GPtrArray) packages = NULL;
  g_autoptr (GError) cause = NULL;
  g_autofree char *text = NULL;
  const ValiseEdition any = { .architecture = "amd64", .build = 22631 };

  if (valise_setup_find_drivers (&setup, facts->edition != NULL ? facts->edition : &any, &packages,
                                 &cause))
    return valise_list_describe_drivers (packages);
  if (packages == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }
  text = valise_list_describe_drivers (packages);
  g_set_error_literal (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID, text);
  return NULL;
}

char *
valise_list_check_reg_file (const char *value, const ValiseListFacts *facts, GError **error)
{
  char *files[] = { (char *) value, NULL };
  const ValiseSetup setup = { .reg_files = files };
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();

  if (!valise_setup_load_registry (&setup, changes, error))
    return NULL;
  /* Translators: to Windows' registry. */
  return g_strdup_printf (ngettext ("%u change", "%u changes", changes->len), changes->len);
}

char *
valise_list_check_answer_file (const char *value, const ValiseListFacts *facts, GError **error)
{
  const ValiseSetup setup = { .answer_file = (char *) value };
  g_autoptr (GPtrArray) packages = NULL;

  if (!valise_setup_check_files (&setup, facts->edition, &packages, error))
    return NULL;
  return g_strdup (_("What is chosen here is put into it."));
}

char *
valise_list_check_copy (const char *value, const ValiseListFacts *facts, GError **error)
{
  char *copies[] = { (char *) value, NULL };
  guint64 bytes = 0;
  g_autoptr (GPtrArray) list = valise_copies_check (copies, error)
                                   ? valise_copies_list (copies, &bytes, error)
                                   : NULL;
  g_autofree char *size = valise_text_size (bytes);

  if (list == NULL)
    return NULL;
  /* Translators: a number of files, and a size with its unit. */
  return g_strdup_printf (ngettext ("%u file, %s", "%u files, %s", list->len), list->len, size);
}

static char *
check_command (const char *value, guint max, GError **error)
{
  /* An empty one is not run. */
  return *value == '\0' || valise_check_command (value, max, error) ? g_strdup ("") : NULL;
}

char *
valise_list_check_system_command (const char *value, const ValiseListFacts *facts, GError **error)
{
  return check_command (value, VALISE_SPECIALIZE_COMMAND_MAX, error);
}

char *
valise_list_check_command (const char *value, const ValiseListFacts *facts, GError **error)
{
  return check_command (value, VALISE_FIRST_LOGON_COMMAND_MAX, error);
}

static char *
check_policy (ValisePolicyKind kind, const char *value, const char *password, GError **error)
{
  char *summary = NULL;
  g_autoptr (GBytes) contents = valise_policy_file_load (kind, value, password, &summary, error);

  return contents != NULL ? summary : NULL;
}

char *
valise_list_check_applocker (const char *value, const ValiseListFacts *facts, GError **error)
{
  return check_policy (VALISE_POLICY_APPLOCKER, value, NULL, error);
}

char *
valise_list_check_app_control (const char *value, const ValiseListFacts *facts, GError **error)
{
  const ValisePolicies policies = { .code_integrity = (char *) value };

  return valise_policies_check (&policies, error)
             ? check_policy (VALISE_POLICY_APP_CONTROL, value, NULL, error)
             : NULL;
}

char *
valise_list_check_wifi (const char *value, const ValiseListFacts *facts, GError **error)
{
  return check_policy (VALISE_POLICY_WIFI, value, NULL, error);
}

char *
valise_list_check_root (const char *value, const ValiseListFacts *facts, GError **error)
{
  return check_policy (VALISE_POLICY_ROOT_CERTIFICATE, value, NULL, error);
}

char *
valise_list_check_client (const char *value, const ValiseListFacts *facts, GError **error)
{
  return check_policy (VALISE_POLICY_CLIENT_CERTIFICATE, value, facts->password, error);
}
