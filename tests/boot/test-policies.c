/* test-policies.c: what a company's policies come to: files, values and commands.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-policies.h"
#include "boot/valise-registry-changes.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

/* Nobody changes or frees these. */
#define S(text) ((char *) (text))
#define LIST(...) ((char *[]) { __VA_ARGS__, NULL })

static const struct
{
  ValisePolicies policies;
  const char *words; /* of the error; NULL where there is none */
} checks[] = {
  { { 0 }, NULL },
  { { .lock_minutes = 9999 }, NULL },
  { { .lock_minutes = 10000 }, "at most 9999 minutes" },
  { { .bitlocker = TRUE }, NULL },
  { { .bitlocker = TRUE, .bitlocker_recovery = S ("D:\\Keys") }, NULL },
  { { .bitlocker = TRUE, .bitlocker_recovery = S ("\\\\server\\keys\\%USERNAME%") }, NULL },
  { { .bitlocker_recovery = S ("D:\\Keys") }, "not to be encrypted" },
  { { .bitlocker = TRUE, .bitlocker_recovery = S ("c:\\Keys") }, "on the drive that is encrypted" },
  { { .bitlocker = TRUE, .bitlocker_recovery = S ("Keys") }, "not a folder for recovery keys" },
  { { .bitlocker = TRUE, .bitlocker_recovery = S ("D:\\a\" & del b") }, "not a folder" },
  { { .code_integrity = S ("/x/SiPolicy.p7b") }, NULL },
  { { .code_integrity = S ("/x/{5951a96a-e0b5-4d3d-8fb8-3e5b61030784}.cip") }, NULL },
  { { .code_integrity = S ("/x/policy.xml") }, "not an App Control policy" },
  { { .code_integrity = S ("/x/{5951a96a}.cip") }, "not an App Control policy" },
  { { .client_password = S ("x") }, "no certificate" },
  { { .client_certificates = LIST (S ("/a")), .client_password = S ("x y'$()") }, NULL },
  { { .client_certificates = LIST (S ("/a")), .client_password = S ("a%b") }, "does not take" },
  { { .client_certificates = LIST (S ("/a")), .client_password = S ("a\"b") }, "does not take" },
};

static void
test_checks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++)
    {
      g_autoptr (GError) error = NULL;
      const gboolean ok = valise_policies_check (&checks[i].policies, &error);

      g_assert_true (ok == (checks[i].words == NULL));
      if (ok)
        continue;
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      if (strstr (error->message, checks[i].words) == NULL)
        g_error ("case %u: %s", i, error->message);
    }
}

static void
test_edition (void)
{
  const ValisePolicies encrypted = { .bitlocker = TRUE };
  const ValisePolicies locked = { .lock_minutes = 5 };

  g_assert_false (valise_policies_check_edition (&encrypted, "Core", NULL));
  g_assert_false (valise_policies_check_edition (&encrypted, "CoreSingleLanguage", NULL));
  g_assert_true (valise_policies_check_edition (&encrypted, "Professional", NULL));
  g_assert_true (valise_policies_check_edition (&locked, "Core", NULL));
}

/* The values of Microsoft's policy reference. */
static void
test_registry (void)
{
  const ValisePolicies policies = { .lock_minutes = 15,
                                    .block_removable = TRUE,
                                    .bitlocker = TRUE,
                                    .applocker = S ("/a") };
  static const char *const expected[] = {
    "1 Microsoft\\Windows\\CurrentVersion\\Policies\\System InactivityTimeoutSecs 900",
    "1 Policies\\Microsoft\\Windows\\RemovableStorageDevices Deny_All 1",
    "1 Policies\\Microsoft\\FVE EnableBDEWithNoTPM 1",
    "1 Policies\\Microsoft\\FVE UseAdvancedStartup 1",
    "1 Policies\\Microsoft\\FVE OSPassphrase 1",
    "0 CurrentControlSet\\Services\\AppIDSvc Start 2",
  };
  g_autoptr (GPtrArray) changes = valise_registry_changes_new ();
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  valise_policies_add_changes (&policies, changes);
  for (guint i = 0; i < changes->len; i++)
    {
      const ValiseRegistryChange *change = g_ptr_array_index (changes, i);
      guint32 value;

      g_assert_cmpint (change->action, ==, VALISE_REGISTRY_SET_VALUE);
      g_assert_cmpuint (change->type, ==, VALISE_REG_DWORD);
      g_assert_cmpuint (g_bytes_get_size (change->data), ==, 4);
      memcpy (&value, g_bytes_get_data (change->data, NULL), 4);
      g_ptr_array_add (lines, g_strdup_printf ("%d %s %s %u", change->hive, change->key,
                                               change->name, GUINT32_FROM_LE (value)));
    }
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    if (!g_ptr_array_find_with_equal_func (lines, expected[i], g_str_equal, NULL))
      g_error ("missing: %s", expected[i]);
}

/* ---- files ---- */

static const char *
find_file (GPtrArray *files, const char *target)
{
  for (guint i = 0; i < files->len; i++)
    {
      const ValiseSetupFile *file = g_ptr_array_index (files, i);

      if (g_str_equal (file->target, target))
        return g_bytes_get_data (file->contents, NULL);
    }
  return NULL;
}

static char *
make_file (ValiseScratch *scratch, const char *name, const char *text)
{
  char *path = valise_scratch_build_path (scratch, name);

  write_file (path, text, strlen (text));
  return path;
}

#define WIFI                                                                                       \
  "<WLANProfile xmlns=\"http://www.microsoft.com/networking/WLAN/profile/v1\"><name>Office</name>" \
  "<SSIDConfig><SSID><name>Office</name></SSID></SSIDConfig></WLANProfile>"
#define FOLDER "\\Windows\\Setup\\Valise\\"

/* A certificate, and the same with its key, by OpenSSL. */
static void
make_certificates (ValiseScratch *scratch, char **root, char **client)
{
  g_autofree char *key = valise_scratch_build_path (scratch, "key.pem");
  g_autofree char *said = NULL;
  g_autofree char *more = NULL;

  *root = valise_scratch_build_path (scratch, "ca.pem");
  *client = valise_scratch_build_path (scratch, "me.pfx");
  said = RUN ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
              "-nodes", "-days", "36500", "-subj", "/CN=Acme Root", "-keyout", key, "-out", *root);
  more = RUN ("openssl", "pkcs12", "-export", "-inkey", key, "-in", *root, "-passout",
              "pass:pass word", "-out", *client);
}

static void
test_files (void)
{
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
  g_autofree char *wifi = make_file (scratch, "home.xml", WIFI);
  g_autofree char *applocker = make_file (scratch, "al.xml", "<AppLockerPolicy Version=\"1\"/>");
  g_autofree char *control = make_file (scratch, "SiPolicy.p7b", "0policy");
  g_autofree char *root = NULL;
  g_autofree char *client = NULL;
  ValisePolicies policies = {
    .bitlocker = TRUE,
    .bitlocker_recovery = S ("E:\\Keys"),
    .applocker = applocker,
    .code_integrity = control,
    .wifi = LIST (wifi, wifi),
    .client_password = S ("pass word"),
  };
  static const char *const lines[] = {
    "certutil.exe -f -addstore Root \"%here%root-1.cer\"\r\n",
    "certutil.exe -f -p \"pass word\" -importpfx My \"%here%client-1.pfx\" NoRoot\r\n",
    "netsh.exe wlan add profile filename=\"%here%wifi-2.xml\" user=all\r\n",
    "Set-AppLockerPolicy -XmlPolicy '%here%applocker.xml'",
    "del /q \"%here%wifi-*.xml\" \"%here%client-*.pfx\"",
  };
  g_autoptr (GPtrArray) files = valise_setup_files_new ();
  g_autoptr (GError) error = NULL;
  const char *script;

  make_certificates (scratch, &root, &client);
  policies.root_certificates = LIST (root);
  policies.client_certificates = LIST (client);
  g_assert_true (valise_policies_check (&policies, &error));
  g_assert_no_error (error);
  g_assert_true (valise_policies_add_files (&policies, files, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (files->len, ==, 8);
  g_assert_true (g_str_has_prefix (find_file (files, FOLDER "wifi-2.xml"), WIFI));
  g_assert_nonnull (find_file (files, FOLDER "root-1.cer"));
  g_assert_nonnull (find_file (files, FOLDER "client-1.pfx"));
  g_assert_nonnull (find_file (files, FOLDER "applocker.xml"));
  g_assert_nonnull (find_file (files, "\\Windows\\System32\\CodeIntegrity\\SiPolicy.p7b"));
  script = find_file (files, FOLDER "setup.cmd");
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    if (strstr (script, lines[i]) == NULL)
      g_error ("missing: %s", lines[i]);
  script = find_file (files, FOLDER "encrypt.cmd");
  g_assert_nonnull (strstr (script, "md \"E:\\Keys\" 2>nul\r\n"));
  g_assert_nonnull (strstr (script, "> \"E:\\Keys\\%COMPUTERNAME%-recovery-key.txt\"\r\n"));
  g_assert_nonnull (valise_policies_get_system_command (&policies));
  g_assert_nonnull (valise_policies_get_logon_command (&policies));
}

/* Only a script that needs it is read as UTF-8, from its second line on. */
static void
test_code_page (void)
{
  static const struct
  {
    const char *folder;
    gboolean is_utf8;
  } cases[] = { { "E:\\Keys", FALSE }, { "E:\\Schlüssel", TRUE }, { "\\\\s\\密钥", TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const ValisePolicies policies
          = { .bitlocker = TRUE, .bitlocker_recovery = (char *) cases[i].folder };
      g_autoptr (GPtrArray) files = valise_setup_files_new ();
      g_autoptr (GError) error = NULL;
      const char *script;

      g_assert_true (valise_policies_check (&policies, &error));
      g_assert_true (valise_policies_add_files (&policies, files, &error));
      g_assert_no_error (error);
      script = find_file (files, FOLDER "encrypt.cmd");
      g_assert_cmpint (g_str_has_prefix (script, "@echo off\r\nchcp 65001 >nul\r\necho "), ==,
                       cases[i].is_utf8);
      g_assert_nonnull (strstr (script, cases[i].folder));
    }
}

static void
test_wrong_files (void)
{
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
  g_autofree char *text = make_file (scratch, "text", "hello");
  g_autofree char *empty = make_file (scratch, "empty", "");
  g_autofree char *dtd = make_file (scratch, "dtd.xml", "<!DOCTYPE a>" WIFI);
  g_autofree char *missing = valise_scratch_build_path (scratch, "missing");
  const struct
  {
    ValisePolicies policies;
    const char *words;
  } cases[] = {
    { { .wifi = LIST (text) }, "Wi-Fi profile" },
    { { .wifi = LIST (dtd) }, "Wi-Fi profile" },
    { { .wifi = LIST (missing) }, "cannot be read" },
    { { .root_certificates = LIST (text) }, "certificate (DER or PEM)" },
    { { .root_certificates = LIST (empty) }, "is empty" },
    { { .client_certificates = LIST (text) }, "with its key" },
    { { .applocker = text }, "AppLocker policy" },
    { { .applocker = (char *) "/dev/zero" }, "16 MiB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) files = valise_setup_files_new ();
      g_autoptr (GError) error = NULL;

      g_assert_false (valise_policies_add_files (&cases[i].policies, files, &error));
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      if (strstr (error->message, cases[i].words) == NULL)
        g_error ("case %u: %s", i, error->message);
    }
}

/* Without policies there is nothing. */
static void
test_nothing (void)
{
  const ValisePolicies policies = { .lock_minutes = 5 };
  g_autoptr (GPtrArray) files = valise_setup_files_new ();

  g_assert_true (valise_policies_add_files (&policies, files, NULL));
  g_assert_cmpuint (files->len, ==, 0);
  g_assert_null (valise_policies_get_system_command (&policies));
  g_assert_null (valise_policies_get_logon_command (&policies));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot/policies/checks", test_checks);
  g_test_add_func ("/boot/policies/edition", test_edition);
  g_test_add_func ("/boot/policies/registry", test_registry);
  g_test_add_func ("/boot/policies/files", test_files);
  g_test_add_func ("/boot/policies/code-page", test_code_page);
  g_test_add_func ("/boot/policies/wrong-files", test_wrong_files);
  g_test_add_func ("/boot/policies/nothing", test_nothing);
  return g_test_run ();
}
