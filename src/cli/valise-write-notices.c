/* valise-write-notices.c: what to know of an image on these drives, before anybody is asked.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-write-notices.h"

#include "devices/valise-removable-bit.h"
#include "jobs/valise-setup-files.h"
#include "jobs/valise-warnings.h"
#include "valise-driver-table.h"
#include "valise-output.h"

/* On standard error, as notes are. */
static gboolean
print_drivers (ValisePlan *plan, const ValiseEdition *edition, GError **error)
{
  g_autoptr (GPtrArray) packages = NULL;
  const gboolean ok = valise_setup_find_drivers (valise_plan_get_options (plan)->setup, edition,
                                                 &packages, error);

  valise_output_status (NULL);
  if (packages != NULL)
    valise_driver_table_print (packages, stderr);
  return ok;
}

/**
 * valise_write_notices_tell:
 * @plan: what was chosen
 * @list: the drives
 * @opening: zeroed; where to put the open source, for the job
 * @error: where to put an error of %VALISE_SOURCE_ERROR, %VALISE_PLAN_ERROR, %VALISE_SYSTEM_ERROR
 *
 * Opens the source and prints what to know of it on these drives.
 *
 * Returns: whether there is no reason against writing it
 */
gboolean
valise_write_notices_tell (ValisePlan *plan,
                           ValiseTargetList *list,
                           ValiseSourceOpening *opening,
                           GError **error)
{
  const ValisePlanOptions *options = valise_plan_get_options (plan);
  g_autoptr (GPtrArray) warnings = NULL;
  ValiseWarningFacts facts
      = { .boot_manager = options->boot_manager,
          .drive = VALISE_WARNING_DRIVE_FIXED,
          .is_vhd = options->container != VALISE_CONTAINER_NONE };

  facts.edition
      = valise_source_opening_run_for (opening, options->source, options->edition, error);
  if (facts.edition == NULL)
    return FALSE;
  for (guint i = 0; i < opening->boot->len; i++)
    if (opening->boot->pdata[i] != NULL)
      facts.boot = opening->boot->pdata[i];
  if (facts.boot != NULL
      && !valise_boot_files_check (facts.boot, facts.boot_manager, facts.edition->architecture,
                                   error))
    return FALSE;
  for (guint i = 0; i < valise_target_list_get_n (list); i++)
    if (valise_removable_bit_is_set (valise_target_list_get_info (list, i)->path))
      facts.drive = VALISE_WARNING_DRIVE_REMOVABLE;
  warnings = valise_warnings_find (&facts);
  for (guint i = 0; i < warnings->len; i++)
    valise_output_note (((ValiseWarning *) warnings->pdata[i])->text);
  return print_drivers (plan, facts.edition, error);
}

/**
 * valise_write_notices_tell_drivers:
 * @plan: what was chosen
 * @opening: zeroed; where to put the open source, for the job
 * @error: as for valise_write_notices_tell()
 *
 * Opens the source where drivers were chosen, and prints what was found, and what fits: also
 * where nobody is asked.
 *
 * Returns: whether there is no reason against writing it
 */
gboolean
valise_write_notices_tell_drivers (ValisePlan *plan,
                                   ValiseSourceOpening *opening,
                                   GError **error)
{
  const ValisePlanOptions *options = valise_plan_get_options (plan);
  const ValiseEdition *edition;

  if (options->setup->driver_folders == NULL || *options->setup->driver_folders == NULL)
    return TRUE;
  edition = valise_source_opening_run_for (opening, options->source, options->edition, error);
  return edition != NULL && print_drivers (plan, edition, error);
}
