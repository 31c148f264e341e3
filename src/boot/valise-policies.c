/* valise-policies.c: what a company wants of its drives.
 *
 * What is a value of the registry is set there before Windows starts; what is a file is put where
 * Windows looks for it. What only Windows' own programs can do (Wi-Fi profiles, certificates,
 * AppLocker, BitLocker) is done by two small scripts, before anybody signs in and at the first
 * sign-in. The first deletes the files with secrets when it is done.
 *
 * Values are from Microsoft's policy reference: “Interactive logon: Machine inactivity limit”, “All
 * Removable Storage classes: Deny all access” (RemovableStorage.admx), and “Require additional
 * authentication at startup” and “Configure use of passwords for operating system drives”
 * (VolumeEncryption.admx); places of App Control policies from “Deploy App Control policies using
 * script”.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "valise-policies.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/valise-error.h"
#include "valise-policy-files.h"
#include "valise-registry-changes.h"

#define FOLDER "\\Windows\\Setup\\Valise\\"
#define CODE_INTEGRITY "\\Windows\\System32\\CodeIntegrity\\"

#define SYSTEM_POLICIES "Microsoft\\Windows\\CurrentVersion\\Policies\\System"
#define REMOVABLE "Policies\\Microsoft\\Windows\\RemovableStorageDevices"
#define FVE "Policies\\Microsoft\\FVE"
#define APPID "CurrentControlSet\\Services\\AppIDSvc"

#define MAX_LOCK_MINUTES 9999

/* ---- the struct ---- */

/**
 * valise_policies_copy:
 * @self: policies
 * @copy: (out caller-allocates): gets a copy of everything
 */
void
valise_policies_copy (const ValisePolicies *self, ValisePolicies *copy)
{
  *copy = *self;
  copy->bitlocker_recovery = g_strdup (self->bitlocker_recovery);
  copy->applocker = g_strdup (self->applocker);
  copy->code_integrity = g_strdup (self->code_integrity);
  copy->wifi = g_strdupv (self->wifi);
  copy->root_certificates = g_strdupv (self->root_certificates);
  copy->client_certificates = g_strdupv (self->client_certificates);
  copy->client_password = g_strdup (self->client_password);
}

/**
 * valise_policies_clear:
 * @self: policies
 */
void
valise_policies_clear (ValisePolicies *self)
{
  g_free (self->bitlocker_recovery);
  g_free (self->applocker);
  g_free (self->code_integrity);
  g_strfreev (self->wifi);
  g_strfreev (self->root_certificates);
  g_strfreev (self->client_certificates);
  g_free (self->client_password);
  *self = (ValisePolicies) { 0 };
}

static void
file_free (gpointer data)
{
  ValiseSetupFile *file = data;

  g_free (file->target);
  g_bytes_unref (file->contents);
  g_free (file);
}

/**
 * valise_setup_files_new:
 *
 * Returns: (transfer full) (element-type ValiseSetupFile): no files
 */
GPtrArray *
valise_setup_files_new (void)
{
  return g_ptr_array_new_with_free_func (file_free);
}

/**
 * valise_setup_files_take:
 * @files: (element-type ValiseSetupFile): files
 * @target: (transfer full): where another one belongs
 * @contents: (transfer full): what is in it
 */
void
valise_setup_files_take (GPtrArray *files, char *target, GBytes *contents)
{
  ValiseSetupFile *file = g_new (ValiseSetupFile, 1);

  file->target = target;
  file->contents = contents;
  g_ptr_array_add (files, file);
}

/* ---- checks ---- */

/* What could mean something else inside quotes in a script. */
static gboolean
is_quotable (const char *text, gboolean variables)
{
  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) || *at == '"' || *at == '^' || *at == '!' || *at == '&' ||
        *at == '|' || *at == '<' || *at == '>' || (*at == '%' && !variables))
      return FALSE;
  return TRUE;
}

/* On the drive that it opens, a recovery key helps nobody. */
static gboolean
check_recovery (const char *folder, GError **error)
{
  if (!g_utf8_validate (folder, -1, NULL) || !is_quotable (folder, TRUE) ||
      !((g_ascii_isalpha (folder[0]) && folder[1] == ':' && folder[2] == '\\') ||
        g_str_has_prefix (folder, "\\\\")))
    return valise_plan_refuse (
        error,
        _ ("“%s” is not a folder for recovery keys. Write it as “D:\\Keys” or "
           "“\\\\server\\keys”."),
        folder);
  if (g_ascii_tolower (folder[0]) == 'c')
    return valise_plan_refuse (
        error,
        _ ("The recovery key would be on the drive that is encrypted (“%s”). Name a "
           "folder on another drive or on a server."),
        folder);
  return TRUE;
}

static gboolean
is_code_integrity (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  const gsize length = strlen (name);
  g_autofree char *guid = NULL;

  if (g_ascii_strcasecmp (name, "SiPolicy.p7b") == 0)
    return TRUE;
  if (length != 38 + 4 || name[0] != '{' || name[37] != '}' ||
      g_ascii_strcasecmp (name + 38, ".cip") != 0)
    return FALSE;
  guid = g_strndup (name + 1, 36);
  return g_uuid_string_is_valid (guid);
}

/**
 * valise_policies_check:
 * @self: policies
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Opens no file.
 *
 * Returns: whether they are possible
 */
gboolean
valise_policies_check (const ValisePolicies *self, GError **error)
{
  if (self->lock_minutes > MAX_LOCK_MINUTES)
    return valise_plan_refuse (error, _ ("The screen can lock after at most %u minutes."),
                               MAX_LOCK_MINUTES);
  if (self->bitlocker_recovery != NULL && !self->bitlocker)
    return valise_plan_refuse (error,
                               _ ("There is a folder for recovery keys, but the drive is not to be "
                                  "encrypted. Choose both, or none."));
  if (self->bitlocker_recovery != NULL && !check_recovery (self->bitlocker_recovery, error))
    return FALSE;
  if (self->code_integrity != NULL && !is_code_integrity (self->code_integrity))
    return valise_plan_refuse (
        error,
        _ ("“%s” is not an App Control policy that Windows finds: its name must be that "
           "which it was compiled to, “{GUID}.cip” or “SiPolicy.p7b”."),
        self->code_integrity);
  if (self->client_password != NULL && self->client_certificates == NULL)
    return valise_plan_refuse (error,
                               _ ("There is a password for certificates, but no certificate."));
  if (self->client_password != NULL &&
      (!g_utf8_validate (self->client_password, -1, NULL) ||
       !is_quotable (self->client_password, FALSE)))
    return valise_plan_refuse (
        error, _ ("The password of the certificates has a character that Windows' "
                  "command line does not take (\" %% ^ ! & | < >). Export them with "
                  "another one."));
  return TRUE;
}

/**
 * valise_policies_check_edition:
 * @self: policies
 * @edition_id: Microsoft's word for an edition
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Returns: whether the edition can do what they ask for
 */
gboolean
valise_policies_check_edition (const ValisePolicies *self, const char *edition_id, GError **error)
{
  if (!g_str_has_prefix (edition_id, "Core"))
    return TRUE;
  if (self->bitlocker)
    return valise_plan_refuse (error,
                               _ ("Windows Home cannot encrypt a drive with a password. Choose the "
                                  "edition Pro, Enterprise or Education, or no encryption."));
  return TRUE;
}

/* ---- the registry ---- */

/**
 * valise_policies_add_changes:
 * @self: policies
 * @changes: (element-type ValiseRegistryChange): gets what is to be set in the registry
 */
void
valise_policies_add_changes (const ValisePolicies *self, GPtrArray *changes)
{
  static const struct
  {
    const char *name;
    guint32 value;
  } fve[] = {
    /* A password at the start, where there is no TPM, and where there is one of this PC. */
    { "UseAdvancedStartup", 1 }, { "EnableBDEWithNoTPM", 1 }, { "UseTPM", 2 },
    { "UseTPMPIN", 2 },          { "UseTPMKey", 2 },          { "UseTPMKeyPIN", 2 },
    { "OSPassphrase", 1 },       { "OSPassphraseComplexity", 2 }, { "OSPassphraseLength", 8 },
  };

  if (self->lock_minutes > 0)
    valise_registry_changes_set_dword (changes, VALISE_REGISTRY_SOFTWARE, SYSTEM_POLICIES,
                                       "InactivityTimeoutSecs", self->lock_minutes * 60);
  if (self->block_removable)
    valise_registry_changes_set_dword (changes, VALISE_REGISTRY_SOFTWARE, REMOVABLE, "Deny_All", 1);
  for (guint i = 0; self->bitlocker && i < G_N_ELEMENTS (fve); i++)
    valise_registry_changes_set_dword (changes, VALISE_REGISTRY_SOFTWARE, FVE, fve[i].name,
                                       fve[i].value);
  /* Without its service, AppLocker allows everything. */
  if (self->applocker != NULL)
    valise_registry_changes_set_dword (changes, VALISE_REGISTRY_SYSTEM, APPID, "Start", 2);
}

/* ---- files ---- */

static gboolean
add_file (GPtrArray *files,
          ValisePolicyKind kind,
          const char *path,
          const char *password,
          char *target,
          GError **error)
{
  GBytes *contents = valise_policy_file_load (kind, path, password, NULL, error);

  if (contents != NULL)
    valise_setup_files_take (files, target, contents);
  else
    g_free (target);
  return contents != NULL;
}

static gboolean
add_files (GPtrArray *files,
           ValisePolicyKind kind,
           char **paths,
           const char *password,
           const char *pattern,
           GError **error)
{
  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i + 1);
      g_auto (GStrv) parts = g_strsplit (pattern, "#", 2);

      if (!add_file (files, kind, paths[i], password,
                     g_strconcat (FOLDER, parts[0], number, parts[1], NULL), error))
        return FALSE;
    }
  return TRUE;
}

/* ---- scripts ---- */

/* How each begins. */
#define QUIET "@echo off\n"

static gboolean
has_system_script (const ValisePolicies *self)
{
  return self->wifi != NULL || self->root_certificates != NULL ||
         self->client_certificates != NULL || self->applocker != NULL;
}

/* cmd.exe reads a script in the code page of its console, which is not UTF-8 at first. */
static void
add_script (GPtrArray *files, const char *name, GString *script)
{
  g_auto (GStrv) lines = NULL;
  char *text;

  if (!g_str_is_ascii (script->str))
    g_string_insert (script, (gssize) strlen (QUIET), "chcp 65001 >nul\n");
  lines = g_strsplit (script->str, "\n", -1);
  text = g_strjoinv ("\r\n", lines);
  valise_setup_files_take (files, g_strconcat (FOLDER, name, NULL),
                           g_bytes_new_take (text, strlen (text)));
  g_string_free (script, TRUE);
}

/* Runs as the system. Each step may fail alone; what was said is in a file. */
static void
add_system_script (const ValisePolicies *self, GPtrArray *files)
{
  GString *script = g_string_new (QUIET "setlocal DisableDelayedExpansion\n"
                                  "set here=%~dp0\n(\n");

  for (guint i = 0; self->root_certificates != NULL && self->root_certificates[i] != NULL; i++)
    g_string_append_printf (script, "certutil.exe -f -addstore Root \"%%here%%root-%u.cer\"\n",
                            i + 1);
  for (guint i = 0; self->client_certificates != NULL && self->client_certificates[i] != NULL; i++)
    g_string_append_printf (
        script, "certutil.exe -f -p \"%s\" -importpfx My \"%%here%%client-%u.pfx\" NoRoot\n",
        self->client_password != NULL ? self->client_password : "", i + 1);
  for (guint i = 0; self->wifi != NULL && self->wifi[i] != NULL; i++)
    g_string_append_printf (
        script, "netsh.exe wlan add profile filename=\"%%here%%wifi-%u.xml\" user=all\n", i + 1);
  if (self->applocker != NULL)
    g_string_append (script,
                     "powershell.exe -NoProfile -ExecutionPolicy Bypass -Command "
                     "\"Set-AppLockerPolicy -XmlPolicy '%here%applocker.xml'\"\n");
  g_string_append (script, ") > \"%here%setup.log\" 2>&1\n"
                           "del /q \"%here%wifi-*.xml\" \"%here%client-*.pfx\" 2>nul\n"
                           "(goto) 2>nul & del /q \"%~f0\"\n");
  add_script (files, "setup.cmd", script);
}

/* Runs for the one who signs in first, and asks. */
static void
add_logon_script (const ValisePolicies *self, GPtrArray *files)
{
  GString *script = g_string_new (
      QUIET
      "echo This drive will be encrypted. Choose the password that it asks for at each start.\n"
      ":ask\n"
      "manage-bde.exe -protectors -add %SystemDrive% -password\n"
      "if not errorlevel 1 goto added\n"
      "echo That did not work. Close this window to leave the drive as it is.\n"
      "pause\n"
      "goto ask\n"
      ":added\n"
      "manage-bde.exe -protectors -add %SystemDrive% -recoverypassword\n");

  if (self->bitlocker_recovery != NULL)
    g_string_append_printf (
        script,
        "md \"%s\" 2>nul\n"
        "manage-bde.exe -protectors -get %%SystemDrive%% -type recoverypassword > "
        "\"%s\\%%COMPUTERNAME%%-recovery-key.txt\"\n"
        "if not errorlevel 1 goto encrypt\n"
        "echo The recovery key could not be saved. Write it down:\n",
        self->bitlocker_recovery, self->bitlocker_recovery);
  else
    g_string_append (script, "echo Write down the recovery key:\n");
  g_string_append (script,
                   "manage-bde.exe -protectors -get %SystemDrive% -type recoverypassword\n"
                   "pause\n"
                   ":encrypt\n"
                   "manage-bde.exe -on %SystemDrive% -usedspaceonly -skiphardwaretest\n");
  add_script (files, "encrypt.cmd", script);
}

/**
 * valise_policies_add_files:
 * @self: policies; valise_policies_check() was content with them
 * @files: (element-type ValiseSetupFile): gets the files that belong into Windows
 * @error: where to put an error of %VALISE_PLAN_ERROR
 *
 * Blocks. Any thread.
 *
 * Returns: whether all files could be read, and are what they should be
 */
gboolean
valise_policies_add_files (const ValisePolicies *self, GPtrArray *files, GError **error)
{
  if (self->code_integrity != NULL)
    {
      g_autofree char *name = g_path_get_basename (self->code_integrity);
      const gboolean single = g_str_has_suffix (name, "b");

      if (!add_file (files, VALISE_POLICY_APP_CONTROL, self->code_integrity, NULL,
                     g_strconcat (CODE_INTEGRITY, single ? "" : "CiPolicies\\Active\\", name, NULL),
                     error))
        return FALSE;
    }
  if (self->applocker != NULL
      && !add_file (files, VALISE_POLICY_APPLOCKER, self->applocker, NULL,
                    g_strdup (FOLDER "applocker.xml"), error))
    return FALSE;
  if (!add_files (files, VALISE_POLICY_WIFI, self->wifi, NULL, "wifi-#.xml", error)
      || !add_files (files, VALISE_POLICY_ROOT_CERTIFICATE, self->root_certificates, NULL,
                     "root-#.cer", error)
      || !add_files (files, VALISE_POLICY_CLIENT_CERTIFICATE, self->client_certificates,
                     self->client_password, "client-#.pfx", error))
    return FALSE;
  if (has_system_script (self))
    add_system_script (self, files);
  if (self->bitlocker)
    add_logon_script (self, files);
  return TRUE;
}

/**
 * valise_policies_get_system_command:
 * @self: policies
 *
 * Returns: (nullable): what the system has to run before anybody signs in
 */
const char *
valise_policies_get_system_command (const ValisePolicies *self)
{
  return has_system_script (self) ? "cmd.exe /c %SystemRoot%\\Setup\\Valise\\setup.cmd" : NULL;
}

/**
 * valise_policies_get_logon_command:
 * @self: policies
 *
 * Returns: (nullable): what has to run at the first sign-in
 */
const char *
valise_policies_get_logon_command (const ValisePolicies *self)
{
  return self->bitlocker ? "cmd.exe /c %SystemRoot%\\Setup\\Valise\\encrypt.cmd" : NULL;
}
