/* test-warnings.c: which facts lead to which warnings.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <glib/gstdio.h>

#include "jobs/valise-warnings.h"

#define NO_BOOT ((ValiseSignatureState) -1)

static const struct
{
  const char *name;
  const char *edition_id;
  const char *architecture;
  guint build;
  ValiseWarningDrive drive;
  gboolean is_vhd;
  ValiseBootManager wanted;
  ValiseSignatureState state; /* of the usual boot manager */
  ValiseSigningCa ca;
  ValiseBootAge age;
  guint64 bootmgr_bytes;
  const char *expected; /* ids; notes begin with a dot */
} cases[] = {
  { "plain", "Enterprise", "amd64", 26100, .ca = VALISE_SIGNING_CA_2011,
    .state = VALISE_SIGNATURE_GOOD, .expected = ".boot-manager-2011" },
  { "2023-only", "Education", "amd64", 26200, .ca = VALISE_SIGNING_CA_2023,
    .state = VALISE_SIGNATURE_GOOD, .expected = ".boot-manager-2023" },
  { "2023-chosen", "Enterprise", "amd64", 26100, .wanted = VALISE_BOOT_MANAGER_2023,
    .ca = VALISE_SIGNING_CA_2011, .state = VALISE_SIGNATURE_GOOD,
    .expected = ".boot-manager-2023" },
  { "other", "Enterprise", "amd64", 26100, .state = VALISE_SIGNATURE_GOOD,
    .expected = "boot-manager-other-signer" },
  { "unsigned", "Enterprise", "amd64", 26100, .state = VALISE_SIGNATURE_NONE,
    .expected = "boot-manager-unsigned" },
  { "damaged", "Enterprise", "amd64", 26100, .state = VALISE_SIGNATURE_DAMAGED,
    .expected = "boot-manager-damaged" },
  { "unsupported", "Enterprise", "amd64", 26100, .state = VALISE_SIGNATURE_UNSUPPORTED,
    .expected = "boot-manager-not-checked" },
  { "old", "Enterprise", "amd64", 19041, .ca = VALISE_SIGNING_CA_2011,
    .state = VALISE_SIGNATURE_GOOD, .age = VALISE_BOOT_AGE_VULNERABLE,
    .expected = "boot-manager-old .boot-manager-2011" },
  { "boot-unknown", "Enterprise", "amd64", 26100, .state = NO_BOOT, .expected = "" },
  { "14393-fixed", "Enterprise", "amd64", 14393, VALISE_WARNING_DRIVE_FIXED, .state = NO_BOOT,
    .expected = "" },
  { "14393-removable", "Enterprise", "amd64", 14393, VALISE_WARNING_DRIVE_REMOVABLE,
    .state = NO_BOOT, .expected = "old-build-on-removable" },
  { "14393-unknown", "Enterprise", "amd64", 14393, .state = NO_BOOT,
    .expected = "old-build-on-removable" },
  { "14999-removable", "Enterprise", "amd64", 14999, VALISE_WARNING_DRIVE_REMOVABLE,
    .state = NO_BOOT, .expected = "old-build-on-removable" },
  { "15000-removable", "Enterprise", "amd64", 15000, VALISE_WARNING_DRIVE_REMOVABLE,
    .state = NO_BOOT, .expected = "" },
  { "no-build", "Enterprise", "amd64", 0, VALISE_WARNING_DRIVE_REMOVABLE, .state = NO_BOOT,
    .expected = "" },
  { "1809", "Enterprise", "amd64", 17763, VALISE_WARNING_DRIVE_FIXED, .state = NO_BOOT,
    .expected = "build-17763" },
  { "17134", "Enterprise", "amd64", 17134, .state = NO_BOOT, .expected = "" },
  { "ltsc", "EnterpriseS", "amd64", 26100, .is_vhd = TRUE, .state = NO_BOOT, .expected = "" },
  { "iot", "IoTEnterprise", "amd64", 26100, .is_vhd = TRUE, .state = NO_BOOT, .expected = "" },
  { "education-n", "educationn", "amd64", 26100, .is_vhd = TRUE, .state = NO_BOOT,
    .expected = "" },
  { "pro", "Professional", "amd64", 26100, .state = NO_BOOT, .expected = ".edition-licence" },
  { "pro-vhd", "ProfessionalWorkstation", "amd64", 26100, .is_vhd = TRUE, .state = NO_BOOT,
    .expected = ".edition-licence" },
  { "home-vhd", "Core", "amd64", 26100, .is_vhd = TRUE, .state = NO_BOOT,
    .expected = "edition-vhd .edition-licence" },
  { "home-language", "CoreSingleLanguage", "amd64", 26100, .state = NO_BOOT,
    .expected = ".edition-licence" },
  { "no-edition", "", "amd64", 26100, .is_vhd = TRUE, .state = NO_BOOT, .expected = "" },
  { "arm64", "Enterprise", "arm64", 26100, .state = NO_BOOT, .expected = ".arm64" },
  { "x86", "Enterprise", "x86", 19045, .state = NO_BOOT, .expected = ".x86" },
  { "largest-bootmgr", "Enterprise", "amd64", 26100, .state = NO_BOOT, .bootmgr_bytes = 523200,
    .expected = "" },
  { "larger-bootmgr", "Enterprise", "amd64", 26100, .state = NO_BOOT, .bootmgr_bytes = 523201,
    .expected = ".bios-too-large" },
  { "everything", "Core", "x86", 14393, VALISE_WARNING_DRIVE_REMOVABLE, TRUE,
    .state = VALISE_SIGNATURE_NONE, .age = VALISE_BOOT_AGE_VULNERABLE,
    .expected = "old-build-on-removable boot-manager-unsigned boot-manager-old edition-vhd .x86 "
                ".edition-licence" },
};

static void
test_case (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *empty = g_dir_make_tmp ("valise-warnings-XXXXXX", NULL);
  g_autoptr (ValiseBootFiles) boot = valise_boot_files_read (empty);
  ValiseEdition edition = { .name = (char *) "Windows",
                            .edition_id = (char *) cases[i].edition_id,
                            .boots_bios = cases[i].bootmgr_bytes > 0,
                            .bootmgr_bytes = cases[i].bootmgr_bytes,
                            .architecture = cases[i].architecture,
                            .build = cases[i].build,
                            .is_system = TRUE };
  ValiseWarningFacts facts = { &edition, cases[i].state != NO_BOOT ? boot : NULL, cases[i].wanted,
                               cases[i].drive, cases[i].is_vhd };
  g_autoptr (GPtrArray) warnings = NULL;
  g_autoptr (GString) ids = g_string_new (NULL);
  ValiseBootFile *file = &boot->files[VALISE_BOOT_FILE_UEFI];

  g_rmdir (empty);
  file->exists = file->is_program = file->is_efi = TRUE;
  file->architecture = cases[i].architecture;
  file->version = g_strdup ("10.0.1.2");
  file->age = cases[i].age;
  file->signature.state = cases[i].state;
  file->signature.ca = cases[i].ca;
  file->signature.issuer = g_strdup ("Somebody");
  if (cases[i].wanted == VALISE_BOOT_MANAGER_2023)
    {
      file = &boot->files[VALISE_BOOT_FILE_UEFI_EX];
      file->exists = file->is_program = file->is_efi = TRUE;
      file->signature.state = VALISE_SIGNATURE_GOOD;
      file->signature.ca = VALISE_SIGNING_CA_2023;
    }
  warnings = valise_warnings_find (&facts);
  for (guint j = 0; j < warnings->len; j++)
    {
      const ValiseWarning *warning = warnings->pdata[j];

      g_string_append_printf (ids, "%s%s%s", j > 0 ? " " : "", warning->is_note ? "." : "",
                              warning->id);
      g_assert_true (g_str_has_suffix (warning->text, "."));
    }
  g_assert_cmpstr (ids->str, ==, cases[i].expected);
  edition.is_system = FALSE;
  g_ptr_array_unref (warnings);
  warnings = valise_warnings_find (&facts);
  g_assert_cmpuint (warnings->len, ==, 0);
}

/* Versions as Microsoft's lists of updates have them, around 9 May 2023. */
static const struct
{
  guint16 version[4];
  ValiseBootAge expected;
} ages[] = {
  { { 6, 3, 9600, 20000 }, VALISE_BOOT_AGE_VULNERABLE },
  { { 10, 0, 10240, 19869 }, VALISE_BOOT_AGE_VULNERABLE },
  { { 10, 0, 10240, 19926 }, VALISE_BOOT_AGE_CURRENT },
  { { 10, 0, 14393, 5921 }, VALISE_BOOT_AGE_CURRENT },
  { { 10, 0, 15063, 60000 }, VALISE_BOOT_AGE_VULNERABLE },
  { { 10, 0, 17763, 4377 }, VALISE_BOOT_AGE_CURRENT },
  { { 10, 0, 17763, 4376 }, VALISE_BOOT_AGE_VULNERABLE },
  { { 10, 0, 18362, 1 }, VALISE_BOOT_AGE_VULNERABLE },
  { { 10, 0, 19041, 2913 }, VALISE_BOOT_AGE_VULNERABLE },
  { { 10, 0, 19041, 2965 }, VALISE_BOOT_AGE_CURRENT },
  { { 10, 0, 20348, 1726 }, VALISE_BOOT_AGE_CURRENT },
  { { 10, 0, 22000, 1936 }, VALISE_BOOT_AGE_CURRENT },
  { { 10, 0, 22621, 1 }, VALISE_BOOT_AGE_VULNERABLE },
  { { 10, 0, 22621, 1702 }, VALISE_BOOT_AGE_CURRENT },
  { { 10, 0, 23000, 1 }, VALISE_BOOT_AGE_UNKNOWN },
  { { 10, 0, 26100, 1 }, VALISE_BOOT_AGE_CURRENT },
  { { 0, 0, 0, 0 }, VALISE_BOOT_AGE_UNKNOWN },
};

static void
test_ages (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ages); i++)
    g_assert_cmpint (valise_boot_age (ages[i].version), ==, ages[i].expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/warnings/", cases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/warnings/ages", test_ages);
  return g_test_run ();
}
