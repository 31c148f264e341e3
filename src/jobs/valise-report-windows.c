/* valise-report-windows.c: how Windows was made its owner's, for a drive's report.
 *
 * What was chosen stands there as in a profile, with what was taken from this computer filled in,
 * and without passwords and keys: of these it is only said that there were some.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-report-windows.h"

#include "boot/valise-driver-set.h"
#include "valise-profile-keys.h"
#include "valise-record.h"

/* The image and the drive have parts of the report of their own. */
static gboolean
is_open_setup (const ValiseProfileKey *key)
{
  return key->type != VALISE_PROFILE_SECRET && !g_str_equal (key->section, "image")
         && !g_str_equal (key->section, "drive");
}

static void
add_settings (JsonBuilder *builder, const ValiseProfile *profile)
{
  valise_record_begin_object (builder, "settings");
  valise_profile_keys_write (builder, profile, is_open_setup);
  json_builder_end_object (builder);
}

static void
add_drivers (JsonBuilder *builder, const GPtrArray *packages)
{
  valise_record_begin_array (builder, "drivers");
  for (guint i = 0; packages != NULL && i < packages->len; i++)
    {
      const ValiseDriverPackage *package = g_ptr_array_index (packages, i);
      const ValiseInf *inf = package->inf;

      json_builder_begin_object (builder);
      valise_record_add_string (builder, "driver", package->name);
      valise_record_add_string (builder, "provider", inf != NULL ? inf->provider : NULL);
      valise_record_add_string (builder, "class", inf != NULL ? inf->class_name : NULL);
      valise_record_add_string (builder, "version", inf != NULL ? inf->version : NULL);
      json_builder_set_member_name (builder, "copied");
      json_builder_add_boolean_value (builder, package->problem == NULL);
      valise_record_add_string (builder, "message", valise_driver_package_get_fit (package));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/**
 * valise_report_windows_describe:
 * @setup: how Windows is made its owner's, with everything filled in
 * @packages: (nullable) (element-type ValiseDriverPackage): the drivers that were found
 *
 * Returns: (transfer full): a JSON object, without secrets
 */
char *
valise_report_windows_describe (const ValiseSetup *setup, const GPtrArray *packages)
{
  const ValiseProfile profile = { .setup = *setup }; /* what it points to stays the setup's */
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_settings (builder, &profile);
  json_builder_set_member_name (builder, "hasSecrets");
  json_builder_add_boolean_value (builder, valise_profile_has_secrets (&profile));
  add_drivers (builder, packages);
  json_builder_end_object (builder);
  return valise_record_to_text (builder);
}
