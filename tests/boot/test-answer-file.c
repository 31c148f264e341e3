/* test-answer-file.c: answer files, as xmllint and Python read them, against Microsoft's names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <string.h>

#include "boot/valise-answer-file.h"
#include "core/valise-error.h"
#include "core/valise-scratch.h"
#include "test-tools.h"

static const char *check_program;
static const char *settings_table;

/* Nobody changes or frees these. */
#define S(text) ((char *) (text))

#define SHELL "Microsoft-Windows-Shell-Setup "
#define PORTABLE_1                                                                                 \
  "specialize Microsoft-Windows-Deployment ExtendOSPartition/Extend=true\n"
#define PORTABLE_2                                                                                 \
  "oobeSystem Microsoft-Windows-SecureStartup-FilterDriver PreventDeviceEncryption=true\n"
#define PORTABLE_3                                                                                 \
  "oobeSystem Microsoft-Windows-WinRE-RecoveryAgent UninstallWindowsRE=true\n"
#define ACCOUNT "oobeSystem " SHELL "UserAccounts/LocalAccounts/LocalAccount/"

static const struct
{
  const char *name;
  ValiseAnswers answers;
  const char *expected;
} cases[] = {
  { "nothing", { 0 }, "" },
  { "portable",
    { .extend = TRUE, .remove_recovery = TRUE, .prevent_encryption = TRUE },
    PORTABLE_1 PORTABLE_2 PORTABLE_3 },
  { "names",
    { .computer_name = S ("HELP-0042"),
      .owner = S ("Zoë & Söhne <GmbH>"),
      .organization = S ("“Quotes” \"and\" 'more'"),
      .product_key = S ("W269N-WFGWX-YVC9B-4J6C9-T83GX"),
      .time_zone = S ("W. Europe Standard Time") },
    "specialize " SHELL "ComputerName=HELP-0042\n"
    "specialize " SHELL "ProductKey=W269N-WFGWX-YVC9B-4J6C9-T83GX\n"
    "specialize " SHELL "RegisteredOrganization=“Quotes” \"and\" 'more'\n"
    "specialize " SHELL "RegisteredOwner=Zoë & Söhne <GmbH>\n"
    "specialize " SHELL "TimeZone=W. Europe Standard Time\n" },
  { "administrator",
    { .account = VALISE_ACCOUNT_ADMINISTRATOR,
      .account_name = S ("anna"),
      .account_full_name = S ("Anna Łęcka"),
      .account_password = S ("Pässwörd 中文 😀 <&>") },
    ACCOUNT "Password=Pässwörd 中文 😀 <&>\n" ACCOUNT "DisplayName=Anna Łęcka\n" ACCOUNT
            "Group=Administrators\n" ACCOUNT "Name=anna\n" },
  { "standard",
    { .account = VALISE_ACCOUNT_STANDARD,
      .account_name = S ("anna"),
      .admin_name = S ("help desk"),
      .admin_password = S ("x") },
    ACCOUNT "Password=\n" ACCOUNT "Group=Users\n" ACCOUNT "Name=anna\n" ACCOUNT
            "Password=x\n" ACCOUNT "Group=Administrators\n" ACCOUNT "Name=help desk\n" },
  { "pages",
    { .skip_license = TRUE,
      .skip_privacy = TRUE,
      .skip_online_account = TRUE,
      .skip_network = TRUE },
    "oobeSystem " SHELL "OOBE/HideEULAPage=true\n"
    "oobeSystem " SHELL "OOBE/HideOnlineAccountScreens=true\n"
    "oobeSystem " SHELL "OOBE/HideWirelessSetupInOOBE=true\n"
    "oobeSystem " SHELL "OOBE/ProtectYourPC=3\n" },
  { "region",
    { .language = S ("de-DE"), .locale = S ("de-AT"), .keyboard = S ("0c07:00000407") },
    "oobeSystem Microsoft-Windows-International-Core InputLocale=0c07:00000407\n"
    "oobeSystem Microsoft-Windows-International-Core SystemLocale=de-AT\n"
    "oobeSystem Microsoft-Windows-International-Core UILanguage=de-DE\n"
    "oobeSystem Microsoft-Windows-International-Core UILanguageFallback=en-US\n"
    "oobeSystem Microsoft-Windows-International-Core UserLocale=de-AT\n" },
  { "commands",
    { .specialize_commands =
          (char *[]){ S ("pnputil.exe /add-driver C:\\x\\*.inf /subdirs /install"),
                      S ("cmd.exe /c echo \"a & b\" > c:\\t"), NULL },
      .first_logon_commands = (char *[]){ S ("notepad.exe"), NULL } },
    "specialize Microsoft-Windows-Deployment RunSynchronous/RunSynchronousCommand/Order=1\n"
    "specialize Microsoft-Windows-Deployment RunSynchronous/RunSynchronousCommand/"
    "Path=pnputil.exe /add-driver C:\\x\\*.inf /subdirs /install\n"
    "specialize Microsoft-Windows-Deployment RunSynchronous/RunSynchronousCommand/Order=2\n"
    "specialize Microsoft-Windows-Deployment RunSynchronous/RunSynchronousCommand/"
    "Path=cmd.exe /c echo \"a & b\" > c:\\t\n"
    "oobeSystem " SHELL "FirstLogonCommands/SynchronousCommand/CommandLine=notepad.exe\n"
    "oobeSystem " SHELL "FirstLogonCommands/SynchronousCommand/Order=1\n" },
};

/* What somebody else reads in a file. */
static char *
read_with_others (GBytes *contents, const char *architecture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (&error);
  g_autofree char *path = NULL;
  g_autofree char *lint = NULL;

  g_assert_no_error (error);
  path = valise_scratch_build_path (scratch, "unattend.xml");
  write_file (path, g_bytes_get_data (contents, NULL), g_bytes_get_size (contents));
  lint = RUN ("xmllint", "--noout", path);
  g_assert_cmpstr (lint, ==, "");
  return RUN (PYTHON, check_program, settings_table, architecture, path);
}

static void
test_new (gconstpointer data)
{
  static const char *const architectures[] = { "amd64", "arm64", "x86" };
  const guint i = GPOINTER_TO_UINT (data);

  for (guint a = 0; a < G_N_ELEMENTS (architectures); a++)
    {
      g_autoptr (ValiseAnswerFile) file = valise_answer_file_new (architectures[a]);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) contents = NULL;
      g_autofree char *found = NULL;

      g_assert_true (valise_answers_check (&cases[i].answers, &error));
      g_assert_no_error (error);
      g_assert_true (valise_answer_file_apply (file, &cases[i].answers, &error));
      g_assert_no_error (error);
      contents = valise_answer_file_to_bytes (file, 0, &error);
      g_assert_no_error (error);
      found = read_with_others (contents, architectures[a]);
      g_assert_cmpstr (found, ==, cases[i].expected);
    }
}

/* A file of a certain size says the same. */
static void
test_padding (void)
{
  g_autoptr (ValiseAnswerFile) file = valise_answer_file_new ("amd64");
  g_auto (ValiseAnswers) answers = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) contents = NULL;
  g_autofree char *found = NULL;

  valise_answers_init_portable (&answers);
  g_assert_true (valise_answer_file_apply (file, &answers, &error));
  contents = valise_answer_file_to_bytes (file, 16384, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (contents), ==, 16384);
  found = read_with_others (contents, "amd64");
  g_assert_cmpstr (found, ==, PORTABLE_1 PORTABLE_2 PORTABLE_3);
}

/* ---- answers that do not fit together ---- */

static const struct
{
  ValiseAnswers answers;
  const char *words; /* of the error; NULL where there is none */
} refusals[] = {
  { { .account = VALISE_ACCOUNT_ADMINISTRATOR }, "has no name" },
  { { .account_name = S ("anna") }, "what kind of account" },
  { { .account_password = S ("x") }, "what kind of account" },
  { { .account = VALISE_ACCOUNT_STANDARD, .account_name = S ("anna") }, "Nobody could administer" },
  { { .admin_password = S ("x") }, "no name" },
  { { .account = VALISE_ACCOUNT_STANDARD, .account_name = S ("Änna"), .admin_name = S ("äNNA") },
    "Both accounts" },
  { { .account = VALISE_ACCOUNT_ADMINISTRATOR,
      .account_name = S ("anna"),
      .computer_name = S ("ANNA") },
    "does not allow" },
  { { .account = VALISE_ACCOUNT_STANDARD,
      .account_name = S ("anna"),
      .admin_name = S ("help"),
      .computer_name = S ("HELP") },
    "does not allow" },
  { { .time_zone = S ("Europe/Berlin") }, "not a time zone of Windows" },
  { { .time_zone = S ("Romance Standard Time_dstoff") }, NULL },
  { { .owner = S ("a\nb") }, "cannot be seen" },
};

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean ok = valise_answers_check (&refusals[i].answers, &error);

      if (refusals[i].words == NULL)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_false (ok);
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      if (strstr (error->message, refusals[i].words) == NULL)
        g_error ("case %u: %s", i, error->message);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  check_program = argv[1];
  settings_table = argv[2];
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/boot/answer-file/new/", cases[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_new);
    }
  g_test_add_func ("/boot/answer-file/padding", test_padding);
  g_test_add_func ("/boot/answer-file/refusals", test_refusals);
  return g_test_run ();
}
