/* fuzz-report.c: a drive's report; one that is understood is written and read again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "fuzz-input.h"
#include "jobs/valise-report.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseReport) report = valise_report_from_json ((const char *) data, size, &error);

  g_assert_true ((report == NULL) == (error != NULL));
  if (report != NULL)
    {
      g_autofree char *json = valise_report_to_json (report);
      g_autoptr (ValiseReport) again = valise_report_from_json (json, -1, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (again->disk_guid, ==, report->disk_guid);
      g_assert_cmpuint (again->digests->len, ==, report->digests->len);
    }
  return 0;
}
