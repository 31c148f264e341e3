/* test-answer-merge.c: a user's own answer file: what is taken, what is refused, and what becomes
 * of it together with what was chosen.
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

#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
#define NS "xmlns=\"urn:schemas-microsoft-com:unattend\""
#define WCM "xmlns:wcm=\"http://schemas.microsoft.com/WMIConfig/2002/State\""
#define REST " publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\">"
#define COMPONENT(name, architecture)                                                              \
  "<component name=\"" name "\" processorArchitecture=\"" architecture "\"" REST
#define SHELL COMPONENT ("Microsoft-Windows-Shell-Setup", "amd64")
#define DEPLOYMENT COMPONENT ("Microsoft-Windows-Deployment", "amd64")
#define FILE_OF(settings) HEAD "<unattend " NS " " WCM ">" settings "</unattend>"
#define SPECIALIZE(components) "<settings pass=\"specialize\">" components "</settings>"
#define OOBE(components) "<settings pass=\"oobeSystem\">" components "</settings>"

/* ---- what is refused ---- */

static const struct
{
  const char *text;
  const char *words; /* of the error; NULL where it is taken */
} files[] = {
  { FILE_OF (""), NULL },
  { FILE_OF (SPECIALIZE (SHELL "</component>")), NULL },
  { "<unattend " NS "/>", NULL },
  { "<u:unattend xmlns:u=\"urn:schemas-microsoft-com:unattend\"/>", NULL },
  { "", "not one that Windows takes" },
  { "hello", "at line 1" },
  { HEAD "<unattend " NS ">\n\n<settings></unattend>", "at line 4" },
  { "<unattend/>", "namespace" },
  { "<autounattend " NS "/>", "namespace" },
  { "<unattend xmlns=\"urn:schemas-microsoft-com:unattended\"/>", "namespace" },
  { HEAD "<!DOCTYPE unattend><unattend " NS "/>", "DOCTYPE" },
  { HEAD "<!DOCTYPE unattend [<!ENTITY a \"b\">]><unattend " NS "/>", "DOCTYPE" },
  { HEAD "<!DOCTYPE unattend SYSTEM \"file:///etc/passwd\"><unattend " NS "/>", "DOCTYPE" },
  { HEAD "<unattend " NS ">&x;</unattend>", "at line 2" },
  { FILE_OF ("<settings pass=\"somewhere\"/>"), "no configuration pass" },
  { FILE_OF ("<settings/>"), "no configuration pass" },
  { FILE_OF (SPECIALIZE ("") SPECIALIZE ("")), "two “settings”" },
  { FILE_OF (SPECIALIZE ("<ComputerName>A</ComputerName>")), "something else" },
  { FILE_OF (SPECIALIZE ("<component name=\"a\"/>")), "something else" },
  { FILE_OF (SPECIALIZE (COMPONENT ("Microsoft-Windows-Shell-Setup", "arm64") "</component>")),
    "other processors only" },
  { FILE_OF (SPECIALIZE (COMPONENT ("Microsoft-Windows-Shell-Setup", "arm64") "</component>" SHELL
                                                                              "</component>")),
    NULL },
};

static void
test_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) contents = g_bytes_new_static (files[i].text, strlen (files[i].text));
      g_autoptr (GError) error = NULL;
      g_autoptr (ValiseAnswerFile) file = valise_answer_file_parse (contents, "amd64", &error);

      if (files[i].words == NULL)
        {
          g_assert_no_error (error);
          continue;
        }
      g_assert_null (file);
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      if (strstr (error->message, files[i].words) == NULL)
        g_error ("case %u: %s", i, error->message);
    }
}

/* Too large, and too deep, are errors, too. */
static void
test_bombs (void)
{
  g_autoptr (GString) text = g_string_new ("<unattend " NS ">");
  g_autoptr (GBytes) large = g_bytes_new_take (g_strnfill (VALISE_ANSWER_FILE_MAX + 1, ' '),
                                               VALISE_ANSWER_FILE_MAX + 1);
  g_autoptr (GBytes) deep = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (valise_answer_file_parse (large, "amd64", &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
  g_clear_error (&error);
  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "<a>");
  deep = g_bytes_new (text->str, text->len);
  g_assert_null (valise_answer_file_parse (deep, "amd64", &error));
  g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
}

/* ---- what becomes of it ---- */

#define SHELL_1 "specialize Microsoft-Windows-Shell-Setup "
#define SHELL_7 "oobeSystem Microsoft-Windows-Shell-Setup "
#define COMMANDS "specialize Microsoft-Windows-Deployment RunSynchronous/RunSynchronousCommand/"
#define ACCOUNTS SHELL_7 "UserAccounts/LocalAccounts/LocalAccount/"
#define ACCOUNT(name, value)                                                                       \
  "<UserAccounts><LocalAccounts><LocalAccount wcm:action=\"add\"><Password><Value>" value          \
  "</Value><PlainText>false</PlainText></Password><Group>Administrators</Group><Name>" name        \
  "</Name></LocalAccount></LocalAccounts></UserAccounts>"
#define NO_PASSWORD "UABhAHMAcwB3AG8AcgBkAA=="

static const struct
{
  const char *name;
  const char *text;
  ValiseAnswers answers;
  const char *result;    /* what others read then; NULL after a conflict */
  const char *conflicts; /* a part of the error */
  guint n_notes;
} merges[] = {
  { "file-alone", FILE_OF (SPECIALIZE (SHELL "<ComputerName>A</ComputerName></component>")), { 0 },
    SHELL_1 "ComputerName=A\n", NULL, 0 },
  { "answers-alone", FILE_OF (""), { .computer_name = S ("A") }, SHELL_1 "ComputerName=A\n", NULL,
    0 },
  { "same-answer", FILE_OF (SPECIALIZE (SHELL "<ComputerName> a </ComputerName></component>")),
    { .computer_name = S ("A") }, SHELL_1 "ComputerName= a \n", NULL, 0 },
  { "other-answer", FILE_OF (SPECIALIZE (SHELL "<ComputerName>A</ComputerName></component>")),
    { .computer_name = S ("B") }, NULL,
    "specialize / Microsoft-Windows-Shell-Setup / ComputerName: “A” in the file, “B” chosen", 0 },
  { "empty-answer", FILE_OF (SPECIALIZE (SHELL "<ComputerName/></component>")),
    { .computer_name = S ("B") }, NULL, "ComputerName: “” in the file, “B” chosen", 0 },
  { "two-conflicts",
    FILE_OF (SPECIALIZE (
        SHELL "<ComputerName>A</ComputerName><TimeZone>UTC</TimeZone></component>")),
    { .computer_name = S ("B"), .time_zone = S ("Tokyo Standard Time") }, NULL,
    "TimeZone: “UTC” in the file, “Tokyo Standard Time” chosen", 0 },
  { "key-is-not-shown",
    FILE_OF (SPECIALIZE (SHELL "<ProductKey>W269N-WFGWX-YVC9B-4J6C9-T83GX</ProductKey>"
                               "</component>")),
    { .product_key = S ("NPPR9-FWDCX-D2C8J-H872K-2YT43") }, NULL,
    "specialize / Microsoft-Windows-Shell-Setup / ProductKey", 0 },
  { "beside-each-other", FILE_OF (SPECIALIZE (SHELL "<ComputerName>A</ComputerName></component>")),
    { .time_zone = S ("UTC") }, SHELL_1 "ComputerName=A\n" SHELL_1 "TimeZone=UTC\n", NULL, 0 },
  { "other-pass", FILE_OF (OOBE (SHELL "<TimeZone>UTC</TimeZone></component>")),
    { .computer_name = S ("A") }, SHELL_1 "ComputerName=A\n" SHELL_7 "TimeZone=UTC\n", NULL, 0 },
  { "component-in-small-letters",
    FILE_OF (SPECIALIZE (COMPONENT ("microsoft-windows-shell-setup", "AMD64")
                         "<ComputerName>A</ComputerName></component>")),
    { .computer_name = S ("B") }, NULL, "“A” in the file, “B” chosen", 0 },
  { "proposal-yields",
    FILE_OF (SPECIALIZE (
        DEPLOYMENT "<ExtendOSPartition><Extend>false</Extend></ExtendOSPartition></component>")),
    { .extend = TRUE },
    "specialize Microsoft-Windows-Deployment ExtendOSPartition/Extend=false\n", NULL, 1 },
  { "commands-behind",
    FILE_OF (SPECIALIZE (
        DEPLOYMENT "<RunSynchronous><RunSynchronousCommand wcm:action=\"add\"><Order>1</Order>"
                   "<Path>first</Path></RunSynchronousCommand></RunSynchronous></component>")),
    { .specialize_commands = (char *[]){ S ("second"), NULL } },
    COMMANDS "Order=1\n" COMMANDS "Path=first\n" COMMANDS "Order=2\n" COMMANDS "Path=second\n",
    NULL, 0 },
  { "another-account", FILE_OF (OOBE (SHELL ACCOUNT ("anna", NO_PASSWORD) "</component>")),
    { .account = VALISE_ACCOUNT_ADMINISTRATOR, .account_name = S ("bob") },
    ACCOUNTS "Password=\n" ACCOUNTS "Group=Administrators\n" ACCOUNTS "Name=anna\n" ACCOUNTS
             "Password=\n" ACCOUNTS "Group=Administrators\n" ACCOUNTS "Name=bob\n",
    NULL, 0 },
  { "same-account", FILE_OF (OOBE (SHELL ACCOUNT ("Anna", NO_PASSWORD) "</component>")),
    { .account = VALISE_ACCOUNT_ADMINISTRATOR, .account_name = S ("anna") }, NULL,
    "there is an account “anna” in the file, too", 0 },
  { "page-shown",
    FILE_OF (OOBE (SHELL "<OOBE><HideEULAPage>false</HideEULAPage></OOBE></component>")),
    { .skip_license = TRUE }, NULL, "OOBE/HideEULAPage: “false” in the file, “true” chosen", 0 },
  { "unused-pass",
    FILE_OF ("<settings pass=\"windowsPE\"/>" SPECIALIZE (
        SHELL "<ComputerName>A</ComputerName></component>")),
    { 0 }, SHELL_1 "ComputerName=A\n", NULL, 1 },
  { "no-prefix",
    HEAD "<unattend " NS "/>",
    { .account = VALISE_ACCOUNT_ADMINISTRATOR, .account_name = S ("bob") },
    ACCOUNTS "Password=\n" ACCOUNTS "Group=Administrators\n" ACCOUNTS "Name=bob\n", NULL, 0 },
  { "prefix-taken",
    HEAD "<unattend " NS " xmlns:wcm=\"urn:other\"/>",
    { .account = VALISE_ACCOUNT_ADMINISTRATOR, .account_name = S ("bob") },
    ACCOUNTS "Password=\n" ACCOUNTS "Group=Administrators\n" ACCOUNTS "Name=bob\n", NULL, 0 },
  { "prefixed-file",
    "<u:unattend xmlns:u=\"urn:schemas-microsoft-com:unattend\"/>",
    { .computer_name = S ("A") }, SHELL_1 "ComputerName=A\n", NULL, 0 },
};

static void
test_merge (gconstpointer data)
{
  const guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GBytes) contents = g_bytes_new_static (merges[i].text, strlen (merges[i].text));
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseScratch) scratch = valise_scratch_new (NULL);
  g_autoptr (ValiseAnswerFile) file = valise_answer_file_parse (contents, "amd64", &error);
  g_autoptr (GBytes) merged = NULL;
  g_autofree char *path = NULL;
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  if (!valise_answer_file_apply (file, &merges[i].answers, &error))
    {
      g_assert_null (merges[i].result);
      g_assert_error (error, VALISE_PLAN_ERROR, VALISE_PLAN_ERROR_INVALID);
      if (strstr (error->message, merges[i].conflicts) == NULL)
        g_error ("%s", error->message);
      g_assert_null (strstr (error->message, "NPPR9"));
      g_assert_null (strstr (error->message, "W269N"));
      return;
    }
  g_assert_nonnull (merges[i].result);
  g_assert_cmpuint (valise_answer_file_get_notes (file)->len, ==, merges[i].n_notes);
  merged = valise_answer_file_to_bytes (file, 0, &error);
  g_assert_no_error (error);
  path = valise_scratch_build_path (scratch, "unattend.xml");
  write_file (path, g_bytes_get_data (merged, NULL), g_bytes_get_size (merged));
  found = RUN (PYTHON, check_program, settings_table, "amd64", path);
  g_assert_cmpstr (found, ==, merges[i].result);
}

/* What Windows does not run in an answer file is kept, and so are comments and other processors'
 * components. */
static void
test_rest_is_kept (void)
{
  static const char text[] =
      HEAD "<!-- made by hand --><unattend " NS "><settings pass=\"specialize\"><!-- here -->"
           COMPONENT ("Microsoft-Windows-Shell-Setup", "arm64")
           "<ComputerName>ARM</ComputerName></component></settings><settings pass=\"auditUser\">"
           SHELL "<x y=\"z\">1</x></component></settings></unattend>";
  g_autoptr (GBytes) contents = g_bytes_new_static (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (ValiseAnswerFile) file = valise_answer_file_parse (contents, "amd64", &error);
  const ValiseAnswers answers = { .computer_name = S ("B") };
  g_autoptr (GBytes) merged = NULL;
  const char *result;

  g_assert_no_error (error);
  g_assert_true (valise_answer_file_apply (file, &answers, &error));
  merged = valise_answer_file_to_bytes (file, 8192, &error);
  g_assert_no_error (error);
  result = g_bytes_get_data (merged, NULL);
  g_assert_nonnull (strstr (result, "<!-- made by hand -->"));
  g_assert_nonnull (strstr (result, "<!-- here -->"));
  g_assert_nonnull (strstr (result, "<ComputerName>ARM</ComputerName>"));
  g_assert_nonnull (strstr (result, "<x y=\"z\">1</x>"));
  g_assert_nonnull (strstr (result, "<ComputerName>B</ComputerName>"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 3);
  check_program = argv[1];
  settings_table = argv[2];
  g_test_add_func ("/boot/answer-merge/files", test_files);
  g_test_add_func ("/boot/answer-merge/bombs", test_bombs);
  for (guint i = 0; i < G_N_ELEMENTS (merges); i++)
    {
      g_autofree char *path = g_strconcat ("/boot/answer-merge/merge/", merges[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_merge);
    }
  g_test_add_func ("/boot/answer-merge/rest-is-kept", test_rest_is_kept);
  return g_test_run ();
}
