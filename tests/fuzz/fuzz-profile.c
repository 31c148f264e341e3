/* fuzz-profile.c: a profile; one that is understood is written, with secrets, and read again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "fuzz-input.h"
#include "jobs/valise-profile.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_auto (ValiseProfile) profile = { 0 };
  g_auto (ValiseProfile) again = { 0 };
  g_autofree char *json = NULL;
  g_autofree char *json_again = NULL;

  valise_profile_init (&profile);
  if (!valise_profile_from_json (&profile, (const char *) data, size, "/", NULL, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_assert_no_error (error);
  valise_profile_check (&profile, NULL);
  json = valise_profile_to_json (&profile, TRUE);
  valise_profile_init (&again);
  valise_profile_from_json (&again, json, strlen (json), "/", NULL, &error);
  g_assert_no_error (error);
  json_again = valise_profile_to_json (&again, TRUE);
  g_assert_cmpstr (json, ==, json_again);
  return 0;
}
